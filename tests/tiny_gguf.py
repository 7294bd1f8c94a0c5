"""Makes tiny language models with random weights, so that tests run the real llama.cpp in milliseconds."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

WIDTH, HEADS, HIDDEN, LAYERS = 32, 2, 64, 2
END = "<|end|>"
QUESTION = "<|question|>"


def _byte_characters() -> list[str]:
    """Return GPT-2's printable character for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]


def write_tiny_llama(
    path: Path, *, seed: int = 0, style: str | None = "compact", chat_template: str | None = None
) -> Path:
    """Write a two-layer llama with a byte-level tokenizer and random weights from `seed`."""
    random = np.random.default_rng(seed)
    tokens = [*_byte_characters(), "mo", "mov", "move", END, QUESTION]
    types = [gguf.TokenType.NORMAL] * 259 + [gguf.TokenType.CONTROL] * 2
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(5e5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(["m o", "mo v", "mov e"])
    writer.add_eos_token_id(259)
    writer.add_add_bos_token(False)
    if style is not None:
        writer.add_string("parley.prompt_style", style)
    if chat_template is not None:
        writer.add_chat_template(chat_template)

    def matrix(rows: int, columns: int, scale: float = 0.3) -> np.ndarray:
        return random.normal(0.0, scale, (rows, columns)).astype(np.float32)

    writer.add_tensor("token_embd.weight", matrix(len(tokens), WIDTH, 1.0))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32))
    for layer in range(LAYERS):
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{norm}.weight", np.ones(WIDTH, dtype=np.float32))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", matrix(WIDTH, WIDTH))
        for name in ("ffn_gate", "ffn_up"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", matrix(HIDDEN, WIDTH))
        writer.add_tensor(f"blk.{layer}.ffn_down.weight", matrix(WIDTH, HIDDEN))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
