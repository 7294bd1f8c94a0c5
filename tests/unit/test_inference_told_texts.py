"""Texts that the wording of a sentence tells for sure."""

from __future__ import annotations

import pytest

from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from inference.told_texts import is_owned, sort_of, sounds_wrong, told_texts


def _text(name: str, description: str = "", *, required: bool = False) -> Parameter:
    return Parameter(name, ParameterKind.STRING, required=required, description=description)


def _function(name: str, description: str, *parameters: Parameter) -> FunctionSignature:
    return FunctionSignature(name, description, parameters)


def _told(text: str, parameter: Parameter, function: FunctionSignature) -> tuple[str, ...]:
    return told_texts(parameter, function, prepare(text))


_ROOM = _text("room")
_HEAT = _function("heat", "Heat up.", _ROOM)
_LABEL = _text("label")
_COUNTDOWN = _function("stop_countdown", "Stop a countdown.", _LABEL)
_TEXT, _PERSON = _text("note", required=True), _text("person")
_REMIND = _function("add_note", "Remind somebody.", _TEXT, _PERSON)
_LIST = _text("list", "Name of the list", required=True)
_WRITE = _function("write", "Write an entry on a list.", _LIST, _text("entry", required=True))
_BOOK, _AUTHOR = _text("book", "Title", required=True), _text("author")
_READ = _function("read_aloud", "Read a book.", _text("title", required=True), _AUTHOR)


@pytest.mark.parametrize(
    ("name", "description", "sort"),
    [
        ("roomName", "", "place"),
        ("for_contact", "Only this person's mails", "person"),
        ("tag", "Name of the robot's job", "label"),
        ("message", "What to show", "message"),
        ("colour", "In the person's words", None),
        ("last", "Last day, YYYY-MM-DD", "day"),
        ("dueDate", "", "day"),
    ],
)
def test_name_and_description_tell_the_sort(name: str, description: str, sort: str | None) -> None:
    assert sort_of(_text(name, description)) == sort


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("heat the kids' room please", ("kids' room",)),
        ("can you warm up grandma's bedroom", ("grandma's bedroom",)),
        ("make it 22 degrees in the upstairs hallway", ("upstairs hallway",)),
        ("it is freezing in the winter garden", ("winter garden",)),
        ("warm up meeting room 3", ("meeting room 3", "meeting room")),
        ("warm the living room and the hall", ("living room", "hall")),
        ("it is cold in here", ()),
        ("heat up in the evening", ()),
        ("i have to study, so heat up", ()),
        ("heat all of the house in the same way", ()),
    ],
)
def test_rooms(text: str, room: tuple[str, ...]) -> None:
    assert _told(text, _ROOM, _HEAT) == room


def test_a_place_is_not_what_is_done_there() -> None:
    place = _text("location")
    function = _function("add_visit", "Plan a visit.", _text("purpose", required=True), place)
    assert _told("paint the garage on Friday", place, function) == ()
    assert _told("tea with Ann on the terrace", place, function) == ("terrace",)


def test_which_of_two_rooms_is_left_open() -> None:
    start, goal = _text("room"), _text("second_room")
    function = _function("carry", "Carry a tray.", start, goal)
    assert _told("from the kitchen to the lounge", start, function) == ()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("stop the rice countdown", ("rice",)),
        ("how long has my sourdough countdown got", ("sourdough",)),
        ("a 20 minute yoga countdown", ("yoga",)),
        ("potato countdown 20 minutes", ("potato",)),
        ("set a countdown of 9 minutes for the eggs", ("eggs",)),
        ("5 minutes for my nap please", ("nap",)),
        ("count down 5 minutes, call it spin class", ("spin class",)),
        ("stop the countdown", ()),
        ("stop the next countdown", ()),
        ("a countdown for 5 minutes", ()),
        ("stop the 5 minute countdown", ()),
        ("halt the countdown for a while", ()),
        ("stop my morning countdown", ()),
    ],
)
def test_labels(text: str, label: tuple[str, ...]) -> None:
    assert _told(text, _LABEL, _COUNTDOWN) == label


def test_a_new_name_does_not_stand_before_the_noun() -> None:
    function = _function("rename_sensor", "Rename a sensor.", _text("name", required=True))
    assert _told("rename the porch sensor", function.parameters[0], function) == ()


def test_lists() -> None:
    assert _told("put soap on my bathroom list", _LIST, _WRITE) == ("bathroom",)
    assert _told("put soap on the list for the trip", _LIST, _WRITE) == ()


