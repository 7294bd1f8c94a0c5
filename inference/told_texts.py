"""Finds texts that the wording of a sentence tells for sure: "the laundry timer", "in the basement", "remind me to call Ann".

A reader is often shy of texts that may be left out, and unsure where a text ends. What a parameter takes is told by its name,
else by its description: a room, a label, a person, what to say, a title and whose it is, a language, a day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from inference.day_texts import day_writing, days_for, named_days, wished_days
from inference.list_entries import list_entries
from inference.played_texts import played_texts
from inference.said_codes import said_plates
from inference.said_dates import end_of_day, said_dates
from inference.said_rooms import said_rooms
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.spoken_texts import LITTLE_WORDS, TIME_WORDS, called_places
from inference.text import Sentence, canonical_words
from inference.told_messages import told_messages, told_recipients, told_subjects
from inference.told_topics import told_topics
from inference.told_ways import told_ways
from inference.units import UNIT_BY_WORD
from inference.words import Place, clause_places

_SORTS: Mapping[str, frozenset[str]] = {
    sort: frozenset(words.split())
    for sort, words in {
        "place": "room rooms place where location area zone floor",
        "label": "label name alarm timer list",
        "person": "person contact guest member assignee who whom recipient recipients receiver sender user caller",
        "message": "text message announcement reminder task note todo memo errand body wording",
        "subject": "subject",
        "plate": "plate registration",
        "title": "title song track album film movie book audiobook piece",
        "maker": "artist singer band author composer musician performer interpreter",
        "language": "language lang",
        "day": "date day due deadline",
    }.items()
}
_DESCRIBING_WORDS = 8
_RELATIVE_WORDS = frozenset({"where", "who", "whom"})
_ANYWHERE = frozenset({"room", "rooms", "area", "zone"})
_BEHIND_PREPOSITION = re.compile(r"(?<!\w)(?:in|inside|at|on) (?:(?:the|my|our|your) )?(?:[\w'\u2019]+ )?$")
_DETERMINER = r"(?:the|my|our|your|his|her|their|this|that)"
_END = r"(?=[.!?]?\s*$|[,;:!?]|\.\s| (?:and|then|please|to|at|by|for|on|is|are|has|with|when|now|right now|too|as well|again)\b)"
_LAST = r"(?=[.!?]?\s*$|[,;:!?](?=\s)|\.\s| (?:and|then|please|for|in|at|to)\b)"
# "Put 5 minutes on the rice"
_MORE_TIME = re.compile(
    rf"(?<!\w)(?:seconds?|minutes?|mins?|hours?|time|longer|more) (?:more )?(?:on|onto|to|for|off|from) {_DETERMINER}"
    rf" (?P<text>[\w'\u2019-]+(?: [\w'\u2019-]+)?){_LAST}"
)
_THINGS = frozenset("event appointment meeting item product thing device entry object".split())
_RENAMING = frozenset({"rename", "renames", "renamed"})
_IN_THE = re.compile(rf"(?<!\w)(?:in|inside) {_DETERMINER} (?P<text>[\w'\u2019-]+(?: [\w'\u2019-]+)?){_END}")
_NOUN_IN_TEXT = re.compile(
    r"(?<!\w)(?:a|an|the|your|of the|another) (?:(?:running|held|ringing|stored|named|own|new|repeating|existing) )*([a-z]+)"
)
_OTHER_NOUNS = frozenset(
    "given way time person house amount default step day days device speaker entry name label one list's".split()
)
# "The next alarm" and "a silent timer" have no label.
_NO_LABELS = frozenset(
    """
    next new last first second third other current present running active same whole loud silent quiet quick short long little
    repeating recurring daily weekly monthly early late old older single only all any both every each remaining existing entire
    final another more right wrong latest previous actual usual normal regular default big small full empty complete own certain
    particular different extra separate possible two three
    set start stop cancel delete remove pause resume add make show open clear silence snooze kill create begin check hold hang end
    restart extend tell freeze turn switch change edit give put arm disarm reset mute stream delay play move get find call list
    let drop lower raise shut close lock unlock enable disable repeat what whats what's which how when is are
    """.split()
)
_TIMED_NOUNS = frozenset({"timer", "alarm"})
_WHILE = frozenset(
    "while moment bit sec second minute change start sure example instance now good ever free everyone".split()
)
_NOT_IN = frozenset(
    """
    background meantime middle way end mood dark future past air water list calendar order case total general beginning meanwhile
    corner sun shade rain cold heat open box bag car queue schedule same first next last house home building flat apartment
    """.split()
)
_NAME = r"(?:(?:Dr|Mr|Mrs|Ms|Prof|St)\.? )?[A-ZÀ-ÖØ-Þ][\w'\u2019-]*(?: [A-ZÀ-ÖØ-Þ][\w\u2019-]*)?"
_NO_NAMES = frozenset(
    """
    me us we i you it him her them everybody everyone somebody someone anybody anyone nobody phone
    all people that this the a an my our your and to
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october
    november december today tomorrow
    """.split()
)
_OWNED = re.compile(r"['\u2019]s ([\w-]+)$")
# "What's Ann got" and "it's Ann" speak of nothing that somebody has.
_IS = frozenset("what who where when how why that this there here it he she let everyone everybody".split())
_RELATIVES = frozenset(
    """
    mum mom mother mama dad father papa parents brother sister son daughter wife husband partner boyfriend girlfriend friend
    uncle aunt aunty grandma grandpa grandmother grandfather cousin nephew niece boss assistant office team family secretary
    doctor nurse teacher neighbour neighbor colleague kids children school work
    """.split()
)
_FOR_NAME = re.compile(
    rf"(?<!\w)(?:[Ff]or|[Ff]rom|[Tt]o) (?P<text>{_NAME})(?=[.!?]?\s*$|[,;:!?]|\.\s| (?:at|on|to|in|and|by|until|tomorrow)\b)"
)
_CALLS = re.compile(
    r"(?<!\w)(?:when|whenever|if|every time|each time) (?:my )?(?P<text>[\w'\u2019-]+) (?:calls|rings|phones|writes|texts)(?!\w)"
)
_SAID = r"(?=(?:,? (?:please|thanks|thank you))?[.!?]?\s*$|[;!?]|\.\s)"
_REMIND = re.compile(
    r"(?<!\w)remind (?P<who>(?:(?:my|our|the) )?[\w'\u2019-]+)"
    r"(?P<when>(?: (?!to |that (?!(?:same )?day )|about )[\w:.'\u2019]+)*?),? "
    rf"(?:(?:that i (?:have|need|want|ought) to|that(?! (?:same )?day )|to|about) )(?P<text>[^;!?]+?){_SAID}"
)
_SAYING = re.compile(
    r"(?<!\w)(?:announce|announcing|say|saying|tell|telling|inform|notify|message|text|texting|broadcast|reply|write|let|remind"
    r"|send|shout|mention|answer)(?: [\w'\u2019.-]+){0,5}? (?:that|saying|(?<=let )[\w'\u2019-]+ know(?: that)?)"
    rf" (?P<text>(?!again\b)[^;!?]+? [^;!?]+?){_SAID}"
)
_BY = re.compile(
    r"(?<!\w)(?:play|playing|put on|put|queue|queue up|start|hear|listen to|stream|read|watch|find|spin)(?: me| us)?"
    r"(?: (?:(?:the|a|some) )?(?:song|track|album|record|film|movie|book|audiobook|piece|number|tune|novel)(?: called| titled)?)?"
    r" (?P<title>[^,;:!?]+) by (?P<maker>[^,;:!?]+?)(?=[.!?]?\s*$|[,;:!?]|\.\s| (?:on|in|from|and|please|at|again)\b)"
)
# "Something by Abba"
ANY_WORKS = re.compile(
    r"(?<!\w)(?:something|anything|(?:some |more |the )?(?:music|songs|tunes|tracks|hits)|a (?:song|track|tune)) (?:by|from)"
    r" (?P<maker>(?!(?:the (?:radio|playlist|nineties|eighties)|my)\b|\d)[^,;:!?]+?)"
    r"(?=[.!?]?\s*$|[,;:!?]|\.\s| (?:on|in|and|please|at|again)\b)"
)
# "Stand by me" and "play it by ear"
_NOBODY = frozenset(
    "me you it us them him her myself yourself itself ear heart hand now then default chance accident".split()
)
_NO_TITLES = frozenset("it this that something anything some more music songs stuff one them".split())
_LANGUAGE = re.compile(
    r"(?<!\w)(?:english|german|french|spanish|italian|portuguese|dutch|danish|swedish|norwegian|finnish|icelandic|polish|czech"
    r"|slovak|hungarian|romanian|bulgarian|greek|turkish|russian|ukrainian|croatian|serbian|slovenian|albanian|lithuanian|latvian"
    r"|estonian|irish|welsh|catalan|basque|arabic|hebrew|persian|farsi|hindi|urdu|bengali|tamil|punjabi|chinese|mandarin|cantonese"
    r"|japanese|korean|thai|vietnamese|indonesian|malay|tagalog|swahili|afrikaans|latin)(?!\w)"
)
_PREPOSITION = r"(?:at|on|by|in|around|about|before|after|until|till|from|every|each|this|next|for|again)"
_EVERY = r"every (?:day|morning|evening|night|weekday|weekend|week|month|year)"
_VAGUE_TIMES = ("later", "in the morning", "in the afternoon", "in the evening", "daily")
_TIMED_UNITS = frozenset({"second", "minute", "hour", "day", "week", "fortnight", "month", "year"})


@lru_cache(maxsize=1024)
def sort_of(parameter: Parameter) -> str | None:
    """Return what sort of text a parameter takes: by its name, else by how its description begins; None where neither tells."""
    if day_writing(parameter) is not None:
        return "day"
    name = canonical_words(parameter.readable_name).split()
    if name == ["to"] and parameter.many:
        return "person"
    described = re.findall(r"(?<!\w)[a-z]+(?![\w'\u2019])", parameter.description.lower())[:_DESCRIBING_WORDS]
    for words in (name, name[-1:], described[:1], set(described) - _RELATIVE_WORDS):
        sorts = {sort for sort, known in _SORTS.items() if not known.isdisjoint(words)}
        # The name of a room is a room.
        sorts -= {"label"} if len(sorts) > 1 else set()
        if len(sorts) == 1:
            return sorts.pop()
    return None


def sounds_wrong(parameter: Parameter, words: str) -> bool:
    """Whether words are too many for a parameter: "my" belongs to no label, and "Yesterday by the Beatles" is no band.

    Of "Noor's face" the person is Noor.
    """
    if not _takes_text(parameter):
        return False
    name = canonical_words(parameter.readable_name).split()[-1:]
    sort = sort_of(parameter)
    if sort == "maker":
        return " by " in words
    if sort == "person" and (owned := _OWNED.search(words)):
        return owned[1] not in _RELATIVES
    is_thing = sort in {"label", "place"} or not _THINGS.isdisjoint(name)
    return is_thing and words.split(maxsplit=1)[0] in {"my", "our", "your"}


def is_owned(parameter: Parameter, words: str, sentence: Sentence) -> bool:
    """Whether words are what somebody has, for a parameter that takes a person: the face of "Noor's face"."""
    if (
        not _takes_text(parameter)
        or sort_of(parameter) != "person"
        or not _RELATIVES.isdisjoint(words.split())
    ):
        return False
    owner = re.search(rf"([\w-]+)['\u2019]s {re.escape(words)}(?!\w)", sentence.lower)
    return owner is not None and owner[1] not in _IS


@lru_cache(maxsize=512)
def told_texts(parameter: Parameter, function: FunctionSignature, sentence: Sentence) -> tuple[str, ...]:
    """Return what a sentence is sure to say for a parameter that takes any text, as it stands there in lower case."""
    for find in (played_texts, list_entries, told_ways, told_topics):
        if known := find(parameter, function, sentence):
            return tuple(dict.fromkeys(sentence.lower[start:end] for start, end in known))
    sort = sort_of(parameter) if _takes_text(parameter) else None
    alike = sum(_takes_text(other) and sort_of(other) == sort for other in function.parameters)
    # "From the kitchen to the office": which of two rooms is meant is left to the reader.
    if sort is None or alike > 1:
        return ()
    found = _FINDERS[sort](parameter, function, sentence)
    return tuple(dict.fromkeys(sentence.lower[start:end] for start, end in found if start < end))


def _takes_text(parameter: Parameter) -> bool:
    return parameter.kind is ParameterKind.STRING and not parameter.choices and not parameter.format


def _rooms(parameter: Parameter, function: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    lower, own = sentence.lower, own_words(function)
    is_room = not _ANYWHERE.isdisjoint(canonical_words(parameter.readable_name).split())
    known = [
        (start, end)
        for start, end in said_rooms(lower)
        # An appointment to clean the garage is not in the garage.
        if is_room or _BEHIND_PREPOSITION.search(lower, 0, start)
    ]
    yield from known
    for match in _IN_THE.finditer(lower):
        place = match.span("text")
        words = match["text"].split()
        is_other = any(start < place[1] and place[0] < end for start, end in known)
        is_one = not any(_is_untelling(word) or word in _NOT_IN or _is_own(word, own) for word in words)
        if is_one and not is_other:
            yield place


def _labels(parameter: Parameter, function: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    """Find what stands before the noun that a function is about, or behind "for" at the end."""
    lower, own = sentence.lower, own_words(function)
    if called := called_places(lower):
        yield from ((start, _without_times(sentence, start, end)) for start, end in called)
        return
    if "remind" in lower:
        # "Remind me about level 4" says another value.
        yield from (
            (start, end)
            for start, end in _messages(parameter, function, sentence)
            if not re.search(r"\d", lower[start:end])
        )
    if own & _RENAMING:
        return
    nouns = _nouns(parameter, function)
    noun = "|".join(map(re.escape, nouns)) or "(?!)"
    said = re.compile(
        rf"(?<!\w)(?:{_DETERMINER}|an?|for) (?P<text>(?:[\w'\u2019-]+ ){{1,3}})(?:{noun})s?(?![\w-])"
    )
    # "Pasta timer 8 minutes"
    first = re.compile(
        rf"(?P<text>[a-z'\u2019-]+ )(?:{noun})(?= (?:\d|for|at|to|on|off|in|please)|[.!?]?$)"
    ).match(lower)
    for match in (*((first,) if first else ()), *said.finditer(lower)):
        start, end = match.start("text"), match.end("text") - 1
        start = _behind_amount(sentence, start, end)
        words = lower[start:end].split()
        if words and not any(
            _is_untelling(word) or word in _NO_LABELS or _is_own(word, own) for word in words
        ):
            yield start, end
    if nouns == ["list"]:
        return
    yield from _lengthened(parameter, nouns, sentence, own)
    has_noun = re.search(rf"(?<!\w)(?:{noun})s?(?!\w)", lower) is not None
    for match in re.finditer(
        rf"(?<!\w)for (?P<the>{_DETERMINER} )?(?P<text>[\w'\u2019-]+(?: (?!please)[\w'\u2019-]+)?){_LAST}",
        lower,
    ):
        words = match["text"].split()
        if (has_noun or match["the"]) and not any(
            _is_untelling(word) or word in _WHILE or word in _NO_LABELS or _is_own(word, own)
            for word in words
        ):
            yield match.span("text")


def _lengthened(
    parameter: Parameter, nouns: Sequence[str], sentence: Sentence, own: frozenset[str]
) -> Iterator[Place]:
    """Find whose time is made longer or shorter: "put 5 minutes on the rice"."""
    about = {*nouns, *re.findall("[a-z]+", parameter.description.lower())}
    if _TIMED_NOUNS.isdisjoint(about):
        return
    for match in _MORE_TIME.finditer(sentence.lower):
        if not any(_is_untelling(word) or _is_own(word, own) for word in match["text"].split()):
            yield match.span("text")


def _nouns(parameter: Parameter, function: FunctionSignature) -> list[str]:
    """List what a label may stand before: the function's last word, what its descriptions are about, and a list for a list."""
    name = canonical_words(function.readable_name).split()
    texts = f"{function.description} {parameter.description}".lower()
    found = {*name[-1:], *_NOUN_IN_TEXT.findall(texts)} - _OTHER_NOUNS
    if set(texts.split()) <= set(name):
        # Of a function that is only called `start` nothing tells what it starts.
        found |= _TIMED_NOUNS
    own = canonical_words(parameter.readable_name).split()[-1:]
    if own and own[0] not in {"label", "name"}:
        found = set(own)
    return sorted(noun for noun in found if len(noun) > 2 and not _is_untelling(noun))  # noqa: PLR2004 - no little words


