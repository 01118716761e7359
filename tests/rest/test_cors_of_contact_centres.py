"""Origins that a contact centre allows for itself: for its own users, at once, and for nobody else's."""

from typing import Any

import pytest

from tests.desk import Desk, Got

DESK = "https://desk.example.org"
BRANCH = "https://north.branches.example.com"


async def allows(desk: Desk, *origins: str, user: str = "root") -> None:
    body = {"name": "allowedOrigins", "value": list(origins)}
    there = (await desk.get("/settings/access-control", user)).body["settings"]
    got = await desk.request("PUT" if there else "POST", "/settings/access-control", user, body)
    assert got.status == 200, got.body


async def from_page(desk: Desk, user: str | None, origin: str = DESK, path: str = "/me", **more: Any) -> Got:
    return await desk.get(path, user, headers={"origin": origin}, **more)


def is_readable(got: Got, origin: str = DESK) -> bool:
    """Whether the browser gives the answer to the page."""
    return got.headers.get("access-control-allow-origin") == origin


async def preflight(desk: Desk, origin: str = DESK) -> Got:
    asked = {"origin": origin, "access-control-request-method": "POST"}
    return await desk.request("OPTIONS", "/me", None, headers=asked)


async def test_an_allowed_page_may_read_what_its_users_are_answered_at_once(desk: Desk) -> None:
    assert not is_readable(await from_page(desk, "ada"))
    assert (await preflight(desk)).status == 403

    await allows(desk, DESK, "https://*.example.com")

    for origin in (DESK, BRANCH):
        got = await from_page(desk, "ada", origin)
        assert is_readable(got, origin)
        assert got.headers["access-control-allow-credentials"] == "true"
        assert (await preflight(desk, origin)).status == 204
    assert not is_readable(await from_page(desk, "ada", "https://evil.example"))


async def test_another_contact_centre_is_not_touched_by_it(desk: Desk) -> None:
    await allows(desk, DESK)
    got = await from_page(desk, "eve")
    assert got.status == 200
    assert not is_readable(got)
    assert "Origin" in got.headers["vary"]


async def test_who_is_not_signed_in_is_told_so(desk: Desk) -> None:
    await allows(desk, DESK)
    got = await from_page(desk, None)
    assert (got.body["statusCode"], is_readable(got)) == (20, True)


async def test_what_is_taken_back_counts_no_more(desk: Desk) -> None:
    await allows(desk, DESK)
    assert is_readable(await from_page(desk, "ada"))
    await desk.request("DELETE", "/settings/access-control/allowedOrigins", "root")
    assert not is_readable(await from_page(desk, "ada"))
    assert (await preflight(desk)).status == 403


@pytest.mark.parametrize(("user", "is_heard"), [("ada", True), ("eve", False)])
async def test_notifications_are_for_pages_that_the_users_contact_centre_allows(
    desk: Desk, user: str, is_heard: bool
) -> None:
    await allows(desk, DESK)
    handshake = [{"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}]
    got = await desk.post("/notifications/handshake", handshake, user, headers={"origin": DESK})
    replies: Any = got.body
    assert replies[0]["successful"] is is_heard
    assert is_readable(got) is is_heard

    stranger = {"origin": "https://evil.example"}
    refused: Any = (await desk.post("/notifications/handshake", handshake, user, headers=stranger)).body
    assert not refused[0]["successful"]
