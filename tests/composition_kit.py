"""The functions of a device that tests narrow requests to, and what a sentence comes to that is read as they tell."""

from __future__ import annotations

from inference.composition import Lacking, OutOfRange, narrow
from inference.evidence import Evidence, gather
from inference.program import ProgramAnswer, ask_for_program
from inference.program_grammar import NarrowedCall, narrowed_grammar
from inference.program_prompt import Hint
from inference.request import Request
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from tests.reader_kit import ObedientModel, Said, ScriptedReader, admitted, hints

MOVE = FunctionSignature(
    "move",
    "Moves to a shelf.",
    (Parameter("shelf", ParameterKind.INTEGER, minimum=1, maximum=10, description="Shelf number."),),
)
LIFT = FunctionSignature(
    "lift",
    "Raises the fork.",
    (
        Parameter("height", ParameterKind.INTEGER, unit="millimeter", minimum=0, maximum=2000),
        Parameter("pace", ParameterKind.STRING, required=False, choices=("SLOW", "veryFast")),
    ),
)
DIM = FunctionSignature(
    "set_level",
    "Sets the brightness.",
    (
        Parameter(
            "level",
            ParameterKind.NUMBER,
            unit="percent",
            minimum=0,
            maximum=100,
            current="get_level",
        ),
    ),
)
PAINT = FunctionSignature(
    "paint",
    "Paints stripes.",
    (Parameter("colours", ParameterKind.STRING, choices=("red", "green", "blue", "white"), many=True),),
)
STOP = FunctionSignature("stop", "Stops.")
REPORT = FunctionSignature("report", "Says how it is.")
FUNCTIONS = (MOVE, LIFT, DIM, PAINT, STOP, REPORT)
ODD = FunctionSignature(
    "odd",
    "Does odd things.",
    (
        Parameter("name", ParameterKind.STRING, required=False, maximum_length=12),
        Parameter("is_on", ParameterKind.BOOLEAN, required=False),
        Parameter("at", ParameterKind.STRING, required=False, format="time"),
        Parameter("steps", ParameterKind.INTEGER, required=False, many=True, minimum=0, maximum=50),
        Parameter("warmth", ParameterKind.NUMBER, required=False, unit="degC", current="get_warmth"),
    ),
)


def likely(*functions: FunctionSignature, among: tuple[FunctionSignature, ...] = FUNCTIONS) -> list[Hint]:
    """Rank functions that one clause may be about; it can hardly be about the others."""
    return hints(*(0.9 / len(functions) if one in functions else 0.001 for one in among))


def nothing(among: tuple[FunctionSignature, ...] = FUNCTIONS) -> list[Hint]:
    """Rank functions for a clause that is hardly about any of them."""
    return hints(*(0.001 for _ in among))


def evidence(
    text: str,
    rankings: list[list[Hint]],
    said: dict[str, Said],
    among: tuple[FunctionSignature, ...] = FUNCTIONS,
    clauses: dict[str, dict[str, Said]] | None = None,
) -> Evidence:
    """Read a sentence and its clauses as was told."""
    return gather(ScriptedReader(said, clauses), Request(prepare(text), among), rankings)


def written(
    text: str,
    rankings: list[list[Hint]],
    said: dict[str, Said],
    among: tuple[FunctionSignature, ...] = FUNCTIONS,
    clauses: dict[str, dict[str, Said]] | None = None,
) -> set[str] | Lacking | OutOfRange:
    """Return all programs that are left to the model; none where it is not asked."""
    calls = narrow(Request(prepare(text), among), rankings, evidence(text, rankings, said, among, clauses))
    if isinstance(calls, Lacking | OutOfRange):
        return calls
    return admitted(narrowed_grammar(calls, prepare(text).lower)) if calls else set()


def answered(
    text: str,
    rankings: list[list[Hint]],
    said: dict[str, Said],
    among: tuple[FunctionSignature, ...] = FUNCTIONS,
) -> tuple[ProgramAnswer, ObedientModel]:
    """Ask for a program, of a model that writes the first of what is left to it."""
    model = ObedientModel(choose=min)
    answer = ask_for_program(model, text, among, rankings=rankings, reader=ScriptedReader(said))
    return answer, model


def narrowed_calls(narrowed: list[NarrowedCall] | Lacking | OutOfRange) -> list[NarrowedCall]:
    """Return the calls; there must be nothing to ask back or to refuse."""
    assert isinstance(narrowed, list)
    return narrowed
