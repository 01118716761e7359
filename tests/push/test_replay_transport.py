"""Replay over real sockets, with a history that takes its time."""

import asyncio
import json

import pytest

from frontdesk.push.history import Page
from tests.push.serving import Serving, serving
from tests.push.wire import Ledger, Message, connect, shake, subscribe

ALL = "/v2/me/*"

pytestmark = pytest.mark.usefixtures("both_ways")


def since(client: str, number: int) -> Message:
    return subscribe(client, ALL, ext={"replay": {ALL: number}})


def numbers(messages: list[Message]) -> list[int]:
    return [message["ext"]["replay"] for message in messages if "data" in message]


class SlowLedger(Ledger):
    """One that lets others have a turn before it answers, fails now and then, and counts."""

    def __init__(self, *, failures: int = 0) -> None:
        super().__init__()
        self.failures = failures
        self.reads = 0
        self.most_at_once = 0
        self._at_once = 0

    async def after(self, principal: str, number: int, most: int) -> Page:
        self.reads += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0)
        self._at_once -= 1
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is busy")
        return self.page(number, most)


async def test_a_poller_is_told_what_it_missed_while_more_happens() -> None:
    async with serving(ledger=SlowLedger(), replay_events=20) as server:
        for _ in range(500):
            server.happens(("/v2/me/a", "before"))
        http = await server.http()
        client = await http.session()
        assert (await http.post(since(client, 100))).messages[0]["successful"]
        got: list[int] = []
        while not got or got[-1] < 700:
            got += numbers((await http.post(connect(client))).messages)
            if server.ledger.newest < 700:
                server.happens(("/v2/me/a", "meanwhile"), ("/v2/me/b", "meanwhile"))
        assert list(dict.fromkeys(got)) == list(range(101, 701))
        assert got == sorted(got)


async def test_a_websocket_is_told_what_it_missed_while_more_happens() -> None:
    """And every frame has whole events in it."""
    async with serving(ledger=SlowLedger(), replay_events=20) as server:
        for _ in range(2_000):
            server.happens(("/v2/me/a", "before"), ("/v2/me/b", "before"))
        socket = await server.websocket()
        client = await socket.session()
        socket.send(since(client, 0))
        got: list[int] = []
        while not got or got[-1] < 2_300:
            messages = await socket.messages()
            if any(message["channel"] == "/meta/connect" for message in messages):
                socket.send(connect(client))
            frame = numbers(messages)
            assert all(frame.count(number) == 2 for number in frame)
            got += frame
            if server.ledger.newest < 2_300:
                for _ in range(10):
                    server.happens(("/v2/me/a", "meanwhile"), ("/v2/me/b", "meanwhile"))
        assert got == [number for number in range(1, 2_301) for _ in "ab"]
        assert server.push.counts.overflows == 0


async def test_a_long_replay_holds_up_nobody() -> None:
    """Others are answered between any two pages of it."""
    ledger = SlowLedger()
    async with serving(ledger=ledger, replay_events=10) as server:
        for _ in range(1_900):
            server.happens(("/v2/me/a", "before"))
        busy, other = await server.websocket(), await server.websocket()
        client, bystander = await busy.session(), await other.session("/v2/me/a", "/chat/a")
        busy.send(since(client, 0))
        reads_at = []
        for _ in range(10):
            await other.ask(subscribe(bystander, "/chat/b"))
            reads_at.append(ledger.reads)
        assert reads_at[-1] < 190, "it was over before the other was heard ten times"


async def test_a_thousand_who_come_back_at_once_are_read_for_a_few_at_a_time() -> None:
    ledger = SlowLedger()
    async with serving(ledger=ledger) as server:
        for _ in range(30):
            server.happens(("/v2/me/a", "before"))
        sockets = [await server.websocket() for _ in range(100)]
        clients = [(await socket.ask(shake()))[0]["clientId"] for socket in sockets]
        for socket, client in zip(sockets, clients, strict=True):
            socket.send(since(client, 10))
        for socket in sockets:
            got: list[int] = []
            while len(got) < 20:
                got += numbers(await socket.messages())
            assert got == list(range(11, 31))
        assert ledger.most_at_once <= 4


async def test_a_history_that_is_busy_is_asked_again() -> None:
    async with serving(ledger=SlowLedger(failures=3)) as server:
        server.happens(("/v2/me/a", "before"))
        http = await server.http()
        client = await http.session()
        assert "ext" not in (await http.post(since(client, 0))).messages[0]
        assert numbers((await http.post(connect(client))).messages) == [1]


async def test_a_history_that_cannot_be_read_is_told_as_a_gap() -> None:
    """Within a bounded time."""
    async with serving(ledger=SlowLedger(failures=10**6), replay_ms=200) as server:
        server.happens(("/v2/me/a", "before"))
        http = await server.http()
        client = await http.session()
        (reply,) = (await http.post(since(client, 0))).messages
        assert reply["successful"]
        assert reply["ext"] == {"replay": {"gap": True}}
        server.happens(("/v2/me/a", "new"))
        assert numbers((await http.post(connect(client))).messages) == [2]


@pytest.mark.parametrize("is_websocket", [True, False])
async def test_who_is_cut_off_in_the_middle_misses_nothing(server: Serving, is_websocket: bool) -> None:
    """It comes back with the session it had."""
    for _ in range(1_000):
        server.happens(("/v2/me/a", "before"))
    got: list[int] = []
    if is_websocket:
        socket = await server.websocket()
        client = await socket.session()
        socket.send(since(client, 0))
        while len(got) < 100:
            got += numbers(await socket.messages())
        socket.cut()
        socket = await server.websocket()
        socket.send(connect(client, advice={"timeout": 0}))
        while got[-1] < 1_000:
            messages = await socket.messages()
            got += [number for number in numbers(messages) if number > got[-1]]
            if any(message["channel"] == "/meta/connect" for message in messages):
                socket.send(connect(client))
    else:
        http = await server.http()
        client = await http.session()
        await http.post(since(client, 0))
        got += numbers((await http.post(connect(client))).messages)
        http.request(json.dumps([connect(client)]).encode())
        http.cut()
        while got[-1] < 1_000:
            http = await server.http()
            messages = (await http.post(connect(client, advice={"timeout": 0}))).messages
            got += [number for number in numbers(messages) if number > got[-1]]
    assert got == list(range(1, 1_001))
