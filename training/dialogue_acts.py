"""Fits the head that tells goals from questions and orders: `python -m training.dialogue_acts`. Takes a minute, no GPU.

Reads `training/dialogue/*.yaml`, says each sentence in a few more ways, and takes as further goals the development part of `evals/independent`; writes
`coordinator/dialogue/acts.npz` with the figures of a five-fold cross-validation. The certainty from which a message is no goal
is the smallest one that, in the cross-validation, lets at most a given share of goals through.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.optimize import minimize

from coordinator.dialogue.acts import HEAD_FILE, Act, Head, certainty_of, decide, features, group_of
from evals.loading import load_items
from inference.settings import InferenceSettings, open_encoder

SENTENCES = tuple(
    Path(__file__).parent / "dialogue" / name for name in ("sentences.yaml", "more.yaml", "floor.yaml")
)
INDEPENDENT = Path(__file__).parent.parent / "evals" / "independent"
_ACTS = tuple(Act)
_RIDGE = 1e-5
_FOLDS = 5
# A value that no device has told becomes a goal after all, and so does an order where nothing that it could be about is under way.
_MISTAKEN_GOALS = {"question": 0.015, "order": 0.03, "small_talk": 0.005, "attribute": 1.0}
_LEAST = 0.5
_VARIANTS = 3
_GOAL_WEIGHT = 3.0
_BEFORE = (
    "so",
    "ok",
    "hey",
    "and",
    "right,",
    "please",
    "hm,",
    "now",
    "well,",
    "oh,",
    "listen,",
    "hi,",
    "but",
)
_BEHIND = (" please", " now", ", please", " then", ", ok?", " just now", " mate")
_NOUNS = {
    "robot": ("forklift", "shuttle", "crane", "rover", "vacuum", "truck", "pump", "camera", "feeder"),
    "robots": ("forklifts", "shuttles", "cranes", "rovers", "pumps", "trucks", "vehicles"),
    "tote": ("box", "package", "sample", "barrel", "basket", "letter", "tray"),
    "delivery": ("transport", "cleaning", "tidying", "watering", "measurement", "loading"),
    "check": ("inspection", "patrol", "survey", "scan", "test"),
    "shelf": ("rack", "bench", "bed", "room", "zone", "slot"),
    "station": ("desk", "table", "gate", "counter", "dock"),
    "inventory": ("counting", "cleaning", "audit", "patrol"),
    "tour": ("round", "trip", "patrol", "walk"),
    "aisle": ("corridor", "lane", "passage", "row", "bay"),
}
_PROBE = "What are you doing with the second tote?"


def load_sentences(path: Path) -> list[tuple[str, Act]]:
    """Read sentences by act."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [(sentence, Act(act)) for act, sentences in data.items() for sentence in sentences]


def varied(sentence: str, chance: random.Random) -> str:
    """Say a sentence in another way: other nouns, words before and behind it, small letters, no punctuation."""
    text = sentence
    for noun, others in _NOUNS.items():
        text = re.sub(rf"\b{noun}\b", chance.choice((noun, *others)), text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=[a-z] )\d\b", lambda _: str(chance.randint(1, 12)), text)
    if chance.random() < 0.5:
        text = text.lower()
    if chance.random() < 0.6:
        text = text.rstrip(".?!")
    if chance.random() < 0.4:
        text = f"{chance.choice(_BEFORE)} {text[:1].lower()}{text[1:]}"
    if chance.random() < 0.2:
        text = f"{text.rstrip('.')}{chance.choice(_BEHIND)}"
    return text


