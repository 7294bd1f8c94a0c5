"""The reader's training and its files, on a tiny random encoder."""

from __future__ import annotations

import hashlib
import random
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

import training.encoder
import training.reader
from inference import encoder_setup
from inference.safetensors_file import changes, read_safetensors
from tests.training import tiny_bert
from training import tune_reader
from training.data.splits import Split
from training.encoder import AdaptedEncoder, read_wheel
from training.lexicon import Family, read_lexicon
from training.mixture import split_families
from training.parity import reading, reading_llama, reading_pytorch
from training.reader import Reader
from training.reader_examples import Reading, readings
from training.utterances import read_things
from training.workers import in_turns

POINTERS = ("first", "last", "way")
THINGS = 40
PARTS = ("query", "key", "value", "output", "up", "down")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tiny encoder's package, which everything here takes for the real one."""
    folder = tmp_path_factory.mktemp("encoder")
    path = tiny_bert.write_wheel(folder / "package.whl")
    adapters = tiny_bert.write_adapters(folder / "adapters.safetensors")
    with zipfile.ZipFile(path) as archive:
        sums = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training.encoder, "WIDTH", tiny_bert.WIDTH)
        patch.setattr(training.reader, "WIDTH", tiny_bert.WIDTH)
        patch.setattr(tune_reader, "FINDER_ADAPTERS", adapters)
        patch.setattr(tune_reader, "read_things", lambda: read_things()[:THINGS])
        patch.setattr(encoder_setup, "FINDER_ADAPTERS", adapters)
        patch.setattr(encoder_setup, "_WEIGHTS_SHA256", sums["package/model/model.safetensors"])
        patch.setattr(encoder_setup, "_VOCABULARY_SHA256", sums["package/model/vocab.txt"])
        yield path


@pytest.fixture(scope="module")
def families() -> list[Family]:
    seen, _ = split_families(read_lexicon())
    return seen


@pytest.fixture
def reader(wheel: Path) -> Reader:
    torch.set_num_threads(1)
    torch.manual_seed(1)
    return Reader(tune_reader.tuned_encoder(wheel)[0])


@pytest.fixture(scope="module")
def batch(wheel: Path, families: list[Family]) -> list[Reading]:
    tokenize = tune_reader.tokenizer(tiny_bert.vocabulary())
    return list(islice(readings(families, random.Random(1), Split.TRAIN, tokenize), 6))


def trained(
    wheel: Path, folder: Path, steps: int, seed: int = 1, begin: Path | None = None
) -> dict[str, np.ndarray]:
    """Run the command and return the weights that it wrote."""
    options = {"wheel": wheel, "out": folder, "steps": steps, "seed": seed}
    options |= {"sentences": 2, "held": 2, "threads": 1} | ({"begin": begin} if begin else {})
    with pytest.MonkeyPatch.context() as patch:
        arguments = [f"--{name}={value}" for name, value in options.items()]
        patch.setattr(sys, "argv", ["tune_reader", *arguments])
        tune_reader.main()
    return load_file(folder / tune_reader.WEIGHTS)


