"""Runs an encoder in a GGUF file through llama.cpp's own interface: texts to tokens, tokens to states.

llama-cpp-python's `Llama` makes room for 256 sequences, and llama.cpp keeps a row of logits, as wide as the vocabulary, for
every one of them and for every token that is read: 31 megabytes for an encoder that has 30,000 words and never writes one. Here
there is one sequence, and the memory of the rows of logits, which nobody fills or reads, goes back to the system.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from inference.llama_loading import loading_gguf
from inference.pages import give_file_back, give_zeros_back
from inference.ports import ModelError

_METADATA_BYTES = 256


class LlamaStates:
    """An open encoder. Not thread-safe: whoever shares it serialises the calls."""

    def __init__(
        self, path: Path, what: str, remedy: str, *, threads: int, tokens: int, pooling: int
    ) -> None:
        """Load the file.

        Args:
            path: the GGUF file.
            what: its role, to begin the error message with ("The reader").
            remedy: what to do when it cannot be used.
            threads: CPU threads to compute with.
            tokens: how many can be read at once.
            pooling: how token states become one vector, one of `llama_cpp.LLAMA_POOLING_TYPE_…`; where the file names no
                kind and this does not either, they do not.

        Raises:
            ModelError: the file is missing, is no GGUF file, or llama.cpp refuses it.
        """
        with loading_gguf(path, what, remedy):
            model = llama_cpp.llama_model_load_from_file(str(path).encode(), _model_parameters())
            if model is None:
                raise ModelError(f"{what} {path} cannot be loaded (llama.cpp refuses it).", remedy)
            context = llama_cpp.llama_init_from_model(model, _context_parameters(threads, tokens, pooling))
            if context is None:
                llama_cpp.llama_model_free(model)
                raise ModelError(f"{what} {path} cannot be loaded (there is no memory for it).", remedy)
        # llama.cpp has read the whole file ahead. Half of it are the vectors of words, few of which are ever said.
        give_file_back(path)
        self._model = model
        self._context = context
        self._vocabulary = llama_cpp.llama_model_get_vocab(model)
        self._words: int = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        self._memory = llama_cpp.llama_get_memory(context)
        self._batch = llama_cpp.llama_batch_init(tokens, 0, 1)
        self._most_read = 0
        self.most_tokens = tokens
        """How many tokens can be read at once."""
        self.width: int = llama_cpp.llama_model_n_embd(model)
        """Numbers in the state of one token."""
        self._free = weakref.finalize(self, _free, self._batch, context, model)
        # What is in use when the process ends goes with it.
        self._free.atexit = False

    @property
    def pooling(self) -> int:
        """How token states become one vector: what was asked for, or else what the file says."""
        return int(llama_cpp.llama_pooling_type(self._context))

    def metadata(self, key: str) -> str | None:
        """Return what the file says under a key, None where it says nothing."""
        buffer = ctypes.create_string_buffer(_METADATA_BYTES)
        length = llama_cpp.llama_model_meta_val_str(self._model, key.encode(), buffer, _METADATA_BYTES)
        return None if length < 0 else buffer.value.decode(errors="replace")

    def tokenize(self, text: bytes, *, framed: bool) -> list[int]:
        """Return the tokens of a text in UTF-8; `framed` asks for those that begin and end a text."""
        room = len(text) + 2
        tokens = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(self._vocabulary, text, len(text), tokens, room, framed, False)
        if count < 0:
            tokens = (llama_cpp.llama_token * -count)()
            count = llama_cpp.llama_tokenize(self._vocabulary, text, len(text), tokens, -count, framed, False)
        return list(tokens[:count])

    def states(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Read tokens; returns the state of each: an array of shape (tokens, width).

        Raises:
            RuntimeError: llama.cpp failed.
        """
        self._read(tokens)
        pointer = llama_cpp.llama_get_embeddings(self._context)
        states: NDArray[np.float32] = np.ctypeslib.as_array(pointer, shape=(len(tokens), self.width)).copy()
        return states

    def vector(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Read tokens; returns their pooled vector, of length `width`.

        Raises:
            RuntimeError: llama.cpp failed.
        """
        self._read(tokens)
        pointer = llama_cpp.llama_get_embeddings_seq(self._context, 0)
        vector: NDArray[np.float32] = np.ctypeslib.as_array(pointer, shape=(self.width,)).copy()
        return vector

    def close(self) -> None:
        """Free the memory. It cannot be used afterwards."""
        self._free()

    def _read(self, tokens: Sequence[int]) -> None:
        if not self._free.alive:
            raise RuntimeError("it is closed")
        batch = self._batch
        batch.n_tokens = len(tokens)
        for place, token in enumerate(tokens):
            batch.token[place] = token
            batch.pos[place] = place
            batch.n_seq_id[place] = 1
            batch.seq_id[place][0] = 0
            batch.logits[place] = True
        if self._memory is not None:
            # A model that also writes remembers what it has read.
            llama_cpp.llama_memory_clear(self._memory, True)
        code = llama_cpp.llama_decode(self._context, batch)
        if code != 0:
            raise RuntimeError(f"llama_decode returned {code}")
        if len(tokens) > self._most_read and self._memory is None:
            self._most_read = len(tokens)
            self._give_logits_back()

    def _give_logits_back(self) -> None:
        """Give the rows of logits back after llama.cpp has made room for more of them and filled it with zeros.

        They lie before the states. Only where they lie exactly so is anything given back.
        """
        logits = _address(llama_cpp.llama_get_logits(self._context))
        states = _address(llama_cpp.llama_get_embeddings(self._context))
        if logits and states - logits == 4 * self._words * self._most_read:
            give_zeros_back(logits, states)


def _model_parameters() -> llama_cpp.llama_model_params:
    parameters = llama_cpp.llama_model_default_params()
    parameters.n_gpu_layers = 0
    return parameters


def _context_parameters(threads: int, tokens: int, pooling: int) -> llama_cpp.llama_context_params:
    parameters = llama_cpp.llama_context_default_params()
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = tokens
    parameters.n_seq_max = 1
    parameters.n_threads = parameters.n_threads_batch = threads
    parameters.pooling_type = pooling
    parameters.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    parameters.embeddings = True
    return parameters


def _free(
    batch: llama_cpp.llama_batch, context: llama_cpp.llama_context_p, model: llama_cpp.llama_model_p
) -> None:
    llama_cpp.llama_batch_free(batch)
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)


def _address(pointer: object) -> int:
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0  # type: ignore[arg-type]