def _behind_amount(sentence: Sentence, start: int, end: int) -> int:
    """Return where a text begins behind an amount: of "10 minute pasta" behind the minutes."""
    lower = sentence.lower
    for quantity in sorted(sentence.quantities, key=lambda each: -len(each.text)):
        text = re.compile(rf"{re.escape(quantity.text)}(?:[ -](?:{'|'.join(_TIMED_UNITS)})s?)? ")
        if found := text.match(lower, start, end):
            return found.end()
    return start


def _people(_: Parameter, __: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    for match in _REMIND.finditer(sentence.lower):
        is_one = " " not in match["who"] and not match["when"].startswith(" and ")
        if is_one and match["who"] not in _NO_NAMES:
            yield match.span("who")
            return
    if told := told_recipients(sentence):
        yield from told
        return
    for match in _CALLS.finditer(sentence.lower):
        if match["text"] not in _NO_NAMES:
            yield match.span("text")
    for match in _FOR_NAME.finditer(sentence.text):
        if match["text"].lower() not in _NO_NAMES:
            yield match.span("text")


def _messages(_: Parameter, __: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    lower = sentence.lower
    for match in _REMIND.finditer(lower):
        begin, stop = match.span("when")
        if begin == stop or _without_times(sentence, begin, stop) == begin:
            for end in _clause_ends(lower, *match.span("text")):
                yield match.start("text"), _without_times(sentence, match.start("text"), end)
            return
    if told := told_messages(sentence):
        yield from told
        return
    for match in _SAYING.finditer(lower):
        for end in _clause_ends(lower, *match.span("text")):
            yield match.start("text"), end
        return


def _clause_ends(lower: str, start: int, end: int) -> list[int]:
    """Return where a text may end: with the clause that it begins in, and with its sentence."""
    return sorted({min((stop for _, stop in clause_places(lower) if stop > start), default=end), end})


def _without_times(sentence: Sentence, start: int, end: int) -> int:
    """Return where a text ends without the times and days that stand behind it: "at 6 pm", "tomorrow morning", "in an hour"."""
    lower = sentence.lower
    times = [time.text for time in sentence.times]
    times += [quantity.text for quantity in sentence.quantities if quantity.unit in _TIMED_UNITS]
    times += [lower[each.place[0] : end_of_day(lower, each.place[1])] for each in named_days(lower)]
    ways = "|".join(map(re.escape, sorted((*times, *_VAGUE_TIMES), key=len, reverse=True)))
    behind = re.compile(rf",? ?(?:(?:{_PREPOSITION} )*(?:{ways})|{_EVERY})[,.]?$")
    while found := behind.search(lower, start, end):
        end = found.start()
    return end


def _titles(_: Parameter, function: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    if any(sort_of(other) == "maker" for other in function.parameters):
        yield from (match.span("title") for match in said_works(sentence))


def _makers(_: Parameter, function: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    yield from (match.span("maker") for match in ANY_WORKS.finditer(sentence.lower))
    if any(sort_of(other) == "title" for other in function.parameters):
        yield from (match.span("maker") for match in said_works(sentence))


def said_works(sentence: Sentence) -> Iterator[re.Match[str]]:
    """Find "play X by Y"; "by 9 pm" and "by Friday" name nobody."""
    times = {time.text for time in sentence.times} | {each.text for each in said_dates(sentence.lower)}
    for match in _BY.finditer(sentence.lower):
        is_somebody = match["maker"] not in times | _NOBODY and not match["maker"][0].isdigit()
        if is_somebody and match["title"] not in _NO_TITLES:
            yield match


def _languages(_: Parameter, __: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    yield from (match.span() for match in _LANGUAGE.finditer(sentence.lower))


def _subjects(_: Parameter, __: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    yield from told_subjects(sentence)


def _plates(_: Parameter, __: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    yield from said_plates(sentence)


def _days(parameter: Parameter, _: FunctionSignature, sentence: Sentence) -> Iterator[Place]:
    if day_writing(parameter) is not None:
        yield from wished_days(list(days_for(parameter, sentence.lower)), sentence.lower)
        return
    yield from (each.place for each in said_dates(sentence.lower))


_FINDERS: Mapping[str, Callable[[Parameter, FunctionSignature, Sentence], Iterator[Place]]] = {
    "place": _rooms,
    "label": _labels,
    "person": _people,
    "message": _messages,
    "subject": _subjects,
    "plate": _plates,
    "title": _titles,
    "maker": _makers,
    "language": _languages,
    "day": _days,
}


@lru_cache(maxsize=256)
def own_words(function: FunctionSignature) -> frozenset[str]:
    """Return the words that a function is described with."""
    return frozenset(
        re.findall(r"[a-z]+", f"{canonical_words(function.readable_name)} {function.description.lower()}")
    )


def _is_own(word: str, own: frozenset[str]) -> bool:
    return word in own or word.removesuffix("s") in own or f"{word}s" in own


def _is_untelling(word: str) -> bool:
    """Whether a word alone is no name: a little word, a time, an amount."""
    return word in LITTLE_WORDS or word in TIME_WORDS or word in UNIT_BY_WORD or word[:1].isdigit()
