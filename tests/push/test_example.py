"""The server in examples/ is a whole Bayeux server: started as its page says, spoken to from outside."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.push.wire import Message, connect, publish, seen, shake, subscribe

SCRIPT = Path(__file__).parent.parent.parent / "examples" / "bayeux_server.py"
PATIENCE_S = 20.0


class Example:
    """The example, running."""

    def __init__(self, *flags: str) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, SCRIPT, "--port", str(self.port), *flags],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        while "running on" not in (line := self.process.stderr.readline()):
            assert line, "it ended instead of running"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bayeux"

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE_S)

    def jar(self) -> "Jar":
        return Jar(self)

    @asynccontextmanager
    async def websocket(self, **more: Any) -> AsyncIterator["WebSocket"]:
        async with open_websocket(self.url.replace("http", "ws"), **more) as connection:
            yield WebSocket(connection)

    async def push(self, channel: str, data: Any, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            wish = {"channel": channel, "data": data, **more}
            return await client.post(f"http://127.0.0.1:{self.port}/push", json=wish)


class Jar:
    """A browser: everything from it brings the same cookies."""

    def __init__(self, example: Example) -> None:
        self.http = httpx.AsyncClient(timeout=PATIENCE_S)
        self.url = example.url

    async def __aenter__(self) -> "Jar":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.http.aclose()

    async def ask(self, *messages: Message, path: str = "") -> list[Message]:
        answer = await self.http.post(self.url + path, json=messages)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert isinstance(found, list)
        return found

    async def session(self, *channels: str, **ext: Any) -> str:
        [reply] = await self.ask(shake(ext=ext))
        client: str = reply["clientId"]
        for channel in channels:
            await self.ask(subscribe(client, channel))
        await self.ask(connect(client))
        return client

    async def hears(self, client: str) -> list[Message]:
        """All that comes until nothing more does."""
        found: list[Message] = []
        while len(messages := await self.ask(connect(client, advice={"timeout": 0}))) > 1:
            found += messages[:-1]
        return found


class WebSocket:
    """A websocket that brings no cookies."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def messages(self) -> list[Message]:
        async with asyncio.timeout(PATIENCE_S):
            found = json.loads(await self.connection.recv())
        assert isinstance(found, list)
        return found

    async def ask(self, *messages: Message) -> list[Message]:
        await self.connection.send(json.dumps(messages))
        return await self.messages()

    async def close_code(self) -> int | None:
        """Read on until the server closes; with which code."""
        try:
            while True:
                await self.messages()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else None


@pytest.fixture(scope="module")
def example() -> Iterator[Example]:
    running = Example()
    yield running
    running.stop()


def test_it_is_short() -> None:
    assert len(SCRIPT.read_text().splitlines()) < 150


async def test_clients_publish_on_the_free_channels_only(example: Example) -> None:
    """And hear each other."""
    async with example.jar() as ada, example.jar() as grace:
        listener = await grace.session("/bx/**")
        client = await ada.session()
        [reply] = await ada.ask(publish(client, "/bx/a/b", {"text": "hi"}))
        assert reply["successful"]
        [event] = await grace.hears(listener)
        assert (event["channel"], event["data"]) == ("/bx/a/b", {"text": "hi"})
        assert type(event["ext"]["replay"]) is int
        [refused] = await ada.ask(publish(client, "/elsewhere", 1))
        assert refused["error"].startswith("403:")


async def test_what_is_denied_is_denied(example: Example) -> None:
    async with example.jar() as ada:
        [reply] = await ada.ask(shake(ext={"deny": True}))
        assert (reply["successful"], reply["advice"]["reconnect"]) == (False, "none")
        client = await ada.session()
        for pattern in ("/denied/anything", "/denied/**"):
            [reply] = await ada.ask(subscribe(client, pattern))
            assert reply["error"].startswith("403:")


async def test_what_is_denied_is_not_heard_by_those_who_hear_everything(example: Example) -> None:
    async with example.jar() as ada:
        client = await ada.session("/**")
        assert (await example.push("/denied/anything", 1)).json()["published"] == 0
        await example.push("/news", 2)
        assert [event["channel"] for event in await ada.hears(client)] == ["/news"]


async def test_the_server_publishes_when_asked_to(example: Example) -> None:
    async with example.jar() as ada:
        client = await ada.session("/bx/pushed", "/news")
        assert (await example.push("/bx/pushed", [1], count=3)).json()["published"] == 3
        assert (await example.push("/news", "unnumbered")).status_code == 200
        events = await ada.hears(client)
        assert seen(events) == [[1], [1], [1], "unnumbered"]
        assert "ext" not in events[-1]
        for wish in ({"channel": "/bx/*", "data": 1}, {"channel": "/meta/x", "data": 1}, {"channel": "/bx/a"}):
            async with httpx.AsyncClient() as client_:
                assert (await client_.post(f"http://127.0.0.1:{example.port}/push", json=wish)).status_code == 400


