"""The server is asked to stop in the middle of everything: it lets go of everybody politely, and loses nothing."""

import asyncio
import random
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.clients.bayeux import Listener, Message
from tests.clients.person import Person, people
from tests.server import Server, serving
from tests.stories.history import nothing_is_lost_or_halved
from tests.stories.load import AGENTS, Load


def exchange_of(person: Person) -> Listener:
    """The notifications as this person hears them."""

    async def exchange(messages: list[Message]) -> list[Message]:
        async with person.http.post(f"{person.api}/notifications", json=messages) as answer:
            assert answer.status == 200, await answer.text()
            received: list[Message] = await answer.json()
            return received

    return Listener(exchange)


async def test_a_stop_under_load_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--demo") as server:
        async with people(server.api, *AGENTS, "root") as persons:
            load = Load(persons, server, random.Random(7))
            await load.opens()
            load.goes_on()
            await load.has_come_to(60)
            load.may_cut = True
            server.ask_to_stop()
            assert await asyncio.to_thread(server.wait) == 0
            await load.is_cut_off()
            nothing_is_lost_or_halved(server.directory, load, persons)
        assert "Traceback" not in server.log()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_whoever_waits_for_news_is_answered_at_the_stop(server: Server, number: signal.Signals) -> None:
    async with people(server.api, "ada") as persons:
        listener = exchange_of(persons["ada"])
        await listener.listens("/v2/me/*")
        await persons["ada"].becomes("Ready", "email")
        await listener.has_heard(2)
        server.process.send_signal(number)
        reply = await listener.is_let_go()
        assert (reply["successful"], reply["advice"]["reconnect"]) == (False, "handshake"), "it may come back later"
        assert await asyncio.to_thread(server.wait) == 0


async def test_a_websocket_is_closed_at_the_stop(server: Server) -> None:
    async with (
        people(server.api, "ada") as persons,
        persons["ada"].http.ws_connect(f"{server.api}/notifications") as socket,
    ):
        shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["websocket"]}
        await socket.send_json([shake])
        [reply] = await socket.receive_json(timeout=20)
        assert reply["successful"]
        server.ask_to_stop()
        while (message := await socket.receive(timeout=20)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert await asyncio.to_thread(server.wait) == 0


async def test_a_stopped_server_starts_again_with_everything_in_its_place(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--demo") as server:
        async with people(server.api, "ada", "root") as persons:
            ada, root = persons["ada"], persons["root"]
            await ada.becomes("Ready", "workitem")
            body = {"mediaType": "workitem", "queueName": "support", "subject": "Stays"}
            interaction = (await root.did("/interactions", body)).body["id"]
            assert server.stop() == 0
            # The demo's data is made once only.
            with serving(tmp_path / "data", "--demo") as again:
                ada.api = root.api = again.api
                shown = (await ada.get(f"/interactions/{interaction}")).body["interaction"]
                assert (shown["state"], shown["subject"]) == ("Invited", "Stays")
                assert (await ada.operates(interaction, "Accept")).body["statusCode"] == 0
                users = (await root.get("/users?fields=userName")).body["users"]
                assert sorted(one["userName"] for one in users) == ["ada", "grace", "linus", "root", "sam"]
                assert again.stop() == 0
