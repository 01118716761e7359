"""Events on their way to sessions: encoded once, shared by every session they go to."""

from collections.abc import Sequence
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

    @property
    def inner(self) -> bytes:
        """The messages without the brackets, to be joined with others."""
        return self.frame[1:-1]


def parcel(events: Sequence[Encoded]) -> Parcel:
    """Encode events that leave together."""
    return Parcel(
        b"[" + b",".join(map(_encoded, events)) + b"]",
        tuple(event.channel for event in events),
    )


def resync(channels: Sequence[str], payload: bytes) -> Parcel:
    """What stands for events that had to be dropped: one message per channel, to come where they would have come."""
    ending = b',"data":' + payload + b',"ext":{"resync":true}}'
    return Parcel(
        b"[" + b",".join(_beginning(channel) + ending for channel in channels) + b"]",
        tuple(channels),
    )


def _encoded(event: Encoded) -> bytes:
    if event.number is None:
        return b'%b,"data":%b}' % (_beginning(event.channel), event.payload)
    return b'%b,"data":%b,"ext":{"replay":%d}}' % (_beginning(event.channel), event.payload, event.number)


@lru_cache(maxsize=1024)
def _beginning(channel: str) -> bytes:
    return b'{"channel":' + msgspec.json.encode(channel)
