"""Finds which choices of an enumeration a sentence names, by their own words rather than by what they mean.

"The burrs" names `burr`, "the garden cam" `garden` among `driveway`, `garden` and `doorbell`, "pressure" `pres`, and "Monday to
Friday" five days.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from inference.day_texts import day_choices, named_day_choices
from inference.turning import turning_choices
from inference.weekdays import days_by_choice, said_days
from inference.words import Place

_WORD = re.compile(r"[^\W_]+")
_LEAST_LETTERS, _LEAST_BEGINNING = 3, 4
# Words that stand in many sentences without naming a choice, although choices are called so.
_COMMON = frozenset(
    """
    the and for with from all not now one two any set get put out off down back left right home away only just time more less
    new old good next last first auto are can you your but has have had was were its
    """.split()
)
# Words of which one alone does not name a choice of several: "good and hot" is no hot air.
_OF_ANYTHING = frozenset(
    "hot cold warm cool high low fast slow quick full empty long short big small main free late early mode point time".split()
)
_SHORT_THINGS = frozenset("tv ac pc cd".split())
# What these stand before is the contrary or another thing: "wash" names no `preWash`.
_CHANGING = frozenset("pre post non anti no un de semi without".split())
# Of a switch's name these say nothing of what it switches.
_SWITCHING = frozenset(
    "with include including enable enabled disable disabled allow allowed active activate mode flag auto only when also "
    "force keep make start state status after before time level value".split()
)
_UNTELLING = (
    _COMMON
    | _SWITCHING
    | frozenset("this that when what which where who how does its their there then than".split())
)
# Other words for what switches are often called, as "with sound" for one called audio.
_OTHER_WORDS = tuple(
    frozenset(words.split())
    for words in (
        "audio sound sounds noise microphone mic",
        "video picture camera film filming face",
        "gradual gradually slow slowly gentle gently smooth smoothly fade fading ease",
        "loop repeat again round endless endlessly continuous continuously",
        "shuffle random mix mixed jumble jumbled order",
        "urgent urgently express hurry rush asap immediately priority",
        "loud loudly beep aloud",
        "silent silently quiet quietly mute muted noiseless",
        "recurring daily weekly every always",
        "private privacy confidential secret secretly",
        "defrost thaw melt ice iced icy deice frozen",
        "preheat precondition prewarm warm warmed cosy cozy toasty",
        "descale limescale chalk",
        "tolls toll fee fees vignette",
        "overwrite replace old",
        "once single one-time onetime disposable",
    )
)
_AVOIDING = frozenset("avoid skip no without exclude ignore omit hide".split())
_RULED_OUT = re.compile(
    r"(?<!\w)(?:no|not|without|don'?t|dont|never|skip|skipping|leave out|leaving out|drop|stop|disable|omit|nor)"
    r"(?: (?:any|more|the|a|it|them|to|bother|with|need|want|do|include|including|use|using))* $"
)
_OFF = re.compile(r" (?:is )?off(?!\w)")
# "Blue, no wait, green", "a sunset in there. hmm no, magenta", "the left one, no sorry, mine is on the right"; but "the hall, no
# lights in the porch" takes nothing back.
_TAKEN_BACK = re.compile(
    r"(?: [\w'\u2019]+){0,3}?[\s,.;!…-]+(?:(?:uh|oh|hmm?|um|er|erm|ah)[\s,.…]+)?"
    r"(?:no \s*|(?:no[\s,]+wait|wait[\s,]+no|(?:no[\s,]+)?sorry(?=[,.…])|sorry|i mean|i meant|no(?=[,.…])|or rather"
    r"|actually(?: no)?|correction|scratch that|make (?:that|it)|on second thoughts?)[\s,.…]+"
    r"(?:(?:no|not|i mean|make (?:that|it)|better|sorry|actually|it's|go)[\s,]+)*(?:(?!and|but|then|for|not)[\w'\u2019]+ ){0,4}?)"
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NOT = re.compile(
    r"(?<!\w)(?:no(?: more| further| other)?|(?:not|without|except(?: for)?|excepting|excluding|instead of|rather than|apart from"
    r"|other than|nor)(?: (?:any|more|the|a|an|on|in|for|at|of|further|other))*) $"
)
# One thing in a list: an article and at most two words.
_THING = r"(?!(?:then|also|please|it|this|that|them|me|you|we|they|do|don|not|no|nothing|let|tell|show|make|set|so)\b)"
_BEHIND = re.compile(
    rf"(?:,|,? and|,? plus| &) (?:(?:round|around|in|on|at|for|of|by|near|under|behind) )?(?:the |my |our )?"
    rf"({_THING}\w+(?: \w+)?)(?=[,.;!?]| (?:and|please|as|on|in|at|for)\b|$)"
)
_BEFORE = re.compile(
    r"(?:^|[,:] | (?:the|my|our|of|in|for|just|only|both|do) )(\w+(?: \w+)?)(?:,|,? and|,? plus| &) (?:the |my |our )?$"
)

_TOGETHER = re.compile(
    r"(?<!\w)(?:(?P<both>both)|(?P<every>every|each)|all)(?: of)?(?: (?:the|my|our|your|these|those))?(?: (?P<count>\d+))?"
    r" (?P<rest>[a-z]+(?: [a-z]+){0,2})"
)
_ALL = frozenset("all both every everything everywhere whole entire any each".split())

# "The light and the fan in the bedroom", "the bedroom light and fan", "kitchen and dining room lights".
_PAIR = re.compile(
    r"(?:(?P<before>[a-z]+) )?(?P<one>[a-z]+)(?: and| &|, and) (?:the |my |our )?(?P<other>[a-z]+)"
    r"(?: (?:(?:in|of|on|at|from|inside) )?(?:the |my |our )?(?P<behind>[a-z]+(?: [a-z]+)?))?"
)
_NO_NOUN = frozenset(
    "in on at off up down to now please and then for of from with by except but is it".split()
)


@dataclass(frozen=True, slots=True)
class Naming:
    """How a choice is named.

    Attributes:
        place: where.
        is_sure: by a word of its own, not only by the beginning of one.
        is_whole: by all of its words.
        is_excluded: it is named as what is not meant: "card, no cash", "talk instead of chiming".
    """

    place: Place
    is_sure: bool = True
    is_excluded: bool = False
    is_whole: bool = False


def named_choices(choices: Sequence[str], lower: str) -> Mapping[str, Naming]:
    """Return the choices (as their words) that a sentence names; of the days of a week, whatever is said of them."""
    if days := days_by_choice(choices):
        return {days[day]: Naming(place) for day, place in said_days(lower) if day in days}
    if near := day_choices(choices):
        return {
            choice: Naming(place, is_whole=True) for choice, place in named_day_choices(near, lower).items()
        }
    if turns := turning_choices(choices, lower):
        return {
            choice: replace(_at(place, lower, is_whole=True), is_excluded=not way)
            for choice, (way, place) in turns.items()
        }
    named = {choice: naming for choice in choices if (naming := _naming(choice, choices, lower))}
    named |= _by_several_words(choices, lower)
    named |= {choice: naming for choice, naming in _groups_of_days(choices, lower) if choice not in named}
    named = {
        choice: replace(naming, is_excluded=True)
        if any(
            not other.is_excluded and _TAKEN_BACK.fullmatch(lower, naming.place[1], other.place[0])
            for other in named.values()
        )
        else naming
        for choice, naming in named.items()
    }
    sure = [naming.place for naming in named.values() if naming.is_sure]
    # What names one choice by its own word does not name another by its beginning.
    return {
        choice: naming
        for choice, naming in named.items()
        if naming.is_sure or not any(_overlap(naming.place, place) for place in sure)
    }


def own_name(name: str, function: str) -> str:
    """Take the words of a function's name from that of its switch, where it is told by others: a `shared ride` of `get ride`."""
    known = function.split()
    own = [word for word in name.split() if not any(is_form_of(word, each) for each in known)]
    is_told = any(len(word) >= _LEAST_BEGINNING and word not in _SWITCHING for word in own)
    return " ".join(own) if is_told else name


