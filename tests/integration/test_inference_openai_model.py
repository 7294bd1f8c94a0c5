from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any, Self

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from inference.openai_model import OpenAICompatibleModel
from inference.ports import ModelError, Prompt

PROMPT = Prompt(compact="unused", system="Be brief.", user="Move to shelf 3.")


class Endpoint:
    """A real HTTP server that answers like an OpenAI-compatible one, or in the ways that go wrong."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.released = threading.Event()
        app = FastAPI()
        app.post("/v1/chat/completions")(self._complete)
        app.post("/broken/chat/completions")(lambda: Response("<html>hello</html>"))
        app.post("/other/chat/completions")(lambda: {"choices": []})
        app.post("/list/chat/completions")(lambda: [1])
        app.post("/numbers/chat/completions")(lambda: {"choices": [{"message": {"content": 7}}]})
        app.post("/failing/chat/completions")(lambda: Response("no such model", status_code=404))
        app.post("/slow/chat/completions")(self._wait)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    async def _complete(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer right":
            return JSONResponse({"error": "bad key"}, status_code=401)
        self.bodies.append(await request.json())
        usage = {
            "prompt_tokens": 12,
            "completion_tokens": 4,
            "prompt_tokens_details": {"cached_tokens": 8},
        }
        return JSONResponse({"choices": [{"message": {"content": "A( 3)"}}], "usage": usage})

    def _wait(self) -> dict[str, Any]:
        self.released.wait(10)
        return {}

    def __enter__(self) -> Self:
        # The socket listens before the server thread runs, so that nothing has to be waited for.
        self._socket.listen()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


def test_a_question_becomes_one_greedy_chat_completion(endpoint: Endpoint) -> None:
    model = OpenAICompatibleModel(f"{endpoint.url}/v1/", "right", "big")
    assert model.takes_examples
    generation = model.generate(PROMPT, grammar="root ::= [A-Z]", stop=["\n"], maximum_tokens=7, seed=5)
    assert generation.text == "A( 3)"
    assert (generation.prompt_tokens, generation.completion_tokens, generation.cached_tokens) == (12, 4, 8)
    assert generation.confidence is None
    assert endpoint.bodies[-1] == {
        "model": "big",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Move to shelf 3."},
        ],
        "temperature": 0,
        "seed": 5,
        "max_tokens": 7,
        "stop": ["\n"],
    }
    model.close()


def test_a_grammar_is_sent_only_where_it_is_understood(endpoint: Endpoint) -> None:
    model = OpenAICompatibleModel(f"{endpoint.url}/v1", "right", "big", grammar_supported=True)
    model.generate(PROMPT, grammar="root ::= [A-Z]")
    assert endpoint.bodies[-1]["grammar"] == "root ::= [A-Z]"
    model.generate(PROMPT)
    assert "grammar" not in endpoint.bodies[-1]
    model.close()


@pytest.mark.parametrize(
    ("path", "key", "said", "remedy"),
    [
        ("v1", "wrong", "refuses the key", "PARLEY_OPENAI_API_KEY"),
        ("v1", "", "refuses the key", "PARLEY_OPENAI_API_KEY"),
        ("broken", "right", "<html>", "/v1"),
        ("other", "right", "something else", "/v1"),
        ("list", "right", "something else", "/v1"),
        ("numbers", "right", "something else", "/v1"),
        ("failing", "right", "HTTP 404: 'no such model'", "PARLEY_OPENAI_MODEL"),
        ("slow", "right", "did not answer within 0.2 s", "Try again"),
    ],
)
def test_what_goes_wrong_is_said_with_a_remedy(
    endpoint: Endpoint, path: str, key: str, said: str, remedy: str
) -> None:
    timeout = 0.2 if path == "slow" else 10.0
    model = OpenAICompatibleModel(f"{endpoint.url}/{path}", key, "big", timeout_seconds=timeout)
    with pytest.raises(ModelError) as caught:
        model.generate(PROMPT)
    assert said in caught.value.message
    assert f"{endpoint.url}/{path}" in caught.value.message
    assert remedy in caught.value.remedy
    model.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "no-url", "http://[::1/v1"])
def test_an_endpoint_that_is_not_there_is_an_error(url: str) -> None:
    model = OpenAICompatibleModel(url, "", "big")
    with pytest.raises(ModelError, match="cannot be reached") as caught:
        model.generate(PROMPT)
    assert "PARLEY_OPENAI_BASE_URL" in caught.value.remedy
    model.close()
