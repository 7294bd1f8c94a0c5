"""Small devices and items for the tests of the evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.items import Action, Call, Device, ExpectedCall, Item

ITEMS = Path(__file__).parent / "evals_items"
"""A greenhouse: a vent whose names no program can write, and a pump."""


def schema(**properties: dict[str, Any]) -> dict[str, Any]:
    """Return an input whose arguments are all required but those marked `optional`."""
    required = [name for name, member in properties.items() if not member.pop("optional", False)]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


LEVEL: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}
KILN = Device(
    id="kiln",
    title="Kiln",
    description="Fires pots in the back room.",
    actions=(
        Action(
            name="fire", description="Start firing pots.", input=schema(program={"enum": ["raku", "Glaze"]})
        ),
        Action(name="set_heat", description="Set the heat of the kiln.", input=schema(heat=dict(LEVEL))),
        Action(
            name="label",
            description="Write a text on the display.",
            input=schema(text={"type": "string"}, lines={"type": "integer", "optional": True}),
        ),
        Action(name="cool_down", description="Let the kiln cool down."),
    ),
    state={"heat": 40},
)


def item(
    utterance: str = "Set the heat to 60 percent.",
    expected: Sequence[ExpectedCall] = (),
    devices: Sequence[Device] = (KILN,),
    **changes: Any,
) -> Item:
    """Build one item."""
    fields = {"id": "1", "utterance": utterance, "devices": tuple(devices), "expected": tuple(expected)}
    return Item.model_validate(fields | changes)


def call(action: str, device: str = "kiln", **arguments: Any) -> Call:
    """Build a call that was made."""
    return Call(device=device, action=action, arguments=arguments)


def wanted(action: str, accept: dict[str, Any] | None = None, **arguments: Any) -> ExpectedCall:
    """Build a call of the kiln that is expected."""
    return ExpectedCall(device="kiln", action=action, arguments=arguments, accept=accept or {})
