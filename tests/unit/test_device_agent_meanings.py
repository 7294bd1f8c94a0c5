"""Codes and numbered things of a device's description, as the reader, the search and the program get to know them."""

from typing import Any

import pytest

from device_agent.numbered_things import numbered_things, with_their_numbers
from device_agent.signatures import chunks, signatures
from firmware_api_specs.loader import load
from firmware_api_specs.thing_description import ThingDescription
from inference.program_prompt import function_text
from inference.request import Request
from inference.signatures import FunctionSignature, Parameter
from inference.text import prepare
from inference.values import decode_value
from tests.device_agent_kit import lamp


def _machine(actions: dict[str, Any], about: str = "A machine.") -> ThingDescription:
    document = lamp().document
    return load(
        {
            **{
                term: document[term]
                for term in ("@context", "id", "security", "securityDefinitions")
                if term in document
            },
            "title": "Machine",
            "description": about,
            "actions": {name: {"forms": [{"href": name}], **action} for name, action in actions.items()},
        }
    )


def _action(description: str, **arguments: Any) -> dict[str, Any]:
    return {
        "description": description,
        "input": {"type": "object", "properties": arguments, "required": list(arguments)},
    }


def _only(description: ThingDescription) -> tuple[FunctionSignature, Parameter]:
    (function,) = signatures(description)
    return function, function.parameters[0]


PAINT = _machine(
    {"SEL": _action("Chooses the filament. P polyester, N nylon", FIL={"type": "string", "enum": ["P", "N"]})}
)


def test_what_codes_mean_is_shown_in_their_place() -> None:
    function, filament = _only(PAINT)
    assert function.description == "Chooses the filament"
    assert filament.meanings == (("P", "polyester"), ("N", "nylon"))
    assert "polyester / nylon" in function_text(function)
    assert "polyester nylon" in chunks(PAINT)[0].text


@pytest.mark.parametrize(
    ("said", "words", "code"),
    [
        ("load nylon", "nylon", "N"),
        ("load N please", "n", "N"),
        ("switch to P", "p", "P"),
    ],
)
def test_a_meaning_and_the_code_itself_are_understood(said: str, words: str, code: str) -> None:
    function, filament = _only(PAINT)
    sentence = prepare(said)
    assert words in Request(sentence, (function,)).values(filament)
    assert decode_value(filament, words, sentence, {}) == code


def test_units_and_common_words_are_no_codes() -> None:
    rail = {
        "type": "string",
        "enum": ["A", "V", "IT"],
        "description": "A front rail, V rear rail, IT test rail",
    }
    function, parameter = _only(_machine({"rail": _action("Feeds a rail.", rail=rail)}))
    for said in ("A quick start at 16 A", "feed it with 5 V now", "give it to a friend"):
        assert Request(prepare(said), (function,)).values(parameter) == [
            "front rail",
            "rear rail",
            "test rail",
        ]
    assert Request(prepare("feed IT"), (function,)).values(parameter)[2] == "it"


def test_titles_of_constants_are_meanings() -> None:
    modes = {
        "type": "string",
        "oneOf": [{"const": "m1", "title": "Deep sleep"}, {"const": "m2", "title": "Stand-by"}],
    }
    _, mode = _only(_machine({"mode": _action("Chooses how it rests.", mode=modes)}))
    assert mode.meanings == (("m1", "deep sleep"), ("m2", "stand by"))


def test_a_number_with_a_word_for_each_value_is_a_choice() -> None:
    level = {"type": "integer", "minimum": 0, "maximum": 2, "description": "0 = off, 1 = gentle, 2 = strong"}
    _, parameter = _only(_machine({"massage": _action("Massages the back.", level=level)}))
    assert (parameter.choices, parameter.description) == ((0, 1, 2), "")
    assert parameter.meanings == ((0, "off"), (1, "gentle"), (2, "strong"))
    level["description"] = "0 is off, 2 is strongest"
    _, parameter = _only(_machine({"massage": _action("Massages the back.", level=level)}))
    assert (parameter.choices, parameter.meanings) == ((), ())


def test_numbered_things_are_said_by_name() -> None:
    number = {"type": "integer", "minimum": 1, "maximum": 4}
    about = "Controls four pumps. Pumps: 1 roof tank, 2 herb garden, 3 pond, 4 cellar."
    actions = {"RUN": _action("Run a pump.", CH=number), "HALT": _action("Halt a pump.", CH=number)}
    description = _machine(actions, about)
    things = numbered_things(description, signatures(description))
    assert with_their_numbers("run the pond and the cellar pump", things) == "run pump 3 and pump 4"
    number["maximum"] = 3
    description = _machine(actions, about)
    assert not numbered_things(description, signatures(description))


def test_a_name_that_is_a_choice_elsewhere_is_left_alone() -> None:
    zone = {"type": "integer", "minimum": 1, "maximum": 2, "description": "1 lawn, 2 pond"}
    light = {"type": "string", "enum": ["pond", "path"]}
    description = _machine(
        {"water": _action("Water a zone.", zone=zone), "light": _action("Light up.", light=light)}
    )
    things = numbered_things(description, signatures(description))
    assert with_their_numbers("light the pond, water the lawn", things) == "light the pond, water zone 1"


def test_a_scale_may_have_words_for_some_of_its_numbers_only() -> None:
    firm = {"type": "integer", "minimum": 1, "maximum": 5, "description": "1 soft, 3 medium, 5 very firm"}
    _, parameter = _only(_machine({"mattress": _action("Sets the mattress.", firm=firm)}))
    assert parameter.choices == (1, 2, 3, 4, 5)
    assert parameter.meanings == ((1, "soft"), (3, "medium"), (5, "very firm"))
    assert decode_value(parameter, "2", prepare("mattress at 2"), {}) == 2
    firm["description"] = "1 second to 5 seconds"
    _, parameter = _only(_machine({"mattress": _action("Sets the mattress.", firm=firm)}))
    assert not parameter.choices
