"""A real HTTP server that stands for an OpenAI-compatible endpoint whose model knows nothing of grammars."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = "sk-very-secret"

Answer = str | int | tuple[int, dict[str, str]]
"""What the model says; or the HTTP status of a refusal, with headers where wanted."""


class ModelEndpoint:
    """Gives the next of its answers to every chat completion, and keeps what it was asked.

    Args:
        answers: in order; the last one is repeated.
        tells_tokens: whether answers come with `usage`.
    """

    def __init__(self, answers: Sequence[Answer], *, tells_tokens: bool = True) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.answers = list(answers)
        self.tells_tokens = tells_tokens
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status, headers, answer = endpoint.answer(body, self.headers.get("authorization", ""))
                payload = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(payload))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The base URL, up to the version."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def answer(self, body: dict[str, Any], authorization: str) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Return status, headers and body."""
        self.bodies.append(body)
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(told, str):
            # A server that is no llama.cpp knows no such field, and this one is strict.
            if "grammar" in body:
                return 400, {}, {"error": "unknown field"}
            answer: dict[str, Any] = {"choices": [{"message": {"role": "assistant", "content": told}}]}
            if self.tells_tokens:
                answer["usage"] = {"prompt_tokens": 100, "completion_tokens": 7}
            return 200, {}, answer
        status, headers = told if isinstance(told, tuple) else (told, {})
        # As some do: the key stands in the error.
        return status, headers, {"error": {"message": f"Refused for {authorization}."}}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()
