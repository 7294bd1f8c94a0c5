"""'Turn everything off' is for what can be switched."""

from __future__ import annotations

import pytest

from inference.all_switched import all_switched, says_all_switched
from inference.device_names import DeviceNames
from inference.meant_devices import Devices
from inference.plan import KindProfile

SWITCHED = ("Switch the light on.", "Switch the light off.")
KINDS = [
    KindProfile("attic light", 1, SWITCHED, ("attic-light",), "Light. In the attic, upstairs."),
    KindProfile("attic stereo", 1, ("Play a song.", "Pause playback."), ("attic-stereo",), "Stereo. In the attic."),
    KindProfile("cellar pump", 1, ("Turn the pump on or off.",), ("cellar-pump",), "Pump. In the cellar, downstairs."),
    KindProfile("cellar door", 1, ("Lock the door.", "Unlock the door."), ("cellar-door",), "Door. In the cellar."),
]  # fmt: skip


def _told(goal: str) -> list[str]:
    return [route.text for route in all_switched(goal, Devices.of(KINDS, (), DeviceNames.of(KINDS)))]


@pytest.mark.parametrize(
    ("goal", "told"),
    [
        ("turn everything off", ["Turn the attic light off", "Pause the attic stereo", "Turn the cellar pump off"]),
        ("everything on please", ["Turn the attic light on", "Turn the cellar pump on"]),
        ("switch off everything in the cellar", ["Turn the cellar pump off"]),
        ("everything upstairs off", ["Turn the attic light off", "Pause the attic stereo"]),
        ("everything off except the pump", ["Turn the attic light off", "Pause the attic stereo"]),
        ("lock everything", []),
        ("turn everything off at 10", []),
    ],
)  # fmt: skip
def test_everything_is_what_can_be_switched(goal: str, told: list[str]) -> None:
    assert _told(goal) == told
    assert says_all_switched(goal) == bool(told)


def test_a_part_that_can_be_switched_does_not_make_a_device_one_that_can() -> None:
    kiln = KindProfile(
        "attic kiln", 1, ("Switch the kiln lamp on or off.", "Stop."), ("attic-kiln",), "Kiln."
    )
    radio = KindProfile("attic radio", 1, ("Play a station.", "Pause."), ("attic-radio",), "Radio.")
    kinds = [kiln, radio]
    routes = all_switched("turn everything off", Devices.of(kinds, (), DeviceNames.of(kinds)))
    assert [route.text for route in routes] == ["Pause the attic radio"]
