"""Effects: what the protocol machine wants done. Whoever runs it does them in order and reports how writes went."""

import msgspec

from frontdesk.kit.histogram import Histogram
from frontdesk.push.sessions import Carrier, Session


class Write(msgspec.Struct):
    """Send `body`: the response, if the carrier is a request (there is exactly one), else a websocket frame.

    Tell the machine `failed` when it could not be sent, so that the events in it go back where they came from, and
    `written` when it has been sent and `has_connect_reply`, because the expiry of the session counts from there.
    `position` and `end` say which events of the session's outbox are in it; None if there are none, or if they are
    kept until they are acknowledged.
    """

    carrier: Carrier
    body: bytes
    session: Session | None = None
    position: int | None = None
    end: int = 0
    has_connect_reply: bool = False


class Close(msgspec.Struct):
    """Close the websocket; after this nothing more is written to it."""

    carrier: Carrier
    code: int
    reason: str


class Recall(msgspec.Struct, eq=False):
    """Read about `most` events above a number from the history of the session's principal, and hand them to
    `replayed`. `heard` is the number that was delivered last when this was asked.
    """

    session: Session
    above: int
    most: int
    heard: int


class Ended(msgspec.Struct):
    """A session is over. Nothing to do but to make a note of it."""

    session: Session
    reason: str


Effect = Write | Close | Recall | Ended


class Counts(msgspec.Struct):
    """What has happened since the start; each of them only grows. `latency` is the time from when an event was given
    to the server until it was written to a session, connects that were not there included.
    """

    handshakes: int = 0
    refused_handshakes: int = 0
    unknown_sessions: int = 0
    expired_sessions: int = 0
    overflows: int = 0
    events: int = 0
    redelivered_events: int = 0
    replayed_events: int = 0
    inactive_sessions: int = 0
    latency: Histogram = msgspec.field(default_factory=Histogram)
