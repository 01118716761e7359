"""What leaves the HTTP server, piece by piece: an answer goes out whole, and nothing a client waits for is held."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import uvicorn

from frontdesk.core.settings import Settings
from frontdesk.http_server import WholeAnswers
from frontdesk.serving import bound_socket, http_config

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"


class Wire(asyncio.Transport):
    """Stands for a socket: what was written to it, write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


def test_the_head_of_an_answer_waits_for_its_body() -> None:
    wire = Wire()
    answers = WholeAnswers(wire)

    answers.write(HEAD)
    answers.write(b"body")

    assert wire.written == [HEAD + b"body"]


def test_each_answer_on_a_connection_goes_out_once_and_whole() -> None:
    wire = Wire()
    answers = WholeAnswers(wire)

    for _ in range(2):
        answers.write(HEAD)
        answers.write(b"body")
        answers.flush()

    assert wire.written == [HEAD + b"body"] * 2


@pytest.mark.parametrize("piece", [b"4\r\nbody\r\n", b"0\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_what_is_no_head_of_an_answer_goes_out_at_once(piece: bytes) -> None:
    wire = Wire()

    WholeAnswers(wire).write(piece)

    assert wire.written == [piece]


def test_a_connection_closes_after_a_head_without_a_body() -> None:
    wire = Wire()
    answers = WholeAnswers(wire)

    answers.write(HEAD)
    answers.close()

    assert wire.written == [HEAD]
    assert answers.is_closing()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what it was sent."""
    body = b""
    while scope["method"] == "POST":
        message = await receive()
        body += message["body"]
        if not message["more_body"]:
            break
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def running(app: Any = app, *, idle_s: float | None = None) -> AsyncIterator[Callable[[], Awaitable[Line]]]:
    """A running server, and what connects to it. Connections may be idle for `idle_s`, or as long as in the product."""
    sock = bound_socket("127.0.0.1", 0)
    config = http_config(app, Settings().server)
    if idle_s is not None:
        config.timeout_keep_alive = cast(int, idle_s)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    lines: list[Line] = []

    async def connects() -> Line:
        lines.append(await asyncio.open_connection(*sock.getsockname()[:2]))
        return lines[-1]

    try:
        yield connects
    finally:
        for _, writer in lines:
            writer.close()
        server.should_exit = True
        await serving


@asynccontextmanager
async def connection() -> AsyncIterator[Line]:
    """To a running server, on a socket."""
    async with running() as connects:
        yield await connects()


@pytest.mark.parametrize("method", ["HEAD", "GET"])
async def test_an_answer_without_a_body_comes_too(method: str) -> None:
    async with asyncio.timeout(20), connection() as (reader, writer):
        for _ in range(2):
            writer.write(b"%b / HTTP/1.1\r\nhost: here\r\n\r\n" % method.encode())
            head = await reader.readuntil(b"\r\n\r\n")

            assert head.startswith(b"HTTP/1.1 200 OK")


async def test_a_client_that_asks_may_go_on_before_it_sends_its_body() -> None:
    async with asyncio.timeout(20), connection() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n")

        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
        writer.write(b"hello")
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(5) == b"hello"


async def test_answers_come_in_the_order_of_requests_sent_at_once() -> None:
    async with asyncio.timeout(20), connection() as (reader, writer):
        for body in (b"one", b"two", b"six"):
            writer.write(b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 3\r\n\r\n" + body)

        for body in (b"one", b"two", b"six"):
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(3) == body


async def test_who_connects_and_says_nothing_is_not_kept() -> None:
    async with asyncio.timeout(20), running(idle_s=0.1) as connects:
        reader, _ = await connects()
        assert await reader.read() == b""


@pytest.mark.parametrize("before", [b"", b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\n\r\nhello"])
async def test_who_never_comes_to_the_end_of_a_head_is_not_kept(before: bytes) -> None:
    """However often another line of it comes, also after a whole request."""
    async with asyncio.timeout(20), running(idle_s=0.1) as connects:
        reader, writer = await connects()
        writer.write(before + b"GET / HTTP/1.1\r\n")
        closed = asyncio.create_task(reader.read())
        while not closed.done():
            writer.write(b"x-more: and more\r\n")
            await asyncio.sleep(0)
        assert closed.exception() or closed.result().count(b"HTTP/1.1 200 OK") == bool(before)


async def test_a_head_has_a_bound() -> None:
    async with asyncio.timeout(20), connection() as (reader, writer):
        closed = asyncio.create_task(reader.read())
        writer.write(b"GET / HTTP/1.1\r\n")
        while not closed.done():
            writer.write(b"x-more: and more\r\n")
            await asyncio.sleep(0)
        assert closed.exception() or closed.result().startswith(b"HTTP/1.1 400 ")


async def test_a_long_head_within_the_bound_is_read() -> None:
    async with asyncio.timeout(20), connection() as (reader, writer):
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\n")
            for _ in range(500):
                writer.write(
                    b"x-more: and a hundred letters more, as they are in cookies of a site that has many of them\r\n"
                )
            writer.write(b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")


async def test_whoever_waits_for_an_answer_is_kept() -> None:
    """For longer than somebody who came later and says nothing."""
    may_answer = asyncio.Event()

    async def app_that_takes_its_time(scope: Any, receive: Any, send: Any) -> None:
        await may_answer.wait()
        await app(scope, receive, send)

    async with asyncio.timeout(20), running(app_that_takes_its_time, idle_s=0.1) as connects:
        reader, writer = await connects()
        writer.write(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
        silent, _ = await connects()
        await silent.read()
        may_answer.set()
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
