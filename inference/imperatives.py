"""Tells clauses that begin with an order of their own, such as "grab the keys", from those that go on with one before."""

from __future__ import annotations

import re

# Verbs that people give orders with and that are seldom anything else at the beginning of a clause: "light", "heat" and "time"
# are left out, for "light at 20 percent" and "heat on 3" go on with what was begun.
_VERBS = frozenset(
    """
    add adjust answer arm ask bake begin block book boost brew bring brighten buy call cancel capture change charge check clean
    clear close come connect continue cook copy count create crank cut darken delete dim disable disarm dispense display do
    dock download draw drive drop eject empty enable enter erase export feed fetch fill film find finish fix flash
    flush fly fold follow freeze get give go grab guide halt hang head help hide hit hold increase invite join jump keep
    kick kill land launch lay leave let lift list load lock look lower make mark measure move mow mute name navigate note
    notify open order pack park pause pay pick ping play point pour prepare preheat press print pull push put raise read
    reboot record reduce refill release remind remove rename repeat replace report reset restart resume return reverse
    rinse roll rotate run save say scan schedule search select send set share shoot show shuffle shut silence skip slow
    snap speak spin split spray start stay steer stick stop store strip swap sweep swing switch take tell throw tilt
    translate transfer trim turn unblock undo unlock unmute use vacuum wait wake warn wash weigh write zoom
    """.split()
)
_ORDER = re.compile(
    r"(?:(?:and|but|so|or|please|also|then|now|just|afterwards|first|finally|maybe|ok|okay|after that|you can"
    r"|(?:can|could|would|will) you|(?:i want|i'd like|i need) you to)[\s,]+)*([a-z]+)(?=\s|$)"
)


def begins_with_order(clause: str) -> bool:
    """Whether a clause in lower case opens with a verb that orders something: "dim the lamp", "and could you call her"."""
    match = _ORDER.match(clause)
    return match is not None and match[1] in _VERBS
