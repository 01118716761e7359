"""The HTTP server's ends of connections: uvicorn's, which write whole answers and know a shorter way to notifications.

A request that is a poll, that came in one piece or two and that the notifications take is theirs, and no task is made
of it. Everything else is uvicorn's: what comes in more pieces, is malformed, pipelined, refused, too large or too slow.
"""

import asyncio
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from frontdesk.push.asgi import Scope
from frontdesk.push.direct import DirectPolls, Head, Poll
from frontdesk.push.websocket import FRAME

_MOST_LATER: Final = 65_536  # bytes that a client may send on, while its poll is held, before it is read no more
_REST_S: Final = 1.0  # after which a body whose head has come is left to uvicorn, and to the application's time-out
_LONGEST_HEAD: Final = 65_536  # bytes of a request's head, beyond the piece that it began in


class WholeAnswers:
    """A transport that sends the head of an answer together with the body, which the HTTP server gives right after it.

    One system call and one packet less for each answer, at this end and at the other.
    """

    def __init__(self, transport: Any) -> None:
        self.inner = transport
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def write(self, sent: bytes) -> None:
        if self._head:
            sent, self._head = self._head + sent, b""
        elif sent.endswith(b"\r\n\r\n") and sent.startswith(b"HTTP/1.1 ") and not sent.startswith(b"HTTP/1.1 1"):
            self._head = sent  # not of "100 Continue", after which the client speaks
            return
        self.inner.write(sent)

    def flush(self) -> None:
        """Send a head that no body came after."""
        if self._head:
            self.write(b"")

    def is_closing(self) -> bool:
        closing: bool = self.inner.is_closing()
        return closing

    def close(self) -> None:
        self.flush()
        self.inner.close()


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's, writing whole answers, and letting the application's `direct` take polls.

    Who connects and says nothing, or never comes to the end of a head, is kept no longer than an idle connection, and a
    head has a bound.
    """

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._direct: DirectPolls | None = getattr(self.config.app, "direct", None)
        self._is_between = True  # requests, as uvicorn's parser has read them
        self._head_bytes = b""
        self._head: Head | None = None
        self._poll: Poll | None = None
        self._later = b""
        self._part = b""
        self._part_due: asyncio.TimerHandle | None = None
        self._is_last = False
        self._used_s = 0.0
        self._is_in_head = False
        self._head_size = 0
        self._head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.Transport, transport)  # uvloop's is one only by its methods
        self._answers = WholeAnswers(transport)
        super().connection_made(cast(asyncio.Transport, self._answers))
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        self._taken_part()
        poll, self._poll = self._poll, None
        if poll is not None and self._direct is not None:
            self._direct.gone(poll)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._poll is not None or self._later:
            self._keep(data)
            return
        is_rest = bool(self._part)
        if is_rest:
            data = self._taken_part() + data
        is_open = self._direct is not None and self._is_between
        if not (is_open and data.startswith(b"POST ") and self._take(data, may_wait=not is_rest)):
            self._leave_to_uvicorn(data)

    def _leave_to_uvicorn(self, data: bytes) -> None:
        self._head_size += len(data) if self._is_in_head else 0
        super().data_received(data)
        if self._is_in_head and self._head_due is None:
            self._await_head()
        if self._is_in_head and self._head_size > _LONGEST_HEAD:
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        self._is_between = False
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._head_size = 0
        self._head_came()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_between = True

    def on_response_complete(self) -> None:
        self._answers.flush()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        self.transport = self._wire
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """A held poll gets its answer first, and what has begun to come is served."""
        self._give_up_waiting()
        if self._poll is not None:
            self._is_last = True
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Set once and not with every poll, so it looks whether there was one meanwhile."""
        self.timeout_keep_alive_task = None
        if self._poll is not None:
            return
        left_s = self._used_s + self.timeout_keep_alive - self.loop.time()
        if self._used_s and left_s > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left_s, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    # ── heads ────────────────────────────────────────────────────────────────────────────────────

    def _await_head(self) -> None:
        self._head_due = self.loop.call_later(self.timeout_keep_alive, self._wire.close)

    def _head_came(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    # ── polls ────────────────────────────────────────────────────────────────────────────────────

    def answer(self, response: bytes) -> bool:
        """Write the answer to the poll that is outstanding. False if the client has gone."""
        transport = self._wire
        if transport.is_closing():
            return False
        self._poll = None
        transport.write(response)
        self._used_s = self.loop.time()
        self.server_state.total_requests += 1
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        if self._is_last:
            transport.close()
        elif self._later:
            self.loop.call_soon(self._go_on)
        return True

    def _take(self, data: bytes, *, may_wait: bool) -> bool:
        """Have the notifications answer or hold it, if it is a whole request and they take it; or wait for its rest."""
        cycle: RequestResponseCycle | None = self.cycle
        if self.flow.write_paused or (cycle is not None and not cycle.response_complete):
            return False
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            return False
        head_bytes = data[:end]
        if head_bytes != self._head_bytes:
            self._head_bytes, self._head = head_bytes, self._read(head_bytes)
        head = self._head
        if head is None or self._wire.is_closing():
            return False
        if self._head_due is not None:
            self._head_came()
        missing = end + head.length - len(data)
        if missing > 0 and may_wait:
            self._part = data
            self._part_due = self.loop.call_later(_REST_S, self._give_up_waiting)
            return True
        if missing:
            return False
        assert self._direct is not None
        poll = self._direct.begin(head, data[end:], self)
        if poll is None:
            return False
        if not poll.is_answered:
            self._poll = poll
        return True

    def _read(self, head_bytes: bytes) -> Head | None:
        assert self._direct is not None
        scope = read_head(head_bytes)
        if scope is None:
            return None
        scope.update(client=self.client, server=self.server, scheme=self.scheme)
        return self._direct.head(scope)

    def _taken_part(self) -> bytes:
        """What has come of a request, which is waited for no more."""
        part, self._part = self._part, b""
        if self._part_due is not None:
            self._part_due.cancel()
            self._part_due = None
        return part

    def _give_up_waiting(self) -> None:
        part = self._taken_part()
        if part and not self._wire.is_closing():
            self._leave_to_uvicorn(part)

    def _keep(self, data: bytes) -> None:
        """What comes before the answer to the poll waits behind it, and behind what has waited before."""
        self._later += data
        if len(self._later) > _MOST_LATER:
            self._wire.pause_reading()

    def _go_on(self) -> None:
        data, self._later = self._later, b""
        if data and not self._wire.is_closing():
            self._wire.resume_reading()
            self.data_received(data)


class _Reader:
    """What uvicorn's parser calls."""

    def __init__(self) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.is_complete = False
        self.has_more = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.is_complete = True

    def on_body(self, body: bytes) -> None:
        self.has_more = True


def read_head(head: bytes) -> Scope | None:
    """What the ASGI scope of a request with this head has of it; None if it is no head of a plain HTTP/1.1 request.

    Plain is one whose body is as long as it says, that expects nothing, and after which the connection stays.
    """
    reader = _Reader()
    parser = httptools.HttpRequestParser(reader)
    try:
        parser.feed_data(head)
        url = httptools.parse_url(reader.url)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    names = {name for name, _ in reader.headers}
    if not reader.is_complete or reader.has_more or parser.get_http_version() != "1.1":
        return None
    if not parser.should_keep_alive() or parser.should_upgrade() or names & {b"transfer-encoding", b"expect"}:
        return None
    path = (url.path or b"").decode("ascii", errors="replace")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": parser.get_method().decode("ascii"),
        "path": path,
        "query_string": url.query or b"",
        "headers": reader.headers,
    }


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's, which also takes whole frames that are written as they are."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[FRAME] = self.write_frame

    def write_frame(self, frame: bytes) -> bool:
        """Write an encoded frame now; False if it has to be sent the other way, which waits or says why not."""
        if self.close_sent or self.disconnected or not (self.handshake_complete and self.writable.is_set()):
            return False
        if self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True