def are_equal(some: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> bool:
    return some.keys() == others.keys() and all(np.array_equal(some[name], others[name]) for name in some)


def test_the_loss_of_a_batch_falls_when_it_is_learnt(reader: Reader, batch: list[Reading]) -> None:
    optimizer = torch.optim.AdamW(reader.parameters(), lr=1e-3)
    losses = []
    for _ in range(24):
        loss = reader(batch)
        optimizer.zero_grad()
        loss.total.backward()
        optimizer.step()
        losses.append(loss.total.item())
    assert losses[-1] < 0.2 * losses[0]
    assert loss.chosen == loss.values == 1.0


def test_matrices_and_heads_are_trained_and_the_words_of_the_vocabulary_are_not(reader: Reader) -> None:
    trained = {name for name, _ in reader.encoder.named_parameters()}
    assert trained == {f"layers.{layer}.{part}.weight" for layer in range(6) for part in PARTS}


@torch.no_grad()
def test_padding_does_not_change_a_result(reader: Reader, batch: list[Reading]) -> None:
    entries = [(number, one, pair) for number, one in enumerate(batch) for pair in one.pairs]
    together = reader._states(entries)
    lengths = set()
    for row, entry in enumerate(entries):
        alone = reader._states([entry])
        lengths.add(alone.shape[1])
        own = together[row : row + 1, : alone.shape[1]]
        assert torch.allclose(reader.relevance(own), reader.relevance(alone), atol=1e-4)
        for kind in POINTERS:
            scores = [
                reader.pointer(kind, states[0], states.expand(states.shape[1], -1, -1))
                for states in (own, alone)
            ]
            assert torch.allclose(*scores, atol=1e-4)
    assert len(lengths) > 5


@torch.no_grad()
def test_the_loss_does_not_depend_on_how_a_batch_is_cut(reader: Reader, batch: list[Reading]) -> None:
    together = reader(batch)
    reader.chunk_tokens = 1
    apart = reader(batch)
    assert apart.total.item() == pytest.approx(together.total.item(), abs=1e-4)
    assert replace(apart, total=together.total) == together


@torch.no_grad()
def test_a_batch_costs_what_its_sentences_cost(reader: Reader, batch: list[Reading]) -> None:
    """Nothing of one sentence counts for another, however many functions each is read with."""
    without_values = [
        replace(one, pairs=tuple(replace(pair, targets=()) for pair in one.pairs)) for one in batch
    ]
    assert len({len(one.pairs) for one in batch}) > 1
    assert {any(pair.is_asked for pair in one.pairs) for one in batch} == {True, False}
    each = [reader([one]) for one in without_values]
    together = reader(without_values)
    assert together.total.item() == pytest.approx(np.mean([one.total.item() for one in each]), abs=1e-4)
    assert together.chosen == pytest.approx(np.mean([one.chosen for one in each]))


@torch.no_grad()
def test_asking_for_nothing_is_right_where_no_function_looks_asked_for(
    reader: Reader, batch: list[Reading]
) -> None:
    idle = [
        replace(one, pairs=tuple(replace(pair, is_asked=False, targets=()) for pair in one.pairs))
        for one in batch
    ]
    reader.relevance.weight.zero_()
    for logit, share in ((-3.0, 1.0), (3.0, 0.0)):
        reader.relevance.bias.fill_(logit)
        loss = reader(idle)
        assert loss.chosen == share
        # Each is charged by itself, and all together as rivals of "none of them", whose logit is 0.
        expected = np.mean(
            [np.log1p(len(one.pairs) * np.exp(logit)) + np.log1p(np.exp(logit)) for one in idle]
        )
        assert loss.total.item() == pytest.approx(expected, abs=1e-4)


def test_workers_write_the_batches_of_a_run(wheel: Path, families: list[Family]) -> None:
    tensors, vocabulary = tune_reader.tuned_encoder(wheel)
    encoder = AdaptedEncoder(tensors)
    alike = tune_reader.nearness(encoder, families, vocabulary)
    things = tune_reader.known_things(encoder, read_things()[:3], vocabulary)
    recipe = tune_reader.Recipe(families, things, 0.5, alike, vocabulary, "1", 2)
    by_workers = list(islice(in_turns(tune_reader.batches, (recipe,), 2), 4))
    assert [len(one) for one in by_workers] == [2] * 4
    apart = [list(islice(tune_reader.batches(recipe, first, 2), 2)) for first in (0, 1)]
    assert by_workers == [apart[0][0], apart[1][0], apart[0][1], apart[1][1]]


@torch.no_grad()
def test_what_is_near_does_not_depend_on_what_is_read_beside_it(wheel: Path) -> None:
    tensors, vocabulary = tune_reader.tuned_encoder(wheel)
    encoder, things = AdaptedEncoder(tensors), read_things()[:2]
    both = tune_reader.known_things(encoder, things, vocabulary)
    (alone,) = tune_reader.known_things(encoder, things[1:], vocabulary)
    assert both[1].nearness.shape == (len(things[1].utterances), len(things[1].functions))
    assert np.allclose(both[1].nearness, alone.nearness, atol=0.05)
    assert np.abs(both[1].nearness).max() > 0.1


def test_one_seed_gives_one_reader(wheel: Path, tmp_path: Path) -> None:
    first = trained(wheel, tmp_path / "first", 3)
    assert are_equal(first, trained(wheel, tmp_path / "again", 3))
    assert not are_equal(first, trained(wheel, tmp_path / "other", 3, seed=2))


def test_a_stopped_run_goes_on_from_its_checkpoint(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, ends = tune_reader._save, []

    def power_cut(run: tune_reader.Run, step: int, seconds: float) -> None:
        save(run, step, seconds)
        ends.append(step)
        if step == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(tune_reader, "_save", power_cut)
    monkeypatch.setattr(tune_reader, "_CHECKPOINT_SECONDS", 0.0)
    with pytest.raises(KeyboardInterrupt):
        trained(wheel, tmp_path, 4)
    stopped = load_file(tmp_path / tune_reader.WEIGHTS)
    state = torch.load(tmp_path / tune_reader.CHECKPOINT, weights_only=True)
    finished = trained(wheel, tmp_path, 4)
    assert ends == [1, 2, 3, 4, 4]
    assert not are_equal(stopped, finished)
    after = torch.load(tmp_path / tune_reader.CHECKPOINT, weights_only=True)
    assert (state["step"], after["step"]) == (2, 4)
    assert max(int(one["step"]) for one in after["optimizer"]["state"].values()) == 4
    # Nothing is left to do for a run that is finished.
    assert are_equal(trained(wheel, tmp_path, 4), finished)


def test_weights_are_read_back_as_they_were_written(wheel: Path, reader: Reader, tmp_path: Path) -> None:
    pretrained, _ = read_wheel(wheel)
    written = trained(wheel, tmp_path, 3)
    assert not are_equal(tune_reader.weights(reader, pretrained), written)
    tune_reader.load_weights(reader, tmp_path / tune_reader.WEIGHTS, pretrained)
    again = tune_reader.weights(reader, pretrained)
    assert again.keys() == written.keys()
    for name, values in written.items():
        # Adding to the pretrained weights and taking away again rounds: by one step of 127 at most.
        assert np.allclose(again[name], values, rtol=1e-4, atol=values.dtype == np.int8), name


def test_what_is_stored_is_a_byte_a_weight_and_no_further_off_than_half_a_step(
    wheel: Path, reader: Reader, tmp_path: Path
) -> None:
    pretrained, _ = read_wheel(wheel)
    stored = tune_reader.weights(reader, pretrained)
    save_file(stored, tmp_path / "weights")
    again = Reader(pretrained)
    tune_reader.load_weights(again, tmp_path / "weights", pretrained)
    for (name, matrix), (_, read) in zip(reader.encoder.matrices(), again.encoder.matrices(), strict=True):
        assert stored[f"{name}.change"].dtype == np.int8
        off = (matrix.weight - read.weight).abs().detach().numpy()
        assert np.all(off <= 0.501 * stored[f"{name}.scale"] + 1e-7), name
        assert off.max() > 0


def test_a_run_begins_from_the_weights_of_another(wheel: Path, tmp_path: Path) -> None:
    first = trained(wheel, tmp_path / "first", 3)
    went_on = trained(wheel, tmp_path / "more", 1, begin=tmp_path / "first" / tune_reader.WEIGHTS)
    anew = trained(wheel, tmp_path / "anew", 1)

    def distance(some: dict[str, np.ndarray]) -> float:
        return float(np.abs(some["relevance.weight"] - first["relevance.weight"]).max())

    assert 0 < distance(went_on) < 0.1 * distance(anew)


def test_the_file_has_the_names_that_the_run_time_reads(wheel: Path, tmp_path: Path) -> None:
    trained(wheel, tmp_path, 1)
    stored, _ = read_safetensors((tmp_path / tune_reader.WEIGHTS).read_bytes())
    linear = ["relevance", *(f"{part}.{kind}" for part in ("slot", "place") for kind in POINTERS)]
    heads = {f"{name}.{part}" for name in linear for part in ("weight", "bias")}
    with zipfile.ZipFile(wheel) as archive:
        encoder, _ = read_safetensors(archive.read("package/model/model.safetensors"))
    assert {name for name in stored if not name.startswith("encoder.")} == heads
    changed = dict(changes(stored))
    assert len(changed) == len(list(Reader(read_wheel(wheel)[0]).encoder.matrices()))
    for name, change in changed.items():
        assert change.shape == encoder[name].shape, name


def test_llama_cpp_reads_as_the_trained_reader_does(
    wheel: Path, reader: Reader, families: list[Family], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random weights tell places apart by little, so a rounding moves more pointers than in a reader that has learnt."""
    trained(wheel, tmp_path, 20)
    weights, gguf = tmp_path / tune_reader.WEIGHTS, tmp_path / "reader.gguf"
    monkeypatch.setattr(encoder_setup, "READER_WEIGHTS", weights)
    encoder_setup.install({gguf: encoder_setup.READER}, wheel=wheel)
    tune_reader.load_weights(reader, weights, read_wheel(wheel)[0])
    asked = reading.pairs(families, "tiny", 30)
    expected = reading_pytorch.readings(reader, tune_reader.tokenizer(tiny_bert.vocabulary()), asked)
    compared = reading.compare(expected, reading_llama.found(gguf, weights, asked))
    assert compared.wrong_tokens == []
    assert max(compared.differences) < reading.EVIDENCE_WITHIN
    assert compared.same > 0.9 * compared.pointers > 0


def test_what_pytorch_says_is_kept_as_it_is(families: list[Family], tmp_path: Path) -> None:
    reads = [
        reading.Read(typed, function, clause, [101, 102], -0.5, ["0", "up", ""])
        for typed, function, clause in reading.pairs(families, "kept", 40)
    ]
    reading.save(reads, tmp_path / "reads.json")
    assert reading.load(tmp_path / "reads.json") == reads


def test_differences_are_found(families: list[Family]) -> None:
    (typed, function, clause), *_ = reading.pairs(families, "different", 1)
    one = reading.Read(typed, function, clause, [101, 102], 0.5, ["0", "up"])
    same = reading.compare([one], [one])
    assert same.is_good
    assert same.describe() == (
        "token ids of 1 of 1 inputs identical, evidence of 1 within 0.2 (at most 0.000), "
        "2 of 2 pointers at the same place"
    )
    other_tokens = reading.compare([one], [replace(one, tokens=[101, 7, 102])])
    assert other_tokens.wrong_tokens == [(one, [101, 7, 102])]
    assert not other_tokens.is_good
    assert not reading.compare([one], [replace(one, evidence=0.8)]).is_good
    assert not reading.compare([one], [replace(one, pointers=["0", "down"])]).is_good
