"""Plain English for reports: what was done and found, in titles and findings, never in names of the API."""

from __future__ import annotations

from collections.abc import Sequence

from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from protocol.messages import Finding
from protocol.text import clean_sentence

_TITLE_LIMIT = 60
_LISTED_VALUES = 12
_STEP = "A step"
WITHHELD = "The details stay on the device."


def step_title(description: ThingDescription, name: str) -> str:
    """Return the English title of a callable, for a sentence; a neutral word where it has none or it names the API."""
    try:
        title = clean_sentence(description.affordance(name).action.english_title, _TITLE_LIMIT).rstrip(".")
    except KeyError:
        return _STEP
    if not title or leaked_names(title, names(description)):
        return _STEP
    return title[0].upper() + title[1:]


def without_names(description: ThingDescription, sentence: str) -> str:
    """Return `sentence` cleaned, or a neutral sentence where it holds a name of the API."""
    cleaned = clean_sentence(sentence)
    if not cleaned or leaked_names(cleaned, names(description)):
        return WITHHELD
    return cleaned


def done(titles: Sequence[str], findings: Sequence[Finding]) -> str:
    """Say that everything was done, and what was found."""
    return clean_sentence(_join(_steps(titles, "Done"), *(finding_text(finding) for finding in findings)))


def stopped(what: str, titles: Sequence[str], findings: Sequence[Finding] = ()) -> str:
    """Say why it ended early, and what had been done and found before."""
    before = _steps(titles, "Done before") if titles else ""
    return clean_sentence(_join(what, before, *(finding_text(finding) for finding in findings)))


def finding_text(finding: Finding) -> str:
    """Say one finding: "Vacant space: yes (2, 4).", "Battery level: 80 percent."."""
    what = finding.what[0].upper() + finding.what[1:]
    value = _value(finding)
    if finding.present is None:
        return f"{what}: {value or 'none'}."
    answer = "yes" if finding.present else "no"
    return f"{what}: {answer} ({value})." if finding.present and value else f"{what}: {answer}."


def _value(finding: Finding) -> str:
    if finding.value is None:
        return ""
    values = finding.value if isinstance(finding.value, tuple) else (finding.value,)
    shown = [_scalar(value) for value in values[:_LISTED_VALUES]]
    if len(values) > _LISTED_VALUES:
        shown.append(f"and {len(values) - _LISTED_VALUES} more")
    text = ", ".join(shown)
    return f"{text} {finding.unit}" if text and finding.unit else text


def _scalar(value: bool | float | str) -> str:  # noqa: FBT001 - a JSON scalar
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _steps(titles: Sequence[str], lead: str) -> str:
    if not titles:
        return f"{lead}."
    first, *rest = titles
    return f"{lead}: {', then '.join([first, *(title[0].lower() + title[1:] for title in rest)])}."


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
