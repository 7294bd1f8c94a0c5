"""Writes blocks of device questions: some candidate functions, and sentences with the programs they mean.

Questions of one block share its functions, so that most of a training token's work goes into answers. Everything is
checked with the run-time notation: an example that the agent could not decode is thrown away.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from inference.notation import LETTERS, MAXIMUM_CANDIDATES, NotationError, choice_words, decode_answer
from inference.program_grammar import allowed_values, maximum_calls, program_grammar, string_spans
from inference.program_prompt import END, compact_docs, compact_question, function_text
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence, convert, prepare
from inference.words import split_clauses
from training.lexicon import UNIT_LONG, Family, FunctionWords, ParameterWords, spin


@dataclass
class Block:
    """A shared prefix and the questions and answers behind it; `grammars` make the run-time grammar of each question."""

    prefix: str
    items: list[tuple[str, str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    grammars: list[Callable[[], str]] = field(default_factory=list)


@dataclass(frozen=True)
class Realised:
    """A lexicon function the way one vendor ships it."""

    words: FunctionWords
    signature: FunctionSignature
    keys: tuple[str, ...]


OTHER_UNITS = {
    "millimeter": ("centimeter", "meter", "foot", "inch", "cell"),
    "centimeter": ("millimeter", "meter", "foot", "inch"),
    "meter": ("centimeter", "millimeter", "foot", "cell"),
    "degree": ("radian",),
    "percent": ("fraction",),
    "second": ("minute", "millisecond"),
    "minute": ("second", "hour"),
    "meter/second": ("kilometer/hour",),
    "kilogram": ("gram",),
    "degC": ("degF",),
    "liter": ("milliliter",),
    "watt": ("kilowatt",),
}
SPOKEN = {
    "millimeter": ("mm", "millimeters", "millimetres"), "centimeter": ("cm", "centimeters", "centimetres"),
    "meter": ("m", "meters", "metres"), "kilometer": ("km", "kilometers"), "foot": ("feet", "ft"), "inch": ("inches",),
    "degree": ("degrees", "deg", "°"), "radian": ("radians", "rad"), "percent": ("percent", "%"),
    "second": ("seconds", "s"), "millisecond": ("ms", "milliseconds"), "minute": ("minutes", "min"),
    "hour": ("hours",), "kilogram": ("kg", "kilos"), "gram": ("grams", "g"), "degC": ("degrees", "°c", "degrees celsius"),
    "degF": ("degrees fahrenheit",), "meter/second": ("m/s", "meters per second"), "kilometer/hour": ("km/h",),
    "revolutions_per_minute": ("rpm",), "volt": ("volts", "v"), "ampere": ("amps",), "watt": ("watts", "w"),
    "kilowatt": ("kw", "kilowatts"), "hertz": ("hz",), "kilohertz": ("khz",), "megahertz": ("mhz",),
    "gigahertz": ("ghz",), "megabit/second": ("mbit/s",), "bar": ("bar",), "kilopascal": ("kpa",), "liter": ("liters", "l"),
    "milliliter": ("ml", "milliliters"), "ppm": ("ppm",), "lux": ("lux",), "decibel": ("db",), "decibelmilliwatt": ("dbm",),
    "cell": ("cells",), "fraction": ("",),
}  # fmt: skip
UNIT_DEFINITIONS = {"cell": "0.5 m"}
WAREHOUSE_SHARE = 0.6
"""Share of blocks about warehouse robots (after 0.08 of made-up devices), the field this model has to serve first."""
BEFORE = (
    "please", "could you", "can you", "would you", "please could you", "i need you to", "i want you to", "robot ,", "hey ,",
    "ok ,", "now", "kindly", "you should", "would you please", "hi ,", "help :", "go ahead and", "just", "quickly",
)  # fmt: skip
AFTER = ("please", "thanks", "for me", "now", "right away", "thank you", "when you can", "today", "at once")
JOINERS = (
    " and ",
    " , then ",
    " and then ",
    " , and ",
    " then ",
    " ; ",
    " . then ",
    " . ",
    " , after that ",
    " and afterwards ",
    " , ",
)
CHAT = (
    "tell me a joke", "what is the capital of france", "who made you", "thank you very much", "good morning",
    "how are you today", "sing a song", "write a poem about the sea", "what do you think about football",
    "order a pizza", "call my mother", "book a flight to rome", "what time is it", "translate this into spanish",
    "never mind", "what can you do", "is it going to rain tomorrow", "play chess with me", "buy some milk",
    "send an email to the boss", "make me a sandwich", "solve this equation", "fly to the moon", "read me the news",
    "you did well", "i am tired", "paint the wall blue", "cook dinner", "repair the engine", "walk the dog",
)  # fmt: skip
_WORD_PARTS = (
    "ba",
    "ki",
    "lo",
    "ne",
    "pru",
    "sta",
    "vi",
    "wem",
    "zor",
    "tal",
    "gri",
    "fo",
    "mun",
    "der",
    "sil",
    "qua",
    "ter",
    "ox",
    "plim",
    "dra",
)
_NAMES = (
    "lab net",
    "guest",
    "office",
    "north wing",
    "warehouse 2",
    "blue",
    "mario",
    "anna",
    "weekly report",
    "main hall",
    "alpha",
    "line 4",
    "jazz",
    "kids room",
)


def made_up_word(rng: random.Random) -> str:
    return "".join(rng.choice(_WORD_PARTS) for _ in range(rng.randint(2, 3)))


def made_up_family(rng: random.Random) -> Family:
    """Invent a device whose words mean nothing, so that only the description tells what to do."""
    noun = made_up_word(rng)
    family = Family("made-up", (f"{noun} machine",), noun)
    verbs = [made_up_word(rng) for _ in range(4)]
    things = [made_up_word(rng) for _ in range(3)]
    for _ in range(rng.randint(5, 9)):
        verb, thing = rng.choice(verbs), rng.choice(things)
        kind = rng.choice(("none", "int", "num", "enum", "str"))
        parameter = made_up_word(rng)
        parameters: tuple[ParameterWords, ...] = ()
        say, miss = f"{verb} the {thing}", f"{verb} the {thing}"
        if kind in {"int", "num"}:
            unit = rng.choice((None, "percent", "meter", "second", "degree", "bar", "kilogram"))
            parameters = (
                ParameterWords(
                    parameter, kind, True, unit, 0, rng.choice((10, 100, 500)), names=(parameter,)
                ),
            )
            say += rng.choice((" to {%s}", " by {%s}", " at {%s}", " number {%s}")) % parameter
        elif kind == "enum":
            choices = tuple({made_up_word(rng) for _ in range(3)})
            parameters = (ParameterWords(parameter, "enum", True, choices=choices, names=(parameter,)),)
            say += rng.choice((" to {%s}", " in {%s} mode", " as {%s}")) % parameter
        elif kind == "str":
            parameters = (
                ParameterWords(
                    parameter,
                    "str",
                    True,
                    string_class=rng.choice(("id", "name", "file")),
                    names=(parameter,),
                ),
            )
            say += rng.choice((" called {%s}", " with {%s}", " {%s}")) % parameter
        family.functions.append(
            FunctionWords(
                family.names[0],
                (f"{verb} {thing}", f"{thing} {verb}"),
                (f"{verb}s the {thing}", f"lets the machine {verb} its {thing}"),
                parameters,
                (say,),
                (),
                (),
                (miss,) if parameters else (),
            )
        )
    unique = {(f.names[0], bool(f.parameters)): f for f in family.functions}
    by_name = {f.names[0]: f for f in unique.values()}
    family.functions = list(by_name.values())
    return family


def realise(words: FunctionWords, rng: random.Random) -> Realised:
    """Give a lexicon function one vendor's name, description, parameter names and units."""
    parameters: list[Parameter] = []
    keys: list[str] = []
    for parameter in words.parameters:
        if not parameter.required and rng.random() < 0.35:
            continue
        parameters.append(_parameter(parameter, rng))
        keys.append(parameter.key)
    name = rng.choice(words.names)
    description = spin(rng.choice(words.descriptions), rng)
    chance = rng.random()
    if chance < 0.12:
        name = " ".join(made_up_word(rng) for _ in range(rng.randint(1, 2)))
    elif chance < 0.18:
        name = "".join(word[:3] for word in name.split())
    elif chance < 0.24:
        description = name
    if rng.random() < 0.4:
        title = name if rng.random() < 0.3 else rng.choice(words.names)
        description = f"{title}. {description}"
    if rng.random() < 0.1:
        description = f"{description} . returns {rng.choice(('true on success', 'the result', 'a status', 'ok or an error'))}"
    return Realised(
        words, FunctionSignature(name.replace(" ", "_"), description, tuple(parameters)), tuple(keys)
    )


