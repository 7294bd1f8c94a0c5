"""Ten vendors, fifteen functions, twelve phrasings each, and sentences that need two calls: are the right calls written?

    python -m demos.warehouse.vendor_suite [--model GGUF] [--show 20] [--json]

The sentences were written by hand, apart from the training lexicon, and are never trained on. Each goes through the
agent's own path (retrieval, model, checks); the calls are compared in the world's units, so that "one metre" counts as
right for a vendor that counts in feet.
"""

from __future__ import annotations

import argparse
import ast
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.progress import track

from demos.warehouse.firmware import thing_description
from demos.warehouse.vendors import VENDORS, Operation, Role
from device_agent.pipeline import Pipeline, PipelineError
from firmware_api_specs.loader import load
from inference.ports import LanguageModel
from inference.settings import InferenceSettings, open_encoder, open_model
from protocol.errors import ErrorCode
from rag.api_index import ApiIndex

Arguments = dict[Role, float | str]
Wanted = list[tuple[Operation, Arguments]]

PHRASES: dict[Operation, tuple[str, ...]] = {
    Operation.TO_SHELF: (
        "Move to shelf {shelf}.",
        "Please go to shelf {shelf}.",
        "Drive over to shelf number {shelf}.",
        "Head for shelf {shelf}",
        "Could you get yourself to shelf {shelf}?",
        "Proceed to rack {shelf}.",
        "I need you at shelf {shelf}.",
        "Make your way to shelf {shelf}, please.",
        "Navigate to shelf {shelf}.",
        "Roll up to shelf {shelf}.",
        "go and stand in front of shelf {shelf}",
        "Travel to shelf {shelf} now.",
    ),
    Operation.VACANCY: (
        "Identify the vacancy in shelf {shelf}.",
        "Check whether there is any vacant space on shelf {shelf}.",
        "Is there any free room left on shelf {shelf}?",
        "See if shelf {shelf} has empty places.",
        "Look for vacant spots on shelf {shelf}.",
        "Find out whether shelf {shelf} is completely full.",
        "Does shelf {shelf} still have room?",
        "Check shelf {shelf} for vacant positions.",
        "Inspect shelf {shelf} for gaps.",
        "Tell me if there are vacant spaces on shelf {shelf}.",
        "check if shelf {shelf} has got free space",
        "Report any vacancies on shelf {shelf}.",
    ),
    Operation.ITEMS: (
        "Scan the items on shelf {shelf}.",
        "What is lying on shelf {shelf}?",
        "List the goods on shelf {shelf}.",
        "Take inventory of shelf {shelf}.",
        "Read off all the articles on shelf {shelf}.",
        "Which items are stored on shelf {shelf}?",
        "Do a stock check of shelf {shelf}.",
        "Scan everything that is on shelf {shelf}.",
        "Count the goods on shelf {shelf}.",
        "Tell me what shelf {shelf} contains.",
        "Scan shelf {shelf}.",
        "Find out which products sit on shelf {shelf}.",
    ),
    Operation.NAVIGATE: (
        "Drive to x {x} m and y {y} m.",
        "Go to the point {x} m, {y} m.",
        "Navigate to coordinates x {x} m, y {y} m.",
        "Move to position {x} m by {y} m.",
        "Please travel to x {x} meters and y {y} meters.",
        "Go to x {x} metres, y {y} metres.",
    ),
    Operation.CAPTURE: (
        "Take a picture.",
        "Capture an image.",
        "Please snap a photo.",
        "Photograph what is in front of you.",
        "Make a picture with your camera.",
        "Shoot a photo now.",
        "Get me an image.",
        "Could you take a photograph?",
        "Record a still image.",
        "Use your camera to take a shot.",
        "i want a photo",
        "Grab a picture of the scene.",
    ),
    Operation.CAMERA: (
        "Set the camera angle to {angle} degrees.",
        "Tilt the camera to {angle} degrees.",
        "Turn your camera to {angle} degrees.",
        "Adjust the camera to an angle of {angle} degrees.",
        "Point the lens at {angle} degrees.",
        "Please rotate the camera to {angle}°.",
    ),
    Operation.DOCK: (
        "Go back to the charging station.",
        "Return to your dock.",
        "Charge your battery.",
        "Dock now.",
        "Drive home and recharge.",
        "Go and charge yourself.",
        "Please return to the charger.",
        "Head back to base to charge.",
        "Start charging at the dock.",
        "Recharge, please.",
        "Go to the charger.",
        "Your battery should be charged.",
    ),
    Operation.WIFI: (
        "Connect to the WiFi {network} with password {secret}.",
        "Join network {network} using the password {secret}.",
        "Log in to the wlan {network} with key {secret}.",
        "Use WiFi {network}, password {secret}.",
        "Please connect to {network} with the passphrase {secret}.",
        "Join the wireless network {network}, its password is {secret}.",
    ),
    Operation.NETWORKS: (
        "Scan for available networks.",
        "Which WiFi networks are in reach?",
        "List all wireless networks around you.",
        "Look for WiFi networks.",
        "Show me the networks you can see.",
        "Search for access points nearby.",
        "What networks are available?",
        "Find the WiFi networks in range.",
    ),
    Operation.MAP: (
        "Map the layout of the hall.",
        "Make a map of the warehouse.",
        "Draw up a floor plan.",
        "Survey the building.",
        "Record the layout of the floor.",
        "Create a map of your surroundings.",
        "Please map the area.",
        "Build a new map.",
    ),
    Operation.SPEED: (
        "Set your speed to {speed} m/s.",
        "Drive at {speed} m/s.",
        "Change the driving speed to {speed} meters per second.",
        "Slow down to {speed} m/s.",
        "Limit your speed to {speed} m/s.",
        "Travel at a speed of {speed} m/s.",
    ),
    Operation.STOP: (
        "Emergency stop!",
        "Stop immediately.",
        "Halt at once!",
        "Freeze right now.",
        "Stop all motors.",
        "Stop moving at once.",
        "Hit the emergency stop.",
        "Stop everything now!",
    ),
    Operation.BATTERY: (
        "How full is your battery?",
        "Report your battery level.",
        "What is the battery status?",
        "Tell me how much charge you have left.",
        "Check the battery.",
        "How much power is left?",
        "Give me the state of charge.",
        "Read out the battery, please.",
    ),
    Operation.POSITION: (
        "Where are you?",
        "Report your current position.",
        "Tell me your location.",
        "What is your position?",
        "Give me your coordinates.",
        "Say where you are right now.",
        "Where do you stand at the moment?",
        "Send me your current location.",
    ),
}
TWO_CALLS = (
    "Move to shelf {shelf} and check if there are vacant spaces on it.",
    "Move to shelf {shelf} and check it for vacant space.",
    "Go to shelf {shelf} and identify the vacancy in shelf {shelf}.",
    "Drive to shelf {shelf}, then see whether it has free places.",
    "Move to shelf {shelf} and find out whether there is room.",
    "Please move to shelf {shelf} and look for vacant positions on it.",
    "Move to shelf {shelf} and check if there are vacant positions on it.",
    "Visit shelf {shelf} and report if there is vacant space.",
)
REFUSED = (
    "Make me a coffee.",
    "Lower the blinds.",
    "What is the capital of Peru?",
    "Weld the two plates together.",
    "Tell me a story about robots.",
    "Turn on the lights in the kitchen.",
    "Fill the tank with water.",
    "Paint the floor red.",
)
_FILLED_BY = {
    Operation.TO_SHELF: (Role.SHELF,),
    Operation.VACANCY: (Role.SHELF,),
    Operation.ITEMS: (Role.SHELF,),
    Operation.NAVIGATE: (Role.X, Role.Y),
    Operation.CAMERA: (Role.ANGLE,),
    Operation.WIFI: (Role.NETWORK, Role.SECRET),
    Operation.SPEED: (Role.SPEED,),
}
_VALUES: dict[Role, tuple[float | str, ...]] = {
    Role.SHELF: (3, 7, 1),
    Role.X: (2, 4.5),
    Role.Y: (3, 6),
    Role.ANGLE: (15, 30),
    Role.SPEED: (0.5, 1),
    Role.NETWORK: ("Depot-5G", "hall_net"),
    Role.SECRET: ("s3cretKey", "Blue42sky"),
}
_TOLERANCE = 0.02


