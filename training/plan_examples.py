"""Writes blocks of planning questions: a site, kinds of devices with what they can do, and goals with their quantified plans."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from inference.notation import NotationError
from inference.plan import (
    GOAL,
    PLAN,
    KindProfile,
    named_devices,
    plan_prompt,
)
from inference.plan_grammar import plan_grammar, sentence_words
from inference.plan_notation import decode_step
from inference.program_prompt import END
from inference.text import Sentence, prepare
from training.data.clauses import fill
from training.data.examples import Block
from training.data.small_talk import CHAT
from training.data.spelling import made_up_word, typo
from training.data.values import Manner
from training.data.vendor import realise_all
from training.data.wording import BEFORE
from training.lexicon import Family, spin

PLURALS = {
    "shelf": "shelves", "rack": "racks", "room": "rooms", "zone": "zones", "station": "stations", "table": "tables",
    "bed": "beds", "tank": "tanks", "aisle": "aisles", "bay": "bays", "greenhouse": "greenhouses", "field": "fields",
    "gate": "gates", "window": "windows", "door": "doors", "machine": "machines", "pallet": "pallets", "locker": "lockers",
    "cabinet": "cabinets", "row": "rows", "plot": "plots", "lane": "lanes", "dock": "docks", "vehicle": "vehicles",
    "meter": "meters", "pen": "pens", "stall": "stalls", "charger": "chargers", "line": "lines", "bench": "benches",
    "floor": "floors", "tote": "totes", "bin": "bins", "cage": "cages", "silo": "silos", "corridor": "corridors",
    "ward": "wards", "office": "offices", "hall": "halls", "cell": "cells", "seat": "seats", "booth": "booths",
    "hive": "hives", "tree": "trees", "pipe": "pipes", "well": "wells", "pool": "pools", "basin": "basins", "tower": "towers",
    "panel": "panels", "turbine": "turbines", "pump": "pumps", "valve": "valves", "container": "containers", "crate": "crates",
    "drawer": "drawers", "desk": "desks", "wall": "walls", "roof": "roofs", "street": "streets", "lamp": "lamps", "pole": "poles",
    "court": "courts", "garden": "gardens", "terrace": "terraces", "platform": "platforms", "track": "tracks", "wagon": "wagons",
    "truck": "trucks", "boat": "boats", "hangar": "hangars", "runway": "runways", "stand": "stands", "rig": "rigs", "oven": "ovens",
    "incubator": "incubators", "plate": "plates", "rack unit": "rack units", "server": "servers", "port": "ports", "camera": "cameras",
    "sensor": "sensors", "shop": "shops", "counter": "counters", "kiosk": "kiosks", "exhibit": "exhibits", "stage": "stages",
}  # fmt: skip
SEEN_THINGS = (
    "vacant space", "vacant spaces", "vacant positions", "free places", "empty slots", "gaps", "free space", "vacancies",
    "damaged goods", "leaks", "boxes", "weeds", "spills", "obstacles", "broken parts", "missing items", "dust", "errors",
    "empty spots", "open spots", "free spots", "damage", "litter", "smoke", "water", "unread labels", "pests", "cracks",
    "full boxes", "expired goods", "red tags", "lost items", "loose cables", "ripe fruit", "stray cats", "cold spots",
)  # fmt: skip
DEEDS = (
    "scan", "inspect", "clean", "photograph", "water", "mow", "disinfect", "measure", "sweep", "refill", "label", "dust",
    "weigh", "film", "wipe", "empty", "sort", "lock", "repaint", "test", "calibrate", "spray", "heat", "survey", "unload",
)  # fmt: skip
DEEDS_WITH_PART = (
    ("scan the items on", "scan the items on it"), ("take a picture of", "take a picture of it"),
    ("count the items on", "count the items on it"), ("read the labels on", "read the labels on it"),
    ("take stock of", "take stock of it"), ("check the temperature of", "check its temperature"),
    ("read the barcodes on", "read the barcodes on it"), ("list what is on", "list what is on it"),
    ("tell me what is on", "tell me what is on it"), ("find out what is in", "find out what is in it"),
    ("make an inventory of", "make an inventory of it"), ("take a photo of", "take a photo of it"),
)  # fmt: skip
MOVE_ABILITIES = (
    "it drives to a {e}",
    "it moves to any {e}",
    "it goes to the {e} you name",
    "it can reach every {e}",
    "it travels between {es}",
    "it flies to a {e}",
    "it drives to numbered {es}",
)
SEE_ABILITIES = (
    "it sees whether a {e} has {x}",
    "it looks for {x}",
    "it finds {x} on a {e}",
    "it checks {es} for {x}",
    "its camera detects {x}",
    "it reports {x}",
    "it can tell whether there are {x}",
)
READINGS = (
    "battery level", "battery status", "state of charge", "position", "location", "current position", "speed", "temperature",
    "status", "charge level", "pressure", "humidity", "battery charge", "load", "network", "energy use", "signal strength",
)  # fmt: skip
PLACES = (
    "kitchen", "hall", "bedroom", "office", "garage", "garden", "cellar", "attic", "north", "south", "east", "west", "main", "left",
    "right", "upper", "lower", "front", "back", "hall 2", "line 3", "bay 4", "floor 1", "lobby", "workshop", "lab 2", "west wing",
    "roof", "yard", "first", "second", "old", "new", "visitor", "staff", "living room", "guest", "reception", "storage", "wing b",
)  # fmt: skip
# A plan repeats the goal's words as they are read, and there every number is in digits.
_IN_DIGITS = Manner(words_share=0.0)
_PLACED_SHARE = 0.35
NAME_FORMS = ("{k}-{n}", "{k}-{n}", "{k}_{n}", "{k}{n}", "{w}-{n}", "{w}")


@dataclass
class _World:
    kinds: list[KindProfile]
    families: dict[str, Family]
    entities: dict[str, list[str]]
    mover: str | None
    seen: tuple[str, ...]
    deeds: tuple[str, ...]


class PlanExamples:
    """Streams blocks of planning questions, forever and reproducibly."""

    def __init__(self, families: Sequence[Family], rng: random.Random) -> None:
        self._families = [family for family in families if len(family.functions) >= 3]
        self._rng = rng

    def block(self, questions: int = 6) -> Block:
        """Make one block of goals for one site."""
        rng = self._rng
        world = self._world()
        prompt = plan_prompt(prepare("x"), world.kinds, world.entities).compact
        block = Block(prompt[: prompt.index(GOAL)])
        for _ in range(questions * 3):
            if len(block.items) >= questions:
                break
            made = self._goal(world)
            if made is None:
                continue
            text, plan, tag = made
            if rng.random() < 0.04:
                text = typo(text, rng)
            goal = prepare(text)
            if plan != "refuse" and not self._usable(goal, plan, world):
                continue
            block.items.append((f"{GOAL} {goal.lower}{PLAN}", plan + END))
            block.tags.append((tag,))
            names = named_devices(goal.lower, world.kinds)
            block.grammars.append(
                partial(
                    plan_grammar, goal, [profile.kind for profile in world.kinds], world.entities, list(names)
                )
            )
        return block

    def _world(self) -> _World:
        rng = self._rng
        if rng.random() < _PLACED_SHARE:
            return self._placed_world()
        warehouse = rng.random() < 0.35
        names = rng.sample(sorted(PLURALS), rng.randint(1, 3))
        if warehouse:
            names = ["shelf", *[one for one in names if one != "shelf"]][: rng.randint(1, 3)]
        if rng.random() < 0.2:
            names[0] = made_up_word(rng)
        entities = {name: self._ids(name) for name in names}
        main = names[0]
        mover_kind = (
            "robot"
            if warehouse and rng.random() < 0.8
            else rng.choice(
                ("robot", "drone", "vehicle", "rover", "cart", "crawler", "agv", "shuttle", made_up_word(rng))
            )
        )
        families = rng.sample(self._families, min(len(self._families), rng.randint(1, 3)))
        if warehouse or rng.random() < 0.3:
            robots = [family for family in self._families if family.field_name == "warehouse"]
            families = [rng.choice(robots), *families][:3] if robots else families
        kinds: list[KindProfile] = []
        by_kind: dict[str, Family] = {}
        mover: str | None = None
        seen = tuple(rng.sample(SEEN_THINGS, 3))
        if warehouse and rng.random() < 0.6:
            seen = (
                rng.choice(("vacant space", "vacant spaces", "vacant positions", "free places", "vacancies")),
                *seen[1:],
            )
        deeds = tuple(rng.sample(DEEDS, 3))
        for index, family in enumerate(families):
            kind = mover_kind if index == 0 else family.kind
            if kind in by_kind:
                continue
            abilities = [
                "it " + spin(rng.choice(words.descriptions), rng)
                for words in rng.sample(family.functions, min(len(family.functions), rng.randint(3, 6)))
            ]
            if index == 0 and rng.random() < 0.93:
                mover = kind
                plural = PLURALS.get(main, main + "s")
                extra = [rng.choice(MOVE_ABILITIES).format(e=main, es=plural)]
                extra += [rng.choice(SEE_ABILITIES).format(e=main, es=plural, x=thing) for thing in seen]
                extra += [f"it can {deed} a {main}" for deed in deeds if rng.random() < 0.8]
                abilities = extra + abilities
                rng.shuffle(abilities)
            count = rng.randint(1, 12)
            kinds.append(
                KindProfile(
                    kind,
                    count,
                    tuple(abilities[:10]),
                    tuple(self._device_name(kind, n) for n in range(1, count + 1)),
                )
            )
            by_kind[kind] = family
        return _World(kinds, by_kind, entities, mover, seen, deeds)

    def _placed_world(self) -> _World:
        """A site of single devices, some of the same sort, which people tell apart by their places."""
        rng = self._rng
        families = rng.sample(self._families, rng.randint(2, 5))
        if rng.random() < 0.6:
            families.append(rng.choice(families))
        by_kind: dict[str, Family] = {}
        kinds: list[KindProfile] = []
        for family in families:
            noun = rng.choice((family.kind, *family.names[:2]))
            is_placed = rng.random() < 0.65 or noun in by_kind
            kind = f"{rng.choice(PLACES)} {noun}" if is_placed else noun
            if kind in by_kind:
                continue
            shown = rng.sample(family.functions, min(len(family.functions), rng.randint(4, 9)))
            # Half of the devices list the plain names of what they do, as profiles without written abilities have it.
            abilities = (
                tuple(rng.choice(words.names) for words in shown)
                if rng.random() < 0.5
                else tuple("it " + spin(rng.choice(words.descriptions), rng) for words in shown)
            )
            by_kind[kind] = family
            kinds.append(KindProfile(kind, 1, abilities, (self._device_name(kind, 1),)))
        entities = {rng.choice(sorted(PLURALS)): ["1"]} if rng.random() < 0.2 else {}
        return _World(kinds, by_kind, entities, None, (), ())

    def _placed_goal(self, world: _World) -> tuple[str, str, str] | None:
        """Ask one device of a site by its place or kind, two of them, or all of a sort."""
        rng = self._rng
        profile = rng.choice(world.kinds)
        family = world.families[profile.kind]
        phrase = self._phrase(family)
        if phrase is None:
            return None
        twins = [kind for kind, other in world.families.items() if other is family]
        kind = profile.kind
        if len(twins) > 1 and rng.random() < 0.4:
            both = "both" if len(twins) == 2 else "all"
            text = rng.choice((
                f"{phrase} , {both} of them" if len(world.kinds) == len(twins) else f"{both} {family.kind}s : {phrase}",
                f"{both} {family.kind}s should {phrase}", f"let {both} {family.kind}s {phrase}", f"{phrase} on {both} {family.kind}s",
                f"have {both} {family.kind}s {phrase}", f"i want {both} {family.kind}s to {phrase}",
            ))  # fmt: skip
            return self._dress(text), "\n".join(f"one {twin} / {phrase}" for twin in twins), "placed-all"
        text = rng.choice((
            f"let the {kind} {phrase}", f"the {kind} should {phrase}", f"{kind} : {phrase}", f"{phrase} on the {kind}", f"{phrase} at the {kind}",
            f"have the {kind} {phrase}", f"on the {kind} , {phrase}", f"{phrase} with the {kind}", f"tell the {kind} to {phrase}",
            f"i want the {kind} to {phrase}", f"ask the {kind} to {phrase}", f"{kind} , {phrase}", f"{phrase} , i mean the {kind}",
            *((phrase, phrase, phrase) if len(twins) == 1 else ()),
        ))  # fmt: skip
        plan = f"one {kind} / {phrase}"
        others = [other for other in world.kinds if other is not profile]
        if others and rng.random() < 0.18:
            other = rng.choice(others)
            more = self._phrase(world.families[other.kind])
            if more:
                text += rng.choice((" and ", " , and ", " and then ", " , then ")) + rng.choice(
                    (
                        f"have the {other.kind} {more}",
                        f"the {other.kind} should {more}",
                        f"let the {other.kind} {more}",
                    )
                )
                return self._dress(text), f"{plan}\none {other.kind} / {more}", "placed-two"
        return self._dress(text), plan, "placed"

    def _ids(self, name: str) -> list[str]:
        rng = self._rng
        count = rng.randint(1, 12)
        form = rng.choice(("{n}", "{n}", "{n}", "{c}{n}", "{l}"))
        return [form.format(n=n, c=name[0], l="abcdefghijklmnop"[n - 1]) for n in range(1, count + 1)]

    def _device_name(self, kind: str, number: int) -> str:
        form = self._rng.choice(NAME_FORMS[:3]) if self._rng.random() < 0.8 else self._rng.choice(NAME_FORMS)
        return form.format(k=kind.replace(" ", "-"), n=number, w=made_up_word(self._rng))

    def _goal(self, world: _World) -> tuple[str, str, str] | None:
        rng = self._rng
        chance = rng.random()
        if not world.seen:
            return self._placed_goal(world) if chance < 0.88 else self._refusal(world)
        if chance < 0.5 and world.mover:
            made = self._entity_goal(world)
            if made and rng.random() < 0.12:
                more = self._device_goal(world)
                if more and "refuse" not in more[1]:
                    joiner = rng.choice((" and then ", ", then ", ". then ", " , and afterwards "))
                    return made[0].rstrip(".?!") + joiner + more[0], made[1] + "\n" + more[1], "steps-2"
            return made
        if chance < 0.88:
            return self._device_goal(world)
        return self._refusal(world)

    def _entity_goal(self, world: _World) -> tuple[str, str, str] | None:
        rng = self._rng
        entity = next(iter(world.entities))
        ids = world.entities[entity]
        plural = PLURALS.get(entity, entity + "s")
        e = "{" + entity + "}"
        go = rng.choice(("move to", "move to", "move to"))
        kind = world.mover
        who = rng.random()
        # The thing looked for need not be listed among the abilities word for word.
        thing = rng.choice(world.seen) if rng.random() < 0.8 else rng.choice(SEEN_THINGS)
        places = rng.choice(("on", "on", "on", "in", "at"))
        subset = rng.random()
        chosen: list[str] = []
        if subset < 0.2 and len(ids) >= 2:
            chosen = rng.sample(ids, min(len(ids), rng.randint(2, 4)))
        elif subset < 0.4:
            chosen = [rng.choice(ids)]
        if not chosen:
            them = rng.choice(
                (
                    f"the {plural}",
                    f"all {plural}",
                    f"all the {plural}",
                    f"every {entity}",
                    f"each {entity}",
                    f"our {plural}",
                    plural,
                )
            )
        elif len(chosen) == 1:
            them = f"{entity} {chosen[0]}"
        else:
            them = f"{plural} {', '.join(chosen[:-1])} and {chosen[-1]}"
        singular = len(chosen) == 1 or "every" in them or "each" in them
        tense = (
            "is"
            if thing in {"vacant space", "free space", "dust", "damage", "litter", "smoke", "water"}
            else "are"
        )
        form = rng.random()
        if form < 0.42:
            verb, whether = (
                rng.choice(("check", "check", "see", "find out", "look")),
                rng.choice(("if", "if", "whether")),
            )
            phrase = f"{verb} {whether} there {tense} {thing}"
            text, sub = f"{phrase} {places} {them}", f"{phrase} {places} it"
            if rng.random() < 0.1:
                text = f"{phrase} {places} {them}" if rng.random() < 0.5 else f"{places} {them} , {phrase}"
        elif form < 0.55:
            verb = rng.choice(("check", "inspect", "examine", "search"))
            text, sub = f"{verb} {them} for {thing}", f"{verb} it for {thing}"
        elif form < 0.65:
            have = "has" if singular else "have"
            whether = rng.choice(("if", "whether"))
            verb = rng.choice(("check", "see", "tell me", "find out", "report"))
            said = "tell" if verb == "tell me" else verb
            text, sub = f"{verb} {whether} {them} {have} {thing}", f"{said} {whether} it has {thing}"
        elif form < 0.8 and not chosen:
            text = rng.choice((
                f"which {plural} have {thing}", f"are there any {thing} {places} the {plural}", f"tell me which {plural} still have {thing}",
                f"find {plural} with {thing}", f"do any {plural} have {thing}", f"i want to know which {plural} have {thing}", f"look for {thing} {places} the {plural}",
                f"{tense} there {thing} {places} the {plural}", f"we need to know about {thing} {places} the {plural}",
                f"is there a {entity} with {thing}", f"search the {plural} for {thing}", f"where {tense} there {thing}",
            ))  # fmt: skip
            sub = f"check it for {thing}"
        elif form < 0.9:
            deed = rng.choice(world.deeds)
            text, sub = f"{deed} {them}", f"{deed} it"
        else:
            whole, part = rng.choice(DEEDS_WITH_PART)
            text, sub = f"{whole} {them}", part
        if who < 0.15:
            lead = rng.choice(
                (
                    f"have the {kind}s",
                    f"let the {kind}s",
                    f"make the {kind}s",
                    f"use the {kind}s to",
                    f"send the {kind}s to",
                    f"get the {kind}s to",
                )
            )
            text = (
                f"{lead} {text}"
                if text.split()[0]
                in {"check", "see", "find", "look", "inspect", "examine", "search", *world.deeds}
                else text
            )
        if len(chosen) == 1:
            plan = f"one {kind} / {go} {entity} {chosen[0]} and {sub}"
        else:
            ids_text = "".join(f" {one}" for one in chosen)
            plan = f"each {entity}{ids_text} / {kind} / {go} {entity} {e} and {sub}"
        return self._dress(text), plan, "each" if len(chosen) != 1 else "one-entity"

    def _phrase(self, family: Family) -> str | None:
        rng = self._rng
        words = rng.choice(family.functions)
        if not words.says:
            return None
        questions = words.questions if rng.random() < 0.15 else ()
        filled = fill(rng.choice(questions or words.says), realise_all(words, rng), rng, _IN_DIGITS)
        if filled is None or any(mark in filled[0] for mark in "/{;"):
            return None
        return filled[0].replace(" ,", ",")

    def _reading_goal(self, profile: KindProfile) -> tuple[str, str, str]:
        """Ask what a device knows of itself; the question is turned to the device: "where are you"."""
        rng = self._rng
        kind = profile.kind
        name = rng.choice(profile.device_names)
        said = rng.choice((name, name.replace("-", " ").replace("_", " ")))
        is_every = rng.random() < 0.65
        whom = (
            rng.choice((f"all {kind}s", f"every {kind}", f"the {kind}s", f"each {kind}", f"all the {kind}s"))
            if is_every
            else said
        )
        are, do = ("is", "does") if not is_every or whom.startswith(("every", "each")) else ("are", "do")
        form = rng.random()
        if form < 0.25:
            text, sub = f"where {are} {whom}{rng.choice(('', ' now', ' at the moment'))}", "where are you"
        elif form < 0.42:
            battery = rng.choice(("battery", "tank", "memory", "store"))
            plural = {"battery": "batteries", "memory": "memories"}.get(battery, battery + "s")
            text = (
                f"how full are the {plural} of {whom}" if is_every else f"how full is the {battery} of {whom}"
            )
            sub = f"how full is your {battery}"
        elif form < 0.5:
            stuff = rng.choice(("charge", "power", "battery", "fuel", "paper", "energy"))
            text, sub = f"how much {stuff} {do} {whom} have left", f"how much {stuff} do you have left"
        else:
            reading = rng.choice(READINGS)
            text = rng.choice((
                f"what is the {reading} of {whom}", f"report the {reading} of {whom}", f"tell me the {reading} of {whom}",
                f"the {reading} of {whom}", f"show me the {reading} of {whom}", f"i want the {reading} of {whom}", f"read the {reading} of {whom}",
                f"what are the {reading}s of {whom}", f"give me the {reading}s of {whom}", f"check the {reading} of {whom}",
            ))  # fmt: skip
            sub = f"report your {reading}"
        target = f"every {kind}" if is_every else f"named {said.lower()}"
        return self._dress(text), f"{target} / {sub}", "reading"

    def _device_goal(self, world: _World) -> tuple[str, str, str] | None:
        rng = self._rng
        profile = rng.choice(world.kinds)
        kind = profile.kind
        if rng.random() < 0.2:
            return self._reading_goal(profile)
        phrase = self._phrase(world.families[kind])
        if phrase is None:
            return None
        if rng.random() < 0.15:
            more = self._phrase(world.families[kind])
            if more:
                phrase += rng.choice((" and ", " and then ", ", then ")) + more
        chance = rng.random()
        if chance < 0.4:
            text = rng.choice((
                f"let every {kind} {phrase}", f"all {kind}s should {phrase}", f"make each {kind} {phrase}", f"tell all the {kind}s to {phrase}",
                f"every {kind} must {phrase}", f"i want every {kind} to {phrase}", f"have all {kind}s {phrase}", f"all {kind}s : {phrase}",
                f"ask the {kind}s to {phrase}", f"{kind}s , {phrase}", f"the {kind}s should {phrase}", f"get every {kind} to {phrase}",
                f"everyone , {phrase}" if len(world.kinds) == 1 else f"all {kind}s , {phrase}",
            ))  # fmt: skip
            return self._dress(text), f"every {kind} / {phrase}", "every"
        if chance < 0.75:
            text = rng.choice((
                phrase, phrase, f"have one {kind} {phrase}", f"send a {kind} to {phrase}", f"get some {kind} to {phrase}", f"one {kind} should {phrase}",
                f"i need a {kind} to {phrase}", f"let any {kind} {phrase}", f"a {kind} should {phrase}", f"can a {kind} {phrase}",
            ))  # fmt: skip
            if (
                text == phrase
                and len(world.kinds) > 1
                and len({family.field_name for family in world.families.values()}) < len(world.kinds)
            ):
                return None
            return self._dress(text), f"one {kind} / {phrase}", "one"
        name = rng.choice(profile.device_names)
        said = rng.choice((name, name, name.replace("-", " ").replace("_", " ")))
        text = rng.choice(
            (
                f"{said} , {phrase}",
                f"tell {said} to {phrase}",
                f"{said} : {phrase}",
                f"{said} should {phrase}",
                f"let {said} {phrase}",
                f"ask {said} to {phrase}",
                f"{phrase} , {said}",
                f"have {said} {phrase}",
            )
        )
        return text.replace(" ,", ",").replace(" :", ":"), f"named {said.lower()} / {phrase}", "named"

    def _refusal(self, world: _World) -> tuple[str, str, str] | None:
        rng = self._rng
        if rng.random() < 0.35:
            return self._dress(rng.choice(CHAT)), "refuse", "refuse"
        other = rng.choice(self._families)
        if other.field_name in {family.field_name for family in world.families.values()}:
            return None
        phrase = self._phrase(other)
        if phrase is None:
            return None
        kind = other.kind
        text = rng.choice(
            (phrase, f"let every {kind} {phrase}", f"have one {kind} {phrase}", f"send a {kind} to {phrase}")
        )
        return self._dress(text), "refuse", "refuse"

    def _dress(self, text: str) -> str:
        rng = self._rng
        starts = text.split(maxsplit=1)[0]
        if (
            starts
            not in {
                "which",
                "are",
                "is",
                "do",
                "where",
                "i",
                "we",
                "can",
                "all",
                "every",
                "everyone",
                "the",
                "how",
                "what",
            }
            and rng.random() < 0.5
        ):
            text = f"{rng.choice((*BEFORE, 'please help', 'please help', 'please help', 'help me', 'help us to', 'kindly help'))} {text}"
        text = text.replace(" ,", ",").replace(" :", ":")
        if starts in {"which", "are", "is", "do", "where", "can", "how", "what"}:
            return text + rng.choice(("?", "?", ""))
        return text + rng.choice((".", ".", "", "!"))

    @staticmethod
    def _usable(goal: Sentence, plan: str, world: _World) -> bool:
        """Whether the run-time grammar's words and the decoder accept the plan."""
        names = named_devices(goal.lower, world.kinds)
        words = sentence_words(goal, [profile.kind for profile in world.kinds], world.entities)
        for line in plan.split("\n"):
            try:
                decode_step(line, goal, world.kinds, world.entities, names)
            except NotationError:
                return False
            said = re.sub(r"\{[^}]*\}", "", line.split(" / ")[-1])
            if any(word not in words for word in said.split()):
                return False
        return True
