"""One session's way from the past to the present: which numbers it has, channel by channel, and which come next.

While it lasts nothing with a number is put aside for the session: what is delivered meanwhile is in the history as well
and is read from there in its turn, so all comes in one rising sequence and nothing has to be kept. Each pattern has a
position, the number after which the session is to hear what matches it. A pattern that only wants what is new has the
number that was delivered last; while that is not known, it gets it from the first delivery that comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from frontdesk.push.channels import patterns_of
from frontdesk.push.deadlines import Timed
from frontdesk.push.events import Encoded

if TYPE_CHECKING:
    from frontdesk.push.effects import Recall
    from frontdesk.push.messages import Message
    from frontdesk.push.sessions import Session
    from frontdesk.push.turns import Turn

#: In place of a number: only what is new, and all that is kept.
NEW, ALL = -1, -2


class Asked(msgspec.Struct):
    """A subscription that is answered when the history has been looked at: its place in its turn."""

    turn: "Turn"
    place: int
    message: "Message"
    positions: Mapping[str, int]


class Replay(Timed):
    """What a session is being told again. Its deadline is that of the page it waits for."""

    cursor: int
    is_over: bool

    __slots__ = ("asked", "cursor", "heard", "is_impatient", "is_over", "oldest", "positions", "recall", "session")

    def __init__(
        self, session: "Session", before: "Replay | None", wanted: Mapping[str, int], heard: int | None
    ) -> None:
        """`before`: what the session was being told until now. `heard`: the number that was delivered last."""
        super().__init__()
        self.session = session
        self.heard = heard
        self.positions: dict[str, int | None] = dict.fromkeys(session.patterns, heard)
        if before is not None:
            for pattern, position in before.positions.items():
                if position is not None and pattern in self.positions:
                    self.positions[pattern] = max(position, before.cursor)
        for pattern, number in wanted.items():
            self.positions[pattern] = max(number, 0)
        self.cursor = min(position for position in self.positions.values() if position is not None)
        self.asked: list[Asked] = []
        self.oldest = 0  # of what was kept when it was last told in an answer; 0 before
        if before is not None and not before.is_over:
            self.asked = before.asked
            self.oldest = before.oldest
            self.heard = before.heard
        self.recall: Recall | None = None  # the page that was asked for and is not there yet
        self.is_impatient = False  # it does not wait for signs of its client that do not come
        self.is_over = False

    def subscribed(self, patterns: Iterable[str], heard: int | None) -> None:
        """These patterns are heard too, from now on."""
        for pattern in patterns:
            self.positions.setdefault(pattern, heard)

    def unsubscribed(self, pattern: str) -> None:
        self.positions.pop(pattern, None)

    def gives(self, event: Encoded) -> bool:
        """Whether the session gets an event of the history."""
        number = event.number
        if number is not None:
            for pattern in patterns_of(event.channel):
                position = self.positions.get(pattern)
                if position is not None and position < number:
                    return True
        return False

    def lets_through(self, events: Sequence[Encoded], number: int) -> Sequence[Encoded]:
        """Those of events delivered just now that come to the session this way."""
        if number <= self.cursor:
            return [event for event in events if self._is_new(event) and not self.gives(event)]  # but it has given it
        if self.is_over:
            return events
        for pattern, position in self.positions.items():
            if position is None:
                self.positions[pattern] = number - 1
        return ()

    def _is_new(self, event: Encoded) -> bool:
        """Whether an event that comes late is news to a pattern: the others have it, or said that they do."""
        positions = self.positions
        return any(pattern in positions and positions[pattern] is None for pattern in patterns_of(event.channel))

    def begin_at(self, newest: int) -> None:
        """Nothing has a number above `newest`: positions beyond are of another past than ours."""
        for pattern, position in self.positions.items():
            if position is not None and position > newest:
                self.positions[pattern] = newest
        self.cursor = min(self.cursor, newest)
