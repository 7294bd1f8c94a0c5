"""Trains the reader on sentences read with functions, and writes its adapters and pointers.

    python -m training.tune_reader --wheel WHEEL --out build/reader --minutes 60

It begins from the tuned encoder, or from the weights of an earlier reader, and trains all matrices. A stopped run goes on
from its checkpoint; what the agent needs is written at every checkpoint.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import BertWordPieceTokenizer
from torch import nn

from inference.reader_input import Tokenize
from inference.safetensors_file import changes, read_safetensors
from inference.search_text import search_text, without_numbers
from inference.settings import FINDER_ADAPTERS
from training.data.splits import Split
from training.encoder import AdaptedEncoder, Tokens, add_changes, read_wheel, whole_changes
from training.lexicon import Family, read_lexicon
from training.mixture import favoured, split_families
from training.nearness import Nearness, key
from training.reader import CHUNK_TOKENS, GPU_CHUNK_TOKENS, Reader
from training.reader_examples import Reading, readings
from training.schedule import Schedule
from training.utterance_examples import KnownThing, split_things, spoken_readings
from training.utterances import SpokenThing, read_things
from training.workers import in_turns

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "reader.safetensors"
_DECAYED_SHARE = 0.5
_CHECKPOINT_SECONDS = 240.0
_SPOKEN_NEGATIVES, _HELD_NEGATIVES = 4, 7
_TOGETHER = 128


def tokenizer(vocabulary: Sequence[str]) -> Tokenize:
    """Return what turns a piece of text into ids of the encoder's vocabulary, without special tokens."""
    words = BertWordPieceTokenizer({word: index for index, word in enumerate(vocabulary)}, lowercase=True)
    known: dict[str, list[int]] = {}

    def tokenize(text: str) -> list[int]:
        if text not in known:
            if len(known) > 200_000:
                known.clear()
            known[text] = words.encode(text, add_special_tokens=False).ids
        return known[text]

    return tokenize


def tuned_encoder(wheel: Path) -> tuple[dict[str, torch.Tensor], list[str]]:
    """Return the encoder's tensors with the adapters of this repository added, and its vocabulary."""
    tensors, vocabulary = read_wheel(wheel)
    return add_changes(tensors, FINDER_ADAPTERS), vocabulary


