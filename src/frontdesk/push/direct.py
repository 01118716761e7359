"""Polls without ASGI: for an HTTP server that has a whole request in its hands.

A task, a scope and a coroutine cost more than the poll itself. So a server that has read a plain POST of JSON, all of
it, may ask here first: if the sender is known from memory, the machine answers at once or holds the poll, and the
answer is written in one piece when there is one. Whatever is not so plain is declined, before anything was done, and
goes by ASGI: there is no second reading, refusing or bounding of requests, and the machine cannot tell the two apart.
"""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from frontdesk.push import requests
from frontdesk.push.asgi import Scope
from frontdesk.push.authenticator import Memory, Recalled
from frontdesk.push.effects import Write
from frontdesk.push.long_polling import HttpManners, Sender, sender_of, with_browser
from frontdesk.push.messages import Malformed, decode
from frontdesk.push.runner import Connection, Runner

# The base, and what clients put behind it.
_BELOW = ("", "/", "/handshake", "/connect", "/disconnect")
_START = b"HTTP/1.1 200 OK\r\ncontent-type: application/json;charset=UTF-8\r\ncache-control: no-store\r\n"

_TELL_MS = 1000  # who polls more often than that is told of once


class Line(Protocol):
    """A connection on which one poll is outstanding at most."""

    def answer(self, response: bytes) -> bool:
        """Write the answer to the outstanding poll. False if the client has gone."""
        ...


class Head(msgspec.Struct):
    """What is read of a request's head, once for all requests that have the same."""

    asker: Any
    length: int
    sender: Sender
    told_ms: int = 0  # when its activity was told last


class Poll(Connection):
    """A request whose answer is still to be written, now or later."""

    __slots__ = ("_head", "_line", "_runner", "is_answered")

    def __init__(self, runner: Runner, line: Line, recalled: Recalled, sender: Sender, head: bytes) -> None:
        who = recalled.who
        super().__init__(
            "long-polling",
            who.principal,
            who.sign_in,
            address=who.address or sender.peer,
            browser=sender.browser,
            reads_seconds=sender.reads_seconds,
            line=sender.line,
        )
        self._runner = runner
        self._line = line
        self._head = head
        self.is_answered = False

    def write(self, write: Write) -> None:
        self.is_answered = True
        body = write.body
        if self._line.answer(b"%b%bcontent-length: %d\r\n\r\n%b" % (_START, self._head, len(body), body)):
            self._runner.sent(write)
        else:
            self._runner.fail(self, [write])


class DirectPolls:
    """The way without ASGI, to the same machine."""

    def __init__(
        self,
        runner: Runner,
        memory: Memory[Any],
        on_activity: Callable[[str, str], None],
        manners: HttpManners,
        mount: str,
    ) -> None:
        self._runner = runner
        self._machine = runner.machine
        self._limits = runner.machine.limits
        self._memory = memory
        self._on_activity = on_activity
        self._manners = manners
        self._paths = frozenset(mount + below for below in _BELOW)

    def head(self, scope: Scope) -> Head | None:
        """What matters of a head, given as the scope that ASGI would have; None if its request has to go that way."""
        if scope["method"] != "POST" or scope["path"] not in self._paths:
            return None
        headers: dict[bytes, bytes] = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        if not length.isdigit() or int(length) > self._limits.request_bytes:
            return None
        if not requests.is_json(requests.declared_type(headers)):
            return None
        asker = self._memory.asker(scope)
        return Head(asker, int(length), sender_of(scope, headers)) if asker is not None else None

    def begin(self, head: Head, body: bytes, line: Line) -> Poll | None:
        """Answer the request or hold it; None, with nothing done, if it has to go by ASGI."""
        recalled = self._memory.recall(head.asker)
        if recalled is None:
            return None
        try:
            messages = decode(body, self._limits.messages_per_request)
        except Malformed:
            return None
        sender, lines = head.sender, recalled.headers
        cookies = recalled.who.set_cookies
        if not sender.has_cookie:
            cookies = with_browser(cookies, messages, self._manners)
        for cookie in cookies:
            lines += b"set-cookie: %b\r\n" % cookie
        runner, now_ms = self._runner, self._runner.now_ms()
        poll = Poll(runner, line, recalled, sender, lines)
        if now_ms - head.told_ms >= _TELL_MS:
            head.told_ms = now_ms
            self._on_activity(poll.principal, poll.sign_in)
        runner.perform(self._machine.receive(poll, messages, now_ms))
        return poll

    def gone(self, poll: Poll) -> None:
        """The client has gone, and the poll was not answered."""
        self._machine.closed(poll, self._runner.now_ms())
