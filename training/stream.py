"""Streams packed training batches: blocks with a shared prefix, an attention mask that keeps questions apart, loss on answers only."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.device_examples import Block, DeviceExamples
from training.lexicon import Family
from training.plan_examples import PlanExamples

PLAN_SHARE = 0.34
HELD_OUT_PERCENT = 9


@dataclass(frozen=True)
class Batch:
    """Tensors of one step: tokens, positions and targets (batch, length), mask (batch, length, length). Target -100 is no target."""

    tokens: Tensor
    positions: Tensor
    targets: Tensor
    mask: Tensor


def split_families(families: Sequence[Family]) -> tuple[list[Family], list[Family]]:
    """Split into training and held-out families, by a hash of the name; the split does not depend on the seed."""
    held = [
        family
        for family in families
        if _bucket(family.names[0]) < HELD_OUT_PERCENT and family.field_name != "warehouse"
    ]
    return [family for family in families if family not in held], held


def _bucket(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 100


def blocks(families: Sequence[Family], seed: str) -> Iterator[Block]:
    """Stream blocks of both tasks, reproducibly from the seed."""
    rng = random.Random(seed)
    devices, plans = DeviceExamples(families, rng), PlanExamples(families, rng)
    while True:
        block = plans.block() if rng.random() < PLAN_SHARE else devices.block()
        if block.items:
            yield block


def texts(families: Sequence[Family], seed: str, count: int) -> Iterator[str]:
    """Stream whole texts for the tokenizer."""
    stream = blocks(families, seed)
    for _ in range(count):
        block = next(stream)
        yield block.prefix + "".join(question + answer for question, answer in block.items)


def make_batch(stream: Iterator[Block], tokenizer: Tokenizer, rows: int, length: int) -> Batch:
    """Fill `rows` rows of `length` tokens with blocks; a block that does not fit loses its last questions or waits for the next row."""
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
