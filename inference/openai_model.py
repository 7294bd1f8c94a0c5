"""A language model behind an OpenAI-compatible HTTP endpoint: a bigger model for the coordinator, if wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from inference.ports import Generation, ModelError, Prompt

_HTTP_UNAUTHORIZED = (401, 403)
_SHOWN_CHARACTERS = 200


class OpenAICompatibleModel:
    """A `LanguageModel` that asks an endpoint's chat completions.

    Only a llama.cpp server understands a grammar; elsewhere the answer is free text, which callers check anyway.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        *,
        grammar_supported: bool = False,
        timeout_seconds: float = 60.0,
    ) -> None:
        """Describe the endpoint; nothing is sent yet.

        Args:
            base_url: up to and including the version, as in `http://127.0.0.1:8080/v1`.
            api_key: sent as a bearer token unless empty.
            model: what the endpoint calls the model.
            grammar_supported: send grammars in llama.cpp's extension field.
            timeout_seconds: longest wait for an answer.
        """
        self._model = model
        self._base_url = base_url.rstrip("/")
        self._grammar_supported = grammar_supported
        self._timeout_seconds = timeout_seconds
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
        return _generation(self._ask(body), self._base_url)

    def _ask(self, body: dict[str, Any]) -> Any:
        try:
            response = self._client.post(f"{self._base_url}/chat/completions", json=body)
        except httpx.TimeoutException as error:
            raise ModelError(
                f"The model endpoint {self._base_url} did not answer within {self._timeout_seconds:g} s.",
                "Try again, or use a faster model.",
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(
                f"The model endpoint {self._base_url} cannot be reached ({error}).",
                "Start it, or correct PARLEY_OPENAI_BASE_URL.",
            ) from error
        if response.status_code in _HTTP_UNAUTHORIZED:
            raise ModelError(
                f"The model endpoint {self._base_url} refuses the key (HTTP {response.status_code}).",
                "Set PARLEY_OPENAI_API_KEY to a valid key.",
            )
        if not response.is_success:
            raise ModelError(
                f"The model endpoint {self._base_url} answered HTTP {response.status_code}: "
                f"{response.text[:_SHOWN_CHARACTERS]!r}.",
                "Check PARLEY_OPENAI_BASE_URL and PARLEY_OPENAI_MODEL, and the endpoint's own log.",
            )
        try:
            return response.json()
        except ValueError as error:
            raise _not_a_completion(self._base_url, response.text) from error


def _generation(answer: Any, base_url: str) -> Generation:
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
        raise _not_a_completion(base_url, str(answer)) from error
    if not isinstance(text, str):
        raise _not_a_completion(base_url, str(answer))
    return generation


def _not_a_completion(base_url: str, shown: str) -> ModelError:
    return ModelError(
        f"The model endpoint {base_url} answered something else than a chat completion: {shown[:_SHOWN_CHARACTERS]!r}.",
        "Point PARLEY_OPENAI_BASE_URL at an OpenAI-compatible endpoint; it usually ends in /v1.",
    )
