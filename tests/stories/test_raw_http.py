"""Notifications byte by byte: whatever way a request takes to arrive, its answer is the same."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from frontdesk.demo import PASSWORD
from tests.clients.bayeux import Message
from tests.clients.person import people
from tests.server import Server

PATIENCE_S = 20.0
SHAKE = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def replies(self) -> list[Message]:
        assert self.status == 200, self
        found: list[Message] = json.loads(self.body)
        return found


class Line:
    """A TCP connection of ada's to the server, and what goes over it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._client = ""

    def sends(self, *parts: bytes) -> None:
        for part in parts:
            self._writer.write(part)

    async def answer(self) -> Answer:
        async with asyncio.timeout(PATIENCE_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(head[0].split()[1]), headers, body)

    async def is_closed(self) -> bool:
        async with asyncio.timeout(PATIENCE_S):
            return await self._reader.read(1) == b""

    def hangs_up(self) -> None:
        self._writer.transport.abort()

    async def opens_a_session(self, *channels: str) -> None:
        self.sends(request(SHAKE))
        self._client = (await self.answer()).replies[0]["clientId"]
        for channel in channels:
            self.sends(request({"channel": "/meta/subscribe", "clientId": self._client, "subscription": channel}))
            assert (await self.answer()).replies[0]["successful"]
        self.sends(request(self.connect))
        assert (await self.answer()).replies[0]["successful"]

    @property
    def connect(self) -> Message:
        return {"channel": "/meta/connect", "clientId": self._client, "connectionType": "long-polling"}

    @property
    def ask(self) -> Message:
        """A connect that is answered at once."""
        return {**self.connect, "id": "asks", "advice": {"timeout": 0}}


def request(*messages: Message, headers: str = "", version: str = "1.1", user: str = "ada") -> bytes:
    body = json.dumps(messages).encode()
    head = f"POST /api/v2/notifications/connect HTTP/{version}\r\nHost: desk\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Basic {base64.b64encode(f'{user}:{PASSWORD}'.encode()).decode()}\r\n{headers}"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(whole: bytes) -> bytes:
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    halves = body[:7], body[7:]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(half), half) for half in halves)
    return b"\r\n".join([*lines, b"Transfer-Encoding: chunked"]) + b"\r\n\r\n" + chunks + b"0\r\n\r\n"


async def dialled(server: Server) -> Line:
    host, port = server.url.removeprefix("http://").split(":")
    return Line(*await asyncio.open_connection(host, int(port)))


@pytest.fixture
async def line(server: Server) -> AsyncIterator[Line]:
    dialled_line = await dialled(server)
    await dialled_line.opens_a_session("/v2/me/*")
    yield dialled_line
    dialled_line.hangs_up()


async def is_held(server: Server, count: int) -> None:
    """Return when the server holds so many connects."""
    async with asyncio.timeout(PATIENCE_S), people(server.api, "root") as persons:
        while True:
            async with persons["root"].http.get(f"{server.url}/metrics") as answer:
                if f"\nfrontdesk_push_held_now {count}.0" in await answer.text():
                    return


async def something_happens(server: Server) -> None:
    async with people(server.api, "ada") as persons:
        body = {"operationName": "StartContactCenterSession", "channels": ["email"]}
        await persons["ada"].did("/me", body)


async def test_a_request_may_come_byte_by_byte(line: Line) -> None:
    for byte in request(line.ask):
        line.sends(bytes([byte]))
        await asyncio.sleep(0)
    assert (await line.answer()).replies[0]["id"] == "asks"


@pytest.mark.parametrize("at", [1, 30, -1])
async def test_a_request_may_come_in_two_pieces(server: Server, line: Line, at: int) -> None:
    """Cut in its head, or before its last byte: the second piece comes when the first has been read."""
    whole = request(line.ask)
    line.sends(whole[:at])
    await is_held(server, 0)  # it has answered others meanwhile
    line.sends(whole[at:])
    assert (await line.answer()).replies[0]["id"] == "asks"


