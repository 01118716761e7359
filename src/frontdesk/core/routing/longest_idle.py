"""Which agent is asked next: the one who has been idle longest, of those who can take it.

The store proposes candidates by index, longest idle first; the decision and its rules are here, so that they can be
read, tested and replayed without a database.
"""

from collections.abc import Sequence

import msgspec

from frontdesk.core.ids import UserId
from frontdesk.core.interactions import Interaction


class Candidate(msgspec.Struct, frozen=True):
    """An agent who serves the queue and is Ready on the medium, with what the choice rests on."""

    user_id: UserId
    idle_since_ms: int
    load: int
    room: int

    @property
    def has_room(self) -> bool:
        return self.load < self.room


def choose(waiting: Interaction, candidates: Sequence[Candidate]) -> UserId | None:
    """The agent to be offered `waiting`, or None to keep it queued.

    Shape:  `candidates` in any order, may be empty.
    Rule:   longest idle first, equal ones by user id; never one who refused it in this round.
    """
    free = [one for one in candidates if one.has_room and one.user_id not in waiting.refused_by]
    if not free:
        return None
    return min(free, key=lambda one: (one.idle_since_ms, one.user_id)).user_id
