"""Laws of the router, tried in a small contact centre in which anything happens.

After everything that happens both routers take a turn, the real one and the one that looks at every pair, and what they
decide has to be the same. So has what a third one decides that is the real one, asked for one decision at a time.
"""

from collections.abc import Iterable

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from frontdesk.core import interactions, lifecycle
from frontdesk.core.calendars import WEEKDAYS, Calendar
from frontdesk.core.ids import GroupId, InteractionId, QueueId, UserId
from frontdesk.core.interactions import Interaction
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
    Rule,
)
from tests.core.routing.reference import Reference
from tests.core.test_interactions import queued

MONDAY_MS = 1_795_420_740_000  # 2026-11-23 07:59:00 UTC, a minute before the queues open

USERS = [UserId(name) for name in ("ada", "bob", "cleo", "dan", "eve")]
GROUPS = [GroupId(name) for name in ("north", "south")]
QUEUES = [QueueId(name) for name in ("billing", "sales", "vip")]
MEDIA = ["chat", "email"]
EXPRESSIONS = [*[""] * 4, "x", "x >= 2", "y >= 3 or x >= 3", "not y"]

users, queues, media = st.sampled_from(USERS), st.sampled_from(QUEUES), st.sampled_from(MEDIA)
expressions, seconds = st.sampled_from(EXPRESSIONS), st.sampled_from([60, 10, 1, 0, 90])

steps = st.builds(
    RelaxStep,
    after_s=seconds,
    requires=st.none() | expressions,
    agents=st.lists(users, max_size=1).map(tuple),
    groups=st.lists(st.sampled_from(GROUPS), max_size=1).map(tuple),
    queues=st.lists(queues, max_size=1).map(tuple),
)


def overflows(to: list[QueueId]) -> st.SearchStrategy[OverflowRule]:
    target = st.sampled_from(to)
    return st.one_of(
        st.builds(OverflowRule, to=target, after_s=seconds),
        st.builds(OverflowRule, to=target, longer_than=st.integers(0, 3)),
        st.builds(OverflowRule, to=target, expected_wait_s=seconds),
    )


def queue_policies(to: list[QueueId]) -> st.SearchStrategy[QueuePolicy]:
    """Overflow goes from earlier queues to later ones only, for circles are refused."""
    return st.builds(
        QueuePolicy,
        ageing_per_minute=st.sampled_from([0.0, 1.0, 2.5]),
        weight=st.integers(1, 3),
        members=expressions,
        requires=expressions,
        relax=st.lists(steps, max_size=2).map(tuple),
        choice=st.sampled_from(Choice),
        last_agent_s=seconds,
        overflow=st.just(()) | st.lists(overflows(to), max_size=2).map(tuple) if to else st.just(()),
        calendar=st.sampled_from([None, None, None, "mornings"]),
        outside=st.sampled_from(Outside),
        outside_to=st.sampled_from(to) if to else st.none(),
        service_level=st.none()
        | st.builds(ServiceLevel, within_s=st.just(60), boost=st.just(2), boost_before_s=seconds),
        parallel=st.integers(1, 3),
    )


medium_policies = st.builds(
    MediumPolicy,
    limit=st.sampled_from([1, 2, 3, 0]),
    cost=st.integers(1, 2),
    interruptible_by=st.sampled_from([None, (), ("email",)]),
)
CALENDARS = {"mornings": Calendar(week=dict.fromkeys(WEEKDAYS, ("08:00-12:00",)))}
policies = st.builds(
    Policy,
    queues=st.fixed_dictionaries({queue: queue_policies(QUEUES[n + 1 :]) for n, queue in enumerate(QUEUES)}),
    media=st.fixed_dictionaries(dict.fromkeys(MEDIA, medium_policies)),
    units=st.sampled_from([3, 4, 5, 2]),
    agents=st.dictionaries(users, st.dictionaries(media, st.integers(0, 4), max_size=1), max_size=2),
    calendars=st.just(CALENDARS),
)

agent_facts = st.builds(
    AgentFacts,
    skills=st.dictionaries(st.sampled_from("xy"), st.integers(1, 3)),
    groups=st.frozensets(st.sampled_from(GROUPS)),
)
queue_facts = st.builds(
    QueueFacts,
    agents=st.frozensets(users, min_size=1, max_size=4),
    groups=st.frozensets(st.sampled_from(GROUPS), max_size=1),
)
directories = st.builds(
    Facts,
    agents=st.dictionaries(users, agent_facts, min_size=3),
    queues=st.fixed_dictionaries({QUEUES[0]: queue_facts, QUEUES[2]: queue_facts}, optional={QUEUES[1]: queue_facts}),
)


