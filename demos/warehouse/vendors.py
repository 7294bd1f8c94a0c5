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

from demos.warehouse.state import TOP_SPEED, Refusal
from device_agent.drivers.port import DriverError
from protocol.errors import ErrorCode


class Operation(StrEnum):
    """What every brand's robot can do: the fifteen things of the paper, and four to do with totes."""

    NAVIGATE = "navigate"
    TO_SHELF = "to shelf"
    TO_STATION = "to station"
    PICK = "pick"
    PUT = "put"
    DELIVER = "deliver"
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
    STATION = "station"
    TOTE = "tote"
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

    def done(self, text: str, result: Any) -> Any:
        """Wrap a success; `result` is None for functions that only act."""
        ...

    def refused(self, text: str, plain: str) -> Any:
        """Wrap a refusal; `text` is in the brand's language, `plain` the same in English.

        Raises:
            DriverError: this shape cannot express a refusal.
        """
        ...


@dataclass(frozen=True, slots=True)
class Bare:
    """The result alone, true for functions that only act. A refusal cannot be expressed: the call fails."""

    def done(self, text: str, result: Any) -> Any:  # noqa: ARG002 - this shape has no room for a text
        return True if result is None else result

    def refused(self, text: str, plain: str) -> Any:  # noqa: ARG002 - as above
        raise DriverError(plain, code=ErrorCode.CALL_FAILED)


@dataclass(frozen=True, slots=True)
class Listed:
    """[ok, message] or [ok, message, result]."""

    def done(self, text: str, result: Any) -> Any:
        return [True, text] if result is None else [True, text, result]

    def refused(self, text: str, plain: str) -> Any:  # noqa: ARG002 - the brand speaks its language
        return [False, text]


@dataclass(frozen=True, slots=True)
class Record:
    """An object: a flag, a text and the result's fields beside them, or below `body` where that is set."""

    flag: str
    text: str
    body: str | None = None

    def done(self, text: str, result: Any) -> Any:
        answer: dict[str, Any] = {self.flag: True, self.text: text}
        if result is not None:
            answer.update({self.body: result} if self.body else result)
        return answer

    def refused(self, text: str, plain: str) -> Any:  # noqa: ARG002 - the brand speaks its language
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
        Refusal.WRONG_MODE: "The robot does not do that in its present mode.",
        Refusal.NO_SUCH_STATION: "There is no such station.",
        Refusal.NO_SUCH_TOTE: "There is no such tote.",
        Refusal.TOTE_ELSEWHERE: "That tote is not here.",
        Refusal.LOADED: "The robot already carries a tote.",
        Refusal.NOT_LOADED: "The robot carries no tote.",
        Refusal.NO_ROOM: "There is no room here.",
        Refusal.BLOCKED: "The way is blocked.",
    },
    "de": {
        Refusal.NO_SUCH_SHELF: "Dieses Regal gibt es nicht.",
        Refusal.NOT_AT_SHELF: "Der Roboter steht nicht an diesem Regal.",
        Refusal.OUTSIDE: "Dieser Ort liegt außerhalb der Halle.",
        Refusal.STOPPED: "Der Roboter wurde unterwegs angehalten.",
        Refusal.BATTERY_EMPTY: "Der Akku ist leer.",
        Refusal.NO_SUCH_NETWORK: "Dieses Netz ist nicht in Reichweite.",
        Refusal.WRONG_SECRET: "Das Netz hat den Schlüssel abgelehnt.",
        Refusal.WRONG_MODE: "Das geht in diesem Betriebszustand nicht.",
        Refusal.NO_SUCH_STATION: "Diese Station gibt es nicht.",
        Refusal.NO_SUCH_TOTE: "Diesen Behälter gibt es nicht.",
        Refusal.TOTE_ELSEWHERE: "Dieser Behälter ist nicht hier.",
        Refusal.LOADED: "Der Roboter trägt schon einen Behälter.",
        Refusal.NOT_LOADED: "Der Roboter trägt keinen Behälter.",
        Refusal.NO_ROOM: "Hier ist kein Platz.",
        Refusal.BLOCKED: "Der Weg ist versperrt.",
    },
    "fr": {
        Refusal.NO_SUCH_SHELF: "Cette étagère n'existe pas.",
        Refusal.NOT_AT_SHELF: "Le robot n'est pas devant cette étagère.",
        Refusal.OUTSIDE: "Cet endroit est hors du hall.",
        Refusal.STOPPED: "Le robot a été arrêté en chemin.",
        Refusal.BATTERY_EMPTY: "La batterie est vide.",
        Refusal.NO_SUCH_NETWORK: "Ce réseau n'est pas à portée.",
        Refusal.WRONG_SECRET: "Le réseau a refusé la clé.",
        Refusal.WRONG_MODE: "Le robot ne fait pas cela dans son état actuel.",
        Refusal.NO_SUCH_STATION: "Cette station n'existe pas.",
        Refusal.NO_SUCH_TOTE: "Ce bac n'existe pas.",
        Refusal.TOTE_ELSEWHERE: "Ce bac n'est pas ici.",
        Refusal.LOADED: "Le robot porte déjà un bac.",
        Refusal.NOT_LOADED: "Le robot ne porte aucun bac.",
        Refusal.NO_ROOM: "Il n'y a pas de place ici.",
        Refusal.BLOCKED: "Le chemin est bloqué.",
    },
    "zh": {
        Refusal.NO_SUCH_SHELF: "没有这个货架。",
        Refusal.NOT_AT_SHELF: "机器人不在该货架前。",
        Refusal.OUTSIDE: "该位置在库区之外。",
        Refusal.STOPPED: "机器人在途中被停止。",
        Refusal.BATTERY_EMPTY: "电池已耗尽。",
        Refusal.NO_SUCH_NETWORK: "附近没有该网络。",
        Refusal.WRONG_SECRET: "网络拒绝了密码。",
        Refusal.WRONG_MODE: "当前状态下不能执行该操作。",
        Refusal.NO_SUCH_STATION: "没有这个工作站。",
        Refusal.NO_SUCH_TOTE: "没有这个料箱。",
        Refusal.TOTE_ELSEWHERE: "该料箱不在这里。",
        Refusal.LOADED: "机器人已载有料箱。",
        Refusal.NOT_LOADED: "机器人没有载料箱。",
        Refusal.NO_ROOM: "这里没有空位。",
        Refusal.BLOCKED: "道路被阻塞。",
    },
}

