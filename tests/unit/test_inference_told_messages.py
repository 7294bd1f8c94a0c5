"""Messages that a sentence gives, and whom they are for."""

from __future__ import annotations

import pytest

from inference.text import prepare
from inference.told_messages import message_orders, told_messages, told_recipients, told_subjects


@pytest.mark.parametrize(
    ("text", "people", "message"),
    [
        ("tell Omar the pizza is here", ["omar"], ["the pizza is here"]),
        ("tell omar the pizza is here", ["omar"], ["the pizza is here"]),
        ("let my sister know we'll be late", ["my sister"], ["we'll be late"]),
        ("text gran and grandpa that the baby is fine", ["gran", "grandpa"], ["the baby is fine"]),
        (
            "reply to Lucy Marsh with sorry, we're full, and turn the sign off",
            ["lucy marsh"],
            ["sorry, we're full"],
        ),
        ("answer Hugo's last message with yes, I can", ["hugo"], ["yes, i can"]),
        ("email Ann and Bob, subject rota: fine", ["ann", "bob"], []),
        ("jot down that the key is under the mat", [], ["the key is under the mat"]),
        (
            "make a note: bins go out on Friday, paper on Monday",
            [],
            ["bins go out on friday, paper on monday"],
        ),
        ("display Mind the Step until 6 pm", [], ["mind the step"]),
        ("show Welcome Home! for 5 minutes", [], ["welcome home!"]),
        ("tell me about the news", [], []),
        ("tell Omar to call me", [], []),
        ("let the dog out", [], []),
        ("send Omar a message", [], []),
        ("show the weather for today", [], []),
        ("write Omar a message", [], []),
    ],
)
def test_messages_end_where_the_next_order_begins(text: str, people: list[str], message: list[str]) -> None:
    sentence = prepare(text)
    assert [sentence.lower[slice(*place)] for place in told_recipients(sentence)] == people
    assert [sentence.lower[slice(*place)] for place in told_messages(sentence)] == message


def test_an_order_is_for_somebody_or_a_note() -> None:
    assert message_orders(prepare("warn Omar the road is icy")) == [((0, 25), True)]
    assert message_orders(prepare("note down that the road is icy")) == [((0, 30), False)]
    assert message_orders(prepare("clear the road")) == []


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("mail Ann, subject summer fair, and write: it rains", ["summer fair"]),
        ("scan it to Ann with the subject line Rota", ["rota"]),
        ("mail Ann", []),
    ],
)
def test_a_subject_is_announced(text: str, subject: list[str]) -> None:
    sentence = prepare(text)
    assert [sentence.lower[slice(*place)] for place in told_subjects(sentence)] == subject
