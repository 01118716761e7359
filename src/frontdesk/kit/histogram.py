"""A histogram: how often something took how long."""

from bisect import bisect_left
from collections.abc import Iterator

#: Upper bounds in milliseconds; what took longer is in a last one without a bound.
BOUNDS_MS = (1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000)


class Histogram:
    """Counts by bounds, and the sum of all. Only grows."""

    __slots__ = ("_counts", "sum_ms")

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_MS) + 1)
        self.sum_ms = 0

    def observe(self, ms: int, times: int = 1) -> None:
        self._counts[bisect_left(BOUNDS_MS, ms) if ms > 1 else 0] += times
        self.sum_ms += ms * times

    @property
    def count(self) -> int:
        return sum(self._counts)

    def up_to(self) -> Iterator[tuple[float, int]]:
        """(bound in ms, how many took no longer), the last with an infinite bound."""
        total = 0
        for bound, count in zip((*BOUNDS_MS, float("inf")), self._counts, strict=True):
            total += count
            yield bound, total
