"""Lifetimes: how sessions begin, move between carriers and end, and the websockets they speak over.

The one place that makes and forgets sessions, so that what belongs to one (its subscriptions, held connect, deadline,
entries in every index) goes with it, however it ends.
"""

from collections.abc import Callable

from frontdesk.push.advice import Advice
from frontdesk.push.channels import DISCONNECT
from frontdesk.push.connects import Connects
from frontdesk.push.deadlines import Deadlines
from frontdesk.push.delivery import Delivery
from frontdesk.push.effects import Close, Effect, Ended, Write
from frontdesk.push.limits import Limits
from frontdesk.push.messages import UNKNOWN, Reply, array, encode_reply
from frontdesk.push.replay import Replay
from frontdesk.push.replays import Replays
from frontdesk.push.sessions import Carrier, Session, Sessions

NORMAL = 1000
GOING_AWAY = 1001
POLICY_VIOLATION = 1008

#: What tells a client that the server has ended its session, without having been asked.
FAREWELL = encode_reply(Reply(DISCONNECT, True))


class Lifetimes:
    """Begins, moves and ends the sessions of one server."""

    def __init__(
        self,
        limits: Limits,
        advice: Advice,
        sessions: Sessions,
        deadlines: Deadlines[Session | Carrier | Replay],
        connects: Connects,
        delivery: Delivery,
        replays: Replays,
        effects: list[Effect],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._limits = limits
        self._advice = advice
        self._sessions = sessions
        self._deadlines = deadlines
        self._connects = connects
        self._delivery = delivery
        self._replays = replays
        self._effects = effects
        self._random_bytes = random_bytes
        self._sockets: dict[str, dict[Carrier, None]] = {}  # the open ones, by the sign-in they were opened with

    # --- sessions ---

    def begin(self, carrier: Carrier, now_ms: int, *, has_ack: bool, is_stamped: bool) -> Session:
        """A handshake makes a session. On a websocket it takes the place of the one that had this socket."""
        session = Session(self._random_bytes(16).hex(), carrier, has_ack=has_ack, now_ms=now_ms)
        session.is_stamped = is_stamped
        self._sessions.add(session)
        self._connects.start_expiry(session, now_ms)
        if carrier.is_socket:
            before = carrier.session
            if before is not None:
                if before.held is not None:
                    self._connects.replace(before, now_ms)
                self.end(before, "a new handshake on its websocket", now_ms)
            self.bind(session, carrier, now_ms)
        return session

    def touch(self, session: Session, carrier: Carrier, now_ms: int) -> None:
        """A message came for the session: note its sign-in, and put off its expiry."""
        if session.sign_in != carrier.sign_in:
            self._sessions.use(session, carrier.sign_in)
        if session.held is None and session.due_ms < now_ms + self._limits.max_interval_ms:
            self._deadlines.set(session, now_ms + self._limits.max_interval_ms)

    def end(self, session: Session, reason: str, now_ms: int) -> None:
        """Forget the session and all that belongs to it. The websocket it had may be used for another, for a while."""
        self._connects.drop(session)
        session.is_ended = True
        self._sessions.remove(session)
        self._deadlines.clear(session)
        for pattern in session.patterns:
            self._delivery.subscriptions.discard(pattern, session)
        socket = session.socket
        if socket is not None:
            session.socket = None
            socket.session = None
            self._await_session(socket, now_ms)
        self._replays.ended(session)
        self._effects.append(Ended(session, reason))

    def disconnect(self, session: Session, reason: str, now_ms: int) -> None:
        """End a session because the server wants it so: its client stops and does not come back by itself."""
        if session.held is not None:
            self._connects.release(session, now_ms, advice=self._advice.none)
        if session.socket is not None:
            self._effects.append(Write(session.socket, array([FAREWELL])))
        self.end(session, reason, now_ms)

    def break_off(self, session: Session, reason: str, now_ms: int) -> None:
        """End a session that can be served no longer as it was promised: its client has to begin anew."""
        if session.held is not None:
            self._connects.release(session, now_ms, error=UNKNOWN, advice=self._advice.handshake)
        self.end(session, reason, now_ms)

    def dismiss(self, session: Session, reason: str, now_ms: int) -> None:
        """End a session because its principal has no right to it any more: 401, and do not come back."""
        socket = session.socket
        if session.held is not None:
            self._connects.release(session, now_ms, error=f"401::{reason}", advice=self._advice.none)
        elif socket is not None:
            farewell = encode_reply(Reply(DISCONNECT, True, advice=self._advice.none))
            self._effects.append(Write(socket, array([farewell])))
        self.end(session, reason, now_ms)
        if socket is not None:
            self.close(socket, POLICY_VIOLATION, reason, now_ms)

    def send_away(self, session: Session, reason: str, now_ms: int) -> None:
        """End a session because the server stops: handshake again, and not all at the same moment.

        Those who would take the milliseconds for seconds are not made to wait.
        """
        if session.held is not None:
            spread_ms = 0
            if self._limits.restart_spread_ms and not session.held.carrier.reads_seconds:
                spread_ms = int.from_bytes(self._random_bytes(4)) % self._limits.restart_spread_ms
            advice = self._advice.handshake_after(spread_ms)
            self._connects.release(session, now_ms, error="402::server_stopping", advice=advice)
        self.end(session, reason, now_ms)

    # --- the websockets they speak over ---

    def open(self, socket: Carrier, now_ms: int) -> None:
        """A websocket is there and has to name a session before long."""
        self._sockets.setdefault(socket.sign_in, {})[socket] = None
        self._await_session(socket, now_ms)

    def bind(self, session: Session, socket: Carrier, now_ms: int) -> None:
        """From now on the session speaks over this websocket, the newest, and over nothing else."""
        if session.socket is not None:
            self.leave_socket(session, now_ms)
        elif session.held is not None:
            self._connects.replace(session, now_ms)
            self._connects.start_expiry(session, now_ms)
        if session.kind == "websocket":
            self._delivery.write_again(session, now_ms)  # what the websocket it had may not have carried to its end
        session.socket = socket
        session.kind = socket.kind
        socket.session = session
        if not socket.is_blocked:
            self._deadlines.clear(socket)
        self._delivery.mark(session)

    def leave_socket(self, session: Session, now_ms: int) -> None:
        """The session goes on elsewhere: close the websocket it had."""
        socket = session.socket
        assert socket is not None
        if session.held is not None:
            self._connects.replace(session, now_ms)
        self.close(socket, NORMAL, "the session goes on elsewhere", now_ms)

    def close(self, socket: Carrier, code: int, reason: str, now_ms: int) -> None:
        """Close a websocket. Its session stays until it expires."""
        self.lose(socket, now_ms)
        self._effects.append(Close(socket, code, reason))

    def lose(self, carrier: Carrier, now_ms: int) -> None:
        """The carrier is gone. Its session stays until it expires, and keeps what is raised meanwhile."""
        carrier.is_lost = True
        if carrier.is_socket:
            self._deadlines.clear(carrier)
            sockets = self._sockets.get(carrier.sign_in)
            if sockets is not None:
                sockets.pop(carrier, None)
                if not sockets:
                    del self._sockets[carrier.sign_in]
        session, carrier.session = carrier.session, None
        if session is not None:
            if session.socket is carrier:
                session.socket = None
            if session.held is not None and session.held.carrier is carrier:
                self._connects.drop(session)
            if session.held is None:
                self._connects.start_expiry(session, now_ms)

    def sockets_with_sign_in(self, sign_in: str) -> list[Carrier]:
        """The open websockets that were opened with this sign-in."""
        return list(self._sockets.get(sign_in, ()))

    def sockets(self) -> list[Carrier]:
        """All open websockets."""
        return [socket for sockets in self._sockets.values() for socket in sockets]

    def _await_session(self, socket: Carrier, now_ms: int) -> None:
        if not socket.is_blocked:
            self._deadlines.set(socket, now_ms + self._limits.max_interval_ms)
