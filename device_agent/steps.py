"""Tells an argument by which a device moves ("pan by") from one to which it moves, where both may be below 0.

Of the first "five metres lower" is -5; of the second "down to floor 2" is 2. Only what a description says plainly counts: a
sign that nobody meant would move a machine the wrong way.
"""

from __future__ import annotations

import re

from inference.signatures import Parameter
from inference.turning import has_signed_ways
from inference.words import split_words

_NAMES = frozenset("by delta offset relative step steps shift nudge jog increment".split())
_SIGN = re.compile(
    r"\b(?:(positive|plus)|negative|minus)(?: values?| numbers?)?(?: is| are| means?| goe?s?| moves?| turns?)?[ =:]+(\w+)"
)
_UP = frozenset(
    "up upwards upward higher raise raises forward forwards brighter louder warmer later faster more".split()
)
_DOWN = frozenset(
    "down downwards downward lower lowers back backward backwards darker dims quieter colder cooler earlier slower less".split()
)


def is_step(parameter: Parameter, function_words: str) -> bool:
    """Whether a quantity that may be above and below 0 is a change: by its name, its function's, or what is said of its sign.

    One whose present value can be read is a value: a clock's offset, which may go up and down itself.
    """
    if (
        parameter.current is not None
        or not parameter.is_quantity
        or parameter.many
        or parameter.minimum is None
        or parameter.maximum is None
    ):
        return False
    if not parameter.minimum < 0 < parameter.maximum:
        return False
    if has_signed_ways(parameter.description):
        return True
    signs = _SIGN.findall(parameter.description.lower())
    if signs:
        return all(last in (_UP if positive else _DOWN) for positive, last in signs)
    return not _NAMES.isdisjoint({*function_words.split(), *split_words(parameter.readable_name)})
