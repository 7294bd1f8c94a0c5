"""Where a training run starts from: the weights and the tokenizer of a GGUF that was shipped before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gguf
import torch
from gguf.quants import dequantize
from tokenizers import AddedToken, Tokenizer, models
from torch import Tensor

from training.export_gguf import TENSOR_NAMES
from training.model import ModelShape
from training.tokenizer import SPECIAL_TOKENS, finish


@dataclass(frozen=True)
class Start:
    """A model to go on from: weights (dequantised) and how many tokens it was trained on."""

    shape: ModelShape
    weights: dict[str, Tensor]
    tokenizer: Tokenizer
    tokens: int


def read_gguf(path: Path) -> Start:
    """Read a file written by `training.export_gguf`."""
    reader = gguf.GGUFReader(path)

    def value(key: str) -> object:
        return reader.fields[key].contents()

    names = {own: name for name, own in TENSOR_NAMES.items()}
    weights = {}
    for tensor in reader.tensors:
        array = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy())
        parts = tensor.name.split(".")
        if parts[0] == "blk":
            weights[f"layers.{parts[1]}.{names[parts[2]]}.weight"] = array
        else:
            weights[{"token_embd": "embedding.weight", "output_norm": "norm.weight"}[parts[0]]] = array
    shape = ModelShape(
        vocabulary=weights["embedding.weight"].shape[0],
        width=int(str(value("llama.embedding_length"))),
        layers=int(str(value("llama.block_count"))),
        heads=int(str(value("llama.attention.head_count"))),
        feed_forward=int(str(value("llama.feed_forward_length"))),
    )
    tokens, merges = value("tokenizer.ggml.tokens"), value("tokenizer.ggml.merges")
    assert isinstance(tokens, list) and isinstance(merges, list)  # noqa: PT018, S101 what the format says
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [tuple(merge.split(" ")) for merge in merges]))
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS]
    )
    return Start(shape, weights, finish(tokenizer), int(str(value("parley.training.tokens"))))
