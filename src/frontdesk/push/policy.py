"""Policy: who may handshake, subscribe and publish. The Bayeux server asks; whoever runs it answers."""

from typing import Any, Literal, Protocol

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """No, and why. `error` has the form `403:arguments:text`; `reconnect` is the advice when a handshake is refused,
    and `interval_ms` after which time it is worth trying again.
    """

    error: str
    reconnect: Literal["none", "handshake"] = "none"
    interval_ms: int = 0


class Policy(Protocol):
    """Each question is answered at once, from what is in memory. None means yes."""

    def may_handshake(self, principal: str, ext: dict[str, Any]) -> Refusal | None:
        """`ext` is what the client sent in its handshake."""
        ...

    def may_subscribe(self, principal: str, pattern: str) -> Refusal | None:
        """`pattern` is valid and no meta channel, without a slash at the end.

        A wildcard is asked for as it stands: who is let in to `/**` hears everything that is broadcast.
        """
        ...

    def may_publish(self, principal: str, channel: str) -> Refusal | None:
        """`channel` is valid, has no wildcard, and is no meta channel."""
        ...
