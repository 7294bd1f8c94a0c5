"""A language model in a GGUF file, run in this process by llama.cpp.

llama-cpp-python's own completion loop skips its token limit while the output ends inside a UTF-8 sequence,
and it neither tells how much of the prompt was cached nor how probable a token was before the grammar.
So the loop here is our own: evaluate what the cache lacks, take the most probable token the grammar allows,
repeat.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter
from numpy.typing import NDArray

from inference.llama_loading import open_gguf
from inference.ports import Generation, ModelError, Prompt, PromptStyle

STYLE_KEY = "parley.prompt_style"
"""GGUF metadata key that says which form of a prompt the model wants; absent in files made elsewhere."""

_CHAT_TEMPLATE_KEY = "tokenizer.chat_template"
_BATCH_TOKENS = 512
# Threads wait for one another after every matrix. In a small model that costs more than it gains, and on a busy
# machine a wait takes until the other thread is scheduled: one token was measured to take 150 ms instead of 1 ms.
_SMALL_MODEL_PARAMETERS = 100_000_000


class LlamaCppModel:
    """A GGUF file as a `LanguageModel`. It takes the most probable token always, so no seed matters."""

    def __init__(self, path: Path | str, *, threads: int = 2, context_tokens: int = 2048) -> None:
        """Load the file.

        Args:
            path: the GGUF file.
            threads: CPU threads to read prompts with, and to write with too unless the model is small.
            context_tokens: room for a prompt together with its answer, in tokens.

        Raises:
            ModelError: the file is missing or unusable.
        """
        self._path = Path(path)
        self._llama = open_gguf(
            self._path,
            what="The language model",
            remedy="Restore the file, or set PARLEY_MODEL to a GGUF file that llama.cpp can load.",
            n_ctx=context_tokens,
            n_batch=_BATCH_TOKENS,
            n_ubatch=_BATCH_TOKENS,
            n_threads=threads,
            n_threads_batch=threads,
        )
        if llama_cpp.llama_model_n_params(self._llama.model) < _SMALL_MODEL_PARAMETERS:
            llama_cpp.llama_set_n_threads(self._llama.ctx, 1, threads)
        self._lock = threading.Lock()
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        self._vocabulary_size: int = self._llama.n_vocab()
        metadata: dict[str, str] = self._llama.metadata
        self._style = PromptStyle.COMPACT if metadata.get(STYLE_KEY) == "compact" else PromptStyle.INSTRUCT
        self._template = metadata.get(_CHAT_TEMPLATE_KEY)

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self._path.stem

    @property
    def style(self) -> PromptStyle:
        """Which form of a prompt this file's model is asked with."""
        return self._style

    @property
    def takes_examples(self) -> bool:
        """Whether it is a general instruction-tuned model; the bundled one was trained on prompts without examples."""
        return self._style is PromptStyle.INSTRUCT

    def close(self) -> None:
        """Free the memory of the model. It cannot be used afterwards."""
        with self._lock:
            self._llama.close()

    def generate(
        self,
        prompt: Prompt,
        *,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        maximum_tokens: int = 160,
        seed: int = 0,  # noqa: ARG002 the most probable token needs no random numbers
    ) -> Generation:
        """Answer one prompt; see `LanguageModel.generate`.

        The end token counts as written for `confidence`: stopping too early is a decision like any other.

        Raises:
            ModelError: the prompt does not fit, the grammar is no valid GBNF, or llama.cpp failed.
        """
        with self._lock:
            tokens = self._tokenize(prompt)
            context_tokens = self._llama.n_ctx()
            room = context_tokens - len(tokens)
            if room < 1:
                raise ModelError(
                    f"The prompt has {len(tokens)} tokens but the model's context holds {context_tokens}.",
                    "Say less at once, or give the model a larger context.",
                )
            try:
                with self._open_grammar(grammar) as constraint:
                    return self._write(tokens, constraint, tuple(stop), min(maximum_tokens, room))
            except RuntimeError as error:
                # The cache may no longer hold what we believe is in it: start the next prompt afresh.
                self._forget()
                raise ModelError(
                    f"llama.cpp failed on the model {self.name} ({error}).",
                    "Try again; if it happens again, use another GGUF file through PARLEY_MODEL.",
                ) from error

    def _write(
        self,
        prompt: list[int],
        constraint: llama_cpp.llama_sampler_p | None,
        stop: tuple[str, ...],
        maximum_tokens: int,
    ) -> Generation:
        cached = self._evaluate_prompt(prompt)
        written = bytearray()
        completion_tokens = 0
        confidence: float | None = None
        text = ""
        while completion_tokens < maximum_tokens:
            logits = self._logits()
            token = self._choose(logits, constraint)
            if token is None:
                break
            probability = _probability(logits, token)
            confidence = probability if confidence is None else min(confidence, probability)
            if llama_cpp.llama_vocab_is_eog(self._vocabulary, token):
                break
            completion_tokens += 1
            written += self._piece(token)
            text = written.decode("utf-8", errors="ignore")
            ends = [position for position in (text.find(end) for end in stop) if position >= 0]
            if ends:
                text = text[: min(ends)]
                break
            if constraint is not None:
                llama_cpp.llama_sampler_accept(constraint, token)
            if completion_tokens < maximum_tokens:
                self._llama.eval([token])
        return Generation(text, len(prompt), completion_tokens, cached, confidence)

    def _tokenize(self, prompt: Prompt) -> list[int]:
        if self._style is PromptStyle.COMPACT:
            return self._encode(prompt.compact, add_bos=False, special=True)
        adds_bos = bool(llama_cpp.llama_vocab_get_add_bos(self._vocabulary))
        if self._template is None:
            return self._encode(f"{prompt.system}\n\n{prompt.user}\n", add_bos=adds_bos, special=False)
        text = self._render_chat(self._template, prompt)
        bos = self._token_text(self._llama.token_bos())
        begins_with_bos = bool(bos) and text.startswith(bos)
        return self._encode(text, add_bos=adds_bos and not begins_with_bos, special=True)

    def _encode(self, text: str, *, add_bos: bool, special: bool) -> list[int]:
        content = text.encode("utf-8", errors="replace")
        tokens: list[int] = self._llama.tokenize(content, add_bos=add_bos, special=special)
        return tokens

    def _render_chat(self, template: str, prompt: Prompt) -> str:
        formatter = Jinja2ChatFormatter(
            template=template,
            eos_token=self._token_text(self._llama.token_eos()),
            bos_token=self._token_text(self._llama.token_bos()),
        )
        user = {"role": "user", "content": prompt.user}
        try:
            return str(formatter(messages=[{"role": "system", "content": prompt.system}, user]).prompt)
        # A template is a program from the file: it may fail in any way. Many reject the system role.
        except Exception:  # noqa: BLE001
            user["content"] = f"{prompt.system}\n\n{prompt.user}"
        try:
            return str(formatter(messages=[user]).prompt)
        except Exception as error:
            raise ModelError(
                f"The chat template of {self._path} cannot be used ({error}).",
                "Set PARLEY_MODEL to an instruction-tuned GGUF file.",
            ) from error

    def _token_text(self, token: int) -> str:
        if token < 0:
            return ""
        return bytes(llama_cpp.llama_vocab_get_text(self._vocabulary, token)).decode(
            "utf-8", errors="replace"
        )

    def _piece(self, token: int) -> bytes:
        special = self._style is PromptStyle.COMPACT
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, special)
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def _evaluate_prompt(self, prompt: list[int]) -> int:
        """Bring the cache to hold exactly `prompt`; returns how many of its tokens were there already."""
        known: NDArray[np.intc] = self._llama.input_ids[: self._llama.n_tokens]
        # The last token is always evaluated again, because its logits are needed.
        comparable = min(len(known), len(prompt) - 1)
        differs = np.nonzero(known[:comparable] != np.asarray(prompt[:comparable], dtype=np.intc))[0]
        shared = int(differs[0]) if len(differs) else max(comparable, 0)
        memory = llama_cpp.llama_get_memory(self._llama.ctx)
        if not llama_cpp.llama_memory_seq_rm(memory, -1, shared, -1):
            # Recurrent models cannot drop only the end of what they have read.
            self._forget()
            shared = 0
        self._llama.n_tokens = shared
        self._llama.eval(prompt[shared:])
        return shared

    def _forget(self) -> None:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._llama.ctx), True)
        self._llama.reset()

    def _logits(self) -> NDArray[np.float32]:
        pointer = llama_cpp.llama_get_logits_ith(self._llama.ctx, -1)
        if not pointer:
            raise RuntimeError("no logits")
        return np.ctypeslib.as_array(pointer, shape=(self._vocabulary_size,))

    def _choose(
        self, logits: NDArray[np.float32], constraint: llama_cpp.llama_sampler_p | None
    ) -> int | None:
        """Return the most probable token that the grammar allows, None when it allows none."""
        best = int(logits.argmax())
        if constraint is None:
            return best
        # Nearly always the model's favourite is allowed, and one token is checked faster than all of them.
        favourite = np.array([best], dtype=np.intc)
        if np.isfinite(_constrained(constraint, favourite, logits[best : best + 1])[0]):
            return best
        allowed = _constrained(constraint, np.arange(self._vocabulary_size, dtype=np.intc), logits)
        best = int(allowed.argmax())
        return best if np.isfinite(allowed[best]) else None

    @contextlib.contextmanager
    def _open_grammar(self, grammar: str | None) -> Iterator[llama_cpp.llama_sampler_p | None]:
        if grammar is None:
            yield None
            return
        sampler = llama_cpp.llama_sampler_init_grammar(self._vocabulary, grammar.encode(), b"root")
        if not sampler:
            raise ModelError(
                "llama.cpp rejects the grammar of the answer.",
                "Report this with the device description that was used: grammars are built by Parley itself.",
            )
        try:
            yield sampler
        finally:
            llama_cpp.llama_sampler_free(sampler)


_TOKEN_DATA = np.dtype([("id", np.intc), ("logit", np.float32), ("p", np.float32)])


def _constrained(
    constraint: llama_cpp.llama_sampler_p, tokens: NDArray[np.intc], logits: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Give `logits` of `tokens` back with minus infinity wherever the grammar forbids the token."""
    data = np.zeros(len(tokens), dtype=_TOKEN_DATA)
    data["id"] = tokens
    data["logit"] = logits
    array = llama_cpp.llama_token_data_array(
        data=data.ctypes.data_as(ctypes.POINTER(llama_cpp.llama_token_data)),
        size=len(tokens),
        selected=-1,
        sorted=False,
    )
    llama_cpp.llama_sampler_apply(constraint, ctypes.byref(array))
    constrained: NDArray[np.float32] = data["logit"]
    return constrained


def _probability(logits: NDArray[np.float32], token: int) -> float:
    shifted = np.exp(logits - logits.max(), dtype=np.float64)
    return float(shifted[token] / shifted.sum())
