"""A password that has to be changed: nothing else is possible before, and everything after."""

import base64
from typing import Any

import pytest

from frontdesk.demo import PASSWORD
from frontdesk.ports import Answer
from tests.desk import Desk, Got

NEW = "a long pass phrase"


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


async def has_to_change(desk: Desk, user: str = "ada") -> str:
    """The administrator wants it of a user, who is signed in already; the user's id."""
    user_id = await desk.id_of(user)
    got = await desk.request("PUT", f"/users/{user_id}", "root", {"changePasswordOnFirstLogin": True})
    assert got.status == 200, got.body
    return user_id


async def changes(desk: Desk, old: str = PASSWORD, new: str = NEW, user: str = "ada") -> Got:
    return await desk.post("/me", {"operationName": "ChangePassword", "oldPassword": old, "newPassword": new}, user)


def pushed(desk: Desk) -> list[Answer]:
    """Collects what is told to users beside events."""
    heard: list[Answer] = []
    desk.app.bus.on_answers(heard.append)
    return heard


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/me", None),
        ("GET", "/users", None),
        ("POST", "/me", {"operationName": "StartContactCenterSession", "channels": ["chat"]}),
        ("POST", "/me", {"operationName": "Ready"}),
        ("POST", "/me/channels/chat", {"operationName": "Ready"}),
        ("GET", "/users/{id}", None),
    ],
)
async def test_nothing_else_is_possible_before(desk: Desk, method: str, path: str, body: Any) -> None:
    user_id = await has_to_change(desk)
    got = await desk.request(method, path.replace("{id}", user_id), "ada", body)
    assert (got.status, got.body["statusCode"]) == (403, 8)
    assert "ChangePassword" in got.body["statusMessage"]


async def test_whoever_changes_it_goes_on_where_that_was_done(desk: Desk) -> None:
    first = await desk.get("/me", None, headers=basic("ada", PASSWORD))
    cookie = {"cookie": first.headers["set-cookie"].partition(";")[0]}
    await has_to_change(desk)
    body = {"operationName": "ChangePassword", "oldPassword": PASSWORD, "newPassword": NEW}
    assert (await desk.post("/me", body, None, headers=basic("ada", PASSWORD) | cookie)).body == {"statusCode": 0}

    assert (await desk.get("/me", None, headers=cookie)).body["user"]["changePasswordOnFirstLogin"] is False
    assert (await desk.get("/me", None, headers=basic("ada", NEW))).status == 200
    assert (await desk.get("/me", None, headers=basic("ada", PASSWORD))).body["statusCode"] == 20


async def test_it_can_be_changed_on_the_users_own_resource_too(desk: Desk) -> None:
    user_id = await has_to_change(desk)
    got = await desk.request("PUT", f"/users/{user_id}", "ada", {"oldPassword": PASSWORD, "password": NEW})
    assert got.body == {"statusCode": 0}
    assert (await desk.get("/me", None, headers=basic("ada", NEW))).status == 200
    other = await desk.request("PUT", f"/users/{await desk.id_of('grace')}", "grace", {"firstName": "G."})
    assert other.status == 200


async def test_the_session_can_be_ended_without(desk: Desk) -> None:
    await has_to_change(desk)
    assert (await desk.post("/me", {"operationName": "EndContactCenterSession"})).body == {"statusCode": 0}


@pytest.mark.parametrize(
    ("old", "new", "expected", "code"),
    [
        ("wrong", NEW, (400, 10), 2),
        (PASSWORD, "short", (400, 10), 1),
    ],
)
async def test_a_refused_change_is_told_twice_and_changes_nothing(
    desk: Desk, old: str, new: str, expected: tuple[int, int], code: int
) -> None:
    heard = pushed(desk)
    await has_to_change(desk)
    got = await changes(desk, old, new)
    assert (got.status, got.body["statusCode"]) == expected
    assert (await desk.get("/me")).body["statusCode"] == 8
    assert [(one.channel, one.data["notificationType"], one.data["errorCode"]) for one in heard] == [
        ("/v2/me", "PasswordChangeError", code)
    ]
    assert heard[0].data["errorMessage"] == got.body["statusMessage"]


async def test_anybody_may_change_the_own_password_any_time_and_hears_of_it(desk: Desk) -> None:
    heard = pushed(desk)
    ada = await desk.id_of("ada")
    assert (await changes(desk)).body == {"statusCode": 0}
    assert [(one.channel, one.user_id, one.data["notificationType"]) for one in heard] == [
        ("/v2/me", ada, "PasswordChangeSuccessful")
    ]
    missing = await desk.post("/me", {"operationName": "ChangePassword", "newPassword": NEW}, "grace")
    assert (missing.status, missing.body["statusCode"]) == (400, 1)


async def test_no_notifications_come_before(desk: Desk) -> None:
    await has_to_change(desk)
    handshake = [{"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}]
    replies: Any = (await desk.post("/notifications/handshake", handshake)).body
    [reply] = replies
    assert (reply["successful"], reply["error"][:5]) == (False, "401::")


async def test_a_token_works_on_for_it_has_no_password(desk: Desk) -> None:
    secret = (await desk.post("/tokens", {"name": "shop", "scopes": ["submit"]}, "root")).body["secret"]
    await has_to_change(desk, "root")
    bearer = {"authorization": f"Bearer {secret}"}
    got = await desk.post("/interactions", {"mediaType": "chat", "queueName": "vip"}, None, headers=bearer)
    assert got.status == 200
    assert (await desk.get("/me", "root")).body["statusCode"] == 8