def said_flag(name: str, lower: str) -> bool | None:
    """Say whether a switch is named by a word of its own, or ruled out by one ("no shuffling"); None for neither."""
    first, *rest = name.split()
    if first in _AVOIDING and rest:
        # "No motorways" sets a switch for avoiding them; "motorways are fine" says little.
        avoided = said_flag(" ".join(rest), lower)
        return True if avoided is False or (re.search(rf"(?<!\w){first}", lower) and avoided) else None
    telling = [word for word in name.split() if len(word) >= _LEAST_BEGINNING and word not in _SWITCHING]
    for word in telling:
        for match in _WORD.finditer(lower):
            said = match[0]
            is_beginning = len(said) >= _LEAST_BEGINNING and said not in _COMMON and word.startswith(said)
            if is_form_of(said, word) or (is_beginning and len(word) - len(said) < _LEAST_LETTERS):
                return not (_RULED_OUT.search(lower[: match.start()]) or _OFF.match(lower, match.end()))
    return None


def ruled_out_place(name: str, lower: str) -> Place | None:
    """Return where a word of a name is ruled out: "without spinning" of a spin; None where it is not."""
    telling = [word for word in name.split() if len(word) >= _LEAST_BEGINNING and word not in _UNTELLING]
    for match in _WORD.finditer(lower):
        before = _RULED_OUT.search(lower[: match.start()])
        if before and any(is_form_of(match[0], word) for word in telling):
            return before.start(), match.end()
    return None


