"""The question a model is asked about one sentence: candidate functions, the sentence, and the retrieval's ranking.

`training/` writes its examples with the same functions, so what the model meets at run time is what it was trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference.notation import LETTERS
from inference.ports import Prompt
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import Sentence, canonical_words, prepare
from inference.values import spoken_choices

DOCS, ASK, HINT, CODE, END = "<|docs|>", "<|ask|>", "<|hint|>", "<|code|>", "<|end|>"
CHANGEABLE, OPTIONAL = "~", "?"
DESCRIPTION_WORD_LIMIT = 18
SINGLE_CLAUSE_HINT, CLAUSE_HINT, MAXIMUM_HINTED_CLAUSES = 3, 2, 4
LEAST_HINTED_PROBABILITY = 0.05

_SYSTEM = """You translate one sentence into calls of a device's functions. Functions are listed with a letter.
Answer with one line in this notation and nothing else:
A( 3);B( 3| 35 cm)   call A, then B; every value starts with a space and is copied from the sentence with its unit
A( lab| _)           _ leaves an optional argument (?) out
A( two thirds)       a share of a range is copied like any quantity, as are times of day
A( up 10 percent)    up or down, with or without an amount, changes a value marked ~ from where it is
A( red & blue)       several values
refuse               no listed function does what is asked
ask A.1              the first argument of A is required but was not said
Booleans are yes or no. Use only what the sentence says."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What retrieval thinks of one candidate for one clause: its place in the list, and its probability (0 to 1)."""

    index: int
    probability: float


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that was carried out before, and how: each call's function name and what stood between its brackets."""

    sentence: str
    calls: tuple[tuple[str, str], ...]


def without_markers(text: str) -> str:
    """Break up anything in foreign text that spells one of the model's special tokens."""
    return text.replace("<|", "< |")


def parameter_text(parameter: Parameter) -> str:
    """Describe one parameter in a few words: its name and what may be written for it."""
    words = canonical_words(parameter.readable_name)
    if parameter.choices:
        kind = " / ".join(spoken_choices(parameter))
    elif parameter.kind is ParameterKind.BOOLEAN:
        kind = "yes / no"
    elif parameter.kind is ParameterKind.STRING and not parameter.is_quantity:
        kind = parameter.format or "text"
    else:
        kind = f"# {parameter.unit}" if parameter.unit else "#"
    several = "several " if parameter.many else ""
    changeable = "" if parameter.current is None else f" {CHANGEABLE}"
    return f"{words} {several}{kind}{changeable}{'' if parameter.required else f' {OPTIONAL}'}"


def function_text(function: FunctionSignature) -> str:
    """Describe one function: what it does, its name in words, its parameters. Its letter follows."""
    description = " ".join(function.description.lower().rstrip(".").split()[:DESCRIPTION_WORD_LIMIT])
    parameters = " ; ".join(parameter_text(parameter) for parameter in function.parameters)
    return f" {description} ; {canonical_words(function.readable_name)} ( {parameters} )"


def compact_docs(candidates: Sequence[FunctionSignature]) -> str:
    """Write the block of candidate functions. Each letter stands behind its function, where all of it has been read."""
    lines = "".join(
        f"{without_markers(function_text(function))} ={letter}\n"
        for letter, function in zip(LETTERS, candidates, strict=False)
    )
    return DOCS + lines


def compact_question(sentence: Sentence, rankings: Sequence[Sequence[Hint]]) -> str:
    """Write the sentence and the best-ranked letters of each clause; the model goes on behind it."""
    return f"{ASK} {without_markers(sentence.lower)}{HINT}{hint_text(rankings)}{CODE}"


def hint_text(rankings: Sequence[Sequence[Hint]]) -> str:
    """Write what retrieval thinks, clause by clause: `H8B1` gives H eight tenths, B one tenth, and none the rest.

    A single clause has at most three letters, each of several at most two; the improbable are left out, but for the first.
    """
    length = SINGLE_CLAUSE_HINT if len(rankings) == 1 else CLAUSE_HINT
    return ";".join(
        "".join(
            f"{LETTERS[hint.index]}{min(9, int(hint.probability * 10))}"
            for place, hint in enumerate(ranking[:length])
            if not place or hint.probability >= LEAST_HINTED_PROBABILITY
        )
        for ranking in rankings[:MAXIMUM_HINTED_CLAUSES]
    )


def program_prompt(
    sentence: Sentence,
    candidates: Sequence[FunctionSignature],
    rankings: Sequence[Sequence[Hint]],
    feedback: str | None = None,
    examples: Sequence[Example] = (),
) -> Prompt:
    """Build both forms of the prompt.

    Feedback and examples stand in the form for general models only: the compact one is that of training, which has neither.

    Args:
        sentence: the prepared sentence.
        candidates: at most eight functions, in the order of the device's description.
        rankings: for each clause of the sentence, what retrieval thinks of `candidates`, most probable first.
        feedback: what was wrong with the answer before, for the repair round.
        examples: what was done for sentences like this one; those that call other functions than `candidates` are left out.
    """
    listed = "\n".join(
        f"{LETTERS[index]}:{function_text(function)}" for index, function in enumerate(candidates)
    )
    hints = f"Probable functions, clause by clause, with tenths of probability: {hint_text(rankings)}"
    shown = "".join(f"{line}\n" for line in _example_lines(examples, candidates))
    user = f"{listed}\n{shown}{hints}\nSentence: {sentence.lower}"
    if feedback:
        user += f"\nYour answer before was wrong: {feedback}"
    return Prompt(compact_docs(candidates) + compact_question(sentence, rankings), _SYSTEM, user)


def _example_lines(examples: Sequence[Example], candidates: Sequence[FunctionSignature]) -> list[str]:
    """Write examples in the notation, with the letters that their functions have among these candidates."""
    letters = {function.name: letter for letter, function in zip(LETTERS, candidates, strict=False)}
    lines = []
    for example in examples:
        if all(name in letters for name, _ in example.calls):
            answer = ";".join(f"{letters[name]}({written})" for name, written in example.calls)
            lines.append(f"Example sentence: {prepare(example.sentence).lower}\nIts answer: {answer}")
    return lines
