"""Plain English for reports: what was done and found, in titles and findings, never in names of the API."""

from __future__ import annotations

from collections.abc import Sequence

from device_agent.modes import mode_title
from firmware_api_specs.names import leaked_names, names
from firmware_api_specs.thing_description import ThingDescription
from fsm.flaws import Counterexample, Flaw, FlawKind
from protocol.messages import Finding
from protocol.text import clean_sentence

_TITLE_LIMIT = 60
_LISTED_VALUES = 12
_STEP = "A step"
_WRITTEN = "the program that was written for it"
_WHY = {
    FlawKind.UNKNOWN_FUNCTION: f"{_WRITTEN} needs something that this device cannot do",
    FlawKind.DANGER: "a step of it is forbidden on this device",
    FlawKind.UNBOUNDED_LOOP: f"{_WRITTEN} might never end",
    FlawKind.TOO_MANY_CALLS: "it takes more steps than are allowed at a time",
    FlawKind.CANNOT_BE_CHECKED: f"{_WRITTEN} cannot be checked",
}
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


def not_executable(description: ThingDescription, flaws: Sequence[Flaw]) -> str:
    """Say why nothing can be done: because of the first mode that forbids a step, else of the first flaw."""
    ways = [flaw.counterexample for flaw in flaws if flaw.counterexample is not None]
    if ways:
        why = _forbidden(description, ways[0])
    else:
        why = next((_WHY[flaw.kind] for flaw in flaws if flaw.kind in _WHY), f"{_WRITTEN} has a mistake")
    return without_names(description, f"Not executable, because {why}.")


def _forbidden(description: ThingDescription, way: Counterexample) -> str:
    """Say in which mode a step comes, and which it needs."""
    kind, mode = description.kind, mode_title(description, way.mode or "")
    cause, failure = way.cause, way.failure
    if cause is None:
        first = f"the {kind} {'is' if way.is_only_start else 'may be'} in the mode {mode}"
    elif cause.outcome == "returned":
        first = f'after the step "{step_title(description, cause.function)}" the {kind} is in the mode {mode}'
    else:
        first = f'the {kind} may be in the mode {mode} if the step "{step_title(description, cause.function)}" fails'
    stays = (
        "" if failure is None else f', and stays in it if "{step_title(description, failure.function)}" fails'
    )
    needed = " or ".join(mode_title(description, each) for each in way.needs)
    return f'{first}{stays}, but "{step_title(description, way.function)}" needs the mode {needed}'


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
