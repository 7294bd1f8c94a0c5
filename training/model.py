"""A small Llama: RMSNorm, rotary positions, SwiGLU, tied embeddings.

Rotary pairs are interleaved, as llama.cpp's `llama` architecture expects.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - the name everyone knows
from torch import Tensor, nn

ROPE_BASE = 500_000.0
NORM_EPSILON = 1e-5


@dataclass(frozen=True)
class ModelShape:
    """Sizes of a model."""

    vocabulary: int = 3072
    width: int = 224
    layers: int = 6
    heads: int = 7
    feed_forward: int = 576

    @property
    def head_width(self) -> int:
        return self.width // self.heads


class _Layer(nn.Module):
    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.shape = shape
        self.attention_norm = nn.RMSNorm(shape.width, eps=NORM_EPSILON)
        self.feed_forward_norm = nn.RMSNorm(shape.width, eps=NORM_EPSILON)
        self.query = nn.Linear(shape.width, shape.width, bias=False)
        self.key = nn.Linear(shape.width, shape.width, bias=False)
        self.value = nn.Linear(shape.width, shape.width, bias=False)
        self.output = nn.Linear(shape.width, shape.width, bias=False)
        self.gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        normed = self.attention_norm(x)
        parts = (batch, length, self.shape.heads, self.shape.head_width)
        query = rotate(self.query(normed).view(parts).transpose(1, 2), rotation)
        key = rotate(self.key(normed).view(parts).transpose(1, 2), rotation)
        value = self.value(normed).view(parts).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = x + self.output(mixed.transpose(1, 2).reshape(batch, length, width))
        normed = self.feed_forward_norm(x)
        return x + self.down(F.silu(self.gate(normed)) * self.up(normed))


class TinyLlama(nn.Module):
    """Token ids (batch, length) with positions and a boolean attention mask → hidden states; logits by `logits`."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=NORM_EPSILON)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                nn.init.normal_(
                    parameter, std=0.02 if "embedding" in name else 0.6 / parameter.shape[1] ** 0.5
                )
            if name.endswith(("output.weight", "down.weight")):
                nn.init.zeros_(parameter)

    def forward(self, tokens: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Return normalised hidden states (batch, length, width). `mask` is (batch, length, length), True = may attend."""
        rotation = rotation_of(positions, self.shape.head_width)
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x, rotation, mask[:, None])
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Score every token of the vocabulary with the tied embedding."""
        return F.linear(hidden, self.embedding.weight)


def rotation_of(positions: Tensor, head_width: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines for rotary positions; each (batch, 1, length, head_width / 2)."""
    frequencies = ROPE_BASE ** (
        -torch.arange(0, head_width, 2, dtype=torch.float32, device=positions.device) / head_width
    )
    angles = positions[:, None, :, None].float() * frequencies
    return angles.cos(), angles.sin()


def rotate(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate neighbouring pairs of each head's vector."""
    cosine, sine = (part.to(x.dtype) for part in rotation)
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), dim=-1).flatten(-2)
