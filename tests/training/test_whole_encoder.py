"""The finder whose matrices are trained themselves, on a tiny random encoder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors.numpy import load_file

import training.encoder
from inference.safetensors_file import read_safetensors
from tests.training import tiny_bert
from training import tune_encoder
from training.encoder import AdaptedEncoder, Tokens, add_changes, read_wheel
from training.tune_encoder import Chooser, load_adapters, load_trained
from training.utterances import read_things

WRITTEN = "encoder_adapters.safetensors"
TEXTS = ["open the gate", "close it", "how warm is the tank?"]


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(training.encoder, "WIDTH", tiny_bert.WIDTH)
    return tiny_bert.write_wheel(tmp_path / "package.whl")


def run(wheel: Path, folder: Path, steps: int, *more: str) -> Path:
    """Run the command and return the file that it wrote."""
    options = {"wheel": wheel, "out": folder, "steps": steps, "devices": 1, "clauses": 4, "threads": 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tune_encoder, "read_things", lambda: read_things()[:40])
        patch.setattr(
            sys,
            "argv",
            ["tune_encoder", "--whole", *(f"--{name}={value}" for name, value in options.items()), *more],
        )
        tune_encoder.main()
    return folder / WRITTEN


def test_what_is_written_makes_the_trained_vectors_again(wheel: Path, tmp_path: Path) -> None:
    written = run(wheel, tmp_path / "run", 3, "--rate=0.3")
    tensors, vocabulary = read_wheel(wheel)
    tokens = Tokens(vocabulary)
    trained = Chooser(AdaptedEncoder(tensors, rank=None))
    before = trained.encoder.embed(tokens, TEXTS)
    load_trained(trained, tmp_path / "run")
    vectors = trained.encoder.embed(tokens, TEXTS)
    again = AdaptedEncoder(add_changes(tensors, written), rank=None).embed(tokens, TEXTS)
    assert not torch.allclose(vectors, before, atol=1e-4)
    assert torch.allclose(vectors, again, atol=1e-4)


def test_another_run_begins_with_the_weights_scale_and_none_of_one_before(
    wheel: Path, tmp_path: Path
) -> None:
    first = run(wheel, tmp_path / "first", 3, "--rate=0.3")
    begun = run(wheel, tmp_path / "second", 1, "--rate=0", f"--begin={first}")
    some, others = load_file(first), load_file(begun)
    assert some.keys() == others.keys()
    differing = [name for name in some if abs(some[name].astype(float) - others[name]).max() > 1]
    assert not differing
    _, told = read_safetensors(first.read_bytes())
    _, told_again = read_safetensors(begun.read_bytes())
    # One step moves these a little whatever the rate of the matrices is.
    assert {name: float(told[name]) for name in told} == pytest.approx(
        {name: float(told_again[name]) for name in told}, abs=0.01
    )


def test_adapters_that_were_trained_before_are_a_part_of_the_matrices(wheel: Path, tmp_path: Path) -> None:
    thin = Chooser(AdaptedEncoder(read_wheel(wheel)[0]))
    adapters = tmp_path / "adapters.safetensors"
    tensors, vocabulary = read_wheel(wheel)
    tiny_bert.write_adapters(adapters)
    load_adapters(thin, adapters)
    whole = AdaptedEncoder(add_changes(tensors, adapters), rank=None)
    tokens = Tokens(vocabulary)
    assert torch.allclose(thin.encoder.embed(tokens, TEXTS), whole.embed(tokens, TEXTS), atol=1e-5)
