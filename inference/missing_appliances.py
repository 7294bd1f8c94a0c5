"""Finds an appliance that a sentence speaks of and that no device of a site is: the dishwasher, where there is a washing machine.

Whatever comes nearest is another thing, and what is asked of the one is not to be done with the other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

# Each line names one thing first by what it is called; all its words are evidence that a site has it.
_APPLIANCES = [
    [name.strip() for name in line.split(",")]
    for line in """
    dishwasher, dish washer, dishes
    washing machine, washer, wash, laundry
    tumble dryer, dryer, drier, tumble drier
    fridge, refrigerator, freezer, cooler, cooling
    microwave, microwave oven
    toaster
    kettle, water boiler, boiler
    oven, stove, cooker, combi, steamer
    coffee machine, coffee maker, espresso machine, coffee, espresso
    lawn mower, mower, lawnmower, mowing, mows
    sewing machine, sewing
    hot tub, jacuzzi, whirlpool, spa
    dehumidifier, dehumidifies, humidity
    humidifier, humidifies, humidity
    ventilator, respirator, fan, ventilation, breathing
    defibrillator, monitor
    shredder
    sauna
    """.strip().splitlines()
]
# A kettle may also be what hangs on a plug.
_CALLED = 2
_NAMES = sorted({name for names in _APPLIANCES for name in names[:_CALLED]}, key=len, reverse=True)
_NAME = "|".join(map(re.escape, _NAMES))
_ASKED = re.compile(
    r"^(?:(?:please|can you|could you|and|then|ok|okay) )*"
    r"(?:(?:turn|switch|put|start|stop|run|set|open|close|shut|pause|unpause|empty|preheat|unlock|lock|power|is|are|has"
    rf"|when will)(?: (?:on|off|up|down))? (?:the|my|our) (?P<said>{_NAME})(?!'| (?:plug|socket|light|lamp|outlet|timer|list)|\w)"
    rf"|(?:(?:the|my|our) )?(?P<first>{_NAME}) (?:to|on|off|at|up|down)(?!\w))"
)


def missing_appliance(text: str, told: Iterable[Collection[str]]) -> str:
    """Return the appliance that a clause in lower case asks something of, where no device says that it is one; else nothing.

    Args:
        text: the clause.
        told: the words that each device says of itself, what it can do included.
    """
    match = _ASKED.match(text.strip())
    if match is None:
        return ""
    name = match["said"] or match["first"]
    proofs = [frozenset(each.split()) for names in _APPLIANCES if name in names[:_CALLED] for each in names]
    return "" if any(proof.issubset(words) for words in told for proof in proofs) else name
