"""The paper's argument extraction: sentences that name attributes and values in free order, values often in words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from inference.notation import LETTERS
from training.data.checking import is_usable, written
from training.data.examples import Clause, Question, Realised, Value
from training.data.sentences import Speaker, dressed, pieces, prepared
from training.data.spelling import made_up_word
from training.data.splits import Split
from training.data.values import Manner, say
from training.data.vendor import Vendor, realise
from training.lexicon import FunctionWords, ParameterWords

_ATTRIBUTES = """gain offset threshold bias ratio weight priority timeout delay period duration margin depth width height length radius angle
pitch yaw roll heading altitude latitude longitude speed velocity acceleration torque force pressure temperature humidity voltage current power
frequency phase amplitude volume brightness contrast saturation hue exposure zoom focus aperture resolution quality bitrate channel port address
retries attempts limit quota budget capacity level stage step index count size scale factor rate interval density viscosity concentration dose
flow head load stiffness damping tension pitch_limit dead_band set_point hold_time ramp_time start_delay upper_limit lower_limit window_size
sample_rate batch_size buffer_size cycle_count learning_rate tolerance step_size slope curvature origin distance clearance overlap spacing
thickness mass charge duty_cycle fan_speed feed_rate cut_depth spindle_speed tilt pan sensitivity hysteresis alpha beta gamma kappa sigma lambda
mode profile color label name tag owner zone target source direction format codec language unit material tool recipe preset axis shape""".split()
_CHOICES = {
    "mode": "auto/manual/eco/boost", "profile": "gentle/normal/aggressive", "color": "red/green/blue/white/amber", "direction": "left/right/forward/backward",
    "format": "json/csv/xml", "language": "english/german/french/chinese", "material": "steel/wood/glass/plastic", "axis": "x/y/z", "shape": "circle/square/triangle",
    "unit": "metric/imperial", "quality": "low/medium/high", "tool": "drill/mill/saw/laser", "priority": "low/normal/urgent", "codec": "opus/mp3/flac",
}  # fmt: skip
_TEXTS = frozenset("label name tag owner zone target source recipe preset".split())
_VERBS = "set configure adjust tune apply update prepare start run launch calibrate program initialise create schedule begin load simulate".split()
_NOUNS = """controller filter job profile mixer oven session scan drive loop motor channel stream camera beam pump sweep experiment cycle
regulator sequence amplifier planner model array sensor plant rig bench lane cell stack""".split()
_RANGES = (
    (0, 10),
    (0, 100),
    (0, 1000),
    (-50, 50),
    (1, 24),
    (0, 5000),
    (-10, 10),
    (0, 360),
    (1, 64),
    (-100, 0),
)
_UNITS = (
    "percent",
    "meter",
    "second",
    "millisecond",
    "degree",
    "kilogram",
    "degC",
    "hertz",
    "volt",
    "bar",
    "millimeter",
    "liter",
)
_SETTING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("set {p}", ("{a} to {v}", "the {a} to {v}", "{a} at {v}", "{a} as {v}")), ("change {p}", ("{a} to {v}", "the {a} to {v}")), ("put {p}", ("{a} at {v}", "the {a} to {v}")),
    ("bring {p}", ("the {a} to {v}",)), ("use {p}", ("{v} for {a}", "{v} as {a}", "a {a} of {v}", "{a} {v}", "{v} as the {a}")), ("i want {p}", ("{a} at {v}", "{a} {v}", "a {a} of {v}")),
    ("let {p}", ("{a} be {v}", "the {a} be {v}")), ("make {p}", ("{a} {v}", "the {a} {v}", "{a} equal to {v}")), ("{p}", ("{a} should be {v}", "the {a} must be {v}", "{a} {v}", "{a} = {v}", "{a} is {v}")),
    ("with {p} , please", ("{a} {v}", "{a} at {v}")), ("we need {p}", ("{a} {v}", "a {a} of {v}", "{v} for {a}", "{v} as {a}")), ("assign {p}", ("{v} to {a}", "{v} to the {a}")), ("give {p}", ("{a} the value {v}", "{a} {v}")),
)  # fmt: skip
_NAMING = ("{a} {v}", "{a} of {v}", "a {a} of {v}", "{a} = {v}", "{a} at {v}", "{v} for {a}", "{v} as {a}", "{a} : {v}", "{v} as the {a}", "{v} for the {a}",
           "{a} equal to {v}", "{a} set to {v}", "the {a} at {v}")  # fmt: skip
_STATING = (
    "{a} is {v}",
    "{a} should be {v}",
    "the {a} must be {v}",
    "{a} = {v}",
    "{a} {v}",
    "{a} equals {v}",
    "the {a} is {v}",
    "{a} : {v}",
)
_ACTING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("{d} with {p}", _NAMING), ("{d} using {p}", _NAMING), ("{d} , {p}", _NAMING + _STATING), ("{d} : {p}", _NAMING + _STATING), ("with {p} , {d}", _NAMING), ("{d} at {p}", ("{a} {v}", "{a} of {v}", "a {a} of {v}", "{v} {a}")),
    ("{d} so that {p}", ("{a} is {v}", "the {a} is {v}", "{a} equals {v}")), ("{p} , now {d}", _STATING), ("{d} given {p}", _NAMING), ("using {p} , {d}", _NAMING), ("{d} and use {p}", _NAMING),
)  # fmt: skip


_OPENINGS = tuple(sorted({*_VERBS, "set", "change", "put", "bring", "use", "make", "assign", "give"}))


class Extraction:
    """Writes blocks in which everything is about arguments."""

    def __init__(self, rng: random.Random, split: Split) -> None:
        self._rng = rng
        self._split = split

    def asked(self, count: int) -> tuple[tuple[Realised, ...], list[Question]]:
        """Invent one to three functions, and at most `count` questions about the first."""
        rng = self._rng
        attributes = iter(rng.sample(_ATTRIBUTES, 24))
        functions = [self._function(attributes) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
        shown = tuple(realise(words, rng, Vendor(hides_meaning=0.0)) for words in functions)
        found = [self._question(shown) for _ in range(count)]
        return shown, [question for question in found if question is not None]

    def _function(self, attributes: Iterator[str]) -> FunctionWords:
        rng = self._rng
        verb, noun = rng.choice(_VERBS), rng.choice(_NOUNS) if rng.random() < 0.8 else made_up_word(rng)
        parameters = []
        for _ in range(rng.randint(1, 4)):
            key = made_up_word(rng) if rng.random() < 0.2 else next(attributes)
            parameters.append(_parameter(key, rng))
        if len(parameters) > 1 and rng.random() < 0.25:
            parameters[-1] = replace(parameters[-1], required=False)
        name, whole = f"{verb} {noun}", " and ".join(one.names[0] for one in parameters)
        descriptions = (
            f"{verb}s the {noun}",
            f"{verb}s the {noun} with {whole}",
            f"sets {whole}",
            f"changes the {noun} settings",
        )
        return FunctionWords(
            name, (name,), descriptions, tuple(parameters), (f"{verb} the {noun}",), (), (), ()
        )

    def _question(self, shown: tuple[Realised, ...]) -> Question | None:
        rng = self._rng
        index = rng.randrange(len(shown))
        one = shown[index]
        manner = Manner(words_share=0.55, is_dictated=rng.random() < 0.1)
        speaker = Speaker(rng, self._split, manner, ("device", one.words.names[0].split()[1]))
        values: dict[str, Value] = {}
        for key, parameter in zip(one.keys, one.signature.parameters, strict=True):
            value = say(one.spoken_of(key), parameter, rng, manner)
            if value is not None and (parameter.required or rng.random() < 0.6):
                values[key] = value
        required = [
            number
            for number, (key, parameter) in enumerate(zip(one.keys, one.signature.parameters, strict=True), 1)
            if parameter.required
        ]
        missing = rng.choice(required) if len(values) > 1 and required and rng.random() < 0.06 else None
        if missing is not None:
            values.pop(one.keys[missing - 1], None)
        if not values:
            return None
        text = self._text(one, values)
        clause = Clause(text, text, index, values)
        calls = () if missing is not None else (clause,)
        answer = f"ask {LETTERS[index]}.{missing}" if missing is not None else written(calls, shown)
        kept = frozenset(text.lower().split())
        typed = dressed(text, speaker, kept, plain=not text.startswith(_OPENINGS) or rng.random() < 0.4)
        sentence = prepared(typed)
        question = Question(
            typed, sentence, answer, pieces(sentence, (clause,)), ("extract", f"extract-{len(values)}")
        )
        return question if is_usable(sentence, answer, calls, shown) else None

    def _text(self, one: Realised, values: dict[str, Value]) -> str:
        rng = self._rng
        said = [(rng.choice(one.spoken_of(key).names), value.spoken) for key, value in values.items()]
        rng.shuffle(said)
        frame, pairs = rng.choice(_SETTING if rng.random() < 0.55 else _ACTING)
        form = rng.choice(pairs)
        mixed = rng.random() < 0.2
        parts = [
            (rng.choice(pairs) if mixed else form).format(a=attribute, v=spoken) for attribute, spoken in said
        ]
        verb, noun = one.words.names[0].split(" ", 1)
        return frame.format(p=_enumerated(parts, rng), d=f"{verb} the {noun}")


def _enumerated(parts: list[str], rng: random.Random) -> str:
    if len(parts) == 1:
        return parts[0]
    last = rng.choice((" and ", " and ", " , and ", " , ", " as well as "))
    return rng.choice((" , ", " , ", " and ")).join(parts[:-1]) + last + parts[-1]


def _parameter(key: str, rng: random.Random) -> ParameterWords:
    names = (key.replace("_", " "),)
    if key in _CHOICES:
        kind = "list" if rng.random() < 0.15 else "enum"
        return ParameterWords(key, kind, True, choices=tuple(_CHOICES[key].split("/")), names=names)
    if key in _TEXTS:
        return ParameterWords(key, "str", True, string_class=rng.choice(("name", "id", "user")), names=names)
    if key.endswith("_time") and rng.random() < 0.3:
        return ParameterWords(key, "str", True, string_class="clock", names=names)
    low, high = rng.choice(_RANGES)
    kind = rng.choice(("int", "int", "num"))
    unit = rng.choice(_UNITS) if rng.random() < 0.3 else None
    return ParameterWords(key, kind, True, unit, float(low), float(high), names=names)
