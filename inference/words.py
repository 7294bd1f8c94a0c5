"""Splits text and API names into words, so that `moveToShelf`, `move_to_shelf` and "move to shelf" look alike."""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"\d+|[^\W\d_]+")
_CASE_BOUNDARY = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
# Chinese writes no spaces: every character counts as a word.
_IDEOGRAPH = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff])")
_CLAUSE_END = re.compile(
    # "Dr. Patel" ends no sentence.
    r"[;!?]|:(?=\s|$)|,(?!\d)|(?<!\b[DdMmSs][rst])(?<!\b[Mm]rs)(?<!\b[Pp]rof)\.(?=\s|$)"
    r"|\band\b(?! (?:(?:a |one )?(?:half|quarter|third)|(?:three|3|two|2)[ -](?:quarters?|thirds))\b)"
    r"|\bthen\b",
    re.IGNORECASE,
)
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?"
# "An hour and 20 minutes" is one amount, and "Mondays and Fridays" are one time.
_ONE_AMOUNT = re.compile(
    r"\b(?:(?:weeks?|days?|hours?|minutes?|feet|foot|pounds?|kilos?|kilograms?|met(?:er|re)s?|lit(?:er|re)s?|euros?|dollars?)"
    r" and \d+ (?:days?|hours?|min(?:ute)?s?|sec(?:ond)?s?|inch(?:es)?|ounces?|grams?"
    r"|(?:centi|milli)(?:met|lit)(?:er|re)s?|cents?)"
    rf"|{_DAY}(?:(?:,| and|, and| &) {_DAY})+)\b",
    re.IGNORECASE,
)
# "Shut 10 and 11 up" and "open D1 and D2 again" do one thing to both.
_BOTH = re.compile(
    r"(?<!\bto )(?<!\bat )(?<!\bfor )\b[a-z]{0,3}\d+,? and [a-z]{0,3}\d+"
    r" (?:up|down|on|off|again|back|out|in|open|closed|shut)(?=\s*(?:[.!?;,]|$|and\b|then\b))",
    re.IGNORECASE,
)
# "Blue at 20 percent" and "red light at 5 percent" are a colour, and how bright it is to be.
_BRIGHTNESS_BEHIND = re.compile(
    r"\b(?:red|green|blue|yellow|orange|purple|pink|brown|white|violet|cyan|magenta|turquoise|teal|amber|gold|lilac|lavender"
    r"|indigo|warm|cool)(?: (?:light|lights|lighting|glow|colou?r))?(?P<joint>\s)"
    r"(?=(?:at|with)\s+(?:a )?(?:(?:\d+ ?)?(?:%|percent\b)"
    r"|(?:full|half|maximum|minimum|low|high) (?:brightness|power|intensity)\b))",
    re.IGNORECASE,
)
# "Play the blues at volume 4" is something to play, and how loud it is to be; the search sees it without its number.
_VOLUME_BEHIND = re.compile(
    r"\w(?P<joint>\s)(?=(?:at|with)\s+(?:(?:the )?volume(?:\s+(?:at|on|to|level|of))?\s*(?:\d|$|[,.;!?]|(?:and|then|please)\b)"
    r"|(?:(?:\d+ ?)?(?:%|percent)|full|half|maximum|minimum|max|min|low|high) volume\b))",
    re.IGNORECASE,
)
# "Nobody stops at 10, 11 and 12 tonight" is one thing for all three; but "zone 1 to 20, 2 and 3 to 21" are two.
NUMBER_ROW = re.compile(
    r"(?<![\w.:-])\d+(?:, \d+)+,? (?:and|or|nor|&) \d+(?![\w:]|\.\d|,? (?:to|at|is|be|=)(?!\w))",
    re.IGNORECASE,
)
_TITLES = re.compile(r"\b(?:dr|mr|mrs|ms|prof|vs)$", re.IGNORECASE)
# "Over and over", "back and forth" and "more and more" are one way of doing something.
_ONE_WAY = re.compile(
    r"\b(?:(\w+) and \1|(?:back and forth|up and down|on and off|in and out|(?:left|side) and (?:right|side)|now and then|"
    r"to and fro|(?:here|there) and (?:there|back)|nice and \w+|day and night|by and large|loud and clear))\b",
    re.IGNORECASE,
)
# "To Leeds and back" is one way and the other; "go to the door and back up" are two things to do.
_AND_BACK = re.compile(
    r"\b(?:to|into|as far as|round|around) (?:[\w'-]+ ){1,4}and back(?: again)?"
    r"(?=\s*(?:[,.;:!?]|$|(?:and|please|for|on|at)\b))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)['\u2018][^'\u2019]*['\u2019](?!\w)")