async def test_another_browser_does_not_get_the_session(example: Example) -> None:
    """It belongs to the cookie, whatever the connection."""
    async with example.jar() as ada, example.jar() as eve:
        client = await ada.session("/bx/a")
        cookie = ada.http.cookies["BAYEUX_BROWSER"]
        await ada.session()
        assert ada.http.cookies["BAYEUX_BROWSER"] == cookie
        for _ in range(2):  # without any cookie, and with one of its own
            [reply] = await eve.ask(connect(client))
            assert reply["error"].startswith("402:")
            await eve.session()
        async with example.jar() as again:
            again.http.cookies.set("BAYEUX_BROWSER", cookie)
            [reply] = await again.ask(connect(client, advice={"timeout": 0}))
            assert reply["successful"]


async def test_a_session_goes_on_over_a_new_websocket(example: Example) -> None:
    """Without cookies, and with those of the browser that began it by polling."""
    async with example.websocket() as first:
        [reply] = await first.ask(shake())
        client = reply["clientId"]
        await first.ask(subscribe(client, "/bx/ws"))
        await first.ask(connect(client))
    await example.push("/bx/ws", "meanwhile")
    async with example.websocket() as second:
        assert seen(await second.ask(connect(client, advice={"timeout": 0}))) == ["meanwhile"]
    async with example.jar() as ada:
        client = await ada.session("/bx/ws")
        await example.push("/bx/ws", "polled until now")
        cookie = f"BAYEUX_BROWSER={ada.http.cookies['BAYEUX_BROWSER']}"
        async with example.websocket(additional_headers={"cookie": cookie}) as third:
            assert seen(await third.ask(connect(client))) == ["polled until now"]


async def test_script_tags_are_answered(example: Example) -> None:
    async with httpx.AsyncClient() as http:
        message = json.dumps(shake(supportedConnectionTypes=["callback-polling"]))
        answer = await http.get(example.url, params={"jsonp": "cb", "message": message})
        assert answer.text.startswith("/**/cb([")
        assert "BAYEUX_BROWSER" in http.cookies
        assert (await http.get(example.url, params={"jsonp": "a(b)", "message": message})).status_code == 400
        assert (await http.get(example.url, params={"message": message})).status_code == 405


async def test_pages_of_this_machine_may_use_it_and_no_others(example: Example) -> None:
    async with httpx.AsyncClient() as http:
        for origin, is_ours in (("http://localhost:3000", True), ("http://evil.example", False)):
            asked = {"origin": origin, "access-control-request-method": "POST"}
            answer = await http.options(f"{example.url}/connect", headers=asked)
            assert answer.headers.get("access-control-allow-origin") == (origin if is_ours else None)
            assert ("content-type" in answer.headers.get("access-control-allow-headers", "")) is is_ours or not is_ours
            [reply] = (await http.post(example.url, json=[shake()], headers={"origin": origin})).json()
            assert reply["successful"] is is_ours
    with pytest.raises(InvalidStatus):
        async with example.websocket(origin="http://evil.example"):
            pass


async def test_the_last_10000_events_can_be_had_again() -> None:
    """Over both transports, in order, and what is older is told as a gap."""
    example = Example()
    try:
        await example.push("/bx/kept", "x", count=10_050)
        async with example.jar() as ada:
            client = await ada.session(replay=True)
            [reply] = await ada.ask(subscribe(client, "/bx/**", ext={"replay": {"/bx/**": 7}}))
            assert reply["ext"] == {"replay": {"gap": True, "oldest": 51}}
            await example.push("/bx/kept", "new")
            assert [event["ext"]["replay"] for event in await ada.hears(client)] == list(range(51, 10_052))
            async with example.websocket() as socket_:
                [reply] = await socket_.ask(shake(ext={"replay": True}))
                client = reply["clientId"]
                await socket_.ask(connect(client))
                await socket_.connection.send(json.dumps([connect(client)]))
                await socket_.connection.send(json.dumps([subscribe(client, "/bx/*", ext={"replay": {"/bx/*": -2}})]))
                got: list[int] = []
                while not got or got[-1] < 10_051:
                    for message in await socket_.messages():
                        if "data" in message:
                            got.append(message["ext"]["replay"])
                        elif message["channel"] == "/meta/connect":
                            await socket_.connection.send(json.dumps([connect(client)]))
                assert got == list(range(52, 10_052))
    finally:
        example.stop()


async def test_its_flags_say_how_long_it_waits() -> None:
    """And it says good-bye when it is stopped."""
    example = Example("--timeout-ms", "600", "--max-interval-ms", "2000", "--sweep-ms", "50")
    try:
        async with example.jar() as ada:
            client = await ada.session()
            assert await ada.ask(connect(client)) == [{"channel": "/meta/connect", "successful": True, "id": "c"}]
            [reply] = await ada.ask(shake())
            assert (reply["advice"]["timeout"], reply["advice"]["maxInterval"]) == (600, 2_000)
            other = reply["clientId"]
            for _ in range(5):  # each but the first is held for 600 ms
                await ada.ask(connect(other))
            [reply] = await ada.ask(connect(client))
            assert reply["error"].startswith("402:")
            async with example.websocket() as held:
                [reply] = await held.ask(shake())
                await held.ask(connect(reply["clientId"]))
                example.process.terminate()
                assert await held.close_code() == 1001
    finally:
        example.stop()
