"""Builds the GBNF grammar of every plan that is possible for one goal on one site.

A step for devices repeats a run of the goal's own words, or asks a device about itself; a step for each entity puts the
entity's placeholder among the goal's words and a few function words. So a plan never invents things to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from inference.program_grammar import alternatives, literal
from inference.text import Sentence

MAXIMUM_STEPS = 6
MAXIMUM_SENTENCE_WORDS = 40

FUNCTION_WORDS = frozenset(
    """
    a all and any are as at back be by can carry check do down drive find first for from get give go has have how if
    in into is it its list look move much name next number of off on one or out over report room say see set start
    state stop take tell that the their then there to turn up what where whether which while with you your
    """.split()
)
"""Words the sentence of an `each` step may use besides those of the goal and of the site."""

_DANGLING = frozenset(
    "a all an and at by every each for from my of on or please the then to with your".split()
)
"""Words that no step ends with."""
_JOINING = frozenset(["and", "then"])
_EDGE = ',;:.!?"“”()'


def plan_grammar(
    goal: Sentence,
    kinds: Sequence[str],
    entities: Mapping[str, Sequence[str]],
    names: Sequence[str],
    *,
    has_conditions: bool = False,
) -> str:
    """Build the grammar.

    Args:
        goal: the prepared goal.
        kinds: the kinds of devices.
        entities: the site's entities by kind.
        names: how the goal spells the devices it names.
        has_conditions: whether steps may depend on what earlier ones found out, and quote it.
    """
    rules = [f"word ::= {alternatives(sorted(sentence_words(goal, kinds, entities)))}"]
    rules.append(f'words ::= word (" " word){{0,{MAXIMUM_SENTENCE_WORDS - 1}}}')
    spans = span_rules(goal.lower)
    rules += spans
    texts = ['"where are you"']
    if spans:
        texts += [
            "span",
            '"report your " span',
            '"how full is your " word',
            '"how much " span " do you have left"',
        ]
    one_texts, forms = ["text"], []
    if kinds:
        rules.append(f"kind ::= {alternatives(kind.lower() for kind in kinds)}")
        forms += ['"every " kind " / " text', '"one " kind " / " onetext']
        for index, (entity, ids) in enumerate(entities.items()):
            placeholder = literal("{" + entity + "}")
            chosen = ""
            if mentioned := mentioned_ids(goal.lower, ids):
                rules.append(f"id{index} ::= {alternatives(' ' + one for one in mentioned)}")
                chosen = f"id{index}* "
                one_texts.append(f'{literal("move to " + entity)} id{index} " and " words')
            rules.append(
                f'text{index} ::= (word " "){{0,{MAXIMUM_SENTENCE_WORDS}}} {placeholder} '
                f'(" " word{index}){{0,{MAXIMUM_SENTENCE_WORDS}}}'
            )
            rules.append(f"word{index} ::= word | {placeholder}")
            forms.append(f'{literal("each " + entity)} {chosen}" / " kind " / " text{index}')
    if names:
        rules.append(f"name ::= {alternatives(names)}")
        forms.append('"named " name " / " text')
    rules += [f"text ::= {' | '.join(texts)}", f"onetext ::= {' | '.join(one_texts)}"]
    root = literal("refuse")
    if forms:
        rules.append(f"step ::= {' | '.join(forms)}")
        tail = f'("\\n" step){{0,{MAXIMUM_STEPS - 1}}}'
        if has_conditions:
            rules += _later_rules(goal, has_kinds=bool(kinds), has_names=bool(names))
            tail = ""
            for number in range(MAXIMUM_STEPS, 1, -1):
                tail = f'("\\n" later{number} {tail}){{0,1}}'
        root += f" | step {tail}"
    return "\n".join([f"root ::= {root}", *rules]) + "\n"


def _later_rules(goal: Sentence, *, has_kinds: bool, has_names: bool) -> list[str]:
    """Write the rules of steps that may depend on earlier ones; the amounts that they compare stand in the goal."""
    found = ['"yes"', '"no"']
    if amounts := {_amount(quantity.value, quantity.unit) for quantity in goal.quantities}:
        found.append(f'("<" | "<=" | ">" | ">=" | "=") " " ({alternatives(sorted(amounts))})')
    whom = ['"one " kind'] * has_kinds + ['"named " name'] * has_names
    rules = [f"finding ::= {' | '.join(found)}", f"whom ::= {' | '.join(whom)}"]
    for number in range(2, MAXIMUM_STEPS + 1):
        before = f"({alternatives(map(str, range(1, number)))})"
        rules.append(f'later{number} ::= ("if " {before} " " finding " / "){{0,1}} (step | quoting{number})')
        rules.append(f'quoting{number} ::= whom " / " words " {{answer " {before} "}}" (" " words){{0,1}}')
    return rules


def _amount(value: float, unit: str | None) -> str:
    return f"{value:g} {unit}" if unit else f"{value:g}"


def span_rules(lower: str) -> list[str]:
    """Write rules for every run of the goal's words that a step could be, `span` first; none where there is no such run."""
    words = lower.split()
    rules: list[str] = []
    starts: list[str] = []
    following = ""
    # From the last word to the first, since each rule goes on with the rule of the next word.
    for index in range(len(words) - 1, -1, -1):
        bare = words[index].strip(_EDGE)
        if set(words[index]) & set("/{}"):
            following = ""
            continue
        options = []
        if any(map(str.isalnum, bare)) and bare not in _DANGLING:
            options.append(literal(bare))
        if following:
            options.append(f"{literal(words[index].lstrip(_EDGE) + ' ')} {following}")
        following = f"from{index}" if options else ""
        if options:
            rules.append(f"from{index} ::= {' | '.join(options)}")
            if bare and bare not in _JOINING:
                starts.append(following)
    return [f"span ::= {' | '.join(starts)}", *rules] if starts else []


def mentioned_ids(lower: str, ids: Sequence[str]) -> list[str]:
    """List the entity ids (in lower case) that stand as whole words in the goal."""
    words = set(re.findall(r"[\w.-]*\w", lower))
    return [one.lower() for one in ids if one.lower() in words]


def sentence_words(goal: Sentence, kinds: Sequence[str], entities: Mapping[str, Sequence[str]]) -> set[str]:
    """Collect the words that the sentence of an `each` step may use."""
    said = set(split_plainly(goal.lower))
    # "the batteries of all robots" becomes "your battery".
    singular = {re.sub(r"ies$", "y", word) for word in said} | {word.removesuffix("s") for word in said}
    words = FUNCTION_WORDS | said | singular
    for text in (*kinds, *entities):
        words |= set(split_plainly(text.lower()))
    return {word for word in words if any(map(str.isalnum, word)) and not set(word) & set("/{}")}


def split_plainly(text: str) -> list[str]:
    """Split at spaces and take punctuation off the words."""
    return [word.strip(_EDGE) for word in text.split()]
