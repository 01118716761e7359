"""Events on their way to sessions: encoded once, shared by every session they go to."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec


class Encoded(NamedTuple):
    """An event to be delivered. `payload` is the JSON of its `data`; `number` goes on the wire as `ext.replay`."""

    channel: str
    payload: bytes
    number: int | None = None


class Parcel(msgspec.Struct, frozen=True):
    """Events that leave together, in one frame or response, as the array they would be if they left alone."""

    frame: bytes
    channels: tuple[str, ...]
    given_ms: int

    @property
    def inner(self) -> bytes:
        """The messages without the brackets, to be joined with others."""
        return self.frame[1:-1]


def parcel(events: Sequence[Encoded], now_ms: int, *, is_stamped: bool = False) -> Parcel:
    """Encode events that leave together; with the time, for a client that wants it."""
    members = map(_encoded, events)
    if is_stamped:
        members = (stamped(member, now_ms) for member in members)  # type: ignore[assignment]
    return Parcel(b"[" + b",".join(members) + b"]", tuple(event.channel for event in events), now_ms)


def stamped(message: bytes, now_ms: int) -> bytes:
    """The encoded message with the time in it."""
    return b'%b,"timestamp":"%b"}' % (message[:-1], _iso(now_ms))


@lru_cache(maxsize=4)
def _iso(now_ms: int) -> bytes:
    at = datetime.fromtimestamp(now_ms // 1000, UTC).replace(microsecond=now_ms % 1000 * 1000)
    return at.isoformat(timespec="milliseconds").removesuffix("+00:00").encode() + b"Z"


def resync(channels: Sequence[str], payload: bytes, now_ms: int) -> Parcel:
    """What stands for events that had to be dropped: one message per channel, to come where they would have come."""
    ending = b',"data":' + payload + b',"ext":{"resync":true}}'
    return Parcel(
        b"[" + b",".join(_beginning(channel) + ending for channel in channels) + b"]",
        tuple(channels),
        now_ms,
    )


def _encoded(event: Encoded) -> bytes:
    if event.number is None:
        return b'%b,"data":%b}' % (_beginning(event.channel), event.payload)
    return b'%b,"data":%b,"ext":{"replay":%d}}' % (_beginning(event.channel), event.payload, event.number)


@lru_cache(maxsize=1024)
def _beginning(channel: str) -> bytes:
    return b'{"channel":' + msgspec.json.encode(channel)
