"""Moments at which something has to be looked at again, the earliest first. One moment for each thing."""

import heapq
from typing import Final, Generic, TypeVar

Thing = TypeVar("Thing", bound=str)

_STALE_AT_LEAST: Final = 64


class Timers(Generic[Thing]):
    """A heap in which what was set anew stays behind as a stale entry, until these are the greater part."""

    __slots__ = ("_heap", "_set")

    def __init__(self) -> None:
        self._heap: list[tuple[int, Thing]] = []
        self._set: dict[Thing, int] = {}

    def __len__(self) -> int:
        return len(self._set)

    def set(self, thing: Thing, at_ms: int | None) -> None:
        """Look at it then, and not at the moment set before; None means never."""
        if at_ms is None:
            self._set.pop(thing, None)
        elif self._set.get(thing) != at_ms:
            self._set[thing] = at_ms
            heapq.heappush(self._heap, (at_ms, thing))
        if len(self._heap) > 2 * len(self._set) + _STALE_AT_LEAST:
            self._heap = [(moment, one) for one, moment in self._set.items()]
            heapq.heapify(self._heap)

    @property
    def next_ms(self) -> int | None:
        heap = self._heap
        while heap:
            at_ms, thing = heap[0]
            if self._set.get(thing) == at_ms:
                return at_ms
            heapq.heappop(heap)
        return None

    def pop_due(self, now_ms: int) -> list[Thing]:
        """What is to be looked at by now, in order of the moments; each is set no more."""
        due: list[Thing] = []
        heap = self._heap
        while heap and heap[0][0] <= now_ms:
            at_ms, thing = heapq.heappop(heap)
            if self._set.get(thing) == at_ms:
                del self._set[thing]
                due.append(thing)
        return due