_SHELF = Argument(Role.SHELF)
_STATION = Argument(Role.STATION)
_TOTE = Argument(Role.TOTE)
_NETWORK = Argument(Role.NETWORK)
_SECRET = Argument(Role.SECRET)
_DEGREES = Argument(Role.ANGLE)
_RADIANS = Argument(Role.ANGLE, 180 / math.pi)

METRE = 1.0
CENTIMETRE = 0.01
MILLIMETRE = 0.001
FOOT = 0.3048
INCH = 0.0254
DECIMETRE = 0.1
CELL = 0.5
KILOMETRE_PER_HOUR = 1 / 3.6
PERCENT_OF_TOP_SPEED = TOP_SPEED / 100


def _x(unit: float) -> Argument:
    return Argument(Role.X, unit)


def _y(unit: float) -> Argument:
    return Argument(Role.Y, unit)


def _speed(unit: float) -> Argument:
    return Argument(Role.SPEED, unit)


def _percent(fraction: float) -> int:
    return round(fraction * 100)


def _fraction(fraction: float) -> float:
    return round(fraction, 2)


def _word(some: str, none: str) -> Callable[[Sequence[str]], str]:
    return lambda free: some if free else none


def _numbers(free: Sequence[str]) -> list[int]:
    """Number positions from 1, row by row: A1 is 1, B1 is 4."""
    return [3 * "AB".index(label[0]) + int(label[1]) for label in free]


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
            "move_to_station": Function(Operation.TO_STATION, {"station_num": _STATION}),
            "pick_up_tote": Function(Operation.PICK, {"tote_id": _TOTE}),
            "put_down_tote": Function(Operation.PUT),
            "deliver_tote": Function(Operation.DELIVER, {"tote_id": _TOTE, "station_num": _STATION}),
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
            "bewege_zu_packplatz": Function(Operation.TO_STATION, {"packplatz_nummer": _STATION}),
            "nimm_behaelter_auf": Function(Operation.PICK, {"behaelter_kennung": _TOTE}),
            "setze_behaelter_ab": Function(Operation.PUT),
            "liefere_behaelter": Function(
                Operation.DELIVER, {"behaelter_kennung": _TOTE, "packplatz_nummer": _STATION}
            ),
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
    "yunlu": Vendor(
        "zh",
        Bare(),
        {
            "NavigateToPoint": Function(
                Operation.NAVIGATE, {"TargetXmm": _x(MILLIMETRE), "TargetYmm": _y(MILLIMETRE)}
            ),
            "NavigateToShelf": Function(Operation.TO_SHELF, {"ShelfNumber": _SHELF}),
            "NavigateToStation": Function(Operation.TO_STATION, {"StationNumber": _STATION}),
            "PickTote": Function(Operation.PICK, {"ToteId": _TOTE}),
            "PlaceTote": Function(Operation.PUT),
            "DeliverTote": Function(Operation.DELIVER, {"ToteId": _TOTE, "StationNumber": _STATION}),
            "TakeSnapshot": Function(Operation.CAPTURE, result=str),
            "RotateCamera": Function(Operation.CAMERA, {"TiltAngleDeg": _DEGREES}),
            "DetectShelfVacancy": Function(
                Operation.VACANCY, {"ShelfNumber": _SHELF}, _word("HAS_EMPTY", "ALL_FULL")
            ),
            "ScanShelfGoods": Function(Operation.ITEMS, {"ShelfNumber": _SHELF}, list),
            "ReturnToCharger": Function(Operation.DOCK),
            "EnableApMode": Function(Operation.ACCESS_POINT),
            "JoinWifi": Function(Operation.WIFI, {"WifiName": _NETWORK, "WifiKey": _SECRET}),
            "ListWifi": Function(Operation.NETWORKS, result=list),
            "BuildMap": Function(Operation.MAP, result=int),
            "SetDriveSpeed": Function(Operation.SPEED, {"SpeedMmps": _speed(MILLIMETRE)}),
            "HaltNow": Function(Operation.STOP),
            "QueryBattery": Function(Operation.BATTERY, result=_percent),
            "QueryPosition": Function(Operation.POSITION, result=_place("PosXmm", "PosYmm", MILLIMETRE)),
        },
    ),
    "cigale": Vendor(
        "fr",
        Record("appel_reussi", "texte_retour", "contenu_reponse"),
        {
            "deplacer_vers_coordonnees": Function(
                Operation.NAVIGATE, {"abscisse_m": _x(METRE), "ordonnee_m": _y(METRE)}
            ),
            "deplacer_vers_etagere": Function(Operation.TO_SHELF, {"numero_etagere": _SHELF}),
            "deplacer_vers_poste": Function(Operation.TO_STATION, {"numero_poste": _STATION}),
            "prendre_bac": Function(Operation.PICK, {"code_bac": _TOTE}),
            "deposer_bac": Function(Operation.PUT),
            "livrer_bac": Function(Operation.DELIVER, {"code_bac": _TOTE, "numero_poste": _STATION}),
            "prendre_une_photo": Function(Operation.CAPTURE, result=_under("reference_photo", str)),
            "orienter_camera": Function(Operation.CAMERA, {"angle_rad": _RADIANS}),
            "reperer_places_libres": Function(
                Operation.VACANCY, {"numero_etagere": _SHELF}, _under("places_libres", list)
            ),
            "inventorier_etagere": Function(
                Operation.ITEMS, {"numero_etagere": _SHELF}, _under("liste_articles", list)
            ),
            "rejoindre_borne": Function(Operation.DOCK),
            "passer_en_point_acces": Function(Operation.ACCESS_POINT),
            "connecter_au_wifi": Function(Operation.WIFI, {"nom_reseau": _NETWORK, "cle_reseau": _SECRET}),
            "chercher_reseaux": Function(Operation.NETWORKS, result=_under("reseaux_trouves", list)),
            "cartographier_entrepot": Function(Operation.MAP, result=_under("etageres_vues", int)),
            "regler_vitesse": Function(Operation.SPEED, {"vitesse_m_s": _speed(METRE)}),
            "arret_urgence": Function(Operation.STOP),
            "lire_batterie": Function(Operation.BATTERY, result=_under("charge_restante", _fraction)),
            "lire_position_actuelle": Function(
                Operation.POSITION, result=_place("abscisse_m", "ordonnee_m", METRE)
            ),
        },
    ),
    "tern": Vendor(
        "en",
        Record("wasDone", "infoText"),
        {
            "driveToPoint": Function(Operation.NAVIGATE, {"eastFeet": _x(FOOT), "northFeet": _y(FOOT)}),
            "moveToShelf": Function(Operation.TO_SHELF, {"shelfNum": _SHELF}),
            "moveToStation": Function(Operation.TO_STATION, {"stationNum": _STATION}),
            "liftTote": Function(Operation.PICK, {"toteId": _TOTE}),
            "dropTote": Function(Operation.PUT),
            "deliverTote": Function(Operation.DELIVER, {"toteId": _TOTE, "stationNum": _STATION}),
            "takePicture": Function(Operation.CAPTURE, result=_under("pictureRef", str)),
            "tiltCamera": Function(Operation.CAMERA, {"tiltDegrees": _DEGREES}),
            "hasFreeSpace": Function(Operation.VACANCY, {"shelfNum": _SHELF}, _under("spaceFound", bool)),
            "readShelfItems": Function(Operation.ITEMS, {"shelfNum": _SHELF}, _under("itemNames", list)),
            "dockAndCharge": Function(Operation.DOCK),
            "startHotspot": Function(Operation.ACCESS_POINT),
            "joinNetwork": Function(Operation.WIFI, {"networkName": _NETWORK, "networkKey": _SECRET}),
            "findNetworks": Function(Operation.NETWORKS, result=_under("networkNames", list)),
            "surveyFloor": Function(Operation.MAP, result=_under("shelfTotal", int)),
            "setSpeed": Function(Operation.SPEED, {"feetPerSecond": _speed(FOOT)}),
            "stopNow": Function(Operation.STOP),
            "batteryLeft": Function(Operation.BATTERY, result=_under("chargeLeft", _fraction)),
            "whereAmI": Function(Operation.POSITION, result=_place("eastFeet", "northFeet", FOOT)),
        },
    ),
    "dromo": Vendor(
        "en",
        Bare(),
        {
            "pos_goto": Function(Operation.NAVIGATE, {"pos_x_cl": _x(CELL), "pos_y_cl": _y(CELL)}),
            "shf_goto": Function(Operation.TO_SHELF, {"shf_no": _SHELF}),
            "stn_goto": Function(Operation.TO_STATION, {"stn_no": _STATION}),
            "tot_pick": Function(Operation.PICK, {"tot_id": _TOTE}),
            "tot_put": Function(Operation.PUT),
            "tot_deliver": Function(Operation.DELIVER, {"tot_id": _TOTE, "stn_no": _STATION}),
            "img_grab": Function(Operation.CAPTURE, result=str),
            "cam_tilt_set": Function(Operation.CAMERA, {"tilt_rad": _RADIANS}),
            "shf_vac_count": Function(Operation.VACANCY, {"shf_no": _SHELF}, len),
            "shf_itm_list": Function(Operation.ITEMS, {"shf_no": _SHELF}, list),
            "dock_seek": Function(Operation.DOCK),
            "ap_mode_on": Function(Operation.ACCESS_POINT),
            "wifi_join": Function(Operation.WIFI, {"wifi_nm": _NETWORK, "wifi_pw": _SECRET}),
            "wifi_list": Function(Operation.NETWORKS, result=list),
            "flr_map": Function(Operation.MAP, result=int),
            "spd_set": Function(Operation.SPEED, {"spd_pct": _speed(PERCENT_OF_TOP_SPEED)}),
            "mot_kill": Function(Operation.STOP),
            "bat_get": Function(Operation.BATTERY, result=_fraction),
            "pos_get": Function(Operation.POSITION, result=_pair(CELL)),
        },
    ),
    "hafenbot": Vendor(
        "de",
        Listed(),
        {
            "fahreZuPunkt": Function(
                Operation.NAVIGATE, {"zielXmm": _x(MILLIMETRE), "zielYmm": _y(MILLIMETRE)}
            ),
            "fahreZuRegal": Function(Operation.TO_SHELF, {"regalNr": _SHELF}),
            "fahreZuStation": Function(Operation.TO_STATION, {"stationsNr": _STATION}),
            "kisteAufnehmen": Function(Operation.PICK, {"kistenKennung": _TOTE}),
            "kisteAbsetzen": Function(Operation.PUT),
            "kisteLiefern": Function(Operation.DELIVER, {"kistenKennung": _TOTE, "stationsNr": _STATION}),
            "fotoAufnehmen": Function(Operation.CAPTURE, result=str),
            "kameraNeigen": Function(Operation.CAMERA, {"neigungGrad": _DEGREES}),
            "freieFlaecheErkennen": Function(
                Operation.VACANCY, {"regalNr": _SHELF}, _word("PLATZ_FREI", "BELEGT")
            ),
            "warenScannen": Function(Operation.ITEMS, {"regalNr": _SHELF}, list),
            "zumDockFahren": Function(Operation.DOCK),
            "apModusStarten": Function(Operation.ACCESS_POINT),
            "wlanVerbinden": Function(Operation.WIFI, {"wlanName": _NETWORK, "wlanPasswort": _SECRET}),
            "wlanSuchen": Function(Operation.NETWORKS, result=list),
            "grundrissErstellen": Function(Operation.MAP, result=int),
            "geschwindigkeitSetzen": Function(Operation.SPEED, {"tempoKmh": _speed(KILOMETRE_PER_HOUR)}),
            "nothaltJetzt": Function(Operation.STOP),
            "akkuAbfragen": Function(Operation.BATTERY, result=_percent),
            "standortAbfragen": Function(Operation.POSITION, result=_pair(MILLIMETRE)),
        },
    ),
    "xinghuo": Vendor(
        "zh",
        Record("jieguo_ok", "tishi_wenzi", "fanhui_shuju"),
        {
            "qu_zuobiao": Function(
                Operation.NAVIGATE, {"zuobiao_x": _x(DECIMETRE), "zuobiao_y": _y(DECIMETRE)}
            ),
            "qu_huojia": Function(Operation.TO_SHELF, {"huojia_hao": _SHELF}),
            "qu_dabaozhan": Function(Operation.TO_STATION, {"dabaozhan_hao": _STATION}),
            "na_liaoxiang": Function(Operation.PICK, {"liaoxiang_bianhao": _TOTE}),
            "fang_liaoxiang": Function(Operation.PUT),
            "song_liaoxiang": Function(
                Operation.DELIVER, {"liaoxiang_bianhao": _TOTE, "dabaozhan_hao": _STATION}
            ),
            "pai_zhao": Function(Operation.CAPTURE, result=_under("zhaopian_ming", str)),
            "tiao_shexiangtou": Function(Operation.CAMERA, {"jiaodu_hudu": _RADIANS}),
            "cha_kongwei": Function(Operation.VACANCY, {"huojia_hao": _SHELF}, _under("kongwei_shu", len)),
            "sao_huowu": Function(Operation.ITEMS, {"huojia_hao": _SHELF}, _under("huowu_biao", list)),
            "hui_chongdian": Function(Operation.DOCK),
            "kai_redian": Function(Operation.ACCESS_POINT),
            "lian_wifi": Function(Operation.WIFI, {"wifi_ming": _NETWORK, "wifi_mima": _SECRET}),
            "sou_wifi": Function(Operation.NETWORKS, result=_under("wifi_biao", list)),
            "jian_ditu": Function(Operation.MAP, result=_under("huojia_zongshu", int)),
            "tiao_sudu": Function(Operation.SPEED, {"sudu_dms": _speed(DECIMETRE)}),
            "jinji_tingche": Function(Operation.STOP),
            "cha_dianliang": Function(Operation.BATTERY, result=_under("dianliang_bi", _fraction)),
            "cha_weizhi": Function(Operation.POSITION, result=_place("weizhi_x", "weizhi_y", DECIMETRE)),
        },
    ),
    "ardoise": Vendor(
        "fr",
        Bare(),
        {
            "allerAuPoint": Function(
                Operation.NAVIGATE, {"posXCm": _x(CENTIMETRE), "posYCm": _y(CENTIMETRE)}
            ),
            "allerAuRayon": Function(Operation.TO_SHELF, {"noRayon": _SHELF}),
            "allerAuPoste": Function(Operation.TO_STATION, {"noPoste": _STATION}),
            "chargerBac": Function(Operation.PICK, {"codeDuBac": _TOTE}),
            "deposerBac": Function(Operation.PUT),
            "livrerBac": Function(Operation.DELIVER, {"codeDuBac": _TOTE, "noPoste": _STATION}),
            "photographierScene": Function(Operation.CAPTURE, result=str),
            "inclinerCamera": Function(Operation.CAMERA, {"angleDegres": _DEGREES}),
            "verifierPlaceLibre": Function(Operation.VACANCY, {"noRayon": _SHELF}, bool),
            "listerArticles": Function(Operation.ITEMS, {"noRayon": _SHELF}, list),
            "retourStation": Function(Operation.DOCK),
            "modePointAcces": Function(Operation.ACCESS_POINT),
            "rejoindreWifi": Function(Operation.WIFI, {"nomWifi": _NETWORK, "motDePasse": _SECRET}),
            "scannerReseaux": Function(Operation.NETWORKS, result=list),
            "dresserPlan": Function(Operation.MAP, result=int),
            "changerAllure": Function(Operation.SPEED, {"allurePct": _speed(PERCENT_OF_TOP_SPEED)}),
            "arretImmediat": Function(Operation.STOP),
            "niveauBatterie": Function(Operation.BATTERY, result=_percent),
            "positionCourante": Function(Operation.POSITION, result=_pair(CENTIMETRE)),
        },
    ),
    "pelorus": Vendor(
        "en",
        Record("Call_Ok", "Call_Text", "Call_Data"),
        {
            "Nav_DriveToPoint": Function(Operation.NAVIGATE, {"Point_XIn": _x(INCH), "Point_YIn": _y(INCH)}),
            "Nav_DriveToRack": Function(Operation.TO_SHELF, {"Rack_Index": _SHELF}),
            "Nav_DriveToStation": Function(Operation.TO_STATION, {"Station_Index": _STATION}),
            "Load_LiftTote": Function(Operation.PICK, {"Tote_Code": _TOTE}),
            "Load_SetDownTote": Function(Operation.PUT),
            "Load_DeliverTote": Function(Operation.DELIVER, {"Tote_Code": _TOTE, "Station_Index": _STATION}),
            "Cam_SnapStill": Function(Operation.CAPTURE, result=_under("Still_Ref", str)),
            "Cam_SetTilt": Function(Operation.CAMERA, {"Tilt_Rad": _RADIANS}),
            "Vis_FindVacantSlots": Function(
                Operation.VACANCY, {"Rack_Index": _SHELF}, _under("Slot_List", _numbers)
            ),
            "Vis_ReadLabels": Function(Operation.ITEMS, {"Rack_Index": _SHELF}, _under("Label_List", list)),
            "Pwr_DockAndCharge": Function(Operation.DOCK),
            "Net_HotspotOn": Function(Operation.ACCESS_POINT),
            "Net_JoinWifi": Function(Operation.WIFI, {"Wifi_Name": _NETWORK, "Wifi_Key": _SECRET}),
            "Net_ScanWifi": Function(Operation.NETWORKS, result=_under("Wifi_List", list)),
            "Map_SurveyHall": Function(Operation.MAP, result=_under("Rack_Total", int)),
            "Nav_SetPace": Function(Operation.SPEED, {"Pace_InPerSec": _speed(INCH)}),
            "Sys_HaltAll": Function(Operation.STOP),
            "Pwr_ReadCharge": Function(Operation.BATTERY, result=_under("Charge_Pct", _percent)),
            "Nav_ReadPose": Function(Operation.POSITION, result=_place("Pose_XIn", "Pose_YIn", INCH)),
        },
    ),
}
