"""Descriptions that vendors write: good, long-winded, terse, vague, missing, or in another language."""

from __future__ import annotations

import random
import re

from training.data.naming import english_names, is_english
from training.data.orders import is_order
from training.lexicon import FunctionWords, spin

_FRAMES = (
    "this function {d}", "use this to have the device do the following : it {d}", "call that {d}", "{d} ( see the manual )",
    "{d} . returns true on success", "{d} . returns the result", "{d} . returns ok or an error", "{d} . asynchronous",
    "{d} . needs firmware 2", "command that {d}", "service : {d}", "{d} immediately", "{d} on request", "remotely {d}",
    "{d} , for authorised users", "{d} . no return value", "convenience method that {d}", "{d} ( idempotent )",
)  # fmt: skip
_VAGUE = (
    "executes the command", "performs the operation", "device function", "sends the request to the unit", "control function",
    "see documentation", "internal use", "basic operation", "standard command", "public method", "part of the device api",
    "n / a", "function of the control unit", "tbd", "returns a status", "invokes the action", "available since version 1",
)  # fmt: skip
_READS = (
    "liest den aktuellen wert", "gibt den stand zurueck", "meldet den zustand", "fragt den messwert ab", "liefert die daten",
    "lit la valeur actuelle", "renvoie l'état", "donne la mesure", "affiche les données", "consulte l'appareil",
    "读取当前值", "返回状态", "查询数据", "获取测量结果", "显示当前状态",
)  # fmt: skip
_SETS = (
    "setzt den wert", "stellt den sollwert ein", "ändert die einstellung", "übernimmt den neuen wert", "legt die vorgabe fest",
    "règle la valeur", "modifie le réglage", "définit la consigne", "change le paramètre", "ajuste l'appareil",
    "设置数值", "修改设定", "调整参数", "更改配置", "设定目标值",
)  # fmt: skip
_DOES = (
    "führt den befehl aus", "löst die aktion aus", "startet den vorgang", "steuert das gerät", "schaltet die funktion",
    "exécute la commande", "lance l'action", "commande l'appareil", "déclenche l'opération", "pilote la fonction",
    "执行命令", "启动操作", "控制设备", "触发动作", "切换功能",
)  # fmt: skip
_VERBS = re.compile(r"(\w+s)\b(?:( (?:or|and) )(\w+s)\b)?(.*)", re.DOTALL)
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("s", ""))
_READING_VERBS = frozenset("get read query show list report check fetch where is count measure".split())


def is_reading(words: FunctionWords) -> bool:
    """Whether a function only tells something."""
    return words.output is not None or words.names[0].split()[0] in _READING_VERBS


def _foreign(words: FunctionWords, rng: random.Random) -> str:
    if is_reading(words):
        return rng.choice(_READS)
    return rng.choice(_SETS if words.parameters else _DOES)


def description(words: FunctionWords, rng: random.Random, *, name_tells: bool) -> str:
    """Describe a function. What the name does not tell, the description does."""
    good = spin(rng.choice(words.descriptions), rng)
    english = [name for name in words.names if is_english(name)] or list(words.names[:1])
    title = rng.choice(english)
    chance = rng.random()
    if name_tells and chance < 0.13:
        return rng.choice((title, title, "", rng.choice(_VAGUE)))
    if chance < 0.2:
        return f"{title} . {_foreign(words, rng)}"
    if name_tells and chance < 0.22:
        return _foreign(words, rng)
    if chance < 0.32:
        return rng.choice(_FRAMES).format(d=good)
    if chance < 0.38 and len(words.descriptions) > 1:
        return f"{good} . {spin(rng.choice(words.descriptions), rng)}"
    if chance < 0.62:
        return f"{title} . {good}"
    return good


def clear_description(words: FunctionWords, rng: random.Random) -> str:
    """Describe a function well: what it does, or tells it to do ("moves the plate in", "move the plate in"), seldom at length."""
    good = spin(rng.choice(words.descriptions), rng)
    chance = rng.random()
    if chance < 0.45:
        good = as_order(good)
    elif chance < 0.5 and len(words.descriptions) > 1:
        good = f"{good} . {spin(rng.choice(words.descriptions), rng)}"
    elif chance < 0.6:
        good = f"{rng.choice(english_names(words.names))} . {good}"
    return good


def as_order(text: str) -> str:
    """Turn what says what a function does into an order, where verbs begin it: "opens or closes the lid"."""
    beginning = _VERBS.match(text)
    if beginning is None:
        return text
    first, joint, second, rest = beginning.groups(default="")
    told = _plain(first) + joint + (_plain(second) if second else "") + rest
    return told if is_order(told) else text


def _plain(verb: str) -> str:
    for ending, plain in _ENDINGS:
        if verb.endswith(ending):
            return verb.removesuffix(ending) + plain
    return verb
