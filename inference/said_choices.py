"""Tells which of a parameter's choices a sentence names: by words or a number of their own, several at once, or as not meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from inference.choices import Naming, choices_together, named_choices, paired_choices
from inference.signatures import Parameter
from inference.text import Sentence, canonical_words
from inference.value_places import places_of
from inference.values import choice_of, spoken_choice, spoken_choices
from inference.weekdays import days_by_choice
from inference.words import Place

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class SaidChoices:
    """What a sentence says of choices."""

    sentence: Sentence

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

    def is_excluded(self, parameter: Parameter, words: str) -> bool:
        """Whether a choice is only named as what is not meant: "chime" in "talk instead of chiming"."""
        naming = self.naming(parameter).get(words)
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
        if naming := self.naming(parameter).get(words):
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
    """Whether a parameter's choices are the days of a week."""
    return bool(days_by_choice(spoken_choices(parameter)))


def is_code(parameter: Parameter, words: str) -> bool:
    """Whether words are the code of a choice as the sentence says it, not what the choice means."""
    choice = choice_of(parameter, words) if parameter.choices else None
    return choice is not None and words != spoken_choice(parameter, choice)


def _numbers(choice: object) -> set[float]:
    """Return the numbers in a choice: 2.4 in "2.4GHz"."""
    return {float(number) for number in _NUMBER.findall(str(choice))}
