"""The site as it is now: it may be read again while the coordinator runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from coordinator.site.closures import Closure, known
from coordinator.site.geography import Geography
from coordinator.site.model import Site


class CurrentSite:
    """One site, which may be replaced; whoever holds this sees the newest.

    Args:
        site: as it is at the start.

    Attributes:
        was_ever_closed: whether any place was taken out of use since the ledger began.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.was_ever_closed = False
        self._closed: Mapping[str, Closure] = {}
        self.entities: Mapping[str, Sequence[str]] = _Entities(self)

    def replace(self, site: Site) -> dict[str, Any]:
        """Take another site from now on; returns what changed: entities by kind that came and went, and changed fields."""
        before, self.site = self.site, site
        self.__dict__.pop("geography", None)
        return {
            "added": _missing(site.entities, before.entities),
            "removed": _missing(before.entities, site.entities),
            "changed": [
                field.alias or name
                for name, field in Site.model_fields.items()
                if getattr(before, name) != getattr(site, name)
            ],
        }

    def aliases(self) -> Mapping[str, tuple[str, str]]:
        """The kind and the id of everything that has another name, by that name, casefolded."""
        return self.site.aliases

    @property
    def closed(self) -> dict[str, Closure]:
        """The places that are out of use, by name; those that the site has not got any more are left out."""
        return {one.place: one for one in known(self._closed, self.site)}

    def close(self, closed: Mapping[str, Closure]) -> None:
        """Take these places, and no others, out of use from now on."""
        self._closed = dict(closed)
        self.was_ever_closed = True
        self.__dict__.pop("geography", None)

    @cached_property
    def geography(self) -> Geography:
        """Where its places are, and which ways lead there."""
        return Geography(self.site, self.closed)


class _Entities(Mapping[str, Sequence[str]]):
    """The ids by kind of whatever the site is when they are asked for."""

    def __init__(self, current: CurrentSite) -> None:
        self._current = current

    def __getitem__(self, kind: str) -> Sequence[str]:
        return self._current.site.entities[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current.site.entities)

    def __len__(self) -> int:
        return len(self._current.site.entities)


def _missing(
    present: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return what is here and not there, by kind."""
    found = {
        kind: [name for name in names if name not in set(other.get(kind, ()))]
        for kind, names in present.items()
    }
    return {kind: names for kind, names in found.items() if names}
