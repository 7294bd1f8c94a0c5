"""Writes what the judge of abilities learns from: what people ask for, what devices say they can do, and whether it is that."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.capability import ability_text
from inference.search_text import without_numbers
from training.data.clauses import fill
from training.data.values import Manner
from training.data.vendor import realise_all
from training.lexicon import Family, FunctionWords, spin
from training.plan_examples import PLURALS

_ASKED_SHARE = 0.15
_IN_DIGITS = Manner(words_share=0.0)

# Words in a group can stand for each other; those of two groups mean different things to do.
DEEDS = tuple(
    tuple(group.split(", "))
    for group in """
    clean, wash, scrub, wipe
    sweep, vacuum, hoover
    mop, wet-clean
    polish, buff
    paint, repaint, varnish
    repair, fix, mend, patch up
    inspect, examine, check, look over
    measure, gauge, take a reading of
    count, tally
    photograph, take a picture of, take a photo of
    film, record a video of
    bring, carry, deliver, take
    fetch, get, collect, pick up
    open, unlock
    close, shut
    fill, top up, refill
    empty, drain, pump out
    heat, warm up
    cool, chill
    move, shift, relocate
    lift, hoist, raise
    lower, let down
    cut, trim, mow
    prune, cut back
    plant, sow
    water, irrigate
    harvest, reap
    spray, mist
    fertilise, feed with fertiliser
    dig, excavate
    weigh, put on the scales
    pack, wrap
    unpack, unwrap
    label, put a label on
    sort, put in order
    scan, read the barcode of
    weld, solder
    drill, bore
    bolt, screw down
    sew, stitch
    knit, weave
    cook, boil
    bake, roast
    fry, grill
    taste, try a bite of
    buy, purchase, order
    sell, put up for sale
    rent out, let
    book, reserve
    pay for, settle the bill of
    write, compose
    translate, put into French
    read aloud, recite
    print, make a printout of
    sign, put a signature on
    teach, instruct
    play, perform
    sing, hum
    guard, watch, keep an eye on
    light, illuminate
    darken, black out
    demolish, tear down
    build, construct, erect
    replace, exchange, swap out
    install, fit
    remove, take away, clear away
    calibrate, adjust
    test, try out
    disinfect, sterilise
    catch, capture
    scare away, drive off
    feed, give food to
    milk, get milk from
    shear, shave
    treat, give medicine to
    operate on, perform surgery on
    bottle, fill into bottles
    stir, mix
    crush, grind
    squeeze, press
    iron, press the creases out of
    fold, fold up
    hang up, put up
    tow, pull, tug
    park, put in a parking place
    refuel, fill the tank of
    charge, recharge
    restore, bring back to its old beauty
    bind, give a new cover to
    rename, give another name to
    insure, take out insurance for
    decorate, put flowers on
    board up, nail shut
    de-ice, free from ice
    salt, grit
    fumigate, smoke out
    dust, dust off
    tune, bring into tune
    """.strip().splitlines()
    for group in (group.strip(),)
)
THINGS = (
    "window", "floor", "door", "roof", "wall", "painting", "carpet", "engine", "book", "plant", "fish", "hull", "lamp", "glass",
    "bottle", "child", "patient", "guest", "parcel", "costume", "grass", "vine", "tomato", "soil", "air", "light", "curtain", "seat",
    "tool", "bed", "chair", "statue", "ticket", "letter", "poem", "disk", "cable", "pipe", "filter", "tyre", "wheel", "bird", "sheep",
    "luggage", "wine", "beer", "bread", "soup", "ice cream", "song", "tent", "fence", "sign", "clock", "mirror", "basket", "crate",
)  # fmt: skip


# What can be read off things, and how people ask for it without naming it.
AMOUNTS = (
    ("temperature", "warm", "hot", "cold"), ("humidity", "humid", "damp"), ("weight", "heavy"), ("height", "high", "tall"),
    ("length", "long"), ("depth", "deep"), ("speed", "fast", "slow"), ("noise level", "loud", "noisy"), ("brightness", "bright", "dark"),
    ("age", "old"), ("fill level", "full", "empty"), ("pressure",), ("oxygen content",), ("salt content", "salty"), ("sugar content", "sweet"),
    ("wind speed", "windy"), ("moisture", "moist", "dry", "wet"), ("battery level", "charged"), ("price", "expensive", "cheap"),
    ("thickness", "thick", "thin"), ("amount of dirt", "dirty", "clean"), ("width", "wide"), ("acidity", "sour", "acidic"), ("colour",),
    ("number of visitors", "crowded", "busy"), ("fuel level",), ("amount of water left",), ("power draw",), ("vibration", "shaky"),
    ("amount of dust", "dusty"), ("distance", "far"), ("slope", "steep"), ("hardness", "hard", "soft"), ("water level",), ("voltage",),
    ("ripeness", "ripe"), ("carbon dioxide content", "stuffy"), ("error count",), ("size", "big", "large"), ("signal strength",),
)  # fmt: skip
SOUGHT = (
    "leaks", "cracks", "weeds", "rust", "smoke", "free places", "vacant space", "lost things", "damage", "intruders", "ice", "oil", "mice",
    "mould", "obstacles", "broken lamps", "litter", "ripe fruit", "expired goods", "people", "loose screws", "errors", "gas", "fleas", "ants",
    "graffiti", "puddles", "parked cars", "empty seats", "missing parts", "fire", "noise", "dead fish", "wasps", "holes", "stains",
)  # fmt: skip
_PERSON = ("", "", "", "please ", "somebody should ", "can you ", "i want to know ", "tell me ")


@dataclass(frozen=True, slots=True)
class AbilityExample:
    """A request, an ability with the kind of device that has it, and whether the one is met by the other.

    `group` is the same for all examples that share words, so that none of them helps to judge another.
    """

    request: str
    ability: str
    is_met: bool
    group: str


def examples(families: Sequence[Family], rng: random.Random) -> Iterator[AbilityExample]:
    """Stream examples, reproducibly: what is asked of the lexicon's devices, plain deeds on things, amounts, and what is looked for."""
    usable = [family for family in families if len(family.functions) > 1]
    while True:
        yield from _of_family(rng.choice(usable), rng)
        yield from _of_deed(rng)
        if rng.random() < _ASKED_SHARE:
            yield from _of_amount(rng)
            yield from _of_search(rng)


