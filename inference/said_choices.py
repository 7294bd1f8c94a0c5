"""Tells which of a parameter's choices a sentence names: by words or a number of their own, several at once, or as not meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from inference.choices import Naming, choices_together, named_choices, paired_choices, ruled_out_place
from inference.day_texts import day_choices
from inference.numeric_choices import said_amounts
from inference.other_words import told_by_other_words
from inference.signatures import FunctionSignature, Parameter, Scalar
from inference.text import Sentence, canonical_words
from inference.value_places import places_of
from inference.values import choice_of, said_choice, spoken_choice, spoken_choices
from inference.weekdays import days_by_choice
from inference.words import Place

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LABEL = re.compile(r"[a-z]{1,3}\d{1,4}")
_NOTHING = frozenset("0 off none no never zero".split())
_HOW_OFTEN = {
    "hourly": r"(?:every|each) hour",
    "daily": r"(?:every|each) (?:single )?(?:day|morning|evening|night|afternoon)",
    "weekly": r"(?:every|each) (?:single )?week|once a week",
    "monthly": r"(?:every|each) month|once a month",
    "yearly": r"(?:every|each) year|once a year|annually",
    "annually": r"(?:every|each) year|once a year|yearly",
}
_TEMPERATURE = frozenset({"degC", "degF"})


@dataclass(frozen=True)
class SaidChoices:
    """What a sentence says of choices; the vendor's own units are needed for those that are amounts."""

    sentence: Sentence
    unit_definitions: Mapping[str, str] = field(default_factory=dict)

    def naming(self, parameter: Parameter) -> Mapping[str, Naming]:
        """Return how the choices of a parameter are named by the sentence, as far as they are.

        They are keyed as the sentence says them: "prewash" for `preWash`, which is else "pre wash".
        """
        if not parameter.choices:
            return {}
        if parameter not in self._namings:
            self._namings[parameter] = self._named(parameter) | self._told(parameter)
        return self._namings[parameter]

    @cached_property
    def _namings(self) -> dict[Parameter, Mapping[str, Naming]]:
        return {}

    def is_told(self, parameter: Parameter, words: str, function: FunctionSignature) -> bool:
        """Whether the wording leaves no doubt that a choice of something that may be left out is said.

        It is ruled out ("without spinning" of a spin of 0), or said as how often, or as a number that no other value may be.
        """
        if not parameter.choices or parameter.required:
            return False
        return words in self._told(parameter) or self._is_only_number(parameter, words, function)

    def _told_places(self, parameter: Parameter) -> dict[str, Place]:
        lower, choices = self.sentence.lower, spoken_choices(parameter)
        found = {
            choice: match.span()
            for choice in choices
            if choice in _HOW_OFTEN
            and (match := re.search(rf"(?<!\w)(?:{choice}|{_HOW_OFTEN[choice]})(?!\w)", lower))
        }
        found |= {
            spoken_choice(parameter, choice): match.span()
            for choice in parameter.choices
            for label in _own_labels(choice, parameter.choices)
            if (match := re.search(rf"(?<![\w.-]){label}(?![\w-])", lower))
        }
        if not named_choices(choices, lower):
            name = f"{canonical_words(parameter.readable_name)} {parameter.description.lower()}"
            found |= dict(told_by_other_words(choices, name, lower))
        nothing = [choice for choice in choices if choice in _NOTHING]
        out = ruled_out_place(canonical_words(parameter.readable_name), lower) if nothing else None
        return found if out is None else {**found, nothing[0]: out}

    def _is_only_number(self, parameter: Parameter, words: str, function: FunctionSignature) -> bool:
        """Whether a choice is a number that is said without a unit and that nothing else of the function may be: "at 30"."""
        others = [other for other in function.parameters if other is not parameter]
        if any(other.is_quantity or words in spoken_choices(other) for other in others):
            return False
        times = " ".join(time.text for time in self.sentence.times).split()
        return any(
            quantity.text == words and (quantity.unit is None or quantity.unit in _TEMPERATURE)
            for quantity in self.sentence.quantities
            if _NUMBER.fullmatch(words) and words not in times
        )

    def _told(self, parameter: Parameter) -> dict[str, Naming]:
        """Return what the wording tells without a choice's own words, keyed as `naming` is."""
        return {
            said_choice(parameter, choice, self.sentence): Naming(place, is_whole=True)
            for words, place in self._told_places(parameter).items()
            if (choice := choice_of(parameter, words)) is not None
        }

    def _named(self, parameter: Parameter) -> dict[str, Naming]:
        by_words = named_choices(spoken_choices(parameter), self.sentence.lower)
        amounts = said_amounts(parameter, self.sentence, self.unit_definitions)
        named = {}
        for choice in parameter.choices:
            naming = by_words.get(spoken_choice(parameter, choice))
            if choice in amounts:
                naming = Naming(places_of(amounts[choice].text, self.sentence)[0], is_whole=True)
            if naming is not None:
                named[said_choice(parameter, choice, self.sentence)] = naming
        return named

    def _of(self, parameter: Parameter, words: str) -> Naming | None:
        """Return how a choice is named, whichever of its words stand for it."""
        naming = self.naming(parameter)
        choice = None if words in naming or not naming else choice_of(parameter, words)
        return naming.get(words if choice is None else said_choice(parameter, choice, self.sentence))

    def is_named(self, parameter: Parameter, words: str) -> bool:
        """Whether a choice is named by a word or number that no other choice has: "the porch" for "light porch"."""
        if not parameter.choices:
            return False
        naming = self._of(parameter, words)
        if naming is not None and naming.is_sure:
            return not naming.is_excluded
        numbers = self._own_numbers(parameter, words)
        return any(quantity.value in numbers for quantity in self.sentence.quantities)

    def is_wholly_named(self, parameter: Parameter, words: str) -> bool:
        """Whether a choice is named by all of its words, or as an amount, and not as what is not meant."""
        naming = self._of(parameter, words)
        return naming is not None and naming.is_sure and naming.is_whole and not naming.is_excluded

    def is_named_by_word(self, parameter: Parameter, words: str) -> bool:
        """Whether a choice is named by its own words, and not as what is not meant."""
        naming = self._of(parameter, words)
        return naming is not None and naming.is_sure and not naming.is_excluded

    def is_excluded(self, parameter: Parameter, words: str) -> bool:
        """Whether a choice is only named as what is not meant: "chime" in "talk instead of chiming"."""
        naming = self._of(parameter, words)
        return naming is not None and naming.is_excluded

    def together(self, parameter: Parameter) -> list[str]:
        """Return the choices that are meant all at once: "both doors", "the bedroom light and fan", without exceptions."""
        if not parameter.choices or is_days(parameter):
            return []
        choices, name = spoken_choices(parameter), canonical_words(parameter.readable_name)
        return [
            choice
            for choice in choices_together(choices, name, self.sentence.lower)
            or paired_choices(choices, self.sentence.lower)
            if not self.is_excluded(parameter, choice)
        ]

    def places(self, parameter: Parameter, words: str) -> list[Place]:
        """Return where a choice is named, by its words or by a number of its own."""
        if naming := self._of(parameter, words):
            return [naming.place]
        numbers = self._own_numbers(parameter, words)
        return [
            place
            for quantity in self.sentence.quantities
            if quantity.value in numbers
            for place in places_of(quantity.text, self.sentence)[:1]
        ]

    def _own_numbers(self, parameter: Parameter, words: str) -> set[float]:
        """Return the numbers in a choice that no other has: 2.4 of "2.4GHz"."""
        own = choice_of(parameter, words)
        others = [choice for choice in parameter.choices if choice != own]
        numbers = _numbers(own) if own is not None else set()
        return numbers - {number for choice in others for number in _numbers(choice)}


def is_days(parameter: Parameter) -> bool:
    """Whether a parameter's choices are days: those of a week, or "today" and the like."""
    choices = spoken_choices(parameter)
    return bool(days_by_choice(choices)) or bool(day_choices(choices))


def is_code(parameter: Parameter, words: str) -> bool:
    """Whether words are the code of a choice as the sentence says it, not what the choice means."""
    choice = choice_of(parameter, words) if parameter.choices else None
    return choice is not None and words != spoken_choice(parameter, choice)


def _own_labels(choice: Scalar, choices: Sequence[Scalar]) -> set[str]:
    """Return the labels in a choice of several words that no other has: a3 of `iso_a3`."""
    others = {word for other in choices if other != choice for word in _words(other)}
    words = _words(choice)
    return {word for word in words if len(words) > 1 and _LABEL.fullmatch(word)} - others


def _words(choice: Scalar) -> list[str]:
    return re.findall(r"[^\W_]+", str(choice).lower())


def _numbers(choice: object) -> set[float]:
    """Return the numbers in a choice: 2.4 in "2.4GHz"."""
    return {float(number) for number in _NUMBER.findall(str(choice))}
