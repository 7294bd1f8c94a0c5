"""What people say for texts: names, ids, passwords, files, hosts, dates, times of day, people, places, messages."""

from __future__ import annotations

import random
import re
import string

from training.data import string_words as words
from training.data.numbers import integer_words
from training.data.spelling import made_up_word

_DAYS = "monday tuesday wednesday thursday friday saturday sunday tomorrow".split()
_MONTHS = "january february march april may june july august september october november december".split()
_PLAIN_FIRST_NAMES = [name.lower() for name in words.FIRST_NAMES if name.isascii() and name.isalpha()]
_PLAIN_LAST_NAMES = [name.lower() for name in words.LAST_NAMES if name.isascii() and name.isalpha()]
_MOST_UNQUOTED_WORDS, _FEWEST_WORDS, _MOST_WORDS = 6, 3, 9


def spoken_text(string_class: str, rng: random.Random) -> str:
    """Say a text of one of the lexicon's classes, with capitals where people write them.

    A message, a text or a title may stand in double quotation marks, which are no part of what is meant.
    """
    writers = {
        "password": _password, "id": _identifier, "file": _file, "host": _host, "date": _date, "wifi": _network,
        "user": _user, "text": _text, "clock": clock, "person": _person, "place": _place, "product": _product,
        "mac": _mac, "ip": _address, "email": _email, "plate": _plate, "pin": _pin, "message": _message, "title": _title,
    }  # fmt: skip
    return writers.get(string_class, _name)(rng)


def clock(rng: random.Random) -> str:
    """Say a time of day, the way the run-time reads it; now and then with the part of the day."""
    said = _hour(rng)
    if rng.random() < 0.15 and not re.search(r"[apm]m$|noon|midnight|midday| h$|^(?:1[3-9]|2)", said):
        said += rng.choice(
            (" in the morning", " in the morning", " in the evening", " in the afternoon", " tonight")
        )
    return said


def _hour(rng: random.Random) -> str:
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


def _shaped(shape: str, rng: random.Random) -> str:
    """Fill a shape: a letter for each `@`, a digit for each `#`, a hex digit for each `~`."""
    alphabets = {"@": string.ascii_uppercase, "#": string.digits, "~": "0123456789abcdef"}
    return "".join(rng.choice(alphabets.get(character, character)) for character in shape)


def _cased(text: str, rng: random.Random, lower: float = 0.45) -> str:
    """Type as people do: with the capitals there are, in lower case, or now and then all in capitals."""
    chance = rng.random()
    if chance < lower:
        return text.lower()
    return text.upper() if chance > 0.97 else text


def _capitalised(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split())


def _quoted(text: str, rng: random.Random) -> str:
    opening, closing = ("“", "”") if rng.random() < 0.15 else ('"', '"')
    return opening + text + closing


def _joined(parts: list[str], rng: random.Random) -> str:
    """Join words the way names in machines are written: snake_case, kebab-case, dotted, or CamelCase."""
    joint = rng.choice(("_", "-", ".", "_", "-", ""))
    return joint.join(parts) if joint else "".join(map(_capitalised, parts))


def _password(rng: random.Random) -> str:
    word, digits = made_up_word(rng), _shaped("#" * rng.randint(1, 4), rng)
    mark = rng.choice("-_.!@#$*+=")
    drawn = [rng.choice(string.ascii_letters + string.digits) for _ in range(rng.randint(4, 12))]
    marked = [*drawn[:2], mark, *drawn[2:]]
    return rng.choice(
        (
            "".join(drawn),
            "".join(drawn),
            "".join(marked),
            f"{_capitalised(word)}{digits}",
            f"{word}{mark}{digits}",
            f"{word}-{made_up_word(rng)}-{digits}",
            f"{word} {made_up_word(rng)} {digits}",
            f"{rng.choice(words.NOUNS).title()}{mark}{rng.choice(words.ADJECTIVES)}{digits}",
            word.replace("o", "0").replace("e", "3").title() + mark + digits,
        )
    )


