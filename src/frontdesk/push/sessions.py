"""Sessions, the carriers they speak over, and where to find them: by client id, by principal, by sign-in.

A carrier is one HTTP request or one websocket as the protocol sees it; transports derive theirs from it. A session has
a websocket, or a connect held in a request, or neither. Its deadline is the end of the hold while a connect is held,
and its expiry otherwise.
"""

from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

from frontdesk.kit.histogram import Histogram
from frontdesk.push.deadlines import Timed
from frontdesk.push.events import Parcel
from frontdesk.push.outbox import Outbox
from frontdesk.push.replay import Replay

Kind = Literal["long-polling", "websocket", "callback-polling"]
CONNECTION_TYPES: tuple[Kind, ...] = ("websocket", "long-polling")
KINDS: tuple[Kind, ...] = (*CONNECTION_TYPES, "callback-polling")


class Carrier(Timed):
    """What messages come in on and replies go out on.

    `address` is where it comes from, as far as that is known. `browser` is the BAYEUX_BROWSER cookie if polls of this
    carrier count, else None. `reads_seconds` tells a client
    that takes intervals for seconds. `line` is the same for what comes over one connection, and None where that cannot
    be told. `session` is the one that has the websocket, or whose connect the request holds.
    """

    __slots__ = (
        "address",
        "browser",
        "is_blocked",
        "is_lost",
        "is_socket",
        "kind",
        "line",
        "principal",
        "reads_seconds",
        "session",
        "sign_in",
    )

    def __init__(
        self,
        kind: Kind,
        principal: str,
        sign_in: str,
        *,
        address: str = "",
        browser: str | None = None,
        reads_seconds: bool = False,
        line: object = None,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.is_socket = kind == "websocket"
        self.principal = principal
        self.sign_in = sign_in
        self.address = address
        self.browser = browser
        self.reads_seconds = reads_seconds
        self.line = line
        self.session: Session | None = None
        self.is_blocked = False
        self.is_lost = False


class Held(msgspec.Struct):
    """A connect that waits for an event or its time-out; a brief one only for what is being read for it."""

    carrier: Carrier
    id: str | int | float | None
    wants_advice: bool
    timesync: object
    received_ms: int
    is_stamped: bool
    is_brief: bool = False


class Session(Timed):
    """One client, from its handshake until it disconnects, expires or is ended."""

    __slots__ = (
        "active_ms",
        "advised",
        "connect_id",
        "created_ms",
        "has_ack",
        "heard",
        "held",
        "id",
        "interval_ms",
        "is_connected",
        "is_dirty",
        "is_ended",
        "is_stamped",
        "kind",
        "last_connect_ms",
        "last_error",
        "line",
        "outbox",
        "patterns",
        "principal",
        "replay",
        "sign_in",
        "socket",
    )

    def __init__(self, client_id: str, carrier: Carrier, *, has_ack: bool, now_ms: int) -> None:
        super().__init__()
        self.id = client_id
        self.principal = carrier.principal
        self.sign_in = carrier.sign_in
        self.kind: Kind = carrier.kind
        self.has_ack = has_ack
        self.created_ms = now_ms
        self.active_ms = now_ms
        self.last_connect_ms: int | None = None
        self.connect_id: object = None
        self.interval_ms = 0
        self.is_connected = False
        self.is_dirty = False
        self.is_ended = False
        self.is_stamped = False
        self.last_error: str | None = None
        self.patterns: set[str] = set()
        self.outbox = Outbox()
        self.held: Held | None = None
        self.socket: Carrier | None = None
        self.line: object = None
        self.heard: int | None = None
        self.replay: Replay | None = None
        self.advised: msgspec.Raw | None = None

    @property
    def is_told_again(self) -> bool:
        """Whether more of the past is to come."""
        return self.replay is not None and not self.replay.is_over

    def take(self, carrier: Carrier, now_ms: int, latency: Histogram) -> list[Parcel]:
        """All events that wait, to be written to `carrier`."""
        self.line = carrier.line
        taken = self.outbox.take()
        if taken:
            latency.observe(now_ms - taken[0].given_ms, len(taken))
        return taken


class SessionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator sees of a session: of the client id only the beginning, for the whole is a secret.

    Queued is what waits or is not acknowledged; kept is what was written, for as long as it may not have arrived.
    """

    client: str
    principal: str
    transport: Kind
    created_ms: int
    last_connect_ms: int | None
    is_held: bool
    subscriptions: int
    last_error: str | None
    queued_messages: int
    queued_bytes: int
    kept_messages: int
    kept_bytes: int


class Waiting(msgspec.Struct, frozen=True):
    """How many sessions there are by transport, and what waits for all of them and for the one with most."""

    sessions: dict[str, int]
    messages: int
    size: int
    deepest: int


class Sessions:
    """All live sessions."""

    def __init__(self) -> None:
        self._by_id: dict[str, Session] = {}
        self._by_principal: dict[str, dict[Session, None]] = {}
        self._by_sign_in: dict[str, dict[Session, None]] = {}
        self._unconnected: dict[str, dict[Session, None]] = {}

    def add(self, session: Session) -> None:
        self._by_id[session.id] = session
        _put(self._by_principal, session.principal, session)
        _put(self._by_sign_in, session.sign_in, session)
        _put(self._unconnected, session.principal, session)

    def remove(self, session: Session) -> None:
        del self._by_id[session.id]
        _take(self._by_principal, session.principal, session)
        _take(self._by_sign_in, session.sign_in, session)
        _take(self._unconnected, session.principal, session)

    def use(self, session: Session, sign_in: str) -> None:
        """Remember the sign-in a session was last used with."""
        if session.sign_in != sign_in:
            _take(self._by_sign_in, session.sign_in, session)
            session.sign_in = sign_in
            _put(self._by_sign_in, sign_in, session)

    def connected(self, session: Session) -> None:
        """Note that a session has connected for the first time."""
        session.is_connected = True
        _take(self._unconnected, session.principal, session)

    def get(self, client_id: object) -> Session | None:
        return self._by_id.get(client_id) if type(client_id) is str else None

    def of(self, principal: str) -> Collection[Session]:
        return self._by_principal.get(principal, ())

    def with_sign_in(self, sign_in: str) -> list[Session]:
        return list(self._by_sign_in.get(sign_in, ()))

    def oldest_unconnected(self, principal: str) -> Session | None:
        return next(iter(self._unconnected.get(principal, ())), None)

    def waiting(self) -> Waiting:
        kinds: dict[str, int] = dict.fromkeys(CONNECTION_TYPES, 0)
        messages = size = deepest = 0
        for session in self._by_id.values():
            kinds[session.kind] = kinds.get(session.kind, 0) + 1
            messages += session.outbox.messages
            size += session.outbox.size
            deepest = max(deepest, session.outbox.messages)
        return Waiting(kinds, messages, size, deepest)

    def __iter__(self) -> Iterator[Session]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)


def shortened(client_id: str) -> str:
    """As much of a client id as names its session and gives nothing away."""
    return client_id[:12]


def summary(session: Session) -> SessionSummary:
    return SessionSummary(
        client=shortened(session.id),
        principal=session.principal,
        transport=session.kind,
        created_ms=session.created_ms,
        last_connect_ms=session.last_connect_ms,
        is_held=session.held is not None,
        subscriptions=len(session.patterns),
        last_error=session.last_error,
        queued_messages=session.outbox.messages,
        queued_bytes=session.outbox.size,
        kept_messages=session.outbox.written_messages,
        kept_bytes=session.outbox.written_size,
    )


def _put(index: dict[str, dict[Session, None]], key: str, session: Session) -> None:
    found = index.get(key)
    if found is None:
        index[key] = {session: None}
    else:
        found[session] = None


def _take(index: dict[str, dict[Session, None]], key: str, session: Session) -> None:
    found = index.get(key)
    if found is not None:
        found.pop(session, None)
        if not found:
            del index[key]
