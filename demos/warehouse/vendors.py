"""What differs between the ten brands, as data: names, units, answer shapes, the language of their messages.

Units stand here a second time on purpose: the Thing Descriptions say what a brand promises, this table says what its
firmware does, and the tests hold one against the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from demos.warehouse.world import TOP_SPEED, Refusal


class Operation(StrEnum):
    """The fifteen things every brand's robot can do."""

    NAVIGATE = "navigate"
    TO_SHELF = "to shelf"
    CAPTURE = "capture"
    CAMERA = "camera"
    VACANCY = "vacancy"
    ITEMS = "items"
    DOCK = "dock"
    ACCESS_POINT = "access point"
    WIFI = "wifi"
    NETWORKS = "networks"
    MAP = "map"
    SPEED = "speed"
    STOP = "stop"
    BATTERY = "battery"
    POSITION = "position"


class Role(StrEnum):
    """What an argument means to the world."""

    SHELF = "shelf"
    X = "x"
    Y = "y"
    ANGLE = "angle"
    SPEED = "speed"
    NETWORK = "network"
    SECRET = "secret"  # noqa: S105 - a role, not a secret


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: its meaning, and what turns the brand's unit into the world's (None: taken as it is)."""

    role: Role
    factor: float | None = None


def _nothing(_: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Function:
    """One function: what it does, its arguments by native name, and how the world's result becomes the brand's."""

    operation: Operation
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    result: Callable[[Any], Any] = _nothing


class Envelope(Protocol):
    """The shape that all answers of one brand share."""

    can_say_no: bool

    def done(self, text: str, result: Any) -> Any:
        """Wrap a success; `result` is None for functions that only act."""
        ...

    def refused(self, text: str) -> Any:
        """Wrap a refusal."""
        ...


@dataclass(frozen=True, slots=True)
class Bare:
    """The result alone, true for functions that only act. Refusals cannot be expressed."""

    can_say_no: bool = False

    def done(self, text: str, result: Any) -> Any:  # noqa: ARG002 - this shape has no room for a text
        return True if result is None else result

    def refused(self, text: str) -> Any:
        raise NotImplementedError(text)


@dataclass(frozen=True, slots=True)
class Listed:
    """[ok, message] or [ok, message, result]."""

    can_say_no: bool = True

    def done(self, text: str, result: Any) -> Any:
        return [True, text] if result is None else [True, text, result]

    def refused(self, text: str) -> Any:
        return [False, text]


@dataclass(frozen=True, slots=True)
class Record:
    """An object: a flag, a text and the result's fields beside them, or below `body` where that is set."""

    flag: str
    text: str
    body: str | None = None
    can_say_no: bool = True

    def done(self, text: str, result: Any) -> Any:
        answer: dict[str, Any] = {self.flag: True, self.text: text}
        if result is not None:
            answer.update({self.body: result} if self.body else result)
        return answer

    def refused(self, text: str) -> Any:
        return {self.flag: False, self.text: text}


@dataclass(frozen=True, slots=True)
class Vendor:
    """One brand."""

    language: str
    envelope: Envelope
    functions: Mapping[str, Function]


DONE_TEXT = {"en": "Done.", "de": "Erledigt.", "fr": "Terminé.", "zh": "完成。"}

REFUSAL_TEXT: dict[str, dict[Refusal, str]] = {
    "en": {
        Refusal.NO_SUCH_SHELF: "There is no such shelf.",
        Refusal.NOT_AT_SHELF: "The robot is not standing at that shelf.",
        Refusal.OUTSIDE: "That place is outside the hall.",
        Refusal.STOPPED: "The robot was stopped on the way.",
        Refusal.BATTERY_EMPTY: "The battery is empty.",
        Refusal.NO_SUCH_NETWORK: "There is no such network in range.",
        Refusal.WRONG_SECRET: "The network refused the secret.",
    },
    "de": {
        Refusal.NO_SUCH_SHELF: "Dieses Regal gibt es nicht.",
        Refusal.NOT_AT_SHELF: "Der Roboter steht nicht an diesem Regal.",
        Refusal.OUTSIDE: "Dieser Ort liegt außerhalb der Halle.",
        Refusal.STOPPED: "Der Roboter wurde unterwegs angehalten.",
        Refusal.BATTERY_EMPTY: "Der Akku ist leer.",
        Refusal.NO_SUCH_NETWORK: "Dieses Netz ist nicht in Reichweite.",
        Refusal.WRONG_SECRET: "Das Netz hat den Schlüssel abgelehnt.",
    },
    "fr": {
        Refusal.NO_SUCH_SHELF: "Cette étagère n'existe pas.",
        Refusal.NOT_AT_SHELF: "Le robot n'est pas devant cette étagère.",
        Refusal.OUTSIDE: "Cet endroit est hors du hall.",
        Refusal.STOPPED: "Le robot a été arrêté en chemin.",
        Refusal.BATTERY_EMPTY: "La batterie est vide.",
        Refusal.NO_SUCH_NETWORK: "Ce réseau n'est pas à portée.",
        Refusal.WRONG_SECRET: "Le réseau a refusé la clé.",
    },
    "zh": {
        Refusal.NO_SUCH_SHELF: "没有这个货架。",
        Refusal.NOT_AT_SHELF: "机器人不在该货架前。",
        Refusal.OUTSIDE: "该位置在库区之外。",
        Refusal.STOPPED: "机器人在途中被停止。",
        Refusal.BATTERY_EMPTY: "电池已耗尽。",
        Refusal.NO_SUCH_NETWORK: "附近没有该网络。",
        Refusal.WRONG_SECRET: "网络拒绝了密码。",
    },
}

