"""Reads sites with goals from JSON files: the entities, the kinds of devices, and the steps that each goal asks for.

A step is written like a plan's, with key words in place of its sentence::

    each berth 3 5 / patrol boat / oil        for these berths; for all of them without numbers
    every harbour light / off                 every device of the kind
    one weather mast / wind, wave|swell       any one; "|" stands between words of which one is enough
    named dive-drone-2 / cradle               this device

A goal without steps must be refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from coordinator.site import Site
from inference.plan import KindProfile
from protocol.errors import InputError

FOLDER = Path(__file__).parent / "sites"


@dataclass(frozen=True, slots=True)
class ExpectedStep:
    """One step that a plan must have.

    Attributes:
        quantifier: as in `inference.plan.PlanStep`.
        target: the kind of device, or the device of a `named` step.
        words: what its sentence must speak of; of each tuple one word is enough.
        entity: the kind of entity, for `each`.
        entity_ids: which of them; empty means all.
    """

    quantifier: Literal["each", "every", "one", "named"]
    target: str
    words: tuple[tuple[str, ...], ...]
    entity: str | None = None
    entity_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """What a person says, and the steps of the right plan in order; none where it must be refused."""

    text: str
    steps: tuple[ExpectedStep, ...]

    @property
    def part(self) -> Literal["dev", "test"]:
        """Which half it belongs to; nothing may be chosen on the test half, nor its goals be looked at one by one.

        A goal is in the dev half if the first byte of its words' SHA-256 is even, so that no hand has chosen.
        """
        return "test" if hashlib.sha256(self.text.encode()).digest()[0] % 2 else "dev"

    @property
    def tag(self) -> str:
        """What kind of goal it is, in a word or two."""
        if len(self.steps) > 1:
            return "several steps"
        if not self.steps:
            return "refuse"
        step = self.steps[0]
        return "one entity" if len(step.entity_ids) == 1 else step.quantifier


@dataclass(frozen=True, slots=True)
class GradedSite:
    """A site, its fleet and its goals."""

    name: str
    site: Site
    abilities: dict[str, tuple[str, ...]]
    counts: dict[str, int]
    goals: tuple[Goal, ...]

    def fleet(self, factor: int = 1) -> list[KindProfile]:
        """Return the devices as the coordinator sums them up, `factor` times as many as the file says."""
        return [
            KindProfile(kind, self.counts[kind] * factor, abilities, tuple(self._names(kind, factor)))
            for kind, abilities in sorted(self.abilities.items())
        ]

    def _names(self, kind: str, factor: int = 1) -> list[str]:
        return [f"{kind.replace(' ', '-')}-{number + 1}" for number in range(self.counts[kind] * factor)]

    def names(self) -> set[str]:
        """Return what the devices are called."""
        return {name for kind in self.counts for name in self._names(kind)}


def load_sites(folder: Path = FOLDER) -> list[GradedSite]:
    """Read every site of a folder.

    Raises:
        InputError: a file or a step is wrong; names file, goal, value and what is allowed.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InputError("folder", str(folder), "a folder with .json files")
    return [_site(file) for file in files]


def _site(file: Path) -> GradedSite:
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        devices, goals = data["devices"], data["goals"]
        abilities = {device["kind"]: tuple(device["abilities"]) for device in devices}
        counts = {device["kind"]: int(device["count"]) for device in devices}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "site", repr(error), "JSON with entities, devices and goals", source=str(file)
        ) from error
    site = Site.from_mapping(data.get("entities", {}), source=str(file))
    bare = GradedSite(file.stem, site, abilities, counts, ())
    read = tuple(
        Goal(goal["goal"], tuple(_step(step, bare, file) for step in goal["steps"])) for goal in goals
    )
    return GradedSite(file.stem, site, abilities, counts, read)


def _step(text: str, known: GradedSite, file: Path) -> ExpectedStep:
    head, *targets, last = (part.strip() for part in text.split(" / "))
    words = tuple(tuple(group.strip().lower().split("|")) for group in last.split(","))
    quantifier, _, rest = head.partition(" ")
    source = f"{file}, step {text!r}"
    if quantifier == "each":
        entity, *ids = rest.split()
        _one_of("entity", entity, known.site.entities, source)
        for one in ids:
            _one_of(entity, one, known.site.entities[entity], source)
        (target,) = targets or ("",)
        _one_of("kind", target, known.counts, source)
        return ExpectedStep("each", target, words, entity, tuple(ids))
    _one_of("quantifier", quantifier, ("each", "every", "one", "named"), source)
    _one_of("target", rest, known.names() if quantifier == "named" else known.counts, source)
    return ExpectedStep(cast("Literal['every', 'one', 'named']", quantifier), rest, words)


def _one_of(field: str, value: str, allowed: Any, source: str) -> None:
    if value not in allowed:
        raise InputError(field, value, f"one of {', '.join(sorted(allowed))}", source=source)
