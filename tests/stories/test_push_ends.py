"""Clients who wait for news are told when there will be none: the server stops, or their sign-in ends.

Nothing is waited for then. A connect is held for longer here than a test may take, so whoever is answered was told.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from frontdesk.demo import PASSWORD
from tests.clients.bayeux import Message
from tests.clients.person import Person, people
from tests.server import Server, serving

PATIENCE_S = 20.0
ENVIRONMENT = {"FRONTDESK_PUSH_TIMEOUT_MS": "600000", "FRONTDESK_LOG_FORMAT": "json"}
CLIENTS = 10  # of each kind


class Ear:
    """One client of a person with a connect waiting at the server, polling or on a websocket."""

    def __init__(self, person: Person, socket: aiohttp.ClientWebSocketResponse | None = None) -> None:
        self._person = person
        self._socket = socket
        self._held: asyncio.Task[Message] | None = None
        self._client = ""

    async def listens(self) -> None:
        shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["websocket"]}
        if self._socket is None:
            shake["supportedConnectionTypes"] = ["long-polling"]
        self._client = (await self._asks(shake))["clientId"]
        await self.connects()
        if self._socket is not None:
            await self._socket.send_json([self._connect])
        else:
            self._held = asyncio.create_task(self._asks(self._connect))

    async def connects(self) -> Message:
        """A connect that is answered at once: the first, or one that asks not to be held."""
        return await self._asks({**self._connect, "advice": {"timeout": 0}})

    def is_client(self, beginning: str) -> bool:
        return self._client.startswith(beginning)

    async def is_told(self) -> Message:
        """The answer to the connect that waits."""
        if self._socket is not None:
            [reply] = await self._socket.receive_json(timeout=PATIENCE_S)
        else:
            assert self._held is not None
            reply = await self._held
        assert reply["channel"] == "/meta/connect"
        found: Message = reply
        return found

    async def close_code(self) -> int | None:
        """What its websocket is closed with; None if it has none."""
        if self._socket is None:
            return None
        message = await self._socket.receive(timeout=PATIENCE_S)
        assert message.type is aiohttp.WSMsgType.CLOSE, message
        return int(message.data)

    @property
    def _connect(self) -> Message:
        return {"channel": "/meta/connect", "clientId": self._client, "connectionType": "any"}

    async def _asks(self, message: Message) -> Message:
        if self._socket is not None:
            await self._socket.send_json([message])
            [reply] = await self._socket.receive_json(timeout=PATIENCE_S)
        else:
            async with self._person.http.post(f"{self._person.api}/notifications", json=[message]) as answer:
                assert answer.status == 200
                [reply] = await answer.json()
        found: Message = reply
        return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "data", "--demo", environment=ENVIRONMENT) as running:
        yield running


@asynccontextmanager
async def waiting(server: Server, person: Person) -> AsyncIterator[list[Ear]]:
    """Clients of each kind, when the server holds all their connects."""
    sockets = [await person.http.ws_connect(f"{person.api}/notifications") for _ in range(CLIENTS)]
    ears = [Ear(person, socket) for socket in (*[None] * CLIENTS, *sockets)]
    for ear in ears:
        await ear.listens()
    async with asyncio.timeout(PATIENCE_S):
        while f"\nfrontdesk_push_held_now {len(ears)}.0" not in await metrics(server, person):
            pass
    yield ears
    for socket in sockets:
        await socket.close()


async def metrics(server: Server, person: Person) -> str:
    async with person.http.get(f"{server.url}/metrics") as answer:
        return await answer.text()


def ends_told(server: Server) -> list[dict[str, Any]]:
    """The log lines that tell of the end of a push session."""
    lines = [json.loads(line) for line in server.log().splitlines() if "push session ended" in line]
    return [line for line in lines if line["event"] == "push session ended"]


async def logs_out(person: Person, _root: Person) -> None:
    await person.did("/me", {"operationName": "EndContactCenterSession"})


async def is_disabled(person: Person, root: Person) -> None:
    assert (await root.request("PUT", f"/users/{person.id}", {"enabled": False})).body["statusCode"] == 0


async def gets_another_password(person: Person, root: Person) -> None:
    got = await root.request("PUT", f"/users/{person.id}", {"password": "another pass phrase"})
    assert got.body["statusCode"] == 0, got.body


async def changes_the_password_elsewhere(person: Person, _root: Person) -> None:
    async with people(person.api, person.name) as elsewhere:
        body = {"operationName": "ChangePassword", "oldPassword": PASSWORD, "newPassword": "another pass phrase"}
        await elsewhere[person.name].did("/me", body)


@pytest.mark.parametrize("ends", [logs_out, is_disabled, gets_another_password, changes_the_password_elsewhere])
async def test_a_sign_in_that_ends_ends_what_was_opened_with_it(
    server: Server, ends: Callable[[Person, Person], Awaitable[None]]
) -> None:
    """With 401 and the advice not to come back, which would not help: the next request is refused as well."""
    async with people(server.api, "ada", "grace", "root") as persons:
        async with waiting(server, persons["ada"]) as ears:
            other = Ear(persons["grace"])
            await other.listens()
            await ends(persons["ada"], persons["root"])
            for ear in ears:
                reply = await ear.is_told()
                assert reply["error"].startswith("401::"), reply
                assert (reply["successful"], reply["advice"]["reconnect"]) == (False, "none")
            assert [await ear.close_code() for ear in ears] == [None] * CLIENTS + [1008] * CLIENTS
            again = await ears[0].connects()
            assert again["error"].startswith(("401::", "402::")), again
            assert (await other.connects())["successful"], "nobody else is told anything"
        told = ends_told(server)
        assert len(told) == len(ears)
        assert {line["principal"] for line in told} == {persons["ada"].id}
        assert {line["transport"] for line in told} == {"websocket", "long-polling"}
        assert all(line["reason"] for line in told)


async def test_a_session_that_an_administrator_ends_is_told_to_stop(server: Server) -> None:
    """And all the others, in the same list, go on."""
    async with people(server.api, "ada", "root") as persons:
        async with waiting(server, persons["ada"]) as ears:
            root = persons["root"]
            shown = (await root.get("/system/sessions?limit=100")).body["sessions"]
            assert sorted(one["transport"] for one in shown) == ["long-polling"] * CLIENTS + ["websocket"] * CLIENTS
            for one in shown:
                assert (one["userName"], one["queuedMessages"], one["queuedBytes"]) == ("ada", 0, 0)
                assert one["createdDate"] <= one["lastConnectDate"]
            poller, talker = ears[0], ears[-1]
            for ear in (poller, talker):
                ended = next(one for one in shown if ear.is_client(one["id"]))
                assert (await root.request("DELETE", ended["path"])).body["statusCode"] == 0
                reply = await ear.is_told()
                assert reply["advice"]["reconnect"] == "none"
            assert (await poller.connects())["error"].startswith("402::")
            farewell = await talker.connects()
            assert (farewell["channel"], farewell["successful"]) == ("/meta/disconnect", True)
            assert (await ears[1].connects())["successful"]
            left = (await root.get("/system/sessions?limit=100")).body["sessions"]
            assert len(left) == len(shown) - 2
        assert [line["reason"] for line in ends_told(server)] == ["ended by root"] * 2


async def test_everybody_is_told_at_the_stop(server: Server) -> None:
    """To come back later, and not all at the same moment."""
    async with people(server.api, "ada") as persons:
        async with waiting(server, persons["ada"]) as ears:
            server.ask_to_stop()
            told = [await ear.is_told() for ear in ears]
            assert {reply["advice"]["reconnect"] for reply in told} == {"handshake"}
            assert {await ear.close_code() for ear in ears} <= {None, 1001, 1012}
        assert await asyncio.to_thread(server.wait) == 0
    assert [line["reason"] for line in ends_told(server)] == ["the server stops"] * len(ears)
