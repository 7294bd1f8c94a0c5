"""What a program is asked for: a sentence, the functions that were found for it, and what their units mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inference.program_grammar import allowed_values, string_spans
from inference.signatures import FunctionSignature, Parameter
from inference.text import Sentence


@dataclass(frozen=True, slots=True)
class Request:
    """One sentence for one device.

    Attributes:
        sentence: the prepared sentence.
        candidates: the functions that may be called, in the order of the description.
        unit_definitions: the vendor's own units.
    """

    sentence: Sentence
    candidates: Sequence[FunctionSignature]
    unit_definitions: Mapping[str, str] = field(default_factory=dict)

    def values(self, parameter: Parameter) -> list[str]:
        """List what could be written for a parameter, every choice included."""
        return allowed_values(
            parameter,
            self.sentence,
            string_spans(self.sentence.lower),
            self.unit_definitions,
            all_choices=True,
        )

    def place(self, words: str) -> int:
        """Return where words stand in the sentence; its end where they do not."""
        at = self.sentence.lower.find(words)
        return at if at >= 0 else len(self.sentence.lower)
