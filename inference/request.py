"""What a program is asked for: a sentence, the functions that were found for it, and what their units mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from inference.choices import (
    Naming,
    choices_together,
    named_choices,
    paired_choices,
    said_flag,
    speaks_of,
    unnamed_beside,
)
from inference.parameter_words import is_comparative, suits, way_of
from inference.program_grammar import allowed_values, string_spans
from inference.program_prompt import function_text
from inference.reader_input import DOWN, UP
from inference.senses import said_sense
from inference.shares import MULTIPLE, SHARE_OF_RANGE, is_end
from inference.signatures import FunctionSignature, Parameter
from inference.text import UNIT_BY_WORD, Quantity, Sentence, canonical_words, convert
from inference.told_texts import told_texts
from inference.values import (
    ITEM_JOINT,
    choice_of,
    fit_said,
    in_range,
    said_choice,
    spoken_choice,
    spoken_choices,
)
from inference.weekdays import days_by_choice
from inference.wished_ways import Wish, wished_way, wishes
from inference.words import Place, quoted_places

# "VLAN 300" is said for a parameter `vlanId`.
_NUMBERING = re.compile(r"(?<=\w) (?:id|number|no|nr|index|idx|value)$")
# What a step is said to be below 0 with, beside the comparatives.
_BACKWARDS = frozenset("back backward backwards rewind reverse drop drops descend sink".split())
# Behind these an amount is one of change, and so it is with "knock 15 points off" and "15 degrees colder".
_MORE_OF_IT = r"(?:another|a further|an extra|an additional) (?:[a-z]+ )?"
_POINTS = r"(?: (?:notch|step|stage|point|click|tick|level|mark|grade|bit)(?:e?s)?)?"
_OFF = re.compile(
    r"\b(?:knock|take|shave|lop|drop|trim|cut|bring|get|chop)(?: (?:it|that|them|about|another|a further))* $"
)
_ADD = re.compile(r"\b(?:add|put|stick|bung|whack)(?: (?:it|about|another|an extra))* $")
_CHANGE_BEFORE = re.compile(
    r"\b(?:by|another|cut|cuts|reduce|lower|raise|increase|drop|shorten|lengthen|trim|take|add)\b[^,.;:]*$"
)
_CHANGE_BEHIND = re.compile(r" (?:of (?:it|that|this) )?(?:less|more|off|again|as|[a-z]{3,}er)\b")
_LENGTHS = frozenset({"meter", "foot", "centimeter", "kilometer"})
# "30 metres up", "5 minutes longer": behind these the amount may be the value.
_RATHER_HOW = frozenset("up down longer further farther later on".split())
_LISTED_TEXT = re.compile(
    r"(?:(?:the|a|an|some) )?((?!(?:please|thanks|thank|then|now|too|also|but|so|not|because|it|this|that)\b)"
    r"[^\s,;:!?]*[^\s,;:!?.](?: [^\s,;:!?]*[^\s,;:!?.]){0,3}?)"
    r"(?=[,;:!?]| ?&| (?:and|plus|as well|on|onto|to|at|for|in|into|from|with|off|by|please|now|too|also|then)\b|\.?$|\. )"
)
_DIRECTION = re.compile(r"^(?:up|down) ")
_LABEL = re.compile(r"(?<![\w.:/@-])(?:[a-z]{1,4}-?\d{1,5}|\d{1,5}-?[a-z]{1,4}\d{0,4})(?![\w:/@-]|\.\w)")
_PART = re.compile(r"[,;:](?!\d)| and ")
_UNTELLING = frozenset("the for and with from its this that set new value".split())
_PERCENT = "percent"
_RANGE_JOINT = re.compile(r" ?(?:to|till|til|until|through|thru|up to|-|\u2013)(?: the)? ?")
_BEGINS = frozenset(
    "start from begin beginning since source origin pickup low lo min minimum lower first".split()
)
_ENDS = frozenset(
    "end to until stop finish till destination target dropoff high hi max maximum upper last".split()
)
_ARTICLE_BEFORE = re.compile(r"^(?:the|a|an|some|more) ")
_ARTICLES = frozenset({"the", "a", "an"})
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_JOINT = re.compile(
    r" ?(?:,|&| and|, and| plus| as well as|,? then|,? and then)(?: (?:for|on|in|to|at|number|also))? "
)
_JOINT_BEFORE = re.compile(rf"(?:{_JOINT.pattern})$")
# A label: "A4", "00b2f7", "dock-3".
_LABEL_ALONE = re.compile(r"(?=[^\s,;:!?]*\d)[^\s,;:!?]*[^\s,;:!?.]")
_LABEL_BEFORE = re.compile(rf"(?:^|(?<=\s))({_LABEL_ALONE.pattern})$")
_NAME_BEFORE = re.compile(r"(?:^|(?<=[\s,;:]))([A-ZÀ-ÖØ-Þ][^\s,;:!?]*(?: [A-ZÀ-ÖØ-Þ][^\s,;:!?]*){0,3})$")


@dataclass(frozen=True)
class Request:
    """One sentence for one device.

    Attributes:
        sentence: the prepared sentence.
        candidates: the functions that may be called, in the order of the description.
        unit_definitions: the vendor's own units.
    """

    sentence: Sentence
    candidates: Sequence[FunctionSignature]
    unit_definitions: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def labels(self) -> list[str]:
        """Words of letters and digits, such as "t7", that no description uses: what somebody has given a thing for a name."""
        texts = (canonical_words(function_text(function)) for function in self.candidates)
        known = {word for text in texts for word in text.split()} | {
            each.text for each in self.sentence.quantities
        }
        return [
            word
            for word in _LABEL.findall(self.sentence.lower)
            if word not in known and not known >= set(canonical_words(word).split())
        ]

    @cached_property
    def _spans(self) -> list[str]:
        return string_spans(self.sentence.lower)

    def values(self, parameter: Parameter) -> list[str]:
        """List what could be written for a parameter, every choice included: by its code where the sentence says that."""
        if parameter.choices:
            return [said_choice(parameter, choice, self.sentence) for choice in parameter.choices]
        values = allowed_values(
            parameter,
            self.sentence,
            self._spans,
            self.unit_definitions,
        )
        return self._times(parameter, values) if parameter.format == "time" else values

    def _times(self, parameter: Parameter, values: Sequence[str]) -> list[str]:
        """Read "5 to 8 in the evening" as two times for a function that wants two, and as one for others."""
        ends = {time.text for time in self.sentence.times if time.is_end}
        if not ends:
            return list(values)
        wanted = max(
            sum(other.format == "time" for other in function.parameters)
            for function in self.candidates
            if parameter in function.parameters
        )
        if wanted == 1 and not parameter.many:
            return [text for text in values if text not in ends]
        return [text for text in values if text in ends or not any(text.startswith(end) for end in ends)]

    def unfit(self, parameter: Parameter) -> list[str]:
        """List the quantities of the sentence that measure what a parameter does and lie outside its bounds."""
        if not parameter.is_quantity:
            return []
        fitted = (
            (quantity.text, fit_said(parameter, quantity, self.unit_definitions))
            for quantity in self.sentence.quantities
        )
        return [text for text, value in fitted if value is not None and not in_range(parameter, value)]

    def is_said(self, words: str) -> bool:
        """Whether words stand in the sentence; a choice that is only meant does not."""
        return bool(self.places(words))

    def is_within(self, words: str, places: Sequence[Place]) -> bool:
        """Whether words stand in one of some parts of the sentence."""
        return any(
            first <= start and end <= last for start, end in self.places(words) for first, last in places
        )

    def is_named(self, parameter: Parameter, words: str) -> bool:
        """Whether a choice is named by a word or number that no other choice has: "the porch" for "light porch"."""
        if not parameter.choices:
            return False
        naming = self.naming(parameter).get(words)
        if naming is not None and naming.is_sure:
            return not naming.is_excluded
        numbers = self._own_numbers(parameter, words)
        return any(quantity.value in numbers for quantity in self.sentence.quantities)

    def is_named_by_word(self, parameter: Parameter, words: str) -> bool:
        """Whether a choice is named by its own words, and not as what is not meant."""
        naming = self.naming(parameter).get(words)
        return naming is not None and naming.is_sure and not naming.is_excluded

    def _own_numbers(self, parameter: Parameter, words: str) -> set[float]:
        """Return the numbers in a choice that no other has: 2.4 of "2.4GHz"."""
        own = choice_of(parameter, words)
        others = [choice for choice in parameter.choices if choice != own]
        numbers = _numbers(own) if own is not None else set()
        return numbers - {number for choice in others for number in _numbers(choice)}

    def naming(self, parameter: Parameter) -> Mapping[str, Naming]:
        """Return how the choices of a parameter are named by the sentence, by their words, as far as they are."""
        if not parameter.choices:
            return {}
        key = tuple(spoken_choices(parameter))
        if key not in self._namings:
            self._namings[key] = named_choices(key, self.sentence.lower)
        return self._namings[key]

    @cached_property
    def _namings(self) -> dict[tuple[str, ...], Mapping[str, Naming]]:
        return {}

    def told(self, parameter: Parameter, parameters: Sequence[Parameter]) -> tuple[str, ...]:
        """Return the texts that are sure to be said for one of a function's parameters: "tea" of "the tea timer"."""
        functions = [each for each in self.candidates if each.parameters == tuple(parameters)]
        found = (text for each in functions for text in told_texts(parameter, each, self.sentence))
        return tuple(dict.fromkeys(found))

    def is_excluded(self, parameter: Parameter, words: str) -> bool:
        """Whether a choice is only named as what is not meant: "chime" in "talk instead of chiming"."""
        naming = self.naming(parameter).get(words)
        return naming is not None and naming.is_excluded

    def flag(self, parameter: Parameter) -> bool | None:
        """Say whether a switch is named, or ruled out, by a word of its name; None for neither."""
        return said_flag(canonical_words(parameter.readable_name), self.sentence.lower)

    def speaks_of(self, parameter: Parameter) -> bool:
        """Whether any word of the sentence is one of a parameter's name or description, or a form of it."""
        text = f"{canonical_words(parameter.readable_name)} {parameter.description}"
        return speaks_of(text.lower(), self.sentence.lower)

    def sense(self, parameter: Parameter) -> bool | None:
        """Say what the words set a switch to that a function needs; None where they do not tell."""
        function = next((each for each in self.candidates if parameter in each.parameters), None)
        return None if function is None else said_sense(parameter, function, self.sentence.lower)

    def is_days(self, parameter: Parameter) -> bool:
        """Whether a parameter's choices are the days of a week."""
        return bool(days_by_choice(spoken_choices(parameter)))

    def together(self, parameter: Parameter) -> list[str]:
        """Return the choices that are meant all at once: "both doors", "the bedroom light and fan", without exceptions."""
        if not parameter.choices or self.is_days(parameter):
            return []
        choices, name = spoken_choices(parameter), canonical_words(parameter.readable_name)
        return [
            choice
            for choice in choices_together(choices, name, self.sentence.lower)
            or paired_choices(choices, self.sentence.lower)
            if not self.is_excluded(parameter, choice)
        ]

    def unnamed_beside(self, named: Sequence[Place]) -> int:
        """Count what stands in a list with named choices and is no name of one: of "the lounge and the kitchen" the first."""
        return unnamed_beside(self.sentence.lower, named)

    def where(self, parameter: Parameter, words: str) -> list[Place]:
        """Return where a value stands in the sentence, or what names it."""
        if places := self.places(words):
            return places
        if naming := self.naming(parameter).get(words):
            return [naming.place]
        numbers = self._own_numbers(parameter, words)
        return [
            place
            for quantity in self.sentence.quantities
            if quantity.value in numbers
            for place in self.places(quantity.text)[:1]
        ]

    def is_code(self, parameter: Parameter, words: str) -> bool:
        """Whether words are the code of a choice as the sentence says it, not what the choice means."""
        choice = choice_of(parameter, words) if parameter.choices else None
        return choice is not None and words != spoken_choice(parameter, choice)

    def is_beside(self, parameter: Parameter, words: str) -> bool:
        """Whether this quantity, and no other, stands right behind its parameter's name: "port 7", "x = 10"."""
        return self._beside(parameter) == [words]

    def _beside(self, parameter: Parameter) -> list[str]:
        """List the quantities that stand right behind a parameter's name."""
        name = _NUMBERING.sub("", canonical_words(parameter.readable_name)).rpartition(" ")[2]
        if not parameter.is_quantity or not name:
            return []
        start = rf"(?<!\w){re.escape(name)}s? ?(?:number|no|to|is|of|at|=|:)? ?"
        texts = dict.fromkeys(quantity.text for quantity in self.sentence.quantities)
        lower = self.sentence.lower
        return [text for text in texts if re.search(rf"{start}{re.escape(text)}(?!\w)", lower)]

    def is_with_name(self, parameter: Parameter, words: str) -> bool:
        """Whether a quantity stands in one part of the sentence with all words of its parameter's name, or description.

        "The water temperature: warmth of the water" says it in two ways. Of "8 bursts on line 2" the line is not 8.
        """
        if not parameter.is_quantity or not self.is_said(words):
            return False
        beside = self._beside(parameter)
        if len(beside) == 1 and beside != [words] and " " not in canonical_words(parameter.readable_name):
            return False
        return any(
            # That "8 minutes" are minutes does not make them the `minutes` of a function.
            telling and telling <= said
            for said in self._parts_with(words)
            for text in (canonical_words(parameter.readable_name), *parameter.description.lower().split(":"))
            for telling in [set(re.findall(r"[a-z]{3,}", text)) - _UNTELLING - UNIT_BY_WORD.keys()]
        )

    def _parts_with(self, words: str) -> list[frozenset[str]]:
        """Return the words of each part of the sentence in which some words stand."""
        places = [place for place, _ in self.places(words)]
        return [
            around for start, end, around in self._parts if any(start <= place <= end for place in places)
        ]

    @cached_property
    def _parts(self) -> list[tuple[int, int, frozenset[str]]]:
        """Where the parts of the sentence between commas and "and" begin and end, and their words."""
        lower = self.sentence.lower
        marks = [match.span() for match in _PART.finditer(lower)]
        starts, ends = [0, *(end for _, end in marks)], [*(start for start, _ in marks), len(lower)]
        return [
            (start, end, frozenset(re.findall(r"[a-z]+", lower[start:end])))
            for start, end in zip(starts, ends, strict=True)
        ]

    def has_article(self, words: str) -> bool:
        """Whether words are a name with an article before it: of "at the Canteen" the name is Canteen."""
        article, _, name = self.sentence.original(words).partition(" ")
        return article in _ARTICLES and name[:1].isupper()

    def is_set_off(self, words: str) -> bool:
        """Whether words are all that stands between quotation marks, or behind a colon: what somebody else is to read."""
        return words in self._set_off

    @cached_property
    def _set_off(self) -> frozenset[str]:
        lower = self.sentence.lower
        quoted = [lower[start + 1 : end - 1] for start, end in quoted_places(lower)]
        _, _, announced = lower.partition(": ")
        return frozenset(text.strip(" .,!?;\"'") for text in (*quoted, announced) if text.strip())

    @cached_property
    def has_change(self) -> bool:
        """Whether the sentence says by how much something is to change."""
        return any(self.usual_way(quantity.text) for quantity in self.sentence.quantities)

    def is_rather_value(self, parameter: Parameter, amount: str) -> bool:
        """Whether an amount is too large for a change: "warmer, 42 please" where 35 to 45 is allowed, "raise it to 800" of 500.

        No change is larger than all of the range, and few are larger than half of it where the amount could be the value. A share
        is the value unless words of change stand with it: "three quarters shut", but "cut it by a third".
        """
        low, high = parameter.minimum, parameter.maximum
        quantity = self._quantity(amount)
        if quantity is None or low is None or high is None or parameter.is_step:
            return False
        if quantity.unit == SHARE_OF_RANGE:
            return not any(
                _CHANGE_BEFORE.search(self.sentence.lower[:start])
                or _CHANGE_BEHIND.match(self.sentence.lower, end)
                for start, end in self.places(amount)
            )
        value = fit_said(parameter, quantity, self.unit_definitions)
        if value is None or low <= 0:
            return value is not None and value > high - low
        is_by = re.search(
            rf"(?<!\w)by (?:another |about |some )?{re.escape(amount)}(?!\w)", self.sentence.lower
        )
        return 2 * value > high - low and in_range(parameter, value) and is_by is None

    def is_end(self, words: str, parameter: Parameter) -> bool:
        """Whether words mean an end of a parameter's range: "as loud as it goes", of a volume."""
        return is_end(words) and suits(words, parameter)

    def has_end(self, parameter: Parameter) -> bool:
        """Whether the sentence has such words for a parameter."""
        return any(self.is_end(quantity.text, parameter) for quantity in self.sentence.quantities)

    def is_multiple(self, amount: str) -> bool:
        """Whether an amount is a factor, such as "twice"."""
        return any(each.text == amount and each.unit == MULTIPLE for each in self.sentence.quantities)

    def usual_way(self, amount: str, parameter: Parameter | None = None) -> str | None:
        """Return `up` or `down` where an amount can only be one of change: "twice the", "a third less"; else None."""
        quantity = self._quantity(amount)
        if quantity is None:
            return None
        if quantity.unit == MULTIPLE:
            return UP if quantity.value > 1 else DOWN
        return self._compared(amount, parameter)

    @cached_property
    def wishes(self) -> list[Wish]:
        """What the sentence wants more or less of: "a bit louder", "it is too cold"."""
        return wishes(self.sentence.lower)

    def wished_way(self, parameter: Parameter) -> str | None:
        """Return `up` or `down` where the words tell which way a parameter is to go: "the screen is too bright"; else None."""
        about = next((each.description for each in self.candidates if parameter in each.parameters), "")
        way = wished_way(self.wishes, parameter, about)
        return None if way is None else UP if way else DOWN

    def _compared(self, amount: str, parameter: Parameter | None) -> str | None:
        """Return the way that words around an amount say it changes: "15 degrees colder", "2 more", "knock 15 off"."""
        lower = self.sentence.lower
        for start, end in self.places(amount):
            inside = re.search(r" (more|further|extra|additional) ", amount)
            compared = re.compile(rf"{_POINTS} (?:of (?:it|that) )?(\w+)").match(lower, end)
            if inside or (compared and compared[1] in {"extra", "further", "on top"}):
                return UP
            if compared and compared[1] == "up" and self._is_height(amount):
                # "60 metres up" is where something is.
                return None
            if compared and (compared[1] in {"up", "down"} or is_comparative(compared[1])):
                way = way_of(compared[1], parameter)
                return None if way is None else (UP if way else DOWN)
            if _OFF.search(lower, 0, start) and re.compile(rf"{_POINTS} off\b").match(lower, end):
                return DOWN
            if _ADD.search(lower, 0, start) and re.compile(rf"{_POINTS} (?:on|to)\b").match(lower, end):
                return UP
        return None

    def _is_height(self, amount: str) -> bool:
        quantity = self._quantity(amount)
        is_more = re.search(rf"(?<!\w)(?:{_MORE_OF_IT}|by ){re.escape(amount)}(?!\w)", self.sentence.lower)
        return quantity is not None and quantity.unit in _LENGTHS and is_more is None

    def is_change(self, amount: str, parameter: Parameter) -> bool:
        """Whether an amount can only be by how much a value changes: "another 15 degrees", "2 notches quicker"."""
        if re.search(rf"(?<!\w){_MORE_OF_IT}{re.escape(amount)}(?!\w)", self.sentence.lower):
            return True
        compared = re.search(rf"(?<!\w){re.escape(amount)}{_POINTS} (\w+)", self.sentence.lower)
        is_plain = compared is not None and compared[1] in _RATHER_HOW
        return not is_plain and self._compared(amount, parameter) is not None

    def _quantity(self, amount: str) -> Quantity | None:
        return next((each for each in self.sentence.quantities if each.text == amount), None)

    def is_backwards(self, amount: str) -> bool:
        """Whether the part of the sentence with an amount says that a step goes down or back."""
        said = self._parts_with(amount)
        return any(
            word in _BACKWARDS or word == "down" or (is_comparative(word) and way_of(word) == 0)
            for part in said
            for word in part
        )

    def is_rather_of(self, other: Parameter, parameter: Parameter, words: str) -> bool:
        """Whether a quantity is another parameter's: it stands behind that one's name, or only that one measures such a thing.

        Of "25 minutes, 60 percent" the second is no share of the longest time where there is a humidity.
        """
        if self.is_beside(parameter, words):
            return False
        if self.is_beside(other, words):
            return True
        quantity = self._quantity(_DIRECTION.sub("", words))
        if quantity is None or quantity.unit in {None, MULTIPLE, SHARE_OF_RANGE}:
            return False
        unit, definitions = quantity.unit, self.unit_definitions
        return (
            convert(quantity.value, unit, parameter.unit, definitions) is None
            and convert(quantity.value, unit, other.unit, definitions) is not None
        )

    def is_range(self, first: Place, last: Place) -> bool:
        """Whether two places are the ends of a range: "8 till 12", "between 18 and 22", "from R1 to R3"."""
        lower = self.sentence.lower
        between = lower[first[1] : last[0]]
        if _RANGE_JOINT.fullmatch(between):
            return True
        return between == " and " and re.search(r"(?<!\w)between (?:the )?$", lower[: first[0]]) is not None

    def measures(self, parameter: Parameter) -> list[str]:
        """List the quantities that are said with a unit of what a parameter measures, within its bounds."""
        if parameter.unit is None or not parameter.is_quantity:
            return []
        return [
            quantity.text
            for quantity in self.sentence.quantities
            if quantity.unit not in {None, MULTIPLE, SHARE_OF_RANGE, _PERCENT}
            for value in [fit_said(parameter, quantity, self.unit_definitions)]
            if value is not None and in_range(parameter, value)
        ]

    def free_place(self, parameter: Parameter, words: str, taken: Sequence[Place]) -> Place | None:
        """Return where a value stands, or is named, apart from the places that are taken; None where it does not."""
        free = (
            (start, end)
            for start, end in self.where(parameter, words)
            if not any(start < other_end and other_start < end for other_start, other_end in taken)
        )
        return next(free, None)

    def places(self, words: str) -> list[Place]:
        """Return where words stand in the sentence, as (start, end)."""
        # Of "up 5 percent" the amount stands in the sentence.
        amount = _DIRECTION.sub("", words)
        # The 2 does not stand in "2.9".
        found = re.finditer(rf"(?<!\w)(?<!\d\.){re.escape(amount)}(?!\w|\.\d)", self.sentence.lower)
        return [match.span() for match in found]

    def item_places(self, words: str) -> list[Place]:
        """Return where a value stands, or the items of one that is a list."""
        return [place for item in words.split(ITEM_JOINT) for place in self.places(item)]

    def listed_with(self, words: str, others: Sequence[str]) -> frozenset[str]:
        """Return a value and those that are listed together with it, none where it stands alone: of "zones 4, 6 and 9" all."""
        listed, lower = {words}, self.sentence.lower
        while more := {
            other
            for other in others
            if other not in listed
            and any(
                _is_joined(lower, here, there)
                for one in listed
                for here in self.places(one)
                for there in self.places(other)
            )
        }:
            listed |= more
        return frozenset(listed) if len(listed) > 1 else frozenset()

    def is_joined(self, words: str, others: Sequence[str]) -> bool:
        """Whether words are two other texts with an "and" or a comma between them."""
        return any(
            words.startswith(one)
            and words.endswith(other)
            and _is_joined(words, (0, len(one)), (len(words) - len(other), len(words)))
            for one in others
            for other in others
            if len(one) + len(other) < len(words)
        )

    def texts_before(self, words: str) -> list[str]:
        """Return what stands in a list before a label or name: for B4 in "A1, B2 and B4" the first two."""
        lower, found = self.sentence.lower, list[str]()
        start = next((start for start, _ in self.places(words)), 0)
        is_label = _LABEL_ALONE.fullmatch(words) is not None
        if not is_label and not self.sentence.text[start : start + 1].isupper():
            return []
        while joint := _JOINT_BEFORE.search(lower[:start]):
            shape = _LABEL_BEFORE if is_label else _NAME_BEFORE
            item = shape.search(self.sentence.text[: joint.start()])
            if item is None or (item.start() == 0 and not is_label):
                break
            start = item.start()
            found.append(lower[start : item.end()])
        return found[::-1]

    def texts_behind(self, words: str, places: Sequence[Place]) -> list[str]:
        """Return what a list of texts goes on with in some parts of the sentence: of "milk, eggs and bread" eggs and bread.

        A label is followed by labels alone, wherever they stand.
        """
        lower, found, joints = self.sentence.lower, list[str](), ""
        end = next((end for _, end in self.places(words)), len(lower))
        if _LABEL_ALONE.fullmatch(words):
            while (joint := _JOINT.match(lower, end)) and (item := _LABEL_ALONE.match(lower, joint.end())):
                found.append(item[0])
                end = item.end()
            return found
        measured = {
            start
            for quantity in self.sentence.quantities
            if quantity.unit
            for start, _ in self.places(quantity.text)
        }
        while (joint := _JOINT.match(lower, end)) and (item := _LISTED_TEXT.match(lower, joint.end())):
            start, end = item.span(1)
            if start in measured or not self.is_within(item[1], places):
                break
            joints += joint[0]
            found.append(item[1])
        # "Milk, it is urgent" lists nothing; "milk, eggs" does.
        return found if re.search(r"\w|&", joints) or all(" " not in text for text in found) else []

    def things(self, words: str, places: Sequence[Place]) -> list[str]:
        """Take a text that may be a list apart, and go on with it: "milk and eggs", "milk" in "milk, eggs and bread"."""
        parts = [part for part in _JOINT.split(words) if part]
        listed = (
            [*self.texts_before(parts[0]), *parts, *self.texts_behind(parts[-1], places)] if parts else []
        )
        return list(dict.fromkeys(_ARTICLE_BEFORE.sub("", part) for part in listed)) or [words]

    def overlap(self, one: str, other: str) -> bool:
        """Whether two values are the same, or are written with some of the same words of the sentence."""
        return one == other or any(
            start < other_end and other_start < end
            for start, end in self.places(one)
            for other_start, other_end in self.places(other)
        )

    def place(self, words: str, parameter: Parameter | None = None) -> int:
        """Return where words stand in the sentence, or where it names such a value of a parameter; else its end."""
        places = self.places(words) if parameter is None else self.where(parameter, words)
        return places[0][0] if places else len(self.sentence.lower)


def range_order(one: Parameter, other: Parameter) -> bool | None:
    """Say which of two parameters is the beginning of a range: the first (True), the other (False); None where neither is."""
    if (one.kind, one.format, one.unit) != (other.kind, other.format, other.unit):
        return None
    ours, theirs = (set(canonical_words(each.readable_name).split()) for each in (one, other))
    if ours & _BEGINS and theirs & _ENDS:
        return True
    return False if ours & _ENDS and theirs & _BEGINS else None


def _is_joined(lower: str, one: Place, other: Place) -> bool:
    """Whether nothing but "and" or a comma stands between two places."""
    first, second = sorted((one, other))
    return _JOINT.fullmatch(lower, first[1], second[0]) is not None


def _numbers(choice: object) -> set[float]:
    """Return the numbers in a choice: 2.4 in "2.4GHz"."""
    return {float(number) for number in _NUMBER.findall(str(choice))}
