"""Packs blocks into training batches: a mask keeps questions apart behind their shared prefix; loss on answers only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.device_examples import Block


@dataclass(frozen=True)
class Batch:
    """Tensors of one step: tokens, positions, targets (batch, length; -100 is no target), mask (batch, length, length)."""

    tokens: Tensor
    positions: Tensor
    targets: Tensor
    mask: Tensor


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
    same_block = block_ids[:, :, None] == block_ids[:, None, :]
    visible = (item_ids[:, None, :] == 0) | (item_ids[:, :, None] == item_ids[:, None, :])
    causal = torch.ones((length, length), dtype=torch.bool).tril()
    return Batch(tokens, positions, targets, same_block & visible & causal)