def _identifier(rng: random.Random) -> str:
    if rng.random() < 0.15:
        return f"{made_up_word(rng)}{rng.choice('-_. ')}{rng.randint(1, 999)}"
    identifier = _shaped(rng.choice(words.IDENTIFIER_SHAPES), rng)
    return identifier.lower() if rng.random() < 0.3 else identifier


def _file(rng: random.Random) -> str:
    stem = rng.choice((made_up_word(rng), *rng.choices(words.FILE_STEMS, k=3)))
    other = rng.choice((made_up_word(rng), rng.choice(words.ADJECTIVES), rng.choice(words.NOUNS)))
    name = rng.choice(
        (
            stem,
            _joined([stem, other], rng),
            _joined([other, stem, _shaped("##", rng)], rng),
            f"{stem} {other}",
            f"{stem}_{rng.randint(1, 99)}",
            f"{stem}-v{_shaped('#.#', rng)}",
            f"{stem}_2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            f"{other}/{stem}",
            _shaped("IMG_####", rng),
        )
    )
    return _cased(name, rng, 0.3) + rng.choice(words.EXTENSIONS)


def _host(rng: random.Random) -> str:
    if rng.random() < 0.12:
        return _address(rng)
    name = rng.choice((*rng.choices(words.HOSTS, k=3), made_up_word(rng)))
    more = rng.choice((made_up_word(rng), rng.choice(words.HOSTS), rng.choice(words.NOUNS)))
    number = rng.choice((f"{rng.randint(1, 9)}", f"{rng.randint(1, 40):02d}"))
    stem = rng.choice(
        (name, f"{name}-{number}", f"{name}{number}", f"{name}-{more}", f"{name}_{more}", f"{more}-{name}-{number}")
    )  # fmt: skip
    return _cased(stem, rng, 0.9) + (rng.choice(words.HOST_ENDS) if rng.random() < 0.35 else "")


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
    word = rng.choice((made_up_word(rng), rng.choice(words.ROOM_NAMES), rng.choice(words.LAST_NAMES[:60])))
    end, number = rng.choice(words.NETWORK_ENDS), rng.randint(1, 99)
    return rng.choice(
        (
            word,
            f"{word}-{end}",
            f"{word}_{end}",
            f"{word} {end}",
            f"{word.title()}{end.title()}",
            f"{word}_{number}",
            f"{word}.{end}.{number}",
            f"{rng.choice(words.FIRST_NAMES)}'s {rng.choice(('phone', 'hotspot', 'tablet', 'wifi'))}",
            f"{rng.choice(('Cafe', 'Hotel', 'Villa', 'Studio', 'Clinic'))} {word} {end}",
            f"{word.upper()}-{_shaped('~~~~', rng).upper()}",
        )
    )


def _user(rng: random.Random) -> str:
    first, last = rng.choice(_PLAIN_FIRST_NAMES), rng.choice(_PLAIN_LAST_NAMES)
    role, number = rng.choice(words.ROLES), rng.randint(1, 99)
    return rng.choice(
        (
            first,
            first.title(),
            f"{first}.{last}",
            f"{first[0]}.{last}",
            f"{first[0]}{last}{number}",
            f"{first}_{last[0]}",
            f"{first}-{number}",
            role,
            f"{role}{number}",
            f"{role}-{first}",
            f"{rng.choice(words.TITLES)} {last.title()}",
            f"{first} {last}".title(),
            made_up_word(rng),
            f"{made_up_word(rng)}_{number}",
            f"{last.title()}{first[0].upper()}",
        )
    )


def _person(rng: random.Random) -> str:
    first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)
    forms = (
        first, first, first, f"{first} {last}", f"{first} {last}", f"{first} {last}", f"{rng.choice(words.TITLES)} {last}",
        f"{rng.choice(words.TITLES)} {last}", f"{rng.choice(words.TITLES)} {first} {last}", f"{first[0]} {last}", last,
        f"{first} {rng.choice(string.ascii_uppercase)} {last}", f"{first} {last}-{rng.choice(words.LAST_NAMES[:30])}",
    )  # fmt: skip
    return _cased(rng.choice(forms), rng, 0.35)


