"""The Bayeux protocol as a machine: messages and the time go in, effects come out.

It knows no socket, no clock and no domain. Whoever runs it hands in carriers (a request or a websocket, see
`sessions`), decoded messages, events and the time in milliseconds, and carries out the effects it is given, in order.
Every state it keeps has a deadline (`next_deadline_ms`, `tick`) and every queue a bound. A session belongs to its
principal: to anyone else it is unknown. Of the parts, `meta` answers messages, `connects` holds connects, `delivery`
queues and writes events, `replays` tells the past, `lifetimes` begins and ends sessions.
"""

from collections.abc import Callable, Iterator, Sequence

from frontdesk.push.advice import Advice
from frontdesk.push.channels import HANDSHAKE
from frontdesk.push.connects import Connects
from frontdesk.push.deadlines import Deadlines
from frontdesk.push.delivery import Delivery
from frontdesk.push.effects import Counts, Effect, Recall, Write
from frontdesk.push.events import Encoded
from frontdesk.push.history import History, Page
from frontdesk.push.lifetimes import GOING_AWAY, POLICY_VIOLATION, Lifetimes
from frontdesk.push.limits import Limits
from frontdesk.push.messages import Message, array, refuse_all
from frontdesk.push.meta import Meta
from frontdesk.push.policy import Policy
from frontdesk.push.replay import Replay
from frontdesk.push.replays import Replays
from frontdesk.push.sessions import (
    CONNECTION_TYPES,
    Carrier,
    Kind,
    Session,
    Sessions,
    SessionSummary,
    Waiting,
    shortened,
    summary,
)
from frontdesk.push.turns import Turn

STUCK = 1011


