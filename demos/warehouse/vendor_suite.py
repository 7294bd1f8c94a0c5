"""Ten vendors, nineteen functions, twenty phrasings each, and sentences that need two calls: are the right calls written?

    python -m demos.warehouse.vendor_suite [--part test|dev|all] [--notes native] [--model GGUF] [--show 20] [--json]

Each sentence of `vendor_phrases` goes through the agent's own path (retrieval, model, checks); the calls are compared in
the world's units, so that "one metre" counts as right for a vendor that counts in feet. A function that needs a person's
confirmation is right where the agent stops for it. Counted for each vendor, and for each language of the vendors' notes.
"""

from __future__ import annotations

import argparse
import ast
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.progress import track

from demos.warehouse.vendor_modes import operation_of
from demos.warehouse.vendor_notes import NOTES, with_notes
from demos.warehouse.vendor_phrases import (
    DEV_PHRASES,
    DEV_REFUSED,
    DEV_TWO_CALLS,
    TEST_PHRASES,
    TEST_REFUSED,
    TEST_TWO_CALLS,
)
from demos.warehouse.vendors import VENDORS, Operation, Role
from device_agent.modes import start_modes
from device_agent.pipeline import Pipeline, PipelineError
from firmware_api_specs.loader import load
from inference.ports import LanguageModel, Reader
from inference.settings import InferenceSettings, open_finder, open_model, open_reader
from protocol.errors import ErrorCode
from rag.api_index import ApiIndex

Arguments = dict[Role, float | str]
Wanted = list[tuple[Operation | None, Arguments]]
"""Calls in their order; None stands for reading a property, which no sentence of the suite asks for."""

