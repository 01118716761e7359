"""From the commit to the bus: every committed event, in commit order, out of memory.

The store hands over each batch as soon as it is durable; the next turn of the loop carries it on, in slices so that
sockets breathe. The table is never read: after a start everybody begins with what the store has.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from frontdesk.core.events import Committed
from frontdesk.ports import Bus

#: Events carried in one turn: about 2 ms of work, and more than can be committed in a turn.
_SLICE: Final = 64


class Relay:
    """Carries committed events to `bus`. Give `committed` to the store as its `on_commit`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: deque[Committed] = deque()
        self._is_called = False

    def committed(self, batch: Sequence[Committed]) -> None:
        """Take over a batch that is durable. Called on the loop, in commit order."""
        self._waiting.extend(batch)
        self._call_soon()

    def flush(self) -> None:
        """Carry everything now: for a stop, before the sessions are sent away."""
        while self._waiting:
            self._carry_slice()

    def _call_soon(self) -> None:
        if self._waiting and not self._is_called:
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._is_called = False
        self._carry_slice()
        self._call_soon()

    def _carry_slice(self) -> None:
        if self._waiting:
            self._bus.publish([self._waiting.popleft() for _ in range(min(_SLICE, len(self._waiting)))])
