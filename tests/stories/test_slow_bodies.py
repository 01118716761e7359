"""A body that does not arrive holds nobody up for ever: the request is refused, and the connection is over."""

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from frontdesk.demo import PASSWORD
from tests.server import PATIENCE_S, Server, serving


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("server") / "data"
    with serving(directory, "--demo", environment={"FRONTDESK_SERVER_BODY_S": "0.2"}) as server:
        yield server


@pytest.mark.parametrize("arrives", [b"", b'{"operationName":'], ids=["none of it", "a part of it"])
@pytest.mark.parametrize("path", ["/api/v2/me", "/api/v2/notifications"])
def test_a_body_that_does_not_arrive_is_not_waited_for(impatient: Server, path: str, arrives: bytes) -> None:
    host, port = impatient.url.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=PATIENCE_S)) as line:
        line.sendall(head(path) + arrives)
        answer = b""
        while part := line.recv(65_536):  # until the server closes
            answer += part

    first, _, body = answer.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in first.lower()
    if path == "/api/v2/me":
        assert json.loads(body)["statusMessage"] == "The request body did not arrive within 0.2 s."


def head(path: str) -> bytes:
    credential = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\n"
        f"Authorization: Basic {credential}\r\nContent-Length: 500\r\n\r\n"
    ).encode()
