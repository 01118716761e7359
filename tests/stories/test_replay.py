"""A client that was away is told what it missed: after its session, a restart, a day, a restored backup."""

import json
from pathlib import Path
from typing import Any, cast

from msgspec.structs import replace

from frontdesk.core.settings import Push, Settings
from frontdesk.kit.clock import ManualClock
from frontdesk.store.backup import backup, restore
from frontdesk.store.ownership import STORE_FILE
from frontdesk.store.verify import verify
from tests.clients.bayeux import Message
from tests.desk import Desk, opened

HOUR_S = 3600
ME = "/v2/me/*"


class Client:
    """A client that polls, and keeps the number of the last event it was told of."""

    def __init__(self, desk: Desk, user: str = "ada") -> None:
        self.desk = desk
        self.user = user
        self.id = ""

    async def asks(self, **message: Any) -> list[Message]:
        body = json.dumps({**message, **({"clientId": self.id} if self.id else {})}).encode()
        got = await self.desk.post("/notifications", None, self.user, raw=body)
        assert got.status == 200, got
        return cast(list[Message], got.body)

    async def follows(self, number: int) -> dict[str, Any]:
        """Shake hands and subscribe to everything after a number; what the answer says of it."""
        shake = {"version": "1.0", "supportedConnectionTypes": ["long-polling"], "ext": {"replay": True}}
        [reply] = await self.asks(channel="/meta/handshake", **shake)
        assert reply["ext"] == {"replay": True}
        self.id = reply["clientId"]
        [reply] = await self.asks(channel="/meta/subscribe", subscription=ME, ext={"replay": {ME: number}})
        assert reply["successful"], reply
        told: dict[str, Any] = reply.get("ext", {}).get("replay", {})
        return told

    async def hears(self) -> list[tuple[str, str, int]]:
        """(channel, state, number) of everything that comes at once."""
        got: list[tuple[str, str, int]] = []
        while True:
            connect = {"connectionType": "long-polling", "advice": {"timeout": 0}}
            *events, reply = await self.asks(channel="/meta/connect", **connect)
            assert reply["successful"], reply
            if not events:
                return got
            for event in events:
                data = event["data"]
                assert event["ext"]["replay"] == data["replayId"]
                shown = data.get("interaction") or next((v for v in data.values() if isinstance(v, dict)), {})
                got.append((event["channel"], shown.get("state", ""), data["replayId"]))


async def number(desk: Desk, user: str = "ada") -> int:
    """Of the last event that is in what `user` sees."""
    return int((await desk.get("/me/interactions", user)).headers["x-frontdesk-replay"])


async def test_what_was_missed_comes_after_the_session_and_the_server(tmp_path: Path, clock: ManualClock) -> None:
    async with opened(tmp_path / "data", clock) as desk:
        interaction = await desk.ada_works_on()
        before = await number(desk)
        await desk.did("ada", interaction, "AttachUserData", userData={"a": 1})
        await desk.did("ada", interaction, "Complete")
    async with opened(tmp_path / "data", clock) as desk:
        client = Client(desk)
        assert await client.follows(before) == {}
        assert await client.hears() == [
            ("/v2/me/interactions", "Processing", before + 1),
            ("/v2/me/workitems", "Processing", before + 1),
            ("/v2/me/interactions", "Completed", before + 2),
            ("/v2/me/workitems", "Completed", before + 2),
        ]
        await desk.post("/me", {"operationName": "NotReady"})
        assert await client.hears() == [("/v2/me/channels", "", before + 3)]


async def test_a_past_message_is_the_same_as_when_it_was_new(desk: Desk) -> None:
    await desk.becomes("ada")
    first = Client(desk)
    await first.follows(0)
    await first.hears()
    before = await number(desk)
    interaction = await desk.submits(subject="Broken", userData={"order": 7})
    await desk.did("ada", interaction, "Accept")
    connect = {"connectionType": "long-polling", "advice": {"timeout": 0}}
    new = await first.asks(channel="/meta/connect", **connect)
    second = Client(desk)
    await second.follows(before)
    past = await second.asks(channel="/meta/connect", **connect)
    assert [message for message in new if "data" in message] == [message for message in past if "data" in message]
    assert len(past) == 5