def speaks_of(text: str, lower: str, without: Collection[str] = ()) -> bool:
    """Whether a sentence has a word of a name or description, or a form of one; words that stand anywhere do not count.

    Nor do words that something else is called by, those `without`: of "a ride" no `shared ride` is spoken of.
    """
    telling = {word for word in _WORD.findall(text) if len(word) >= _LEAST_LETTERS and word not in _UNTELLING}
    # What is called by nothing else is spoken of with that.
    telling = {word for word in telling if not any(is_form_of(word, each) for each in without)} or telling
    telling |= {other for words in _OTHER_WORDS if not words.isdisjoint(telling) for other in words}
    said = {word for word in _WORD.findall(lower) if word not in _UNTELLING}
    return any(is_form_of(one, word) or _begins_like(one, word) for word in telling for one in said)


def choices_together(choices: Sequence[str], name: str, lower: str) -> list[str]:
    """Return the choices that a sentence means all at once: "both doors", "all 3 zones", "every blind".

    They are those that have its word in them, or all where the parameter itself is called so ("both sides" of a `side`). How many
    there are has to agree, and a choice that stands for all of them is used instead.

    Args:
        choices: their words.
        name: the parameter's words.
        lower: the sentence.
    """
    if any(not _ALL.isdisjoint(choice.split()) for choice in choices):
        return []
    for match in _TOGETHER.finditer(lower):
        said = match["rest"].split()
        for length in range(len(said), 0, -1):
            words, behind = said[:length], said[length:]
            # "All the ceiling lights" are not all that is at the ceiling.
            is_noun = not behind or behind[0] in _NO_NOUN if match["every"] else words[-1].endswith("s")
            if not is_noun:
                continue
            found = _called(choices, words)
            if any(_called([" ".join(words)], choice.split()) for choice in found):
                return []
            found = found or (list(choices) if _called([name], words) else [])
            count = 2 if match["both"] else int(match["count"] or len(found))
            if len(found) == count > 1:
                return found
    return []


def paired_choices(choices: Sequence[str], lower: str) -> list[str]:
    """Return two choices that share a word which is said once: "the bedroom light and fan"; none where another could be meant."""
    for match in _PAIR.finditer(lower):
        before, one, other = match.group("before", "one", "other")
        behind = (match["behind"] or "").split()
        readings = [([one, word], [other, word]) for word in behind[:1]]
        if before:
            readings += [([before, one, word], [other, word]) for word in behind[:1]]
            readings.append(([before, one], [before, other]))
        if len(behind) > 1:
            readings.append(([one, behind[1]], [other, *behind]))
        for words in readings:
            found = [_called(choices, each) for each in words]
            if all(len(each) == 1 for each in found) and found[0] != found[1]:
                return [each[0] for each in found]
    return []


def _called(names: Sequence[str], words: Sequence[str]) -> list[str]:
    """Return the names that have all of some words in them."""
    return [
        name for name in names if all(any(is_form_of(word, each) for each in name.split()) for word in words)
    ]


def unnamed_beside(lower: str, named: Sequence[Place]) -> int:
    """Count the parts of a list with some named places that name nothing: "the lounge" in "the lounge and the kitchen"."""
    return sum(
        1
        for number, found in enumerate((_BEHIND, _BEFORE))
        for start, end in named
        for match in [found.match(lower, end) if number == 0 else found.search(lower[:start])]
        if match and not any(_overlap(match.span(1), place) for place in named)
    )


def _naming(choice: str, choices: Sequence[str], lower: str) -> Naming | None:
    whole = re.search(rf"(?<![\w-]){_as_said(choice)}(?:e?s)?(?![\w])", lower)
    if whole and len(choice) >= _LEAST_LETTERS and choice not in _COMMON:
        return _at(whole.span(), lower, is_whole=True)
    others = {word for other in choices if other != choice for word in other.split()}
    own = [
        word
        for word in choice.split()
        if _tells(word)
        and not any(is_form_of(word, each) for each in others)
        and (word == choice or word not in _OF_ANYTHING)
    ]
    first, *rest = choice.split() or [""]
    if first in _CHANGING and rest:
        own = [word for word in own if word not in rest]
    said = [(match[0], match.span()) for match in _WORD.finditer(lower)]
    for word in own:
        for each, place in said:
            if is_form_of(each, word) and each not in _COMMON:
                return _at(place, lower, is_whole=word == choice)
    for word in own:
        for each, place in said:
            if _begins_like(each, word):
                return _at(place, lower, is_sure=False)
    return None