async def test_a_body_may_come_in_chunks(line: Line) -> None:
    line.sends(chunked(request(line.ask)))
    assert (await line.answer()).replies[0]["id"] == "asks"


async def test_a_client_may_ask_whether_it_should_go_on(line: Line) -> None:
    head, _, body = request(line.ask, headers="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    line.sends(head + b"\r\n\r\n")
    assert (await line.answer()).status == 100
    line.sends(body)
    assert (await line.answer()).replies[0]["id"] == "asks"


async def test_requests_that_come_together_are_answered_in_their_order(line: Line) -> None:
    line.sends(b"".join(request({**line.ask, "id": str(number)}) for number in range(5)))
    assert [(await line.answer()).replies[0]["id"] for _ in range(5)] == ["0", "1", "2", "3", "4"]


async def test_what_comes_behind_a_held_connect_waits_for_its_turn(server: Server, line: Line) -> None:
    line.sends(request(line.connect) + request({**line.ask, "id": "behind"}))
    await is_held(server, 1)
    await something_happens(server)
    assert (await line.answer()).replies[0]["channel"] == "/v2/me/channels"
    assert (await line.answer()).replies[-1]["id"] == "behind"


async def test_a_client_that_hangs_up_is_noticed(server: Server, line: Line) -> None:
    line.sends(request(line.connect))
    await is_held(server, 1)
    line.hangs_up()
    await is_held(server, 0)


async def test_a_client_that_wants_the_connection_closed_gets_its_answer_first(server: Server, line: Line) -> None:
    line.sends(request(line.connect, headers="Connection: close\r\n"))
    await is_held(server, 1)
    await something_happens(server)
    answer = await line.answer()
    assert answer.replies[0]["channel"] == "/v2/me/channels"
    assert answer.headers["connection"] == "close"
    assert await line.is_closed()


async def test_an_old_client_is_answered_too(server: Server, line: Line) -> None:
    line.sends(request(line.ask, version="1.0"))
    assert (await line.answer()).replies[0]["id"] == "asks"
    assert await line.is_closed()


async def test_every_answer_has_its_headers(server: Server, line: Line) -> None:
    """Held or not."""
    line.sends(request(line.ask))
    at_once = await line.answer()
    line.sends(request(line.connect))
    await is_held(server, 1)
    await something_happens(server)
    for answer in (at_once, await line.answer()):
        assert answer.headers["content-type"] == "application/json;charset=UTF-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_each_request_is_looked_at_for_who_asks(server: Server, line: Line) -> None:
    """Over the same connection: another user does not get the session, and a sign-in that has ended gets nothing."""
    line.sends(request(line.ask))
    assert (await line.answer()).replies[0]["successful"]
    line.sends(request(line.ask, user="grace"))
    assert (await line.answer()).replies[0]["error"].startswith("402::")
    async with people(server.api, "ada", "root") as persons:
        await persons["root"].request("PUT", f"/users/{persons['ada'].id}", {"enabled": False})
    line.sends(request(line.ask))
    assert (await line.answer()).replies[0]["error"].startswith("401::")


async def test_a_page_of_another_site_is_told_no_over_the_same_connection(server: Server, line: Line) -> None:
    line.sends(request(line.ask, headers="Origin: https://elsewhere.example\r\n"))
    answer = await line.answer()
    assert answer.replies[0]["error"].startswith("403::")
    assert "access-control-allow-origin" not in answer.headers
    line.sends(request(line.ask, headers=f"Origin: {server.url}\r\n"))
    assert (await line.answer()).replies[0]["successful"]


@pytest.mark.parametrize(
    "nonsense",
    [
        b"NONSENSE\r\n\r\n",
        b"POST /api/v2/notifications HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST /api/v2/notifications HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused(line: Line, nonsense: bytes) -> None:
    line.sends(nonsense)
    assert (await line.answer()).status == 400
    assert await line.is_closed()
