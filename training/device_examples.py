"""Parts of the device questions under the names that `encoder_examples` uses."""

from __future__ import annotations

from training.data.clauses import fill
from training.data.examples import Realised
from training.data.made_up import made_up_family
from training.data.small_talk import CHAT
from training.data.spelling import typo
from training.data.vendor import realise
from training.data.wording import AFTER, BEFORE

__all__ = ["AFTER", "BEFORE", "CHAT", "Realised", "fill", "made_up_family", "realise", "typo"]
