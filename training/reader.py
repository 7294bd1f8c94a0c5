"""The reader in PyTorch: the encoder, reading a sentence together with one function, with pointers to where values stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 PyTorch's own name for it

from inference.reader_input import reader_tokens
from training.encoder import WIDTH, AdaptedEncoder
from training.reader_examples import Pair, Reading, Target

READER_RANK = 32
POINTER_WIDTH = 64
_CHUNK_TOKENS = 1400
_IMPOSSIBLE = -1e4


@dataclass(frozen=True)
class Loss:
    """What a batch costs, and which shares of functions and of values are right."""

    total: Tensor
    chosen: float
    values: float


class Reader(nn.Module):
    """Says of a sentence and a function whether it is asked for, and for every parameter where its value stands."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        self.encoder = AdaptedEncoder(tensors, READER_RANK)
        self.relevance = nn.Linear(WIDTH, 1)
        self.slot = nn.ModuleDict(
            {kind: nn.Linear(WIDTH, POINTER_WIDTH) for kind in ("first", "last", "way")}
        )
        self.place = nn.ModuleDict(
            {kind: nn.Linear(WIDTH, POINTER_WIDTH) for kind in ("first", "last", "way")}
        )

    def pointer(self, kind: str, slots: Tensor, states: Tensor) -> Tensor:
        """Return the scores (slots, tokens) of what each slot may point at."""
        scores: Tensor = (self.slot[kind](slots)[:, None] * self.place[kind](states)).sum(-1)
        return scores / POINTER_WIDTH**0.5

    def forward(self, batch: Sequence[Reading]) -> Loss:
        """Return the loss of a batch."""
        flat = [(number, reading, pair) for number, reading in enumerate(batch) for pair in reading.pairs]
        order = sorted(range(len(flat)), key=lambda index: _length(flat[index][1], flat[index][2]))
        relevance: list[Tensor] = [torch.empty(0)] * len(flat)
        value_losses: list[Tensor] = []
        right: list[Tensor] = []
        for chunk in _chunks(order, flat):
            states = self._states([flat[index] for index in chunk])
            logits = self.relevance(states[:, 0]).squeeze(-1).float()
            for row, index in enumerate(chunk):
                relevance[index] = logits[row]
            rows = [
                (row, flat[index][1], target)
                for row, index in enumerate(chunk)
                for target in flat[index][2].targets
            ]
            if rows:
                losses, hits = self._point(states, rows)
                value_losses += losses
                right.append(hits)
        choice, chosen = _choice_loss(batch, relevance, [number for number, _, _ in flat])
        values = torch.cat(value_losses).mean() if value_losses else choice.new_zeros(())
        hits = torch.cat(right).float().mean().item() if right else 1.0
        return Loss(choice + values, chosen, hits)

    def _states(self, entries: Sequence[tuple[int, Reading, Pair]]) -> Tensor:
        ids = [reader_tokens(reading.sentence, pair.function) for _, reading, pair in entries]
        longest = max(map(len, ids))
        tokens = torch.tensor([one + [0] * (longest - len(one)) for one in ids])
        present = torch.tensor([[True] * len(one) + [False] * (longest - len(one)) for one in ids])
        return self.encoder.states(tokens, present)

    def _point(
        self, states: Tensor, rows: Sequence[tuple[int, Reading, Target]]
    ) -> tuple[list[Tensor], Tensor]:
        """Return the losses of all pointers, and for each value whether the whole of it is right."""
        length = states.shape[1]
        at = torch.tensor([row for row, _, _ in rows])
        slots = states[at, torch.tensor([target.slot for _, _, target in rows])]
        seen = states[at]
        hits = torch.ones(len(rows), dtype=torch.bool)
        losses = []
        for kind in ("first", "last", "way"):
            used = [number for number, (_, _, target) in enumerate(rows) if _wanted(kind, target)]
            if not used:
                continue
            picked = torch.tensor(used)
            scores = self.pointer(kind, slots[picked], seen[picked]).float()
            allowed = torch.zeros(len(used), length, dtype=torch.bool)
            wanted = torch.zeros(len(used), length)
            many = torch.zeros(len(used), dtype=torch.bool)
            for place, number in enumerate(used):
                _, reading, target = rows[number]
                allowed[place, _allowed(kind, reading, target)] = True
                wanted[place, list(_wanted(kind, target))] = 1.0
                many[place] = target.is_list
            scores = scores.masked_fill(~allowed, _IMPOSSIBLE)
            log_shares = scores.log_softmax(1)
            any_of = -torch.logsumexp(log_shares.masked_fill(wanted == 0, _IMPOSSIBLE), 1)
            each_of = -(log_shares * wanted).sum(1) / wanted.sum(1)
            losses.append(torch.where(many, each_of, any_of))
            hits[picked] &= wanted[torch.arange(len(used)), scores.argmax(1)] > 0
        return losses, hits


def _wanted(kind: str, target: Target) -> tuple[int, ...]:
    if kind == "first":
        return target.firsts
    if kind == "last":
        return target.lasts
    return () if target.direction is None else (target.direction,)


def _allowed(kind: str, reading: Reading, target: Target) -> list[int]:
    """Return the places that a pointer may point at: choices and `[CLS]`, or the sentence's words and `[CLS]`."""
    words = len(reading.sentence.tokens)
    if kind == "last":
        return list(range(1, words + 1))
    if kind == "way":
        return [target.slot, *target.choices]
    return [0, *target.choices] if target.at_choices else list(range(words + 1))


def _choice_loss(
    batch: Sequence[Reading], relevance: Sequence[Tensor], owners: Sequence[int]
) -> tuple[Tensor, float]:
    """Charge for functions that are not told apart, and for those that are wrongly thought to be asked for or not."""
    own: list[list[int]] = [[] for _ in batch]
    for index, owner in enumerate(owners):
        own[owner].append(index)
    losses, right = [], []
    for reading, indices in zip(batch, own, strict=True):
        logits = torch.stack([relevance[index] for index in indices])
        asked = torch.tensor([pair.is_asked for pair in reading.pairs])
        none = logits.new_zeros(1)
        others = torch.cat([logits[~asked], none])
        if asked.any():
            rivals = torch.logsumexp(others, 0)
            ranking = (torch.logaddexp(logits[asked], rivals) - logits[asked]).mean()
            right.append(bool(logits[asked].min() > others.max()))
        else:
            ranking = torch.logsumexp(others, 0)
            right.append(bool(logits.max() < 0))
        each = F.binary_cross_entropy_with_logits(logits, asked.float(), reduction="mean")
        losses.append(ranking + each)
    return torch.stack(losses).mean(), sum(right) / len(right)


def _length(reading: Reading, pair: Pair) -> int:
    return len(reading.sentence.tokens) + len(pair.function.tokens)


def _chunks(order: Sequence[int], flat: Sequence[tuple[int, Reading, Pair]]) -> list[list[int]]:
    """Cut what is sorted by length into pieces of about as many tokens each."""
    chunks: list[list[int]] = [[]]
    for index in order:
        length = _length(flat[index][1], flat[index][2])
        if chunks[-1] and (len(chunks[-1]) + 1) * length > _CHUNK_TOKENS:
            chunks.append([])
        chunks[-1].append(index)
    return chunks
