"""Recent events, in memory: a history for servers that have no store of their own.

It ends with the process, and numbers begin anew with the next one: a client with a number from before is told of a gap.
"""

from collections import deque
from collections.abc import Callable
from itertools import islice

from frontdesk.push.events import Encoded
from frontdesk.push.history import Page


class Recent:
    """Keeps the promises of `history.History` for the last `most` events that everybody may hear."""

    def __init__(self, most: int, *, is_kept: Callable[[str], bool] = lambda _channel: True) -> None:
        """`is_kept` tells the channels whose events are kept; those of others have no number."""
        self._kept: deque[Encoded] = deque(maxlen=most)
        self._is_kept = is_kept
        self.newest = 0

    def keep(self, event: Encoded) -> Encoded:
        if not self._is_kept(event.channel):
            return event
        self.newest += 1
        kept = event._replace(number=self.newest)
        self._kept.append(kept)
        return kept

    async def after(self, principal: str, number: int, most: int) -> Page:
        oldest = self.newest - len(self._kept) + 1
        begin = max(0, number + 1 - oldest)
        end = begin + most
        is_last = end >= len(self._kept)
        return Page(
            events=[(event,) for event in islice(self._kept, begin, end)],
            last=max(self.newest, number) if is_last else oldest + end - 1,
            is_last=is_last,
            oldest=oldest,
            newest=self.newest,
        )
