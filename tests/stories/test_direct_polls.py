"""A poll whose head comes in one piece takes a shorter way through the server; nobody can tell by the answer.

All of it with users who are signed in by cookie, because only they are known at once.
"""

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from frontdesk.demo import PASSWORD
from tests.server import PATIENCE_S, Server, serving

DESK = "https://desk.example"
SHAKE = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: Any

    def alike(self) -> tuple[int, list[tuple[str, str]], list[Any]]:
        """What has to be the same each time: names of chance are made since."""
        headers = [(name, value if name != "set-cookie" else value.partition("=")[0]) for name, value in self.headers]
        messages = [{key: value for key, value in one.items() if key != "clientId"} for one in self.body]
        return self.status, sorted(header for header in headers if header[0] != "content-length"), messages


class Line:
    """A connection that is kept."""

    def __init__(self, url: str) -> None:
        self._url = url
        host, _, port = url.removeprefix("http://").partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self.socket.makefile("rb")

    def ask(self, method: str, path: str, body: Any = None, *, is_whole: bool = True, **headers: str) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} /api/v2{path} HTTP/1.1", "host: localhost", f"content-length: {len(sent)}"]
        lines += ["content-type: application/json"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        raw = "\r\n".join(lines).encode() + b"\r\n\r\n" + sent
        if is_whole:
            self.socket.sendall(raw)
        else:
            self.socket.sendall(raw[:10])
            with closing(Line(self._url)) as other:  # a round of its own lets the first piece arrive
                other.ask("GET", "/me")
            self.socket.sendall(raw[10:])
        return self._answer()

    def _answer(self) -> Answer:
        status = int(self._reader.readline().split()[1])
        headers = []
        while line := self._reader.readline().decode().strip():
            name, _, value = line.partition(": ")
            headers.append((name.lower(), value))
        length = next((int(value) for name, value in headers if name == "content-length"), 0)
        text = self._reader.read(length)
        try:
            return Answer(status, headers, json.loads(text))
        except ValueError:
            return Answer(status, headers, [])

    def close(self) -> None:
        self._reader.close()
        self.socket.close()


@contextmanager
def signed_in(server: Server, name: str) -> Iterator[tuple[Line, dict[str, str]]]:
    """A connection, and the headers of the user's further requests."""
    with closing(Line(server.url)) as line:
        credential = base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()
        answer = line.ask("GET", "/me", authorization=f"Basic {credential}")
        found = dict(answer.headers)
        yield line, {"cookie": found["set-cookie"].partition(";")[0], "x_csrf_token": found["x-csrf-token"]}


@pytest.fixture
def allowing(tmp_path: Path) -> Iterator[Server]:
    """A server that lets one other site in."""
    environment = {"FRONTDESK_SERVER_ALLOWED_ORIGINS": f'["{DESK}"]'}
    with serving(tmp_path / "data", "--demo", environment=environment) as server:
        yield server
        assert "Traceback" not in server.log()


def test_the_answer_is_the_same_on_both_ways(allowing: Server) -> None:
    with signed_in(allowing, "ada") as (line, who):
        for more in ({}, {"origin": DESK}, {"origin": "https://elsewhere.example"}, {"origin": "http://localhost"}):
            whole, parts = (
                line.ask("POST", "/notifications", [SHAKE], is_whole=is_whole, **who, **more)
                for is_whole in (True, False)
            )
            assert whole.alike() == parts.alike(), more
            assert whole.body[0]["successful"] is (more.get("origin") != "https://elsewhere.example"), more
            names = [name for name, _ in whole.headers]
            assert len(names) == len(set(names)), f"nothing is said twice: {names}"