def _of_family(family: Family, rng: random.Random) -> Iterator[AbilityExample]:
    """A request for a function beside that function, and beside another of the same device."""
    asked, other = rng.sample(family.functions, 2)
    request = _request(asked, rng)
    if request is None:
        return
    kind, group = rng.choice((family.kind, *family.names[:2])), family.names[0]
    yield AbilityExample(request, ability_text(kind, _ability(asked, rng)), is_met=True, group=group)
    yield AbilityExample(request, ability_text(kind, _ability(other, rng)), is_met=False, group=group)
    # The right things, but something else is to be done with them.
    verb, _, rest = request.partition(" ")
    if rest and verb in {name for say in asked.says for name in _first_words(say)}:
        changed = f"{rng.choice(rng.choice(DEEDS))} {rest}"
        yield AbilityExample(changed, ability_text(kind, _ability(asked, rng)), is_met=False, group=group)


def _of_deed(rng: random.Random) -> Iterator[AbilityExample]:
    """Something to be done with a thing at a place, beside the same in other words, and beside something else."""
    deed, other = rng.sample(DEEDS, 2)
    thing, another = rng.sample(THINGS, 2)
    place = rng.choice(sorted(PLURALS))
    where = rng.choice(("of", "of", "in", "at", "on", "from"))
    kind = rng.choice(
        ("robot", "drone", "rover", "cart", "machine", f"{thing} robot", f"{place} machine", "helper")
    )
    is_placed = rng.random() < 0.7
    tail = f" {where} a {place}" if is_placed else ""
    article = rng.choice(("the ", "a ", ""))
    request = f"{rng.choice(deed)} the {_number(thing, rng)}{tail}"
    group = f"{deed[0]} {thing}"
    if rng.random() < 0.3:
        request = rng.choice(
            ("have {t} {v}", "i want {t} to be {v}", "please see that {t} gets {v}", "{t} should be {v}")
        ).format(t=f"the {_number(thing, rng)}{tail}", v=_participle(rng.choice(deed)))

    def ability(words: Sequence[str], what: str) -> str:
        said = rng.choice(words)
        verb, _, rest = said.partition(" ")
        lead = rng.choice(("It {s}", "It {s}", "It can {b}", "{c}")).format(
            s=_third(verb), b=verb, c=verb.capitalize()
        )
        return ability_text(kind, f"{lead}{' ' + rest if rest else ''} {article}{_number(what, rng)}{tail}.")

    if rng.random() < 0.15:
        request = f"{rng.choice(deed)} the {_number(thing, rng)}"
    yield AbilityExample(request, ability(deed, thing), is_met=True, group=group)
    yield AbilityExample(request, ability(other, thing), is_met=False, group=group)
    if rng.random() < 0.4:
        yield AbilityExample(request, ability(deed, another), is_met=False, group=group)


