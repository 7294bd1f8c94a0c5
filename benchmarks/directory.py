"""How well and how fast the directory of devices searches, compared with exact search in the same run.

    python -m benchmarks.directory [--devices 10000] [--json]

The profiles are made by a seeded generator: machines of many trades, each in a place of its own, with abilities that differ in
what is done to what. Recall@k is the share of the k nearest abilities by exact search that the index finds; the ratio is the
index's time for one query over that of a matrix product with all vectors and a full sort in numpy. Embedding is not part of it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from inference.settings import InferenceSettings, open_encoder
from rag.directory import Directory, DirectoryProfile

SEED = 7
QUERIES = 300
K = 10
MACHINES = """
conveyor crane palletiser forklift scale labeller shredder furnace kiln lathe press mixer pump valve boiler chiller fan
heater humidifier lamp blind lock turnstile camera microphone speaker siren projector printer scanner sorter tractor drone
sprinkler feeder milker incubator greenhouse silo elevator escalator gate barrier charger inverter battery turbine generator
oven fryer dishwasher freezer vending-machine coffee-maker centrifuge microscope pipettor autoclave telescope antenna
thermostat barometer seismometer buoy winch crusher dredger welder bender cutter plotter loom knitter dyer
""".split()
DEEDS = """
start stop clean measure empty fill open close rotate lift lower weigh count photograph calibrate heat cool dry sort label
seal cut stack unload inspect record announce lock unlock dim flush
""".split()
THINGS = """
tote pallet bottle door window shelf drawer tank pipe belt tray sample leaf root egg calf parcel letter sheet bolt plate
filter nozzle lens battery cable panel roof floor pool stall bench oven-rack vial seed bale crate drum
""".split()
PLACES = """
north south east west upper lower inner outer first second third old new main spare
""".split()
SITES = "hall yard cellar barn dock lab kitchen tower quay annex depot orchard mill wing attic".split()
WISHES = (
    "please {deed} the {thing}",
    "could you {deed} every {thing} now",
    "I need the {thing} in the {place} {site}: {deed} it",
    "{deed} the {thing} with the {machine}",
    "have the {machine} in the {place} {site} {deed} the {thing}",
)


def profiles(count: int, seed: int = SEED) -> Iterator[DirectoryProfile]:
    """Make unlike devices: no two say the same."""
    chance = random.Random(seed)
    said = set()
    for number in itertools.count():
        machine = chance.choice(MACHINES)
        place, site = chance.choice(PLACES), chance.choice(SITES)
        deed, thing = chance.choice(DEEDS), chance.choice(THINGS)
        ability = f"It can {deed} a {thing} in the {place} {site}."
        if (machine, ability) in said:
            continue
        said.add((machine, ability))
        yield DirectoryProfile(f"device-{number}", machine.replace("-", " "), (ability,))
        if len(said) == count:
            return


def queries(count: int, seed: int = SEED + 1) -> list[str]:
    """Make goals in other words than the profiles'."""
    chance = random.Random(seed)
    return [
        chance.choice(WISHES).format(
            deed=chance.choice(DEEDS),
            thing=chance.choice(THINGS),
            machine=chance.choice(MACHINES),
            place=chance.choice(PLACES),
            site=chance.choice(SITES),
        )
        for _ in range(count)
    ]


def measure(devices: int) -> dict[str, float | int]:
    """Fill a directory and search it; returns the figures."""
    encoder = open_encoder(InferenceSettings.from_environment())
    with TemporaryDirectory() as folder:
        directory = Directory(Path(folder), encoder)
        began = time.perf_counter()
        directory.put_many(profiles(devices))
        filled = time.perf_counter() - began
        began = time.perf_counter()
        directory.put_many(profiles(devices))
        again = time.perf_counter() - began
        stored = directory.vectors()
        keys, table = list(stored), np.stack(list(stored.values()))
        asked = encoder.embed(queries(QUERIES))
        found, wanted, index_seconds, exact_seconds = 0, 0, [], []
        for vector in asked:
            began = time.perf_counter()
            answer = directory.nearest(vector[None, :], K)[0]
            index_seconds.append(time.perf_counter() - began)
            began = time.perf_counter()
            order = np.argsort(-(table @ vector), kind="stable")[:K]
            exact_seconds.append(time.perf_counter() - began)
            found += len({key for key, _ in answer[:K]} & {keys[number] for number in order})
            wanted += len(order)
        directory.close()
    index, exact = statistics.median(index_seconds), statistics.median(exact_seconds)
    return {
        "devices": devices,
        "vectors": len(keys),
        "queries": QUERIES,
        "k": K,
        "recall_at_k": round(found / wanted, 5),
        "query_ms": round(index * 1e3, 3),
        "exact_query_ms": round(exact * 1e3, 3),
        "query_ratio_to_exact": round(index / exact, 3),
        "fill_seconds": round(filled, 1),
        "fill_ms_per_vector": round(filled / len(keys) * 1e3, 2),
        "fill_again_seconds": round(again, 3),
    }


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--devices", type=int, default=10_000, help="how many unlike devices (default: 10000)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    figures = measure(options.devices) | {"load_average": round(os.getloadavg()[0], 1)}
    if options.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:24}{figure}")


if __name__ == "__main__":
    main()
