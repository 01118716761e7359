"""Admission: how many handshakes a principal and an address may make, at once and in the long run.

Each has a bucket that fills at a steady rate. Of the buckets the least used are forgotten first: who comes from ever
new addresses takes no memory, and who comes from one is slowed down.
"""

from collections import OrderedDict
from collections.abc import Hashable

_MOST_BUCKETS = 10_000


class Admission:
    """Counts handshakes. `per_s` 0 admits everybody."""

    def __init__(self, per_s: int, burst: int) -> None:
        self._per_ms = per_s / 1000
        self._burst = float(burst)
        self._buckets: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()  # what is left, and since when

    def wait_ms(self, principal: str, address: str, now_ms: int) -> int:
        """Count one handshake; 0 if it is admitted, else how long until there is room for another."""
        if not self._per_ms:
            return 0
        keys: tuple[Hashable, ...] = (("principal", principal), ("address", address))
        left = [self._left(key, now_ms) for key in (keys if address else keys[:1])]
        lowest = min(left)
        if lowest < 1:
            return max(1, round((1 - lowest) / self._per_ms))
        for key, room in zip(keys, left, strict=False):
            self._buckets[key] = (room - 1, now_ms)
            self._buckets.move_to_end(key)
        while len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return 0

    def _left(self, key: Hashable, now_ms: int) -> float:
        left, since_ms = self._buckets.get(key, (self._burst, now_ms))
        return min(self._burst, left + (now_ms - since_ms) * self._per_ms)
