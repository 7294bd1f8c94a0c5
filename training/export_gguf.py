"""Writes a trained checkpoint as GGUF for llama.cpp.

python -m training.export_gguf --model build/model --out inference/weights/parley.gguf [--type q8_0|f16]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
import torch

from training.model import NORM_EPSILON, ROPE_BASE, ModelShape, TinyLlama
from training.tokenizer import SPECIAL_TOKENS

CONTEXT_TOKENS = 2048
TYPES = {"f16": gguf.GGMLQuantizationType.F16, "q8_0": gguf.GGMLQuantizationType.Q8_0}
TENSOR_NAMES = {
    "attention_norm": "attn_norm", "feed_forward_norm": "ffn_norm", "query": "attn_q", "key": "attn_k", "value": "attn_v",
    "output": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
}  # fmt: skip


def load_checkpoint(folder: Path) -> tuple[TinyLlama, dict[str, object]]:
    """Load the model of a training folder and what the checkpoint says of its making."""
    saved = torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)
    model = TinyLlama(ModelShape(**saved["shape"]))
    model.load_state_dict(saved["model"])
    return model.eval(), {key: saved[key] for key in ("step", "tokens", "spent", "seed")}


def export(folder: Path, out: Path, tensor_type: str = "q8_0") -> None:
    """Write the GGUF, atomically."""
    model, facts = load_checkpoint(folder)
    shape = model.shape
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.with_suffix(".tmp")
    writer = gguf.GGUFWriter(temporary, "llama")
    writer.add_name("parley-small")
    writer.add_description("Sentence to calls and goal to plan, for Parley.")
    writer.add_license("Apache-2.0")
    writer.add_string("parley.prompt_style", "compact")
    for key, value in facts.items():
        writer.add_string(f"parley.training.{key}", str(value))
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(NORM_EPSILON)
    writer.add_vocab_size(shape.vocabulary)
    vocabulary = sorted(tokenizer["model"]["vocab"].items(), key=lambda item: item[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([token for token, _ in vocabulary])
    writer.add_token_types(
        [
            gguf.TokenType.CONTROL if token in SPECIAL_TOKENS else gguf.TokenType.NORMAL
            for token, _ in vocabulary
        ]
    )
    writer.add_token_merges(
        [" ".join(merge) if isinstance(merge, list) else merge for merge in tokenizer["model"]["merges"]]
    )
    writer.add_bos_token_id(SPECIAL_TOKENS.index("<|end|>"))
    writer.add_eos_token_id(SPECIAL_TOKENS.index("<|end|>"))
    writer.add_pad_token_id(SPECIAL_TOKENS.index("<|pad|>"))
    writer.add_add_bos_token(value=False)
    writer.add_add_eos_token(value=False)
    quantised = TYPES[tensor_type]
    for name, tensor in model.state_dict().items():
        array = tensor.float().numpy()
        if array.ndim == 1:
            writer.add_tensor(_tensor_name(name), array.astype(np.float32))
        else:
            writer.add_tensor(_tensor_name(name), gguf.quantize(array, quantised), raw_dtype=quantised)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    temporary.replace(out)


def _tensor_name(name: str) -> str:
    if name == "embedding.weight":
        return "token_embd.weight"
    if name == "norm.weight":
        return "output_norm.weight"
    _, layer, part, _ = name.split(".")
    return f"blk.{layer}.{TENSOR_NAMES[part]}.weight"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--type", default="q8_0", choices=TYPES)
    arguments = parser.parse_args()
    export(arguments.model, arguments.out, arguments.type)
    print(f"wrote {arguments.out} ({arguments.out.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
