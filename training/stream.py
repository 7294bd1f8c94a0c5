"""Packs blocks into training batches: a mask keeps questions apart behind their shared prefix; loss on answers only.

Batches come from worker processes where a GPU would wait for them, else from this process.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from training.data.examples import Block
from training.lexicon import Family
from training.mixture import blocks
from training.workers import in_turns


@dataclass(frozen=True)
class Batch:
    """Tensors of one step, each (batch, length).

    A target of -100 is none. `blocks` and `items` number what a token belongs to; item 0 is the prefix of its block.
    """

    tokens: Tensor
    positions: Tensor
    targets: Tensor
    blocks: Tensor
    items: Tensor

    def to(self, device: str) -> Batch:
        """Copy to a device."""
        return Batch(
            *(
                part.to(device, non_blocking=True)
                for part in (self.tokens, self.positions, self.targets, self.blocks, self.items)
            )
        )

    def mask(self) -> Tensor:
        """Return what each token may attend to (batch, length, length): the prefix of its block, and its own question."""
        same_block = self.blocks[:, :, None] == self.blocks[:, None, :]
        visible = (self.items[:, None, :] == 0) | (self.items[:, :, None] == self.items[:, None, :])
        length = self.tokens.shape[1]
        return (
            same_block
            & visible
            & torch.ones((length, length), dtype=torch.bool, device=self.tokens.device).tril()
        )


@dataclass(frozen=True)
class Recipe:
    """What batches are made from; two equal recipes give the same batches."""

    families: Sequence[Family]
    seed: str
    tokenizer: str
    rows: int
    length: int


def batches(recipe: Recipe, workers: int, first: int = 0) -> Iterator[Batch]:
    """Stream batches without end, beginning with number `first`.

    A batch depends on the recipe and its number alone: neither the number of workers nor an interruption changes what a
    run learns from.

    Args:
        recipe: what to make.
        workers: processes that make batches; 0 makes them in this one, when they are asked for.
        first: how many batches were used before.

    Raises:
        EOFError: a worker died; its own error is on standard error.
    """
    for parts in in_turns(_made, (recipe,), workers, first):
        yield Batch(*torch.from_numpy(parts).long())


def _made(recipe: Recipe, first: int, stride: int) -> Iterator[NDArray[np.int32]]:
    tokenizer = Tokenizer.from_str(recipe.tokenizer)
    rng = random.Random()
    stream = blocks(recipe.families, rng)
    for number in itertools.count(first, stride):
        rng.seed(f"{recipe.seed}-{number}")
        batch = make_batch(stream, tokenizer, recipe.rows, recipe.length)
        # Arrays travel through the pipe. Tensors would travel through shared memory, which containers ration.
        parts = (batch.tokens, batch.positions, batch.targets, batch.blocks, batch.items)
        yield torch.stack(parts).int().numpy()


def make_batch(stream: Iterator[Block], tokenizer: Tokenizer, rows: int, length: int) -> Batch:
    """Fill `rows` rows of `length` tokens with blocks; one that does not fit loses its last questions."""
    tokens = torch.zeros((rows, length), dtype=torch.long)
    positions = torch.zeros((rows, length), dtype=torch.long)
    targets = torch.full((rows, length), -100, dtype=torch.long)
    block_ids = torch.zeros((rows, length), dtype=torch.long)
    item_ids = torch.zeros((rows, length), dtype=torch.long)
    for row in range(rows):
        used, block_number = 0, 0
        while length - used > 120:
            block = next(stream)
            encoded = tokenizer.encode_batch([block.prefix, *(part for item in block.items for part in item)])
            ids = [one.ids for one in encoded]
            prefix, items = ids[0], list(zip(ids[1::2], ids[2::2], strict=True))
            if len(prefix) + len(items[0][0]) + len(items[0][1]) > length - used:
                break
            block_number += 1
            start = used
            tokens[row, start : start + len(prefix)] = torch.tensor(prefix)
            positions[row, start : start + len(prefix)] = torch.arange(len(prefix))
            block_ids[row, start : start + len(prefix)] = block_number
            used += len(prefix)
            for number, (question, answer) in enumerate(items, start=1):
                whole = question + answer
                if used + len(whole) > length:
                    break
                end = used + len(whole)
                tokens[row, used:end] = torch.tensor(whole)
                positions[row, used:end] = torch.arange(len(prefix), len(prefix) + len(whole))
                block_ids[row, used:end] = block_number
                item_ids[row, used:end] = number
                targets[row, used + len(question) - 1 : end - 1] = torch.tensor(answer)
                used = end
    return Batch(tokens, positions, targets, block_ids, item_ids)
