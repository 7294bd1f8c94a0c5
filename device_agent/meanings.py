"""Tells what the codes of an enumeration mean, as far as the device's description or common knowledge says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from inference.abbreviations import known_meanings
from inference.glossary import read_glossary, shown_meanings
from inference.numbered_names import read_numbered_names
from inference.signatures import Parameter, ParameterKind, Scalar
from inference.text import canonical_words
from inference.units import UNIT_BY_WORD

_MOST_LEVELS = 9
_SWITCH_NAMES = frozenset(
    "on off onoff power enable enabled active state status switch flag value is set toggle".split()
)
_MEASURES = frozenset(UNIT_BY_WORD)
Label = Callable[[Scalar], str | None]


def with_meanings(
    parameters: Sequence[Parameter], labels: Sequence[Label], told: str
) -> tuple[list[Parameter], str]:
    """Give each parameter the meanings of its choices, and take what explained them out of the descriptions.

    Args:
        parameters: of one function.
        labels: for each, the title that its schema gives to a constant.
        told: what the function does.
    """
    explained = []
    for parameter, label in zip(parameters, labels, strict=True):
        with_own, told = _explained(parameter, label, told)
        explained.append(with_own)
    return explained, told


def _explained(parameter: Parameter, label: Label, told: str) -> tuple[Parameter, str]:
    if not parameter.choices or parameter.kind is ParameterKind.BOOLEAN:
        return parameter, told
    codes = [str(choice) for choice in parameter.choices]
    if labelled := _labelled(parameter, label):
        return replace(parameter, meanings=labelled), told
    glossary = read_glossary(parameter.description, codes)
    if glossary.meanings:
        parameter = replace(parameter, description=glossary.rest)
    else:
        glossary = read_glossary(told, codes)
        told = glossary.rest or told
    about = f"{canonical_words(parameter.name)} {parameter.description} {told}"
    meanings = glossary.meanings or known_meanings(codes, about)
    return replace(parameter, meanings=_paired(parameter, shown_meanings(codes, meanings))), told


def with_named_levels(parameter: Parameter) -> Parameter:
    """Make an enumeration of a number with words for its values: "0 = off, 1 = low, 2 = high", "1 (light) to 5 (dark)".

    Of a scale the ends have words at least; the values without one are said as numbers. What can be raised and lowered from its
    present value stays a number, and so does what numbers things.
    """
    low, high = parameter.minimum, parameter.maximum
    if low is None or high is None or not 0 < high - low <= _MOST_LEVELS or not _is_bare(parameter):
        return parameter
    if (low, high) == (0, 1) and _is_switch(parameter):
        return replace(parameter, choices=(0, 1), meanings=((0, "off"), (1, "on")))
    levels = [str(level) for level in range(int(low), int(high) + 1)]
    glossary = read_glossary(parameter.description, levels)
    if read_numbered_names(parameter.description, "level") or not _is_scale(glossary.meanings, levels):
        return parameter
    return replace(
        parameter,
        choices=tuple(map(int, levels)),
        description=glossary.rest,
        meanings=tuple(
            (int(level), glossary.meanings[level]) for level in levels if level in glossary.meanings
        ),
    )


def _is_switch(parameter: Parameter) -> bool:
    """Whether a whole number is 0 for off and 1 for on: its name says no more, and no description otherwise."""
    is_told = any(map(str.isdigit, parameter.description))
    names = set(canonical_words(parameter.readable_name).split())
    return parameter.kind is ParameterKind.INTEGER and not is_told and names <= _SWITCH_NAMES


def _is_scale(meanings: Mapping[str, str], levels: Sequence[str]) -> bool:
    """Whether each level has a word, or both ends have: "strongest" is no word for one but tells which way the numbers go."""
    if set(meanings) == set(levels):
        return True
    said = set(meanings.values())
    return (
        {levels[0], levels[-1]} <= set(meanings)
        and said.isdisjoint(_MEASURES)
        and not any(word.endswith("est") for one in said for word in one.split())
    )


def _is_bare(parameter: Parameter) -> bool:
    return parameter.is_quantity and parameter.unit is None and parameter.current is None


def _labelled(parameter: Parameter, label: Label) -> tuple[tuple[Scalar, str], ...]:
    """Take the titles that a schema gives to its constants, where every one has its own."""
    titles = [canonical_words(label(choice) or "") for choice in parameter.choices]
    if not all(titles) or len(set(titles)) < len(titles):
        return ()
    return tuple(zip(parameter.choices, titles, strict=True))


def _paired(parameter: Parameter, shown: Mapping[str, str]) -> tuple[tuple[Scalar, str], ...]:
    return tuple((choice, shown[str(choice)]) for choice in parameter.choices if str(choice) in shown)