def fit(
    rows: NDArray[np.float32], acts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit multinomial logistic regression with a ridge; returns weights and bias."""
    count, width = rows.shape
    wanted = np.eye(len(_ACTS))[acts]
    # Goals come in more forms than all the rest, and are said in one way each here.
    heavy = np.where(acts == _ACTS.index(Act.GOAL), _GOAL_WEIGHT, 1.0)
    heavy /= heavy.sum()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = flat[: width * len(_ACTS)].reshape(width, -1), flat[width * len(_ACTS) :]
        logits = rows @ weights + bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        value = -(heavy * np.log(shares[np.arange(count), acts] + 1e-12)).sum() + _RIDGE * (weights**2).sum()
        slope = (shares - wanted) * heavy[:, None]
        return float(value), np.concatenate(
            [(rows.T @ slope + 2 * _RIDGE * weights).ravel(), slope.sum(axis=0)]
        )

    start = np.zeros(width * len(_ACTS) + len(_ACTS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120}).x
    return found[: width * len(_ACTS)].reshape(width, -1), found[width * len(_ACTS) :]


def head_of(
    weights: NDArray[np.float64],
    bias: NDArray[np.float64],
    least: dict[str, float],
    probe: NDArray[np.float32],
) -> Head:
    """Put a fitted head together."""
    return Head(_ACTS, weights.astype(np.float32), bias.astype(np.float32), least, (_PROBE, probe))


def least_certainties(shares: NDArray[np.float32], acts: NDArray[np.int64]) -> dict[str, float]:
    """Return, by group, from which certainty on at most the given share of goals is taken for that group."""
    certainties: dict[str, list[float]] = {group: [] for group in _MISTAKEN_GOALS}
    goals = shares[acts == _ACTS.index(Act.GOAL)]
    for row in goals:
        by_group: dict[str, float] = {}
        for act, share in zip(_ACTS, row, strict=True):
            by_group[group_of(act)] = by_group.get(group_of(act), 0.0) + float(share)
        group = max(_MISTAKEN_GOALS, key=lambda one: by_group[one])
        certainties[group].append(certainty_of(group, by_group))
    least: dict[str, float] = {}
    for group, allowed in _MISTAKEN_GOALS.items():
        # The largest that has to stay out, of all goals and not of those alone that look like this group.
        ranked = sorted(certainties[group], reverse=True)
        index = int(allowed * len(goals))
        least[group] = round(max(_LEAST, ranked[index] + 0.005 if index < len(ranked) else 0.0), 3)
    return least


def main() -> None:
    """Fit, measure and write the head."""
    encoder = open_encoder(InferenceSettings.from_environment())
    written = [one for path in SENTENCES for one in load_sentences(path)]
    own = len(written)
    written += [(item.utterance, Act.GOAL) for item in load_items([INDEPENDENT], part="dev")]
    chance = random.Random(0)
    folds = np.random.default_rng(0).integers(0, _FOLDS, len(written))
    # What was written stands first; its variants stay in its fold, so that none is tested on its like.
    variants = [
        (varied(sentence, chance), act, number)
        for number, (sentence, act) in enumerate(written[:own])
        for _ in range(_VARIANTS)
    ]
    given = written + [(sentence, act) for sentence, act, _ in variants]
    fold = np.concatenate([folds, folds[[number for _, _, number in variants]]])
    rows = features(encoder, [sentence for sentence, _ in given])
    acts = np.array([_ACTS.index(act) for _, act in given])
    probe = encoder.embed([_PROBE])[0]
    shares = np.zeros((len(acts), len(_ACTS)), dtype=np.float32)
    for number in range(_FOLDS):
        head = head_of(*fit(rows[fold != number], acts[fold != number]), {}, probe)
        shares[fold == number] = head.probabilities(rows[fold == number])
    shares, tested = shares[: len(written)], acts[: len(written)]
    least = least_certainties(shares, tested)
    right = shares.argmax(axis=1) == tested
    figures = {
        "sentences": own,
        "goals_beside": len(written) - own,
        "right": round(float(right[:own].mean()), 3),
        "right_by_act": {
            act.value: round(float(right[:own][tested[:own] == index].mean()), 3)
            for index, act in enumerate(_ACTS)
        },
    }
    for (sentence, act), best in zip(written[:own], shares[:own].argmax(axis=1), strict=True):
        if _ACTS[best] is not act:
            print(f"{act} taken for {_ACTS[best]}: {sentence}")
    trial = head_of(np.zeros((1, len(_ACTS))), np.zeros(len(_ACTS)), least, probe)
    taken = [decide(trial, row) for row in shares]
    for (sentence, act), reading in zip(written, taken, strict=True):
        if act is Act.GOAL and reading.act is not act:
            print(f"a goal taken for {reading.act} at {reading.certainty:.2f}: {sentence}")
    for group in least:
        ours = [
            (act, one)
            for (_, act), one in zip(written[:own], taken[:own], strict=True)
            if group_of(act) == group
        ]
        figures[f"{group}_taken_for_no_goal"] = round(
            sum(one.act is not Act.GOAL for _, one in ours) / len(ours), 3
        )
    weights, bias = fit(rows, acts)
    about = {
        "acts": [act.value for act in _ACTS],
        "least_certainty": least,
        "probe": _PROBE,
        "encoder": encoder.identity,
        "cross_validation": figures,
    }
    np.savez_compressed(
        HEAD_FILE,
        weights=weights.astype(np.float16),
        bias=bias.astype(np.float32),
        probe=probe,
        about=np.array(json.dumps(about)),
    )
    print(
        json.dumps(
            {"least_certainty": least, **figures, "counts": Counter(act.value for _, act in written)},
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