class ContactCentre(RuleBasedStateMachine):
    """What the store would hold, and three routers that are told of it."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = MONDAY_MS
        self.true: dict[InteractionId, Interaction] = {}
        self.last_agents: dict[InteractionId, UserId] = {}

    @initialize(facts=directories, policy=policies)
    def open(self, facts: Facts, policy: Policy) -> None:
        self.facts, self.policy = facts, policy
        self.router = RoutingState(facts, policy, self.now_ms)
        self.by_ones = RoutingState(facts, policy, self.now_ms)
        self.reference = Reference(facts, policy, self.now_ms)
        for user in USERS:
            self.log_in(user, 0, is_ready=True)

    # ── what happens ─────────────────────────────────────────────────────────────────────────────

    @rule(queue=queues, medium=media, priority=st.integers(0, 2), last_agent=st.none() | users, age_s=seconds)
    def arrive(self, queue: QueueId, medium: str, priority: int, last_agent: UserId | None, age_s: int) -> None:
        id_ = InteractionId(f"I{len(self.true):04}")
        if last_agent is not None:
            self.last_agents[id_] = last_agent
        queued_at_ms = self.now_ms - age_s * 1000
        self.become(
            replace(queued(medium), id=id_, queue=queue, priority=priority, queued_at_ms=queued_at_ms), is_refused=False
        )

    @rule(arrivals=st.lists(st.tuples(queues, media, st.integers(0, 2)), min_size=2, max_size=6))
    def arrive_together(self, arrivals: list[tuple[QueueId, str, int]]) -> None:
        for queue, medium, priority in arrivals:
            id_ = InteractionId(f"I{len(self.true):04}")
            self.tell(replace(queued(medium), id=id_, queue=queue, priority=priority, queued_at_ms=self.now_ms))
        self.turn(is_refused=False)

    @precondition(lambda self: self.in_state(State.INVITED))
    @rule()
    def everybody_accepts(self) -> None:
        for before in self.in_state(State.INVITED):
            self.become(interactions.accept(before, before.invitees[0]).after, is_refused=False)

    @rule(s=st.sampled_from([1, 9, 10, 50, 60, 3600 * 4, 3600 * 20]))
    def pass_time(self, s: int) -> None:
        self.now_ms += s * 1000
        self.turn(is_refused=False)

    @rule(user=users, idle_s=st.integers(0, 3), is_ready=st.booleans())
    def log_in(self, user: UserId, idle_s: int, *, is_ready: bool) -> None:
        channel = ChannelState(is_ready, self.now_ms - idle_s * 1000)
        self.set_agent(AgentState(user, dict.fromkeys(MEDIA, channel)))

    @rule(user=users, medium=media, is_ready=st.booleans())
    def use_one_channel(self, user: UserId, medium: str, *, is_ready: bool) -> None:
        self.set_agent(AgentState(user, {medium: ChannelState(is_ready, self.now_ms)}))

    @rule(user=users)
    def log_out(self, user: UserId) -> None:
        self.set_agent(AgentState(user))

    @precondition(lambda self: self.in_state(State.INVITED))
    @rule(n=st.integers(0, 99), act=st.sampled_from(["accept", "reject", "expire"]), is_refused=st.booleans())
    def answer(self, n: int, act: str, *, is_refused: bool) -> None:
        before = self.picked(n, State.INVITED)
        user = before.invitees[n % len(before.invitees)]
        if act == "accept":
            change = interactions.accept(before, user)
        elif act == "reject":
            change = interactions.reject(before, user, round_ends_at_ms=self.now_ms + 60_000)
        else:
            change = interactions.expire(before, round_ends_at_ms=self.now_ms + 60_000)
        self.become(change.after, is_refused=is_refused)

    @precondition(lambda self: self.in_state(State.PROCESSING, State.CHATTING))
    @rule(n=st.integers(0, 99), to=st.none() | queues)
    def finish(self, n: int, to: QueueId | None) -> None:
        before = self.picked(n, State.PROCESSING, State.CHATTING)
        assert before.owner is not None
        if to is None:
            after = replace(before, state=State.COMPLETED, owner=None, version=before.version + 1)
        else:
            after = interactions.place_in_queue(before, before.owner, to, to, at_ms=self.now_ms).after
        self.become(after, is_refused=False)

    @precondition(lambda self: self.in_state(State.QUEUED))
    @rule(n=st.integers(0, 99), taker=st.none() | users)
    def begin_a_round_or_be_pulled(self, n: int, taker: UserId | None) -> None:
        before = self.picked(n, State.QUEUED)
        if taker is None:
            after = interactions.new_round(before).after
        else:
            working = lifecycle.working_state(before.kind)
            after = replace(before, state=working, owner=taker, version=before.version + 1)
        self.become(after, is_refused=False)

    @rule(policy=policies)
    def decide_otherwise(self, policy: Policy) -> None:
        self.policy = replace(policy, version=self.policy.version + 1)
        for router in (self.router, self.by_ones, self.reference):
            router.set_policy(self.policy)
        self.turn(is_refused=False)

    @rule(policy=policies, arrivals=st.lists(st.tuples(queues, media, users, st.booleans()), max_size=4))
    def decide_otherwise_while_things_happen(
        self, policy: Policy, arrivals: list[tuple[QueueId, str, UserId, bool]]
    ) -> None:
        """One router moves what waits a little at a time, and hears of the rest in between."""
        self.policy = replace(policy, version=self.policy.version + 1)
        for router in (self.router, self.by_ones, self.reference):
            router.set_policy(self.policy)
        for queue, medium, user, is_ready in arrivals:
            self.by_ones.settle(1)
            id_ = InteractionId(f"I{len(self.true):04}")
            self.tell(replace(queued(medium), id=id_, queue=queue, queued_at_ms=self.now_ms))
            self.by_ones.settle(1)
            for router in (self.router, self.by_ones, self.reference):
                router.set_agent(AgentState(user, {medium: ChannelState(is_ready, self.now_ms)}))
            for before in self.in_state(State.QUEUED)[:1]:
                self.by_ones.settle(1)
                self.tell(replace(before, version=before.version + 1, priority=before.priority + 1))
        if any(is_ready for *_, is_ready in arrivals[:1]):
            self.decide_otherwise(policy)  # before all has moved
        else:
            self.turn(is_refused=False)

    @rule(queue=queues, data=st.data())
    def decide_otherwise_of_one_queue(self, queue: QueueId, data: st.DataObject) -> None:
        rules = data.draw(queue_policies(QUEUES[QUEUES.index(queue) + 1 :]))
        self.decide_otherwise(replace(self.policy, queues={**self.policy.queues, queue: rules}))

    @rule(facts=directories)
    def reorganise(self, facts: Facts) -> None:
        self.facts = facts
        for router in (self.router, self.by_ones, self.reference):
            router.set_facts(facts)
        self.turn(is_refused=False)

    @rule(user=users, learnt=agent_facts)
    def learn(self, user: UserId, learnt: AgentFacts) -> None:
        self.reorganise(replace(self.facts, agents={**self.facts.agents, user: learnt}))

    # ── the laws ─────────────────────────────────────────────────────────────────────────────────

    def turn(self, *, is_refused: bool) -> None:
        """Take a turn in all three, and make what they decide true; or not, if the store is said to refuse it."""
        decisions = self.router.turn(self.now_ms)
        assert ordered(decisions) == ordered(self.reference.turn(self.now_ms))
        one_by_one: list[Decision] = []
        while one := self.by_ones.turn(self.now_ms, most=1):
            one_by_one += one
        assert ordered(decisions) == ordered(one_by_one)
        self.nobody_got_too_much(decisions)
        for decision in decisions:
            before = self.true[decision.interaction]
            if is_refused:
                self.tell(before)
            elif isinstance(decision, Offer):
                self.tell(interactions.offer(before, decision.invitees, deadline_ms=self.now_ms + 30_000).after)
            elif isinstance(decision, Overflow):
                self.tell(replace(before, queue=decision.to, version=before.version + 1, refused_by=()))
            else:
                self.tell(replace(before, version=before.version + 1))
        moved = any(isinstance(decision, Overflow) for decision in decisions)
        if decisions and (is_refused or moved):
            self.turn(is_refused=False)

    def nobody_got_too_much(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            if isinstance(decision, Offer):
                medium = self.true[decision.interaction].media_type
                for user in decision.invitees:
                    assert self.reference.load(user, medium) <= self.policy.limit_of(user, medium)
                    assert self.reference.units(user) <= self.policy.units

    @invariant()
    def nobody_who_could_be_asked_is_left_out(self) -> None:
        for item in self.waiting():
            if self.reference.is_open(item.queue):
                assert not self.reference.candidates(item)

    @invariant()
    def it_can_be_explained_by_name(self) -> None:
        for item in self.waiting():
            explanation = self.router.explain(item.id, self.now_ms)
            assert explanation is not None
            rules = {user: self.reference.rule(item, user) for user in self.facts.agents}
            assert explanation.excluded == {
                one: tuple(sorted(user for user in rules if rules[user] is one))
                for one in Rule
                if one in rules.values()
            }
            assert explanation.position == 1 + [one.id for one in self.reference.waiting(item.queue)].index(item.id)
            assert explanation.held_for == self.reference.kept_for(item)

    # ── the store ────────────────────────────────────────────────────────────────────────────────

    def set_agent(self, agent: AgentState) -> None:
        for router in (self.router, self.by_ones, self.reference):
            router.set_agent(agent)
        self.turn(is_refused=False)

    def become(self, after: Interaction, *, is_refused: bool) -> None:
        self.tell(after)
        self.turn(is_refused=is_refused)

    def tell(self, after: Interaction) -> None:
        self.true[after.id] = after
        for router in (self.router, self.by_ones, self.reference):
            router.set_item(after, at_ms=self.now_ms, last_agent=self.last_agents.get(after.id))

    def waiting(self) -> list[Interaction]:
        return [one for one in self.true.values() if one.state is State.QUEUED]

    def in_state(self, *states: State) -> list[Interaction]:
        return [one for one in self.true.values() if one.state in states]

    def picked(self, n: int, *states: State) -> Interaction:
        found = self.in_state(*states)
        return found[n % len(found)]


def ordered(decisions: Iterable[Decision]) -> list[Decision]:
    """Offers as they come; the order in which others are moved or answered at one moment means nothing."""
    return sorted(decisions, key=lambda one: "" if isinstance(one, Offer) else one.interaction)


ContactCentre.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
TestAnythingHappens = ContactCentre.TestCase