def _parameter(words: ParameterWords, rng: random.Random) -> Parameter:
    name = rng.choice(words.names)
    if rng.random() < 0.06:
        name = made_up_word(rng)
    elif rng.random() < 0.08:
        name = "".join(part[:3] for part in name.split())
    name = name.replace(" ", "_")
    if words.kind == "enum":
        return Parameter(name, ParameterKind.STRING, words.required, choices=words.choices)
    if words.kind == "bool":
        return Parameter(name, ParameterKind.BOOLEAN, words.required)
    if words.kind == "str":
        return Parameter(name, ParameterKind.STRING, words.required)
    unit, low, high = words.unit, words.low, words.high
    kind = ParameterKind.INTEGER if words.kind == "int" else ParameterKind.NUMBER
    if unit in OTHER_UNITS and rng.random() < 0.4:
        other = rng.choice(OTHER_UNITS[unit])
        new_low, new_high = (convert(bound, unit, other, UNIT_DEFINITIONS) for bound in (low, high))
        if new_low is not None and new_high is not None:
            unit, low, high, kind = other, new_low, new_high, ParameterKind.NUMBER
    if unit and rng.random() < 0.15:
        name += "_" + next((short for short, long in UNIT_LONG.items() if long == unit), unit).replace(
            "/", "_"
        )
    return Parameter(name, kind, words.required, unit, low, high)