def _of_amount(rng: random.Random) -> Iterator[AbilityExample]:
    """A question for an amount, beside what measures it, and beside what measures another."""
    (amount, *adjectives), (other, *_) = rng.sample(AMOUNTS, 2)
    place, thing = rng.choice(sorted(PLURALS)), rng.choice(THINGS)
    of = rng.choice(
        (f" of a {place}", f" in a {place}", f" of the {thing}", f" of the {thing} in a {place}", "")
    )
    if adjectives and rng.random() < 0.5:
        what = of.removeprefix(" of ").removeprefix(" in ") or "it"
        request = f"{rng.choice(('how', 'check how', 'tell me how'))} {rng.choice(adjectives)} is {what}"
    else:
        asked = rng.choice((amount, amount, amount, amount.rpartition(" ")[2]))
        request = rng.choice(
            (
                "what is the {a}{o}",
                "measure the {a}{o}",
                "read the {a}{o}",
                "report the {a}{o}",
                "{a}{o}",
                "i need the {a}{o}",
            )
        ).format(a=asked, o=of)
    request = (rng.choice(_PERSON[:4]) + request).strip()
    kind = rng.choice(
        ("robot", "drone", "sensor", "station", "meter", "monitor", f"{thing} cart", f"{place} rover")
    )
    group = f"amount {amount}"

    def ability(what: str) -> str:
        shown = of if rng.random() < 0.6 else ""
        lead = rng.choice(
            (
                "It measures the",
                "It reports the",
                "It reads the",
                "It says what the",
                "Measure the",
                "It tells its",
                "Get",
            )
        )
        return ability_text(kind, f"{lead} {what}{shown}{' is' if 'says' in lead else ''}.")

    yield AbilityExample(request, ability(amount), is_met=True, group=group)
    yield AbilityExample(request, ability(other), is_met=False, group=group)
    if rng.random() < 0.3:
        changed = f"{rng.choice(rng.choice(DEEDS))} the {thing}{of if thing not in of else ''}"
        yield AbilityExample(changed, ability(amount), is_met=False, group=group)


