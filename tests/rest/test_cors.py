"""Browser pages of other sites: who may use the API, and what their browsers are told."""

from typing import Any

import httpx
import pytest

from frontdesk.core.origins import AllowedOrigins
from frontdesk.rest.cors import Cors
from frontdesk.rest.security_headers import PAGE_POLICY, SecurityHeaders

DESK = "https://desk.example.org"
BRANCH = "https://north.branches.example.com"
STRANGER = "https://evil.example"
OURS = "http://127.0.0.1:8090"


async def answers_with_its_path(scope: Any, _receive: Any, send: Any) -> None:
    """An application with one page and an API."""
    kind = b"text/html; charset=utf-8" if scope["path"] == "/docs" else b"application/json"
    headers = [(b"content-type", kind), (b"vary", b"Accept")]
    if scope["path"] == "/own-policy":
        headers = [(b"content-type", b"text/html"), (b"content-security-policy", b"default-src https:")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


CORS = Cors(answers_with_its_path, [DESK, "https://*.example.com"])


async def asked(method: str, path: str, **headers: str) -> httpx.Response:
    """What a browser gets that sends these headers ("_" for "-")."""
    transport = httpx.ASGITransport(app=SecurityHeaders(CORS))
    async with httpx.AsyncClient(transport=transport, base_url=OURS) as browser:
        return await browser.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )


@pytest.mark.parametrize("origin", [DESK, BRANCH])
@pytest.mark.parametrize("path", ["/api/v2/me", "/api/v2/notifications"])
async def test_a_page_of_an_allowed_origin_reads_the_answer_and_its_headers(origin: str, path: str) -> None:
    answer = await asked("GET", path, origin=origin)
    assert answer.text == path
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    exposed = answer.headers["access-control-expose-headers"].split(",")
    assert set(exposed) == {"X-CSRF-HEADER", "X-CSRF-TOKEN", "X-Frontdesk-Replay", "Retry-After"}
    assert answer.headers.get_list("vary", split_commas=True) == ["Accept", "Origin"]


@pytest.mark.parametrize(
    "origin",
    [
        STRANGER,
        "null",
        "http://desk.example.org",
        "https://desk.example.org:8443",
        "https://desk.example.org.evil.example",
        "https://example.com",
        "https://notexample.com",
        "https://evil.example/.example.com",
        "https://user@north.example.com",
    ],
)
async def test_an_origin_that_is_not_named_is_never_reflected(origin: str) -> None:
    answer = await asked("GET", "/api/v2/me", origin=origin)
    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers.get_list("vary", split_commas=True)  # a cache must not serve it to others

    preflight = await asked("OPTIONS", "/api/v2/me", origin=origin, access_control_request_method="POST")
    assert preflight.status_code == 403
    assert preflight.json()["statusCode"] == 3
    assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.parametrize(
    "path", ["/api/v2/me", "/api/v2/interactions/000G1aBT734P0015", "/api/v2/notifications/connect", "/api/v2/x/y/z"]
)
async def test_a_preflight_is_answered_for_every_path_below_the_api(path: str) -> None:
    answer = await asked(
        "OPTIONS",
        path,
        origin=DESK,
        access_control_request_method="POST",
        access_control_request_headers="authorization,content-type",
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == DESK
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-methods"] == "GET,POST,PUT,DELETE,OPTIONS"
    allowed = {name.lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", "x-csrf-token", "idempotency-key", "contactcenterid"} <= allowed
    assert int(answer.headers["access-control-max-age"]) >= 7200


async def test_what_is_no_question_of_origins_goes_straight_through() -> None:
    without_origin = await asked("GET", "/api/v2/me")
    assert not [name for name in without_origin.headers if name.startswith("access-control")]
    elsewhere = await asked("OPTIONS", "/docs", origin=DESK, access_control_request_method="GET")
    assert elsewhere.text == "/docs"
    own_options = await asked("OPTIONS", "/api/v2/me", origin=DESK)
    assert own_options.text == "/api/v2/me"


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [(None, True), (OURS, True), (DESK, True), (BRANCH, True), (STRANGER, False), ("null", False), ("", False)],
)
def test_a_websocket_is_for_our_own_pages_and_allowed_ones(origin: str | None, is_allowed: bool) -> None:
    assert CORS.is_origin_allowed(origin, OURS) is is_allowed


def test_our_own_origin_is_compared_in_its_normal_form() -> None:
    assert CORS.is_origin_allowed("https://frontdesk.example", "HTTPS://Frontdesk.Example:443/")


@pytest.mark.parametrize(
    "entry",
    [
        *("*", "desk.example.org", "https://", "ftp://desk.example.org", "https://desk.example.org/app", "null"),
        *("https://*", "https://*.*.example.org", "https://*example.org", "https://desk.*", "https://desk.example:*"),
    ],
)
def test_an_entry_that_is_no_origin_is_refused_by_name(entry: str) -> None:
    with pytest.raises(ValueError, match="'"):
        AllowedOrigins([DESK, entry])


async def test_no_answer_is_guessed_framed_or_followed() -> None:
    for path in ("/api/v2/me", "/docs", "/own-policy"):
        answer = await asked("GET", path, origin=DESK)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"


async def test_a_page_gets_our_policy_unless_it_has_one_of_its_own() -> None:
    assert (await asked("GET", "/docs")).headers["content-security-policy"] == PAGE_POLICY
    assert (await asked("GET", "/own-policy")).headers["content-security-policy"] == "default-src https:"
    assert "content-security-policy" not in (await asked("GET", "/api/v2/me")).headers
