"""A language model behind an OpenAI-compatible HTTP endpoint: a bigger model for the coordinator, if wanted."""

from __future__ import annotations

import logging
import math
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import httpx

from inference.ports import Generation, ModelError, Prompt

logger = logging.getLogger(__name__)

_HTTP_UNAUTHORIZED = (401, 403)
# What may be otherwise in a moment: too many requests, or an endpoint (or the proxy before it) that is restarting.
_HTTP_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_SHOWN_CHARACTERS = 200
_FENCE = re.compile(r"```[a-z]*\n(.*?)\n?```", re.DOTALL)
RETRIES = 3
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 20.0


class OpenAICompatibleModel:
    """A `LanguageModel` that asks an endpoint's chat completions.

    Only a llama.cpp server understands a grammar; elsewhere the answer is free text, which callers check anyway. An endpoint
    that is overloaded or restarting is asked again, up to three times, with growing pauses or after the time that it names.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        *,
        grammar_supported: bool = False,
        timeout_seconds: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Describe the endpoint; nothing is sent yet.

        Args:
            base_url: up to and including the version, as in `http://127.0.0.1:8080/v1`.
            api_key: sent as a bearer token unless empty; never logged, and blotted out of whatever the endpoint answers.
            model: what the endpoint calls the model.
            grammar_supported: send grammars in llama.cpp's extension field.
            timeout_seconds: longest wait for one answer.
            sleep: waits between two tries.

        Raises:
            ModelError: the key holds characters that no header can carry.
        """
        if not api_key.isascii() or not api_key.isprintable():
            raise ModelError(
                "The key of the model endpoint holds characters that cannot be sent.",
                "Set PARLEY_OPENAI_API_KEY to the key alone, without spaces or line ends.",
            )
        self._model = model
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._grammar_supported = grammar_supported
        self._timeout_seconds = timeout_seconds
        self._sleep = sleep
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(headers=headers, timeout=timeout_seconds)

    @property
    def name(self) -> str:
        """What the endpoint calls the model."""
        return self._model

    @property
    def takes_examples(self) -> bool:
        """Always: nobody has trained it on our prompts."""
        return True

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def generate(
        self,
        prompt: Prompt,
        *,
        grammar: str | None = None,
        stop: Sequence[str] = (),
        maximum_tokens: int = 160,
        seed: int = 0,
    ) -> Generation:
        """Answer one prompt; see `LanguageModel.generate`. Such endpoints do not tell a confidence.

        Raises:
            ModelError: the endpoint is unreachable, too slow, refuses, or answers something else.
        """
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "temperature": 0,
            "seed": seed,
            "max_tokens": maximum_tokens,
        }
        if stop:
            body["stop"] = list(stop)
        if grammar is not None and self._grammar_supported:
            body["grammar"] = grammar
        return self._generation(self._ask(body))

    def _ask(self, body: dict[str, Any]) -> Any:
        for tries_left in range(RETRIES, -1, -1):
            response = self._post(body)
            if response.status_code not in _HTTP_PASSING or not tries_left:
                break
            pause = _pause_seconds(response, RETRIES - tries_left)
            logger.warning(
                "The model endpoint %s answered HTTP %d; it is asked again in %.1f s.",
                self._base_url,
                response.status_code,
                pause,
            )
            self._sleep(pause)
        if response.status_code in _HTTP_UNAUTHORIZED:
            raise ModelError(
                f"The model endpoint {self._base_url} refuses the key (HTTP {response.status_code}).",
                "Set PARLEY_OPENAI_API_KEY to a valid key.",
            )
        if not response.is_success:
            raise ModelError(
                f"The model endpoint {self._base_url} answered HTTP {response.status_code}: {self._shown(response.text)}.",
                "Check PARLEY_OPENAI_BASE_URL and PARLEY_OPENAI_MODEL, and the endpoint's own log."
                if response.status_code not in _HTTP_PASSING
                else f"It was asked {RETRIES + 1} times. Try again later, or use another endpoint or model.",
            )
        try:
            return response.json()
        except ValueError as error:
            raise self._not_a_completion(response.text) from error

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        try:
            return self._client.post(f"{self._base_url}/chat/completions", json=body)
        except httpx.TimeoutException as error:
            raise ModelError(
                f"The model endpoint {self._base_url} did not answer within {self._timeout_seconds:g} s.",
                "Try again, use a faster model, or allow more with PARLEY_OPENAI_TIMEOUT_SECONDS.",
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(
                f"The model endpoint {self._base_url} cannot be reached ({error}).",
                "Start it, or correct PARLEY_OPENAI_BASE_URL.",
            ) from error

    def _generation(self, answer: Any) -> Generation:
        try:
            text = answer["choices"][0]["message"]["content"] or ""
            usage = answer.get("usage") or {}
            details = usage.get("prompt_tokens_details") or {}
            generation = Generation(
                text=text,
                prompt_tokens=int(usage.get("prompt_tokens") or 0),
                completion_tokens=int(usage.get("completion_tokens") or 0),
                cached_tokens=int(details.get("cached_tokens") or 0),
            )
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            raise self._not_a_completion(str(answer)) from error
        if not isinstance(text, str):
            raise self._not_a_completion(str(answer))
        return replace(generation, text=_without_fence(text))

    def _not_a_completion(self, shown: str) -> ModelError:
        return ModelError(
            f"The model endpoint {self._base_url} answered something else than a chat completion: {self._shown(shown)}.",
            "Point PARLEY_OPENAI_BASE_URL at an OpenAI-compatible endpoint; it usually ends in /v1.",
        )

    def _shown(self, text: str) -> str:
        """Quote the beginning of an answer; some endpoints repeat the key in their errors."""
        without_key = text.replace(self._api_key, "***") if self._api_key else text
        return repr(without_key[:_SHOWN_CHARACTERS])


def _without_fence(text: str) -> str:
    """Take an answer out of the code fence that chat models like to put around it."""
    fenced = _FENCE.fullmatch(text.strip())
    return fenced[1] if fenced else text


def _pause_seconds(response: httpx.Response, tries: int) -> float:
    """Return how long to wait before the next try: what the endpoint asks for, else twice as long as before, and jitter."""
    try:
        asked = float(response.headers.get("retry-after", "nan"))
    except ValueError:  # a date; few endpoints send one
        asked = math.nan
    if math.isfinite(asked) and asked >= 0:
        return min(asked, LONGEST_PAUSE_SECONDS)
    pause = min(FIRST_PAUSE_SECONDS * 2.0**tries, LONGEST_PAUSE_SECONDS)
    return pause * random.uniform(0.5, 1.0)  # noqa: S311 - so that many clients do not come back at once; no secret
