"""Tells what the codes of an enumeration mean, as far as the device's description or common knowledge says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from inference.abbreviations import known_meanings
from inference.glossary import read_glossary, shown_meanings
from inference.signatures import Parameter, ParameterKind, Scalar
from inference.text import canonical_words

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


def _labelled(parameter: Parameter, label: Label) -> tuple[tuple[Scalar, str], ...]:
    """Take the titles that a schema gives to its constants, where every one has its own."""
    titles = [canonical_words(label(choice) or "") for choice in parameter.choices]
    if not all(titles) or len(set(titles)) < len(titles):
        return ()
    return tuple(zip(parameter.choices, titles, strict=True))


def _paired(parameter: Parameter, shown: Mapping[str, str]) -> tuple[tuple[Scalar, str], ...]:
    return tuple((choice, shown[str(choice)]) for choice in parameter.choices if str(choice) in shown)
