"""What a simulation came to: counted while it runs, worked out at its end.

Counted is what came after the warm-up. Waiting is the time from arrival to acceptance. The service level is the share,
of all that were accepted or gave up, that were accepted within the time that the policy of their queue sets as its
target.
"""

from collections.abc import Collection, Mapping, Sequence
from math import sqrt

import msgspec

from frontdesk.core.ids import QueueId, UserId
from frontdesk.core.interactions import Interaction
from frontdesk.core.policy import ServiceLevel
from frontdesk.core.routing import Offer
from frontdesk.simulate.scenario import Scenario
from frontdesk.simulate.staff import Clerk

#: Of the curve of the queue length.
SLICES = 144
_BATCHES = 20
_STUDENT_95 = 2.093  # two-sided, for the 19 degrees of freedom of 20 batches


class Estimate(msgspec.Struct, frozen=True):
    """A mean and half the width of its 95 % confidence interval, by batch means; None where too few were counted."""

    mean: float
    margin: float | None = None


class AgentResult(msgspec.Struct, frozen=True, kw_only=True):
    """One agent."""

    name: str
    handled: int
    present_s: float
    occupancy: float


class QueueResult(msgspec.Struct, frozen=True, kw_only=True):
    """One queue; an interaction counts where it was when it was accepted or given up."""

    name: str
    answered: int
    abandoned: int
    service_level: float
    answer_s: float


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """Of one run. Shares are from 0 to 1, times in seconds."""

    name: str
    came: int
    counted: int
    answered: int
    abandoned: int
    waiting: int
    in_hand: int
    overflowed: int
    service_level: Estimate
    answer: Estimate
    answer_95_s: float
    wait: Estimate
    abandonment: Estimate
    occupancy: float
    length_mean: float
    length_most: int
    fairness: float
    deviation: float
    digest: str
    wall_s: float
    waits_s: tuple[float, ...]
    gave_up_s: tuple[float, ...]
    lengths: tuple[float, ...]
    lengths_most: tuple[int, ...]
    slice_s: float
    queues: tuple[QueueResult, ...]
    agents: tuple[AgentResult, ...]

    @property
    def per_minute(self) -> float:
        """Interactions simulated in a minute of the wall clock."""
        return self.came / self.wall_s * 60 if self.wall_s else 0.0


