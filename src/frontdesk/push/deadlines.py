"""Deadlines: what is due next, at a cost that does not grow with the number of things that wait.

A wheel of slots. Each thing stands in one slot at most. A deadline that moves to later leaves it where it is, to be
looked at again when that slot comes: nearly every deadline of a push server is moved on before it is reached.
"""

from heapq import heappop, heappush
from typing import Generic, TypeVar

NOWHERE = -1


class Timed:
    """Something with one deadline at a time. Only the wheel writes these two."""

    __slots__ = ("due_ms", "slot")

    def __init__(self) -> None:
        self.due_ms = 0
        self.slot = NOWHERE

    @property
    def is_timed(self) -> bool:
        """Whether it has a deadline now."""
        return self.slot != NOWHERE


T = TypeVar("T", bound=Timed)


class Deadlines(Generic[T]):
    """The wheel. A deadline is never early and at most `grain_ms` late."""

    def __init__(self, grain_ms: int = 20) -> None:
        self._grain_ms = grain_ms
        self._slots: dict[int, dict[T, None]] = {}
        self._order: list[int] = []  # a heap of the keys of _slots

    def set(self, thing: T, due_ms: int) -> None:
        """Give `thing` the deadline `due_ms` in place of the one it had."""
        if due_ms >= thing.due_ms and thing.slot != NOWHERE:
            thing.due_ms = due_ms  # it stands early enough
            return
        thing.due_ms = due_ms
        slot = -(-due_ms // self._grain_ms)
        if thing.slot != NOWHERE:
            if thing.slot <= slot:
                return
            del self._slots[thing.slot][thing]
        thing.slot = slot
        standing = self._slots.get(slot)
        if standing is None:
            self._slots[slot] = {thing: None}
            heappush(self._order, slot)
        else:
            standing[thing] = None

    def clear(self, thing: T) -> None:
        """Take `thing` out; it is due no more. Its slot stays until its time, so slots are bounded by the horizon."""
        if thing.slot != NOWHERE:
            del self._slots[thing.slot][thing]
            thing.slot = NOWHERE

    def next_ms(self) -> int | None:
        """When to ask for `due` again, or None if nothing waits. It may be earlier than the first deadline."""
        return self._order[0] * self._grain_ms if self._order else None

    def due(self, now_ms: int) -> list[T]:
        """Take out whatever is due at `now_ms`, in the order of slots."""
        found: list[T] = []
        while self._order and self._order[0] * self._grain_ms <= now_ms:
            standing = self._slots.pop(heappop(self._order))
            for thing in standing:
                thing.slot = NOWHERE
                if thing.due_ms <= now_ms:
                    found.append(thing)
                else:
                    self.set(thing, thing.due_ms)
        return found

    def __len__(self) -> int:
        return sum(map(len, self._slots.values()))
