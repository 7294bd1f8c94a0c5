"""What a site file says, as models; its JSON Schema is made from these."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from coordinator.site.bare import ENTITY_PATTERN, KIND_PATTERN, MAXIMUM_ENTITIES
from protocol.messages import IDENTIFIER_PATTERN
from protocol.text import clean_sentence

MAXIMUM_KINDS = 100
MAXIMUM_ZONES = 1_000
MAXIMUM_LINKS = 50_000
MAXIMUM_DEVICES = 20_000
_MAXIMUM_ALIASES = 8
_FARTHEST_METRES = 100_000.0
_LONGEST_WAY_METRES = 1_000_000.0
_ZONE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,39}$"
_ALIAS_PATTERN = r"^\w[\w '.-]{0,39}$"


def _text_of_number(value: object) -> object:
    """Take 7 for "7": an id is text, however it was written."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _time_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError(
            "time_zone", "a name of the IANA time zone database, such as Europe/Vienna or UTC"
        ) from error
    return name


def _text_schema(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", "pattern": pattern}, {"type": "integer"}]})


EntityId = Annotated[
    str,
    StringConstraints(pattern=ENTITY_PATTERN),
    BeforeValidator(_text_of_number),
    _text_schema(ENTITY_PATTERN),
]
Kind = Annotated[str, StringConstraints(pattern=KIND_PATTERN)]
ZoneName = Annotated[str, StringConstraints(pattern=_ZONE_PATTERN)]
Alias = Annotated[str, StringConstraints(pattern=_ALIAS_PATTERN), BeforeValidator(_text_of_number)]
Notes = Annotated[str, StringConstraints(max_length=600), AfterValidator(clean_sentence)]
Metres = Annotated[float, Field(ge=-_FARTHEST_METRES, le=_FARTHEST_METRES, allow_inf_nan=False)]
Point = tuple[Metres, Metres]
PlaceName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
DeviceId = Annotated[str, StringConstraints(pattern=IDENTIFIER_PATTERN)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Zone(_Part):
    """A part of the site."""

    area: tuple[Metres, Metres, Metres, Metres] | None = Field(
        default=None, description="Its rectangle in metres: west, south, east, north."
    )
    notes: Notes = Field(default="", description="What people should know.")

    @model_validator(mode="before")
    @classmethod
    def _from_nothing(cls, value: object) -> object:
        return {} if value is None or value == "" else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [dict(handler.resolve_ref_schema(handler(core_schema))), {"type": "null"}]}

    @model_validator(mode="after")
    def _has_an_inside(self) -> Zone:
        if self.area is not None and not (self.area[0] < self.area[2] and self.area[1] < self.area[3]):
            raise PydanticCustomError("area", "west before east and south before north, in metres")
        return self

    @property
    def middle(self) -> Point | None:
        """The middle of its area, in metres."""
        if self.area is None:
            return None
        west, south, east, north = self.area
        return (west + east) / 2, (south + north) / 2


class Entity(_Part):
    """One thing that goals speak of, such as shelf 3. Where nothing but its id is to be said, the id alone will do."""

    id: EntityId = Field(description="Its name among those of its kind; always text, as written.")
    zone: ZoneName | None = Field(default=None, description="The zone it stands in.")
    at: Point | None = Field(
        default=None, description="Metres east and north of the site's own point [0, 0]."
    )
    aliases: tuple[Alias, ...] = Field(
        default=(), max_length=_MAXIMUM_ALIASES, description="Other names that people and devices give it."
    )
    notes: Notes = Field(default="", description="What people should know.")

    @model_validator(mode="before")
    @classmethod
    def _from_id(cls, value: object) -> object:
        return {"id": value} if isinstance(value, str | int) and not isinstance(value, bool) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        whole = handler.resolve_ref_schema(handler(core_schema))
        return {"anyOf": [dict(whole), {"type": "string", "pattern": ENTITY_PATTERN}, {"type": "integer"}]}


class Link(_Part):
    """A way between two places, both ways of the same length."""

    between: tuple[PlaceName, PlaceName] = Field(description='Two places, such as "shelf 1" and a zone.')
    metres: float = Field(gt=0, le=_LONGEST_WAY_METRES, allow_inf_nan=False, description="How long it is.")
    through: ZoneName | None = Field(
        default=None,
        description="The zone that it leads through, with which it is closed, where neither end lies in it.",
    )


class Site(_Part):
    """A site: what exists there besides devices."""

    name: Notes = Field(default="", description="What people call the site.")
    time_zone: Annotated[str, AfterValidator(_time_zone)] | None = Field(
        default=None,
        description="In which zone times of day are meant, by IANA name; the coordinator's own where it is not given.",
    )
    notes: Notes = Field(default="", description="What people should know.")
    zones: dict[ZoneName, Zone] = Field(
        default={}, max_length=MAXIMUM_ZONES, description="The parts of the site, by name."
    )
    kinds: dict[Kind, Annotated[tuple[Entity, ...], Field(max_length=MAXIMUM_ENTITIES)]] = Field(
        default={},
        alias="entities",
        max_length=MAXIMUM_KINDS,
        description="What goals speak of, by kind (a lower-case singular noun), in the order in which answers list it.",
    )
    near_metres: float = Field(
        default=3.0,
        gt=0,
        le=_FARTHEST_METRES,
        allow_inf_nan=False,
        description='How far from a place a device still counts as near it, in "stop everything near station 2".',
    )
    links: tuple[Link, ...] = Field(
        default=(), max_length=MAXIMUM_LINKS, description="Ways, where straight lines would be wrong."
    )
    devices: dict[DeviceId, PlaceName | Point] = Field(
        default={},
        max_length=MAXIMUM_DEVICES,
        description="Where devices are at the start: their home places.",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Site:
        for path, value, allowed in _misfits(self):
            raise PydanticCustomError(
                "misfit", "{allowed}", {"path": path, "value": value, "allowed": allowed}
            )
        return self

    @cached_property
    def entities(self) -> Mapping[str, tuple[str, ...]]:
        """The ids by kind, in the order in which answers list them."""
        return {kind: tuple(entity.id for entity in members) for kind, members in self.kinds.items()}

    @cached_property
    def aliases(self) -> Mapping[str, tuple[str, str]]:
        """The kind and the id of everything that has another name, by that name, casefolded."""
        return {
            alias.casefold(): (kind, entity.id)
            for kind, members in self.kinds.items()
            for entity in members
            for alias in entity.aliases
        }

    @cached_property
    def places(self) -> frozenset[str]:
        """Every name of a place, casefolded: "shelf 1", its other names, zones."""
        ids = (f"{kind} {name}" for kind, names in self.entities.items() for name in names)
        return frozenset(name.casefold() for name in [*ids, *self.aliases, *self.zones])

    @cached_property
    def place_names(self) -> Mapping[str, str]:
        """What each place is called in this file, by every name that it has, casefolded."""
        named = {zone.casefold(): zone for zone in self.zones}
        for kind, members in self.kinds.items():
            for entity in members:
                for name in (f"{kind} {entity.id}", *entity.aliases):
                    named[name.casefold()] = f"{kind} {entity.id}"
        return named

    @cached_property
    def zone_of(self) -> Mapping[str, str]:
        """The zone that each entity with one stands in, by the entity's name, such as "shelf 1"."""
        return {
            f"{kind} {entity.id}": entity.zone
            for kind, members in self.kinds.items()
            for entity in members
            if entity.zone is not None
        }

    @classmethod
    def from_mapping(cls, data: object, *, source: str | None = None) -> Site:
        """Build a site from what a site file holds, or from its short form `{"shelf": ["1", "2"]}`.

        Raises:
            InputError: names the entry that is wrong and what is allowed.
        """
        from coordinator.site.loading import site_of  # noqa: PLC0415 - it builds what is defined here

        return site_of(data, source=source)

    @classmethod
    def load(cls, path: Path) -> Site:
        """Read a site file: YAML, or JSON where its name ends in .json.

        Raises:
            InputError: the file cannot be read, or an entry is wrong; names file, line, entry, value and what is allowed.
        """
        from coordinator.site.loading import read_site  # noqa: PLC0415 - it builds what is defined here

        return read_site(path)


Misfit = tuple[tuple[str | int, ...], Any, str]


def _misfits(site: Site) -> Iterator[Misfit]:
    """Yield what names something that does not exist, or the same twice: path, value, and what is allowed."""
    yield from _misnamed(site)
    for kind, members in site.kinds.items():
        for index, entity in enumerate(members):
            if entity.zone is not None and entity.zone not in site.zones:
                yield ("entities", kind, index, "zone"), entity.zone, _zone(site)
    yield from _misled(site)
    for device, home in site.devices.items():
        if isinstance(home, str) and home.casefold() not in site.places:
            yield ("devices", device), home, f"{_place(site)}, or a point [x, y] in metres"


def _misled(site: Site) -> Iterator[Misfit]:
    for index, link in enumerate(site.links):
        for end, name in enumerate(link.between):
            if name.casefold() not in site.places:
                yield ("links", index, "between", end), name, _place(site)
        if link.through is not None and link.through not in site.zones:
            yield ("links", index, "through"), link.through, _zone(site)
        if link.between[0].casefold() == link.between[1].casefold():
            yield ("links", index, "between"), link.between, "two places that are not the same"


def _misnamed(site: Site) -> Iterator[Misfit]:
    names = {name.casefold(): "the zone" for name in site.zones}
    for kind, members in site.kinds.items():
        seen: set[str] = set()
        for index, entity in enumerate(members):
            if entity.id in seen:
                yield ("entities", kind, index, "id"), entity.id, f"each {kind} once"
            seen.add(entity.id)
            for name in (f"{kind} {entity.id}", *entity.aliases):
                taken = names.setdefault(name.casefold(), f"{kind} {entity.id}")
                if taken != f"{kind} {entity.id}":
                    yield ("entities", kind, index), name, f"a name that {taken} does not have"


def _zone(site: Site) -> str:
    return "a zone of this file" + (f": {_some(site.zones)}" if site.zones else "; it has none")


def _place(site: Site) -> str:
    named = [f"{kind} {name}" for kind, names in site.entities.items() for name in names[:1]]
    return (
        f"a place of this file, such as {_some([*named, *site.zones])}"
        if site.places
        else "a place of this file"
    )


def _some(names: Any) -> str:
    names = list(names)
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "")  # noqa: PLR2004 - as many as are read in one line
