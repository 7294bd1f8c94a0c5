"""Reads the types that the paper's JSON form writes in the words of many programming languages."""

from __future__ import annotations

import re
from typing import Any

_KINDS = {
    "integer": r"u?int\d*(_t)?|integer|long|short|byte|unsigned( int)?|size_t|whole number",
    "number": r"float\d*|double|real|single|number|decimal|numeric",
    "string": r"str|string|text|char(acter)?s?|std::string|char ?(\*|\[\])",
    "boolean": r"bool(ean)?|logical|flag|true ?(/|or|\|) ?false",
}
_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(
    rf"({_NUMBER})\s*(?:\.\.\.?|\u2013|\u2014|-|~|to|bis|à|至|,)\s*({_NUMBER}|[A-Z])(?![A-Za-z])"
)
_CLOCK = re.compile(r"(?:clock )?time(?: of day)?(?: \(?hh:mm(?::ss)?\)?)?|hh:mm(?::ss)?", re.IGNORECASE)
_LIST = r"(?:list|array|vector|sequence|set|std::vector|std::list)"
_LISTS = (
    re.compile(rf"{_LIST}(?: of |\s*[\[<(])\s*(.+?)[\]>)]?", re.IGNORECASE),
    re.compile(rf"(.+?) ?(?:\[\]| {_LIST})(?: .*)?", re.IGNORECASE),
)
_PLURAL = re.compile(r"\b(int|integer|float|double|string|number|bool|boolean)s\b", re.IGNORECASE)
_SUCCESS_NAMES = {
    "success",
    "ok",
    "succeeded",
    "successful",
    "result_ok",
    "erfolg",
    "succes",
    "succès",
    "成功",
}
_MESSAGE_NAMES = {"message", "msg", "error_message", "info", "meldung", "nachricht", "消息"}
_MESSAGE_WORDS = re.compile(r"message|msg|meldung|nachricht|消息|信息", re.IGNORECASE)
_FLAG_WORDS = re.compile(r"^\W*(true|bool|boolean|vrai|wahr)\b|success|succès|erfolg|成功", re.IGNORECASE)


def plain_words(name: str) -> str:
    """Split a name of an API into lower-case words: "moveToShelf" and "move_to_shelf" give "move to shelf"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\-.]+", " ", name)
    return " ".join(spaced.split()).lower()


def argument_schema(kind: Any) -> dict[str, Any] | None:
    """Read a type; None for an unknown one.

    A range may stand with it ("int (1..N)", "float [0, 1]"); "list of int", "int[]" and "vector<float>" are lists, "HH:MM"
    is a time of day, and a JSON object of types is an object.
    """
    if isinstance(kind, dict):
        return _object_schema(kind)
    if not isinstance(kind, str):
        return None
    if _CLOCK.fullmatch(kind.strip()):
        return {"type": "string", "format": "time", **({"minLength": 8} if kind.lower().count(":ss") else {})}
    return _scalar_schema(kind) or _list_schema(kind)


def _object_schema(kinds: dict[str, Any]) -> dict[str, Any] | None:
    members = {name: argument_schema(member) for name, member in kinds.items()}
    if not members or None in members.values():
        return None
    return {"type": "object", "properties": members, "required": list(members)}


def _list_schema(kind: str) -> dict[str, Any] | None:
    for pattern in _LISTS:
        found = pattern.fullmatch(kind.strip())
        if found and (item := _scalar_schema(_PLURAL.sub(r"\1", found[1]))):
            return {"type": "array", "items": item}
    return None


def _scalar_schema(kind: str) -> dict[str, Any] | None:
    word = (
        re.split(r"[(\[{<:]|\bfrom\b|\bin\b|\d+\s*(?:\.\.|-|\u2013|to)", kind, maxsplit=1)[0].strip().lower()
    )
    if kind.lower().strip() in {"char[]", "char []", "std::string"}:
        word = "string"
    elif "[]" in kind.replace(" ", ""):
        return None
    for json_type, pattern in _KINDS.items():
        if re.fullmatch(pattern, word):
            return {"type": json_type, **(_range(kind) if json_type in {"integer", "number"} else {})}
    return None


def _range(text: str) -> dict[str, float]:
    found = _RANGE.search(text)
    if found is None:
        return {}
    low, high = found.groups()
    bounds = {"minimum": _number(low)}
    if not high.isalpha():
        bounds["maximum"] = _number(high)
    return bounds


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value


def output_schema(output: Any) -> dict[str, Any] | None:
    """Describe an output; marks what it names: a success flag, a message, or the fields of an object."""
    if output is None:
        return None
    if isinstance(output, dict):
        return {
            "type": "object",
            "properties": {name: _field(name, kind) for name, kind in output.items()},
        }
    if isinstance(output, list):
        return {"type": "array", "items": [_element(str(part)) for part in output]}
    return _output_in_words(str(output).strip())


def _output_in_words(text: str) -> dict[str, Any] | None:
    if text.lower() in {"", "none", "void", "null"}:
        return None
    if _FLAG_WORDS.search(text) and _MESSAGE_WORDS.search(text):
        return {"type": "array", "items": [_element("true"), _element("message")], "description": text}
    if re.match(r"\W*true\b", text, re.IGNORECASE):
        # A flag alone may mean "it worked" as well as "it is there": a person must say which.
        return {"type": "boolean", "description": text}
    return argument_schema(text) or {"description": text}


def _element(text: str) -> dict[str, Any]:
    if _MESSAGE_WORDS.search(text):
        return {"type": "string", "parley:message": True}
    if _FLAG_WORDS.search(text):
        return {"type": "boolean", "parley:success": True}
    return argument_schema(text) or {"description": text}


def _field(name: str, kind: Any) -> dict[str, Any]:
    if isinstance(kind, dict):
        return {
            "type": "object",
            "properties": {inner: _field(inner, member) for inner, member in kind.items()},
        }
    schema = argument_schema(kind) or {"type": "string", "description": str(kind)}
    if name.lower() in _SUCCESS_NAMES and schema["type"] == "boolean":
        return {**schema, "parley:success": True}
    if name.lower() in _MESSAGE_NAMES and schema["type"] == "string":
        return {**schema, "parley:message": True}
    finding = {"parley:finding": plain_words(name)}
    if schema["type"] == "boolean":
        finding["parley:findingType"] = "presence"
    return {**schema, **finding}
