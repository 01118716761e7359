"""An Idempotency-Key: however often a request comes with it, one after the other or at once, it has its effect once."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from frontdesk.kit.clock import ManualClock
from frontdesk.rest.api import routes
from frontdesk.store.ownership import STORE_FILE
from tests.desk import Desk, Got, opened

#: User, method, path, body.
Act = tuple[str, str, str, dict[str, Any]]

ACTS: list[Act] = [
    ("root", "POST", "/interactions", {"mediaType": "workitem", "queueName": "support"}),
    ("ada", "POST", "/me", {"operationName": "StartContactCenterSession", "channels": ["chat"]}),
    ("ada", "POST", "/me", {"operationName": "NotReady"}),
    ("ada", "POST", "/me/channels/email", {"operationName": "AuxWork"}),
    ("ada", "POST", "/me/workitems", {"operationName": "Create", "queueName": "support"}),
    ("ada", "POST", "/me/emails", {"operationName": "Create", "queueName": "support"}),
    ("ada", "POST", "/me/openmedia/fax", {"operationName": "Create", "queueName": "support"}),
    ("ada", "PUT", "/interactions/{mine}", {"userData": {"a": 1}}),
    ("ada", "POST", "/me/interactions/{offered}", {"operationName": "Accept"}),
    ("ada", "POST", "/me/interactions/{offered}", {"operationName": "Reject"}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "AttachUserData", "userData": {"a": 1}}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "UpdateUserData", "userData": {"a": 1}}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "DeleteUserData", "keys": ["a"]}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "SetDisposition", "disposition": "x"}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "PlaceInQueue", "queueName": "vip"}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "PlaceInWorkbin", "workbin": "Drafts"}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "GetWorkbinContent", "workbin": "Drafts"}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "Transfer", "userId": "{grace}"}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "Transfer", "queueName": "vip"}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "Complete"}),
    ("ada", "POST", "/me/interactions/{mine}", {"operationName": "Complete", "queueName": "vip"}),
    ("ada", "POST", "/me/interactions/{draft}", {"operationName": "Cancel"}),
    ("ada", "POST", "/me/emails/{email}", {"operationName": "Reply", "queueName": "support"}),
    ("ada", "POST", "/me/emails/{email}", {"operationName": "ReplyAll", "queueName": "support"}),
    ("ada", "POST", "/me/workbins/{bin}", {"operationName": "AddInteraction", "id": "{mine}"}),
    ("ada", "POST", "/me/workbins/{bin}", {"operationName": "PullInteraction", "id": "{parked}"}),
    ("ada", "POST", "/me/workbins/{bin}", {"operationName": "Subscribe"}),
    ("ada", "POST", "/me/workbins/{bin}", {"operationName": "Unsubscribe"}),
    ("ada", "POST", "/me/workbins?workbinIds={bin}", {"operationName": "Subscribe"}),
    ("root", "POST", "/users", {"userName": "new", "password": "long enough"}),
    ("root", "PUT", "/users/{grace}", {"firstName": "G"}),
    ("root", "POST", "/users/{grace}", {"lastName": "H"}),
    ("root", "DELETE", "/users/{nobody}", {}),
    *(("root", "POST", f"/{plural}", {"name": "new"}) for plural in ("queues", "groups", "skills", "workbins")),
    *(("root", "PUT", f"/{noun}s/{{{noun}}}", {"name": "other"}) for noun in ("queue", "group", "skill", "workbin")),
    *(("root", "DELETE", f"/{noun}s/{{{noun}}}", {}) for noun in ("queue", "group", "skill", "workbin", "token")),
    ("root", "POST", "/tokens", {"name": "new", "scopes": ["read"]}),
    ("root", "PUT", "/routing/policy", {"queues": {"support": {"weight": 2}}}),
    ("sam", "POST", "/users/{grace}/channels", {"operationName": "AuxWork"}),
    ("sam", "POST", "/users/{grace}/channels/email", {"operationName": "AuxWork"}),
    ("sam", "POST", "/interactions/{mine}", {"operationName": "TakeAway"}),
    ("root", "POST", "/settings/agent-states", {"operationName": "Lunch", "displayName": "Lunch"}),
    ("root", "PUT", "/settings/agent-states", {"id": "{state}", "displayName": "Pause"}),
    ("root", "PUT", "/settings/agent-states/{state}", {"displayName": "Pause"}),
    ("root", "DELETE", "/settings/agent-states/{state}", {}),
    ("root", "POST", "/settings", {"name": "pens", "displayName": "Pens", "key": "id"}),
    ("root", "POST", "/settings/screens", {"settings": {"id": "right", "width": 8}}),
    ("root", "PUT", "/settings/screens", {"settings": {"id": "left", "width": 9}}),
    ("root", "PUT", "/settings/screens/left", {"settings": {"width": 9}}),
    ("root", "DELETE", "/settings/screens/left", {}),
    ("root", "DELETE", "/settings/screens", {}),
]


#: Acts that no event tells of: they change what a user hears, or ask for something.
SILENT = {
    "POST /me/interactions/{mine} GetWorkbinContent",
    "POST /me/workbins/{bin} Subscribe",
    "POST /me/workbins/{bin} Unsubscribe",
    "POST /me/workbins?workbinIds={bin} Subscribe",
}


def name(act: Act) -> str:
    _, method, path, body = act
    return f"{method} {path} {body.get('operationName', '')}"


class House:
    """A desk with one of each thing that acts are about."""

    def __init__(self, desk: Desk, directory: Path) -> None:
        self.desk = desk
        self.directory = directory
        self.names: dict[str, str] = {}

    async def furnished(self) -> None:
        desk = self.desk
        await desk.becomes("ada", "Ready", "email", "workitem", "fax")
        await desk.becomes("grace", "NotReady", "email", "workitem")
        self.names["mine"] = await self._works_on("workitem", userData={"a": 0})
        self.names["email"] = await self._works_on("email")
        self.names["parked"] = await self._works_on("workitem")
        await desk.did("ada", self.names["parked"], "PlaceInWorkbin", workbin="In_Progress")
        self.names["offered"] = await desk.submits()
        reply = await desk.did("ada", self.names["email"], "Reply", queueName="support")
        self.names["draft"] = reply.body["id"]
        bins = (await desk.get("/me/workbins?fields=*")).body["workbins"]
        self.names["bin"] = next(one["id"] for one in bins if one["workbinName"] == "In_Progress")
        self.names["grace"] = await desk.id_of("grace")
        for noun in ("queue", "group", "skill", "workbin"):
            self.names[noun] = await self._made(f"/{noun}s", name=f"a {noun}")
        tea = {"operationName": "Tea", "displayName": "Tea", "state": "NotReady"}
        self.names["state"] = await self._made("/settings/agent-states", **tea)
        await desk.post("/settings", {"name": "screens", "displayName": "Screens", "key": "id"}, "root")
        await desk.post("/settings/screens", {"settings": {"id": "left", "width": 8}}, "root")
        self.names["token"] = await self._made("/tokens", name="a token", scopes=["read"])
        self.names["nobody"] = await self._made("/users", userName="nobody", password="long enough")

    async def asks(self, act: Act, key: str | None, **more: Any) -> Got:
        user, method, path, body = act
        sent = {**{field: self._filled(value) for field, value in body.items()}, **more}
        headers = {"idempotency-key": key} if key is not None else {}
        return await self.desk.request(method, self._filled(path), user, sent, headers=headers)

    def rows(self) -> dict[str, int]:
        """How much there is in every table, and the last number of every counter; without what keys are kept in."""
        with closing(sqlite3.connect(self.directory / STORE_FILE)) as raw:
            tables = [table for (table,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            counts = {table: raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608
            acts = "SELECT count(*) FROM events WHERE json_extract(body, '$.actor') IS NOT NULL"
            counts["acts"] = raw.execute(acts).fetchone()[0]  # what the router does besides is not counted
            counts["numbers"] = raw.execute("SELECT sum(number), sum(reference) FROM counters").fetchone()
        return counts

    async def _works_on(self, medium: str, **more: Any) -> str:
        interaction = await self.desk.submits(media_type=medium, **more)
        await self.desk.did("ada", interaction, "Accept")
        return interaction

    async def _made(self, path: str, **body: Any) -> str:
        got = await self.desk.post(path, body, "root")
        assert got.body["statusCode"] == 0, got
        return str(got.body["id"])

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            for known, thing in self.names.items():
                value = value.replace(f"{{{known}}}", thing)
        return value


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], int]:
    """A furnished directory, the names in it, and the moment at which it was left."""
    directory, clock = tmp_path_factory.mktemp("template") / "data", ManualClock()

    async def make() -> dict[str, str]:
        async with opened(directory, clock) as desk:
            made = House(desk, directory)
            await made.furnished()
        return made.names

    return directory, asyncio.run(make()), clock.now_ms()


@pytest.fixture
async def house(tmp_path: Path, template: tuple[Path, dict[str, str], int]) -> AsyncIterator[House]:
    """A copy of it, at work again."""
    directory, names, at_ms = template
    shutil.copytree(directory, tmp_path / "data")
    async with opened(tmp_path / "data", ManualClock(at_ms)) as desk:
        copied = House(desk, tmp_path / "data")
        copied.names = names
        yield copied


def test_every_act_that_changes_something_is_here() -> None:
    known = {(method, path.partition("?")[0].replace("{mine}", "{id}")) for _, method, path, _ in ACTS}
    tried = {(method, "/".join(_generic(path))) for method, path in known}
    wanted = {
        (route.method, "/".join(_generic(route.path)))
        for route in routes()
        if route.method in ("POST", "PUT", "DELETE")
    }
    alike = {
        ("POST", "me/chats/{}"),
        ("POST", "me/workitems/{}"),
        ("POST", "me/openmedia/{}/{}"),
        ("POST", "workbins/{}"),
    }
    alike |= {("POST", "users/{}/workbins/{}")}  # the same handlers as those that are here
    in_memory = {("DELETE", "system/sessions/{}")}  # ends what no store knows of, and may be done again
    assert wanted - tried - alike - in_memory == set()


def _generic(path: str) -> list[str]:
    return [
        "{}" if "{" in part or part in ("email", "fax", "screens", "left") else part
        for part in path.strip("/").split("/")
    ]


@pytest.mark.parametrize("act", ACTS, ids=name)
async def test_the_same_request_however_often_is_answered_the_same_and_done_once(house: House, act: Act) -> None:
    await house.desk.get("/me", act[0])  # signed in before
    before = house.rows()

    answers = await asyncio.gather(*(house.asks(act, "the key") for _ in range(5)))

    assert answers[0].body["statusCode"] == 0, answers[0]
    assert all((one.status, one.body) == (answers[0].status, answers[0].body) for one in answers)
    await house.desk.settled()
    after = house.rows()
    assert after["answers"] == before["answers"] + 1
    assert after["acts"] == before["acts"] + (name(act) not in SILENT)

    again = await house.asks(act, "the key")
    # A policy takes no unknown key, so another request for one has to be another policy.
    more = {"units": 50} if act[2] == "/routing/policy" else {"lastName": "another", "comment": "something else"}
    other = await house.asks(act, "the key", **more)

    assert (again.status, again.body) == (answers[0].status, answers[0].body)
    assert (other.status, other.body["statusCode"]) == (400, 10)
    assert "Idempotency-Key" in other.body["statusMessage"]
    await house.desk.settled()
    assert house.rows() == after


async def test_without_a_key_it_is_done_again(house: House) -> None:
    act = ACTS[0]
    first, second = [await house.asks(act, None) for _ in range(2)]
    assert first.body["id"] != second.body["id"]


async def test_a_refused_request_may_succeed_with_the_same_key(house: House) -> None:
    """Only what was done is remembered: a refusal may be otherwise the next time."""
    act = ("grace", "POST", "/me/interactions/{mine}", {"operationName": "Complete"})
    assert (await house.asks(act, "the key")).body["statusCode"] == 5
    await house.desk.did("ada", house.names["mine"], "Transfer", userId=house.names["grace"])
    await house.desk.did("grace", house.names["mine"], "Accept")
    assert (await house.asks(act, "the key")).body["statusCode"] == 0


async def test_a_key_is_its_users_and_its_contact_centres_own(house: House) -> None:
    body = {"mediaType": "workitem", "queueName": "support"}
    made = [
        await house.asks((user, "POST", "/interactions", body), "the key")
        for user in ("root", "oscar", "root", "oscar")
    ]
    assert made[0].body == made[2].body
    assert made[1].body == made[3].body
    assert made[0].body["id"] != made[1].body["id"]
    for user in ("ada", "grace"):
        got = await house.asks((user, "POST", "/me", {"operationName": "NotReady"}), "the key")
        assert got.body["statusCode"] == 0


async def test_a_key_is_remembered_over_a_restart_and_for_a_day(tmp_path: Path, clock: ManualClock) -> None:
    body = {"mediaType": "workitem", "queueName": "support"}
    headers = {"idempotency-key": "the key"}
    async with opened(tmp_path / "data", clock) as desk:
        first = await desk.post("/interactions", body, "root", headers=headers)
    clock.advance(seconds=23 * 3600)
    async with opened(tmp_path / "data", clock) as desk:
        assert (await desk.post("/interactions", body, "root", headers=headers)).body == first.body
        clock.advance(seconds=2 * 3600)
        await desk.app.sweeper.sweep()
        assert (await desk.post("/interactions", body, "root", headers=headers)).body["id"] != first.body["id"]


async def test_an_external_id_is_one_interaction_for_as_long_as_it_is_kept(house: House) -> None:
    """Also without a key, at once, from anybody who may submit, and when the interaction is long finished."""
    body = {"mediaType": "workitem", "queueName": "support", "externalId": "order 7"}
    act = ("root", "POST", "/interactions", body)
    answers = await asyncio.gather(*(house.asks(act, None) for _ in range(5)))
    assert {one.body["id"] for one in answers} == {answers[0].body["id"]}
    await house.desk.settled()
    await house.desk.did("ada", answers[0].body["id"], "Accept")
    await house.desk.did("ada", answers[0].body["id"], "Complete")
    assert (await house.asks(act, None)).body["id"] == answers[0].body["id"]
    # Another medium or contact centre has its own.
    others = [("root", "POST", "/interactions", {**body, "mediaType": "email"}), ("oscar", *act[1:])]
    ids = {(await house.asks(other, None)).body["id"] for other in others}
    assert len(ids | {answers[0].body["id"]}) == 3