def spoken_value(words: ParameterWords, parameter: Parameter, rng: random.Random) -> str | None:
    """Say a value for a parameter the way a person would, in a unit of the person's choice."""
    if words.kind == "enum":
        return choice_words(rng.choice(words.choices))
    if words.kind == "bool":
        return None
    if words.kind == "str":
        return _spoken_string(words.string_class, rng)
    low, high = words.low, words.high
    chance = rng.random()
    if words.kind == "int" and words.unit is None:
        return str(rng.randint(int(low), int(min(high, low + 60) if chance < 0.8 else high)))
    unit = words.unit
    if unit in OTHER_UNITS and rng.random() < 0.35:
        unit = rng.choice([one for one in OTHER_UNITS[unit] if one not in {"fraction", "radian"}] or [unit])
    if parameter.unit == "cell" and rng.random() < 0.3:
        unit = "cell"
    raw = rng.uniform(low, high)
    said = convert(raw, words.unit, unit, UNIT_DEFINITIONS) if unit != words.unit else raw
    if said is None:
        return None
    digits = 0 if abs(said) >= 10 else 1
    number = (
        f"{round(said, digits):g}"
        if rng.random() < 0.75
        else f"{round(said / 5) * 5 if abs(said) > 10 else round(said):g}"
    )
    if unit is None or (unit == parameter.unit and rng.random() < 0.25):
        return number
    spelling = rng.choice(SPOKEN.get(unit, (unit,)))
    gap = "" if spelling in {"%", "°", "°c"} and rng.random() < 0.8 else rng.choice((" ", " ", " ", ""))
    return f"{number}{gap}{spelling}".strip()


