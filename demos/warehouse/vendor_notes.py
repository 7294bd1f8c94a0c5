"""Thing Descriptions of the ten brands without their English: do glosses make up for it?"""

from __future__ import annotations

from typing import Any

from demos.warehouse.firmware import thing_description

NOTES = ("given", "native", "unglossed")
"""All notes; those in the vendor's language only; the same, claimed to be English so that no gloss is made."""


def with_notes(vendor: str, notes: str) -> dict[str, Any]:
    """Return a brand's Thing Description with one kind of `NOTES`; the names of its API stay."""
    document = thing_description(vendor)
    if notes == "given":
        return document
    native: dict[str, Any] = _without_translations(document)
    if notes == "unglossed":
        native["@context"] = [
            {**part, "@language": "en"} if isinstance(part, dict) else part for part in native["@context"]
        ]
    return native


def _without_translations(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _without_translations(member)
            for key, member in node.items()
            if key not in {"titles", "descriptions"}
        }
    return [_without_translations(member) for member in node] if isinstance(node, list) else node
