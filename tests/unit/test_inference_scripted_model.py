from __future__ import annotations

import pytest

from inference.ports import ModelError, Prompt
from inference.scripted_model import ScriptedModel

PROMPT = Prompt(compact="move to shelf", system="s", user="u")


def test_answers_come_in_order_and_questions_are_kept() -> None:
    model = ScriptedModel(["A( 3)", "refuse chat"], confidence=0.5)
    first = model.generate(PROMPT, grammar="root ::= [A-Z]", stop=["\n"], maximum_tokens=9, seed=4)
    assert (first.text, first.prompt_tokens, first.completion_tokens, first.confidence) == (
        "A( 3)",
        3,
        2,
        0.5,
    )
    assert model.generate(PROMPT).text == "refuse chat"
    call = model.calls[0]
    assert (call.grammar, call.stop, call.maximum_tokens, call.seed) == ("root ::= [A-Z]", ("\n",), 9, 4)
    assert model.prompts == [PROMPT, PROMPT]


def test_a_script_that_ran_out_is_an_error() -> None:
    model = ScriptedModel([])
    with pytest.raises(ModelError, match="asked once more"):
        model.generate(PROMPT)


def test_an_answer_may_depend_on_the_prompt_and_may_be_a_failure() -> None:
    broken = ModelError("The model is broken.", "Repair it.")
    model = ScriptedModel(lambda prompt: broken if prompt.user == "fail" else prompt.user.upper())
    assert model.generate(PROMPT).text == "U"
    with pytest.raises(ModelError, match="broken"):
        model.generate(Prompt("c", "s", "fail"))
