"""One HTTP request and its answer, in JSON, or as a script that calls a function with it."""

import asyncio
from collections.abc import Awaitable

from frontdesk.kit.log import get_logger
from frontdesk.push.asgi import Send, begin
from frontdesk.push.authenticator import SignIn
from frontdesk.push.effects import Write
from frontdesk.push.messages import array, encode_reply
from frontdesk.push.runner import Connection, Runner
from frontdesk.push.sessions import Kind

log = get_logger(__name__)

Headers = tuple[tuple[bytes, bytes], ...]

_JSON = (b"content-type", b"application/json;charset=UTF-8")
# A script, which no browser may take for anything else, and which is no file for people.
_SCRIPT: Headers = (
    (b"content-type", b"text/javascript;charset=UTF-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-disposition", b"attachment; filename=f.txt"),
)


class Exchange(Connection):
    """An answer that is still to be given, now or later. `callback` is the function that a script tag wants called."""

    __slots__ = ("_runner", "_send", "callback", "cookies", "is_answered", "rest")

    def __init__(
        self,
        runner: Runner,
        send: Send,
        who: SignIn,
        *,
        address: str,
        browser: str | None,
        reads_seconds: bool,
        line: object,
        cookies: tuple[bytes, ...],
        callback: bytes | None,
    ) -> None:
        kind: Kind = "long-polling" if callback is None else "callback-polling"
        super().__init__(
            kind,
            who.principal,
            who.sign_in,
            address=address,
            browser=browser,
            reads_seconds=reads_seconds,
            line=line,
        )
        self._runner = runner
        self._send = send
        self.cookies = cookies
        self.callback = callback
        self.is_answered = False
        self.rest: asyncio.Task[None] | None = None  # of an answer that the peer is slow to take

    def write(self, write: Write) -> None:
        self.is_answered = True
        try:
            rest = begin(respond(self._send, write.body, self.cookies, self.callback)).rest
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


async def respond(send: Send, body: bytes, cookies: tuple[bytes, ...] = (), callback: bytes | None = None) -> None:
    """Answer with messages."""
    if callback is None:
        await _send(send, 200, (_JSON,), body, cookies)
    else:
        # Both are fine in JSON, and ended a line of a script for a long time.
        safe = body.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
        await _send(send, 200, _SCRIPT, b"/**/%b(%b);" % (callback, safe), cookies)


async def refuse(send: Send, status: int, text: str, *more: tuple[bytes, bytes]) -> None:
    """Refuse a request that cannot be answered message by message."""
    body = array([encode_reply({"successful": False, "error": f"{status}::{text}"})])
    await _send(send, status, (_JSON, *more), body)


async def _send(send: Send, status: int, headers: Headers, body: bytes, cookies: tuple[bytes, ...] = ()) -> None:
    head = [
        *headers,
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        *((b"set-cookie", cookie) for cookie in cookies),
    ]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
