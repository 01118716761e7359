"""One queue on its way to its agents: order, ageing, steps, hours, and its turn among the other queues."""

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping
from typing import Final

from frontdesk.core.calendars import Opening, OpeningHours
from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.policy import QueuePolicy
from frontdesk.core.routing.pools import Item, Pool, Rank
from frontdesk.kit.ordered import Ordered

#: One point of priority, so fine that a thousandth of a point a minute is a whole number a millisecond.
POINT: Final = 60_000 * 1_000
#: What one cost unit of weight 1 moves a queue back in the order of turns; most weights divide it.
_TURN: Final = 720_720
#: The expected wait rests on so many services.
_SERVICES: Final = 20

ALWAYS_OPEN: Final = Opening(is_open=True, until_ms=0, changes=False)

PoolKey = tuple[str, int, UserId | None]


class Memory:
    """What a queue remembers whatever its policy: its turns, whom it asked, when it was served."""

    __slots__ = ("asked", "services", "turn")

    def __init__(self) -> None:
        self.turn = 0  # start-time fair queueing: the virtual time at which its last service ends
        self.asked: dict[UserId, int] = {}
        self.services: deque[int] = deque(maxlen=_SERVICES)


class Line:
    """Mutable; kept by the index, read by the turn."""

    def __init__(self, queue: QueueId, rules: QueuePolicy, hours: OpeningHours | None, memory: Memory) -> None:
        self.queue = queue
        self.rules = rules
        self.hours = hours
        self.memory = memory
        self.pools: dict[PoolKey, Pool] = {}
        self.touched: dict[Pool, None] = {}  # pools in which something may be offered
        self.order: Ordered[Rank] = Ordered()  # all that waits in it
        self.overdue: dict[InteractionId, None] = {}  # waited so long that they overflow
        self.unanswered: dict[InteractionId, None] = {}  # had no automatic answer
        self.opening = ALWAYS_OPEN
        self._front: Item | None = None
        self._is_front_known = False
        self._ageing = round(rules.ageing_per_minute * 1000)
        self._steps_ms = [step.after_s * 1000 for step in rules.steps]
        self._overflow_ms = [rule.after_s * 1000 for rule in rules.overflow if rule.after_s is not None]
        self._boost_ms: int | None = None
        level = rules.service_level
        if level is not None and level.boost:
            self._boost_ms = max(0, level.within_s - level.boost_before_s) * 1000
        moments = {*self._steps_ms, *self._overflow_ms, *([] if self._boost_ms is None else [self._boost_ms])}
        self._moments_ms = sorted(moments)

    # ── one interaction ──────────────────────────────────────────────────────────────────────────

    def step_at(self, waited_ms: int) -> int:
        return bisect_right(self._steps_ms, waited_ms)

    def rank(self, item: Item, waited_ms: int) -> Rank:
        points = item.priority
        if self._boost_ms is not None and waited_ms >= self._boost_ms:
            assert self.rules.service_level is not None
            points += self.rules.service_level.boost
        return self._ageing * item.queued_at_ms - points * POINT, item.queued_at_ms, item.id

    def level(self, rank: Rank, now_ms: int) -> int:
        """The priority in whole points as it is now."""
        return (self._ageing * now_ms - rank[0]) // POINT

    def is_overdue(self, waited_ms: int) -> bool:
        return any(waited_ms >= after_ms for after_ms in self._overflow_ms)

    def next_change_ms(self, item: Item, waited_ms: int) -> int | None:
        """When time alone changes how it is ranked or who may have it; None if never."""
        moments = self._moments_ms
        passed = bisect_right(moments, waited_ms)
        change = item.queued_at_ms + moments[passed] if passed < len(moments) else None
        if item.last_agent is not None and waited_ms < self.rules.last_agent_s * 1000:
            kept_until = item.queued_at_ms + self.rules.last_agent_s * 1000
            return kept_until if change is None else min(change, kept_until)
        return change

    # ── the whole queue ──────────────────────────────────────────────────────────────────────────

    def touch(self, pool: Pool) -> None:
        """Something in it may be offered that could not before."""
        self.touched[pool] = None
        self._is_front_known = False

    def forget_front(self) -> None:
        self._is_front_known = False

    def front(self, items: Mapping[InteractionId, Item]) -> Item | None:
        """The first that can be offered now, of the pools that were touched; None lays them aside."""
        if not self._is_front_known:
            best: Item | None = None
            for pool in list(self.touched):
                front = pool.front(items)
                if front is None:
                    del self.touched[pool]
                elif best is None or front.rank < best.rank:
                    best = front
            self._front, self._is_front_known = best, True
        return self._front

    def take_turn(self, start: int, cost: int) -> None:
        """A service of this cost begins at the virtual time `start`."""
        self.memory.turn = start + max(1, cost) * _TURN // max(1, self.rules.weight)

    def expected_wait_ms(self, length: int, now_ms: int) -> int | None:
        """How long the last of so many will wait, by the rate of the last services; None while hardly any is known."""
        services = self.memory.services
        if len(services) < 2:
            return None
        return length * (now_ms - services[0]) // len(services)
