"""Channels: which names and patterns are legal, which patterns a name matches, and who has subscribed to what.

Nothing here is made for a channel that nobody is subscribed to, so names chosen by clients leave nothing behind.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Generic, TypeVar

HANDSHAKE = "/meta/handshake"
CONNECT = "/meta/connect"
DISCONNECT = "/meta/disconnect"
SUBSCRIBE = "/meta/subscribe"
UNSUBSCRIBE = "/meta/unsubscribe"

# The alphabet of the Java server without its `*`: a wildcard is a whole last segment or nothing.
_SEGMENT = r"[A-Za-z0-9 !#$()+\-.@_{~}]+"
_NAME = re.compile(rf"(?:/{_SEGMENT})+")
_PATTERN = re.compile(rf"(?:/{_SEGMENT})*/(?:\*\*?|{_SEGMENT})")


def is_name(channel: str) -> bool:
    """A channel that can be published to: no wildcard, no empty segment."""
    return _NAME.fullmatch(channel) is not None


def is_pattern(channel: str) -> bool:
    """A channel that can be subscribed to: a name, or one whose last segment is `*` or `**`."""
    return _PATTERN.fullmatch(channel) is not None


def is_meta(channel: str) -> bool:
    return channel.startswith("/meta/") or channel == "/meta"


def is_service(channel: str) -> bool:
    """The server's business with one client: never recorded, never distributed."""
    return channel.startswith("/service/") or channel == "/service"


def trimmed(channel: str) -> str:
    """The channel without the one slash at the end that some documentation writes."""
    return channel[:-1] if channel.endswith("/") and len(channel) > 1 else channel


@lru_cache(maxsize=4096)
def patterns_of(channel: str) -> tuple[str, ...]:
    """Every pattern that matches the name, the narrowest first: /a/b gives /a/b, /a/*, /a/**, /**."""
    parents = [channel[:at] for at in range(len(channel) - 1, -1, -1) if channel[at] == "/"]
    return (channel, f"{parents[0]}/*", *(f"{parent}/**" for parent in parents))


S = TypeVar("S")


class Subscriptions(Generic[S]):
    """Who is subscribed to a pattern, for events that are meant for everybody who is."""

    def __init__(self) -> None:
        self._subscribers: dict[str, dict[S, None]] = {}

    def add(self, pattern: str, subscriber: S) -> None:
        subscribers = self._subscribers.get(pattern)
        if subscribers is None:
            subscribers = self._subscribers[pattern] = {}
        subscribers[subscriber] = None

    def discard(self, pattern: str, subscriber: S) -> None:
        subscribers = self._subscribers.get(pattern)
        if subscribers is not None:
            subscribers.pop(subscriber, None)
            if not subscribers:
                del self._subscribers[pattern]

    def matching(self, channel: str) -> Iterator[S]:
        """Everybody subscribed to a pattern that matches `channel`, each once, in the order of subscription."""
        found: dict[S, None] = {}
        for pattern in patterns_of(channel):
            found.update(self._subscribers.get(pattern, {}))
        return iter(found)

    def __len__(self) -> int:
        return len(self._subscribers)
