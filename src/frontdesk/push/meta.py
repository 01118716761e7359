"""One message, one answer: handshake, connect, subscribe, unsubscribe, disconnect, publish.

What a message may not do is told in its own reply, with a number clients know; nothing a client sends raises.
"""

from collections.abc import Callable

import msgspec

from frontdesk.push import channels
from frontdesk.push.admission import Admission
from frontdesk.push.advice import Advice
from frontdesk.push.channels import CONNECT, DISCONNECT, HANDSHAKE, SUBSCRIBE, UNSUBSCRIBE
from frontdesk.push.connects import REPLACED, Connects, asks_not_to_be_held, was_overtaken
from frontdesk.push.delivery import Delivery
from frontdesk.push.effects import Counts
from frontdesk.push.events import Encoded
from frontdesk.push.extensions import positions_of, timesync, wants_ack, wants_replay, wants_stamps
from frontdesk.push.history import History
from frontdesk.push.lifetimes import FAREWELL, Lifetimes
from frontdesk.push.limits import Limits
from frontdesk.push.messages import (
    UNKNOWN,
    Message,
    Reply,
    encode_reply,
    has_valid_id,
    is_json,
    refusal,
    subscription_reply,
)
from frontdesk.push.policy import Policy, Refusal
from frontdesk.push.replays import Replays
from frontdesk.push.sessions import Carrier, Kind, Session, Sessions
from frontdesk.push.turns import Turn

VERSION = "1.0"


