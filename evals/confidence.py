"""Answers items and writes down how sure the model and the search were, beside whether the answer was right."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evals.grading import grade
from evals.items import Item
from evals.outcome import Outcome
from evals.single import SingleDevice
from evals.things import Thing, thing_of
from inference.ports import Generation, LanguageModel, Prompt, Reader
from protocol.errors import InputError
from rag.api_index import ApiIndex, Chunk, Retrieval

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sure:
    """One item that was answered with calls or with a refusal.

    Attributes:
        id: the item's.
        is_acted: something was called; otherwise it was refused.
        is_right: the calls are exactly the expected ones; or nothing was called and nothing was expected.
        confidence: the smallest certainty of the model about what it wrote last, 0 to 1; None where it does not tell.
        retrieval: the smallest probability, over the called functions, that the search gave; None where nothing was called.
        program: the agent's own confidence in the program; None where nothing was called.
    """

    id: str
    is_acted: bool
    is_right: bool
    confidence: float | None
    retrieval: float | None
    program: float | None = None


async def answer_items(
    items: Sequence[Item],
    model: LanguageModel,
    index: ApiIndex,
    reader: Reader | None = None,
    done: Callable[[], None] = lambda: None,
) -> list[Sure]:
    """Answer the items that speak to one device, as `parley eval` does; items that broke down are left out."""
    listener, searched = _ListeningModel(model), _ListeningIndex(index)
    single = SingleDevice(listener, searched, reader, least_confidence=0.0)
    found = []
    for item in items:
        if len(item.addressed) == 1:
            listener.last = searched.last = None
            try:
                thing = thing_of(item.addressed[0])
                outcome = await single.answer(item.utterance, thing)
            except Exception as error:  # noqa: BLE001 - one item must not end the run
                logger.warning("%s could not be answered (%s).", item.id, error)
            else:
                if not outcome.is_broken:
                    found.append(_sure(item, thing, outcome, listener.last, searched.last))
        done()
    return found


def _sure(
    item: Item, thing: Thing, outcome: Outcome, written: Generation | None, searched: Retrieval | None
) -> Sure:
    programs = {action: name for name, (action, _) in thing.actions.items()}
    return Sure(
        item.id,
        is_acted=bool(outcome.calls),
        is_right=grade(item, outcome.calls).exact,
        confidence=written.confidence if written else None,
        retrieval=_probability(searched, [programs[call.action] for call in outcome.calls]),
        program=outcome.confidence,
    )


def write_results(results: Sequence[Sure], file: Path) -> None:
    """Write one JSON object a line."""
    file.write_text("".join(json.dumps(asdict(one)) + "\n" for one in results), encoding="utf-8")


def read_results(file: Path) -> list[Sure]:
    """Read what `write_results` wrote.

    Raises:
        InputError: the file cannot be read or a line is no result; names the line.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("file", str(file), f"a file that can be read ({error})") from error
    results = []
    for number, line in enumerate(lines, start=1):
        try:
            results.append(_result(json.loads(line)))
        except (ValueError, TypeError) as error:
            source = f"{file}, line {number}"
            raise InputError("result", line, f"a result ({error})", source=source) from error
    return results


def _result(data: dict[str, Any]) -> Sure:
    one = Sure(**data)
    for name in ("confidence", "retrieval", "program"):
        value = getattr(one, name)
        if value is not None and not (isinstance(value, int | float) and 0 <= value <= 1):
            raise ValueError(f"{name} is {value!r}, allowed is a number from 0 to 1, or null")
    return one


def _probability(searched: Retrieval | None, names: Sequence[str]) -> float | None:
    """Return the smallest of the called functions' probabilities, each taken where the sentence speaks of it most."""
    if searched is None or not names:
        return None
    best = {candidate.key: candidate.probability for candidate in searched.candidates}
    for clause in searched.clauses:
        for candidate in clause:
            best[candidate.key] = max(candidate.probability, best.get(candidate.key, 0.0))
    return min(best.get(name, 0.0) for name in names)


class _ListeningModel:
    """Passes every question on and keeps the last answer."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.last: Generation | None = None

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def takes_examples(self) -> bool:
        return self._model.takes_examples

    def generate(
        self,
        prompt: Prompt,
        *,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        maximum_tokens: int = 160,
        seed: int = 0,
    ) -> Generation:
        self.last = self._model.generate(
            prompt, grammar=grammar, stop=stop, maximum_tokens=maximum_tokens, seed=seed
        )
        return self.last


class _ListeningIndex:
    """Passes every search on and keeps the last result."""

    def __init__(self, index: ApiIndex) -> None:
        self._index = index
        self.last: Retrieval | None = None

    def build(self, device_id: str, content_hash: str, chunks: Sequence[Chunk]) -> bool:
        return self._index.build(device_id, content_hash, chunks)

    def retrieve_clauses(self, device_id: str, sentence: str, k: int) -> Retrieval:
        self.last = self._index.retrieve_clauses(device_id, sentence, k)
        return self.last
