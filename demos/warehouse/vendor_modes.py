"""The modes of the ten brands, as data: what they are called, what each allows, and where each function leads.

As in `vendors.py`, this says what the firmware does and the Thing Descriptions what it promises; tests hold one against
the other. In every brand's first mode everything is allowed, an emergency stop is allowed always, and every mode can be
left by one of the functions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from demos.warehouse.state import Mode
from demos.warehouse.vendors import VENDORS, Operation

_READY, _DOCKED, _STOPPED, _HOTSPOT = Mode.READY, Mode.DOCKED, Mode.STOPPED, Mode.ACCESS_POINT


@dataclass(frozen=True, slots=True)
class Rule:
    """What one function has to do with modes.

    Attributes:
        allowed_in: the modes it may be called in.
        leads_to: the mode it ends in; None: the mode stays.
        sets_off: whether the mode changes when the robot starts moving, and not only when it has arrived.
    """

    allowed_in: Collection[Mode] = tuple(Mode)
    leads_to: Mode | None = None
    sets_off: bool = False


@dataclass(frozen=True, slots=True)
class VendorModes:
    """How one brand tells and keeps its modes.

    Attributes:
        mode_property: the property that tells the mode.
        battery_property: the property that tells the battery's charge.
        charge: turns a charge from 0 to 1 into the brand's unit.
        words: what the brand calls its modes; a mode without a word does not exist there.
        rules: by operation; what is not listed is allowed always and changes nothing.
    """

    mode_property: str
    battery_property: str
    charge: Callable[[float], float]
    words: Mapping[Mode, str]
    rules: Mapping[Operation, Rule]


def _percent(fraction: float) -> int:
    return round(fraction * 100)


def _fraction(fraction: float) -> float:
    return round(fraction, 2)


def _rules(drive: Rule, dock: Rule, more: Mapping[Operation, Rule]) -> dict[Operation, Rule]:
    """Put a brand's rules together; a stop and a new network are the same everywhere."""
    return {
        Operation.NAVIGATE: drive,
        Operation.TO_SHELF: drive,
        Operation.TO_STATION: drive,
        Operation.DELIVER: drive,
        Operation.PICK: Rule((_READY,)),
        Operation.PUT: Rule((_READY,)),
        Operation.DOCK: dock,
        Operation.WIFI: Rule((_READY, _HOTSPOT), _READY),
        Operation.STOP: Rule(leads_to=_STOPPED),
        **more,
    }


_LEAVE_DOCK = Rule((_READY, _DOCKED), _READY, sets_off=True)
_DOCK = Rule((_READY, _DOCKED), _DOCKED)
_DOCK_AFTER_STOP = Rule((_READY, _DOCKED, _STOPPED), _DOCKED)
_READY_AGAIN = Rule((_READY, _STOPPED), _READY)
_ONLY_READY = Rule((_READY,))
_NOT_IN_DOCK = Rule((_READY, _STOPPED, _HOTSPOT))
_RADIO_IS_FREE = Rule((_READY, _DOCKED, _STOPPED))

