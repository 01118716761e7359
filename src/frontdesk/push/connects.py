"""Connects: held until there is something to say, answered, replaced by newer ones.

The one place that knows when a connect may be held, what its reply carries, and how many polls a browser holds.
"""

import msgspec

from frontdesk.push.advice import Advice
from frontdesk.push.channels import CONNECT
from frontdesk.push.deadlines import Deadlines
from frontdesk.push.effects import Counts, Effect, Write
from frontdesk.push.events import Parcel, stamped
from frontdesk.push.extensions import timesync
from frontdesk.push.limits import Limits
from frontdesk.push.messages import Message, Reply, array, encode_reply
from frontdesk.push.replay import Replay
from frontdesk.push.sessions import Carrier, Held, Session, Sessions

REPLACED = "409::connect_replaced"

#: Ids that count up are short, and those of messages that overtake each other are close.
_COUNTED_DIGITS = 16
_MOST_OVERTAKEN = 100


class Connects:
    """The outstanding connects of all sessions."""

    def __init__(
        self,
        limits: Limits,
        advice: Advice,
        sessions: Sessions,
        deadlines: Deadlines[Session | Carrier | Replay],
        effects: list[Effect],
        counts: Counts,
    ) -> None:
        self._limits = limits
        self._advice = advice
        self._sessions = sessions
        self._deadlines = deadlines
        self._effects = effects
        self._counts = counts
        self.held = 0
        self.polls_of_browsers: dict[str, int] = {}

    def arrive(
        self, session: Session, carrier: Carrier, message: Message, now_ms: int, *, is_alone: bool
    ) -> tuple[bytes, list[Parcel]] | None:
        """Hold a connect and return None, or return its reply and the events that go before it.

        A connect that came with other messages is never held: some clients wait for the answers of all.
        """
        if session.held is not None:
            self.replace(session, now_ms)
        session.kind = carrier.kind
        session.last_connect_ms = now_ms
        limits = self._limits
        timeout_ms, session.interval_ms = limits.timeout_ms, limits.interval_ms
        asked = message.advice if type(message.advice) is dict else None
        if asked is not None:
            timeout_ms = self._within(asked, "timeout", timeout_ms, limits.timeout_ms)
            session.interval_ms = self._within(asked, "interval", limits.interval_ms, limits.max_interval_ms)
        if session.has_ack and type(batch := message.extension("ack")) is int:
            session.outbox.acknowledge(batch)
        is_surplus = self._is_surplus(carrier)
        held = Held(
            carrier,
            message.id,
            wants_advice=asked is not None,
            timesync=message.extension("timesync"),
            received_ms=now_ms,
            is_stamped=session.is_stamped or message.timestamp is not None,
        )
        is_first = not session.is_connected
        if is_first:
            self._sessions.connected(session)
        if is_alone and not self._is_owed(session):
            if timeout_ms > 0 and not (is_first or is_surplus):
                self._hold(session, held, now_ms + timeout_ms)
                return None
            if session.is_told_again and (session.has_ack or not carrier.is_socket):
                held.is_brief = True  # the next page comes in a moment, and an empty answer would look like the end
                self._hold(session, held, now_ms + self._limits.brief_hold_ms)
                return None
        return self._answer(session, held, now_ms, is_surplus=is_surplus)

    def release(
        self, session: Session, now_ms: int, *, error: str | None = None, advice: msgspec.Raw | None = None
    ) -> None:
        """Answer the held connect, with whatever waits unless `error` says that it failed."""
        held = self.drop(session)
        assert held is not None
        if error is None and advice is None:
            reply, parcels = self._answer(session, held, now_ms, is_surplus=False)
        else:
            reply, parcels = _encoded(held, advice, error), []
        if held.is_stamped:
            reply = stamped(reply, now_ms)
        body = array([*[parcel.inner for parcel in parcels], reply])
        end = session.outbox.position
        position = end - len(parcels) if parcels and not session.has_ack else None
        self._effects.append(Write(held.carrier, body, session, position, end, has_connect_reply=True))

    def replace(self, session: Session, now_ms: int) -> None:
        """End the held connect because a newer one, or a newer carrier, takes over.

        It is a failure, so that two clients that share a session by mistake slow down instead of chasing each other.
        """
        held = self.drop(session)
        assert held is not None
        session.last_error = REPLACED
        reply = _encoded(held, self._advice.retry[held.carrier.kind], REPLACED)
        if held.is_stamped:
            reply = stamped(reply, now_ms)
        self._effects.append(Write(held.carrier, array([reply])))

    def drop(self, session: Session) -> Held | None:
        """Forget the held connect without an answer, if there is one."""
        held, session.held = session.held, None
        if held is not None:
            carrier = held.carrier
            self.held -= 1
            if not carrier.is_socket:
                carrier.session = None
            browser = carrier.browser
            if browser is not None:
                left = self.polls_of_browsers[browser] - 1
                if left:
                    self.polls_of_browsers[browser] = left
                else:
                    del self.polls_of_browsers[browser]
        return held

    def start_expiry(self, session: Session, now_ms: int) -> None:
        """From here on the session lives until it expires, or shows itself."""
        self._deadlines.set(session, now_ms + session.interval_ms + self._limits.max_interval_ms)

    def _hold(self, session: Session, held: Held, until_ms: int) -> None:
        session.held = held
        self.held += 1
        held.carrier.session = session
        browser = held.carrier.browser
        if browser is not None:
            self.polls_of_browsers[browser] = self.polls_of_browsers.get(browser, 0) + 1
        self._deadlines.set(session, until_ms)

    def _answer(self, session: Session, held: Held, now_ms: int, *, is_surplus: bool) -> tuple[bytes, list[Parcel]]:
        outbox = session.outbox
        ext: dict[str, object] = {}
        parcels: list[Parcel] = []
        if session.has_ack:
            ext["ack"], parcels, repeated = outbox.close_batch()
            self._counts.redelivered_events += sum(len(parcel.channels) for parcel in parcels[:repeated])
        else:
            if outbox.is_waiting and not held.carrier.is_blocked:
                parcels = session.take(held.carrier, now_ms, self._counts.latency)
            if held.carrier.is_socket:
                outbox.proven = outbox.position
        if held.timesync is not None and (answer := timesync(held.timesync, held.received_ms, now_ms)):
            ext["timesync"] = answer
        advice: msgspec.Raw | None = self._advice.retry[held.carrier.kind]
        if is_surplus:
            advice = self._advice.surplus
            session.interval_ms = max(session.interval_ms, self._limits.surplus_interval_ms)
        if session.advised is advice and not held.wants_advice:
            advice = None
        else:
            session.advised = advice
        self.start_expiry(session, now_ms)
        if parcels and self._limits.events_are_activity:
            session.active_ms = now_ms
        return _encoded(held, advice, ext=ext or None), parcels

    def _is_owed(self, session: Session) -> bool:
        """Whether a connect has to bring something at once. Over a websocket without ack, events go ahead of it."""
        if session.has_ack:
            return session.outbox.is_owed
        return session.socket is None and session.outbox.is_waiting

    def _is_surplus(self, carrier: Carrier) -> bool:
        """Whether the browser holds all the polls it may. Who reads intervals as seconds is never told to wait."""
        bound = self._limits.polls_per_browser
        if carrier.browser is None or bound < 0 or carrier.reads_seconds:
            return False
        return self.polls_of_browsers.get(carrier.browser, 0) >= bound

    @staticmethod
    def _within(asked: dict[str, object], key: str, otherwise: int, most: int) -> int:
        """What the client asks for this one connect, within our bounds; we never hold for longer than we advise."""
        value = asked.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return max(0, min(int(value), most))
        return otherwise


def asks_not_to_be_held(message: Message) -> bool:
    """Whether a connect is to be answered at once by its own wish."""
    return type(message.advice) is dict and message.advice.get("timeout") == 0


def was_overtaken(session: Session, message: Message) -> bool:
    """Whether a connect reports a cut that a later one has reported meanwhile, over a connection that was faster.

    Nobody reads the answer to it, so it must not take events along. It shows where ids count up, as those of the
    official client do.
    """
    if not asks_not_to_be_held(message):
        return False
    before, this = _counted(session.connect_id), _counted(message.id)
    return before is not None and this is not None and 0 < before - this < _MOST_OVERTAKEN


def _counted(name: object) -> int | None:
    return int(name) if type(name) is str and name.isdecimal() and len(name) < _COUNTED_DIGITS else None


def _encoded(
    held: Held, advice: msgspec.Raw | None, error: str | None = None, ext: dict[str, object] | None = None
) -> bytes:
    return encode_reply(Reply(CONNECT, error is None, id=held.id, error=error, advice=advice, ext=ext))