class Bayeux:
    """One server's protocol state. Not thread-safe: everything is called from one place, in the order it happened."""

    def __init__(
        self,
        policy: Policy,
        *,
        random_bytes: Callable[[int], bytes],
        limits: Limits | None = None,
        resync_payload: bytes = b'{"resync":true}',
        sessions: Sessions | None = None,
        history: History | None = None,
        kinds: tuple[Kind, ...] = CONNECTION_TYPES,
    ) -> None:
        """`random_bytes(n)` names sessions, so it must be unguessable. `resync_payload` is the JSON of the data of the
        message that takes the place of events which had to be dropped. Without a `history` nothing can be had again.
        `kinds` are the transports that clients are offered."""
        self.limits = limits = limits if limits is not None else Limits()
        self.counts = Counts()
        self._advice = advice = Advice(limits)
        self._effects: list[Effect] = []
        self._sessions = sessions = sessions if sessions is not None else Sessions()
        self._deadlines: Deadlines[Session | Carrier | Replay] = Deadlines(limits.sweep_ms)
        self._connects = Connects(limits, advice, sessions, self._deadlines, self._effects, self.counts)
        self._delivery = Delivery(limits, self._connects, self._effects, self.counts, resync_payload)
        self._replays = Replays(limits, self._deadlines, self._delivery, self._effects, self._finish)
        self._lifetimes = Lifetimes(
            limits,
            advice,
            sessions,
            self._deadlines,
            self._connects,
            self._delivery,
            self._replays,
            self._effects,
            random_bytes,
        )
        self._meta = Meta(
            policy,
            limits,
            advice,
            sessions,
            self._connects,
            self._delivery,
            self._lifetimes,
            self._replays,
            history,
            kinds,
            self.counts,
        )

    # --- what clients do ---

    def open(self, socket: Carrier, now_ms: int) -> None:
        """A websocket was accepted. It is closed unless it names a session before long."""
        self._lifetimes.open(socket, now_ms)

    def receive(self, carrier: Carrier, messages: Sequence[Message], now_ms: int) -> list[Effect]:
        """Answer the messages of one request or frame. A request that gets no Write is held.

        Messages that come along with a handshake are not acted on.
        """
        turn = Turn(carrier, now_ms, is_alone=len(messages) == 1)
        for message in messages:
            if message.channel == HANDSHAKE:
                turn.add(message, self._meta.handshake(turn, message))
                self._effects.append(Write(carrier, array(turn.replies)))
                break
        else:
            for message in messages:
                reply = self._meta.answer(turn, message)
                if reply is not None:
                    turn.add(message, reply)
            turn.is_read = True
            self._finish(turn)
        return self.flush(now_ms)

    def refuse(self, messages: Sequence[Message], error: str) -> bytes:
        """The body that answers a request of somebody who is not let in: every message failed, and no use to repeat."""
        return refuse_all(messages, error, self._advice.none)

    def closed(self, carrier: Carrier, now_ms: int) -> None:
        """The peer of a held request or of a websocket has gone."""
        self._lifetimes.lose(carrier, now_ms)

    # --- how writes went ---

    def written(self, write: Write, now_ms: int) -> None:
        """A response or frame with a connect reply has been sent: the expiry of its session counts from now."""
        session = write.session
        if session is None or session.is_ended:
            return
        if session.held is None:
            self._connects.start_expiry(session, now_ms)
        if write.position is not None and not write.carrier.is_socket and session.line == write.carrier.line:
            session.outbox.proven = write.end

    def failed(self, writes: Sequence[Write], now_ms: int) -> list[Effect]:
        """These writes to one carrier, in their order, could not be sent; their events go back where they came from.

        A websocket that fails a write counts as closed.
        """
        for write in reversed(writes):
            self._lifetimes.lose(write.carrier, now_ms)
            session = write.session
            if session is not None and not session.is_ended and write.position is not None:
                session.outbox.take_back(write.position)
                session.last_error = "what was written to it could not be sent"
                self._delivery.check_bounds(session, now_ms)
                self._delivery.mark(session)
        return self.flush(now_ms)

    def blocked(self, socket: Carrier, now_ms: int) -> None:
        """The websocket's peer does not read. No events are written to it until `writable`; in the end it is closed."""
        socket.is_blocked = True
        self._deadlines.set(socket, now_ms + self.limits.timeout_ms)

    def writable(self, socket: Carrier, now_ms: int) -> list[Effect]:
        """The websocket takes data again."""
        socket.is_blocked = False
        if socket.session is not None:
            self._deadlines.clear(socket)
            self._delivery.mark(socket.session)
        return self.flush(now_ms)

    # --- what the server has to say ---

    def deliver(self, principal: str, events: Sequence[Encoded], now_ms: int) -> None:
        """Queue events for the subscribed sessions of one principal. Events given together leave together."""
        sessions = self._sessions.of(principal)
        if sessions:
            self._delivery.deliver(events, sessions, now_ms)

    def broadcast(self, event: Encoded, now_ms: int) -> None:
        """Queue an event for every session of anyone who is subscribed to it."""
        self._delivery.broadcast(event, now_ms)

    def replayed(self, recall: Recall, page: Page | None, now_ms: int) -> list[Effect]:
        """The page of the history that was asked for, or None if it cannot be read."""
        self._replays.arrived(recall, page, now_ms)
        return self.flush(now_ms)

    @property
    def has_unwritten(self) -> bool:
        """Whether `flush` has anything to look at."""
        return bool(self._delivery.dirty)

    def flush(self, now_ms: int) -> list[Effect]:
        """Write what was queued since the last flush: once per turn of whoever runs the machine."""
        if self._delivery.dirty:
            self._delivery.flush(now_ms)
        for session, reason in self._delivery.hopeless:
            if not session.is_ended:
                self._lifetimes.break_off(session, reason, now_ms)
        self._delivery.hopeless.clear()
        if self._replays.waiting:
            self._replays.go_on(now_ms)
        if not self._effects:
            return []
        effects = self._effects[:]
        self._effects.clear()
        return effects

    # --- time ---

    def next_deadline_ms(self) -> int | None:
        """When to call `tick`, or None while nothing waits. It may be too early, never too late."""
        return self._deadlines.next_ms()

    def tick(self, now_ms: int) -> list[Effect]:
        """End the holds that are due, expire silent sessions, close websockets that are stuck or name no session."""
        for thing in self._deadlines.due(now_ms):
            if isinstance(thing, Session):
                if thing.held is not None:
                    self._connects.release(thing, now_ms)
                else:
                    self.counts.expired_sessions += 1
                    self._lifetimes.end(thing, "expired", now_ms)
            elif isinstance(thing, Replay):
                self._replays.overdue(thing)
            elif thing.is_blocked:
                self._lifetimes.close(thing, STUCK, "the peer does not read", now_ms)
            elif thing.session is None:
                self._lifetimes.close(thing, POLICY_VIOLATION, "no session", now_ms)
        return self.flush(now_ms)

    # --- ends ---

    def end_session(self, client: str, reason: str, now_ms: int) -> list[Effect]:
        """End the sessions whose summary has this `client`: their clients are told to stop."""
        for session in [session for session in self._sessions if shortened(session.id) == client]:
            self._lifetimes.disconnect(session, reason, now_ms)
        return self.flush(now_ms)

    def end_sign_in(self, sign_in: str, reason: str, now_ms: int) -> list[Effect]:
        """End every session last used with this sign-in and close every websocket opened with it."""
        for session in self._sessions.with_sign_in(sign_in):
            self._lifetimes.dismiss(session, reason, now_ms)
        for socket in self._lifetimes.sockets_with_sign_in(sign_in):
            self._lifetimes.close(socket, POLICY_VIOLATION, reason, now_ms)
        return self.flush(now_ms)

    def end_principal(self, principal: str, reason: str, now_ms: int) -> list[Effect]:
        """End every session and close every websocket of the principal."""
        for session in list(self._sessions.of(principal)):
            self._lifetimes.dismiss(session, reason, now_ms)
        for socket in self._lifetimes.sockets():
            if socket.principal == principal:
                self._lifetimes.close(socket, POLICY_VIOLATION, reason, now_ms)
        return self.flush(now_ms)

    def drain(self, now_ms: int) -> list[Effect]:
        """Stop gracefully: send every client away with the advice to handshake again, and take no new sessions."""
        self._meta.is_draining = True
        for session in list(self._sessions):
            self._lifetimes.send_away(session, "the server stops", now_ms)
        for socket in self._lifetimes.sockets():
            self._lifetimes.close(socket, GOING_AWAY, "the server stops", now_ms)
        return self.flush(now_ms)

    # --- what can be seen ---

    def has_sessions(self, principal: str) -> bool:
        return bool(self._sessions.of(principal))

    def sessions(self) -> Iterator[SessionSummary]:
        return map(summary, list(self._sessions))

    def waiting(self) -> Waiting:
        """How many sessions there are, and what waits for them."""
        return self._sessions.waiting()

    def leftovers(self) -> dict[str, int]:
        """How many of each thing that must not outlive its session there are: all 0 when nobody is there."""
        return {
            "sessions": len(self._sessions),
            "sockets": len(self._lifetimes.sockets()),
            "patterns": len(self._delivery.subscriptions),
            "deadlines": len(self._deadlines),
            "browsers": len(self._connects.polls_of_browsers),
            "held": self._connects.held,
            "unwritten": len(self._delivery.dirty),
            "replays": len(self._replays.waiting),
        }

    def _finish(self, turn: Turn) -> None:
        """Write the replies of a turn, if none of them is missing."""
        if turn.is_complete:
            self._effects += turn.writes(self.limits.frame_bytes, self.counts.latency)
        elif turn.is_waiting and turn.is_read:
            self._effects += turn.events(self.limits.frame_bytes)
