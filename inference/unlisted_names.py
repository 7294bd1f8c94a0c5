"""Finds names of a kind that a parameter's choices are all of, and that is none of them: a language that a device does not speak.

Without that, "into Finnish" would be taken for whichever language comes nearest.
"""

from __future__ import annotations

import re

from inference.abbreviations import LANGUAGES
from inference.signatures import Parameter
from inference.text import Sentence
from inference.values import spoken_choices

_MORE_LANGUAGES = (
    "latin swahili vietnamese thai hebrew persian farsi urdu bengali tamil telugu punjabi mandarin cantonese catalan basque "
    "galician icelandic estonian latvian lithuanian serbian bosnian albanian macedonian ukrainian armenian georgian indonesian "
    "malay filipino tagalog afrikaans zulu maltese luxembourgish esperanto yiddish mongolian nepali flemish gaelic"
)
_KNOWN = frozenset({*LANGUAGES.values(), *_MORE_LANGUAGES.split()})
_OTHER_NAMES = {"mandarin": "chinese", "farsi": "persian", "flemish": "dutch", "gaelic": "irish"}
_LEAST = 2
_INTO = r"(?:in|into|to|from|speaks?|language:?|be|is|with|for)"


def unlisted_language(parameter: Parameter, sentence: Sentence) -> str | None:
    """Return a language that a sentence asks for and that is none of a parameter's choices, where these are languages."""
    choices = spoken_choices(parameter)
    if len(choices) < _LEAST or not all(
        choice.split()[-1:] and choice.split()[-1] in _KNOWN for choice in choices
    ):
        return None
    listed = {choice.split()[-1] for choice in choices}
    said = re.findall(rf"(?<!\w){_INTO} (?:the )?([a-z]+)(?!\w)", sentence.lower)
    names = [word for word in said if word in _KNOWN]
    is_known = any(_OTHER_NAMES.get(word, word) in listed for word in names)
    return None if is_known or not names else names[-1]
