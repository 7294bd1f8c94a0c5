"""What a program is asked for: a sentence, the functions that were found for it, and what their units mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from inference.program_grammar import allowed_values, string_spans
from inference.program_prompt import function_text
from inference.reader_input import DOWN, UP
from inference.shares import MULTIPLE
from inference.signatures import FunctionSignature, Parameter
from inference.text import Quantity, Sentence, canonical_words
from inference.values import choice_of, fit_quantity, in_range, said_choice, spoken_choice
from inference.words import Place, quoted_places

_NAMING_LENGTH = 3
# "VLAN 300" is said for a parameter `vlanId`.
_NUMBERING = re.compile(r"(?<=\w) (?:id|number|no|nr|index|idx|value)$")
_COMPARATIVES = {
    **dict.fromkeys(
        "more higher up faster louder brighter warmer hotter stronger longer further farther".split(), UP
    ),
    **dict.fromkeys(
        "less lower down slower quieter dimmer darker cooler colder weaker shorter fewer".split(), DOWN
    ),
}
# What a step is said to be below 0 with, beside the comparatives.
_BACKWARDS = frozenset("back backward backwards rewind reverse drop drops descend sink".split())
_LISTED_TEXT = re.compile(
    r"(?:(?:the|a|an|some) )?((?!(?:please|thanks|thank|then|now|too|also|but|so|not|because|it|this|that)\b)"
    r"[^\s,;:!?]*[^\s,;:!?.](?: [^\s,;:!?]*[^\s,;:!?.]){0,3}?)"
    r"(?=[,;:!?]| ?&| (?:and|plus|as well|on|onto|to|at|for|in|into|from|with|off|by|please|now|too|also|then)\b|\.?$|\. )"
)
_DIRECTION = re.compile(r"^(?:up|down) ")
_LABEL = re.compile(r"(?<![\w.:/@-])(?:[a-z]{1,4}-?\d{1,5}|\d{1,5}-?[a-z]{1,4}\d{0,4})(?![\w:/@-]|\.\w)")
_PART = re.compile(r"[,;:](?!\d)| and ")
_UNTELLING = frozenset("the for and with from its this that set new value".split())
_ARTICLES = frozenset({"the", "a", "an"})
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_JOINT = re.compile(r" ?(?:,|&| and|, and| plus| as well as)(?: (?:for|on|in|to|at|number|also))? ")


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
        return allowed_values(
            parameter,
            self.sentence,
            self._spans,
            self.unit_definitions,
        )

    def unfit(self, parameter: Parameter) -> list[str]:
        """List the quantities of the sentence that measure what a parameter does and lie outside its bounds."""
        if not parameter.is_quantity:
            return []
        fitted = (
            (quantity.text, fit_quantity(parameter, quantity.value, quantity.unit, self.unit_definitions))
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
        own = choice_of(parameter, words)
        others = [choice for choice in parameter.choices if choice != own]
        known = {word for choice in others for word in spoken_choice(parameter, choice).split()}
        if any(
            self.is_said(word) for word in words.split() if len(word) >= _NAMING_LENGTH and word not in known
        ):
            return True
        numbers = _numbers(own) if own is not None else set()
        numbers -= {number for choice in others for number in _numbers(choice)}
        return any(quantity.value in numbers for quantity in self.sentence.quantities)

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
            telling and telling <= said
            for said in self._parts_with(words)
            for text in (canonical_words(parameter.readable_name), *parameter.description.lower().split(":"))
            for telling in [set(re.findall(r"[a-z]{3,}", text)) - _UNTELLING]
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

        No change is larger than all of the range, and few are larger than half of it where the amount could be the value.
        """
        low, high = parameter.minimum, parameter.maximum
        quantity = self._quantity(amount)
        if quantity is None or low is None or high is None or parameter.is_step:
            return False
        value = fit_quantity(parameter, quantity.value, quantity.unit, self.unit_definitions)
        if value is None or low <= 0:
            return value is not None and value > high - low
        is_by = re.search(
            rf"(?<!\w)by (?:another |about |some )?{re.escape(amount)}(?!\w)", self.sentence.lower
        )
        return 2 * value > high - low and in_range(parameter, value) and is_by is None

    def is_multiple(self, amount: str) -> bool:
        """Whether an amount is a factor, such as "twice"."""
        return any(each.text == amount and each.unit == MULTIPLE for each in self.sentence.quantities)

    def usual_way(self, amount: str) -> str | None:
        """Return `up` or `down` where an amount can only be one of change: "twice the", "a third less"; else None."""
        quantity = self._quantity(amount)
        if quantity is None:
            return None
        if quantity.unit == MULTIPLE:
            return UP if quantity.value > 1 else DOWN
        compared = re.search(rf"(?<!\w){re.escape(amount)} (?:of (?:it|that) )?(\w+)", self.sentence.lower)
        return None if compared is None else _COMPARATIVES.get(compared[1])

    def _quantity(self, amount: str) -> Quantity | None:
        return next((each for each in self.sentence.quantities if each.text == amount), None)

    def is_backwards(self, amount: str) -> bool:
        """Whether the part of the sentence with an amount says that a step goes down or back."""
        said = self._parts_with(amount)
        return any(word in _BACKWARDS or _COMPARATIVES.get(word) == DOWN for part in said for word in part)

    def free_place(self, words: str, taken: Sequence[Place]) -> Place | None:
        """Return where words stand apart from the places that are taken, as (start, end); None where they do not."""
        free = (
            (start, end)
            for start, end in self.places(words)
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

    def texts_behind(self, words: str, places: Sequence[Place]) -> list[str]:
        """Return what a list of texts goes on with in some parts of the sentence: of "milk, eggs and bread" eggs and bread."""
        lower, found, joints = self.sentence.lower, [], ""
        end = next((end for _, end in self.places(words)), len(lower))
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

    def overlap(self, one: str, other: str) -> bool:
        """Whether two values are the same, or are written with some of the same words of the sentence."""
        return one == other or any(
            start < other_end and other_start < end
            for start, end in self.places(one)
            for other_start, other_end in self.places(other)
        )

    def place(self, words: str) -> int:
        """Return where words stand in the sentence; its end where they do not."""
        places = self.places(words)
        return places[0][0] if places else len(self.sentence.lower)


def _is_joined(lower: str, one: Place, other: Place) -> bool:
    """Whether nothing but "and" or a comma stands between two places."""
    first, second = sorted((one, other))
    return _JOINT.fullmatch(lower, first[1], second[0]) is not None


def _numbers(choice: object) -> set[float]:
    """Return the numbers in a choice: 2.4 in "2.4GHz"."""
    return {float(number) for number in _NUMBER.findall(str(choice))}