_FILLED_BY = {
    Operation.TO_SHELF: (Role.SHELF,),
    Operation.TO_STATION: (Role.STATION,),
    Operation.PICK: (Role.TOTE,),
    Operation.DELIVER: (Role.TOTE, Role.STATION),
    Operation.VACANCY: (Role.SHELF,),
    Operation.ITEMS: (Role.SHELF,),
    Operation.NAVIGATE: (Role.X, Role.Y),
    Operation.CAMERA: (Role.ANGLE,),
    Operation.WIFI: (Role.NETWORK, Role.SECRET),
    Operation.SPEED: (Role.SPEED,),
}
_TOLERANCE = 0.02
_AFTER_CONFIRMATION = Operation.ACCESS_POINT
"""The only function of every vendor that a person has to confirm."""


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences and the values that fill them."""

    phrases: Mapping[Operation, Sequence[str]]
    two_calls: Sequence[str]
    refused: Sequence[str]
    values: Mapping[Role, Sequence[float | str]]


PARTS = {
    "dev": Part(
        DEV_PHRASES,
        DEV_TWO_CALLS,
        DEV_REFUSED,
        {
            Role.SHELF: (3, 7, 1),
            Role.STATION: (2, 5),
            Role.TOTE: ("T7", "T12"),
            Role.X: (2, 4.5),
            Role.Y: (3, 6),
            Role.ANGLE: (15, 30),
            Role.SPEED: (0.5, 1),
            Role.NETWORK: ("Depot-5G", "hall_net"),
            Role.SECRET: ("s3cretKey", "Blue42sky"),
        },
    ),
    "test": Part(
        TEST_PHRASES,
        TEST_TWO_CALLS,
        TEST_REFUSED,
        {
            Role.SHELF: (8, 2, 12),
            Role.STATION: (4, 1),
            Role.TOTE: ("T31", "T4"),
            Role.X: (5, 1.5),
            Role.Y: (9, 7.5),
            Role.ANGLE: (20, 12),
            Role.SPEED: (0.6, 0.8),
            Role.NETWORK: ("North-Wing", "pallet_lan"),
            Role.SECRET: ("gr8Forklift", "ten4Orange"),
        },
    ),
}


def sentences(part: Part) -> Iterator[tuple[str, str, Wanted | None]]:
    """Yield (tag, sentence, wanted calls in world units; None where the device must refuse)."""
    number = 0
    for operation, phrases in part.phrases.items():
        for phrase in phrases:
            number += 1
            arguments: Arguments = {
                role: part.values[role][number % len(part.values[role])]
                for role in _FILLED_BY.get(operation, ())
            }
            said = phrase.format(**{role.value: value for role, value in arguments.items()})
            yield operation.value, said, [(operation, arguments)]
    shelves = part.values[Role.SHELF]
    for number, phrase in enumerate(part.two_calls):
        shelf: Arguments = {Role.SHELF: shelves[number % len(shelves)]}
        wanted: Wanted = [(Operation.TO_SHELF, shelf), (Operation.VACANCY, shelf)]
        yield "two calls", phrase.format(shelf=shelf[Role.SHELF]), wanted
    for phrase in part.refused:
        yield "refusal", phrase, None


def meaning(vendor: str, source: str) -> Wanted:
    """Read a written program back as operations with arguments in the world's units."""
    calls: Wanted = []
    for line in source.splitlines():
        call = ast.parse(line, mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise TypeError(f"{line!r} is not a call")
        arguments: Arguments = {}
        for word in call.keywords:
            value = ast.literal_eval(word.value)
            argument = VENDORS[vendor].functions[call.func.id].arguments[str(word.arg)]
            arguments[argument.role] = value * argument.factor if argument.factor is not None else value
        calls.append((operation_of(vendor, call.func.id), arguments))
    return calls


def same_functions(written: Wanted, wanted: Wanted) -> bool:
    """Whether two programs call the same functions in the same order."""
    return [operation for operation, _ in written] == [operation for operation, _ in wanted]


def same(written: Wanted, wanted: Wanted) -> bool:
    """Whether two programs mean the same, up to rounding of converted lengths and angles."""
    if not same_functions(written, wanted):
        return False
    for (_, got), (_, expected) in zip(written, wanted, strict=True):
        if got.keys() != expected.keys():
            return False
        for role, value in expected.items():
            mine = got[role]
            if isinstance(value, str) or isinstance(mine, str):
                if mine != value:
                    return False
            elif abs(mine - value) > _TOLERANCE * max(1.0, abs(value)):
                return False
    return True


@dataclass(frozen=True, slots=True)
class Count:
    """How many sentences there were, how many got the right functions, and how many the right calls, all values right."""

    right: int
    functions: int
    total: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many written programs are at least as confident as `threshold`, and how many of these are right."""

    threshold: float
    kept: int
    right: int


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The counts of each tag, vendor, language and part, what confidence tells, and seconds for each sentence."""

    tags: dict[str, Count]
    risk_and_coverage: tuple[Coverage, ...]
    seconds_p50: float
    seconds_p95: float


def run(
    model: LanguageModel,
    index: ApiIndex,
    vendors: Sequence[str] = tuple(VENDORS),
    show: int = 0,
    *,
    reader: Reader | None = None,
    parts: Sequence[str] = tuple(PARTS),
    notes: str = "given",
) -> SuiteResult:
    """Run the suite with one kind of `vendor_notes.NOTES`, printing the first `show` wrong answers.

    Raises:
        PipelineError: the model or the encoder cannot run, which is no refusal.
    """
    right: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    total: Counter[str] = Counter()
    seconds: list[float] = []
    confident: list[tuple[float, bool]] = []
    work = [
        (vendor, part, *sentence)
        for vendor in vendors
        for part in parts
        for sentence in sentences(PARTS[part])
    ]
    descriptions = {vendor: load(with_notes(vendor, notes)) for vendor in vendors}
    pipelines: dict[str, Pipeline] = {}
    for vendor, part, tag, sentence, wanted in track(work, description="vendors"):
        if vendor not in pipelines:
            pipelines[vendor] = Pipeline(vendor, descriptions[vendor], model, index, reader=reader)
            pipelines[vendor].prepare()
        began = time.perf_counter()
        try:
            # Every sentence meets a robot that has just been switched on.
            modes = start_modes(descriptions[vendor], descriptions[vendor].initial_mode)
            program = pipelines[vendor].write(sentence, modes)
            outcome = program.source
            written = meaning(vendor, outcome)
            is_function = wanted is not None and same_functions(written, wanted)
            is_right = wanted is not None and same(written, wanted)
            confident.append((program.confidence or 0.0, is_right))
        except PipelineError as error:
            if error.code in {ErrorCode.MODEL_UNAVAILABLE, ErrorCode.ENCODER_UNAVAILABLE}:
                raise
            outcome = str(error)
            is_stopped = error.code is ErrorCode.DANGER_FORBIDDEN
            is_right = is_stopped if wanted == [(_AFTER_CONFIRMATION, {})] else wanted is None
            is_function = is_right
        seconds.append(time.perf_counter() - began)
        language = descriptions[vendor].language
        for name in ("total", f"part {part}", tag, f"vendor {vendor}", f"notes in {language}"):
            total[name] += 1
            functions[name] += is_function
            right[name] += is_right
        if not is_right and show > 0:
            show -= 1
            print(f"{vendor}: {sentence}\n    wrote {outcome.strip()!r}")
    seconds.sort()
    return SuiteResult(
        tags={name: Count(right[name], functions[name], total[name]) for name in total},
        risk_and_coverage=tuple(
            Coverage(
                threshold,
                kept=sum(confidence >= threshold for confidence, _ in confident),
                right=sum(is_right for confidence, is_right in confident if confidence >= threshold),
            )
            for threshold in (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
        ),
        seconds_p50=seconds[len(seconds) // 2],
        seconds_p95=seconds[int(len(seconds) * 0.95)],
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--part",
        choices=(*PARTS, "all"),
        default="all",
        help="which sentences; dev has steered decisions before",
    )
    parser.add_argument("--model", type=Path, help="a GGUF; the bundled one when left out")
    parser.add_argument(
        "--vendors", nargs="+", default=tuple(VENDORS), choices=tuple(VENDORS), help="only these"
    )
    parser.add_argument(
        "--notes", choices=NOTES, default="given", help="native: without English; unglossed: nor glosses"
    )
    parser.add_argument("--show", type=int, default=0, help="print this many wrong answers")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    settings = InferenceSettings.from_environment()
    if arguments.model:
        settings = replace(settings, model_path=arguments.model)
    finder = open_finder(settings)
    index = ApiIndex(None, finder)
    parts = tuple(PARTS) if arguments.part == "all" else (arguments.part,)
    result = run(
        open_model(settings),
        index,
        arguments.vendors,
        arguments.show,
        reader=open_reader(settings, finder),
        parts=parts,
        notes=arguments.notes,
    )
    print(f"{'':20} {'sentences':>9} {'functions':>17} {'exact calls':>17}")
    for name, count in result.tags.items():
        print(
            f"{name:20} {count.total:9} {count.functions:7} = {count.functions / count.total:7.1%}"
            f" {count.right:7} = {count.right / count.total:7.1%}"
        )
    for row in result.risk_and_coverage:
        print(f"programs of confidence >= {row.threshold:.1f}: {row.right} of {row.kept} right")
    print(f"seconds: p50 {result.seconds_p50:.3f}, p95 {result.seconds_p95:.3f}")
    if arguments.json:
        print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