def _place(rng: random.Random) -> str:
    position, area, kind = rng.choice(words.POSITIONS), rng.choice(words.AREAS), rng.choice(words.NUMBERED)
    street = f"{rng.choice(words.STREET_NAMES)} {rng.choice(words.STREET_KINDS)}"
    room, called = rng.choice(words.ROOM_KINDS), rng.choice(words.ROOM_NAMES)
    forms = (
        f"{position} {area}", f"{position} {area}", _capitalised(f"{position} {area}"), area,
        f"{kind} {rng.randint(1, 40)}", _capitalised(f"{kind} {rng.randint(1, 40)}"), f"{kind} {rng.choice('ABCDEFGH')}",
        f"{kind} {_shaped('@#', rng)}", f"{kind} {_shaped('#.##', rng)}", f"{room} {called}", f"{called} {room}",
        f"{rng.choice(words.FIELD_ADJECTIVES)} {rng.choice(words.FIELD_NOUNS)}", street, f"{rng.randint(1, 180)} {street}",
        f"{street} {rng.randint(1, 180)}", f"corner of {street}", f"{rng.choice(words.POSITIONS[:10])} corner",
        f"{area} by the {rng.choice(words.AREAS)}", f"{rng.choice(words.FIRST_NAMES)}'s {rng.choice(('room', 'desk', 'office', 'garden'))}",
    )  # fmt: skip
    return _cased(rng.choice(forms), rng)


def _product(rng: random.Random) -> str:
    adjectives, items = rng.choice(words.PRODUCTS)
    adjective, other, item = rng.choice(adjectives), rng.choice(adjectives), rng.choice(items)
    brand = made_up_word(rng).title()
    forms = (
        f"{adjective} {item}", f"{adjective} {item}", item, f"{adjective} {other} {item}" if adjective != other else item,
        f"{brand} {item}", f"{brand} {adjective} {item}", f"{item} {rng.choice('ABCDEXZ')}{rng.randint(1, 99)}",
        f"{item} {adjective}", f"{brand} {_shaped(rng.choice(('@##', '###', '@@-##')), rng)}",
    )  # fmt: skip
    return _cased(rng.choice(forms), rng, 0.6)


def _mac(rng: random.Random) -> str:
    pairs = [_shaped("~~", rng) for _ in range(6)]
    joint = rng.choice((":", ":", ":", "-", "-", "", "."))
    mac = ".".join("".join(pairs[at : at + 2]) for at in (0, 2, 4)) if joint == "." else joint.join(pairs)
    return mac.upper() if rng.random() < 0.5 else mac


def _address(rng: random.Random) -> str:
    net = rng.choice(("10.0.#", "192.168.#", "172.16.##", "10.##.#", "192.168.1##", "203.0.113", "10.1##.##"))
    net = ".".join(str(int(part)) for part in _shaped(net, rng).split("."))
    start = rng.randint(1, 200)
    end = rng.randint(start + 1, 254)
    address = f"{net}.{start}"
    forms = (
        address, address, address, address, f"{net}.0/{rng.choice((24, 16, 25, 26, 28))}", f"{address}-{net}.{end}",
        f"{address}-{end}", f"{address} to {net}.{end}", f"{address}:{rng.choice((80, 443, 502, 1883, 8080, 5000))}",
        f"fe80::{_shaped('~~~~:~~~~', rng)}", f"2001:db8:{_shaped('~~~~::~~', rng)}", f"2001:db8:{_shaped('~~', rng)}::/{rng.choice((48, 56, 64))}",
    )  # fmt: skip
    return rng.choice(forms)


def _email(rng: random.Random) -> str:
    first, last, number = rng.choice(_PLAIN_FIRST_NAMES), rng.choice(_PLAIN_LAST_NAMES), rng.randint(1, 99)
    local = rng.choice(
        (f"{first}.{last}", first, f"{first[0]}.{last}", f"{first}{number}", f"{first}_{last}", f"{last}-{first}",
         rng.choice(words.ROLES), f"{rng.choice(words.ROLES)}+{made_up_word(rng)}", f"{first[0]}{last}")
    )  # fmt: skip
    made_up = made_up_word(rng) + rng.choice(
        (".example", ".com", ".org", ".net", ".de", ".co.uk", ".io", ".in")
    )
    address = f"{local}@{rng.choice((made_up, made_up, rng.choice(words.MAIL_ENDS)))}"
    return _capitalised(address) if rng.random() < 0.1 else address


