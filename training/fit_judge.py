"""Fits the judge of abilities, which says whether a kind of device can do what is asked for, and writes its weights.

    python -m training.fit_judge --out build/judge.safetensors --examples 40000

It needs no GPU and no torch: the sentences go through the encoder that `parley setup encoder` installs, and a logistic
regression weighs what comes out. Twenty minutes on one core, nearly all of it for the encoder.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from inference.capability import features, telling_words
from inference.encoder import LlamaCppEncoder
from inference.ports import Choice, Encoder
from inference.settings import InferenceSettings
from training.ability_examples import AbilityExample, examples
from training.lexicon import read_lexicon
from training.mixture import split_families

_HELD_OUT_SHARE = 12


class _Remembering:
    """An encoder that embeds every text once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._rows: dict[str, NDArray[np.float32]] = {}

    @property
    def choice(self) -> Choice:
        return self._encoder.choice

    @property
    def identity(self) -> str:
        return self._encoder.identity

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        for text in texts:
            if text not in self._rows:
                self._rows[text] = self._encoder.embed([text])[0]
        return np.stack([self._rows[text] for text in texts])


def table(
    chosen: Sequence[AbilityExample], encoder: Encoder
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the features (examples, features) and whether each request is met (examples,)."""
    rows = [
        features(*encoder.embed([one.request, one.ability]), one.request, one.ability, encoder)
        for one in chosen
        if telling_words(one.request)
    ]
    return np.stack(rows), np.asarray([one.is_met for one in chosen], dtype=np.float32)


def fit(
    given: NDArray[np.float32], met: NDArray[np.float32], decay: float
) -> tuple[NDArray[np.float32], float]:
    """Fit a logistic regression with squared weights as its penalty; returns the weights (features,) and the bias."""
    middle, spread = given.mean(axis=0), given.std(axis=0) + 1e-6
    scaled = ((given - middle) / spread).astype(np.float64)
    sign = 2.0 * met - 1.0

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (scaled @ parameters[:-1] + parameters[-1])
        slope = -sign / (1.0 + np.exp(np.clip(margin, -60, 60))) / len(met)
        gradient = np.append(scaled.T @ slope + decay * parameters[:-1], slope.sum())
        return float(np.logaddexp(0.0, -margin).mean() + 0.5 * decay * (parameters[:-1] ** 2).sum()), gradient

    found = minimize(
        loss, np.zeros(given.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 400}
    ).x
    weight = found[:-1] / spread
    return weight.astype(np.float32), float(found[-1] - weight @ middle)


def _take(stream: Iterator[AbilityExample], count: int) -> list[AbilityExample]:
    return [next(stream) for _ in range(count)]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=40_000)
    parser.add_argument("--decay", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # One of the training dependencies, and only needed here.
    from safetensors.numpy import save_file  # noqa: PLC0415

    settings = InferenceSettings.from_environment()
    encoder = _Remembering(LlamaCppEncoder(settings.encoder_path, threads=settings.threads))
    seen, unseen = split_families(read_lexicon())
    train = _take(examples(seen, random.Random(options.seed)), options.examples)
    held = _take(examples(unseen, random.Random(f"held {options.seed}")), options.examples // _HELD_OUT_SHARE)
    weight, bias = fit(*table(train, encoder), options.decay)
    given, met = table(held, encoder)
    logits = given @ weight + bias
    print(
        json.dumps(
            {
                "examples": len(train),
                "held_out": len(held),
                "held_out_right": round(float(((logits > 0) == (met > 0)).mean()), 4),
                "encoder": encoder.identity,
            }
        )
    )
    save_file({"weight": weight, "bias": np.asarray([bias], dtype=np.float32)}, options.out)


if __name__ == "__main__":
    main()
