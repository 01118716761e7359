"""A day in a contact centre, made from a seed: arrivals, answers, breaks, and every rule of the policy at work.

It is told to one router or to several at once; the decisions of the first are made true. `python -m` prints what was
decided as one hash, for tests that compare interpreters.
"""

import hashlib
import sys
from collections.abc import Iterator, Sequence
from random import Random
from typing import Protocol

from msgspec.structs import replace

from frontdesk.core import interactions, lifecycle
from frontdesk.core.calendars import WEEKDAYS, Calendar
from frontdesk.core.ids import GroupId, InteractionId, QueueId, UserId
from frontdesk.core.interactions import Direction, Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import (
    Choice,
    MediumPolicy,
    Outside,
    OverflowRule,
    Policy,
    QueuePolicy,
    RelaxStep,
    ServiceLevel,
)
from frontdesk.core.routing import (
    AgentFacts,
    AgentState,
    ChannelState,
    Decision,
    Facts,
    Offer,
    Overflow,
    QueueFacts,
    RoutingState,
)
from frontdesk.kit import codec

MONDAY_MS = 1_795_420_740_000  # 2026-11-23 07:59:00 UTC, a minute before the queues open
MEDIA = ("chat", "email", "workitem")
BILLING, SALES, VIP, SPARE = (QueueId(name) for name in ("billing", "sales", "vip", "spare"))
NORTH, SOUTH = GroupId("north"), GroupId("south")
USERS = [UserId(f"agent-{number:02}") for number in range(14)]

FACTS = Facts(
    agents={
        user: AgentFacts(
            name=f"Agent {number}",
            skills={"german": number % 5, "sales": number % 7},
            groups=frozenset({NORTH} if number % 2 else {SOUTH} if number % 3 else {NORTH, SOUTH}),
        )
        for number, user in enumerate(USERS)
    },
    queues={
        BILLING: QueueFacts(name="Billing", groups=frozenset({NORTH})),
        SALES: QueueFacts(name="Sales", groups=frozenset({SOUTH})),
        VIP: QueueFacts(name="VIP", agents=frozenset(USERS[:2])),
        SPARE: QueueFacts(name="Spare", agents=frozenset(USERS[-3:])),
    },
    groups={NORTH: "North", SOUTH: "South"},
)
POLICY = Policy(
    version=7,
    queues={
        BILLING: QueuePolicy(
            ageing_per_minute=0.5,
            weight=3,
            requires="german >= 2",
            relax=(RelaxStep(after_s=30, requires="german"), RelaxStep(after_s=90, requires="", groups=(SOUTH,))),
            last_agent_s=40,
            overflow=(OverflowRule(to=SPARE, after_s=400), OverflowRule(to=SPARE, longer_than=4)),
            calendar="mornings",
            outside=Outside.AUTO_ANSWER,
        ),
        SALES: QueuePolicy(
            ageing_per_minute=0.25,
            members="sales >= 4",
            choice=Choice.BEST_SKILL,
            requires="sales or german",
            overflow=(OverflowRule(to=SPARE, expected_wait_s=120),),
            service_level=ServiceLevel(within_s=60, boost=2, boost_before_s=20),
            calendar="mornings",
            outside=Outside.OVERFLOW,
            outside_to=SPARE,
        ),
        VIP: QueuePolicy(
            relax=(RelaxStep(after_s=10, agents=(USERS[5],), queues=(SALES,)),), choice=Choice.LEAST_LOADED, parallel=2
        ),
        SPARE: QueuePolicy(choice=Choice.ROUND_ROBIN),
    },
    media={
        "chat": MediumPolicy(limit=3, interruptible_by=("email",)),
        "email": MediumPolicy(limit=2, cost=2),
        "workitem": MediumPolicy(limit=4),
    },
    units=6,
    agents={USERS[3]: {"chat": 1}, USERS[4]: {"email": 0}},
    calendars={"mornings": Calendar(week=dict.fromkeys(WEEKDAYS, ("08:00-12:00", "12:30-13:00")))},
)


class Router(Protocol):
    def set_item(
        self, interaction: Interaction, *, at_ms: int, last_agent: UserId | None = None, is_answered: bool = False
    ) -> None: ...

    def set_agent(self, agent: AgentState) -> None: ...

    def turn(self, now_ms: int) -> Sequence[Decision]: ...