VENDOR_MODES: dict[str, VendorModes] = {
    "kestrel": VendorModes(
        "robot_mode",
        "battery_percent",
        _percent,
        {_READY: "ready", _DOCKED: "docked", _STOPPED: "stopped", _HOTSPOT: "access_point"},
        _rules(
            _LEAVE_DOCK,
            _DOCK_AFTER_STOP,
            {
                Operation.ACCESS_POINT: Rule((_READY, _DOCKED), _HOTSPOT),
                Operation.NETWORKS: _RADIO_IS_FREE,
                Operation.MAP: _ONLY_READY,
            },
        ),
    ),
    "brockmann": VendorModes(
        "betriebs_zustand",
        "akku_ladung",
        _percent,
        {_READY: "betriebsbereit", _DOCKED: "angedockt", _STOPPED: "not_halt", _HOTSPOT: "ap_betrieb"},
        _rules(
            _LEAVE_DOCK,
            _DOCK,
            {
                Operation.ACCESS_POINT: Rule((_READY,), _HOTSPOT),
                Operation.NETWORKS: Rule((_READY, _DOCKED)),
                Operation.MAP: _READY_AGAIN,
                Operation.SPEED: Rule((_READY, _DOCKED)),
            },
        ),
    ),
    "yunlu": VendorModes(
        "RunState",
        "BatteryLeft",
        _percent,
        {_READY: "Standby", _DOCKED: "Charging", _STOPPED: "Halted", _HOTSPOT: "Hotspot"},
        _rules(
            _LEAVE_DOCK,
            _DOCK_AFTER_STOP,
            {
                Operation.ACCESS_POINT: Rule((_READY, _DOCKED), _HOTSPOT),
                Operation.NETWORKS: _RADIO_IS_FREE,
                Operation.VACANCY: Rule((_READY, _STOPPED)),
                Operation.ITEMS: Rule((_READY, _STOPPED)),
            },
        ),
    ),
    "cigale": VendorModes(
        "mode_service",
        "charge_batterie",
        _fraction,
        {_READY: "en_service", _DOCKED: "a_la_borne", _STOPPED: "immobilise", _HOTSPOT: "point_acces"},
        _rules(
            _LEAVE_DOCK,
            _DOCK,
            {
                Operation.ACCESS_POINT: Rule((_READY,), _HOTSPOT),
                Operation.NETWORKS: Rule((_READY, _DOCKED)),
                Operation.SPEED: _READY_AGAIN,
                Operation.CAMERA: _NOT_IN_DOCK,
            },
        ),
    ),
    "tern": VendorModes(
        "robotMode",
        "batteryShare",
        _fraction,
        {_READY: "roaming", _STOPPED: "frozen", _HOTSPOT: "hotspot"},
        _rules(
            Rule((_READY, _HOTSPOT)),
            _READY_AGAIN,
            {
                Operation.ACCESS_POINT: Rule((_READY,), _HOTSPOT),
                Operation.NETWORKS: Rule((_READY, _STOPPED)),
                Operation.CAMERA: Rule((_READY, _HOTSPOT)),
                Operation.MAP: _ONLY_READY,
            },
        ),
    ),
    "dromo": VendorModes(
        "sys_mode",
        "bat_share",
        _fraction,
        {_READY: "run", _STOPPED: "kil", _HOTSPOT: "apm"},
        _rules(
            _ONLY_READY,
            _ONLY_READY,
            {
                Operation.ACCESS_POINT: Rule((_READY,), _HOTSPOT),
                Operation.NETWORKS: Rule((_READY, _HOTSPOT)),
                Operation.MAP: _ONLY_READY,
                Operation.SPEED: _READY_AGAIN,
            },
        ),
    ),
    "hafenbot": VendorModes(
        "betriebsArt",
        "akkuProzent",
        _percent,
        {_READY: "BEREIT", _DOCKED: "AM_DOCK", _STOPPED: "NOTHALT", _HOTSPOT: "EIGENFUNK"},
        _rules(
            _LEAVE_DOCK,
            _DOCK_AFTER_STOP,
            {
                Operation.ACCESS_POINT: Rule((_READY, _DOCKED), _HOTSPOT),
                Operation.NETWORKS: _RADIO_IS_FREE,
                Operation.MAP: _READY_AGAIN,
                Operation.SPEED: Rule((_READY, _DOCKED, _HOTSPOT)),
            },
        ),
    ),
    "xinghuo": VendorModes(
        "xiaoche_zhuangtai",
        "dianliang_shuzhi",
        _fraction,
        {_READY: "daiming", _DOCKED: "chongdian", _STOPPED: "jiting", _HOTSPOT: "redian"},
        _rules(
            _LEAVE_DOCK,
            _DOCK,
            {
                Operation.ACCESS_POINT: Rule((_READY,), _HOTSPOT),
                Operation.NETWORKS: _RADIO_IS_FREE,
                Operation.MAP: _READY_AGAIN,
                Operation.CAPTURE: _NOT_IN_DOCK,
                Operation.CAMERA: _NOT_IN_DOCK,
            },
        ),
    ),
    "ardoise": VendorModes(
        "modeRobot",
        "chargeBatterie",
        _percent,
        {_READY: "enService", _DOCKED: "enCharge", _STOPPED: "bloque", _HOTSPOT: "horsReseau"},
        _rules(
            _LEAVE_DOCK,
            _DOCK_AFTER_STOP,
            {
                Operation.ACCESS_POINT: Rule((_READY, _DOCKED), _HOTSPOT),
                Operation.VACANCY: _NOT_IN_DOCK,
                Operation.ITEMS: _NOT_IN_DOCK,
                Operation.MAP: _ONLY_READY,
            },
        ),
    ),
    "pelorus": VendorModes(
        "Sys_Mode",
        "Pwr_Charge",
        _percent,
        {_READY: "Mode_Auto", _DOCKED: "Mode_Dock", _STOPPED: "Mode_EStop", _HOTSPOT: "Mode_Hotspot"},
        _rules(
            _LEAVE_DOCK,
            _DOCK,
            {
                Operation.ACCESS_POINT: Rule((_READY, _DOCKED), _HOTSPOT),
                Operation.MAP: _READY_AGAIN,
                Operation.CAMERA: Rule((_READY, _DOCKED, _HOTSPOT)),
            },
        ),
    ),
}


def operation_of(vendor: str, name: str) -> Operation | None:
    """Return which operation a name of a brand's API stands for; None for a property, which is none."""
    function = VENDORS[vendor].functions.get(name)
    return None if function is None else function.operation
