"""The experience archive against a plain dict, and what can never be the same sentence."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from inference.encoder import HashEncoder
from rag.experience import Experience, PastRun
from rag.same_sentence import normalised, writes_the_same

CAPACITY = 4
HASHES = st.sampled_from(["a", "b"])
SENTENCES = st.sampled_from(
    [f"{words} {number}" for words in ("go to", "Lift  the", "say") for number in (1, 2, 12)]
)
SPELLINGS = st.sampled_from([str, str.upper, str.title, lambda text: f"  {text} .", lambda text: f"{text}?!"])
SOURCES = st.sampled_from(["go(to=1)\n", "lift()\n", "say(what='Go', number=2)\n"])


class Archive(RuleBasedStateMachine):
    """Remembers, recalls, forgets, restarts; the model is a dict in the order of use."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._archive = self._opened()
        self._model: dict[tuple[str, str], PastRun] = {}
        self._running: set[tuple[str, str]] = set()

    def _opened(self) -> Experience:
        return Experience(Path(self._folder.name), HashEncoder(), capacity=CAPACITY)

    @rule(description=HASHES, sentence=SENTENCES, spell=SPELLINGS, source=SOURCES)
    def remember(self, description: str, sentence: str, spell: Callable[[str], str], source: str) -> None:
        run = PastRun(spell(sentence), source, ("go", "say"), (("go", " 1"),), 0.5)
        self._archive.remember(description, run)
        key = (description, normalised(sentence))
        known = self._model.pop(key, None)
        times = known.times_used + 1 if known is not None and known.source == source else 1
        self._model[key] = replace(run, times_used=times)
        self._running.discard(key)
        while len(self._model) > CAPACITY:
            del self._model[next(iter(self._model))]

    @rule(description=HASHES, sentence=SENTENCES, spell=SPELLINGS)
    def recall(self, description: str, sentence: str, spell: Callable[[str], str]) -> None:
        said = spell(sentence)
        known = self._model.get((description, normalised(sentence)))
        if known is not None and not writes_the_same(known.source, known.sentence, said):
            known = None
        assert self._archive.recall(description, said) == known

    @rule(description=HASHES, sentence=SENTENCES, spell=SPELLINGS)
    def begin(self, description: str, sentence: str, spell: Callable[[str], str]) -> None:
        self._archive.begin(description, spell(sentence))
        self._running.add((description, normalised(sentence)))

    @rule(description=HASHES, sentence=SENTENCES, spell=SPELLINGS)
    def forget(self, description: str, sentence: str, spell: Callable[[str], str]) -> None:
        self._archive.forget(description, spell(sentence))
        self._model.pop((description, normalised(sentence)), None)

    @rule()
    def restart(self) -> None:
        self._archive.close()
        self._archive = self._opened()

    @rule(description=HASHES)
    def begin_with(self, description: str) -> None:
        self._archive.prepare(description, with_examples=False)
        self._model = {
            key: run for key, run in self._model.items() if key[0] == description and key not in self._running
        }
        self._running.clear()

    @invariant()
    def as_many_as_the_model(self) -> None:
        assert len(self._archive) == len(self._model)

    def teardown(self) -> None:
        self._archive.close()
        self._folder.cleanup()


TestArchive = Archive.TestCase
TestArchive.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)

NUMBERS = st.one_of(
    st.integers(-1000, 1000).map(str),
    st.floats(-1000, 1000, allow_nan=False).map(lambda number: f"{number:.3f}"),
    st.sampled_from(
        ["three", "thirty-three", "half", "7:30", "7:31", "1e3", "٣", "³", "½", "Ⅲ", "T7", "t7", "10.0.0.7"]
    ),
)
FRAMES = st.sampled_from(
    ["move to shelf {}", "set the heater to {} degrees.", "{} times, please!", "wait {}?", "bring {}"]
)


@settings(max_examples=300, deadline=None)
@given(frame=FRAMES, one=NUMBERS, other=NUMBERS, spell=SPELLINGS)
def test_a_sentence_with_another_number_is_never_an_exact_hit(
    frame: str, one: str, other: str, spell: Callable[[str], str]
) -> None:
    before, now = frame.format(one), spell(frame.format(other))
    is_same = normalised(before) == normalised(now)
    assert is_same == (one.lower() == other.lower())


FINAL = " .!?…。！？"  # noqa: RUF001
# So few letters that many pairs are the same.
SHORT = st.text("aAb ,.!？\t1", max_size=4)  # noqa: RUF001


@settings(max_examples=300, deadline=None)
@given(SHORT, SHORT)
def test_sentences_are_the_same_only_if_they_differ_in_case_space_and_final_marks(
    one: str, other: str
) -> None:
    def bare(text: str) -> str:
        return re.sub(r"\s+", " ", text.lower()).strip()

    if normalised(one) == normalised(other):
        shorter, longer = sorted((bare(one), bare(other)), key=len)
        assert longer.startswith(normalised(one))
        assert not longer[len(normalised(one)) :].strip(FINAL)
        assert not shorter[len(normalised(one)) :].strip(FINAL)
    assert normalised(normalised(one)) == normalised(one)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_can_be_remembered_and_is_recalled(sentence: str, source: str) -> None:
    with closing(Experience(None, HashEncoder())) as archive:
        run = PastRun(sentence, source, ("f",), (("f", sentence),), 1.0)
        archive.remember("a", run)
        assert archive.recall("a", sentence) == run