def weights(reader: Reader, pretrained: Mapping[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Return what was trained: by how much each matrix differs from the pretrained one, a byte a weight, and the heads."""
    heads = {
        name: value.detach().cpu().numpy().astype(np.float16)
        for name, value in reader.named_parameters()
        if not name.startswith("encoder.")
    }
    return whole_changes(reader.encoder, pretrained) | heads


def load_weights(reader: Reader, path: Path, pretrained: Mapping[str, torch.Tensor]) -> None:
    """Put what `weights` returned, and a run wrote, into a fresh reader."""
    stored, _ = read_safetensors(path.read_bytes())
    added = dict(changes(stored))
    with torch.no_grad():
        for name, matrix in reader.encoder.matrices():
            matrix.weight.copy_(pretrained[f"{name}.weight"] + torch.from_numpy(added[f"{name}.weight"]))
        for name, value in reader.named_parameters():
            if not name.startswith("encoder."):
                value.copy_(torch.from_numpy(stored[name]))


@torch.no_grad()
def accuracy(reader: Reader, held: Sequence[Reading]) -> dict[str, float]:
    """Return the shares of held-out sentences whose functions are told apart, and of values that are found."""
    losses = [reader(held[start : start + 8]) for start in range(0, len(held), 8)]
    return {
        "held_chosen": round(sum(loss.chosen for loss in losses) / len(losses), 4),
        "held_values": round(sum(loss.values for loss in losses) / len(losses), 4),
        "held_loss": round(sum(float(loss.total) for loss in losses) / len(losses), 4),
    }


@torch.no_grad()
def nearness(encoder: AdaptedEncoder, families: Sequence[Family], vocabulary: Sequence[str]) -> Nearness:
    """Return how much alike two functions are to the search."""
    functions = [function for family in families for function in family.functions]
    texts = [f"{function.names[0]}: {''.join(function.descriptions[:1])}" for function in functions]
    vectors = vectors_of(encoder, Tokens(vocabulary), texts)
    return Nearness(vectors, {key(function): place for place, function in enumerate(functions)})


def vectors_of(encoder: AdaptedEncoder, tokens: Tokens, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the unit vectors of texts (texts, dimensions); texts of one length go together."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        vectors = [
            encoder.embed(tokens, [texts[place] for place in order[start : start + _TOGETHER]]).float()
            for start in range(0, len(order), _TOGETHER)
        ]
    found: NDArray[np.float32] = torch.cat(vectors).numpy()[np.argsort(order)]
    return found


@torch.no_grad()
def known_things(
    encoder: AdaptedEncoder, things: Sequence[SpokenThing], vocabulary: Sequence[str]
) -> list[KnownThing]:
    """Return things with how near each of their sentences is to each of their functions, to the search."""
    tokens = Tokens(vocabulary)
    said = [without_numbers(one.text) for thing in things for one in thing.utterances]
    described = [search_text(one) for thing in things for one in thing.functions]
    sentences, functions = vectors_of(encoder, tokens, said), vectors_of(encoder, tokens, described)
    known, sentence, function = [], 0, 0
    for thing in things:
        rows, columns = len(thing.utterances), len(thing.functions)
        near = sentences[sentence : sentence + rows] @ functions[function : function + columns].T
        known.append(KnownThing(thing, near))
        sentence, function = sentence + rows, function + columns
    return known


@dataclass(frozen=True)
class Recipe:
    """What batches of readings are made from."""

    families: Sequence[Family]
    things: Sequence[KnownThing]
    spoken_share: float
    nearness: Nearness
    vocabulary: Sequence[str]
    seed: str
    sentences: int


def batches(recipe: Recipe, first: int, stride: int) -> Iterator[list[Reading]]:
    """Stream batches, every `stride`th beginning with number `first`, for `training.workers`."""
    rng = random.Random(f"{recipe.seed}/{first}/{stride}")
    tokenize = tokenizer(recipe.vocabulary)
    stream = readings(recipe.families, rng, Split.TRAIN, tokenize, nearness=recipe.nearness)
    spoken = spoken_readings(recipe.things, rng, tokenize, negatives=_SPOKEN_NEGATIVES)
    while True:
        yield [
            next(spoken if rng.random() < recipe.spoken_share else stream) for _ in range(recipe.sentences)
        ]


@dataclass(frozen=True)
class Run:
    """What is trained, from what, and where it is kept."""

    reader: Reader
    optimizer: torch.optim.Optimizer
    pretrained: Mapping[str, torch.Tensor]
    out: Path


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, required=True, help="the encoder's wheel, downloaded before")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint, weights and log")
    parser.add_argument("--begin", type=Path, help="weights of an earlier reader to go on from")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--steps", type=int, help="end after so many steps instead: repeatable exactly")
    parser.add_argument("--sentences", type=int, default=16, help="sentences in a batch")
    parser.add_argument("--held", type=int, default=240, help="held-out sentences to measure on")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--spoken-share", type=float, default=0.6, help="how many of the sentences were written by hand"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--half", action="store_true", help="compute in bfloat16")
    parser.add_argument("--device", default="cpu", help="cuda for a GPU; then also --half and --workers")
    parser.add_argument("--workers", type=int, default=0, help="processes that write sentences; 0: this one")
    parser.add_argument(
        "--favour", help="begin of the names of lexicon files whose families are drawn more often"
    )
    parser.add_argument("--favour-times", type=int, default=3, help="how often as often")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    tensors, vocabulary = tuned_encoder(options.wheel)
    pretrained, _ = read_wheel(options.wheel)
    chunk_tokens = CHUNK_TOKENS if options.device == "cpu" else GPU_CHUNK_TOKENS
    reader, tokenize = Reader(tensors, chunk_tokens), tokenizer(vocabulary)
    if options.begin:
        load_weights(reader, options.begin, pretrained)
    reader.to(options.device)
    optimizer = torch.optim.AdamW(reader.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    run = Run(reader, optimizer, pretrained, options.out)
    seen, unseen = split_families(read_lexicon())
    unseen_stream = readings(
        unseen, random.Random("held out"), Split.UNSEEN, tokenize, negatives=_HELD_NEGATIVES
    )
    held = [next(unseen_stream) for _ in range(options.held)]
    search = AdaptedEncoder(tensors, rank=None)
    things, held_things = (known_things(search, part, vocabulary) for part in split_things(read_things()))
    spoken_stream = spoken_readings(
        held_things, random.Random("held out"), tokenize, negatives=_HELD_NEGATIVES
    )
    held_spoken = list(islice(spoken_stream, options.held))
    checkpoint = options.out / CHECKPOINT
    step, spent = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=options.device, weights_only=True)
        reader.load_state_dict(state["reader"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["seconds"]
    log = (options.out / "log.jsonl").open("a")
    alike = nearness(search, seen, vocabulary)
    if options.favour:
        seen = favoured(seen, options.favour, options.favour_times)
    recipe = Recipe(
        seen, things, options.spoken_share, alike, vocabulary, str(options.seed), options.sentences
    )
    stream = in_turns(batches, (recipe,), options.workers, step)
    schedule = Schedule(options.minutes, options.steps)
    smooth: dict[str, float] = {}
    seconds, saved, began = spent, time.monotonic(), time.monotonic() - spent
    half = torch.autocast(options.device, dtype=torch.bfloat16) if options.half else contextlib.nullcontext()
    while (share := schedule.progress(step, seconds)) < 1.0:
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1.0, (step + 1) / 100, (1 - share) / _DECAYED_SHARE)
        with half:
            loss = reader(next(stream))
        optimizer.zero_grad(set_to_none=True)
        loss.total.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
        step, seconds = step + 1, time.monotonic() - began
        for name, value in (("loss", loss.total.item()), ("chosen", loss.chosen), ("values", loss.values)):
            smooth[name] = value if name not in smooth else 0.98 * smooth[name] + 0.02 * value
        if step % 50 == 0:
            row: dict[str, Any] = {"step": step, "seconds": round(seconds)}
            row |= {name: round(value, 4) for name, value in smooth.items()}
            if step % 500 == 0:
                row |= accuracy(reader, held) | {
                    f"spoken_{name}": value for name, value in accuracy(reader, held_spoken).items()
                }
            print(json.dumps(row), flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
        if time.monotonic() - saved > _CHECKPOINT_SECONDS:
            saved = time.monotonic()
            _save(run, step, seconds)
    _save(run, step, seconds)
    print("after", accuracy(reader, held), flush=True)


def _save(run: Run, step: int, seconds: float) -> None:
    trained = {name: value.detach() for name, value in run.reader.named_parameters()}
    torch.save(
        {"reader": trained, "optimizer": run.optimizer.state_dict(), "step": step, "seconds": seconds},
        run.out / CHECKPOINT,
    )
    save_file(weights(run.reader, run.pretrained), run.out / WEIGHTS)


if __name__ == "__main__":
    main()