async def test_after_a_day_the_gap_is_told(desk: Desk, tmp_path: Path) -> None:
    await desk.ada_works_on()
    desk.clock.advance(seconds=25 * HOUR_S)
    await desk.app.sweeper.sweep()
    last = await number(desk)

    late = Client(desk)
    assert await late.follows(1) == {"gap": True, "oldest": last}
    assert {heard for *_, heard in await late.hears()} == {last}, "the last one is kept in any case"
    on_time = Client(desk)
    assert await on_time.follows(last) == {}
    await desk.starts_session("ada")
    assert [heard for *_, heard in await on_time.hears()] == [last + 1]
    await desk.app.stop()
    assert list(verify(tmp_path / "data")) == []


async def test_how_long_is_a_setting(tmp_path: Path, clock: ManualClock) -> None:
    settings = replace(Settings(), push=Push(retention_hours=72))
    async with opened(tmp_path / "data", clock, settings) as desk:
        await desk.ada_works_on()
        desk.clock.advance(seconds=71 * HOUR_S)
        await desk.app.sweeper.sweep()
        assert await Client(desk).follows(1) == {}
        desk.clock.advance(seconds=2 * HOUR_S)
        await desk.app.sweeper.sweep()
        assert (await Client(desk).follows(1))["gap"] is True


async def test_a_number_from_before_a_restored_backup_is_told_as_a_gap(tmp_path: Path, clock: ManualClock) -> None:
    async with opened(tmp_path / "data", clock) as desk:
        interaction = await desk.ada_works_on()
        backup(tmp_path / "data" / STORE_FILE, tmp_path / "copy.db")
        kept = await number(desk)
        await desk.did("ada", interaction, "AttachUserData", userData={"a": 1})
        lost = await number(desk)
        assert lost > kept
    restore(tmp_path / "copy.db", tmp_path / "data", overwrite=True)
    async with opened(tmp_path / "data", clock) as desk:
        client = Client(desk)
        assert (await client.follows(lost))["gap"] is True
        assert await client.hears() == []
        await desk.did("ada", interaction, "AttachUserData", userData={"a": 2})
        assert {heard for *_, heard in await client.hears()} == {kept + 1}


async def test_who_has_left_the_group_is_not_told_of_its_workbin(desk: Desk) -> None:
    """What may be seen now counts, not what could be seen then."""
    await desk.becomes("grace", "NotReady")
    team = next(one["id"] for one in (await desk.get("/workbins?fields=*")).body["workbins"] if one["name"] == "Team")
    path = f"/me/workbins/{team}?agentGroup=Team"
    subscribed = await desk.post(path, {"operationName": "Subscribe"}, "grace")
    assert subscribed.body["statusCode"] == 0, subscribed.body
    before = await number(desk, "grace")
    interaction = await desk.ada_works_on()
    await desk.did("ada", interaction, "PlaceInWorkbin", workbin="Team", agentGroup="Team")
    member = Client(desk, "grace")
    await member.follows(before)
    assert [channel for channel, *_ in await member.hears()] == ["/v2/me/workbins"]

    [group] = (await desk.get("/groups?fields=*&name=Team")).body["groups"]
    others = [user for user in group["members"] if user != await desk.id_of("grace")]
    changed = await desk.request("PUT", group["path"], "root", {"members": others})
    assert changed.body["statusCode"] == 0
    stranger = Client(desk, "grace")
    assert await stranger.follows(before) == {}
    assert await stranger.hears() == []


async def test_nobody_is_told_what_others_heard(desk: Desk) -> None:
    """Whatever they subscribe to."""
    await desk.ada_works_on()
    grace, eve = Client(desk, "grace"), Client(desk, "eve")
    for stranger in (grace, eve):
        await stranger.follows(0)
        pattern = {"subscription": "/**", "ext": {"replay": {"/**": -2}}}
        [reply] = await stranger.asks(channel="/meta/subscribe", **pattern)
        assert reply["successful"]
        assert await stranger.hears() == []
