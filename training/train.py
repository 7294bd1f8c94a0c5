r"""Trains the bundled generator: tokenizer, model, checkpoints, curves.

    python -m training.train --out build/model --minutes 80                     two cores
    python -m training.train --out build/tiny --minutes 1.5 --tiny              the same pipeline in little
    python -m training.train --out "$OUT" --minutes 9 --device cuda --workers 14 --compile \\
        --width 384 --layers 8 --heads 6 --feed-forward 1024 --rows 256         one GPU
    python -m training.train --out build/more --minutes 60 --start-from inference/weights/parley.gguf

A run that was stopped goes on from its checkpoint; `log.jsonl` holds the curves, `python -m training.curves` draws them.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 - the name everyone knows
from tokenizers import Tokenizer
from torch import Tensor

from training.lexicon import Family, read_lexicon
from training.mixture import blocks, split_families, texts
from training.model import ModelShape, TinyLlama
from training.optimizer import Muon
from training.start import Start, read_gguf
from training.stream import Batch, Recipe, batches, make_batch
from training.tokenizer import load_tokenizer, train_tokenizer
from training.word_vectors import starting_rows

CHECKPOINT_SECONDS = 180.0
REPORT_EVERY = 20
CHECK_EVERY = 200
WARM_UP_STEPS = 40
DECAY_SHARE = 0.45


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for tokenizer, checkpoint and log")
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="time limit; the learning rate falls to zero at its end"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vocabulary", type=int, default=3072)
    parser.add_argument("--width", type=int, default=224)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=7)
    parser.add_argument("--feed-forward", type=int, default=576)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--length", type=int, default=320, help="tokens in a row; a block must fit")
    parser.add_argument("--learning-rate", type=float, default=0.004)
    parser.add_argument(
        "--word-vectors", type=Path, help="written by training.word_vectors; start of the embeddings"
    )
    parser.add_argument(
        "--start-from", type=Path, help="a GGUF written by training.export_gguf; brings its shape and tokenizer"
    )
    parser.add_argument("--workers", type=int, default=0, help="processes that write sentences; 0: this one")
    parser.add_argument("--compile", action="store_true", help="torch.compile the model; pays off on a GPU")
    parser.add_argument("--tiny", action="store_true", help="a model of seconds, to test the pipeline")
    arguments = parser.parse_args()
    if arguments.tiny:
        arguments.width, arguments.layers, arguments.heads, arguments.feed_forward = 64, 3, 4, 128
        arguments.rows, arguments.vocabulary = 8, 1024
    return arguments


def prepared_tokenizer(
    folder: Path, families: list[Family], vocabulary: int, sample: int, start: Start | None
) -> Tokenizer:
    """Load the tokenizer of a run or of what it starts from, or learn it from a sample of the stream."""
    path = folder / "tokenizer.json"
    if start is not None:
        start.tokenizer.save(str(path))
    elif not path.exists():
        train_tokenizer(texts(families, "tokenizer", sample), vocabulary).save(str(path))
    return load_tokenizer(path)


def exact_answers(good: Tensor, is_target: Tensor) -> tuple[int, int]:
    """Count answers whose every token is right, and all answers; both arguments are (batch, length)."""
    right = total = 0
    for row_good, row_target in zip(good.tolist(), is_target.tolist(), strict=True):
        in_answer, all_good = False, True
        for token_good, token_target in zip([*row_good, True], [*row_target, False], strict=True):
            if token_target:
                in_answer, all_good = True, all_good and token_good
            elif in_answer:
                total, right = total + 1, right + all_good
                in_answer, all_good = False, True
    return right, total


class Run:
    """One training run: model, optimizers, and how far it has come."""

    def __init__(self, arguments: argparse.Namespace, tokenizer: Tokenizer, start: Start | None) -> None:
        self.arguments = arguments
        self.device = arguments.device
        if start is None:
            shape = ModelShape(
                tokenizer.get_vocab_size(),
                arguments.width,
                arguments.layers,
                arguments.heads,
                arguments.feed_forward,
            )
            self.model, self.tokens = TinyLlama(shape), 0
        else:
            self.model, self.tokens = TinyLlama(start.shape), start.tokens
            self.model.load_state_dict(start.weights)
        if arguments.word_vectors:
            ids, rows = starting_rows(tokenizer, arguments.word_vectors, self.model.shape.width)
            with torch.no_grad():
                self.model.embedding.weight[torch.tensor(ids)] = torch.from_numpy(rows)
            print(f"{len(ids)} embeddings start from word vectors", flush=True)
        self.model.to(self.device)
        matrices = [
            p for name, p in self.model.named_parameters() if p.dim() == 2 and "embedding" not in name
        ]
        others = [p for name, p in self.model.named_parameters() if p.dim() != 2 or "embedding" in name]
        rate = arguments.learning_rate
        self.muon = Muon(matrices, lr=rate)
        self.adam = torch.optim.AdamW(others, lr=rate * 0.75, betas=(0.9, 0.97), weight_decay=0.0)
        self.step, self.spent_seconds = 0, 0.0
        self.checkpoint = arguments.out / "checkpoint.pt"
        self.forward = torch.compile(self.model) if arguments.compile else self.model
        print(f"{sum(p.numel() for p in self.model.parameters()) / 1e6:.2f} M parameters", flush=True)

    def load(self) -> None:
        """Go on from the checkpoint, if there is one."""
        if not self.checkpoint.exists():
            return
        saved = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.muon.load_state_dict(saved["muon"])
        self.adam.load_state_dict(saved["adam"])
        self.step, self.spent_seconds, self.tokens = saved["step"], saved["spent"], saved["tokens"]
        print(f"going on from step {self.step}", flush=True)

    def save(self) -> None:
        """Write the checkpoint, atomically."""
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save(
            {
                "model": self.model.state_dict(),
                "muon": self.muon.state_dict(),
                "adam": self.adam.state_dict(),
                "shape": asdict(self.model.shape),
                "step": self.step,
                "spent": self.spent_seconds,
                "tokens": self.tokens,
                "seed": self.arguments.seed,
            },
            temporary,
        )
        temporary.replace(self.checkpoint)

    def predict(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return logits and wanted tokens at the answer positions of a batch."""
        batch = batch.to(self.device)
        wanted = batch.targets >= 0
        with torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16):
            hidden = self.forward(batch.tokens, batch.positions, batch.mask())
            logits = self.model.logits(hidden[wanted])
        return logits.float(), batch.targets[wanted]

    def learn(self, batch: Batch) -> float:
        """Take one step; returns the loss."""
        progress = self.spent_seconds / (self.arguments.minutes * 60)
        scale = min(1.0, (self.step + 1) / WARM_UP_STEPS) * min(1.0, max(0.0, 1.0 - progress) / DECAY_SHARE)
        for optimizer, factor in ((self.muon, 1.0), (self.adam, 0.75)):
            for group in optimizer.param_groups:
                group["lr"] = self.arguments.learning_rate * factor * scale
        logits, wanted = self.predict(batch)
        loss = F.cross_entropy(logits, wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in (self.muon, self.adam):
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.tokens += int((batch.positions > 0).sum())
        return loss.item()

    @torch.no_grad()
    def check(self, batches: list[Batch]) -> dict[str, float]:
        """Return loss and the share of answers whose every token is right after the right beginning."""
        losses, right, total = [], 0, 0
        for batch in batches:
            logits, wanted = self.predict(batch)
            losses.append(F.cross_entropy(logits, wanted).item())
            is_target = batch.targets >= 0
            good = torch.ones_like(is_target)
            good[is_target] = (logits.argmax(-1) == wanted).cpu()
            more_right, more = exact_answers(good, is_target)
            right, total = right + more_right, total + more
        return {"loss": round(sum(losses) / len(losses), 4), "exact": round(right / max(total, 1), 4)}


def main() -> None:
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    training, held_out = split_families(read_lexicon())
    print(
        f"{len(training)} families to train on; held out: {[family.names[0] for family in held_out]}",
        flush=True,
    )
    sample = 300 if arguments.tiny else 9000
    start = read_gguf(arguments.start_from) if arguments.start_from else None
    tokenizer = prepared_tokenizer(arguments.out, training + held_out, arguments.vocabulary, sample, start)
    run = Run(arguments, tokenizer, start)
    run.load()
    checks = {
        split: [
            make_batch(blocks(families, f"check-{split}-{n}"), tokenizer, 16, arguments.length)
            for n in range(2)
        ]
        for split, families in (("seen", training), ("held", held_out))
    }
    seed = f"{arguments.seed}-{run.step}"
    recipe = Recipe(training, seed, tokenizer.to_str(), arguments.rows, arguments.length)
    stream = batches(recipe, arguments.workers)
    began = time.perf_counter() - run.spent_seconds
    saved_at, losses = run.spent_seconds, []
    while run.spent_seconds < arguments.minutes * 60:
        losses.append(run.learn(next(stream)))
        run.spent_seconds = time.perf_counter() - began
        if run.step % REPORT_EVERY == 0:
            entry: dict[str, object] = {
                "step": run.step,
                "seconds": round(run.spent_seconds),
                "tokens": run.tokens,
            }
            entry["loss"] = round(sum(losses) / len(losses), 4)
            losses = []
            if run.step % CHECK_EVERY == 0:
                entry |= {
                    f"{split}_{key}": value
                    for split, own in checks.items()
                    for key, value in run.check(own).items()
                }
            print(json.dumps(entry), flush=True)
            with (arguments.out / "log.jsonl").open("a") as log:
                log.write(json.dumps(entry) + "\n")
        if run.spent_seconds - saved_at > CHECKPOINT_SECONDS:
            run.save()
            saved_at = run.spent_seconds
    run.save()
    print(
        f"done: {run.step} steps, {run.tokens / 1e6:.1f} M tokens, {run.spent_seconds / 60:.1f} minutes",
        flush=True,
    )


if __name__ == "__main__":
    main()
