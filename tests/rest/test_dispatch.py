"""From a request to its handler: which paths there are, and what becomes of bodies."""

import base64
from collections.abc import Sequence
from typing import Any

import pytest

from tests.desk import Desk


@pytest.mark.parametrize("path", ["/abcdef/me", "/api/v2me", "/api/v3/me", "/me", "/api/v2", "/api/v2/"])
async def test_only_what_is_below_its_own_address_is_the_api(desk: Desk, path: str) -> None:
    got = await desk.get(f"/{path}")
    assert (got.status, got.body["statusCode"]) == (404, 6), path


async def test_only_what_is_below_its_own_address_is_the_notifications(desk: Desk) -> None:
    handshake = [{"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}]
    for path in ("/notifications", "/notifications/", "/notifications/handshake"):
        assert (await desk.post(path, handshake)).status == 200, path

    got = await desk.post("/notificationsfoo", handshake)

    assert (got.status, got.body["statusCode"]) == (404, 6)


async def test_a_slash_at_the_end_makes_no_difference(desk: Desk) -> None:
    interaction = await desk.ada_works_on("email")
    for path in ("/me", "/me/interactions", f"/me/interactions/{interaction}", "/me/calls", f"/emails/{interaction}"):
        with_slash, without = await desk.get(f"{path}/?fields=*"), await desk.get(f"{path}?fields=*")
        assert with_slash.status == 200, path
        assert with_slash.body == without.body, path
    assert (await desk.operate("ada", f"{interaction}/", "Complete")).body["statusCode"] == 0


async def test_head_is_get_without_the_body(desk: Desk) -> None:
    await desk.get("/me")  # which sets the cookie
    got, head = await desk.get("/me/interactions"), await desk.request("HEAD", "/me/interactions", "ada")
    assert (head.status, head.headers) == (200, got.headers)
    assert head.body == {"raw": b""}


async def sent_in_pieces(desk: Desk, path: str, messages: Sequence[dict[str, Any]]) -> tuple[int, bytes]:
    """A POST of ada's whose body comes in these messages; (HTTP status, body of the answer)."""
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": f"/api/v2{path}",
        "query_string": b"",
        "headers": [(b"authorization", b"Basic " + base64.b64encode(b"ada:demo"))],
        "client": ("127.0.0.1", 50000),
    }
    waiting, sent = list(messages), []

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await desk.app(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


GONE = {"type": "http.disconnect"}


def piece(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_may_come_in_pieces(desk: Desk) -> None:
    await desk.starts_session("ada")
    pieces = [piece(b'{"operation', more=True), piece(b'Name": "Re', more=True), piece(b'ady"}', more=False)]
    status, body = await sent_in_pieces(desk, "/me", pieces)
    assert (status, body) == (200, b'{"statusCode":0}')


@pytest.mark.parametrize(
    "pieces", [[GONE], [piece(b'{"operationName": "Ready"}', more=True), GONE]], ids=["before", "between"]
)
async def test_a_request_that_is_cut_off_does_nothing(desk: Desk, pieces: list[dict[str, Any]]) -> None:
    await desk.starts_session("ada")
    status, body = await sent_in_pieces(desk, "/me", pieces)
    assert status == 400
    assert b"cut off" in body
    channels = (await desk.get("/me/channels")).body["channels"]
    assert {one["userState"]["state"] for one in channels} == {"NotReady"}


async def test_a_body_in_pieces_is_bounded_too(desk: Desk) -> None:
    half = b" " * (desk.app.settings.server.body_bytes // 2 + 1)
    status, _ = await sent_in_pieces(desk, "/me", [piece(half, more=True), piece(half, more=True)])
    assert status == 413