def sentences() -> Iterator[tuple[str, str, Wanted | None]]:
    """Yield (tag, sentence, wanted calls in world units; None where the device must refuse)."""
    number = 0
    for operation, phrases in PHRASES.items():
        for phrase in phrases:
            number += 1
            arguments: Arguments = {
                role: _VALUES[role][number % len(_VALUES[role])] for role in _FILLED_BY.get(operation, ())
            }
            said = phrase.format(**{role.value: value for role, value in arguments.items()})
            yield operation.value, said, [(operation, arguments)]
    for number, phrase in enumerate(TWO_CALLS):
        shelf: Arguments = {Role.SHELF: _VALUES[Role.SHELF][number % 3]}
        wanted = [(Operation.TO_SHELF, shelf), (Operation.VACANCY, shelf)]
        yield "two calls", phrase.format(shelf=shelf[Role.SHELF]), wanted
    for phrase in REFUSED:
        yield "refusal", phrase, None


def meaning(vendor: str, source: str) -> Wanted:
    """Read a written program back as operations with arguments in the world's units."""
    calls: Wanted = []
    for line in source.splitlines():
        call = ast.parse(line, mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise TypeError(f"{line!r} is not a call")
        function = VENDORS[vendor].functions[call.func.id]
        given = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
        arguments: Arguments = {}
        for key, value in given.items():
            argument = function.arguments[key]
            arguments[argument.role] = value * argument.factor if argument.factor is not None else value
        calls.append((function.operation, arguments))
    return calls


def same(written: Wanted, wanted: Wanted) -> bool:
    """Whether two programs mean the same, up to rounding of converted lengths and angles."""
    if [operation for operation, _ in written] != [operation for operation, _ in wanted]:
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
    """How many sentences there were, and how many were answered rightly."""

    right: int
    total: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many written programs are at least as confident as `threshold`, and how many of these are right."""

    threshold: float
    kept: int
    right: int


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The counts of each tag and vendor, what confidence tells, and seconds for each sentence."""

    tags: dict[str, Count]
    risk_and_coverage: tuple[Coverage, ...]
    seconds_p50: float
    seconds_p95: float


def run(
    model: LanguageModel, index: ApiIndex, vendors: Sequence[str] = tuple(VENDORS), show: int = 0
) -> SuiteResult:
    """Run the whole suite, printing the first `show` wrong answers.

    Raises:
        PipelineError: the model or the encoder cannot run, which is no refusal.
    """
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    seconds: list[float] = []
    confident: list[tuple[float, bool]] = []
    work = [(vendor, *sentence) for vendor in vendors for sentence in sentences()]
    pipelines: dict[str, Pipeline] = {}
    for vendor, tag, sentence, wanted in track(work, description="ten vendors"):
        if vendor not in pipelines:
            pipelines[vendor] = Pipeline(vendor, load(thing_description(vendor)), model, index)
            pipelines[vendor].prepare()
        began = time.perf_counter()
        try:
            program = pipelines[vendor].write(sentence)
            outcome = program.source
            is_right = wanted is not None and same(meaning(vendor, outcome), wanted)
            confident.append((program.confidence or 0.0, is_right))
        except PipelineError as error:
            if error.code in {ErrorCode.MODEL_UNAVAILABLE, ErrorCode.ENCODER_UNAVAILABLE}:
                raise
            outcome, is_right = str(error), wanted is None
        seconds.append(time.perf_counter() - began)
        for name in ("total", tag, f"vendor {vendor}"):
            total[name] += 1
            right[name] += is_right
        if not is_right and show > 0:
            show -= 1
            print(f"{vendor}: {sentence}\n    wrote {outcome.strip()!r}")
    seconds.sort()
    return SuiteResult(
        tags={name: Count(right[name], total[name]) for name in total},
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
    parser.add_argument("--model", type=Path, help="a GGUF; the bundled one when left out")
    parser.add_argument(
        "--vendors", nargs="+", default=tuple(VENDORS), choices=tuple(VENDORS), help="only these"
    )
    parser.add_argument("--show", type=int, default=0, help="print this many wrong answers")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    settings = InferenceSettings.from_environment()
    if arguments.model:
        settings = replace(settings, model_path=arguments.model)
    index = ApiIndex(None, open_encoder(settings))
    result = run(open_model(settings), index, arguments.vendors, arguments.show)
    for name, count in result.tags.items():
        print(f"{name:20} {count.right:4} of {count.total:4}  {count.right / count.total:6.1%}")
    for row in result.risk_and_coverage:
        print(f"programs of confidence >= {row.threshold:.1f}: {row.right} of {row.kept} right")
    print(f"seconds: p50 {result.seconds_p50:.3f}, p95 {result.seconds_p95:.3f}")
    if arguments.json:
        print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