_FILLERS = frozenset(
    """
    please now also first finally next after that afterwards thanks thank you ok okay hey hi hello help kindly just
    quickly go ahead right away for me today at once when can could would robot
    """.split()
)


def split_words(text: str) -> list[str]:
    """Return the words of `text` in lower case; camelCase, snake_case, digits and ideographs are taken apart."""
    words: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text)):
        for part in _CASE_BOUNDARY.split(run):
            words += [word.casefold() for word in _IDEOGRAPH.split(part) if word]
    return words


Place = tuple[int, int]
"""A part of a text: its first character, and the one behind its last."""


def split_clauses(sentence: str) -> list[str]:
    """Split a sentence at punctuation, "and" and "then"; parts without a telling word are left out."""
    return [sentence[start:end] for start, end in _clauses(sentence)]


def clause_places(sentence: str) -> list[Place]:
    """Return where the clauses of a sentence begin and end; all of it where it has none."""
    return _clauses(sentence) or [(0, len(sentence))]


def brightness_joints(text: str) -> list[Place]:
    """Return where a colour ends and how bright it is to be begins, which nothing joins: "blue at 20 percent"."""
    return [match.span("joint") for match in _BRIGHTNESS_BEHIND.finditer(text)]


def volume_joints(text: str) -> list[Place]:
    """Return where how loud something is to be begins, which nothing joins to what is to be played."""
    return [match.span("joint") for match in _VOLUME_BEHIND.finditer(text)]


def quoted_places(text: str) -> list[Place]:
    """Return where quotations begin and end, with their marks; an apostrophe is none."""
    return [match.span() for match in _QUOTED.finditer(text)]


def _clauses(sentence: str) -> list[Place]:
    places: list[Place] = []
    start = 0
    amounts = [
        match.span()
        for one in (_ONE_AMOUNT, _BOTH, _ONE_WAY, _AND_BACK, NUMBER_ROW)
        for match in one.finditer(sentence)
    ]
    joints = [*brightness_joints(sentence), *volume_joints(sentence)]
    for end, next_start in sorted(
        [
            *joints,
            *(
                match.span()
                for match in _CLAUSE_END.finditer(sentence)
                if not any(left < match.start() < right for left, right in amounts)
                and not (match[0] == "." and _TITLES.search(sentence, 0, match.start()))
            ),
            (len(sentence),) * 2,
        ]
    ):
        part = sentence[start:end]
        words = split_words(part)
        has_number = any(word.isdecimal() for word in words)
        # "Go 5 m" is something to do, "go ahead" is not.
        is_more = any(start == joint_end for _, joint_end in joints)
        if any(map(_tells, words)) or (has_number and "go" in words) or is_more:
            left = start + len(part) - len(part.lstrip())
            places.append((left, left + len(part.strip())))
        elif places and (has_number or len(part.strip()) == 1):
            # "Go to 10, 20, 30" is one clause, and so is "stop pumps A and B".
            places[-1] = (places[-1][0], start + len(part.rstrip()))
        elif not places and has_number and sentence[end:next_start].lower() == "and":
            # "5 and 8 can be closed."
            continue
        start = next_start
    return places


def _tells(word: str) -> bool:
    # One letter is an axis or a row; one ideograph is a word.
    return word.isalpha() and word not in _FILLERS and (len(word) > 1 or not word.isascii())
