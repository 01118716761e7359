"""Clients that others have made go through everything that a network does to them, against the real server.

Each follows the work of one agent over every transport it has: cut off, stalled without a word, behind a proxy that
knows no websockets, and over a restart of the server. Where they differ is said in docs/compatibility.md.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.clients.person import Person, people
from tests.clients.subscriber import AIOCOMETD, LIBRARIES, Subscriber, subscriber
from tests.push.proxy import Proxy
from tests.server import Server, serving

ME, INTERACTIONS, WORKITEMS = "/v2/me/*", "/v2/me/interactions", "/v2/me/workitems"
#: Short holds: a client notices a stall when the answer to its connect is overdue.
SETTINGS = {"FRONTDESK_PUSH_TIMEOUT_MS": "1000"}


class Work:
    """What an agent does, and a client hears of."""

    def __init__(self, ada: Person) -> None:
        self.ada = ada
        self.interaction = ""
        self.steps = 0

    async def begins(self, root: Person) -> int:
        """Accept something to work on; the number of the last event until then."""
        submission = {"mediaType": "workitem", "queueName": "support", "subject": "Many things"}
        self.interaction = (await root.did("/interactions", submission)).body["id"]
        await self.ada.becomes("Ready", "workitem")
        async with asyncio.timeout(30):
            while not (await self.ada.get("/me/interactions")).body["uris"]:
                pass
        assert (await self.ada.operates(self.interaction, "Accept")).body["statusCode"] == 0
        return int((await self.ada.get("/me/interactions")).headers["x-frontdesk-replay"])

    async def goes_on(self) -> int:
        """One more operation; which one it was."""
        self.steps += 1
        got = await self.ada.operates(self.interaction, "AttachUserData", userData={f"step {self.steps}": self.steps})
        assert got.body["statusCode"] == 0, got.body
        return self.steps


@asynccontextmanager
async def proxied(server: Server, *, refuses_upgrades: bool = False) -> AsyncIterator[Proxy]:
    proxy = Proxy(_port(server), refuses_upgrades=refuses_upgrades)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()


def _port(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def steps_of(client: Subscriber, channel: str, singular: str) -> list[int]:
    """Which of the operations a client was told of, in the order in which it was."""
    return [len(data[singular]["userData"]) for data in client.applied(channel)]


async def all_hear(clients: list[Subscriber], step: int) -> None:
    """Return when each has been told of the operation, and once of every one before it."""
    for client in clients:
        await client.hears(
            lambda message: message["channel"] == WORKITEMS and len(message["data"]["workitem"]["userData"]) == step
        )
        for channel, singular in ((INTERACTIONS, "interaction"), (WORKITEMS, "workitem")):
            assert steps_of(client, channel, singular) == list(range(1, step + 1)), f"{client.name} on {channel}"


@pytest.mark.parametrize("library", LIBRARIES)
async def test_it_comes_through(tmp_path: Path, demo_directory: Path, node: Path, library: str) -> None:
    shutil.copytree(demo_directory, tmp_path / "data")
    async with AsyncExitStack() as stack:
        server = stack.enter_context(serving(tmp_path / "data", environment=SETTINGS))
        persons = await stack.enter_async_context(people(server.api, "ada", "root"))
        work = Work(persons["ada"])
        since = await work.begins(persons["root"])

        plain = await stack.enter_async_context(proxied(server))
        without_websockets = await stack.enter_async_context(proxied(server, refuses_upgrades=True))
        ways = [(plain, ["websocket"]), (plain, ["long-polling"])]
        if library != AIOCOMETD:  # it never falls back
            ways.append((without_websockets, ["websocket", "long-polling"]))
        clients = [
            await stack.enter_async_context(
                subscriber(node, library, f"http://127.0.0.1:{proxy.port}", transports, "ada")
            )
            for proxy, transports in ways
        ]
        for client in clients:
            await client.subscribes(ME, since)
        await all_hear(clients, await work.goes_on())
        assert [await client.transport() for client in clients[:2]] == ["websocket", "long-polling"]
        assert {await client.transport() for client in clients[2:]} <= {"long-polling"}

        for break_off in (Proxy.cut, Proxy.stall):
            for proxy in (plain, without_websockets):
                break_off(proxy)
            await work.goes_on()
            if library == "faye":  # it says farewell to a stalled websocket, and waits for the answer to that
                plain.cut()
            await all_hear(clients, await work.goes_on())

        await asyncio.to_thread(server.stop)
        server = stack.enter_context(serving(tmp_path / "data", environment=SETTINGS))
        work.ada.api = server.api
        await work.goes_on()
        for proxy in (plain, without_websockets):
            proxy.to_port = _port(server)
        await all_hear(clients, await work.goes_on())

        for client in clients:
            await client.unsubscribes(ME)
        await work.goes_on()
        for client in clients:
            await client.disconnects()
            assert len(steps_of(client, WORKITEMS, "workitem")) == work.steps - 1
        persons["root"].api = server.api
        left = (await persons["root"].get("/system/sessions")).body["sessions"]
        assert left == []
