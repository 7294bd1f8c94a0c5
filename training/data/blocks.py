"""Streams blocks of device questions: the shown functions once, then questions about them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial

from inference.program_grammar import program_grammar
from inference.program_prompt import END, compact_docs, compact_question
from training.data.checking import signatures
from training.data.device import Device, Devices
from training.data.examples import Block, Question, Realised
from training.data.extraction import Extraction
from training.data.questions import Questions
from training.data.ranking import ProfileRanker, Ranker
from training.data.splits import Split
from training.data.units import UNIT_DEFINITIONS
from training.lexicon import Family

EXTRACTION_SHARE = 0.05


class DeviceExamples:
    """Streams blocks about the given families, forever and reproducibly.

    Args:
        families: devices of the lexicon; those with fewer than three functions are left out.
        rng: all chance comes from here.
        split: which wording may be used.
        ranker: stands in for the agent's search.
    """

    def __init__(
        self,
        families: Sequence[Family],
        rng: random.Random,
        split: Split = Split.TRAIN,
        ranker: Ranker | None = None,
    ) -> None:
        self._rng = rng
        self._devices = Devices(families, rng, split)
        self._extraction = Extraction(rng, split)
        self.questions = Questions(self._devices.families, rng, split)
        self._ranker = ranker or ProfileRanker(rng)

    def block(self, questions: int = 7) -> Block:
        """Make one block with up to `questions` questions."""
        shown, asked = self.asked(questions)
        told = signatures(shown)
        block = Block(compact_docs(told))
        for question in asked:
            rankings = self._ranker.rank(
                [piece.phrase for piece in question.pieces],
                shown,
                [piece.wanted for piece in question.pieces],
            )
            block.items.append((compact_question(question.sentence, rankings), question.answer + END))
            block.tags.append(question.tags)
            block.grammars.append(partial(program_grammar, question.sentence, told, UNIT_DEFINITIONS))
        return block

    def asked(self, count: int) -> tuple[tuple[Realised, ...], list[Question]]:
        """Invent a device and at most `count` different questions about it."""
        if self._rng.random() < EXTRACTION_SHARE:
            return self._extraction.asked(count)
        device = self._devices.device()
        return device.shown, self._different(device, count)

    def _different(self, device: Device, count: int) -> list[Question]:
        found: dict[str, Question] = {}
        for _ in range(count * 2):
            if len(found) == count:
                break
            question = self.questions.ask(device)
            if question is not None:
                found.setdefault(question.sentence.lower, question)
        return list(found.values())
