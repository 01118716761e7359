"""What waits in one queue for the same agents: of one medium, at one step, perhaps kept for one agent."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.routing.audiences import Audience
from frontdesk.core.routing.servers import Serving
from frontdesk.kit.ordered import Ordered

if TYPE_CHECKING:
    from frontdesk.core.routing.lines import Line

#: The order within a queue: urgency that does not change with time (negative), since when it waits, and its id.
Rank = tuple[int, int, InteractionId]


class Item:
    """A live interaction. It waits while it has a `pool`; else it is in the hands of its `holders`, if any."""

    __slots__ = (
        *("holders", "id", "is_answered", "is_offered", "last_agent", "medium", "pool", "priority"),
        *("queue", "queued_at_ms", "rank", "refused", "round_ends_ms", "version"),
    )

    def __init__(self, id_: InteractionId, medium: str) -> None:
        self.id = id_
        self.medium = medium
        self.version = 0
        self.queue = QueueId("")
        self.priority = 0
        self.queued_at_ms = 0
        self.refused: tuple[UserId, ...] = ()
        self.round_ends_ms: int | None = None
        self.last_agent: UserId | None = None
        self.is_answered = False
        self.is_offered = False  # its holders are asked for the queue, and have not accepted
        self.holders: tuple[UserId, ...] = ()
        self.pool: Pool | None = None
        self.rank: Rank = (0, 0, id_)


class Pool:
    """Its first item that any free agent of its audience has not refused is the next of its queue to be offered."""

    __slots__ = ("audience", "held_for", "items", "line", "medium", "serving", "step")

    def __init__(
        self, line: "Line", medium: str, step: int, held_for: UserId | None, serving: Serving, audience: Audience
    ) -> None:
        self.line = line
        self.medium = medium
        self.step = step
        self.held_for = held_for
        self.serving = serving
        self.audience = audience
        self.items: Ordered[Rank] = Ordered()

    def add(self, rank: Rank) -> None:
        if not self.items:
            self.audience.waiting[self] = None
        self.items.add(rank)

    def remove(self, rank: Rank) -> None:
        self.items.remove(rank)
        if not self.items:
            del self.audience.waiting[self]

    def front(self, items: Mapping[InteractionId, Item]) -> Item | None:
        """What is offered next, or None. Looks past no more than one free agent has refused."""
        audience = self.audience
        if audience.free:
            for rank in self.items:
                item = items[rank[2]]
                if not item.refused or audience.has_free(item.refused):
                    return item
        return None
