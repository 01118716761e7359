"""Delivery: from events to the outboxes of sessions, and from there to what is written.

Events are gathered in a turn and written once by `flush`: a session gets all of a turn in one frame or response.
"""

from collections.abc import Collection, Iterator, Sequence

from frontdesk.push.channels import Subscriptions, patterns_of
from frontdesk.push.connects import Connects
from frontdesk.push.effects import Counts, Effect, Write
from frontdesk.push.events import Encoded, Parcel, parcel, resync
from frontdesk.push.limits import Limits
from frontdesk.push.messages import array
from frontdesk.push.sessions import Session

OVERFLOW = "too much waited for it"


class Delivery:
    """Events for sessions, between a delivery and the next flush."""

    def __init__(
        self,
        limits: Limits,
        connects: Connects,
        effects: list[Effect],
        counts: Counts,
        resync_payload: bytes,
    ) -> None:
        self._limits = limits
        self._connects = connects
        self._effects = effects
        self._counts = counts
        self._resync_payload = resync_payload
        # So much is worth waiting for before more is fetched, and worth asking for a sign when it was written.
        self.much_messages = limits.queue_messages // 2
        self.much_bytes = limits.queue_bytes // 2
        self._unproven = min(limits.unproven_bytes, self.much_bytes)
        self.subscriptions: Subscriptions[Session] = Subscriptions()
        self.dirty: list[Session] = []
        self.hopeless: list[tuple[Session, str]] = []  # those that have to begin anew, and why
        self._heard_by_all: int | None = None

    def deliver(self, events: Sequence[Encoded], sessions: Collection[Session], now_ms: int) -> None:
        """Put the events into the outbox of each of `sessions` that is subscribed to them."""
        number = events[0].number
        if number is not None:
            for session in sessions:
                session.heard = number
        if len(events) == 1:
            patterns = patterns_of(events[0].channel)
            whole: Parcel | None = None
            for session in sessions:
                if session.replay is not None or session.is_stamped:
                    self._deliver_apart(session, events, now_ms)
                elif not session.patterns.isdisjoint(patterns):
                    if whole is None:
                        whole = parcel(events, now_ms)
                    self._put(session, whole, now_ms)
            return
        # Nearly always every session hears the same of them, so they are encoded once per different selection.
        wanted = [(1 << at, patterns_of(event.channel)) for at, event in enumerate(events)]
        parcels: dict[int, Parcel] = {}
        for session in sessions:
            if session.replay is not None or session.is_stamped:
                self._deliver_apart(session, events, now_ms)
                continue
            selection = 0
            for bit, patterns in wanted:
                if not session.patterns.isdisjoint(patterns):
                    selection |= bit
            if selection:
                chosen = parcels.get(selection)
                if chosen is None:
                    chosen = parcel([event for at, event in enumerate(events) if selection >> at & 1], now_ms)
                    parcels[selection] = chosen
                self._put(session, chosen, now_ms)

    def broadcast(self, event: Encoded, now_ms: int) -> None:
        """Put the event into the outbox of everybody who is subscribed to it."""
        if event.number is not None:
            self._heard_by_all = event.number
        self.deliver((event,), list(self.subscriptions.matching(event.channel)), now_ms)

    def heard_by(self, session: Session) -> int | None:
        """The number that was last delivered where the session would hear it; None before the first."""
        if self._heard_by_all is None or session.heard is None:
            return session.heard if self._heard_by_all is None else self._heard_by_all
        return max(session.heard, self._heard_by_all)

    def put_replayed(self, session: Session, events: Sequence[Encoded], now_ms: int) -> None:
        """Put events of the history into the outbox. Whoever replays sees to it that there is room."""
        session.outbox.put(parcel(events, now_ms, is_stamped=session.is_stamped))
        self._counts.replayed_events += len(events)
        self.mark(session)

    def mark(self, session: Session) -> None:
        """Have the next flush look at the session."""
        if not session.is_dirty:
            session.is_dirty = True
            self.dirty.append(session)

    def is_much_unproven(self, session: Session) -> bool:
        """Whether so much was written to the session, without a sign that it arrived, that one is to be asked for."""
        return session.outbox.written_messages >= self.much_messages or session.outbox.written_size >= self._unproven

    def ask_for_a_sign(self, session: Session, now_ms: int) -> None:
        """Answer the connect held on a websocket early: the next one shows that all before this answer has arrived."""
        if session.held is not None:
            self._connects.release(session, now_ms)
        else:
            self.check_bounds(session, now_ms)

    def release_brief(self, session: Session, now_ms: int) -> None:
        """Answer a connect that was only held for what was being read."""
        if session.held is not None and session.held.is_brief:
            self._connects.release(session, now_ms)

    def check_bounds(self, session: Session, now_ms: int) -> None:
        """Let all that is kept for the session give way to a resync message, if it is too much and cannot leave now."""
        outbox = session.outbox
        limits = self._limits
        while outbox.written_messages and (
            outbox.messages + outbox.written_messages > limits.queue_messages
            or outbox.size + outbox.written_size > limits.queue_bytes
        ):
            outbox.forget_written()
        if outbox.messages <= limits.queue_messages and outbox.size <= limits.queue_bytes:
            return
        if not _can_leave(session):
            self._overflow(session, now_ms)

    def write_again(self, session: Session, now_ms: int) -> None:
        """Its client was cut off: all that may not have arrived is to be written again, in front of what waits."""
        outbox = session.outbox
        if outbox.is_lacking:
            self._overflow(session, now_ms)
        else:
            self._counts.redelivered_events += outbox.take_all_back()
        self.mark(session)

    def flush(self, now_ms: int) -> None:
        """Write what waits for the sessions that can be written to."""
        sessions, self.dirty[:] = list(self.dirty), []
        for session in sessions:
            session.is_dirty = False
            outbox = session.outbox
            if session.is_ended or not outbox.is_waiting:
                continue
            socket = session.socket
            if socket is not None and not session.has_ack:
                if socket.is_blocked:
                    continue
                position = outbox.position
                parcels = session.take(socket, now_ms, self._counts.latency)
                if self._limits.events_are_activity:
                    session.active_ms = now_ms
                if len(parcels) == 1:
                    self._effects.append(Write(socket, parcels[0].frame, session, position, position + 1))
                else:
                    for body, gathered in frames(parcels, (), self._limits.frame_bytes):
                        self._effects.append(Write(socket, body, session, position, position + len(gathered)))
                        position += len(gathered)
                if self.is_much_unproven(session):
                    self.ask_for_a_sign(session, now_ms)
            elif session.held is not None and not session.held.carrier.is_blocked:
                self._connects.release(session, now_ms)

    def _deliver_apart(self, session: Session, events: Sequence[Encoded], now_ms: int) -> None:
        """To a session that is being told the past, or wants the time on every message."""
        number, replay = events[0].number, session.replay
        if replay is not None and number is not None:
            events = replay.lets_through(events, number)
            if replay.is_over and number > replay.cursor:
                session.replay = None
        if wanted := [event for event in events if not session.patterns.isdisjoint(patterns_of(event.channel))]:
            self._put(session, parcel(wanted, now_ms, is_stamped=session.is_stamped), now_ms)

    def _put(self, session: Session, events: Parcel, now_ms: int) -> None:
        outbox = session.outbox
        outbox.put(events)
        self._counts.events += len(events.channels)
        if (
            outbox.messages + outbox.written_messages > self._limits.queue_messages
            or outbox.size + outbox.written_size > self._limits.queue_bytes
        ):
            self.check_bounds(session, now_ms)
        if not session.is_dirty:
            session.is_dirty = True
            self.dirty.append(session)

    def _overflow(self, session: Session, now_ms: int) -> None:
        self._counts.overflows += 1
        session.last_error = OVERFLOW
        channels = list(session.outbox.drop_all())
        if len(channels) > self._limits.resync_channels:
            self.hopeless.append((session, OVERFLOW))
        else:
            session.outbox.put(resync(channels, self._resync_payload, now_ms))


def frames(parcels: list[Parcel], replies: Sequence[bytes], frame_bytes: int) -> Iterator[tuple[bytes, list[Parcel]]]:
    """Arrays of about `frame_bytes` with all parcels, none of them split, and then the replies."""
    members: list[bytes] = []
    gathered: list[Parcel] = []
    size = 0
    for each in parcels:
        if gathered and size + len(each.frame) > frame_bytes:
            yield array(members), gathered
            members, gathered, size = [], [], 0
        members.append(each.inner)
        gathered.append(each)
        size += len(each.frame)
    members.extend(replies)
    if members:
        yield array(members), gathered


def _can_leave(session: Session) -> bool:
    """Whether the next flush will write what waits for the session."""
    if session.socket is not None and not session.has_ack:
        return not session.socket.is_blocked
    return session.held is not None and not session.held.carrier.is_blocked