class Day:
    """What the store would hold."""

    def __init__(self, seed: int, *routers: Router) -> None:
        self._chance = Random(seed)
        self._routers = routers
        self._now_ms = MONDAY_MS
        self._count = 0
        self.live: dict[InteractionId, Interaction] = {}

    def run(self, happenings: int) -> Iterator[list[Sequence[Decision]]]:
        """After each thing that happens, what each router decides."""
        for user in USERS:
            self._log_in(user)
        for _ in range(happenings):
            self._happen()
            decisions = [router.turn(self._now_ms) for router in self._routers]
            yield decisions
            for decision in decisions[0]:
                self._make_true(decision)

    def _happen(self) -> None:
        chance = self._chance
        self._now_ms += chance.choice((0, 0, 3, 250, 1_000, 2_000, 7_000, 20_000))
        if chance.random() < 0.002:
            self._now_ms += 3_600_000
        act = chance.choices(
            (self._arrive, self._accept, self._reject, self._expire, self._finish, self._round, self._agent),
            (40, 40, 8, 4, 30, 5, 6),
        )[0]
        act()

    def _arrive(self) -> None:
        chance = self._chance
        queue = chance.choices((BILLING, SALES, VIP, SPARE), (5, 4, 1, 1))[0]
        self._count += 1
        arrived = Interaction(
            id=InteractionId(f"I{self._count:06}"),
            media_type=chance.choice(MEDIA),
            direction=Direction.INBOUND,
            subtype="InboundNew",
            state=State.QUEUED,
            version=1,
            received_at_ms=self._now_ms,
            queued_at_ms=self._now_ms,
            queue=queue,
            queue_name=queue,
            priority=chance.choice((0, 0, 0, 1, 3)),
        )
        self._tell(arrived, last_agent=chance.choice((None, None, chance.choice(USERS))))

    def _accept(self) -> None:
        if asked := self._picked(State.INVITED):
            self._tell(interactions.accept(asked, self._chance.choice(asked.invitees)).after)

    def _reject(self) -> None:
        if asked := self._picked(State.INVITED):
            who = self._chance.choice(asked.invitees)
            self._tell(interactions.reject(asked, who, round_ends_at_ms=self._now_ms + 60_000).after)

    def _expire(self) -> None:
        if asked := self._picked(State.INVITED):
            self._tell(interactions.expire(asked, round_ends_at_ms=self._now_ms + 60_000).after)

    def _finish(self) -> None:
        if worked_on := self._picked(*lifecycle.WORKING):
            self._tell(replace(worked_on, state=State.COMPLETED, owner=None, version=worked_on.version + 1))

    def _round(self) -> None:
        if waiting := self._picked(State.QUEUED):
            self._tell(interactions.new_round(waiting).after)

    def _agent(self) -> None:
        user = self._chance.choice(USERS)
        if self._chance.random() < 0.2:
            self._set_agent(AgentState(user))
        else:
            self._log_in(user)

    def _log_in(self, user: UserId) -> None:
        media = [medium for medium in MEDIA if self._chance.random() < 0.8]
        states = {medium: ChannelState(self._chance.random() < 0.8, self._now_ms) for medium in media}
        self._set_agent(AgentState(user, states))

    def _make_true(self, decision: Decision) -> None:
        before = self.live[decision.interaction]
        if isinstance(decision, Offer):
            self._tell(interactions.offer(before, decision.invitees, deadline_ms=self._now_ms + 30_000).after)
        elif isinstance(decision, Overflow):
            self._tell(replace(before, queue=decision.to, version=before.version + 1, refused_by=()))
        else:
            self._tell(replace(before, version=before.version + 1), is_answered=True)

    def _picked(self, *states: State) -> Interaction | None:
        found = [one for one in self.live.values() if one.state in states]
        return self._chance.choice(found) if found else None

    def _set_agent(self, agent: AgentState) -> None:
        for router in self._routers:
            router.set_agent(agent)

    def _tell(self, after: Interaction, *, last_agent: UserId | None = None, is_answered: bool = False) -> None:
        self.live[after.id] = after
        if after.is_final:
            del self.live[after.id]
        for router in self._routers:
            router.set_item(after, at_ms=self._now_ms, last_agent=last_agent, is_answered=is_answered)


def fingerprint(seed: int, happenings: int) -> str:
    """A hash of every byte that is decided in a day, and of why the rest waits at its end."""
    router = RoutingState(FACTS, POLICY, MONDAY_MS)
    found = hashlib.sha256()
    day = Day(seed, router)
    now_ms = MONDAY_MS
    for (decisions,) in day.run(happenings):
        found.update(codec.encode(decisions))
    for waiting in sorted(day.live):
        found.update(codec.encode(router.explain(waiting, now_ms)))
    return found.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(fingerprint(int(sys.argv[1]), int(sys.argv[2])))
