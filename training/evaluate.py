"""Measures a GGUF on the generator's own splits, in llama.cpp under the run-time grammar.

    python -m training.evaluate --model inference/weights/parley.gguf --questions 600 [--json]

Prints exact answers by kind of question: for families seen in training (new sentences), for the same families in phrases
that training never saw, and for families, naming styles and carrier phrases never seen.
Sentences of a generator test the generator's habits: see docs/model-card.md.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.progress import track

from inference.llama_cpp_model import LlamaCppModel
from inference.ports import Prompt
from inference.program_prompt import END
from training.data.splits import Split
from training.lexicon import Family, read_lexicon
from training.mixture import blocks, split_families


def interval(right: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    z, share = 1.96, right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return middle - half, middle + half


def evaluate(
    model: LlamaCppModel, families: Sequence[Family], split: Split, questions: int, show: int = 0
) -> dict[str, dict[str, float]]:
    """Answer `questions` questions about `families`; returns right, total and share for each tag."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    stream = blocks(families, f"evaluate-{split}", split)
    pending: list[tuple[str, str, str, tuple[str, ...], Callable[[], str]]] = []
    while len(pending) < questions:
        block = next(stream)
        pending += [
            (block.prefix, *item, tags, grammar)
            for item, tags, grammar in zip(block.items, block.tags, block.grammars, strict=True)
        ]
    for prefix, question, answer, tags, grammar in track(pending[:questions], description=split):
        generation = model.generate(
            Prompt(prefix + question, "", ""), grammar=grammar(), stop=(END,), maximum_tokens=160
        )
        is_right = generation.text == answer.removesuffix(END)
        if not is_right and show > 0:
            show -= 1
            print(
                f"{question}\n   wanted {answer!r}\n   wrote  {generation.text!r} ({generation.confidence:.2f})"
            )
        for name in (*dict.fromkeys(tags), "total"):
            total[name] += 1
            right[name] += is_right
    return {
        name: {"right": right[name], "total": total[name], "share": right[name] / total[name]}
        for name in sorted(total)
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--show", type=int, default=0, help="print this many wrong answers of each split")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    model = LlamaCppModel(arguments.model)
    training, held_out = split_families(read_lexicon())
    results = {
        name: evaluate(model, families, split, arguments.questions, arguments.show)
        for name, families, split in (
            ("seen families", training, Split.TRAIN),
            ("seen families, unseen phrases", training, Split.PHRASES),
            ("unseen families", held_out, Split.UNSEEN),
        )
    }
    for split, tags in results.items():
        print(split)
        for tag, counts in tags.items():
            low, high = interval(int(counts["right"]), int(counts["total"]))
            print(
                f"  {tag:18} {counts['right']:4.0f} of {counts['total']:4.0f}  {counts['share']:6.1%}  (95 %: {low:.1%} to {high:.1%})"
            )
    if arguments.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
