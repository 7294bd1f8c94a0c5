r"""Compares what PyTorch was trained to say with what llama.cpp says.

    python -m training.parity write --model build/model --out build/model/parity.json      where PyTorch is
    python -m training.parity check --expected build/model/parity.json \
        --f16 build/model/model-f16.gguf --q8 build/model/model-q8_0.gguf                  where llama.cpp is

Token ids must be identical in both files. Texts written greedily, without a grammar, must be identical on the F16 file,
except where PyTorch's two best logits tie at the first difference: such texts are counted apart. On the Q8_0 file,
which rounds more, texts are counted only. Exit status 1: something differs that must not.

    python -m training.parity write-reader --wheel WHEEL --weights inference/weights/reader.safetensors \
        --out build/reader/parity.json                                                     where PyTorch is
    python -m training.parity check-reader --expected build/reader/parity.json \
        --weights inference/weights/reader.safetensors --gguf FILE                         where llama.cpp is

The reader's token ids must be identical, its evidence nearly so, and nearly all of its pointers must point at the same
place: `training.parity.reading` has the limits.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from training.parity.expected import Expected, Texts, compare

SHOWN = 5


def check(expected: Expected, f16: Path, q8: Path) -> bool:
    """Print how both files compare; returns whether they are as they must be."""
    from training.parity.llama import continuations, differing_tokens  # noqa: PLC0415 needs llama.cpp

    good = True
    for gguf in (f16, q8):
        wrong = differing_tokens(gguf, expected.tokens)
        print(
            f"{gguf.name}: token ids of {len(expected.tokens) - len(wrong)} of {len(expected.tokens)} strings identical"
        )
        for text, wanted, found in wrong[:SHOWN]:
            print(f"  {text!r}\n    PyTorch   {wanted}\n    llama.cpp {found}")
        texts = compare(
            expected.continuations, continuations(gguf, [one.prompt for one in expected.continuations])
        )
        print(f"{gguf.name}: {texts.describe()}")
        if gguf is f16:
            show(texts)
            good = not texts.differing and good
        good = not wrong and good
    return good


def show(texts: Texts) -> None:
    """Print the first differences."""
    for one, text in texts.differing[:SHOWN]:
        print(f"  after {one.prompt[-80:]!r}, ahead by {one.gap_at_difference(text):.4f}")
        print(f"    PyTorch   {one.text!r}\n    llama.cpp {text!r}")


def write_reader(wheel: Path, weights: Path, out: Path, sentences: int, threads: int) -> None:
    """Write down what the reader says."""
    from training.parity import reading, reading_pytorch  # noqa: PLC0415 needs PyTorch

    reads = reading_pytorch.expected(wheel, weights, sentences, threads)
    reading.save(reads, out)
    print(f"wrote {out}: {len(reads)} readings")


def check_reader(expected: Path, gguf: Path, weights: Path) -> bool:
    """Print how the reader's file compares; returns whether it is as it must be."""
    from training.parity import reading, reading_llama  # noqa: PLC0415 needs llama.cpp

    reads = reading.load(expected)
    asked = [(one.typed, one.function, one.clause) for one in reads]
    compared = reading.compare(reads, reading_llama.found(gguf, weights, asked))
    print(f"{gguf.name}: {compared.describe()}")
    for one, tokens in compared.wrong_tokens[:SHOWN]:
        print(f"  {one.typed!r} and {one.function.name}\n    PyTorch   {one.tokens}\n    llama.cpp {tokens}")
    return compared.is_good


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="write down what PyTorch says")
    write.add_argument("--model", type=Path, required=True, help="folder of a training run")
    write.add_argument("--out", type=Path, required=True)
    write.add_argument("--strings", type=int, default=1000)
    write.add_argument("--prompts", type=int, default=200)
    write.add_argument("--threads", type=int, default=2)
    checking = commands.add_parser("check", help="compare llama.cpp with it")
    checking.add_argument("--expected", type=Path, required=True, help="the file that `write` wrote")
    checking.add_argument("--f16", type=Path, required=True)
    checking.add_argument("--q8", type=Path, required=True)
    writing = commands.add_parser("write-reader", help="write down what the reader says in PyTorch")
    writing.add_argument("--wheel", type=Path, required=True, help="the encoder's wheel, downloaded before")
    writing.add_argument("--weights", type=Path, required=True, help="what training.tune_reader wrote")
    writing.add_argument("--out", type=Path, required=True)
    writing.add_argument("--sentences", type=int, default=200)
    writing.add_argument("--threads", type=int, default=2)
    comparing = commands.add_parser("check-reader", help="compare llama.cpp with it")
    comparing.add_argument("--expected", type=Path, required=True, help="the file that `write-reader` wrote")
    comparing.add_argument("--gguf", type=Path, required=True)
    comparing.add_argument("--weights", type=Path, required=True, help="what the GGUF was made with")
    arguments = parser.parse_args()
    if arguments.command == "write-reader":
        write_reader(
            arguments.wheel, arguments.weights, arguments.out, arguments.sentences, arguments.threads
        )
        return
    if arguments.command == "check-reader":
        sys.exit(0 if check_reader(arguments.expected, arguments.gguf, arguments.weights) else 1)
    if arguments.command == "check":
        sys.exit(0 if check(Expected.load(arguments.expected), arguments.f16, arguments.q8) else 1)
    from training.parity.pytorch import expected  # noqa: PLC0415 needs PyTorch

    written = expected(arguments.model, arguments.strings, arguments.prompts, arguments.threads)
    written.save(arguments.out)
    print(f"wrote {arguments.out}: {len(written.tokens)} strings, {len(written.continuations)} texts")


if __name__ == "__main__":
    main()
