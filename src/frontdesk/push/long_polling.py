"""Bayeux over HTTP: one POST, one answer, which for a connect may take its time.

A held request costs what ASGI makes it cost and nothing else: its coroutine waits in `receive()` for the client to go
away, and whoever has something to say answers in its place.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence

from frontdesk.kit.log import get_logger
from frontdesk.push.asgi import Receive, Scope, Send, begin, reads_seconds
from frontdesk.push.authenticator import Authenticator, SignIn
from frontdesk.push.channels import HANDSHAKE
from frontdesk.push.effects import Write
from frontdesk.push.messages import Malformed, Message, TooMany, array, decode, encode_reply
from frontdesk.push.runner import Connection, Runner

log = get_logger(__name__)

_BROWSER = re.compile(rb"(?:^|;\s*)BAYEUX_BROWSER=([A-Za-z0-9]{16,64})(?:;|$)")
_JSON_TYPES = (b"application/json", b"text/json")
_MARKS_OF_PROXIES = frozenset((b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip"))


class Exchange(Connection):
    """One request and its answer."""

    __slots__ = ("_runner", "_send", "cookies", "is_answered", "rest")

    def __init__(
        self,
        runner: Runner,
        send: Send,
        who: SignIn,
        *,
        browser: str | None,
        reads_seconds: bool,
        line: object,
        cookies: tuple[bytes, ...],
    ) -> None:
        super().__init__(
            "long-polling", who.principal, who.sign_in, browser=browser, reads_seconds=reads_seconds, line=line
        )
        self._runner = runner
        self._send = send
        self.cookies = cookies
        self.is_answered = False
        self.rest: asyncio.Task[None] | None = None  # of an answer that the peer is slow to take

    def write(self, write: Write) -> None:
        self.is_answered = True
        try:
            rest = begin(_respond(self._send, 200, write.body, self.cookies)).rest
        except Exception as error:
            self._failed(write, error)
        else:
            if rest is None:
                self._runner.sent(write)
            else:
                self.rest = asyncio.create_task(self._finish(rest, write))

    async def _finish(self, rest: Awaitable[None], write: Write) -> None:
        try:
            await rest
        except Exception as error:
            self._failed(write, error)
            self._runner.perform([])
        else:
            self._runner.sent(write)

    def _failed(self, write: Write, error: Exception) -> None:
        if not isinstance(error, OSError):
            log.warning("a notification response could not be sent", error=repr(error))
        self._runner.fail(self, [write])


class LongPolling:
    """The HTTP side of the mount."""

    def __init__(
        self,
        runner: Runner,
        authenticator: Authenticator,
        on_activity: Callable[[str, str], None],
        cookie_attributes: bytes,
    ) -> None:
        self._runner = runner
        self._machine = runner.machine
        self._limits = runner.machine.limits
        self._authenticator = authenticator
        self._on_activity = on_activity
        self._cookie_attributes = cookie_attributes

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = await self._begin(scope, receive, send)
        if exchange is None:
            return
        try:
            if exchange.rest is not None:
                await asyncio.wait([exchange.rest])
            while not exchange.is_answered:
                # ASGI says disconnect when the client has gone, and also when the response is complete.
                if (await receive())["type"] == "http.disconnect":
                    break
            if exchange.rest is not None:
                await asyncio.wait([exchange.rest])
        finally:
            if not exchange.is_answered:
                self._machine.closed(exchange, self._runner.now_ms())

    async def _begin(self, scope: Scope, receive: Receive, send: Send) -> Exchange | None:
        """Read the request and hand it to the machine. None if it is answered without it."""
        if scope["method"] != "POST":
            await _refuse(send, 405, "use POST", (b"allow", b"POST"))
            return None
        headers: dict[bytes, bytes] = dict(scope["headers"])
        declared = headers.get(b"content-type", b"").split(b";", 1)[0].strip().lower()
        if declared not in _JSON_TYPES and b"authorization" not in headers:
            # A form of another site can send the cookie, but cannot declare its body to be JSON.
            await _refuse(send, 415, "declare the body to be application/json")
            return None
        messages = await self._messages(headers, receive, send)
        if messages is None:
            return None
        if self._authenticator.is_origin_allowed(scope):
            who, refusal = await self._authenticator.authenticate(scope), "401::authentication_required"
        else:
            who, refusal = None, "403::origin_denied"
        if who is None:
            # In HTTP 200, because the official client repeats for ever what gets any other status.
            await _respond(send, 200, self._machine.refuse(messages, refusal), ())
            return None
        exchange = self._exchange(scope, send, headers, who, messages)
        self._on_activity(who.principal, who.sign_in)
        self._runner.perform(self._machine.receive(exchange, messages, self._runner.now_ms()))
        return exchange

    async def _messages(self, headers: dict[bytes, bytes], receive: Receive, send: Send) -> Sequence[Message] | None:
        """The messages of the request; None if it had none that can be read, and has been told."""
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._limits.request_bytes:
            await _refuse(send, 413, f"at most {self._limits.request_bytes} bytes")
            return None
        try:
            body = await self._body(receive)
            if body is None:
                return None
            return decode(body, self._limits.messages_per_request)
        except TimeoutError:
            await _refuse(send, 408, "the body did not arrive in time", (b"connection", b"close"))
        except TooMany as error:
            await _refuse(send, 413, str(error))
        except Malformed as error:
            await _refuse(send, 400, str(error))
        return None

    async def _body(self, receive: Receive) -> bytes | None:
        """The body, or None if the client went away. Raises TooMany and TimeoutError."""
        first = begin(receive())  # nearly always all of it, and then nothing needs a time-out
        message = first.result
        if message is not None and message["type"] == "http.request" and not message.get("more_body", False):
            body: bytes = message.get("body", b"")
            if len(body) > self._limits.request_bytes:
                raise TooMany(f"at most {self._limits.request_bytes} bytes")
            return body
        parts: list[bytes] = []
        size = 0
        async with asyncio.timeout(self._limits.request_ms / 1000):
            if first.rest is not None:
                message = await first.rest
            while message is not None and message["type"] == "http.request":
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > self._limits.request_bytes:
                    raise TooMany(f"at most {self._limits.request_bytes} bytes")
                if not message.get("more_body", False):
                    return b"".join(parts)
                message = await receive()
        return None

    def _exchange(
        self, scope: Scope, send: Send, headers: dict[bytes, bytes], who: SignIn, messages: Sequence[Message]
    ) -> Exchange:
        browser: str | None = None
        cookies = who.set_cookies
        if (cookie := headers.get(b"cookie")) is not None and (found := _BROWSER.search(cookie)):
            browser = found.group(1).decode()
        elif any(message.channel == HANDSHAKE for message in messages):
            value = b"BAYEUX_BROWSER=" + secrets.token_hex(16).encode()
            cookies = (*cookies, value + self._cookie_attributes)
        if scope["http_version"] not in ("1.1", "1.0"):
            browser = None  # one connection carries all polls of a browser, so they need no bound
        return Exchange(
            self._runner,
            send,
            who,
            browser=browser,
            reads_seconds=reads_seconds(headers),
            line=_line(scope, headers),
            cookies=cookies,
        )


def _line(scope: Scope, headers: dict[bytes, bytes]) -> object:
    """The client's connection, by its end. A proxy's is not the client's, and carries requests of many."""
    is_from_proxy = not _MARKS_OF_PROXIES.isdisjoint(headers)
    return None if is_from_proxy or scope.get("client") is None else tuple(scope["client"])


async def _respond(
    send: Send, status: int, body: bytes, cookies: tuple[bytes, ...], *more: tuple[bytes, bytes]
) -> None:
    headers = [
        (b"content-type", b"application/json;charset=UTF-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        *more,
    ]
    headers += [(b"set-cookie", cookie) for cookie in cookies]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(send: Send, status: int, text: str, *more: tuple[bytes, bytes]) -> None:
    """Refuse a request that cannot be answered message by message."""
    body = array([encode_reply({"successful": False, "error": f"{status}::{text}"})])
    await _respond(send, status, body, (), *more)
