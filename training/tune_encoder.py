"""Tunes the sentence encoder on choosing functions, and writes its adapters.

    python -m training.tune_encoder --wheel WHEEL --out build/encoder --minutes 45

A clause has to be nearest to the function it means among all functions of its device, farther than a learned margin
from all when it means none, and nearest among the functions of the other devices of the batch. A stopped run goes on
from its checkpoint; the adapters are written at the end and at every checkpoint.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 PyTorch's own name for it

from inference.safetensors_file import read_safetensors
from training.data.splits import Split
from training.encoder import (
    ENCODER_RANK,
    AdaptedEncoder,
    AdaptedLinear,
    Tokens,
    add_changes,
    read_wheel,
    whole_changes,
)
from training.encoder_examples import NONE, Device, devices
from training.lexicon import read_lexicon
from training.mixture import favoured, split_families
from training.schedule import Schedule
from training.utterance_examples import split_things, spoken_devices
from training.utterances import read_things

CHECKPOINT = "checkpoint.pt"
LEXICAL_WEIGHT = 0.25
"""A little of shared words helps with names and codes that no encoder knows: chosen on the dev part of evals/independent."""
_DECAYED_SHARE = 0.6
_CHECKPOINT_SECONDS = 180.0
_OWN_DEVICE_WEIGHT = 0.75


class Chooser(nn.Module):
    """The encoder with the scale of its scores and the score of "none of them"."""

    def __init__(self, encoder: AdaptedEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.log_scale = nn.Parameter(torch.tensor(3.0))
        self.none_cosine = nn.Parameter(torch.tensor(0.3))

    def scores(self, tokens: Tokens, batch: Sequence[Device]) -> list[tuple[Tensor, Tensor]]:
        """Return for each device the logits (clauses, its functions and none) and those over all functions of the batch."""
        clauses = self.encoder.embed(tokens, [clause for device in batch for clause in device.clauses])
        functions = self.encoder.embed(tokens, [text for device in batch for text in device.functions])
        scale = self.log_scale.exp()
        none = (scale * self.none_cosine).view(1, 1)
        # In half precision functions that are nearly alike could not be told apart.
        with torch.autocast(clauses.device.type, enabled=False):
            everything = scale * clauses @ functions.T
        result, row, column = [], 0, 0
        for device in batch:
            rows, columns = len(device.clauses), len(device.functions)
            mine = everything[row : row + rows]
            own = mine[:, column : column + columns]
            result.append((torch.cat([own, none.expand(rows, 1)], 1), mine))
            row, column = row + rows, column + columns
        return result

    def forward(self, tokens: Tokens, batch: Sequence[Device]) -> tuple[Tensor, Tensor]:
        """Return the loss and the share of clauses whose function, or none, scores highest."""
        own_losses, right, everything, elsewhere, column = [], [], [], [], 0
        for device, (logits, mine) in zip(batch, self.scores(tokens, batch), strict=True):
            columns = len(device.functions)
            wanted = torch.tensor([columns if target == NONE else target for target in device.targets])
            own_losses.append(F.cross_entropy(logits, wanted, reduction="none"))
            right.append(logits.argmax(1) == wanted)
            known = wanted < columns
            everything.append(mine[known])
            elsewhere.append(wanted[known] + column)
            column += columns
        loss = _OWN_DEVICE_WEIGHT * torch.cat(own_losses).mean() + (1 - _OWN_DEVICE_WEIGHT) * F.cross_entropy(
            torch.cat(everything), torch.cat(elsewhere)
        )
        return loss, torch.cat(right).float().mean()


def load_trained(chooser: Chooser, folder: Path) -> dict[str, Any]:
    """Load what a run has trained into a fresh chooser; returns the whole checkpoint."""
    state: dict[str, Any] = torch.load(folder / CHECKPOINT, weights_only=True)
    chooser.load_state_dict(state["chooser"], strict=False)
    return state


def load_adapters(chooser: Chooser, path: Path) -> None:
    """Put what a run wrote into a fresh chooser, with the scale and the score of none beside it.

    Adapters of a lower rank fill a part of the fresh ones: the rest of `up` stays 0 and adds nothing before it is trained.
    Matrices that are trained themselves have it from `add_changes`.
    """
    stored, told = read_safetensors(path.read_bytes())
    with torch.no_grad():
        for name, matrix in chooser.encoder.matrices():
            if isinstance(matrix, AdaptedLinear):
                down, up = (torch.from_numpy(stored[f"{name}.{part}"]) for part in ("down", "up"))
                matrix.down[: len(down)] = down
                matrix.up[:, : len(down)] = up
        chooser.log_scale.fill_(math.log(float(told["scale"])))
        chooser.none_cosine.fill_(float(told["none_cosine"]))


@dataclass(frozen=True)
class Streams:
    """Devices of the generator, and things that people spoke to, of which there are so many among all."""

    generated: Iterator[Device]
    spoken: Iterator[Device]
    spoken_share: float

    def batches(self, rng: random.Random, size: int) -> Iterator[list[Device]]:
        """Group devices."""
        while True:
            yield [
                next(self.spoken if rng.random() < self.spoken_share else self.generated) for _ in range(size)
            ]


def learnt(encoder: AdaptedEncoder, pretrained: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Return the thin matrices by the name of the matrix they belong to, in half precision, or what whole ones differ by."""
    if not any(isinstance(matrix, AdaptedLinear) for _, matrix in encoder.matrices()):
        return whole_changes(encoder, pretrained)
    return {
        f"{name}.{part}": getattr(matrix, part).detach().numpy().astype(np.float16)
        for name, matrix in encoder.matrices()
        for part in ("down", "up")
    }


