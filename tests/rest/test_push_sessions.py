"""Who is connected, how, and what waits for them: for the administrator of a contact centre, and nobody else's."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from tests.clients.bayeux import Message
from tests.desk import Desk
from tests.push.serving import until

OPERATING = Path(__file__).parent.parent.parent / "docs" / "operating.md"
SHAKE = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}


async def asks(desk: Desk, user: str, **message: Any) -> list[Message]:
    got = await desk.post("/notifications", None, user, raw=json.dumps(message).encode())
    assert got.status == 200
    return cast(list[Message], got.body)


async def connects(desk: Desk, user: str, client: str) -> list[Message]:
    how = {"clientId": client, "connectionType": "long-polling", "advice": {"timeout": 0}}
    return await asks(desk, user, channel="/meta/connect", **how)


async def session(desk: Desk, user: str) -> str:
    """The client id of a session that hears everything of its user."""
    [reply] = await asks(desk, user, **SHAKE)
    client = str(reply["clientId"])
    await asks(desk, user, channel="/meta/subscribe", clientId=client, subscription="/v2/me/*")
    await connects(desk, user, client)
    return client


async def listed(desk: Desk, by: str = "root", query: str = "") -> list[dict[str, Any]]:
    got = await desk.get(f"/system/sessions{query}", by)
    assert got.body["statusCode"] == 0, got.body
    assert got.body["totalCount"] >= len(got.body["sessions"])
    return cast(list[dict[str, Any]], got.body["sessions"])


async def test_every_session_of_the_contact_centre_is_listed(desk: Desk) -> None:
    ada, grace = await session(desk, "ada"), await session(desk, "grace")
    await session(desk, "eve")  # of the other contact centre
    desk.clock.advance(seconds=30)
    await desk.becomes("ada", "NotReady")

    first, second = await listed(desk)

    assert (first["userName"], second["userName"]) == ("ada", "grace")
    assert first["userId"] == await desk.id_of("ada")
    assert first["transport"] == "long-polling"
    assert first["ageSeconds"] == 30
    assert first["createdDate"] < first["lastConnectDate"]
    assert first["subscriptions"] == 1
    assert first["queuedMessages"] > 0
    assert first["queuedBytes"] > 100
    assert (second["queuedMessages"], second["queuedBytes"]) == (0, 0)
    assert "lastError" not in first
    for shown, client in ((first, ada), (second, grace)):
        assert client.startswith(shown["id"])
        assert len(shown["id"]) <= len(client) // 2, "the whole is a secret"
    assert [one["userName"] for one in await listed(desk, "oscar")] == ["eve"]


async def test_the_last_trouble_of_a_session_is_shown(desk: Desk) -> None:
    client = await session(desk, "ada")
    how = {"clientId": client, "connectionType": "long-polling"}
    held = asyncio.create_task(asks(desk, "ada", channel="/meta/connect", **how))
    await until(lambda: desk.app.push.leftovers()["held"] == 1)
    await connects(desk, "ada", client)  # a newer one takes its place
    await held
    [shown] = await listed(desk)
    assert shown["lastError"] == "409::connect_replaced"


async def test_they_are_filtered_and_cut_as_any_list(desk: Desk) -> None:
    for user in ("ada", "ada", "grace"):
        await session(desk, user)
    assert [one["userName"] for one in await listed(desk, query="?userName=grace")] == ["grace"]
    assert len(await listed(desk, query="?limit=2")) == 2
    assert [one.keys() for one in await listed(desk, query="?fields=id&limit=1")] == [{"id"}]


async def test_one_is_read_by_its_id(desk: Desk) -> None:
    await session(desk, "ada")
    [shown] = await listed(desk)
    assert (await desk.get(shown["path"], "root")).body["session"]["userName"] == "ada"


async def test_one_is_ended_and_its_client_told_to_stop(desk: Desk) -> None:
    client, other = await session(desk, "ada"), await session(desk, "ada")
    shown = next(one for one in await listed(desk) if client.startswith(one["id"]))
    assert (await desk.request("DELETE", shown["path"], "root")).body == {"statusCode": 0}
    assert (await connects(desk, "ada", client))[-1]["error"].startswith("402:")
    assert (await connects(desk, "ada", other))[-1]["successful"]
    assert (await desk.request("DELETE", shown["path"], "root")).body["statusCode"] == 6


@pytest.mark.parametrize("user", ["ada", "sam", "oscar"])
async def test_nobody_else_sees_or_ends_them(desk: Desk, user: str) -> None:
    """Neither agents and supervisors, nor the administrator of another contact centre."""
    client = await session(desk, "ada")
    [shown] = await listed(desk)
    for method in ("GET", "DELETE"):
        refused = await desk.request(method, shown["path"], user)
        assert refused.body["statusCode"] == (6 if user == "oscar" else 5)
    if user != "oscar":
        assert (await desk.get("/system/sessions", user)).status == 403
    assert (await connects(desk, "ada", client))[-1]["successful"]


async def test_what_push_does_is_measured(desk: Desk) -> None:
    """Sessions by transport, held connects, queues, expiries, unknown ids, redeliveries, delay."""
    client = await session(desk, "ada")
    await desk.becomes("ada", "NotReady")
    await connects(desk, "ada", client)
    await desk.post("/me", {"operationName": "Ready"})
    await connects(desk, "ada", "nobody")
    has_lines(
        await metrics(desk),
        'push_sessions_by_transport{transport="long-polling"} 1.0',
        'push_sessions_by_transport{transport="websocket"} 0.0',
        "push_held_now 0.0",
        "push_queued_messages 1.0",
        "push_queue_deepest 1.0",
        "push_expired_sessions_total 0.0",
        "push_unknown_sessions_total 1.0",
        "push_redelivered_events_total 0.0",
        "push_replayed_events_total 0.0",
        'push_latency_ms_bucket{le="1"}',
        "push_latency_ms_count 2.0",
    )
    await connects(desk, "ada", client)
    await desk.time_passes(seconds=60)
    has_lines(
        await metrics(desk),
        'push_sessions_by_transport{transport="long-polling"} 0.0',
        "push_queued_messages 0.0",
        "push_expired_sessions_total 1.0",
    )


async def test_what_is_written_again_is_counted(desk: Desk) -> None:
    [reply] = await asks(desk, "ada", **SHAKE, ext={"ack": True})
    client = str(reply["clientId"])
    await asks(desk, "ada", channel="/meta/subscribe", clientId=client, subscription="/v2/me/*")
    await connects(desk, "ada", client)
    await desk.becomes("ada", "NotReady")
    first, again = [[message for message in await connects(desk, "ada", client) if "data" in message] for _ in "12"]
    assert first == again
    has_lines(await metrics(desk), f"push_redelivered_events_total {len(first)}.0")


async def test_what_operators_are_told_to_look_at_is_there(desk: Desk) -> None:
    await session(desk, "ada")
    shown = await metrics(desk)
    named = re.findall(r"`(frontdesk_push_\w+)`", OPERATING.read_text(encoding="utf-8"))
    assert len(named) > 10
    assert not [name for name in named if f"\n# TYPE {name.removesuffix('_total')}" not in shown]


async def metrics(desk: Desk) -> str:
    return cast(bytes, (await desk.get("//metrics")).body["raw"]).decode()


def has_lines(shown: str, *lines: str) -> None:
    for line in lines:
        assert f"\nfrontdesk_{line}" in shown, line
