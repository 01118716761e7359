"""A turn: the answering of the messages that came together, in one request or one frame.

Its replies leave together, in the order of the messages, when the last of them is there.
"""

from frontdesk.push.delivery import frames
from frontdesk.push.effects import Write
from frontdesk.push.events import Parcel
from frontdesk.push.messages import array
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
        self.has_connect_reply = False
        self._missing = 0

    def defer(self) -> int:
        """Leave a place for a reply that comes later; which one."""
        self._missing += 1
        self.replies.append(b"")
        return len(self.replies) - 1

    def fill(self, place: int, reply: bytes) -> None:
        """Put the reply there."""
        self._missing -= 1
        self.replies[place] = reply

    @property
    def is_complete(self) -> bool:
        """Whether there is something to write, and nothing of it is missing."""
        return self.is_read and self._missing == 0 and bool(self.replies) and not self.carrier.is_lost

    def writes(self, frame_bytes: int) -> list[Write]:
        """What is to be written: the events that ride on the replies, and then those.

        Over HTTP events leave with connects only, whose order clients know: two answers on two connections may overtake
        each other, and a lost one that is no connect is not reported.
        """
        carrier, session, parcels = self.carrier, self.session, self.parcels
        if session is not None and session.is_ended:
            session = None
        is_kept = session is None or session.has_ack
        if session is not None and not is_kept and session.socket is carrier and not carrier.is_blocked:
            parcels += session.take(carrier)
        end = session.outbox.position if session is not None and not is_kept else 0
        if not carrier.is_socket:
            body = array([*(parcel.inner for parcel in parcels), *self.replies])
            position = end - len(parcels) if parcels and not is_kept else None
            return [Write(carrier, body, session, position, end, self.has_connect_reply)]
        writes = []
        position = end - len(parcels)
        for body, gathered in frames(parcels, self.replies, frame_bytes):
            at = position if gathered and not is_kept else None
            position += len(gathered)
            writes.append(Write(carrier, body, session, at, position, self.has_connect_reply))
        return writes
