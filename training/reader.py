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

POINTER_WIDTH = 64
CHUNK_TOKENS, GPU_CHUNK_TOKENS = 1400, 100_000
"""Tokens that are read at once, on a processor and on a GPU."""
_IMPOSSIBLE = -1e4


@dataclass(frozen=True)
class Loss:
    """What a batch costs, and which shares of functions and of values are right."""

    total: Tensor
    chosen: float
    values: float


class Reader(nn.Module):
    """Says of a sentence and a function whether it is asked for, and for every parameter where its value stands."""

    def __init__(self, tensors: dict[str, Tensor], chunk_tokens: int = CHUNK_TOKENS) -> None:
        super().__init__()
        self.encoder = AdaptedEncoder(tensors, rank=None)
        self.chunk_tokens = chunk_tokens
        self.relevance = nn.Linear(WIDTH, 1)
        self.slot = nn.ModuleDict(
            {kind: nn.Linear(WIDTH, POINTER_WIDTH) for kind in ("first", "last", "way")}
        )
        self.place = nn.ModuleDict(
            {kind: nn.Linear(WIDTH, POINTER_WIDTH) for kind in ("first", "last", "way")}
        )

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.relevance.weight.device

    def pointer(self, kind: str, slots: Tensor, states: Tensor) -> Tensor:
        """Return the scores (slots, tokens) of what each slot may point at."""
        scores: Tensor = (self.slot[kind](slots)[:, None] * self.place[kind](states)).sum(-1)
        return scores / POINTER_WIDTH**0.5

    def forward(self, batch: Sequence[Reading]) -> Loss:
        """Return the loss of a batch."""
        flat = [(number, reading, pair) for number, reading in enumerate(batch) for pair in reading.pairs]
        order = sorted(range(len(flat)), key=lambda index: _length(flat[index][1], flat[index][2]))
        relevance: list[Tensor] = []
        value_losses: list[Tensor] = []
        right: list[Tensor] = []
        for chunk in _chunks(order, flat, self.chunk_tokens):
            states = self._states([flat[index] for index in chunk])
            relevance.append(self.relevance(states[:, 0]).squeeze(-1).float())
            rows = [
                (row, flat[index][1], target)
                for row, index in enumerate(chunk)
                for target in flat[index][2].targets
            ]
            if rows:
                losses, hits = self._point(states, rows)
                value_losses += losses
                right.append(hits)
        places = torch.tensor(order, device=self.device).argsort()
        choice, chosen = _choice_loss(batch, torch.cat(relevance)[places])
        values = torch.cat(value_losses).mean() if value_losses else choice.new_zeros(())
        hits = torch.cat(right).float().mean().item() if right else 1.0
        return Loss(choice + values, chosen, hits)

    def _states(self, entries: Sequence[tuple[int, Reading, Pair]]) -> Tensor:
        ids = [reader_tokens(reading.sentence, pair.function) for _, reading, pair in entries]
        longest = max(map(len, ids))
        tokens = torch.tensor([one + [0] * (longest - len(one)) for one in ids])
        present = torch.tensor([[True] * len(one) + [False] * (longest - len(one)) for one in ids])
        return self.encoder.states(tokens.to(self.device), present.to(self.device))

    def _point(
        self, states: Tensor, rows: Sequence[tuple[int, Reading, Target]]
    ) -> tuple[list[Tensor], Tensor]:
        """Return the losses of all pointers, and for each value whether the whole of it is right."""
        length = states.shape[1]
        at = torch.tensor([row for row, _, _ in rows], device=self.device)
        slots = states[at, torch.tensor([target.slot for _, _, target in rows], device=self.device)]
        hits = torch.ones(len(rows), dtype=torch.bool, device=self.device)
        losses = []
        for kind in ("first", "last", "way"):
            used = [number for number, (_, _, target) in enumerate(rows) if _wanted(kind, target)]
            if not used:
                continue
            picked = torch.tensor(used, device=self.device)
            scores = self.pointer(kind, slots[picked], states[at[picked]]).float()
            allowed = torch.zeros(len(used), length, dtype=torch.bool)
            wanted = torch.zeros(len(used), length)
            many = torch.zeros(len(used), dtype=torch.bool)
            for place, number in enumerate(used):
                _, reading, target = rows[number]
                allowed[place, _allowed(kind, reading, target)] = True
                wanted[place, list(_wanted(kind, target))] = 1.0
                many[place] = target.is_list
            allowed, wanted, many = (one.to(self.device) for one in (allowed, wanted, many))
            scores = scores.masked_fill(~allowed, _IMPOSSIBLE)
            log_shares = scores.log_softmax(1)
            any_of = -torch.logsumexp(log_shares.masked_fill(wanted == 0, _IMPOSSIBLE), 1)
            each_of = -(log_shares * wanted).sum(1) / wanted.sum(1)
            losses.append(torch.where(many, each_of, any_of))
            hits[picked] &= wanted.gather(1, scores.argmax(1, keepdim=True)).squeeze(1) > 0
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


def _choice_loss(batch: Sequence[Reading], relevance: Tensor) -> tuple[Tensor, float]:
    """Charge for functions that are not told apart, and for those that are wrongly thought to be asked for or not.

    Args:
        batch: the readings.
        relevance: the logits of all their pairs, one reading's behind the other's.
    """
    most = max(len(reading.pairs) for reading in batch)
    present, asked = torch.zeros(2, len(batch), most, dtype=torch.bool)
    for row, reading in enumerate(batch):
        present[row, : len(reading.pairs)] = True
        asked[row, : len(reading.pairs)] = torch.tensor([pair.is_asked for pair in reading.pairs])
    present, asked = present.to(relevance.device), asked.to(relevance.device)
    logits = relevance.new_zeros(present.shape).masked_scatter(present, relevance)
    # "None of them" has the logit 0, and is what is meant where nothing is asked for.
    others = F.pad(logits.masked_fill(asked | ~present, _IMPOSSIBLE), (0, 1))
    rivals, count = torch.logsumexp(others, 1), asked.sum(1)
    lost = (torch.logaddexp(logits, rivals[:, None]) - logits) * asked
    ranking = torch.where(count > 0, lost.sum(1) / count.clamp(min=1), rivals)
    each = F.binary_cross_entropy_with_logits(logits, asked.float(), reduction="none") * present
    least, highest = logits.masked_fill(~asked, -_IMPOSSIBLE).amin(1), others.amax(1)
    right = torch.where(count > 0, least > highest, highest <= 0)
    return (ranking + each.sum(1) / present.sum(1)).mean(), right.float().mean().item()


def _length(reading: Reading, pair: Pair) -> int:
    return len(reading.sentence.tokens) + len(pair.function.tokens)


def _chunks(order: Sequence[int], flat: Sequence[tuple[int, Reading, Pair]], tokens: int) -> list[list[int]]:
    """Cut what is sorted by length into pieces of about as many tokens each."""
    chunks: list[list[int]] = [[]]
    for index in order:
        length = _length(flat[index][1], flat[index][2])
        if chunks[-1] and (len(chunks[-1]) + 1) * length > tokens:
            chunks.append([])
        chunks[-1].append(index)
    return chunks
