"""Sorts of names that devices offer a choice of: colours, languages, places, music, sports, drinks, each with near equivalents.

Of a sort it is known which names mean about the same ("violet" and "purple") and where in a sentence such a name says what is
wanted: "orange" is a colour in "make it orange", and nothing of the kind in "peel an orange".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from inference.abbreviations import LANGUAGES
from inference.words import Place

__all__ = ["SORTS", "Sort", "sort_of"]

_LEAST = 2
# Choices that are of every sort, and none of its names.
_ANY_SORT = frozenset("off none all both everywhere nowhere home default auto automatic".split())
# These take whatever is none of the others.
_OTHER = frozenset("other others custom any anything else random unknown mixed various".split())
# What ends the words of a value.
_END = (
    r"(?=\s*(?:$|[,;!?]|\.(?:\s|$))| (?:please|now|then|and|but|for|when|while|until|till|so|as|if|instead|again|tonight|today"
    r"|thanks|too|also|next|with|at|in|on|by|from|before|after|right|straight)\b)"
)
_DETERMINER = r"(?:(?:the|a|an|some|any|my|our|your|another|more|this|that|one) )?"
_OUR = r"(?:(?:the|my|our|your) )?"
_SHADE = r"(?:(?:a|dark|light|deep|pale|bright) ){0,2}"
_COLORING = (
    r"(?:makes?|turns?|paint|colou?r|sets?|switch|change|light|glow|shine|flash|want|have|get|go|goes|be|is|are)"
    r"(?: (?!to |in |into )[\w'\u2019-]+){0,4}?"
)
_CLEANING = r"(?:vacuum|hoover|sweep|mop|clean|do|patrol|scrub|wash|wipe|visit|avoid|check)"
_GOING = r"(?:go|drive|head|move|come|travel|roll|walk|run|navigate|get|send [a-z]+|take [a-z]+|bring [a-z]+)(?: [a-z]+)?"
_STANDING = r"(?:announcement|lights?|lamps?|speakers?|music|heating|curtains|blinds)"
# What is told, or only holds then, speaks of other places.
_NO_TELLING = r"(?!\b(?:that|say|says|saying|tell|ask|announce|note|remind|remember|called|named|if|when|because|while)\b)"
_LISTENING = r"(?:play|put on|on with|listen to|hear|stream|fancy|want|like|mood for|switch to|change to|tune (?:in )?to)"
_ONE_OF_SEVERAL = (
    "zone|side|string|door|gate|window|wing|tower|camera|lamp|light|seat|burner|lane|bay|entrance|array|roof|wall|drawer|shelf|oven|tank"
    "|valve|pump|arm|wheel|blind|shutter|curtain|speaker|channel|field|hall|bed|pane|port|gauge|one"
)
_SERVED = r"(?:small|medium|large|big|cold|iced|hot|fresh|glass of|cup of|bottle of|can of)"


@dataclass(frozen=True)
class Sort:
    """Names of one kind.

    Attributes:
        lines: names that mean about the same, as one set each; a name may be in several.
        patterns: where a name says what is wanted; `{name}` stands for the name.
        about: what a parameter of this sort has to speak of in its name or description; anything if empty.
    """

    lines: Sequence[frozenset[str]]
    patterns: Sequence[str]
    about: str = ""

    @cached_property
    def _lines_by_name(self) -> Mapping[str, frozenset[int]]:
        names = {name for line in self.lines for name in line}
        return {
            name: frozenset(number for number, line in enumerate(self.lines) if name in line)
            for name in names
        }

    @cached_property
    def _name(self) -> str:
        # The longest first: a swimming pool is no pool.
        names = sorted(self._lines_by_name, key=lambda name: (-len(name), name))
        return rf"(?P<name>{'|'.join(map(re.escape, names))})(?P<many>s)?"

    @cached_property
    def _wanted(self) -> Sequence[re.Pattern[str]]:
        return [re.compile(pattern.replace("{name}", self._name)) for pattern in self.patterns]

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w-]){self._name}(?![\w-])")

    def kinds(self, text: str) -> frozenset[int]:
        """Return the lines that the names in a text are in."""
        return frozenset(
            kind for match in self._any.finditer(text) for kind in self._lines_by_name[match["name"]]
        )

    def wanted(self, lower: str) -> Iterator[tuple[str, Place]]:
        """Find the names that a sentence in lower case wants, and where."""
        for pattern in self._wanted:
            for match in pattern.finditer(lower.replace("\u2019", "'")):
                yield match["name"], match.span("name")

    def has(self, choices: Sequence[str]) -> bool:
        """Whether choices are all names of this sort, as far as they are no "off" or "all"."""
        own = [choice for choice in choices if choice not in _ANY_SORT]
        return (
            len(own) >= _LEAST
            and not any(choice in _OTHER for choice in choices)
            and all(self._is_name(choice) for choice in own)
        )

    def _is_name(self, choice: str) -> bool:
        """Whether a choice ends in a name, or in one and a letter or number: "dark red", "dorm a"."""
        return re.search(rf"(?<!\w){self._name}(?: (?:\d+|[a-z]))?$", choice) is not None


def _lines(text: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(name.strip() for name in line.split(",")) for line in text.strip().splitlines())


_COLORS = Sort(
    _lines(
        """
        red, crimson, scarlet, ruby, cherry, burgundy, maroon, rose, vermilion
        orange, amber, tangerine, apricot, peach
        amber, yellow, gold, golden, lemon, mustard
        green, lime, mint, olive, emerald, sage
        turquoise, cyan, teal, aqua, aquamarine
        blue, navy, azure, indigo, sapphire, cobalt, ultramarine
        purple, violet, lilac, lavender, mauve, plum, indigo
        magenta, fuchsia, pink, rose, salmon, coral
        magenta, fuchsia, purple
        brown, chocolate, chestnut, tan
        beige, tan, cream, ivory
        white, ivory, cream
        grey, gray, silver, charcoal
        black
        gold, golden
        silver
        """
    ),
    (
        # "Turn the frame purple", "make it brown", "I want the strip teal", "go orange"
        rf"(?<!\w){_COLORING} {_SHADE}{{name}}{_END}",
        rf"(?<!\w)(?:in|into|to|as|colou?r(?:ed|:)?) {_SHADE}{{name}}{_END}",
        r"(?<!\w){name} (?:lights?|lamps?|glow|colou?r|one|list|label|tag|note|flag|marker|group|theme|led)(?!\w)",
        rf"^{{name}}{_END}",
    ),
    about="colou?r",
)
_OTHER_LANGUAGES = (
    "latin swahili vietnamese thai hebrew urdu bengali tamil telugu punjabi cantonese catalan basque galician icelandic estonian "
    "latvian lithuanian serbian bosnian albanian macedonian ukrainian armenian georgian indonesian malay filipino tagalog "
    "afrikaans zulu maltese luxembourgish esperanto yiddish mongolian nepali"
)
_SAME_LANGUAGES = """
mandarin, chinese
farsi, persian
flemish, dutch
gaelic, irish
"""
_LANGUAGES = Sort(
    (
        *_lines(_SAME_LANGUAGES),
        *(frozenset({name}) for name in sorted({*LANGUAGES.values(), *_OTHER_LANGUAGES.split()})),
    ),
    (r"(?<!\w)(?:in|into|to|from|speaks?|language:?|be|is|with|for) (?:the )?{name}(?!\w)",),
)
_PLACES = Sort(
    _lines(
        """
        living room, living, lounge, sitting room, front room, family room, salon, parlour, den, tv room, drawing room
        kids room, kids' room, kid's room, children's room, childrens room, child's room, nursery, playroom, boys' room
        bedroom, bed room, master bedroom, main bedroom, sleeping room
        guest room, guest bedroom, spare room, spare bedroom, guests' room, bedroom
        bathroom, bath room, bath, washroom, restroom, shower room, ensuite, en suite
        toilet, loo, wc, restroom, washroom, lavatory, bathroom, cloakroom, powder room
        hall, hallway, corridor, entrance, entrance hall, entry, entryway, foyer, lobby, vestibule, landing, stairs, staircase
        study, office, home office, den, library, workroom, study room, studio
        kitchen, kitchenette, cooking area
        dining room, dining area, dinette
        garage, carport
        car park, parking lot, car parking, garage
        basement, cellar
        attic, loft
        laundry room, laundry, utility room, utility, scullery
        pantry, larder, storeroom, storage room
        terrace, patio, deck, veranda, porch, balcony, roof terrace, conservatory, winter garden
        garden, rose garden, yard, backyard, lawn, front yard, courtyard
        canteen, cafeteria, dining hall, mess, restaurant, dining room, refectory
        lab, laboratory, workshop
        dorm, dormitory
        post room, mail room, mailroom, post office
        swimming pool, pool
        gym, fitness room, sports hall
        sauna
        library
        museum
        cinema
        chapel, church
        supermarket
        football stadium, stadium
        train station, railway station
        bus stop, bus station
        airport
        bakery
        pharmacy
        bridge
        greenhouse
        shed
        """
    ),
    (
        # "Vacuum the kids' room", "go to the pool"
        rf"(?<!\w){_CLEANING} {_OUR}{{name}}{_END}",
        rf"(?<!\w){_GOING} (?:to|into|towards?) {_OUR}{{name}}{_END}",
        rf"(?<!\w){_STANDING} (?:in|on) {_OUR}{{name}}(?= (?:that|saying)\b|\s*(?:$|[,;!?.]))",
        # "Fetch my keys from the attic", but not "say that tea is served in the garden"
        rf"^(?:{_NO_TELLING}[^,.;:!?])* (?:from|in|into|to|at|on|inside) (?:the|my|our|your) {{name}}{_END}",
        # "Cellar to 15"
        r"^(?:the )?{name} (?:to|at) (?=-?\d)",
    ),
)
_SIDES = Sort(
    _lines(
        """
        left, left hand, left-hand
        right, right hand, right-hand
        middle, centre, center, central
        front
        rear, back
        top, upper
        bottom, lower
        """
    ),
    # "Left zone to 10"
    (rf"(?<!\w){{name}} (?:{_ONE_OF_SEVERAL})(?!\w)",),
)
_QUARTERS = Sort(
    _lines(
        """
        north, northern
        south, southern
        east, eastern
        west, western
        """
    ),
    _SIDES.patterns,
)
_MUSIC = Sort(
    _lines(
        """
        rock, rock'n'roll, rock and roll, metal, heavy metal, punk, grunge, indie, alternative
        pop, k-pop, charts, hits, indie, schlager
        jazz, swing, bebop, big band
        blues
        soul, funk, r&b, motown, gospel
        classical, classic, classics, baroque, opera, symphonies, orchestral
        hip hop, hip-hop, rap, trap
        electronic, electro, techno, house, edm, trance, dance, dubstep, drum and bass, electronica
        disco, dance
        ambient, chill, chillout, lounge, electronic
        folk, country, bluegrass, acoustic
        reggae, ska, dancehall
        latin, salsa, samba, tango, bossa nova, flamenco, reggaeton
        news
        talk
        sports
        """
    ),
    (
        (
            rf"(?<!\w){_LISTENING} (?:me |us )?(?:to )?{_DETERMINER}(?:bit of |(?:good|old|nice|classic) )?{{name}}"
            rf"(?: (?:music|songs|tunes|radio))?{_END}"
        ),
        rf"(?<!\w)(?:some|bit of|more) {{name}}(?: (?:music|songs|tunes))?{_END}",
        r"(?<!\w){name} music(?!\w)",
    ),
    about="genre|music|station|style",
)
_SPORTS = Sort(
    _lines(
        """
        run, running, jog, jogging, treadmill, sprint, sprinting
        walk, walking, hike, hiking, stroll, strolling, trek, nordic walking
        cycle, cycling, bike, biking, ride, bike ride, spinning, indoor cycling, mountain biking
        swim, swimming
        row, rowing, canoeing, kayaking
        yoga, pilates, stretching
        strength, strength training, weights, weight training, weightlifting, weight lifting, gym
        climbing, climb, bouldering
        tennis, badminton, squash, table tennis, padel
        football, soccer
        basketball
        volleyball
        handball
        hockey, ice hockey
        golf
        skiing, ski, cross-country skiing
        snowboarding
        skating, ice skating, roller skating, inline skating
        boxing, kickboxing
        karate, judo, martial arts
        dancing, dance, zumba
        surfing
        sailing
        horse riding, riding
        elliptical, cross trainer
        """
    ),
    (
        r"(?<!\w){name} (?:session|workout|training|activity|class|lesson|exercise)(?!\w)",
        rf"(?<!\w)(?:go|going|went|do|doing|start|begin|track|log|record) (?:for )?(?:(?:a|my|some|the) )?{{name}}{_END}",
    ),
    about="sport|workout|activity|exercise|training",
)
_MILK = Sort(
    _lines(
        """
        whole, full fat, cow, cow's, regular, dairy
        skimmed, skim, semi-skimmed, low-fat, fat-free, dairy
        oat
        soy, soya
        almond, nut
        coconut
        rice
        hazelnut, nut
        cashew, nut
        macadamia, nut
        hemp
        pea
        goat, goat's
        lactose-free, lactose free
        """
    ),
    (r"(?<!\w){name} milk(?! (?:chocolate|foam|shake))(?!\w)",),
    about="milk",
)
_DRINKS = Sort(
    _lines(
        """
        espresso, ristretto, lungo, doppio, double espresso, cortado, coffee
        americano, filter coffee, black coffee, long black, lungo, coffee, caffe crema, cafe creme
        latte, latte macchiato, caffe latte, cafe au lait, cortado, milk coffee, macchiato, coffee
        cappuccino, flat white, coffee
        flat white, latte, coffee
        macchiato, espresso macchiato, cortado
        mocha, coffee, hot chocolate
        chai latte, chai, tea
        hot chocolate, cocoa, chocolate
        tea, green tea, black tea, herbal tea, peppermint tea, iced tea
        hot water, water, mineral water, sparkling water, still water
        hot milk, milk
        matcha, matcha latte
        orange juice, apple juice, juice
        lemonade
        smoothie
        milkshake
        cola, coke
        beer
        wine, red wine, white wine
        gin and tonic
        kombucha
        energy drink
        """
    ),
    (
        rf"(?<!\w)(?:a|an|one|two|some|\d+) (?:{_SERVED} )*{{name}}{_END}",
        rf"(?<!\w)(?:make|brew|order|get|have|want|like|pour|fancy)(?: me| us)? {{name}}{_END}",
    ),
    about="drink|beverage|coffee",
)
_CUISINES = Sort(
    tuple(
        frozenset({name})
        for name in (
            "italian french spanish german greek turkish chinese japanese korean thai vietnamese indian mexican american british "
            "moroccan lebanese ethiopian peruvian brazilian portuguese polish russian persian caribbean cuban swedish "
            "austrian hungarian indonesian malaysian georgian syrian"
        ).split()
    ),
    (
        r"(?<!\w){name} (?:food|place|restaurant|cuisine|dish|dishes|meal|dinner|lunch|recipe|takeaway|cooking)(?!\w)",
        rf"(?<!\w)(?:something|anything) {{name}}{_END}",
    ),
    about="cuisine|food|restaurant|dish|kitchen|recipe",
)
SORTS = (_COLORS, _PLACES, _SIDES, _QUARTERS, _MUSIC, _SPORTS, _MILK, _DRINKS, _CUISINES, _LANGUAGES)


def sort_of(choices: Sequence[str], about: str) -> Sort | None:
    """Return the sort of which all choices of a parameter are names; None where there is none.

    Args:
        choices: as people say them.
        about: name and description of the parameter, in lower case.
    """
    return next(
        (sort for sort in SORTS if re.search(sort.about, about) is not None and sort.has(choices)), None
    )
