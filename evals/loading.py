"""Reads evaluation items from files and folders.

A file has one JSON object a line. In a folder with a `devices.json` (a list of devices) an item may say `device_ids`
instead of repeating `devices`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.items import Device, Item
from protocol.errors import InputError

DEVICES_FILE = "devices.json"
ITEMS_FILE = "items.jsonl"


def load_items(paths: Iterable[Path], *, part: str | None = None, limit: int | None = None) -> list[Item]:
    """Read all items of files (`*.jsonl`) and of folders, which are searched for such files.

    Args:
        paths: files or folders.
        part: only items of this part ("dev" or "test").
        limit: only the first items, this many in all.

    Raises:
        InputError: a file cannot be read, an item is wrong (names file, line, field, value and what is allowed), or no
            item is of this part.
    """
    items: list[Item] = []
    for file in _files(paths):
        for item in _items_of(file):
            if limit is not None and len(items) >= limit:
                return items
            if part is None or item.part == part:
                items.append(item)
    if not items:
        raise InputError("part", part, "a part that at least one item is of")
    return items


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.rglob("*.jsonl"))
        if not found:
            raise InputError("folder", str(path), "a folder with .jsonl files in it or below it")
        yield from found


def _items_of(file: Path) -> Iterator[Item]:
    shared = _Devices(file.parent / DEVICES_FILE)
    # Files of one layout are all called alike; their folders tell them apart.
    suite = file.parent.name if file.name == ITEMS_FILE else file.stem
    lines_by_id: dict[str, int] = {}
    for number, line in enumerate(_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        source = f"{file}, line {number}"
        data = _json(line, source)
        if not isinstance(data, dict):
            raise InputError("item", data, "one JSON object a line", source=source)
        item = _item(data, shared, source, suite=suite)
        first = lines_by_id.setdefault(item.id, number)
        if first != number:
            raise InputError("id", item.id, f"each id once; line {first} has it too", source=source)
        yield item
    if not lines_by_id:
        raise InputError("file", "empty", "at least one item", source=str(file))


class _Devices:
    """The devices of one file's items. Equal ones are built once, because a file repeats them in every line."""

    def __init__(self, shared_file: Path) -> None:
        self._built: dict[str, Device] = {}
        self._file = shared_file
        self._by_id: dict[str, Device] | None = None

    def build(self, raw: Any, field: str, source: str) -> Device:
        key = json.dumps(raw, sort_keys=True)
        if key not in self._built:
            try:
                self._built[key] = Device.model_validate(raw)
            except ValidationError as error:
                raise _explained(error, source, prefix=field) from error
        return self._built[key]

    def by_id(self, device_id: Any, source: str) -> Device:
        if self._by_id is None:
            self._by_id = self._read()
        if not isinstance(device_id, str) or device_id not in self._by_id:
            known = ", ".join(self._by_id)
            raise InputError("device_ids", device_id, f"one of {known} of {self._file.name}", source=source)
        return self._by_id[device_id]

    def _read(self) -> dict[str, Device]:
        source = str(self._file)
        data = _json(_text(self._file), source)
        if not isinstance(data, list):
            raise InputError("file", data, "a JSON list of devices", source=source)
        devices: dict[str, Device] = {}
        for index, raw in enumerate(data):
            device = self.build(raw, str(index), source)
            if device.id in devices:
                raise InputError(f"{index}.id", device.id, "each id once", source=source)
            devices[device.id] = device
        return devices


def _item(data: Mapping[str, Any], devices: _Devices, source: str, *, suite: str) -> Item:
    if "suite" in data:
        raise InputError("suite", data["suite"], "no field of this name", source=source)
    fields: dict[str, Any] = {"source": suite, "suite": suite, **data}
    if "device_ids" in fields:
        if "devices" in fields:
            raise InputError("device_ids", "given", "either devices or device_ids", source=source)
        ids = fields.pop("device_ids")
        if not isinstance(ids, list):
            raise InputError("device_ids", ids, "a list of ids", source=source)
        fields["devices"] = [devices.by_id(device_id, source) for device_id in ids]
    elif isinstance(fields.get("devices"), list):
        fields["devices"] = [
            devices.build(raw, f"devices.{index}", source) for index, raw in enumerate(fields["devices"])
        ]
    try:
        return Item.model_validate(fields)
    except ValidationError as error:
        raise _explained(error, source) from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        allowed = f"a file that can be read ({error.strerror or error})"
        raise InputError("file", str(file), allowed) from error
    except UnicodeDecodeError as error:
        raise InputError("file", f"byte {error.start}", "UTF-8", source=str(file)) from error


def _json(text: str, source: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputError("text", text, f"JSON ({error})", source=source) from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _explained(error: ValidationError, source: str, *, prefix: str = "") -> InputError:
    first = error.errors(include_url=False)[0]
    field = ".".join([*([prefix] if prefix else []), *(str(part) for part in first["loc"])])
    if first["type"] == "wrong_item":
        context = first["ctx"]
        field = ".".join(part for part in (field, context["field"]) if part)
        return InputError(field, context["value"], context["allowed"], source=source)
    if first["type"] == "missing":
        return InputError(field, "missing", "a value", source=source)
    if first["type"] == "extra_forbidden":
        return InputError(field, first["input"], "no field of this name", source=source)
    return InputError(field, first["input"], first["msg"], source=source)
