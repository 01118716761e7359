"""A lean client: prebuilt requests over kept-alive connections, and websockets that mostly count.

It must cost a fraction of what the server spends, or it would be what is measured. So it understands just what our
server sends: answers with a content-length, one at a time, and unmasked frames that are not split.
"""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import msgspec

_HEAD_END = b"\r\n\r\n"
_LENGTH, _LENGTH_OF_NODE = b"content-length: ", b"Content-Length: "
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_NO_MASK = b"\0\0\0\0"  # a client has to mask; with this key the bytes stay what they are


class Fault(Exception):
    """The server did what a measurement cannot go on with."""


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header; names are lower-case."""
        mark = f"\r\n{name}: ".encode()
        at = self.head.find(mark)
        if at < 0:
            return None
        end = self.head.find(b"\r\n", at + len(mark))
        return self.head[at + len(mark) : end if end >= 0 else None].decode()

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if method != "GET":
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + _HEAD_END + body


async def until(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    """Return when it is so: what has to become so comes over a socket, and nobody is measured meanwhile."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - an event for each would have to be set within the measurement
            await asyncio.sleep(0.001)


class Connection(asyncio.Protocol):
    """A kept-alive HTTP connection. `on_answer` is called with the status line, head and body of each answer."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._held = b""
        self._awaited: asyncio.Future[Answer] | None = None
        self.port = 0
        self.on_answer: Callable[[bytes, bytes], None] = _ignore_answer
        self.is_lost = False

    @classmethod
    async def to(cls, port: int) -> "Connection":
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        connection.port = port
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one only by its methods

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_exception(Fault(f"the server closed a connection ({exc})"))

    def send(self, prepared: bytes) -> None:
        self._transport.write(prepared)

    async def ask(self, prepared: bytes) -> Answer:
        """Send a request outside of a measurement and wait for its answer."""
        self._awaited = asyncio.get_running_loop().create_future()
        self.send(prepared)
        try:
            return await asyncio.wait_for(self._awaited, 30)
        finally:
            self._awaited = None

    def data_received(self, data: bytes) -> None:
        if self._held:
            data, self._held = self._held + data, b""
        end = data.find(_HEAD_END)
        at = data.find(_LENGTH, 0, end)
        if at < 0:
            at = data.find(_LENGTH_OF_NODE, 0, end)
        if end < 0 or at < 0:
            self._held = data
            return
        length = int(data[at + len(_LENGTH) : data.find(b"\r", at)])
        whole = end + len(_HEAD_END) + length
        if len(data) < whole:
            self._held = data
            return
        body = data[end + len(_HEAD_END) : whole]
        if self._awaited is None:
            self.on_answer(data[:end], body)
        elif not self._awaited.done():
            self._awaited.set_result(Answer(int(data[9:12]), data[:end], body))

    def close(self) -> None:
        self._transport.close()


class Socket(asyncio.Protocol):
    """A websocket. `on_frame(text)` is called with each frame."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._held = b""
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_frame: Callable[[bytes], None] = _ignore_frame
        self.is_lost = False

    @classmethod
    async def to(cls, port: int, path: str, headers: dict[str, str]) -> "Socket":
        _, socket = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        upgrade = {
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": base64.b64encode(os.urandom(16)).decode(),
        }
        socket._transport.write(request("GET", path, headers | upgrade))
        await asyncio.wait_for(socket._opened, 30)
        return socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one only by its methods

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if not self._opened.done():
            self._opened.set_exception(Fault(f"the server closed a websocket ({exc})"))

    def send(self, text: bytes) -> None:
        self._transport.write(_frame(_TEXT, text))

    async def ask(self, text: bytes) -> Any:
        """Send a frame and wait for the next one that comes."""
        answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def answer(frame: bytes) -> None:
            self.on_frame = _ignore_frame
            answered.set_result(frame)

        self.on_frame = answer
        self.send(text)
        return msgspec.json.decode(await asyncio.wait_for(answered, 30))

    def data_received(self, data: bytes) -> None:
        if self._held:
            data, self._held = self._held + data, b""
        at = 0
        if not self._opened.done():
            at = data.find(_HEAD_END) + len(_HEAD_END)
            if at < len(_HEAD_END):
                self._held = data
                return
            if not data.startswith(b"HTTP/1.1 101 "):
                self._opened.set_exception(Fault(f"no websocket: {data[:at].decode()!r}"))
                return
            self._opened.set_result(None)
        while (end := self._read(data, at)) > at:
            at = end
        self._held = data[at:]

    def _read(self, data: bytes, at: int) -> int:
        """Handle the frame at `at`; where it ends, or `at` if it is not there yet."""
        left = len(data) - at
        if left < 2:
            return at
        length, begin = data[at + 1], at + 2
        if length >= 126:
            width = 2 if length == 126 else 8
            if left < 2 + width:
                return at
            length, begin = int.from_bytes(data[begin : begin + width]), begin + width
        end = begin + length
        if end > len(data):
            return at
        kind = data[at] & 0x0F
        if kind == _TEXT:
            self.on_frame(data[begin:end])
        elif kind == _PING:
            self._transport.write(_frame(_PONG, data[begin:end]))
        elif kind == _CLOSE:
            self._transport.close()
        return end

    def close(self) -> None:
        self._transport.close()


def _ignore_answer(_head: bytes, _body: bytes) -> None:
    """What an idle connection does."""


def _ignore_frame(_text: bytes) -> None:
    """What a socket does on which nothing is counted."""


def _frame(kind: int, payload: bytes) -> bytes:
    length = len(payload)
    head = bytes((0x80 | kind, 0x80 | length)) if length < 126 else bytes((0x80 | kind, 0xFE)) + length.to_bytes(2)
    return head + _NO_MASK + payload