_SHELF = Argument(Role.SHELF)
_NETWORK = Argument(Role.NETWORK)
_SECRET = Argument(Role.SECRET)
_DEGREES = Argument(Role.ANGLE)
_RADIANS = Argument(Role.ANGLE, 180 / math.pi)

METRE = 1.0
CENTIMETRE = 0.01
MILLIMETRE = 0.001
FOOT = 0.3048
CELL = 0.5
PERCENT_OF_TOP_SPEED = TOP_SPEED / 100


def _x(unit: float) -> Argument:
    return Argument(Role.X, unit)


def _y(unit: float) -> Argument:
    return Argument(Role.Y, unit)


def _speed(unit: float) -> Argument:
    return Argument(Role.SPEED, unit)


def _percent(fraction: float) -> int:
    return round(fraction * 100)


def _pair(unit: float) -> Callable[[Sequence[float]], list[float]]:
    return lambda place: [round(part / unit, 3) for part in place]


def _under(name: str, convert: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    """Put a result into a field of this name."""
    return lambda value: {name: convert(value)}


def _place(x_name: str, y_name: str, unit: float) -> Callable[[Sequence[float]], dict[str, float]]:
    return lambda place: {x_name: round(place[0] / unit, 3), y_name: round(place[1] / unit, 3)}


VENDORS: dict[str, Vendor] = {
    "kestrel": Vendor(
        "en",
        Listed(),
        {
            "navigate_to_coordinates": Function(
                Operation.NAVIGATE, {"coord_x": _x(METRE), "coord_y": _y(METRE)}
            ),
            "move_to_shelf": Function(Operation.TO_SHELF, {"shelf_num": _SHELF}),
            "capture_image": Function(Operation.CAPTURE, result=str),
            "adjust_camera_angle": Function(Operation.CAMERA, {"tilt_deg": _DEGREES}),
            "identify_vacancy_by_shelf": Function(Operation.VACANCY, {"shelf_num": _SHELF}, bool),
            "scan_items_by_shelf": Function(Operation.ITEMS, {"shelf_num": _SHELF}, list),
            "auto_docking": Function(Operation.DOCK),
            "switch_to_ap_mode": Function(Operation.ACCESS_POINT),
            "connect_to_wifi": Function(Operation.WIFI, {"wifi_ssid": _NETWORK, "wifi_pass": _SECRET}),
            "scan_available_networks": Function(Operation.NETWORKS, result=list),
            "map_layout": Function(Operation.MAP, result=int),
            "adjust_speed": Function(Operation.SPEED, {"speed_mps": _speed(METRE)}),
            "emergency_stop": Function(Operation.STOP),
            "get_battery_status": Function(Operation.BATTERY, result=_percent),
            "get_current_position": Function(Operation.POSITION, result=_pair(METRE)),
        },
    ),
    "brockmann": Vendor(
        "de",
        Record("erfolg_flag", "meldung_text"),
        {
            "steuere_zu_koordinaten": Function(
                Operation.NAVIGATE, {"ziel_x_cm": _x(CENTIMETRE), "ziel_y_cm": _y(CENTIMETRE)}
            ),
            "bewege_zu_regal": Function(Operation.TO_SHELF, {"regal_nummer": _SHELF}),
            "nimm_bild_auf": Function(Operation.CAPTURE, result=_under("bild_verweis", str)),
            "stelle_kamerawinkel": Function(Operation.CAMERA, {"neigung_grad": _DEGREES}),
            "pruefe_regal_auf_leerplatz": Function(
                Operation.VACANCY, {"regal_nummer": _SHELF}, _under("anzahl_leerplaetze", len)
            ),
            "erfasse_regal_inhalt": Function(
                Operation.ITEMS, {"regal_nummer": _SHELF}, _under("artikel_liste", list)
            ),
            "fahre_zur_ladestation": Function(Operation.DOCK),
            "aktiviere_ap_betrieb": Function(Operation.ACCESS_POINT),
            "verbinde_mit_wlan": Function(
                Operation.WIFI, {"netz_kennung": _NETWORK, "netz_schluessel": _SECRET}
            ),
            "suche_funknetze": Function(Operation.NETWORKS, result=_under("gefundene_netze", list)),
            "kartiere_halle": Function(Operation.MAP, result=_under("anzahl_regale", int)),
            "setze_tempo": Function(Operation.SPEED, {"tempo_cm_s": _speed(CENTIMETRE)}),
            "not_halt_ausloesen": Function(Operation.STOP),
            "lies_akkustand": Function(Operation.BATTERY, result=_under("akku_prozent", _percent)),
            "lies_standort": Function(Operation.POSITION, result=_place("ort_x_cm", "ort_y_cm", CENTIMETRE)),
        },
    ),
}