def _by_several_words(choices: Sequence[str], lower: str) -> Mapping[str, Naming]:
    """Find the choice of which most words are said: "the bedroom light" is `light bedroom main`, not `fan bedroom ceiling`.

    None where another has a word of these that it lacks, or where only words stand that begin most choices.
    """
    said = [(match[0], match.span()) for match in _WORD.finditer(lower)]
    found = {
        choice: {
            word: place
            for word in dict.fromkeys(choice.split())
            if _tells(word) or word in _OF_ANYTHING
            for place in [next((place for each, place in said if is_form_of(each, word)), None)]
            if place is not None
        }
        for choice in choices
    }
    best = max(found, key=lambda choice: len(found[choice]), default="")
    words = found.get(best, {})
    if len(words) < 2 or any(not words.keys() > found[other].keys() for other in choices if other != best):  # noqa: PLR2004
        return {}
    start, end = min(words.values())[0], max(end for _, end in words.values())
    is_whole = all(word in words or _is_in_most(word, choices) for word in best.split())
    return {best: _at((start, end), lower, is_whole=is_whole)}


def _is_in_most(word: str, choices: Sequence[str]) -> bool:
    return 2 * sum(word in choice.split() for choice in choices) > len(choices)


def _as_said(choice: str) -> str:
    """Write a pattern for a whole choice: "G54" or "G 54", and "lower 3", which number words have become."""
    words = (str(_ORDINALS.index(word) + 1) if word in _ORDINALS else word for word in choice.split())
    return "[ _-]?".join(map(re.escape, words))


def _groups_of_days(choices: Sequence[str], lower: str) -> Iterator[tuple[str, Naming]]:
    """Find "Monday through Friday" for a choice such as `weekdays`."""
    said = dict(said_days(lower))
    if not said:
        return
    meant = {frozenset(range(5)): "weekday", frozenset((5, 6)): "weekend", frozenset(range(7)): "daily"}
    group = meant.get(frozenset(said))
    for choice in choices:
        words = choice.split()
        is_daily = group == "daily" and (
            words == ["daily"] or (words[-1:] == ["day"] and words[0] in {"every", "each"})
        )
        if group and (is_daily or words[-1].removesuffix("s") in {group, group.replace("week", "work")}):
            yield choice, Naming(min(said.values()), is_whole=True)


def _at(place: Place, lower: str, *, is_sure: bool = True, is_whole: bool = False) -> Naming:
    return Naming(place, is_sure, _NOT.search(lower[: place[0]]) is not None, is_whole)


def _tells(word: str) -> bool:
    return word in _SHORT_THINGS or (len(word) >= _LEAST_LETTERS and word.isalpha() and word not in _COMMON)


def is_form_of(said: str, word: str) -> bool:
    """Whether a word is another, or a form of it: "burrs" of burr, "beeping" of beep, "scratches" of scratch."""
    if said == word:
        return True
    return min(len(said), len(word)) >= _LEAST_LETTERS and not _forms(said).isdisjoint(_forms(word))


def _forms(word: str) -> frozenset[str]:
    """Return a word and what it may be a form of."""
    forms = {word}
    for ending, put in (
        ("ies", "y"),
        ("es", ""),
        ("s", ""),
        ("ing", ""),
        ("ing", "e"),
        ("ed", ""),
        ("d", ""),
    ):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _LEAST_LETTERS and not word.endswith("ss"):
            forms.add(stem + put)
            if ending in {"ing", "ed"} and stem[-1] == stem[-2] and len(stem) > _LEAST_LETTERS:
                forms.add(stem[:-1])
    return frozenset(forms)


def _begins_like(said: str, word: str) -> bool:
    """Whether one is the beginning of the other: "pressure" of pres, "birdsong" of birds, "prod" of production."""
    if said in _COMMON:
        return False
    stem = word.removesuffix("s") if len(word) > _LEAST_BEGINNING else word
    if len(stem) >= _LEAST_BEGINNING and said.startswith(stem):
        return True
    return len(said) >= _LEAST_BEGINNING and len(word) >= len(said) + _LEAST_LETTERS and word.startswith(said)


def _overlap(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]
