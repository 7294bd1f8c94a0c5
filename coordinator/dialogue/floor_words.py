"""Closed lists of words by which people speak of the floor, and which way such words change a place. Pure."""

from __future__ import annotations

from coordinator.dialogue.acts import Act
from inference.words import split_words

EVERYBODY = frozenset(
    "everything everybody everyone all anything anybody anyone whatever whoever every nobody whole".split()
)
ANY_DEVICE = frozenset("machine machines device devices vehicle vehicles traffic".split())
NEAR = frozenset(
    """
    near at in on around by close to next beside within inside there here vicinity reach of area zone hall site place moves move
    moving stand stands standing still must should has have at once immediately from get still keep where they are nobody nothing
    halt freeze bring rest
    """.split()
)
BESIDE = frozenset("near around by close beside next vicinity".split())
ENDING = frozenset(
    "cancel abort quit drop scrap forget call goals goal task tasks job jobs order orders standing delete remove".split()
)
_SHUT = frozenset("closed blocked shut obstructed impassable jammed flooded locked block close".split())
OPEN = frozenset(
    "free open opened reopen reopened clear cleared passable usable gone removed unblock unblocked again".split()
)
_UNDONE = frozenset("no not longer nothing isn wasn aren never".split())


def direction(act: Act, text: str) -> tuple[Act, bool]:
    """Return which way a message changes a place, and whether its words leave no doubt: the two ways are said alike.

    A place that is taken for free although it was said to be blocked would be driven into, so the words for either are looked at,
    and where they speak against what the message was taken for, the person is asked.
    """
    words = set(split_words(text))
    is_undone = bool(words & _UNDONE)
    shuts = bool(words & (OPEN if is_undone else _SHUT))
    opens = bool(words & (_SHUT if is_undone else OPEN))
    if shuts and not opens and act is Act.REOPEN_PLACE:
        return Act.CLOSE_PLACE, False
    if opens and not shuts and act is Act.CLOSE_PLACE:
        return Act.REOPEN_PLACE, False
    return act, True