@torch.no_grad()
def accuracy(chooser: Chooser, tokens: Tokens, held: Sequence[Device]) -> dict[str, float]:
    """Return the share of clauses whose function is first and among five, not counting those that mean none."""
    first = five = total = 0
    for device in held:
        clauses = chooser.encoder.embed(tokens, device.clauses)
        scores = clauses @ chooser.encoder.embed(tokens, device.functions).T
        for row, target in zip(scores, device.targets, strict=True):
            if target != NONE:
                place = int((row > row[target]).sum())
                first, five, total = first + (place == 0), five + (place < 5), total + 1
    return {"recall@1": first / total, "recall@5": five / total}


@dataclass(frozen=True)
class Run:
    """What is trained, from what, and where it is kept."""

    chooser: Chooser
    optimizer: torch.optim.Optimizer
    pretrained: Mapping[str, Tensor]
    out: Path


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, required=True, help="the encoder's wheel, downloaded before")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint, adapters and log")
    parser.add_argument("--begin", type=Path, help="adapters of an earlier run to go on from")
    parser.add_argument("--minutes", type=float, default=45.0)
    parser.add_argument("--steps", type=int, help="end after so many steps instead: repeatable exactly")
    parser.add_argument("--devices", type=int, default=5, help="devices in a batch")
    parser.add_argument("--clauses", type=int, default=20, help="clauses for each device")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--spoken-share", type=float, default=0.7, help="how many of the devices people spoke to"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--half", action="store_true", help="compute in bfloat16")
    parser.add_argument(
        "--whole",
        action="store_true",
        help="train the matrices themselves instead of adapters: 11 MB instead of 3",
    )
    parser.add_argument(
        "--favour", help="begin of the names of lexicon files whose families are drawn more often"
    )
    parser.add_argument("--favour-times", type=int, default=3, help="how often as often")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    tensors, vocabulary = read_wheel(options.wheel)
    start = add_changes(tensors, options.begin) if options.whole and options.begin else tensors
    chooser = Chooser(AdaptedEncoder(start, rank=None if options.whole else ENCODER_RANK))
    tokens = Tokens(vocabulary)
    if options.begin:
        load_adapters(chooser, options.begin)
    trainable = [
        {
            "params": [part for name, part in chooser.named_parameters() if name.startswith("encoder")],
            "lr": options.rate,
        },
        {"params": [chooser.log_scale, chooser.none_cosine], "lr": 1e-2},
    ]
    optimizer = torch.optim.AdamW(trainable, betas=(0.9, 0.98), weight_decay=0.01)
    run = Run(chooser, optimizer, tensors, options.out)
    rates = [group["lr"] for group in optimizer.param_groups]
    seen, unseen = split_families(read_lexicon())
    unseen_stream = devices(unseen, random.Random("held out"), options.clauses, Split.UNSEEN)
    held = [next(unseen_stream) for _ in range(40)]
    things, held_things = split_things(read_things())
    held_spoken = list(
        islice(spoken_devices(held_things, random.Random("held out"), options.clauses), len(held_things))
    )
    if options.favour:
        seen = favoured(seen, options.favour, options.favour_times)
    checkpoint = options.out / CHECKPOINT
    step, spent = 0, 0.0
    if checkpoint.exists():
        state = load_trained(chooser, options.out)
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["seconds"]
    log = (options.out / "log.jsonl").open("a")
    rng = random.Random(f"{options.seed}/{step}")
    streams = Streams(
        devices(seen, rng, options.clauses, Split.TRAIN),
        spoken_devices(things, rng, options.clauses),
        options.spoken_share,
    )
    stream = streams.batches(rng, options.devices)
    schedule = Schedule(options.minutes, options.steps)
    smooth_loss, smooth_right = 0.0, 0.0
    half = torch.autocast("cpu", dtype=torch.bfloat16) if options.half else contextlib.nullcontext()
    print("before", accuracy(chooser, tokens, held), flush=True)
    seconds, saved, began = spent, time.monotonic(), time.monotonic() - spent
    while (share := schedule.progress(step, seconds)) < 1.0:
        factor = min(1.0, (step + 1) / 100, (1 - share) / _DECAYED_SHARE)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        with half:
            loss, right = chooser(tokens, next(stream))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(chooser.parameters(), 1.0)
        optimizer.step()
        step, seconds = step + 1, time.monotonic() - began
        keep = 0.98 if step > 20 else 0.8
        smooth_loss = keep * smooth_loss + (1 - keep) * loss.item()
        smooth_right = keep * smooth_right + (1 - keep) * right.item()
        if step % 50 == 0:
            row = {
                "step": step,
                "seconds": round(seconds),
                "loss": round(smooth_loss, 4),
                "right": round(smooth_right, 4),
            }
            if step % 500 == 0:
                row |= accuracy(chooser, tokens, held) | {
                    f"spoken_{name}": value for name, value in accuracy(chooser, tokens, held_spoken).items()
                }
            row |= {
                "scale": round(chooser.log_scale.exp().item(), 2),
                "none": round(chooser.none_cosine.item(), 3),
            }
            print(json.dumps(row), flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
        if time.monotonic() - saved > _CHECKPOINT_SECONDS:
            saved = time.monotonic()
            _save(run, step, seconds)
    _save(run, step, seconds)
    print("after", accuracy(chooser, tokens, held), flush=True)


def _save(run: Run, step: int, seconds: float) -> None:
    chooser = run.chooser
    trained = {
        name: value
        for name, value in chooser.state_dict().items()
        if name in dict(chooser.named_parameters())
    }
    torch.save(
        {"chooser": trained, "optimizer": run.optimizer.state_dict(), "step": step, "seconds": seconds},
        run.out / CHECKPOINT,
    )
    choice = {
        "scale": chooser.log_scale.exp().item(),
        "none_cosine": chooser.none_cosine.item(),
        "lexical_weight": LEXICAL_WEIGHT,
    }
    metadata = {key: f"{value:.4f}" for key, value in choice.items()}
    save_file(learnt(chooser.encoder, run.pretrained), run.out / "encoder_adapters.safetensors", metadata)


if __name__ == "__main__":
    main()
