"""Advice: what a client is to do next, encoded once.

Clients forget all earlier advice with each new one and fall back to defaults of their own for a missing key, so every
advice here is complete. Intervals above 0 never go to a client that takes them for seconds.
"""

import msgspec

from frontdesk.push.limits import Limits
from frontdesk.push.sessions import KINDS


class Advice:
    """Every advice a server with these limits gives."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        #: Connect again after the interval. One object per transport, so that a session that moves is told again.
        self.retry = {kind: self._encoded("retry", limits.interval_ms) for kind in KINDS}
        #: The session is gone: handshake.
        self.handshake = self._encoded("handshake", 0)
        #: Stop for good.
        self.none = self._encoded("none", 0)
        #: This browser holds enough polls already: ask now and then instead.
        self.surplus = self._encoded("retry", limits.surplus_interval_ms, multiple_clients=True)

    def handshake_after(self, interval_ms: int) -> msgspec.Raw:
        """Handshake, but wait first: spreads those who come back after a restart."""
        return self._encoded("handshake", interval_ms)

    def _encoded(self, reconnect: str, interval_ms: int, *, multiple_clients: bool = False) -> msgspec.Raw:
        limits = self._limits
        advice: dict[str, object] = {
            "reconnect": reconnect,
            "interval": interval_ms,
            "timeout": limits.timeout_ms,
            "maxInterval": limits.max_interval_ms,
        }
        if multiple_clients:
            advice["multiple-clients"] = True
        return msgspec.Raw(msgspec.json.encode(advice))