def _plate(rng: random.Random) -> str:
    plate = _shaped(rng.choice(words.PLATE_SHAPES), rng)
    return plate.lower() if rng.random() < 0.35 else plate


def _pin(rng: random.Random) -> str:
    return _shaped("#" * rng.choice((4, 4, 4, 5, 6, 6, 8)), rng)


def _sentence(rng: random.Random) -> str:
    subject = f"{rng.choice(words.SUBJECTS)} is {rng.choice(words.STATES)}"
    request, event = rng.choice(words.REQUESTS), f"{rng.choice(words.EVENTS)} {rng.choice(words.MOMENTS)}"
    forms = (
        subject, subject, f"please {request}", request, event, event, f"{subject}, please {request}", f"{event}, please {request}",
        f"{rng.choice(words.GREETINGS)} {rng.choice(words.FIRST_NAMES)}", f"welcome to {rng.choice(words.ROOM_NAMES)} {rng.choice(words.AREAS)}",
        f"{rng.choice(words.FIRST_NAMES)} please {request}", f"{rng.choice(words.MEETING)} at the {rng.choice(words.POSITIONS)} {rng.choice(words.AREAS)}",
    )  # fmt: skip
    return rng.choice(forms)


def _message(rng: random.Random) -> str:
    """Say a sentence to be announced or shown; a long one stands in quotation marks, as does any with a comma."""
    sentence = _sentence(rng)
    while not _FEWEST_WORDS <= len(sentence.split()) <= _MOST_WORDS:
        sentence = _sentence(rng)
    needs_quotes = len(sentence.split()) > _MOST_UNQUOTED_WORDS or "," in sentence
    if rng.random() < 0.45:
        sentence = sentence[0].upper() + sentence[1:]
    is_quoted = needs_quotes or rng.random() < 0.4
    # An apostrophe ends a quotation as a mark would.
    return _quoted(sentence.replace("'", ""), rng) if is_quoted else sentence


def _title(rng: random.Random) -> str:
    noun, other = rng.sample(words.TITLE_NOUNS, 2)
    parts = {"a": rng.choice(words.TITLE_ADJECTIVES), "n": noun, "m": other, "p": rng.choice(words.FIRST_NAMES), "w": made_up_word(rng).title(),
             "d": str(rng.randint(2, 9))}  # fmt: skip
    title = _cased(rng.choice(words.TITLE_FRAMES).format(**parts), rng)
    return _quoted(title.replace("'", ""), rng) if rng.random() < 0.15 else title


def _text(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.4:
        return _message(rng)
    if chance < 0.6:
        label = rng.choice(words.LABELS)
        return _quoted(label, rng) if rng.random() < 0.1 else _cased(label, rng, 0.8)
    return f"{rng.choice(words.LABELS)} {rng.choice(words.NOUNS)}" if chance < 0.65 else _name(rng)


def _name(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.25:
        return " ".join(made_up_word(rng) for _ in range(rng.randint(1, 2)))
    if chance < 0.38:
        return rng.choice(words.NAMES)
    if chance < 0.6:
        writer = rng.choice((_person, _place, _place, _product))
        return writer(rng)
    adjective, noun, number = rng.choice(words.ADJECTIVES), rng.choice(words.NOUNS), rng.randint(1, 99)
    forms = (
        f"{adjective} {noun}", f"{adjective} {noun}", _capitalised(f"{adjective} {noun}"), noun, f"{noun} {number}",
        f"{noun} {rng.choice('ABCD')}", f"{adjective} {noun} {number}", _joined([adjective, noun], rng), _joined([noun, str(number)], rng),
        f"{rng.choice(words.FIRST_NAMES)}'s {noun}", f"{noun} {rng.choice(words.ROOM_NAMES)}", f"{made_up_word(rng).title()} {noun}",
    )  # fmt: skip
    return rng.choice(forms)
