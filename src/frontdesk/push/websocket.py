"""Bayeux over a websocket: frames of messages in, frames of replies and events out, as they come.

A peer that does not read is not read from either, keeps a bounded number of frames waiting, delays nobody else, and is
cut off in the end.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache

from frontdesk.kit.log import get_logger
from frontdesk.push.asgi import Receive, Scope, Send, begin, peer_of, reads_seconds
from frontdesk.push.authenticator import Authenticator, SignIn
from frontdesk.push.effects import Write
from frontdesk.push.messages import Malformed, Message, TooMany, decode
from frontdesk.push.runner import Connection, Runner

log = get_logger(__name__)

#: The ASGI extension of a server that can write an encoded frame at once.
FRAME = "frontdesk.frame"

UNSUPPORTED_DATA = 1003
INVALID_DATA = 1007
POLICY_VIOLATION = 1008
TOO_BIG = 1009


class Socket(Connection):
    """One open websocket."""

    __slots__ = ("_reader", "_runner", "_send", "_waiting", "_write_frame", "_writer", "is_over")

    def __init__(
        self,
        runner: Runner,
        send: Send,
        write_frame: Callable[[bytes], bool],
        who: SignIn,
        *,
        address: str,
        reads_seconds: bool,
    ) -> None:
        """`write_frame` writes an encoded frame at once, or returns False, and then it has to be sent."""
        super().__init__(
            "websocket",
            who.principal,
            who.sign_in,
            address=address,
            reads_seconds=reads_seconds,
            line=object(),
        )
        self._runner = runner
        self._send = send
        self._write_frame = write_frame
        self._reader = asyncio.current_task()
        self._writer: asyncio.Task[None] | None = None  # only while the peer is slow
        self._waiting: list[Write] = []  # what the writer has not sent yet
        self.is_over = False

    def write(self, write: Write) -> None:
        if self.is_over:
            self._runner.fail(self, [write])
        elif self._writer is not None:
            self._waiting.append(write)
        elif self._write_frame(text_frame(write.body)):
            self._runner.sent(write)
        else:
            try:
                rest = begin(self._send(_frame(write))).rest
            except Exception as error:
                self._failed([write], error)
            else:
                if rest is None:
                    self._runner.sent(write)
                else:
                    self._waiting.append(write)
                    self._runner.machine.blocked(self, self._runner.now_ms())
                    self._writer = asyncio.create_task(self._drain(rest))

    def close(self, code: int, reason: str) -> None:
        if self.is_over:
            return
        self.is_over = True
        if self._writer is not None:
            # A closing frame would wait behind what the peer does not read: end the writer and the reader instead.
            self._writer.cancel()
            if self._reader is not None:
                self._reader.cancel()
            unsent, self._waiting = self._waiting, []
            self._runner.fail(self, unsent)
            return
        try:
            rest = begin(self._send({"type": "websocket.close", "code": code, "reason": _short(reason)})).rest
            if rest is not None:
                self._writer = asyncio.create_task(_quietly(rest))
        except Exception as error:
            self._failed([], error)

    async def is_read(self) -> None:
        """Return when the peer has taken what was written to it."""
        if self._writer is not None:
            await asyncio.wait([self._writer])

    async def _drain(self, rest: Awaitable[None]) -> None:
        """Write what waits, one by one, until nothing does."""
        try:
            await rest
            self._runner.sent(self._waiting.pop(0))
            while self._waiting:
                await self._send(_frame(self._waiting[0]))
                self._runner.sent(self._waiting.pop(0))
        except Exception as error:
            unsent, self._waiting = self._waiting, []
            self._failed(unsent, error)
            self._runner.perform([])
        else:
            self._writer = None
            self._runner.perform(self._runner.machine.writable(self, self._runner.now_ms()))

    def _failed(self, writes: list[Write], error: Exception) -> None:
        self.is_over = True
        if not isinstance(error, OSError):
            log.warning("a notification frame could not be sent", error=repr(error))
        self._runner.fail(self, writes)


class WebSocket:
    """The websocket side of the mount."""

    def __init__(self, runner: Runner, authenticator: Authenticator, on_activity: Callable[[str, str], None]) -> None:
        self._runner = runner
        self._machine = runner.machine
        self._authenticator = authenticator
        self._on_activity = on_activity

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak with one peer until it is gone."""
        await receive()  # websocket.connect
        who = None
        if self._authenticator.is_origin_allowed(scope):
            who = await self._authenticator.authenticate(scope)
        if who is None:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})  # before accept: HTTP 403
            return
        cookies = [(b"set-cookie", cookie) for cookie in who.set_cookies]
        await send({"type": "websocket.accept", "headers": cookies})
        socket = Socket(
            self._runner,
            send,
            scope.get("extensions", {}).get(FRAME, _cannot_write),
            who,
            address=who.address or peer_of(scope),
            reads_seconds=reads_seconds(dict(scope["headers"])),
        )
        self._machine.open(socket, self._runner.now_ms())
        self._runner.perform([])  # there is a new deadline
        try:
            await self._read(socket, receive)
        except asyncio.CancelledError:
            if not socket.is_over:
                raise
        finally:
            socket.is_over = True
            self._machine.closed(socket, self._runner.now_ms())

    async def _read(self, socket: Socket, receive: Receive) -> None:
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return
            messages = self._messages(socket, event.get("text"))
            if messages:
                self._on_activity(socket.principal, socket.sign_in)
                self._runner.perform(self._machine.receive(socket, messages, self._runner.now_ms()))
            await socket.is_read()

    def _messages(self, socket: Socket, text: str | None) -> list[Message]:
        """The messages of a frame; none if it has none that can be read, and the socket has been closed for it."""
        limits = self._machine.limits
        try:
            if text is None:
                socket.close(UNSUPPORTED_DATA, "text frames only")
            elif len(text) > limits.request_bytes:
                socket.close(TOO_BIG, "too big")
            else:
                return decode(text, limits.messages_per_request)
        except TooMany:
            socket.close(POLICY_VIOLATION, "too many messages")
        except Malformed as error:
            socket.close(INVALID_DATA, str(error))
        return []


@lru_cache(maxsize=8)
def text_frame(body: bytes) -> bytes:
    """The websocket frame of a text: made once for all whom it goes to."""
    length = len(body)
    if length < 126:
        return b"\x81%c%b" % (length, body)
    if length < 65_536:
        return b"\x81\x7e%b%b" % (length.to_bytes(2), body)
    return b"\x81\x7f%b%b" % (length.to_bytes(8), body)


def _cannot_write(_frame: bytes) -> bool:
    """Of a server that does not offer it."""
    return False


def _frame(write: Write) -> dict[str, object]:
    return {"type": "websocket.send", "text": write.body.decode()}


def _short(reason: str) -> str:
    """As much of it as fits into a closing frame."""
    return reason.encode()[:120].decode(errors="ignore")


async def _quietly(rest: Awaitable[None]) -> None:
    try:
        await rest
    except OSError:
        return