def _of_search(rng: random.Random) -> Iterator[AbilityExample]:
    """A question whether something is there, beside what looks for it, and beside what looks for something else."""
    sought, other = rng.sample(SOUGHT, 2)
    place = rng.choice(sorted(PLURALS))
    where = rng.choice((f" in a {place}", f" on a {place}", f" at a {place}", ""))
    request = rng.choice(_PERSON[:5]) + rng.choice((
        "look for {s}{w}", "check{p} for {s}", "is there any {s}{w}", "are there {s}{w}", "did anybody see {s}{w}", "check whether there is {s}{w}",
        "find {s}{w}", "search{p} for {s}", "does a {e} have {s}", "has a {e} got {s}", "see if there are {s}{w}", "count the {s}{w}",
    )).format(s=sought, w=where, p=f" a {place}", e=place)  # fmt: skip
    kind = rng.choice(("robot", "drone", "camera", "scout", "sensor", f"{place} robot"))

    def ability(what: str) -> str:
        return ability_text(kind, rng.choice((
            f"It looks for {what}{where}.", f"It checks a {place} for {what}.", f"It tells whether a {place} has {what}.",
            f"It finds {what}.", f"It detects {what}{where}.", f"It watches a {place} for {what}.", f"It counts the {what}{where}.",
        )))  # fmt: skip

    yield AbilityExample(request.strip(), ability(sought), is_met=True, group=f"sought {sought}")
    yield AbilityExample(request.strip(), ability(other), is_met=False, group=f"sought {sought}")


def _request(words: FunctionWords, rng: random.Random) -> str | None:
    pool = words.questions if words.questions and rng.random() < 0.25 else words.says
    if not pool:
        return None
    filled = fill(rng.choice(pool), realise_all(words, rng), rng, _IN_DIGITS)
    return without_numbers(filled[0]) if filled is not None and "{" not in filled[0] else None


def _ability(words: FunctionWords, rng: random.Random) -> str:
    """An ability as profiles have it: a sentence, or the plain name of a function."""
    if not words.descriptions or rng.random() < 0.4:
        return f"{rng.choice(words.names).capitalize()}."
    said = spin(rng.choice(words.descriptions), rng)
    first = said.split()[0]
    return (
        f"It {said}." if first.endswith("s") and not first.endswith("ss") else f"{said[0].upper()}{said[1:]}."
    )


def _first_words(say: str) -> list[str]:
    first = say.split(maxsplit=1)[0]
    return first.strip("()").split("/") if first.startswith("(") else [first]


def _third(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2:-1] not in set("aeiou") else f"{verb}s"


_IRREGULAR = {
    "bring": "brought", "take": "taken", "get": "got", "buy": "bought", "sell": "sold", "catch": "caught", "write": "written",
    "read": "read", "sew": "sewn", "sow": "sown", "teach": "taught", "sing": "sung", "build": "built", "feed": "fed", "tear": "torn",
    "grind": "ground", "dig": "dug", "weave": "woven", "knit": "knitted", "fit": "fitted", "cut": "cut", "let": "let", "put": "put",
    "keep": "kept", "give": "given", "drive": "driven", "shut": "shut", "bind": "bound", "hang": "hung", "make": "made",
    "shear": "shorn", "pay": "paid", "swap": "swapped", "scan": "scanned", "mop": "mopped", "drain": "drained", "stir": "stirred",
    "trim": "trimmed", "wrap": "wrapped", "unwrap": "unwrapped", "fry": "fried", "label": "labelled", "hum": "hummed",
    "light": "lit", "free": "freed", "try": "tried", "tow": "towed", "tug": "tugged", "top": "topped", "pick": "picked",
}  # fmt: skip


def _participle(deed: str) -> str:
    verb, _, rest = deed.partition(" ")
    done = _IRREGULAR.get(verb) or (f"{verb}d" if verb.endswith("e") else f"{verb}ed")
    return f"{done} {rest}".strip()


def _number(thing: str, rng: random.Random) -> str:
    if rng.random() < 0.6:
        return thing
    return {
        "child": "children",
        "fish": "fish",
        "sheep": "sheep",
        "glass": "glasses",
        "luggage": "luggage",
    }.get(thing, thing + ("es" if thing.endswith(("sh", "ch", "s", "x", "o")) else "s"))
