"""The clauses of a goal, and how they hang together: what those of a list say once, and which remarks an order needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.device_names import DeviceNames, telling, thing_of
from inference.goal_clauses import is_around, is_event, is_statement, refers
from inference.rooms import Room, only_room, placed, rooms_in

# What may stand before a name at the beginning of a clause without asking for anything.
NAME_FIRST = re.compile(
    r"(?:(?:in|of|at|on|for|from|near|by|with)\s+)?(?:the|a|an|my|our|your|this|that)?\s*"
)
# "At the gate, …" begins with where something is to be done.
PLACE_FIRST = re.compile(r"(?:in|at|on|inside|outside|under|above|by|near|for|from|until|till) ")
# Behind the last name of a list begins what is to be done with all of it.
LIST_REST = re.compile(
    r"\s*(?:on|off|open|closed?|shut|up|down|to|at|in|out|please|all|both|can|should|must|need)\b"
)
_SO = re.compile(r"\bso\b")
# What stands behind the last of a list is said of each ("mill, saw and drill can all go on").
_SHORT_NAME = re.compile(r"(?:the |my |our )?[^\W_]+(?: [^\W_]+)?")
_OF_ALL = re.compile(
    r"(?:the |my |our )?[^\W_]+(?: (?!can|could|may|should|must|shall|will|have|need|are|all|both|each)[^\W_]+)? "
    r"(?P<modal>can|could|may|should|must|shall|will|have to|need to|are to)? ?(?:all|both|each) "
    r"(?P<rest>(?!(?:the|of|my|our|day|night|right|over|in)\b).+)"
)
# "Turn the lamp" says too little: "… and the heater off".
_OPEN = re.compile(
    r"(?:please |could you |can you |would you )*(?:set|turn|switch|put|bring|change|adjust|keep|make)\s+(?:the|my|our|your)?\s*"
)
_LIST_JOINT = re.compile(r"\s*(?:,|,?\s*and)\s*")
# "Dim the lights in the den and the hall to 30 percent" says how much once.
_VERB_FIRST = re.compile(r"(?:please )?[^\W\d_]+ (?:(?:the|my|our|your) )?")
_AMOUNT = re.compile(r"\s*(?:(?:down |up )?to|at|by) (?:about |around )?-?\d")


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a kind of device fits a clause.

    Attributes:
        score: by its abilities, by what it is, and by names.
        cosine: by its abilities alone.
        named: how much the clause names it.
    """

    kind: str
    score: float
    cosine: float
    named: float


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the goal in lower case.

    Attributes:
        said: the words of names in it.
        fits: the kinds that it fits, the best first.
        spared: the devices that it leaves out ("all lights except …"), which its text does not name any more.
        is_remark: it asks for nothing, by how it is said.
    """

    start: int
    end: int
    text: str
    said: frozenset[str]
    fits: tuple[Fit, ...]
    spared: frozenset[str]
    is_remark: bool


@dataclass(frozen=True, slots=True)
class ClauseLinks:
    """How the clauses of a goal hang together.

    Attributes:
        lower: the goal in lower case.
        names: what the devices are called.
        clauses: the clauses, as they were said one after another.
    """

    lower: str
    names: DeviceNames
    clauses: Sequence[Clause]

    def mention(self, clause: Clause) -> tuple[int, int]:
        """Return where a clause names a device: its room may stand apart, as in "fan off in the living room"."""
        start, end = self.names.mention(clause.text, clause.said)
        things = self.names.things(clause.text)
        if not things or telling(clause.text[start:end]) & things:
            return start, end
        rooms = frozenset[str]().union(*(room.words for room in rooms_in(clause.text)))
        return self.names.mention(clause.text, clause.said - rooms)

    def is_told_of(self, remark: Clause) -> bool:
        """Whether an order needs the remark before it: that names something, or is what "it" means in the order."""
        orders = (one for one in self.clauses if one.start > remark.start and not one.is_remark)
        order = next(orders, None)
        if not remark.is_remark or order is None or refers(order.text):
            return True
        if _SO.search(self.lower, remark.end, order.start):
            return False
        is_aside = is_around(remark.text) or not is_statement(remark.text)
        if is_event(remark.text) and self.names.things(order.text):
            is_aside = True
        is_named = bool(self.names.things(remark.text)) if is_around(remark.text) else bool(remark.said)
        return not is_aside or is_named or PLACE_FIRST.match(remark.text) is not None

    def room_before(self, clause: Clause) -> list[Room]:
        """Return the room that is all that the clause before says: "in the attic, dim the light"."""
        before = next((one for one in reversed(self.clauses) if one.start < clause.start), None)
        room = only_room(before.text) if before is not None and PLACE_FIRST.match(before.text) else None
        return [room] if room is not None else []

    def said_of_all(self, number: int) -> str:
        """Return what is said behind the last of a list ("pump, mill and lamp can all go on") of one before the last."""
        if _SHORT_NAME.fullmatch(self.clauses[number].text) is None:
            return ""
        for clause in self.clauses[number + 1 :]:
            if found := _OF_ALL.fullmatch(clause.text):
                return f"{found['modal'] or ''} {found['rest']}".strip()
            if _SHORT_NAME.fullmatch(clause.text) is None:
                break
        return ""

    def is_open(self, clause: Clause) -> bool:
        """Whether a clause lacks its end, which is said once behind a later one: "the lamp and the heater off"."""
        start, end = self.mention(clause)
        return end == len(clause.text) and (
            _OPEN.fullmatch(clause.text, 0, start) is not None
            or (NAME_FIRST.fullmatch(clause.text, 0, start) is not None and self._is_listed(clause))
            or (_VERB_FIRST.fullmatch(clause.text, 0, start) is not None and self._is_listed(clause, _AMOUNT))
        )

    def shared_room(self, clause: Clause) -> frozenset[str]:
        """Return the room that is said behind a later name of a list: "the tv and the light in the study"."""
        none: frozenset[str] = frozenset()
        if not self.names.things(clause.text) or any(rooms_in(clause.text)):
            return none
        for following in self._listed_behind(clause):
            for room in placed(following.text, *self.mention(following)):
                return room.words if self.names.fitting(clause.said | room.words) else none
        return none

    def shared_thing(self, clause: Clause, following: Clause | None) -> frozenset[str]:
        """Return what devices are called whose thing is said behind the next: the light in "the kitchen and the hall light"."""
        none: frozenset[str] = frozenset()
        if following is None or not clause.said:
            return none
        start, end = self.mention(following)
        is_first = end > start and NAME_FIRST.fullmatch(following.text, 0, start) is not None
        is_name = self.names.is_all_name(following.text) or (
            is_first and LIST_REST.match(following.text, end) is not None
        )
        if not is_name or self.names.mention(clause.text, clause.said)[1] < len(clause.text):
            return none
        thing = thing_of(following.text[: end if is_first else None])
        is_head = any(thing in self.names.heads(kind) for kind in self.names.fitting(following.said))
        return frozenset({thing}) if is_head and self.names.fitting(clause.said | {thing}) else none

    def _listed_behind(self, clause: Clause) -> Iterator[Clause]:
        """Return the clauses behind one that begin with a name, as those of a list do."""
        before = clause
        for following in self.clauses:
            if following.start <= clause.start:
                continue
            joint = self.lower[before.end : following.start]
            start, end = self.mention(following)
            is_name = end > start and NAME_FIRST.fullmatch(following.text, 0, start) is not None
            is_name = is_name or only_room(following.text) is not None
            if not is_name or _LIST_JOINT.fullmatch(joint) is None:
                return
            yield following
            before = following

    def _is_listed(self, clause: Clause, ending: re.Pattern[str] = LIST_REST) -> bool:
        """Whether what is to be done stands only behind the last name of a list: "tv, light and air purifier off"."""
        for following in self._listed_behind(clause):
            rest = following.text[self.mention(following)[1] :]
            if rest.strip() and only_room(following.text) is None:
                return ending.match(rest) is not None
        return False
