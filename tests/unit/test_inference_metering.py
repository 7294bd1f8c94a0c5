"""What a model costs is counted, whatever becomes of its answers."""

from __future__ import annotations

import itertools

import pytest

from inference.metering import MeteredModel, Usage
from inference.ports import ModelError, Prompt
from inference.scripted_model import ScriptedModel

PROMPT = Prompt("four words are here", "", "")


def test_calls_tokens_and_seconds_add_up() -> None:
    ticks = itertools.count(step=2.0)
    meter = MeteredModel(
        ScriptedModel(["one", "two words"], takes_examples=True), stopwatch=lambda: next(ticks)
    )
    assert meter.usage == Usage()
    assert meter.generate(PROMPT).text == "one"
    assert meter.generate(PROMPT, grammar="g", stop=("s",), maximum_tokens=3, seed=4).text == "two words"
    assert meter.usage == Usage(2, 8, 3, 4.0)
    assert (meter.name, meter.takes_examples) == ("scripted", True)


def test_the_other_model_gets_every_argument() -> None:
    model = ScriptedModel(["a"])
    MeteredModel(model).generate(PROMPT, grammar="g", stop=("s",), maximum_tokens=3, seed=4)
    (call,) = model.calls
    assert (call.grammar, call.stop, call.maximum_tokens, call.seed) == ("g", ("s",), 3, 4)


def test_a_call_that_fails_is_counted_without_tokens() -> None:
    ticks = itertools.count(step=5.0)
    meter = MeteredModel(ScriptedModel([ModelError("Gone.", "Start it.")]), stopwatch=lambda: next(ticks))
    with pytest.raises(ModelError):
        meter.generate(PROMPT)
    assert meter.usage == Usage(1, 0, 0, 5.0)


def test_usages_add_up() -> None:
    assert Usage(1, 2, 3, 4.0) + Usage(10, 20, 30, 40.0) == Usage(11, 22, 33, 44.0)