class Meta:
    """Answers messages, for the machine it is part of."""

    def __init__(
        self,
        policy: Policy,
        limits: Limits,
        advice: Advice,
        sessions: Sessions,
        connects: Connects,
        delivery: Delivery,
        lifetimes: Lifetimes,
        replays: Replays,
        history: History | None,
        kinds: tuple[Kind, ...],
        counts: Counts,
    ) -> None:
        self._policy = policy
        self._limits = limits
        self._advice = advice
        self._sessions = sessions
        self._connects = connects
        self._delivery = delivery
        self._lifetimes = lifetimes
        self._replays = replays
        self._history = history
        self._kinds = kinds
        self._counts = counts
        self._admission = Admission(limits.handshakes_per_s, limits.handshake_burst)
        self.is_draining = False
        self._answers: dict[str, Callable[[Turn, Session, Message], bytes | None]] = {
            CONNECT: self._connect,
            SUBSCRIBE: self._subscribe,
            UNSUBSCRIBE: self._unsubscribe,
            DISCONNECT: self._disconnect,
        }

    def handshake(self, turn: Turn, message: Message) -> bytes:
        """Make a session, whatever session the client had before. A failure always says whether to try again."""
        carrier = turn.carrier
        ext = message.ext if type(message.ext) is dict else {}
        no = self._may_handshake(message) or self._policy.may_handshake(carrier.principal, ext)
        if no is None:
            no = self._make_room(carrier, turn.now_ms)
        if no is not None:
            self._counts.refused_handshakes += 1
            advice = self._advice.none
            if no.reconnect == "handshake":
                advice = self._advice.handshake_after(0 if carrier.reads_seconds else no.interval_ms)
            return refusal(message, no.error, advice)
        session = self._lifetimes.begin(
            carrier, turn.now_ms, has_ack=wants_ack(message), is_stamped=wants_stamps(message)
        )
        turn.session = session
        self._counts.handshakes += 1
        answered: dict[str, object] = {}
        if session.has_ack:
            answered["ack"] = True
        if self._history is not None and wants_replay(message):
            answered["replay"] = True
        if estimate := timesync(message.extension("timesync"), turn.now_ms, turn.now_ms):
            answered["timesync"] = estimate
        return encode_reply(
            Reply(
                HANDSHAKE,
                True,
                id=message.id,
                clientId=session.id,
                version=VERSION,
                minimumVersion=VERSION,
                supportedConnectionTypes=self._offered(carrier, message),
                advice=self._advice.retry[carrier.kind],
                ext=answered or None,
            )
        )

    def answer(self, turn: Turn, message: Message) -> bytes | None:
        """The reply to any other message, or None if it comes later."""
        channel = message.channel
        if type(channel) is not str:
            return refusal(message, "400::channel_missing" if channel is None else "405::channel_invalid")
        if not has_valid_id(message, self._limits.id_length):
            return refusal(message, "405::message_id_invalid")
        session = self._session_of(turn, message)
        if session is None or (turn.session is not None and turn.session is not session):
            self._counts.unknown_sessions += 1
            return refusal(message, UNKNOWN, self._advice.handshake)
        self._lifetimes.touch(session, turn.carrier, turn.now_ms)
        if turn.session is None:
            turn.session = session
        if channel != CONNECT:
            session.active_ms = turn.now_ms
        answer = self._answers.get(channel)
        if answer is not None:
            return answer(turn, session, message)
        if channels.is_meta(channel):
            return refusal(message, "404::channel_unknown")
        return self._publish(turn, session, message)

    def _may_handshake(self, message: Message) -> Refusal | None:
        if not has_valid_id(message, self._limits.id_length):
            return Refusal("405::message_id_invalid")
        if message.version is not None and type(message.version) is not str:
            return Refusal("400::version_invalid")
        offered = message.supportedConnectionTypes
        if type(offered) is not list or not any(kind in offered for kind in self._kinds):
            return Refusal(f"400:{'|'.join(self._kinds)}:no_connection_type_in_common")
        if self.is_draining:
            return Refusal("503::server_stopping", "handshake")
        return None

    def _offered(self, carrier: Carrier, message: Message) -> tuple[Kind, ...]:
        """The connection types the client may go on with.

        The official client, which alone sends advice, handshakes by requests when its websocket was refused. Told of
        websockets it would go back to them at every new handshake, and try in vain until its session expires.
        """
        offered = message.supportedConnectionTypes
        if carrier.is_socket or message.advice is None or type(offered) is not list or "long-polling" not in offered:
            return self._kinds
        return tuple(kind for kind in self._kinds if kind != "websocket")

    def _make_room(self, carrier: Carrier, now_ms: int) -> Refusal | None:
        principal = carrier.principal
        if wait_ms := self._admission.wait_ms(principal, carrier.address, now_ms):
            return Refusal("429::too_many_handshakes", "handshake", wait_ms)
        if len(self._sessions.of(principal)) < self._limits.sessions_per_principal:
            return None
        abandoned = self._sessions.oldest_unconnected(principal)
        if abandoned is None:
            return Refusal("403::too_many_sessions", "handshake")
        self._lifetimes.end(abandoned, "gave way to newer sessions of the same user", now_ms)
        return None

    def _session_of(self, turn: Turn, message: Message) -> Session | None:
        """The session a message names, if it is the principal's own and, on a websocket, the one bound to it.

        An unbound websocket is bound by this: clients resume after a loss by just going on with their client id.
        """
        carrier = turn.carrier
        session = self._sessions.get(message.clientId)
        if session is None or session.principal != carrier.principal:
            return None
        if carrier.is_socket and carrier.session is not session:
            if carrier.session is not None:
                return None
            self._lifetimes.bind(session, carrier, turn.now_ms)
        return session

    def _connect(self, turn: Turn, session: Session, message: Message) -> bytes | None:
        carrier = turn.carrier
        if self._limits.inactive_ms and turn.now_ms - session.active_ms > self._limits.inactive_ms:
            return self._dismiss_inactive(turn, session, message)
        is_overtaken = not carrier.is_socket and was_overtaken(session, message)
        session.connect_id = message.id  # of a refused one, too: a page that was loaded anew may begin to count anew
        if is_overtaken:
            return refusal(message, REPLACED, self._advice.retry[carrier.kind])
        if session.socket is not None and not carrier.is_socket:
            self._lifetimes.leave_socket(session, turn.now_ms)
        # Clients that were cut off ask not to be held, to learn that they are back. On the same connection nothing
        # was cut: who asks on it has read what was written to it.
        if asks_not_to_be_held(message) and (carrier.line is None or carrier.line != session.line):
            self._delivery.write_again(session, turn.now_ms)
        else:
            outbox = session.outbox
            if outbox.written_messages:
                outbox.confirm(outbox.proven)
        answered = self._connects.arrive(session, carrier, message, turn.now_ms, is_alone=turn.is_alone)
        if answered is None:
            return None
        reply, parcels = answered
        turn.parcels += parcels
        if parcels and not session.has_ack:
            turn.position = session.outbox.position - len(parcels)
        turn.has_connect_reply = True
        return reply

    def _dismiss_inactive(self, turn: Turn, session: Session, message: Message) -> bytes:
        """Nothing but connects came for too long: the client is told to stop."""
        self._counts.inactive_sessions += 1
        if session.held is not None:
            self._connects.release(session, turn.now_ms, advice=self._advice.none)
        self._lifetimes.end(session, "inactive", turn.now_ms)
        turn.replies.append(FAREWELL)
        return encode_reply(Reply(CONNECT, True, id=message.id, advice=self._advice.none))

    def _disconnect(self, turn: Turn, session: Session, message: Message) -> bytes:
        if session.held is not None:
            self._connects.release(session, turn.now_ms, advice=self._advice.none)
        self._lifetimes.end(session, "disconnected", turn.now_ms)
        return encode_reply(Reply(DISCONNECT, True, id=message.id))

    def _subscribe(self, turn: Turn, session: Session, message: Message) -> bytes | None:
        """All of the channels, or none: they are looked at first and recorded after."""
        patterns, error = self._patterns(message)
        if error is None:
            for pattern in patterns:
                error = self._may_subscribe(session, pattern)
                if error is not None:
                    break
        new = [pattern for pattern in dict.fromkeys(patterns) if not channels.is_service(pattern)]
        new = [pattern for pattern in new if pattern not in session.patterns]
        if error is None and len(session.patterns) + len(new) > self._limits.subscriptions:
            error = f"403:{self._limits.subscriptions}:too_many_subscriptions"
        recorded = [pattern for pattern in patterns if not channels.is_service(pattern)]
        positions = positions_of(message, recorded) if self._history is not None else {}
        if positions is None:
            error = error or "400::replay_invalid"
        if error is None:
            session.patterns.update(new)
            for pattern in new:
                self._delivery.subscriptions.add(pattern, session)
            if positions:
                self._replays.begin(session, turn, message, positions)
                return None
            self._replays.subscribed(session, new)
        return subscription_reply(message, error)

    def _unsubscribe(self, turn: Turn, session: Session, message: Message) -> bytes:
        """What was never subscribed is unsubscribed successfully: the wanted state holds."""
        patterns, error = self._patterns(message)
        if error is None:
            for pattern in patterns:
                if pattern in session.patterns:
                    session.patterns.discard(pattern)
                    self._delivery.subscriptions.discard(pattern, session)
                    self._replays.unsubscribed(session, pattern)
        return subscription_reply(message, error)

    def _patterns(self, message: Message) -> tuple[list[str], str | None]:
        """The channels of a subscribe or unsubscribe message, or what is wrong with them."""
        subscription = message.subscription
        named = subscription if type(subscription) is list else [subscription]
        if subscription is None or not named:
            return [], "403::subscription_missing"
        patterns: list[str] = []
        for name in named:
            if type(name) is not str or len(name) > self._limits.channel_length:
                return [], "403::subscription_invalid"
            pattern = channels.trimmed(name)
            if not channels.is_pattern(pattern):
                return [], f"403:{_argument(name)}:subscription_invalid"
            patterns.append(pattern)
        return patterns, None

    def _may_subscribe(self, session: Session, pattern: str) -> str | None:
        if channels.is_meta(pattern):
            return f"403:{_argument(pattern)}:subscribe_denied"
        no = self._policy.may_subscribe(session.principal, pattern)
        return no.error if no is not None else None

    def _publish(self, turn: Turn, session: Session, message: Message) -> bytes:
        channel: str = message.channel
        if len(channel) > self._limits.channel_length or not channels.is_name(channel):
            return refusal(message, "405::channel_invalid")
        if isinstance(message.data, msgspec.UnsetType):
            return refusal(message, "400::data_missing")
        if not is_json(message.data):
            return refusal(message, "400::data_invalid")
        no = self._policy.may_publish(session.principal, channel)
        if no is not None:
            return refusal(message, no.error)
        if not channels.is_service(channel):
            event = Encoded(channel, bytes(message.data))
            kept = event if self._history is None else self._history.keep(event)
            self._delivery.broadcast(kept, turn.now_ms)
        return encode_reply(Reply(channel, True, id=message.id))


def _argument(name: str) -> str:
    """A client's text where the grammar of errors wants an argument: neither its separators nor much of it."""
    return "".join(letter for letter in name if letter not in ":,")[:80]
