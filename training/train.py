"""Trains the bundled generator: tokenizer, model, checkpoints, log, GGUF files.

    python -m training.train --out build/model --minutes 80                     two cores
    python -m training.train --out build/tiny --minutes 1.5 --tiny              the same pipeline in little
    python -m training.train --out build/more --minutes 60 --start-from inference/weights/parley.gguf

`training/run.sh` knows the options for one GPU, and what comes before and after. A run that was stopped goes on from its
checkpoint and learns from the same batches as if it had not been stopped.
Exit status 3: the limit of this call came first, its files are written, start it again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from training.learner import Run
from training.lexicon import read_lexicon
from training.log import Log
from training.mixture import split_families
from training.start import Start, read_gguf
from training.stream import Batch, Recipe, batches
from training.teacher_forced import check, check_sets
from training.tokenizer import (
    TINY_SAMPLE_BLOCKS,
    TINY_VOCABULARY,
    VOCABULARY,
    load_tokenizer,
    write_tokenizer,
)

CHECKPOINT_SECONDS = 180.0
REPORT_EVERY = 20
CHECK_EVERY = 200
NOT_FINISHED = 3


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for tokenizer, checkpoint and log")
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="time limit; the learning rate falls to zero at its end"
    )
    parser.add_argument("--steps", type=int, help="end after so many steps instead: repeatable exactly")
    parser.add_argument(
        "--stop-at", type=float, help="seconds since 1970 by which this call has written its files"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vocabulary", type=int, default=VOCABULARY)
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
        "--start-from",
        type=Path,
        help="a GGUF written by training.export_gguf; brings its shape and tokenizer",
    )
    parser.add_argument("--workers", type=int, default=0, help="processes that write sentences; 0: this one")
    parser.add_argument("--compile", action="store_true", help="torch.compile the model; pays off on a GPU")
    parser.add_argument("--tiny", action="store_true", help="a model of seconds, to test the pipeline")
    arguments = parser.parse_args(words)
    if arguments.tiny:
        arguments.width, arguments.layers, arguments.heads, arguments.feed_forward = 64, 3, 4, 128
        arguments.rows, arguments.vocabulary = 8, TINY_VOCABULARY
    return arguments


def prepared_tokenizer(arguments: argparse.Namespace, start: Start | None) -> Tokenizer:
    """Load the tokenizer of a run or of what it starts from, or learn it from a sample of the stream."""
    path = arguments.out / "tokenizer.json"
    if start is not None:
        start.tokenizer.save(str(path))
    elif not path.exists():
        sample = {"blocks": TINY_SAMPLE_BLOCKS} if arguments.tiny else {}
        write_tokenizer(path, arguments.vocabulary, **sample)
    return load_tokenizer(path)


def train(run: Run, recipe: Recipe, checks: dict[str, list[Batch]]) -> None:
    """Learn until the run is finished or this call must stop; checkpoints and log are written on the way."""
    log = Log(run.arguments.out / "log.jsonl", run.step)
    stream = batches(recipe, run.arguments.workers, run.step)
    began = time.perf_counter() - run.spent_seconds
    saved_at = run.spent_seconds
    while not run.is_finished and not run.schedule.is_time_to_write():
        log.add(run.learn(next(stream)))
        run.spent_seconds = time.perf_counter() - began
        if run.step % CHECK_EVERY == 0 or run.is_finished:
            checked = {split: check(run.predict, own) for split, own in checks.items()}
            log.write(
                run, {f"{split}_{key}": value for split, own in checked.items() for key, value in own.items()}
            )
        elif run.step % REPORT_EVERY == 0:
            log.write(run, {})
        if run.spent_seconds - saved_at > CHECKPOINT_SECONDS:
            run.save()
            saved_at = run.spent_seconds
    run.save()


def main() -> None:
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    torch.set_float32_matmul_precision("high")
    arguments.out.mkdir(parents=True, exist_ok=True)
    training, held_out = split_families(read_lexicon())
    print(
        f"{len(training)} families to train on; held out: {[family.names[0] for family in held_out]}",
        flush=True,
    )
    start = read_gguf(arguments.start_from) if arguments.start_from else None
    tokenizer = prepared_tokenizer(arguments, start)
    run = Run(arguments, tokenizer, start)
    run.load()
    if not run.is_finished:
        recipe = Recipe(training, str(arguments.seed), tokenizer.to_str(), arguments.rows, arguments.length)
        train(run, recipe, check_sets({"seen": training, "held": held_out}, tokenizer, arguments.length))
    run.export_missing()
    state = "finished" if run.is_finished else "not finished, start it again"
    print(
        f"{state}: {run.step} steps, {run.tokens / 1e6:.1f} M tokens, {run.spent_seconds / 60:.1f} minutes",
        flush=True,
    )
    sys.exit(0 if run.is_finished else NOT_FINISHED)


if __name__ == "__main__":
    main()
