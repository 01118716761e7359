"""Clients that others have made go through everything that a network does to them, against the real server.

Each follows the work of one agent over every transport it has: cut off, stalled without a word, behind a proxy that
knows no websockets, and over a restart of the server. Where they differ is said in docs/compatibility.md.
"""

import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.clients.person import people
from tests.clients.subscriber import AIOCOMETD, LIBRARIES, subscriber
from tests.push.proxy import Proxy
from tests.stories.steps import ME, WORKITEMS, Ear, Steps, all_hear, restarting


@pytest.mark.parametrize("library", LIBRARIES)
async def test_it_comes_through(tmp_path: Path, demo_directory: Path, node: Path, library: str) -> None:
    shutil.copytree(demo_directory, tmp_path / "data")
    async with AsyncExitStack() as stack:
        running = stack.enter_context(restarting(tmp_path / "data"))
        persons = await stack.enter_async_context(people(running.server.api, "ada", "root"))
        steps = Steps(persons["ada"])
        since = await steps.begin(persons["root"])

        plain = await stack.enter_async_context(running.behind(Proxy(running.port)))
        without_websockets = await stack.enter_async_context(running.behind(Proxy(running.port, refuses_upgrades=True)))
        ways = [(plain, ["websocket"]), (plain, ["long-polling"])]
        if library != AIOCOMETD:  # it never falls back
            ways.append((without_websockets, ["websocket", "long-polling"]))
        clients = [
            await stack.enter_async_context(
                subscriber(node, library, f"http://127.0.0.1:{proxy.port}", transports, "ada")
            )
            for proxy, transports in ways
        ]
        ears = [Ear(client) for client in clients]
        for client in clients:
            await client.subscribes(ME, since)
        await all_hear(ears, await steps.go_on())
        assert [await client.transport() for client in clients[:2]] == ["websocket", "long-polling"]
        assert {await client.transport() for client in clients[2:]} <= {"long-polling"}

        for break_off in (Proxy.cut, Proxy.stall):
            for proxy in (plain, without_websockets):
                break_off(proxy)
            await steps.go_on()
            if library == "faye":  # it says farewell to a stalled websocket, and waits for the answer to that
                plain.cut()
            await all_hear(ears, await steps.go_on())

        await running.restart()
        for person in persons.values():
            person.api = running.server.api
        await steps.go_on()
        running.is_back()
        await all_hear(ears, await steps.go_on())

        for client in clients:
            await client.unsubscribes(ME)
        await steps.go_on()
        for client, ear in zip(clients, ears, strict=True):
            await client.disconnects()
            assert len(ear.heard(WORKITEMS, "workitem")) == steps.taken - 1
        assert (await persons["root"].get("/system/sessions")).body["sessions"] == []
