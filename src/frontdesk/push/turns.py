"""A turn: the answering of the messages that came together, in one request or one frame.

Its replies leave together, in the order of the messages, when the last of them is there.
"""

from collections.abc import Sequence

from frontdesk.kit.histogram import Histogram
from frontdesk.push.delivery import frames
from frontdesk.push.effects import Write
from frontdesk.push.events import Parcel, stamped
from frontdesk.push.messages import Message, array
from frontdesk.push.sessions import Carrier, Session


class Turn:
    """The replies so far, and the events that go before them.

    All messages are of one session, the first that is named; to the others in it they are unknown.
    """

    __slots__ = (
        "_missing",
        "carrier",
        "has_connect_reply",
        "is_alone",
        "is_read",
        "now_ms",
        "parcels",
        "position",
        "replies",
        "session",
    )

    def __init__(self, carrier: Carrier, now_ms: int, *, is_alone: bool) -> None:
        self.carrier = carrier
        self.now_ms = now_ms
        self.is_alone = is_alone
        self.is_read = False
        self.session: Session | None = None
        self.replies: list[bytes] = []
        self.parcels: list[Parcel] = []
        self.position: int | None = None  # of the first of them; None for those kept until they are acknowledged
        self.has_connect_reply = False
        self._missing = 0

    def add(self, message: Message, reply: bytes) -> None:
        """The reply to the message is this."""
        self.replies.append(self._finished(message, reply))

    def defer(self) -> int:
        """Leave a place for a reply that comes later; which one."""
        self._missing += 1
        self.replies.append(b"")
        return len(self.replies) - 1

    def fill(self, place: int, message: Message, reply: bytes) -> None:
        """Put the reply there."""
        self._missing -= 1
        self.replies[place] = self._finished(message, reply)

    def _finished(self, message: Message, reply: bytes) -> bytes:
        is_stamped = message.timestamp is not None or (self.session is not None and self.session.is_stamped)
        return stamped(reply, self.now_ms) if is_stamped else reply

    @property
    def is_complete(self) -> bool:
        """Whether there is something to write, and nothing of it is missing."""
        return self.is_read and self._missing == 0 and bool(self.replies) and not self.carrier.is_lost

    @property
    def is_waiting(self) -> bool:
        """Whether a reply is missing."""
        return self._missing > 0

    def writes(self, frame_bytes: int, latency: Histogram) -> list[Write]:
        """What is to be written: the events that ride on the replies, and then those.

        Over HTTP events leave with connects only, whose order clients know: two answers on two connections may overtake
        each other, and a lost one that is no connect is not reported.
        """
        carrier, session = self.carrier, self.session
        if session is not None and session.is_ended:
            session = None
        if not carrier.is_socket:
            body = array([*(parcel.inner for parcel in self.parcels), *self.replies])
            end = (self.position or 0) + len(self.parcels)
            return [Write(carrier, body, session, self.position, end, self.has_connect_reply)]
        if session is not None and session.socket is carrier and not session.has_ack and not carrier.is_blocked:
            if self.position is None:
                self.position = session.outbox.position
            self.parcels += session.take(carrier, self.now_ms, latency)
        return self._frames(session, self.replies, frame_bytes)

    def events(self, frame_bytes: int) -> list[Write]:
        """For a websocket whose replies have to wait: the events do not."""
        writes = self._frames(self.session, (), frame_bytes) if self.carrier.is_socket else []
        if writes:
            self.parcels, self.position = [], None
        return writes

    def _frames(self, session: Session | None, replies: Sequence[bytes], frame_bytes: int) -> list[Write]:
        writes = []
        position = self.position
        for body, gathered in frames(self.parcels, replies, frame_bytes):
            at = position if gathered else None
            end = (position or 0) + len(gathered)
            writes.append(Write(self.carrier, body, session, at, end, self.has_connect_reply))
            position = None if position is None else end
        return writes
