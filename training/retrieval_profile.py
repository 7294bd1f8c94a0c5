"""Measures how the tuned encoder ranks functions of devices it has never seen, for the hints in training questions.

    python -m training.retrieval_profile --wheel WHEEL --encoder build/encoder

A program is written from candidates that retrieval has ranked. While the model is trained, no encoder runs; its ranks
are drawn from this profile instead (`training.data.ranking`), so that they are right, wrong and sure of themselves as
often as the real ones.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import torch

from inference.notation import MAXIMUM_CANDIDATES
from training.data.ranking import PROFILE
from training.data.splits import Split
from training.encoder import AdaptedEncoder, Tokens, read_wheel
from training.encoder_examples import NONE, devices
from training.lexicon import read_lexicon
from training.mixture import split_families
from training.tune_encoder import Chooser, load_trained

_KEPT_PROBABILITIES = 3


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, required=True, help="the encoder's wheel, downloaded before")
    parser.add_argument("--encoder", type=Path, required=True, help="folder written by training.tune_encoder")
    parser.add_argument("--devices", type=int, default=150)
    options = parser.parse_args()
    tensors, vocabulary = read_wheel(options.wheel)
    chooser, tokens = Chooser(AdaptedEncoder(tensors)), Tokens(vocabulary)
    load_trained(chooser, options.encoder)
    _, unseen = split_families(read_lexicon())
    stream = devices(unseen, random.Random("profile"), 20, Split.UNSEEN)
    wanted: list[list[float]] = []
    none: list[list[float]] = []
    for _ in range(options.devices):
        device = next(stream)
        logits, _ = chooser.scores(tokens, [device])[0]
        for row, target in zip(logits.softmax(1)[:, :-1], device.targets, strict=True):
            best = row.sort(descending=True)
            shares = [round(share, 3) for share in best.values[:_KEPT_PROBABILITIES].tolist()]
            shares += [0.0] * (_KEPT_PROBABILITIES - len(shares))
            if target == NONE:
                none.append(shares)
            elif (place := best.indices.tolist().index(target)) < MAXIMUM_CANDIDATES:
                wanted.append([place, *shares])
    PROFILE.write_text(
        json.dumps({"wanted": wanted, "none": none}, separators=(",", ":")).replace("],[", "],\n[") + "\n"
    )
    first = sum(not place for place, *_ in wanted) / len(wanted)
    print(f"{len(wanted)} clauses, right first {first:.1%}; {len(none)} clauses that mean nothing: {PROFILE}")


if __name__ == "__main__":
    main()
