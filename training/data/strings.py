"""What people say for texts: names, ids, passwords, files, hosts, dates, times of day."""

from __future__ import annotations

import random
import string

from training.data.numbers import integer_words
from training.data.spelling import made_up_word

NAMES = """lab net|guest|office|north wing|warehouse 2|blue|mario|anna|weekly report|main hall|alpha|line 4|jazz|kids room|
front desk|night shift|team b|hall 7|mr miller|grandma|spare|garden party|sunday roast|batch 12|test run|back yard|
rush hour|summer|visitors|field 3|dr chen|room 204|maria lopez|stage left|demo|holiday|loading dock|first floor|tom""".replace(
    "\n", ""
).split("|")
_TEXTS = """back in five minutes|closed today|mind the step|welcome home|lunch is ready|please wait|meeting at noon|
keep out|out of order|out of coffee|dinner is served|wet floor|next train in ten minutes|happy birthday""".replace(
    "\n", ""
).split("|")
_HOSTS = ("printer", "nas", "gateway", "camera", "server", "backup", "mail", "laptop", "tv")
_DAYS = "monday tuesday wednesday thursday friday saturday sunday tomorrow".split()
_MONTHS = "january february march april may june july august september october november december".split()


def spoken_text(string_class: str, rng: random.Random) -> str:
    """Say a text of one of the lexicon's classes, with capitals where people write them."""
    writers = {
        "password": _password, "id": _identifier, "file": _file, "host": _host, "date": _date, "wifi": _network,
        "user": _user, "text": _text, "clock": clock,
    }  # fmt: skip
    return writers.get(string_class, _name)(rng)


def clock(rng: random.Random) -> str:
    """Say a time of day, the way the run-time reads it."""
    hour, chance = rng.randint(0, 23), rng.random()
    if chance < 0.35:
        return f"{hour}:{rng.choice(('00', '15', '30', '45', '05', '20', '40'))}"
    half_day = rng.choice(("am", "pm", " am", " pm"))
    twelve = rng.randint(1, 12)
    if chance < 0.6:
        return f"{twelve}{half_day}"
    if chance < 0.72:
        return f"{twelve}:{rng.choice(('00', '15', '30', '45', '10'))}{half_day}"
    if chance < 0.82:
        hour_said = integer_words(twelve) if rng.random() < 0.6 else str(twelve)
        return (
            f"{rng.choice(('half past', 'quarter past', 'quarter to', 'ten past', 'twenty to'))} {hour_said}"
        )
    if chance < 0.9:
        return f"{integer_words(twelve) if rng.random() < 0.5 else twelve} o'clock"
    return rng.choice(("noon", "midnight", "midday", f"{hour} h"))


def _password(rng: random.Random) -> str:
    return "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(rng.randint(4, 9)))


def _identifier(rng: random.Random) -> str:
    letter, number = rng.choice(string.ascii_uppercase), rng.randint(1, 99)
    return rng.choice((f"{letter}{number}", f"{letter}-{number}", f"{letter}{rng.choice('ABC')}{number}", f"{made_up_word(rng)}-{number}",
                       f"{letter}{rng.randint(100, 9999)}"))  # fmt: skip


def _file(rng: random.Random) -> str:
    stem = rng.choice((made_up_word(rng), "backup", "report", "config", "image", f"log_{rng.randint(1, 9)}"))
    return stem + rng.choice((".csv", ".txt", ".bin", ".jpg", ".cfg", ".gcode", ".wav", ".json"))


def _host(rng: random.Random) -> str:
    name = rng.choice((*_HOSTS, made_up_word(rng)))
    return rng.choice(
        (
            f"10.0.{rng.randint(0, 9)}.{rng.randint(1, 250)}",
            f"{name}.local",
            name,
            f"{name}-{rng.randint(1, 9)}",
        )
    )


def _date(rng: random.Random) -> str:
    day, month = rng.randint(1, 28), rng.randint(1, 12)
    return rng.choice(
        (
            f"2026-{month:02d}-{day:02d}",
            rng.choice(_DAYS),
            f"{_MONTHS[month - 1]} {day}",
            f"{day}.{month}.2026",
        )
    )


def _network(rng: random.Random) -> str:
    word = made_up_word(rng)
    return rng.choice(
        (f"{word}-net", word, f"{word}_{rng.randint(1, 9)}", f"{word.title()}Lab", "guest wifi", "FamilyNet")
    )


def _user(rng: random.Random) -> str:
    return rng.choice(
        (
            rng.choice(("anna", "Tom", "maria", "peter", "Ms Jones", "admin", "operator", "bob", "Lena")),
            made_up_word(rng),
        )
    )


def _text(rng: random.Random) -> str:
    return rng.choice(_TEXTS) if rng.random() < 0.6 else _name(rng)


def _name(rng: random.Random) -> str:
    if rng.random() < 0.4:
        return " ".join(made_up_word(rng) for _ in range(rng.randint(1, 2)))
    return rng.choice(NAMES)
