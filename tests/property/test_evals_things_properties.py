"""Any device can be described, whatever its names are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from device_agent.profile import profile_of
from evals.items import Action, Call, Device
from evals.machine import RecordingMachine
from evals.names import wire_name
from evals.things import thing_of
from firmware_api_specs.program_names import is_program_name, program_name
from protocol.messages import Presence, PresenceStatus

NAMES = st.one_of(
    st.text(min_size=1, max_size=12), st.sampled_from(["a-b", "a.b", "a_b", "class", "ﬁ", "1", "Ⅷ", "_"])
)
ARGUMENTS = st.dictionaries(NAMES, st.sampled_from([{"type": "string"}, {"type": "integer"}]), max_size=3)


@settings(deadline=None)
@given(st.lists(NAMES, unique=True, max_size=8))
def test_program_names_are_valid_and_differ(names: list[str]) -> None:
    given_names: list[str] = []
    for name in names:
        given_names.append(program_name(name, given_names))
    assert all(map(is_program_name, given_names))
    assert len(set(given_names)) == len(names)


@settings(deadline=None)
@given(st.lists(NAMES, unique=True, max_size=8))
def test_wire_names_are_identifiers_and_differ(ids: list[str]) -> None:
    wire: list[str] = []
    for device_id in ids:
        wire.append(wire_name(device_id, wire))
        Presence(device_id=wire[-1], session=0, status=PresenceStatus.ONLINE, at=0.0)
    assert len(set(wire)) == len(ids)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(NAMES, ARGUMENTS, max_size=4),
    st.text(max_size=60),
    st.text(max_size=60),
    st.dictionaries(NAMES, st.integers(0, 9), max_size=3),
)
async def test_every_device_is_described_and_every_call_finds_its_way_back(
    actions: dict[str, dict[str, dict[str, str]]], title: str, description: str, state: dict[str, int]
) -> None:
    device = Device(
        id="d",
        title=title,
        description=description,
        actions=tuple(
            Action(name=name, description=f"Do {name}.", input={"properties": arguments})
            for name, arguments in actions.items()
        ),
        state=state,
    )
    thing = thing_of(device)
    profile_of("d", thing.description)
    made: list[Call] = []
    machine = RecordingMachine(thing, made)
    for name, action in thing.description.actions.items():
        await machine.call(name, {argument.name: 1 for argument in action.arguments})
    assert {one.action: set(one.arguments) for one in made} == {
        name: set(arguments) for name, arguments in actions.items()
    }