def _spoken_string(string_class: str, rng: random.Random) -> str:
    letters, digits = string.ascii_letters, string.digits
    if string_class == "password":
        return "".join(rng.choice(letters + digits) for _ in range(rng.randint(4, 9)))
    if string_class == "id":
        return rng.choice(letters).upper() + rng.choice(("", "-", "")) + str(rng.randint(1, 99))
    if string_class == "file":
        return made_up_word(rng) + rng.choice((".csv", ".txt", ".bin", ".jpg", ".cfg"))
    if string_class == "host":
        return rng.choice(
            (
                f"10.0.{rng.randint(0, 9)}.{rng.randint(1, 250)}",
                f"{made_up_word(rng)}.local",
                made_up_word(rng),
            )
        )
    if string_class == "clock":
        return f"{rng.randint(0, 23)}:{rng.choice(('00', '15', '30', '45'))}"
    if string_class == "date":
        return f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    if string_class == "wifi":
        return rng.choice(
            (
                made_up_word(rng) + "-net",
                made_up_word(rng),
                f"{made_up_word(rng)}_{rng.randint(1, 9)}",
                made_up_word(rng).title() + "Lab",
            )
        )
    if rng.random() < 0.5:
        return " ".join(made_up_word(rng) for _ in range(rng.randint(1, 2)))
    return rng.choice(_NAMES)


@dataclass
class _Clause:
    text: str
    function: int
    values: dict[str, str]


def fill(
    template: str, realised: Realised, rng: random.Random, given: dict[str, str] | None = None
) -> tuple[str, dict[str, str]] | None:
    """Fill a phrase with values; None where it mentions a parameter that this vendor's function lacks."""
    text = spin(template, rng)
    values: dict[str, str] = {}
    for words in realised.words.parameters:
        marker = "{" + words.key + "}"
        if marker not in text:
            if given and words.key in given:
                values[words.key] = given[words.key]
            continue
        if words.key not in realised.keys:
            return None
        parameter = realised.signature.parameters[realised.keys.index(words.key)]
        if words.kind == "bool":
            value = rng.choice(("on", "off")) if rng.random() < 0.7 else rng.choice(("yes", "no"))
            values[words.key] = "yes" if value in {"on", "yes"} else "no"
            text = text.replace(marker, value)
            continue
        spoken = spoken_value(words, parameter, rng)
        if spoken is None:
            return None
        values[words.key] = spoken.lower()
        text = text.replace(marker, spoken, 1)
        if marker in text or "{" + words.key in text:
            return None
    return (text, values) if "{" not in text else None


def _call(letter: str, realised: Realised, values: dict[str, str]) -> str:
    parts = []
    for key, parameter in zip(realised.keys, realised.signature.parameters, strict=True):
        if key in values:
            parts.append(" " + values[key])
        elif parameter.required:
            raise NotationError(f"{key} was not said")
        else:
            parts.append(" _")
    return f"{letter}({'|'.join(parts)})"


def typo(text: str, rng: random.Random) -> str:
    """Misspell one word that is not a value."""
    words = text.split()
    places = [index for index, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not places:
        return text
    index = rng.choice(places)
    word = words[index]
    at = rng.randrange(1, len(word) - 1)
    words[index] = rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at] + word[at:],
        )
    )
    return " ".join(words)


def rank(
    lower: str, candidates: Sequence[FunctionSignature], wanted: Sequence[int], rng: random.Random
) -> list[int]:
    """Imitate retrieval: shared words and a hidden bonus for what is right, with noise; right first about 70 % of the time, so that descriptions must be read."""
    said = set(lower.split())
    scores = []
    for index, function in enumerate(candidates):
        words = set(function_text(function).split())
        overlap = len(said & words) / (len(said) ** 0.5 + 1)
        scores.append(overlap + (0.5 if index in wanted else 0.0) + rng.gauss(0.0, 0.38))
    return sorted(range(len(candidates)), key=lambda index: -scores[index])


def rank_clauses(
    sentence: Sentence,
    candidates: Sequence[FunctionSignature],
    wanted: Sequence[tuple[str, int]],
    rng: random.Random,
) -> list[list[int]]:
    """Imitate retrieval clause by clause, split as the agent splits; `wanted` holds each clause's text and function."""
    pieces = split_clauses(sentence.lower)
    if len(pieces) < 2:
        return [rank(sentence.lower, candidates, [index for _, index in wanted], rng)]
    rankings = []
    for piece in pieces:
        words = set(piece.split())
        meant = [index for text, index in wanted if len(words & set(text.lower().split())) > len(words) / 2]
        rankings.append(rank(piece, candidates, meant[:1], rng))
    return rankings


