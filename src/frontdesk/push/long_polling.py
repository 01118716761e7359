"""Bayeux over HTTP: one POST, one answer, which for a connect may take its time.

A held request costs what ASGI makes it cost and nothing else: its coroutine waits in `receive()` for the client to go
away, and whoever has something to say answers in its place.
"""

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence

import msgspec

from frontdesk.push import requests
from frontdesk.push.asgi import Receive, Scope, Send, begin, peer_of, reads_seconds
from frontdesk.push.authenticator import Authenticator, SignIn
from frontdesk.push.channels import HANDSHAKE
from frontdesk.push.exchange import Exchange, refuse, respond
from frontdesk.push.messages import Malformed, Message, TooMany
from frontdesk.push.requests import Question
from frontdesk.push.runner import Runner

_COOKIE = b"BAYEUX_BROWSER="
_BROWSER = re.compile(rb"(?:^|;\s*)BAYEUX_BROWSER=([A-Za-z0-9]{16,64})(?:;|$)")
_MARKS_OF_PROXIES = frozenset((b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip"))


class HttpManners(msgspec.Struct, frozen=True, kw_only=True):
    """What the HTTP side does beside the plain POST of JSON."""

    cookie_attributes: bytes = b"; Path=/; HttpOnly; SameSite=Lax"
    """Follows the value of the BAYEUX_BROWSER cookie."""
    callback_polling: bool = False
    """Whether script tags are answered. Any site may have those, so only where no cookie signs in."""
    forms: bool = False
    """Whether forms are read that bring no Authorization. Any site may have those, too."""


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """The client at the other end. `browser` is the one whose polls are counted, `peer` the connection's address."""

    has_cookie: bool
    browser: str | None
    reads_seconds: bool
    line: object
    peer: str


class LongPolling:
    """The HTTP side of the mount."""

    def __init__(
        self,
        runner: Runner,
        authenticator: Authenticator,
        on_activity: Callable[[str, str], None],
        manners: HttpManners,
    ) -> None:
        self._runner = runner
        self._machine = runner.machine
        self._limits = runner.machine.limits
        self._authenticator = authenticator
        self._on_activity = on_activity
        self._manners = manners

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
        headers: dict[bytes, bytes] = dict(scope["headers"])
        question = await self._question(scope, headers, receive, send)
        if question is None:
            return None
        if self._authenticator.is_origin_allowed(scope):
            who, refusal = await self._authenticator.authenticate(scope), "401::authentication_required"
        else:
            who, refusal = None, "403::origin_denied"
        if who is None:
            # In HTTP 200, because the official client repeats for ever what gets any other status.
            await respond(send, self._machine.refuse(question.messages, refusal), callback=question.callback)
            return None
        exchange = self._exchange(scope, send, headers, who, question)
        self._on_activity(who.principal, who.sign_in)
        self._runner.perform(self._machine.receive(exchange, question.messages, self._runner.now_ms()))
        return exchange

    async def _question(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> Question | None:
        """What the request says; None if that cannot be read, and has been told."""
        most = self._limits.messages_per_request
        try:
            if scope["method"] == "GET" and self._manners.callback_polling:
                question = requests.in_address(scope["query_string"], most)
                if question is not None:
                    return question
            if scope["method"] != "POST":
                await refuse(send, 405, "use POST", (b"allow", b"POST"))
                return None
            declared = requests.declared_type(headers)
            if not (requests.is_json(declared) or b"authorization" in headers or self._manners.forms):
                # A form of another site can send the cookie, but cannot declare its body to be JSON.
                await refuse(send, 415, "declare the body to be application/json")
                return None
            length = headers.get(b"content-length", b"0")
            if length.isdigit() and int(length) > self._limits.request_bytes:
                raise TooMany(f"at most {self._limits.request_bytes} bytes")
            body = await self._body(receive)
            return None if body is None else requests.in_body(body, declared, most)
        except TimeoutError:
            await refuse(send, 408, "the body did not arrive in time", (b"connection", b"close"))
        except TooMany as error:
            await refuse(send, 413, str(error))
        except Malformed as error:
            await refuse(send, 400, str(error))
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
        self, scope: Scope, send: Send, headers: dict[bytes, bytes], who: SignIn, question: Question
    ) -> Exchange:
        cookies = who.set_cookies
        sender = sender_of(scope, headers)
        if not sender.has_cookie:
            cookies = with_browser(cookies, question.messages, self._manners)
        return Exchange(
            self._runner,
            send,
            who,
            address=who.address or sender.peer,
            browser=sender.browser,
            reads_seconds=sender.reads_seconds,
            line=sender.line,
            cookies=cookies,
            callback=question.callback,
        )


def sender_of(scope: Scope, headers: dict[bytes, bytes]) -> Sender:
    """What the head of a request tells of who sent it."""
    cookie = headers.get(b"cookie")
    found = _BROWSER.search(cookie) if cookie is not None else None
    browser = found.group(1).decode() if found is not None else None
    if scope["http_version"] not in ("1.1", "1.0"):
        browser = None  # one connection carries all polls of a browser, so they need no bound
    return Sender(
        has_cookie=found is not None,
        browser=browser,
        reads_seconds=reads_seconds(headers),
        line=_line(scope, headers),
        peer=peer_of(scope),
    )


def with_browser(cookies: tuple[bytes, ...], messages: Sequence[Message], manners: HttpManners) -> tuple[bytes, ...]:
    """The cookies of an answer to who has none that names the browser: a handshake brings one."""
    is_new = any(message.channel == HANDSHAKE for message in messages)
    if not is_new or any(cookie.startswith(_COOKIE) for cookie in cookies):
        return cookies
    return (*cookies, _COOKIE + secrets.token_hex(16).encode() + manners.cookie_attributes)


def _line(scope: Scope, headers: dict[bytes, bytes]) -> object:
    """The client's connection, by its end. A proxy's is not the client's, and carries requests of many."""
    is_from_proxy = not _MARKS_OF_PROXIES.isdisjoint(headers)
    return None if is_from_proxy or scope.get("client") is None else tuple(scope["client"])
