"""A test that operators run from where their users are: does the way to this server let notifications through?

Three things break push on the way and nowhere else: a proxy that refuses websocket upgrades, one that keeps an answer
to itself until it is complete, and one that cuts what is idle for as long as a connect is held. The page asks the
endpoint for each of them and says what to change. Nobody has to sign in, nothing is told about anybody, and only a few
may ask at the same time, none of them for long.
"""

import asyncio
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from importlib import resources
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from frontdesk.kit.clock import Clock
from frontdesk.push.asgi import Receive, Scope, Send

#: Between the two halves of the answer that must not be kept back.
PAUSE_MS: Final = 1_000

_AT_ONCE: Final = 32
_SOCKET_MESSAGES: Final = 10
_SILENCE_MS: Final = 10_000
_NORMAL: Final = 1000
_GOING_AWAY: Final = 1001
_TRY_AGAIN_LATER: Final = 1013
_JSON: Final = b"application/json;charset=UTF-8"
_FILES: Final = {
    "": ("self_test.html", b"text/html; charset=utf-8"),
    "/self_test.js": ("self_test.js", b"text/javascript; charset=utf-8"),
    "/self_test.css": ("self_test.css", b"text/css; charset=utf-8"),
}


class SelfTest:
    """The endpoint and, at `page`, the page. `hold_ms` is how long a connect is held; `is_believed(scope)` tells
    whether the peer is a proxy whose word for where a request comes from is taken.
    """

    def __init__(
        self, clock: Clock, *, hold_ms: int, public_url: str, page: str, is_believed: Callable[[Scope], bool]
    ) -> None:
        self._clock = clock
        self._is_believed = is_believed
        self._hold_ms = hold_ms
        self._public_url = public_url
        self._page = page
        self._running = 0
        self._stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._page):
            await self._show(scope, send)
        elif self._running >= _AT_ONCE:
            await self._refuse(scope, receive, send)
        else:
            self._running += 1
            try:
                if scope["type"] == "websocket":
                    await self._socket(receive, send)
                else:
                    await self._http(scope, receive, send)
            finally:
                self._running -= 1

    def stop(self) -> None:
        """End what is held."""
        self._stopping.set()

    async def _show(self, scope: Scope, send: Send) -> None:
        name = scope["path"].removeprefix(self._page)
        found = _FILES.get(name)
        if name == "/":  # its addresses are relative, so that they work behind a proxy's path
            await _answer(send, 307, _JSON, b"{}", (b"location", f"..{self._page}".encode()))
            return
        if found is None:
            await _answer(send, 404, _JSON, b"{}")
            return
        name, kind = found
        content = resources.files("frontdesk.push").joinpath("static").joinpath(name).read_bytes()
        await _answer(send, 200, kind, b"" if scope["method"] == "HEAD" else content)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER})
        else:
            await _answer(send, 503, _JSON, b'{"error":"others are testing; try again"}', (b"retry-after", b"30"))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, _JSON, b"{}", (b"allow", b"GET"))
        elif asked.get("step") == "stream":
            await self._stream(receive, send)
        elif asked.get("step") == "hold":
            held_ms = self._asked_ms(asked.get("ms"))
            is_held = await self._is_held(held_ms, receive)
            await _answer(send, 200 if is_held else 503, _JSON, msgspec.json.encode({"heldMs": held_ms}))
        else:
            await _answer(send, 200, _JSON, msgspec.json.encode(self._seen(scope)))

    async def _stream(self, receive: Receive, send: Send) -> None:
        """One half at once, the other after a pause. With its length, for some proxies keep back only what has one."""
        halves = b'{"half":1}\n', b'{"half":2}\n'
        length = b"%d" % sum(map(len, halves))
        head = [(b"content-type", _JSON), (b"content-length", length), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": halves[0], "more_body": True})
        await self._is_held(PAUSE_MS, receive)
        await send({"type": "http.response.body", "body": halves[1]})

    async def _socket(self, receive: Receive, send: Send) -> None:
        """Answer every number with itself, after as many milliseconds."""
        await receive()
        await send({"type": "websocket.accept"})
        code = _NORMAL
        with suppress(OSError):  # whoever has gone needs no answer
            for _ in range(_SOCKET_MESSAGES):
                event = await self._next(receive)
                if event is None:
                    break
                if event["type"] == "websocket.disconnect":
                    return
                text = (event.get("text") or "")[:20]
                if not await self._is_held(self._asked_ms(text)):
                    code = _GOING_AWAY
                    break
                await send({"type": "websocket.send", "text": text})
            await send({"type": "websocket.close", "code": code})

    async def _next(self, receive: Receive) -> MutableMapping[str, Any] | None:
        """What the peer sends next; None if it sends nothing for too long."""
        received = asyncio.ensure_future(receive())
        slept = asyncio.create_task(self._clock.sleep_until(self._clock.now_ms() + _SILENCE_MS))
        try:
            await asyncio.wait([received, slept], return_when=asyncio.FIRST_COMPLETED)
            return received.result() if received.done() else None
        finally:
            received.cancel()
            slept.cancel()

    async def _is_held(self, ms: int, receive: Receive | None = None) -> bool:
        """Wait so long; whether nothing else ended it: the server stops, or (with `receive`) the client has gone."""
        slept = asyncio.create_task(self._clock.sleep_until(self._clock.now_ms() + ms))
        waits = [slept, asyncio.create_task(_set(self._stopping))]
        if receive is not None:
            waits.append(asyncio.create_task(_gone(receive)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return slept.done() and not self._stopping.is_set()
        finally:
            for wait in waits:
                wait.cancel()

    def _asked_ms(self, text: str | None) -> int:
        """At most what a connect is held for."""
        return min(int(text), self._hold_ms) if text is not None and text.isdecimal() and len(text) < 10 else 0

    def _seen(self, scope: Scope) -> dict[str, Any]:
        """What is to be tested, and how the request looks from here."""
        return {
            "statusCode": 0,
            "holdMs": self._hold_ms,
            "pauseMs": PAUSE_MS,
            "publicUrl": self._public_url,
            "isForwarded": any(name == b"x-forwarded-for" for name, _ in scope["headers"]),
            "isProxyBelieved": self._is_believed(scope),
        }


async def _set(event: asyncio.Event) -> None:
    await event.wait()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, kind: bytes, body: bytes, *more: tuple[bytes, bytes]) -> None:
    head = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