class DeviceExamples:
    """Streams blocks of device questions over the given families, forever and reproducibly."""

    def __init__(self, families: Sequence[Family], rng: random.Random) -> None:
        self._families = [family for family in families if len(family.functions) >= 3]
        self._rng = rng

    def block(self, questions: int = 7) -> Block:
        """Make one block with up to `questions` questions."""
        rng = self._rng
        family = self._pick_family()
        pool = list(family.functions)
        rng.shuffle(pool)
        count = min(len(pool), rng.choice((4, 5, 6, 7, 8, 8, 8)))
        if rng.random() < 0.5:
            self._put_a_pair_first(pool)
        chosen, absent = pool[:count], pool[count:]
        if count < MAXIMUM_CANDIDATES and rng.random() < 0.3:
            other = rng.choice(self._families)
            if other is not family:
                chosen.append(rng.choice(other.functions))
        rng.shuffle(chosen)
        realised = [realise(words, rng) for words in chosen]
        signatures = [one.signature for one in realised]
        block = Block(compact_docs(signatures))
        for _ in range(questions * 2):
            if len(block.items) >= questions:
                break
            made = self._question(realised, absent, family)
            if made is None:
                continue
            sentence, answer, wanted, tag = made
            if not self._usable(sentence, answer, signatures):
                continue
            rankings = rank_clauses(sentence, signatures, wanted, rng)
            block.items.append((compact_question(sentence, rankings), answer + END))
            block.tags.append(tag)
            block.grammars.append(partial(program_grammar, sentence, signatures, UNIT_DEFINITIONS))
        return block

    def _put_a_pair_first(self, pool: list[FunctionWords]) -> None:
        """Make sure that something can be said of the thing that another function names ("move to shelf 3 and check it")."""
        rng = self._rng
        followers = [words for words in pool if words.references and words.parameters]
        if not followers:
            return
        follower = rng.choice(followers)
        keys = {parameter.key for parameter in follower.parameters if parameter.required}
        leaders = [
            words
            for words in pool
            if words is not follower and keys and keys == {p.key for p in words.parameters}
        ]
        for words in (follower, *leaders[:1]):
            pool.remove(words)
            pool.insert(0, words)

    def _pick_family(self) -> Family:
        chance = self._rng.random()
        if chance < 0.08:
            return made_up_family(self._rng)
        robots = [family for family in self._families if family.field_name == "warehouse"]
        if robots and chance < WAREHOUSE_SHARE:
            return self._rng.choice(robots)
        return self._rng.choice(self._families)

    def _question(
        self, realised: list[Realised], absent: list[FunctionWords], family: Family
    ) -> tuple[Sentence, str, list[tuple[str, int]], str] | None:
        rng = self._rng
        chance = rng.random()
        if chance < 0.11:
            text = self._refusal_text(realised, absent, family)
            return (self._dress(text), "refuse", [], "refuse") if text else None
        if chance < 0.16:
            return self._ask(realised)
        wanted_calls = 1 if chance < 0.64 else 2 if chance < 0.92 else 3
        clauses = self._clauses(realised, wanted_calls)
        if clauses is None:
            return None
        text = clauses[0].text
        for clause in clauses[1:]:
            text += rng.choice(JOINERS if rng.random() < 0.4 else JOINERS[:3]) + clause.text
        try:
            answer = ";".join(_call(LETTERS[c.function], realised[c.function], c.values) for c in clauses)
        except NotationError:
            return None
        return self._dress(text), answer, [(c.text, c.function) for c in clauses], f"calls-{len(clauses)}"

    def _clauses(self, realised: list[Realised], count: int) -> list[_Clause] | None:
        rng = self._rng
        clauses: list[_Clause] = []
        said: dict[str, str] = {}
        used: set[int] = set()
        for position in range(count):
            choices = [index for index in range(len(realised)) if index not in used]
            refer = [
                index for index in choices
                if realised[index].words.references
                and all(p.key in said for p in realised[index].words.parameters if p.required)
            ]  # fmt: skip
            # A phrase such as "check it" only makes sense behind a clause that named the thing.
            if position and refer and rng.random() < 0.85:
                index = rng.choice(refer)
                templates: tuple[str, ...] = realised[index].words.references
            else:
                if not choices:
                    return None
                # Half of the longer sentences begin with something that a later clause can refer to.
                leaders = [
                    index
                    for index in choices
                    if count > 1 and not position and self._is_leader(index, realised)
                ]
                index = rng.choice(leaders if leaders and rng.random() < 0.5 else choices)
                words = realised[index].words
                whole = count == 1 and words.questions and rng.random() < 0.3
                templates = words.questions if whole else words.says
            if not templates:
                return None
            filled = fill(rng.choice(templates), realised[index], rng, said)
            if filled is None:
                return None
            text, values = filled
            values = {key: value for key, value in values.items() if key in realised[index].keys}
            clauses.append(_Clause(text, index, values))
            used.add(index)
            said |= values
        return clauses

    @staticmethod
    def _is_leader(index: int, realised: list[Realised]) -> bool:
        keys = set(realised[index].keys)
        return any(
            one.words.references and keys and keys == {p.key for p in one.words.parameters if p.required}
            for other, one in enumerate(realised)
            if other != index
        )

    def _refusal_text(
        self, realised: list[Realised], absent: list[FunctionWords], family: Family
    ) -> str | None:
        rng = self._rng
        chance = rng.random()
        if chance < 0.2:
            return rng.choice(CHAT)
        if absent and chance < 0.65:
            words = rng.choice(absent)
        else:
            other = rng.choice(self._families)
            if other is family:
                return None
            words = rng.choice(other.functions)
        if any(one.words is words or set(one.words.says) & set(words.says) for one in realised):
            return None
        filled = fill(rng.choice(words.says + words.questions), realise_all(words, rng), rng)
        return filled[0] if filled else None

    def _ask(self, realised: list[Realised]) -> tuple[Sentence, str, list[tuple[str, int]], str] | None:
        rng = self._rng
        able = [
            index
            for index, one in enumerate(realised)
            if one.words.missing and any(p.required for p in one.signature.parameters)
        ]
        if not able:
            return None
        index = rng.choice(able)
        parameters = realised[index].signature.parameters
        first = next(number for number, parameter in enumerate(parameters, start=1) if parameter.required)
        text = spin(rng.choice(realised[index].words.missing), rng)
        return (
            (self._dress(text), f"ask {LETTERS[index]}.{first}", [(text, index)], "ask")
            if "{" not in text
            else None
        )

    def _dress(self, text: str) -> Sentence:
        rng = self._rng
        if rng.random() < 0.35:
            text = f"{rng.choice(BEFORE)} {text}"
        if rng.random() < 0.1:
            text = f"{text} {rng.choice(AFTER)}"
        if rng.random() < 0.05:
            text = typo(text, rng)
        text = text.replace(" ,", ",").replace(" ;", ";").replace(" .", ".")
        asks = text.startswith(
            ("is ", "what", "how", "could", "can", "would", "are ", "does ", "which", "where", "do ")
        )
        text += rng.choice(("?", "?", "", ".") if asks else (".", ".", ".", "", "!"))
        return prepare(text, UNIT_DEFINITIONS)

    def _usable(self, sentence: Sentence, answer: str, signatures: list[FunctionSignature]) -> bool:
        """Whether the run-time grammar and decoder accept the answer."""
        try:
            decoded = decode_answer(answer, sentence, signatures, UNIT_DEFINITIONS)
        except NotationError:
            return False
        if len(decoded.calls) > maximum_calls(sentence.lower):
            return False
        spans = string_spans(sentence.lower)
        by_name = {signature.name: signature for signature in signatures}
        for call in decoded.calls:
            for parameter in by_name[call.name].parameters:
                if parameter.name in call.said:
                    allowed = allowed_values(parameter, sentence, spans, UNIT_DEFINITIONS)
                    value = call.said[parameter.name].lower()
                    if value not in allowed:
                        return False
        return True


def realise_all(words: FunctionWords, rng: random.Random) -> Realised:
    """Realise with every parameter present."""
    full = replace(words, parameters=tuple(replace(one, required=True) for one in words.parameters))
    return realise(full, rng)
