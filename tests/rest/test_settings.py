"""Groups of settings, as administrators keep them and clients read them."""

from typing import Any

import pytest
from msgspec.structs import replace

from frontdesk.core.settings import Country, Settings
from frontdesk.kit.clock import ManualClock
from tests.desk import Desk, opened


async def refused(desk: Desk, method: str, path: str, body: Any = None, user: str = "root") -> tuple[int, int]:
    """HTTP status and status code."""
    got = await desk.request(method, path, user, body)
    return got.status, got.body["statusCode"]


async def did(desk: Desk, method: str, path: str, body: Any = None) -> dict[str, Any]:
    got = await desk.request(method, path, "root", body)
    assert got.body["statusCode"] == 0, got.body
    return got.body


async def settings(desk: Desk, group: str, user: str = "ada") -> Any:
    return (await desk.get(f"/settings/{group}", user)).body["settings"]


async def test_dispositions_are_kept_for_clients(desk: Desk) -> None:
    assert await settings(desk, "dispositions") == []
    await did(desk, "POST", "/settings/dispositions", {"name": "Resolved", "displayName": "It is resolved"})
    await did(desk, "POST", "/settings/dispositions", {"settings": {"name": "Spam"}})
    await did(desk, "PUT", "/settings/dispositions", {"name": "Spam", "displayName": "Junk"})

    assert await settings(desk, "dispositions") == [
        {"name": "Resolved", "displayName": "It is resolved"},
        {"name": "Spam", "displayName": "Junk"},
    ]
    assert await settings(desk, "dispositions", "eve") == []
    await did(desk, "DELETE", "/settings/dispositions/Resolved")
    assert [one["name"] for one in await settings(desk, "dispositions")] == ["Spam"]


async def test_a_client_has_a_group_of_its_own(desk: Desk) -> None:
    made = await did(desk, "POST", "/settings", {"name": "my-screens", "displayName": "My screens", "key": "screen"})
    assert made["path"] == "/settings/my-screens"
    await did(desk, "POST", "/settings/my-screens", {"screen": "left", "shows": {"chats": [1, 2]}})
    await did(desk, "PUT", "/settings/my-screens/left", {"shows": {"chats": []}})

    body = (await desk.get("/settings/my-screens/left")).body
    assert (body["settings"], body["key"]) == ({"screen": "left", "shows": {"chats": []}}, "screen")
    groups = (await desk.get("/settings", "root")).body["settings"]
    assert groups[-1]["displayName"] == "My screens"

    await did(desk, "DELETE", "/settings/my-screens")
    assert (await desk.get("/settings/my-screens")).body["statusCode"] == 6


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "/settings", {"name": "agent-states", "key": "name"}, (409, 18)),
        ("POST", "/settings", {"name": "dispositions"}, (409, 18)),
        ("POST", "/settings", {"name": "a/b"}, (400, 10)),
        ("POST", "/settings", {"displayName": "Nameless"}, (400, 1)),
        ("POST", "/settings/none", {"name": "x"}, (404, 6)),
        ("POST", "/settings/dispositions", {"displayName": "Nameless"}, (400, 1)),
        ("POST", "/settings/dispositions", {"name": 7}, (400, 10)),
        ("POST", "/settings/dispositions", {"name": "Known"}, (409, 18)),
        ("POST", "/settings/dispositions", {"settings": "Known"}, (400, 10)),
        ("POST", "/settings/dispositions", {"name": "Big", "value": "x" * 300_000}, (400, 10)),
        ("PUT", "/settings/dispositions", {"name": "Unknown"}, (404, 6)),
        ("PUT", "/settings/dispositions/Known", {"name": "Other"}, (400, 11)),
        ("DELETE", "/settings/dispositions/Unknown", None, (404, 6)),
        ("DELETE", "/settings/dispositions", None, (403, 3)),
        ("DELETE", "/settings/none", None, (404, 6)),
        ("POST", "/settings/general-settings", {"name": "countryCode"}, (404, 6)),
    ],
)
async def test_what_cannot_be_is_refused(
    desk: Desk, method: str, path: str, body: Any, expected: tuple[int, int]
) -> None:
    await did(desk, "POST", "/settings/dispositions", {"name": "Known"})
    assert await refused(desk, method, path, body) == expected
    assert await settings(desk, "dispositions") == [{"name": "Known"}]


@pytest.mark.parametrize("user", ["ada", "sam"])
async def test_only_administrators_change_settings(desk: Desk, user: str) -> None:
    for method, path in (
        ("POST", "/settings"),
        ("POST", "/settings/dispositions"),
        ("PUT", "/settings/dispositions"),
        ("DELETE", "/settings/dispositions/x"),
        ("DELETE", "/settings/dispositions"),
        ("POST", "/settings/agent-states"),
        ("DELETE", "/settings/agent-states/x"),
        ("GET", "/settings/access-control"),
    ):
        assert await refused(desk, method, path, {"name": "x"}, user) == (403, 5), (method, path)


@pytest.mark.parametrize(
    "value", [["https://desk.example.org", "https://*.example.com"], "https://desk.example.org, https://*.example.com"]
)
async def test_allowed_origins_are_understood_or_refused(desk: Desk, value: Any) -> None:
    await did(desk, "POST", "/settings/access-control", {"name": "allowedOrigins", "value": value})
    wanted = ["https://desk.example.org", "https://*.example.com"]
    assert await settings(desk, "access-control", "root") == [{"name": "allowedOrigins", "value": wanted}]

    for wrong in (["*"], ["https://*"], "desk.example.org", 7, [7], None):
        changed = {"settings": {"name": "allowedOrigins", "value": wrong}}
        assert await refused(desk, "PUT", "/settings/access-control", changed) == (400, 10), wrong
    assert await refused(desk, "POST", "/settings/access-control", {"name": "other", "value": []}) == (403, 3)
    assert await settings(desk, "access-control", "root") == [{"name": "allowedOrigins", "value": wanted}]


async def test_the_general_settings_say_where_the_contact_centre_is(tmp_path: Any, clock: ManualClock) -> None:
    abroad = replace(Settings(), country=Country(code="GB", digits="44", name="United Kingdom"))
    async with opened(tmp_path / "abroad", clock, abroad) as desk:
        assert await settings(desk, "general-settings") == {
            "countryCode": "GB",
            "countryDigits": "44",
            "countryName": "United Kingdom",
        }