@pytest.mark.parametrize(
    ("text", "note", "person"),
    [
        ("remind me to feed the fish at 6 pm", "feed the fish", None),
        ("remind me tomorrow at 8 to call the bank", "call the bank", None),
        ("please remind Ana on Friday to bring a cake", "bring a cake", "ana"),
        ("remind me that the oven is on", "the oven is on", None),
        ("remind me every day at 9 to water the roses", "water the roses", None),
        ("remind my wife to book a table for dinner tomorrow evening", "book a table for dinner", None),
        ("remind Tim to do his homework, please", "do his homework", "tim"),
        ("let Max know that the van is here", "the van is here", "max"),
    ],
)
def test_what_to_be_reminded_of(text: str, note: str, person: str | None) -> None:
    assert _told(text, _TEXT, _REMIND) == (note,)
    assert _told(text, _PERSON, _REMIND) == (() if person is None else (person,))


def test_a_message_goes_on_to_the_end_of_its_clause_or_sentence() -> None:
    function = _function("broadcast", "Say something everywhere.", _text("message", required=True))
    said = _told("announce that the bus is late and lock up", function.parameters[0], function)
    assert said == ("the bus is late", "the bus is late and lock up")
    assert _told("say that again", function.parameters[0], function) == ()


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("use the siren when grandpa phones", ("grandpa",)),
        ("a task for Noor: sweep the yard", ("noor",)),
        ("do it for me", ()),
        ("for Monday", ()),
        ("when somebody calls", ()),
    ],
)
def test_people(text: str, person: tuple[str, ...]) -> None:
    function = _function("assign", "Give out a job.", _PERSON)
    assert _told(text, _PERSON, function) == person


@pytest.mark.parametrize(
    ("text", "title", "author"),
    [
        ("read the hobbit by tolkien", "the hobbit", "tolkien"),
        ("start the audiobook emma by jane austen in the kitchen", "emma", "jane austen"),
        ("play stand by me by ben e king", "stand by me", "ben e king"),
        ("read something by kafka", None, "kafka"),
        ("read emma by 9 pm", None, None),
        ("play it by ear", None, None),
    ],
)
def test_titles_and_whose_they_are(text: str, title: str | None, author: str | None) -> None:
    assert _told(text, _READ.parameters[0], _READ) == (() if title is None else (title,))
    assert _told(text, _AUTHOR, _READ) == (() if author is None else (author,))


def test_languages_and_days() -> None:
    spoken, until = _text("spoken_language"), _text("deadline")
    function = _function("translate", "Translate a letter.", spoken, until)
    text = "translate it to Polish by the 3rd of May"
    assert _told(text, spoken, function) == ("polish",)
    assert _told(text, until, function) == ("the 3 of may",)


def test_a_possessive_belongs_to_no_label() -> None:
    assert sounds_wrong(_LABEL, "my nap")
    assert not sounds_wrong(_TEXT, "my dog is hungry")
    assert sounds_wrong(_AUTHOR, "emma by austen")
    assert not sounds_wrong(_BOOK, "stand by me")


def test_a_function_that_is_only_called_start_starts_a_timer_or_an_alarm() -> None:
    name = _text("name")
    begin = _function("begin", "begin", name)
    assert _told("begin an oven timer for 20 minutes", name, begin) == ("oven",)
    assert _told("begin for 20 minutes", name, begin) == ()


def test_a_reminder_is_not_about_how_often_it_comes() -> None:
    assert _told("remind me to oil the chain every month", _TEXT, _REMIND) == ("oil the chain",)


def test_what_somebody_has_is_nobody() -> None:
    guest = _text("guest")
    assert sounds_wrong(guest, "dana's voice")
    assert not sounds_wrong(guest, "dana's uncle")
    assert is_owned(guest, "voice", prepare("I want to hear Dana's voice"))
    assert not is_owned(guest, "dana", prepare("what's Dana doing"))


def test_an_amount_of_time_is_put_on_something() -> None:
    assert _told("give 5 more minutes to the beans", _LABEL, _COUNTDOWN) == ()
    timer = _function("prolong", "Makes a timer longer.", _text("name", "Name of the timer"))
    assert _told("put 5 more minutes on the beans", timer.parameters[0], timer) == ("beans",)


def test_both_ends_of_a_way_are_told_by_from_and_to() -> None:
    start, goal = _text("from_room"), _text("to_room")
    function = _function("carry", "Carry a tray.", start, goal)
    text = "from the kitchen to the lounge"
    assert (_told(text, start, function), _told(text, goal, function)) == (("kitchen",), ("lounge",))
