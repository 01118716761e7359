"""What one decision of the router costs, with few and with many agents, and with few and with many waiting.

Two halves of a contact centre are at work. In one everybody is busy and items wait: a decision is that somebody
finishes and gets the next, and another arrives. In the other everybody is free: a decision is that one arrives and the
longest idle gets it, who finishes at once. The policy has ageing, two steps of relaxation and a service level, so that
every waiting item has a timer. What is timed is all that a decision makes the router do: the turn, and taking in the
interactions that the offer, its acceptance and the end of the work before it changed. Time is the processor's.

Run with a plan in JSON it says what it found in a line of JSON, without one in a table of the whole plan.
"""

import gc
import sys
from collections import deque
from collections.abc import Iterator
from statistics import median
from time import process_time
from typing import Final

import msgspec
from msgspec.structs import replace

from bench.plan import FULL, Decisions
from frontdesk.core import interactions
from frontdesk.core.ids import GroupId, InteractionId, QueueId, UserId
from frontdesk.core.interactions import Direction, Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import MediumPolicy, Policy, QueuePolicy, RelaxStep, ServiceLevel
from frontdesk.core.routing import (
    AgentFacts,
    AgentState,
    ChannelState,
    Decision,
    Facts,
    Offer,
    QueueFacts,
    RoutingState,
)

AIM_GROWTH: Final = 3

_QUEUES: Final = 5  # in each half; every agent serves three
_POLICY: Final = Policy(
    default=QueuePolicy(
        ageing_per_minute=0.5,
        requires="skill",
        relax=(RelaxStep(after_s=600, requires="skill >= 0"), RelaxStep(after_s=1200, requires="")),
        service_level=ServiceLevel(within_s=900, boost=2, boost_before_s=60),
    ),
    other_media=MediumPolicy(limit=1),
)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One contact centre."""

    agents: int
    waiting: int
    busy_us: float  # a decision where items wait
    free_us: float  # a decision where agents wait


class Centre:
    """Both halves, kept at the size that they were made with."""

    def __init__(self, agents: int, waiting: int) -> None:
        self.agents = agents
        self.waiting = waiting
        self._now_ms = 1_800_000_000_000
        self._count = 0
        self._waiting: dict[InteractionId, Interaction] = {}
        self._working: deque[Interaction] = deque()
        users = [UserId(f"{number:032x}") for number in range(agents)]
        facts = Facts(
            agents={user: _agent(number) for number, user in enumerate(users)},
            queues={
                _queue(half, number): QueueFacts(groups=frozenset({_group(half, number)}))
                for half in (0, 1)
                for number in range(_QUEUES)
            },
        )
        self._router = RoutingState(facts, _POLICY, self._now_ms)
        for user in users:
            self._router.set_agent(AgentState(user, {"chat": ChannelState(ready=True, idle_since_ms=self._now_ms)}))
        for _ in range((agents + 1) // 2 + waiting):
            self._now_ms += 2
            self._tell(self._arrival(half=0))
        self._take(self._router.turn(self._now_ms))

    def once(self, decisions: int) -> tuple[float, float]:
        """Microseconds of a decision in each half."""
        return self.busy(decisions), self.free(decisions)

    def busy(self, decisions: int) -> float:
        """Microseconds of a decision where items wait."""
        spent_s = 0.0
        for _ in range(decisions):
            before = self._working.popleft()
            done = replace(before, state=State.COMPLETED, owner=None, version=before.version + 1)
            arrival = self._arrival(half=0)
            began_s = process_time()
            self._tell(done)
            self._tell(arrival)
            self._take(self._router.turn(self._now_ms))
            spent_s += process_time() - began_s
            self._now_ms += 1
        return spent_s / decisions * 1e6

    def free(self, decisions: int) -> float:
        """Microseconds of a decision where agents wait."""
        spent_s = 0.0
        for _ in range(decisions):
            arrival = self._arrival(half=1)
            began_s = process_time()
            self._tell(arrival)
            self._take(self._router.turn(self._now_ms))
            before = self._working.pop()
            self._tell(replace(before, state=State.COMPLETED, owner=None, version=before.version + 1))
            spent_s += process_time() - began_s
            self._now_ms += 1
        return spent_s / decisions * 1e6

    def _arrival(self, half: int) -> Interaction:
        self._count += 1
        queue = _queue(half, self._count % _QUEUES)
        return Interaction(
            id=InteractionId(f"{self._count:016}"),
            media_type="chat",
            direction=Direction.INBOUND,
            subtype="InboundNew",
            state=State.QUEUED,
            version=1,
            received_at_ms=self._now_ms,
            queued_at_ms=self._now_ms,
            queue=queue,
            queue_name=queue,
            priority=self._count * 7919 % 4,
        )

    def _tell(self, after: Interaction) -> None:
        if after.state is State.QUEUED:
            self._waiting[after.id] = after
        self._router.set_item(after, at_ms=self._now_ms)

    def _take(self, decisions: tuple[Decision, ...]) -> None:
        for decision in decisions:
            assert isinstance(decision, Offer)
            before = self._waiting.pop(decision.interaction)
            invited = interactions.offer(before, decision.invitees, deadline_ms=self._now_ms + 30_000).after
            accepted = interactions.accept(invited, decision.invitees[0]).after
            self._router.set_item(invited, at_ms=self._now_ms)
            self._router.set_item(accepted, at_ms=self._now_ms)
            self._working.append(accepted)


def measure(plan: Decisions) -> list[Row]:
    """Every number of agents with every number of waiting items, the median of rounds in alternation."""
    centres = [Centre(agents, waiting) for agents in plan.agents for waiting in plan.waiting]
    gc.collect()
    gc.freeze()  # what lives as long as the server is not looked at again and again
    try:
        found = [[centre.once(plan.decisions) for centre in centres] for _ in range(plan.rounds)]
    finally:
        gc.unfreeze()
    return [
        Row(
            agents=centre.agents,
            waiting=centre.waiting,
            busy_us=median(once[number][0] for once in found),
            free_us=median(once[number][1] for once in found),
        )
        for number, centre in enumerate(centres)
    ]


def growth(rows: list[Row]) -> float:
    """How much more the dearest decision of the largest centre costs than that of the smallest."""
    smallest, largest = min(rows, key=_size), max(rows, key=_size)
    return max(largest.busy_us / smallest.busy_us, largest.free_us / smallest.free_us)


def table(rows: list[Row]) -> Iterator[str]:
    """The lines to read."""
    yield f"{'agents':>8}{'waiting':>10}{'items wait':>12}{'agents wait':>13}   (us of CPU for a decision)"
    for row in rows:
        yield f"{row.agents:8,}{row.waiting:10,}{row.busy_us:12.1f}{row.free_us:13.1f}"
    yield f"the largest costs {growth(rows):.2f} x the smallest"


def _size(row: Row) -> int:
    return row.agents * row.waiting


def _agent(number: int) -> AgentFacts:
    half, place = number % 2, number // 2
    groups = frozenset(_group(half, (place + step) % _QUEUES) for step in range(3))
    return AgentFacts(name=f"agent {number}", skills={"skill": 1 + number % 9}, groups=groups)


def _queue(half: int, number: int) -> QueueId:
    return QueueId(f"{half}-{number}")


def _group(half: int, number: int) -> GroupId:
    return GroupId(f"group-{half}-{number}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(msgspec.json.encode(measure(msgspec.json.decode(sys.argv[1], type=Decisions))).decode(), flush=True)
    else:
        sys.stdout.writelines(f"{line}\n" for line in table(measure(FULL.decisions)))
