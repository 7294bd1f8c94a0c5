"""Modes, watches and compensations of a Thing Description: what they say, and what is found wrong with them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_api_specs.check import check_file
from firmware_api_specs.importer import import_paper
from firmware_api_specs.loader import load
from firmware_api_specs.safeguards import Compensation, Watch
from protocol.errors import InputError

PATH = Path(__file__).parents[2] / "firmware_api_specs/examples/ceiling_lamp.td.json"
DOCUMENT: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
LAMP = load(PATH)

Change = Callable[[dict[str, Any]], Any]
HEAD, BRIGHT, OFF = ("$.actions." + name for name in ("drehe_kopf", "setze_helligkeit", "schalte_aus"))
ON_FAILURE = HEAD + '["parley:onFailure"]'
WATCH = '$["parley:watches"][0]'


def changed(tmp_path: Path, change: Change) -> Path:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    file = tmp_path / "lamp.td.json"
    file.write_text(json.dumps(document))
    return file


def action(name: str, **terms: Any) -> Change:
    return lambda td: td["actions"][name].update({f"parley:{term}": value for term, value in terms.items()})


def failing(compensate: Any, **terms: Any) -> Change:
    return action("drehe_kopf", onFailure={"compensate": compensate, **terms})


def watching(**terms: Any) -> Change:
    def change(td: dict[str, Any]) -> None:
        base = {"property": "temperatur_kopf", "then": "stop", "because": "It is too hot."}
        td["parley:watches"] = [base | terms]

    return change


def lamp_property(name: str, **terms: Any) -> Change:
    return lambda td: td["properties"][name].update(terms)


def without_property(td: dict[str, Any]) -> None:
    del td["parley:modeProperty"]


def all_of(*changes: Change) -> Change:
    return lambda td: [change(td) for change in changes]


def test_the_lamp_says_its_modes_watches_and_compensation() -> None:
    assert LAMP.modes == ("aus", "an")
    assert LAMP.mode_property == "betriebsart"
    assert LAMP.watches == (
        Watch(property="temperatur_kopf", above=80, then="stop", because="The lamp has become too hot."),
    )
    assert LAMP.actions["drehe_kopf"].on_failure == Compensation(action="schalte_aus")
    assert LAMP.actions["setze_helligkeit"].on_failure == "retry"


def test_modes_are_gathered_where_no_property_lists_them() -> None:
    document = copy.deepcopy(DOCUMENT)
    without_property(document)
    assert load(document).modes == ("aus", "an")
    for term in ("parley:initialMode", "parley:watches"):
        del document[term]
    for described in document["actions"].values():
        described.pop("parley:modesFrom", None)
        described.pop("parley:modeTo", None)
    assert load(document).modes == ()


@pytest.mark.parametrize(
    ("terms", "tripping", "passing"),
    [
        ({"below": 15}, [14.9, -1, 0], [15, 15.1, True, "0", None, [1]]),
        ({"above": 80}, [80.5, 1000], [80, -3, True, "100", None]),
        ({"equals": "NOTHALT"}, ["NOTHALT"], ["BEREIT", None, 1]),
        ({"equals": True}, [True], [1, False, "True"]),
        ({"equals": 0}, [0, 0.0], [False, 1, None]),
    ],
)
def test_a_watch_trips_at_its_values_and_no_other(
    terms: dict[str, Any], tripping: list[Any], passing: list[Any]
) -> None:
    watch = Watch(property="x", then="pause", because="So it is.", **terms)
    assert all(watch.trips(value) for value in tripping)
    assert not any(watch.trips(value) for value in passing)


ERRORS: list[tuple[str, Change, str, Any, str]] = [
    ("a word nobody knows", action("drehe_kopf", onFailure="giveup"), ON_FAILURE, "giveup", '"compensate"'),
    ("a number", action("drehe_kopf", onFailure=3), ON_FAILURE, 3, "'continue' or {"),
    ("nothing to compensate with", action("drehe_kopf", onFailure={}), ON_FAILURE + ".compensate", None, "required"),
    ("a name of no text", failing(5), ON_FAILURE + ".compensate", 5, "a text"),
    ("a mistyped term", failing("schalte_aus", argument={}), ON_FAILURE + ".argument", {}, "nothing"),
    ("a list of arguments", failing("schalte_aus", arguments=[1]), ON_FAILURE + ".arguments", [1], "object"),
    ("an action of another thing", failing("park"), ON_FAILURE + ".compensate", "park", "drehe_kopf, pruefe"),
    (
        "a property for an action",
        failing("temperatur_kopf"),
        ON_FAILURE + ".compensate",
        "temperatur_kopf",
        "an action of this thing",
    ),
    (
        "an argument out of range",
        failing("setze_helligkeit", arguments={"stufe": 11}),
        ON_FAILURE + ".arguments.stufe",
        11,
        "integer from 0 to 10",
    ),
    (
        "an argument of another type",
        failing("setze_helligkeit", arguments={"stufe": 0, "verlauf": 1}),
        ON_FAILURE + ".arguments.verlauf",
        1,
        '"sofort", "sanft"',
    ),
    (
        "an argument that is lacking",
        failing("setze_helligkeit"),
        ON_FAILURE + ".arguments.stufe",
        None,
        "integer from 0 to 10",
    ),
    (
        "an argument that it does not take",
        failing("schalte_aus", arguments={"stufe": 0}),
        ON_FAILURE + ".arguments.stufe",
        0,
        "no argument",
    ),
    (
        "a compensation that must be asked for",
        all_of(failing("schalte_aus"), action("schalte_aus", danger="confirm")),
        ON_FAILURE + ".compensate",
        "schalte_aus",
        "'confirm'",
    ),
    (
        "a compensation that its mode forbids",
        all_of(failing("schalte_aus"), action("schalte_aus", modesFrom=["aus"])),
        ON_FAILURE + ".compensate",
        "schalte_aus",
        "also in an",
    ),
    (
        "a compensation forbidden in the mode it may have reached",
        all_of(action("setze_helligkeit", onFailure={"compensate": "schalte_aus"}, modesFrom=["aus"]),
               action("schalte_aus", modesFrom=["aus"])),
        BRIGHT + '["parley:onFailure"].compensate',
        "schalte_aus",
        "also in an",
    ),
    (
        "a mode property that is not there",
        lambda td: td.update({"parley:modeProperty": "modus"}),
        '$["parley:modeProperty"]',
        "modus",
        "lists the modes: betriebsart",
    ),
    (
        "a mode property of numbers",
        lambda td: td.update({"parley:modeProperty": "temperatur_kopf"}),
        '$["parley:modeProperty"]',
        "temperatur_kopf",
        "enum",
    ),
    (
        "a mode property of any text",
        lambda td: td["properties"]["betriebsart"].pop("oneOf"),
        '$["parley:modeProperty"]',
        "betriebsart",
        "none so far",
    ),
    (
        "a mode property with a number among its texts",
        all_of(lambda td: td["properties"]["betriebsart"].pop("oneOf"), lamp_property("betriebsart", enum=["an", 0])),
        '$["parley:modeProperty"]',
        "betriebsart",
        "none so far",
    ),
    (
        "a mode property that nobody can read",
        lamp_property("betriebsart", writeOnly=True),
        '$["parley:modeProperty"]',
        "betriebsart",
        "can be read",
    ),
    (
        "a mode property that lacks the first mode",
        lambda td: td.update({"parley:initialMode": "ruhe"}),
        '$["parley:initialMode"]',
        "ruhe",
        "betriebsart lists: aus, an",
    ),
    (
        "a mode property that lacks a mode",
        action("pruefe_anwesenheit", modeTo="sieht"),
        '$.actions.pruefe_anwesenheit["parley:modeTo"]',
        "sieht",
        "betriebsart lists: aus, an",
    ),
    (
        "a call from a mode that is not known",
        action("pruefe_anwesenheit", modesFrom=["an", "blinkt"]),
        '$.actions.pruefe_anwesenheit["parley:modesFrom"][1]',
        "blinkt",
        "betriebsart lists: aus, an",
    ),
    (
        "the same without a mode property",
        all_of(without_property, action("pruefe_anwesenheit", modesFrom=["blinkt"])),
        '$.actions.pruefe_anwesenheit["parley:modesFrom"][0]',
        "blinkt",
        "can be in: an, aus",
    ),
    (
        "modes that only lead to each other",
        all_of(
            without_property,
            action("drehe_kopf", onFailure="stop"),
            action("setze_helligkeit", modesFrom=["an"]),
        ),
        BRIGHT + '["parley:modesFrom"]',
        ["an"],
        "can be reached from aus: aus",
    ),
    (
        "no first mode",
        lambda td: td.pop("parley:initialMode"),
        '$["parley:initialMode"]',
        None,
        "the mode it starts in (aus, an)",
    ),
    (
        "a safe action that a mode forbids",
        all_of(lambda td: td.update({"parley:safeAction": "schalte_aus"}), failing("pruefe_anwesenheit"),
               action("schalte_aus", modesFrom=["an"])),
        '$["parley:safeAction"]',
        "schalte_aus",
        "every mode",
    ),
    ("a watch on nothing", watching(property="druck", above=1), WATCH + ".property", "druck", "temperatur_kopf, betr"),
    (
        "a watch on what nobody can read",
        all_of(watching(above=90), lamp_property("temperatur_kopf", writeOnly=True)),
        WATCH + ".property",
        "temperatur_kopf",
        "can be read: betriebsart",
    ),
    ("a watch for a text", watching(equals="heiss"), WATCH + ".equals", "heiss", "number degree_Celsius"),
    (
        "a watch for a mode that is none",
        watching(property="betriebsart", equals="blinkt"),
        WATCH + ".equals",
        "blinkt",
        'one of "aus", "an"',
    ),
    (
        "a bound on a text",
        watching(property="betriebsart", below=3),
        WATCH + ".property",
        "betriebsart",
        "a property of numbers",
    ),
    ("a bound of text", watching(below="3"), WATCH + ".below", "3", "a number"),
    ("a watch for null", watching(equals=None), WATCH + ".equals", None, "a text, a number, true or false"),
    ("a watch for a list", watching(equals=[1]), WATCH + ".equals", [1], "a text, a number, true or false"),
    (
        "a bound that is never passed",
        all_of(watching(below=-20), lamp_property("temperatur_kopf", minimum=-20)),
        WATCH + ".below",
        -20,
        "can pass: number from -20 degree_Celsius",
    ),
    (
        "a bound that no choice passes",
        all_of(watching(above=2), lamp_property("temperatur_kopf", enum=[1.0, 2.0])),
        WATCH + ".above",
        2,
        "one of 1.0, 2.0",
    ),
    ("no bound", watching(), WATCH, None, "exactly one of below, above and equals"),
    ("two bounds", watching(below=1, above=3), WATCH, None, "exactly one of below, above and equals"),
    ("no bound but null", watching(below=None), WATCH, None, "exactly one of below, above and equals"),
    ("a watch that does nothing", watching(above=1, then="log"), WATCH + ".then", "log", "'pause' or 'stop'"),
    ("a watch without a reason", watching(above=1, because=" "), WATCH + ".because", " ", "people can read"),
    (
        "a reason that names the API",
        watching(above=1, because="temperatur_kopf is too high."),
        WATCH + ".because",
        "temperatur_kopf is too high.",
        "plain language",
    ),
    (
        "a mistyped term of a watch",
        watching(above=1, unles="night"),
        WATCH + ".unles",
        "night",
        "nothing under this name",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "path", "value", "allowed"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS]
)
def test_an_error_names_place_value_and_what_is_allowed(
    change: Change, path: str, value: Any, allowed: str, tmp_path: Path
) -> None:
    file = changed(tmp_path, change)
    problems = check_file(file)
    found = [problem for problem in problems if problem.path == path]
    assert found, [str(problem) for problem in problems]
    assert found[0].is_error
    assert path == WATCH or found[0].value == value
    assert allowed in found[0].allowed
    with pytest.raises(InputError) as caught:
        load(file)
    assert str(file) in str(caught.value)


WARNINGS: list[tuple[str, Change, str]] = [
    ("a mode that cannot be observed", lamp_property("betriebsart", observable=False), "$.properties.betriebsart.observable"),
    (
        "a mode that no action leads to",
        lambda td: td["properties"]["betriebsart"]["oneOf"].append(
            {"const": "defekt", "title": "defekt", "titles": {"en": "broken"}}
        ),
        "$.properties.betriebsart.oneOf[2]",
    ),
    ("a mode that nothing leads out of", lambda td: td["actions"].pop("schalte_aus"), BRIGHT + '["parley:modeTo"]'),
]  # fmt: skip


@pytest.mark.parametrize(("change", "path"), [row[1:] for row in WARNINGS], ids=[row[0] for row in WARNINGS])
def test_a_warning_does_not_stop_loading(change: Change, path: str, tmp_path: Path) -> None:
    file = changed(tmp_path, all_of(action("drehe_kopf", onFailure="stop"), change))
    assert [(problem.path, problem.severity) for problem in check_file(file)] == [(path, "warning")]
    load(file)


def test_a_mode_that_the_machine_enters_by_itself_may_be_left_by_an_action(tmp_path: Path) -> None:
    def overheats(td: dict[str, Any]) -> None:
        td["properties"]["betriebsart"]["oneOf"].append(
            {"const": "heiss", "title": "heiss", "titles": {"en": "too hot"}}
        )
        td["actions"]["schalte_aus"]["parley:modesFrom"] = ["an", "heiss"]

    problems = check_file(changed(tmp_path, overheats))
    assert [problem.path for problem in problems] == ["$.properties.betriebsart.oneOf[2]"]


def test_a_schema_that_cannot_be_used_is_no_reason_to_give_up(tmp_path: Path) -> None:
    def broken(td: dict[str, Any]) -> None:
        failing("setze_helligkeit", arguments={"stufe": 0})(td)
        td["actions"]["setze_helligkeit"]["input"]["properties"]["stufe"]["multipleOf"] = "x"

    assert ON_FAILURE + ".arguments" in [problem.path for problem in check_file(changed(tmp_path, broken))]


def test_the_terms_come_back_as_they_were() -> None:
    dumped = json.loads(LAMP.model_dump_json(by_alias=True, exclude_unset=True))
    assert dumped == json.loads(json.dumps(DOCUMENT))


def test_what_is_imported_from_the_papers_form_has_no_modes(tmp_path: Path) -> None:
    file = tmp_path / "robot.json"
    file.write_text(json.dumps([{"name": "moveToShelf", "input_argument": "num", "input_type": "int"}]))
    description = load(import_paper(file))
    assert (description.modes, description.mode_property, description.watches) == ((), None, ())
    assert description.actions["moveToShelf"].on_failure == "stop"
