"""What a program is asked for: a sentence, the functions that were found for it, and what their units mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from inference.changes import Changes
from inference.choices import own_name, said_flag, speaks_of
from inference.clock_fields import clock_words, is_clock_said
from inference.numeric_choices import said_amounts, unfit_amounts
from inference.program_grammar import allowed_values, string_spans
from inference.program_prompt import function_text
from inference.reader_input import DOWN, UP
from inference.said_choices import SaidChoices
from inference.senses import said_sense
from inference.shares import MULTIPLE, SHARE_OF_RANGE, is_end_of
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.switches import said_switch
from inference.text import Sentence, canonical_words
from inference.told_texts import told_texts
from inference.value_places import places_of
from inference.values import fit_said, in_range, said_choice
from inference.wished_ways import Wish, wished_way, wishes
from inference.words import Place

_LABEL = re.compile(r"(?<![\w.:/@-])(?:[a-z]{1,4}-?\d{1,5}|\d{1,5}-?[a-z]{1,4}\d{0,4})(?![\w:/@-]|\.\w)")
_SETTING = frozenset("set change update adjust configure modify".split())
_PERCENT = "percent"


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
    def choices(self) -> SaidChoices:
        """Which choices the sentence names."""
        return SaidChoices(self.sentence, self.unit_definitions)

    @cached_property
    def changes(self) -> Changes:
        """Which amounts of the sentence are changes."""
        return Changes(self.sentence, self.unit_definitions)

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
        return self._times(parameter, values) if _takes_time_of_day(parameter) else values

    def _times(self, parameter: Parameter, values: Sequence[str]) -> list[str]:
        """Read "5 to 8 in the evening" as two times for a function that wants two, and as one for others."""
        ends = {time.text for time in self.sentence.times if time.is_end}
        if not ends:
            return list(values)
        wanted = max(
            _times_of_day(function) for function in self.candidates if parameter in function.parameters
        )
        if wanted == 1 and not parameter.many:
            return [text for text in values if text not in ends]
        return [text for text in values if text in ends or not any(text.startswith(end) for end in ends)]

    def unfit(self, parameter: Parameter) -> list[str]:
        """List the quantities of the sentence that measure what a parameter does and lie outside its bounds."""
        if parameter.choices:
            return [each.text for each in unfit_amounts(parameter, self.sentence, self.unit_definitions)]
        if not parameter.is_quantity:
            return []
        if is_clock_said(parameter, self.sentence):
            fitting = self.values(parameter)
            ends = {time.text for time in self.sentence.times if time.is_end}
            times = clock_words(parameter, self.sentence)
            return [text for text in times if text not in fitting and text not in ends]
        fitted = (
            (quantity.text, fit_said(parameter, quantity, self.unit_definitions))
            for quantity in self.sentence.quantities
        )
        return [text for text, value in fitted if value is not None and not in_range(parameter, value)]

    def amounts(self, parameter: Parameter) -> list[str]:
        """List the quantities of the sentence that come to a choice of a parameter."""
        said = said_amounts(parameter, self.sentence, self.unit_definitions)
        return [quantity.text for quantity in said.values()]

    def told(self, parameter: Parameter, parameters: Sequence[Parameter]) -> tuple[str, ...]:
        """Return the texts that are sure to be said for one of a function's parameters: "tea" of "the tea timer"."""
        functions = [each for each in self.candidates if each.parameters == tuple(parameters)]
        found = (text for each in functions for text in told_texts(parameter, each, self.sentence))
        return tuple(dict.fromkeys(found))

    def is_told(self, parameter: Parameter, words: str) -> bool:
        """Whether a choice of what may be left out is sure to be said."""
        functions = [each for each in self.candidates if parameter in each.parameters]
        return any(self.choices.is_told(parameter, words, each) for each in functions)

    def flag(self, parameter: Parameter) -> bool | None:
        """Say whether a switch is named, or ruled out, by a word of its name; None for neither."""
        functions = [each for each in self.candidates if parameter in each.parameters]
        name = canonical_words(parameter.readable_name)
        for function in functions:
            name = own_name(name, canonical_words(function.readable_name))
        return said_flag(name, self.sentence.lower)

    def speaks_of(self, parameter: Parameter) -> bool:
        """Whether any word of the sentence is one of a parameter's name or description, or a form of it.

        A switch is not spoken of with a word that its function is called by: "a ride" says nothing of a `shared ride`.
        """
        text = f"{canonical_words(parameter.readable_name)} {parameter.description}"
        names = [
            word
            for function in self.candidates
            if parameter.kind is ParameterKind.BOOLEAN and parameter in function.parameters
            for word in canonical_words(function.readable_name).split()
        ]
        return speaks_of(text.lower(), self.sentence.lower, names)

    def sense(self, parameter: Parameter) -> bool | None:
        """Say what the words set a switch to that a function needs; None where they do not tell."""
        function = next((each for each in self.candidates if parameter in each.parameters), None)
        return None if function is None else said_sense(parameter, function, self.sentence.lower)

    def switched(self, parameter: Parameter) -> bool | None:
        """Say what the words set a switch to that a function may be called without; None where they do not tell."""
        function = next((each for each in self.candidates if parameter in each.parameters), None)
        is_optional = function is not None and not parameter.required
        return said_switch(parameter, function, self.sentence.lower) if function and is_optional else None

    def sets_something(self, parameters: Sequence[Parameter]) -> bool:
        """Whether a function with such parameters sets some of them, and does nothing without: `set_state(on?, brightness?)`."""
        functions = [each for each in self.candidates if each.parameters == tuple(parameters)]
        return (
            len(parameters) > 1
            and not any(parameter.required for parameter in parameters)
            and any(canonical_words(each.readable_name).split()[0] in _SETTING for each in functions)
        )

    def where(self, parameter: Parameter, words: str) -> list[Place]:
        """Return where a value stands in the sentence, or what names it."""
        return places_of(words, self.sentence) or self.choices.places(parameter, words)

    def has_end(self, parameter: Parameter) -> bool:
        """Whether the sentence has words for an end of a parameter's range."""
        return any(is_end_of(quantity.text, parameter) for quantity in self.sentence.quantities)

    @cached_property
    def wishes(self) -> list[Wish]:
        """What the sentence wants more or less of: "a bit louder", "it is too cold"."""
        return wishes(self.sentence.lower)

    def wished_way(self, parameter: Parameter) -> str | None:
        """Return `up` or `down` where the words tell which way a parameter is to go: "the screen is too bright"; else None."""
        about = next((each.description for each in self.candidates if parameter in each.parameters), "")
        way = wished_way(self.wishes, parameter, about)
        return None if way is None else UP if way else DOWN

    def measures(self, parameter: Parameter) -> list[str]:
        """List the quantities that are said with a unit of what a parameter measures, within its bounds."""
        if parameter.unit is None or not parameter.is_quantity or is_clock_said(parameter, self.sentence):
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

    def place(self, words: str, parameter: Parameter | None = None) -> int:
        """Return where words stand in the sentence, or where it names such a value of a parameter; else its end."""
        places = places_of(words, self.sentence) if parameter is None else self.where(parameter, words)
        return places[0][0] if places else len(self.sentence.lower)


def _takes_time_of_day(parameter: Parameter) -> bool:
    return parameter.format == "time" or (parameter.clock is not None and not parameter.clock.is_duration)


def _times_of_day(function: FunctionSignature) -> int:
    """Count the times of day that a function takes; several numbers may make one."""
    texts = sum(each.format == "time" for each in function.parameters)
    return texts + len(
        {
            each.clock.time
            for each in function.parameters
            if each.clock is not None and not each.clock.is_duration
        }
    )
