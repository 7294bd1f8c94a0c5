"""Draws the loss and accuracy curves of a run.

python -m training.curves --log build/model/log.jsonl --out docs/images/training.png
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import matplotlib.pyplot as plt

MEASURES = {"exact": "answers exact", "right": "tokens right"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    entries = [json.loads(line) for line in arguments.log.read_text().splitlines()]
    checks = [entry for entry in entries if "seen_exact" in entry]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    left.plot(
        [entry["tokens"] / 1e6 for entry in entries], [entry["loss"] for entry in entries], label="training"
    )
    left.set(xlabel="million tokens", ylabel="loss on answer tokens", yscale="log")
    left.yaxis.set_major_formatter("{x:g}")
    left.yaxis.set_minor_formatter("{x:g}")
    for split, label, color in (("seen", "families seen", "C1"), ("held", "families never seen", "C2")):
        tokens = [entry["tokens"] / 1e6 for entry in checks]
        left.plot(tokens, [entry[f"{split}_loss"] for entry in checks], "o-", color=color, label=label)
        for key, style in (("exact", "o-"), ("right", "o:")):
            shares = [100 * entry.get(f"{split}_{key}", math.nan) for entry in checks]
            right.plot(tokens, shares, style, color=color, label=f"{label}, {MEASURES[key]}")
    right.set(xlabel="million tokens", ylabel="teacher-forced, %", ylim=(0, 100))
    left.legend()
    right.legend()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(arguments.out, dpi=110)


if __name__ == "__main__":
    main()
