"""Prints how often messages are taken for what they are, by act, against a baseline that counts shared words.

    python -m evals.dialogue [--json] [--wrong] [--seen] [--parts]

The sentences of `held_out.yaml` were written after everything else was chosen; on those of `seen.yaml` it was seen what the
first fit lacked. Neither is trained on. Beside them stand the
goals of the test part of `evals/independent`: each that is taken for something else is a machine that does not move.
A question about a value ("how full is the tank?") that is taken for `ask_attribute` does no harm: where no device has told the
value lately it becomes a goal after all.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from coordinator.dialogue.acts import Act, ActReader
from coordinator.dialogue.parts import parts_of
from evals.loading import load_items
from evals.plans.sites import load_sites
from inference.settings import InferenceSettings, open_encoder
from inference.words import split_words

HERE = Path(__file__).parent
SENTENCES = HERE / "held_out.yaml"
SEEN = HERE / "seen.yaml"
TRAINED = tuple((HERE.parent.parent / "training" / "dialogue").glob("*.yaml"))
INDEPENDENT = HERE.parent / "independent"
Take = Callable[[str], Act]


@dataclass(frozen=True, slots=True)
class Score:
    """How one way of reading did.

    Attributes:
        right: share of the sentences taken for what they are.
        kind_right: share taken for the right one of goal, question, order and small talk.
        by_act: share of right ones by act.
        goals_answered: share of the independent goals taken for a question or small talk, so that no device would do them.
        goals_as_orders: share taken for an order about what is under way; where nothing fits it becomes a goal after all.
        milliseconds: for one message.
    """

    right: float
    kind_right: float
    by_act: dict[str, float]
    goals_answered: float
    goals_as_orders: float
    milliseconds: float


def load(path: Path) -> list[tuple[str, Act]]:
    """Read sentences by act."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [(sentence, Act(act)) for act, sentences in data.items() for sentence in sentences]


def shared_words(trained: Sequence[tuple[str, Act]]) -> Take:
    """Return the baseline: the act of the trained sentence that shares the most words, as a share of all words of both."""
    known = [(set(split_words(sentence)), act) for sentence, act in trained]

    def take(text: str) -> Act:
        said = set(split_words(text))
        return max(known, key=lambda one: len(said & one[0]) / max(1, len(said | one[0])))[1]

    return take


def kind_of(act: Act) -> str:
    """Return whether an act is a goal, a question, an order or small talk."""
    return "question" if act.is_question else "order" if act.is_order else act.value


def score(take: Take, held_out: Sequence[tuple[str, Act]], goals: Sequence[str]) -> Score:
    """Read all sentences and count."""
    begun = time.perf_counter()
    taken = [take(sentence) for sentence, _ in held_out]
    seconds = time.perf_counter() - begun
    acts = Counter(act for _, act in held_out)
    right = Counter(act for (_, act), one in zip(held_out, taken, strict=True) if one is act)
    kinds = sum(kind_of(act) == kind_of(one) for (_, act), one in zip(held_out, taken, strict=True))
    taken_goals = [take(goal) for goal in goals]
    harmless = {Act.GOAL, Act.ASK_ATTRIBUTE}
    answered = sum(act not in harmless and not act.is_order for act in taken_goals)
    ordered = sum(act.is_order for act in taken_goals)
    return Score(
        right=round(right.total() / len(held_out), 3),
        kind_right=round(kinds / len(held_out), 3),
        by_act={act.value: round(right[act] / count, 3) for act, count in acts.items()},
        goals_answered=round(answered / max(1, len(goals)), 4),
        goals_as_orders=round(ordered / max(1, len(goals)), 4),
        milliseconds=round(1000 * seconds / len(held_out), 1),
    )


def cut_counts(reader: ActReader) -> dict[str, tuple[int, int]]:
    """Return, by collection, how many goals and messages are cut into several parts, and of how many; hardly any should be."""
    collections = {
        "goals of evals/plans": [goal.text for site in load_sites() for goal in site.goals],
        "evals/independent, dev": [item.utterance for item in load_items([INDEPENDENT], part="dev")],
        "evals/independent, test": [item.utterance for item in load_items([INDEPENDENT], part="test")],
        "evals/dialogue": [sentence for path in (SENTENCES, SEEN) for sentence, _ in load(path)],
    }
    return {
        name: (sum(len(parts_of(text, reader.read)) > 1 for text in texts), len(texts))
        for name, texts in collections.items()
    }


def print_wrong(take: Take, held_out: Sequence[tuple[str, Act]]) -> None:
    """Print the sentences that are taken for something else."""
    for sentence, act in held_out:
        if (found := take(sentence)) is not act:
            print(f"{act} taken for {found}: {sentence}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How often messages are taken for what they are.")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument(
        "--wrong", action="store_true", help="print the sentences that were taken for something else"
    )
    parser.add_argument("--seen", action="store_true", help="measure on those that choices were made on")
    parser.add_argument(
        "--parts", action="store_true", help="count what is cut into several parts, and no more"
    )
    options = parser.parse_args()
    reader = ActReader.open(open_encoder(InferenceSettings.from_environment()))
    if reader is None:
        raise SystemExit(
            "The encoder is not the one that the head was fitted for; run `parley setup encoder`."
        )
    if options.parts:
        print(
            "\n".join(
                f"{name}: {cut} of {count} are cut" for name, (cut, count) in cut_counts(reader).items()
            )
        )
        return
    held_out = load(SEEN if options.seen else SENTENCES)
    goals = [item.utterance for item in load_items([INDEPENDENT], part="test")]

    def take(text: str) -> Act:
        return reader.read(text).act

    def likeliest(text: str) -> Act:
        return reader.read(text).likeliest

    scores = {
        "as it runs": score(take, held_out, goals),
        "without the margin": score(likeliest, held_out, goals),
        "shared words": score(shared_words([one for path in TRAINED for one in load(path)]), held_out, goals),
    }
    if options.wrong:
        print_wrong(take, held_out)
    if options.json:
        counts = {"sentences": len(held_out), "goals": len(goals)}
        print(json.dumps({**counts, **{name: asdict(one) for name, one in scores.items()}}))
        return
    table = Table("", *scores, title=f"{len(held_out)} held-out messages, {len(goals)} independent goals")
    for name in ("right", "kind_right", "goals_answered", "goals_as_orders", "milliseconds"):
        table.add_row(name, *(str(getattr(one, name)) for one in scores.values()))
    for name in scores["as it runs"].by_act:
        table.add_row(name, *(f"{one.by_act[name]:.0%}" for one in scores.values()))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