class Book:
    """Mutable; kept by the floor."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._start_ms = scenario.start_ms
        self._counted_from_ms = scenario.start_ms + scenario.warm_up_s * 1000
        self._slice_ms = max(1, -(-scenario.duration_s * 1000 // SLICES))
        self._within_ms = {
            QueueId(queue.name): (scenario.policy.of(QueueId(queue.name)).service_level or ServiceLevel()).within_s
            * 1000
            for queue in scenario.queues
        }
        # What ended waiting, in order: its queue, how long it waited, whether it was accepted, and whether in time.
        self._ended: list[tuple[QueueId, int, bool, bool]] = []
        self._overflowed = 0
        self._offers = 0
        self._passed_over = 0
        self._length = 0
        self._marked_ms = scenario.start_ms
        self._area = [0] * SLICES
        self._most = [0] * SLICES
        self._counted_area = 0
        self._counted_most = 0

    # ── while it runs ────────────────────────────────────────────────────────────────────────────

    def waits(self, by: int, now_ms: int) -> None:
        """One more waits, or one fewer."""
        self._mark(now_ms)
        self._length += by
        place = min(SLICES - 1, (now_ms - self._start_ms) // self._slice_ms)
        self._most[place] = max(self._most[place], self._length)
        if now_ms >= self._counted_from_ms:
            self._counted_most = max(self._counted_most, self._length)

    def offered(self, offer: Offer, before: Interaction, clerks: Mapping[UserId, Clerk]) -> None:
        """Count who was passed over: candidates who had been idle for longer than the first who is asked."""
        self._offers += 1
        medium = before.media_type
        chosen_ms = clerks[offer.invitees[0]].idle_since_ms[medium]
        for candidate in offer.record.candidates:
            if clerks[candidate.user].idle_since_ms[medium] < chosen_ms:
                self._passed_over += 1

    def accepted(self, before: Interaction, clerk: Clerk, now_ms: int) -> None:
        """For the first time."""
        self.waits(-1, now_ms)
        if before.received_at_ms >= self._counted_from_ms:
            clerk.handled += 1
            waited_ms = now_ms - before.received_at_ms
            self._ended.append((before.queue, waited_ms, True, waited_ms <= self._within_ms[before.queue]))

    def abandoned(self, before: Interaction, now_ms: int) -> None:
        """Its customer is gone."""
        self.waits(-1, now_ms)
        if before.received_at_ms >= self._counted_from_ms:
            self._ended.append((before.queue, now_ms - before.received_at_ms, False, False))

    def overflowed(self, now_ms: int) -> None:
        """Something was moved to another queue."""
        self._overflowed += now_ms >= self._counted_from_ms

    def close(self, now_ms: int) -> None:
        """The end has come."""
        self._mark(now_ms)

    def _mark(self, now_ms: int) -> None:
        since_ms, self._marked_ms = self._marked_ms, now_ms
        if now_ms == since_ms or not self._length:
            return
        self._counted_area += self._length * max(0, now_ms - max(since_ms, self._counted_from_ms))
        while since_ms < now_ms:
            place = min(SLICES - 1, (since_ms - self._start_ms) // self._slice_ms)
            until_ms = now_ms if place == SLICES - 1 else min(now_ms, self._start_ms + (place + 1) * self._slice_ms)
            self._area[place] += self._length * (until_ms - since_ms)
            self._most[place] = max(self._most[place], self._length)
            since_ms = until_ms

    # ── at its end ───────────────────────────────────────────────────────────────────────────────

    def results(
        self, clerks: Collection[Clerk], *, came: int, waiting: int, in_hand: int, digest: str, wall_s: float
    ) -> Results:
        """Everything, worked out."""
        ended, scenario = self._ended, self._scenario
        answered_s = [waited_ms / 1000 for _, waited_ms, is_answered, _ in ended if is_answered]
        counted_ms = scenario.duration_s * 1000 - scenario.warm_up_s * 1000
        present_ms = sum(clerk.present_ms for clerk in clerks)
        return Results(
            name=scenario.name,
            came=came,
            counted=len(ended),
            answered=len(answered_s),
            abandoned=len(ended) - len(answered_s),
            waiting=waiting,
            in_hand=in_hand,
            overflowed=self._overflowed,
            service_level=estimate([float(is_in_time) for _, _, _, is_in_time in ended]),
            answer=estimate(answered_s),
            answer_95_s=_quantile(sorted(answered_s), 0.95),
            wait=estimate([waited_ms / 1000 for _, waited_ms, _, _ in ended]),
            abandonment=estimate([float(not is_answered) for _, _, is_answered, _ in ended]),
            occupancy=sum(clerk.busy_ms for clerk in clerks) / present_ms if present_ms else 0.0,
            length_mean=self._counted_area / counted_ms,
            length_most=self._counted_most,
            fairness=jain([clerk.handled for clerk in clerks if clerk.present_ms]),
            deviation=self._passed_over / self._offers if self._offers else 0.0,
            digest=digest,
            wall_s=wall_s,
            waits_s=tuple(answered_s),
            gave_up_s=tuple([waited_ms / 1000 for _, waited_ms, is_answered, _ in ended if not is_answered]),
            lengths=tuple(area / self._slice_ms for area in self._area),
            lengths_most=tuple(self._most),
            slice_s=self._slice_ms / 1000,
            queues=tuple(self._of_queue(QueueId(queue.name)) for queue in scenario.queues),
            agents=tuple(_of_agent(clerk) for clerk in clerks),
        )

    def _of_queue(self, queue: QueueId) -> QueueResult:
        ended = [one for one in self._ended if one[0] == queue]
        answered_ms = [waited_ms for _, waited_ms, is_answered, _ in ended if is_answered]
        return QueueResult(
            name=queue,
            answered=len(answered_ms),
            abandoned=len(ended) - len(answered_ms),
            service_level=sum(one[3] for one in ended) / len(ended) if ended else 0.0,
            answer_s=sum(answered_ms) / len(answered_ms) / 1000 if answered_ms else 0.0,
        )


def _of_agent(clerk: Clerk) -> AgentResult:
    return AgentResult(
        name=clerk.user,
        handled=clerk.handled,
        present_s=clerk.present_ms / 1000,
        occupancy=clerk.busy_ms / clerk.present_ms if clerk.present_ms else 0.0,
    )


def jain(values: Sequence[float]) -> float:
    """Jain's index of fairness: 1 where all have the same, 1/n where one of n has everything."""
    squares = len(values) * sum(value * value for value in values)
    return sum(values) ** 2 / squares if squares else 1.0


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of values that depend on their neighbours: batches of them hardly depend on each other."""
    if not values:
        return Estimate(0.0)
    mean = sum(values) / len(values)
    size = len(values) // _BATCHES
    if size < 2:
        return Estimate(mean)
    means = [sum(values[start : start + size]) / size for start in range(0, size * _BATCHES, size)]
    middle = sum(means) / _BATCHES
    variance = sum((one - middle) ** 2 for one in means) / (_BATCHES - 1)
    return Estimate(mean, _STUDENT_95 * sqrt(variance / _BATCHES))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
