"""Asks a language model for the program of one sentence and checks what comes back."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from inference.composition import Lacking, OutOfRange, narrow
from inference.evidence import gather
from inference.notation import (
    MAXIMUM_CANDIDATES,
    Answer,
    NotationError,
    PlannedCall,
    decode_answer,
)
from inference.parameter_names import offered, plain_name
from inference.ports import Generation, LanguageModel, Prompt, Reader
from inference.program_grammar import NarrowedCall, narrowed_grammar, program_grammar
from inference.program_prompt import END, Example, Hint, program_prompt
from inference.program_source import python_source
from inference.request import Request
from inference.second_opinion import favourite, plausible, weight
from inference.signatures import FunctionSignature, Parameter
from inference.text import Sentence, prepare
from inference.values import bounds_text, fit_said, in_range

__all__ = ["NotationError", "ProgramAnswer", "ask_for_program"]

_MAXIMUM_ANSWER_TOKENS = 160


@dataclass(frozen=True, slots=True)
class ProgramAnswer:
    """What the model made of a sentence.

    Attributes:
        outcome: `program` with `calls` and `source`, or `refuse` or `ask` with a plain `reason`.
        calls: the calls in order, arguments in the vendor's units.
        source: the same as Python, for the sandbox; it reads present values where a call needs them.
        reason: one sentence for the person, free of the vendor's names where a description exists.
        generation: the model's raw answer and its token counts.
        model_calls: how often the model was asked.
        certainty: how sure the reader is of the least certain call, 0 to 1; None without a reader.
        is_out_of_range: refused only because of a value that the function does not take.
    """

    outcome: Literal["program", "refuse", "ask"]
    calls: tuple[PlannedCall, ...]
    source: str
    reason: str
    generation: Generation
    model_calls: int = 1
    certainty: float | None = None
    is_out_of_range: bool = False


def ask_for_program(
    model: LanguageModel,
    sentence: str,
    candidates: Sequence[FunctionSignature],
    *,
    rankings: Sequence[Sequence[Hint]] | None = None,
    sentence_ranking: Sequence[Hint] = (),
    reader: Reader | None = None,
    unit_definitions: Mapping[str, str] | None = None,
    feedback: str | None = None,
    examples: Sequence[Example] = (),
) -> ProgramAnswer:
    """Turn one sentence into a program over `candidates`.

    Args:
        model: the language model; asked once, and once more where it went past what the search is rather sure of.
        sentence: the person's or coordinator's words.
        candidates: at most eight functions.
        rankings: for each clause, what retrieval thinks of `candidates`, most probable first; all alike when left out.
        sentence_ranking: the same for the sentence as a whole, where it has several clauses.
        reader: reads the sentence with each of them; without, the model alone decides.
        unit_definitions: the vendor's own units as pint expressions, such as {"cell": "0.5 m"}.
        feedback: the error of the answer before, in the repair round.
        examples: what was done for sentences like this one; only for a model that takes them.

    Raises:
        NotationError: the answer cannot be used; its text is the feedback for one more try.
        ModelError: the model cannot run.
    """
    definitions = unit_definitions or {}
    chosen = list(candidates[:MAXIMUM_CANDIDATES])
    prepared = prepare(sentence, definitions)
    if rankings is None:
        rankings = [[Hint(index, 1 / len(chosen)) for index in range(len(chosen))]]
    hints = [[hint for hint in ranking if hint.index < len(chosen)] for ranking in rankings]
    request = Request(prepared, chosen, definitions)
    prompt = program_prompt(prepared, chosen, hints, feedback, examples)

    def written(allowed: set[int], *, must_call: bool) -> tuple[Answer, Generation]:
        grammar = program_grammar(prepared, chosen, definitions, allowed, must_call=must_call)
        generation = model.generate(
            prompt, grammar=grammar, stop=(END,), maximum_tokens=_MAXIMUM_ANSWER_TOKENS
        )
        return decode_answer(generation.text, prepared, chosen, definitions), generation

    if reader is not None:
        whole = [hint for hint in sentence_ranking if hint.index < len(chosen)]
        narrowed = narrow(request, hints, gather(reader, request, hints), whole)
        return _narrowed_program(model, prompt, request, narrowed)
    answer, generation = written(plausible(hints), must_call=False)
    passed_over, asked = favourite(hints, chosen, answer, generation), 1
    if passed_over is not None:
        asked = 2
        rival, second = written({passed_over}, must_call=True)
        if weight(rival, second, hints, chosen) > weight(answer, generation, hints, chosen):
            answer, generation = rival, _both(second, generation)
        else:
            generation = _both(generation, second)
    return _checked(answer, request, generation, asked)


def _narrowed_program(
    model: LanguageModel,
    prompt: Prompt,
    request: Request,
    narrowed: Sequence[NarrowedCall] | Lacking | OutOfRange,
) -> ProgramAnswer:
    """Let the model write what the reader has left open; it is not asked where there is nothing to write."""
    silent = Generation("", 0, 0)
    if isinstance(narrowed, OutOfRange):
        parameter = request.candidates[narrowed.function].parameters[narrowed.parameter]
        why = _out_of_range(narrowed.words, parameter)
        return ProgramAnswer("refuse", (), "", why, silent, 0, is_out_of_range=True)
    if isinstance(narrowed, Lacking):
        function = request.candidates[narrowed.function]
        answer = Answer(
            "ask", asked_function=function, asked_parameter=function.parameters[narrowed.parameter]
        )
        return _checked(answer, request, silent, 0)
    if not narrowed:
        return _finished(Answer("refuse"), silent, 0)
    generation = model.generate(
        prompt,
        grammar=narrowed_grammar(narrowed, request.sentence.lower),
        stop=(END,),
        maximum_tokens=_MAXIMUM_ANSWER_TOKENS,
    )
    answer = decode_answer(generation.text, request.sentence, request.candidates, request.unit_definitions)
    if len(set(narrowed)) == len(narrowed):
        # What nobody wants repeated is done once, however many words are said for it.
        answer = replace(answer, calls=_without_repeats(answer.calls))
    certainty = math.exp(min(call.certainty for call in narrowed))
    return replace(_finished(answer, generation, 1), certainty=certainty)


def _without_repeats(calls: Sequence[PlannedCall]) -> tuple[PlannedCall, ...]:
    """Leave out the calls that another one before them is, with the same values."""
    kept: list[PlannedCall] = []
    for call in calls:
        if not any(one.name == call.name and one.arguments == call.arguments for one in kept):
            kept.append(call)
    return tuple(kept)


def _checked(answer: Answer, request: Request, generation: Generation, asked: int) -> ProgramAnswer:
    """Finish what the reader has not weighed: a quantity that is left over may be out of range."""
    unfit = _quantity_out_of_range(answer, request.sentence, request.candidates, request.unit_definitions)
    if unfit is not None:
        return ProgramAnswer("refuse", (), "", unfit, generation, asked, is_out_of_range=True)
    return _finished(answer, generation, asked)


def _finished(answer: Answer, generation: Generation, asked: int) -> ProgramAnswer:
    if answer.outcome == "program":
        return ProgramAnswer("program", answer.calls, python_source(answer.calls), "", generation, asked)
    if answer.asked_parameter is not None:
        question = (
            f"Please say the {plain_name(answer.asked_parameter)} as well{offered(answer.asked_parameter)}."
        )
        return ProgramAnswer("ask", (), "", question, generation, asked)
    return ProgramAnswer(
        "refuse", (), "", "Nothing this device can do matches the request.", generation, asked
    )


def _both(kept: Generation, other: Generation) -> Generation:
    """Charge an answer with the tokens of the one it was weighed against."""
    return replace(
        kept,
        prompt_tokens=kept.prompt_tokens + other.prompt_tokens,
        completion_tokens=kept.completion_tokens + other.completion_tokens,
        cached_tokens=kept.cached_tokens + other.cached_tokens,
    )


def _quantity_out_of_range(
    answer: Answer,
    sentence: Sentence,
    candidates: Sequence[FunctionSignature],
    unit_definitions: Mapping[str, str],
) -> str | None:
    """Say so when a quantity was dropped or a question was asked only because the said value is out of range.

    The grammar offers values inside the range alone, so a person's "shelf 99" would otherwise be replaced by some
    other number of the sentence, without a word.
    """
    used = [said.lower() for call in answer.calls for said in call.said.values()]
    unused = [quantity for quantity in sentence.quantities if not _is_said_in(quantity.text, used)]
    if answer.asked_parameter is not None:
        parameters = [answer.asked_parameter]
    else:
        called = {call.name for call in answer.calls}
        parameters = [
            parameter
            for function in candidates
            if function.name in called
            for parameter in function.parameters
        ]
    for quantity in unused:
        for parameter in parameters:
            if not parameter.is_quantity:
                continue
            value = fit_said(parameter, quantity, unit_definitions)
            if value is not None and not in_range(parameter, value):
                return _out_of_range(quantity.text, parameter)
    return None


def _out_of_range(said: str, parameter: Parameter) -> str:
    return f"{said} is outside what this device allows for the {plain_name(parameter)}: {bounds_text(parameter)}."


def _is_said_in(quantity: str, texts: Iterable[str]) -> bool:
    """Whether a quantity stands in one of the texts, alone or in a list, a time of day or a change by an amount."""
    whole = re.compile(rf"(?<![\w.-]){re.escape(quantity)}(?!\w|\.\d)")
    return any(whole.search(text) for text in texts)
