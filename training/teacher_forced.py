"""Measures a model in training: is each token of an answer right after the right beginning?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - the name everyone knows
from tokenizers import Tokenizer
from torch import Tensor

from training.lexicon import Family
from training.mixture import blocks
from training.stream import Batch, make_batch

ROWS, BATCHES = 16, 2

Predict = Callable[[Batch], tuple[Tensor, Tensor]]
"""Returns logits and wanted tokens at the answer positions of a batch."""


def check_sets(
    splits: Mapping[str, Sequence[Family]], tokenizer: Tokenizer, length: int
) -> dict[str, list[Batch]]:
    """Make the batches that a run is measured on, the same ones for every run."""
    return {
        name: [
            make_batch(blocks(families, f"check-{name}-{n}"), tokenizer, ROWS, length) for n in range(BATCHES)
        ]
        for name, families in splits.items()
    }


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def check(predict: Predict, batches: Iterable[Batch]) -> dict[str, float]:
    """Return the loss on answer tokens, the share of them that is right, and the share of answers that is exact."""
    losses, right_tokens, tokens, right, total = [], 0, 0, 0, 0
    for batch in batches:
        logits, wanted = predict(batch)
        losses.append(F.cross_entropy(logits, wanted).item())
        is_target = batch.targets >= 0
        good = torch.ones_like(is_target)
        good[is_target] = (logits.argmax(-1) == wanted).cpu()
        right_tokens, tokens = right_tokens + int(good[is_target].sum()), tokens + len(wanted)
        more_right, more = exact_answers(good, is_target)
        right, total = right + more_right, total + more
    return {
        "loss": round(sum(losses) / len(losses), 4),
        "right": round(right_tokens / tokens, 4),
        "exact": round(right / total, 4),
    }


def exact_answers(good: Tensor, is_target: Tensor) -> tuple[int, int]:
    """Count answers whose every token is right, and all answers; both arguments are (batch, length)."""
    right = total = 0
    for row_good, row_target in zip(good.tolist(), is_target.tolist(), strict=True):
        in_answer, all_good = False, True
        for token_good, token_target in zip([*row_good, True], [*row_target, False], strict=True):
            if token_target:
                in_answer, all_good = True, all_good and token_good
            elif in_answer:
                total, right = total + 1, right + all_good
                in_answer, all_good = False, True
    return right, total
