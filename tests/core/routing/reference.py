"""The rules of routing once more, written down as plainly as they can be: every pair is looked at every time.

What the real router does with indices has to come to the same, to the last bit. Nothing of its inside is used here.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import floor

from frontdesk.core.calendars import OpeningHours
from frontdesk.core.expressions import parsed
from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.interactions import Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import Choice, Outside, Policy, RelaxStep
from frontdesk.core.routing import (
    AgentState,
    AutoAnswer,
    Decision,
    Facts,
    Offer,
    Overflow,
    OverflowCause,
    Ranked,
    Record,
    Rule,
)

COMMON = 720_720


class Reference:
    """Fed and asked like RoutingState."""

    def __init__(self, facts: Facts, policy: Policy, now_ms: int) -> None:
        self.facts = facts
        self.policy = policy
        self.now_ms = now_ms
        self.items: dict[InteractionId, Interaction] = {}  # that wait
        self.media: dict[InteractionId, str] = {}
        self.agents: dict[UserId, AgentState] = {}
        self.holders: dict[InteractionId, tuple[UserId, ...]] = {}
        self.idle_since: dict[tuple[UserId, str], int] = {}
        self.last_agents: dict[InteractionId, UserId] = {}
        self.answered: set[InteractionId] = set()
        self.decided: dict[InteractionId, Interaction] = {}
        self.turns: dict[QueueId, int] = {}
        self.virtual = 0
        self.asked: dict[tuple[QueueId, UserId], int] = {}
        self.services: dict[QueueId, list[int]] = {}
        self.grown: set[QueueId] = set()
        self.was_open: dict[QueueId, bool] = {}

    # ── what it is told ──────────────────────────────────────────────────────────────────────────

    def set_facts(self, facts: Facts) -> None:
        if facts.queues != self.facts.queues:
            self.grown |= {item.queue for item in self.items.values()}
        self.facts = facts

    def set_policy(self, policy: Policy) -> None:
        for item in self.items.values():
            if policy.of(item.queue) != self.policy.of(item.queue):
                self.grown.add(item.queue)
        self.policy = policy

    def set_agent(self, agent: AgentState) -> None:
        self.agents[agent.user] = agent
        for medium, channel in agent.channels.items():
            self.idle_since[agent.user, medium] = channel.idle_since_ms

    def set_item(
        self, interaction: Interaction, *, at_ms: int, last_agent: UserId | None = None, is_answered: bool = False
    ) -> None:
        id_, medium = interaction.id, interaction.media_type
        self.media[id_] = medium
        before = self.items.pop(id_, None)
        known = before or self.decided.pop(id_, None)
        if known is not None and interaction.version < known.version:
            if before is not None:
                self.items[id_] = before
            return
        if last_agent is not None:
            self.last_agents[id_] = last_agent
        if is_answered:
            self.answered.add(id_)
        held_before = self.holders.pop(id_, ())
        held_after = () if interaction.state is State.QUEUED else interaction.holders
        for user in {*held_before} ^ {*held_after}:
            self.idle_since[user, medium] = at_ms
        if interaction.state is State.QUEUED:
            self.items[id_] = interaction
            if before is None or before.queue != interaction.queue:
                self.grown.add(interaction.queue)
        elif held_after:
            self.holders[id_] = held_after
            from_queue = known is not None and known.state in (State.QUEUED, State.INVITED)
            if interaction.state is State.INVITED:
                if from_queue:
                    self.decided[id_] = interaction
            elif from_queue:
                self.services.setdefault(interaction.queue, []).append(at_ms)

    # ── who may ──────────────────────────────────────────────────────────────────────────────────

    def rule(self, item: Interaction, user: UserId) -> Rule | None:
        """The first rule that keeps the agent from it now."""
        step = self.step(item)
        if user not in self.members(item.queue, step):
            return Rule.NOT_SERVING
        if not self.holds(self.required(item.queue, step), user):
            return Rule.SKILLS
        kept_for = self.kept_for(item)
        if kept_for is not None and kept_for != user:
            return Rule.LAST_AGENT
        if user in item.refused_by:
            return Rule.REFUSED
        return self.room(user, item.media_type)

    def room(self, user: UserId, medium: str) -> Rule | None:
        agent, policy = self.agents.get(user), self.policy
        if agent is None or medium not in agent.channels:
            return Rule.LOGGED_OUT
        if not agent.channels[medium].ready:
            return Rule.NOT_READY
        if self.load(user, medium) >= policy.limit_of(user, medium):
            return Rule.LIMIT
        if self.units(user) + policy.medium(medium).cost > policy.units:
            return Rule.UNITS
        for other in {held for held, _ in self.hand(user)} - {medium}:
            allowed = policy.medium(other).interruptible_by
            if allowed is not None and medium not in allowed:
                return Rule.INTERRUPTION
        return None

    def hand(self, user: UserId) -> Iterator[tuple[str, int]]:
        """What the agent holds, one by one: its medium and its cost."""
        for id_, holders in self.holders.items():
            if user in holders:
                medium = self.media[id_]
                yield medium, self.policy.medium(medium).cost

    def load(self, user: UserId, medium: str) -> int:
        return sum(held == medium for held, _ in self.hand(user))

    def units(self, user: UserId) -> int:
        return sum(cost for _, cost in self.hand(user))

    def waited_ms(self, item: Interaction) -> int:
        return self.now_ms - item.queued_at_ms

    def passed(self, queue: QueueId, step: int) -> list[RelaxStep]:
        return sorted(self.policy.of(queue).relax, key=lambda one: one.after_s)[:step]

    def step(self, item: Interaction) -> int:
        return sum(self.waited_ms(item) >= one.after_s * 1000 for one in self.policy.of(item.queue).relax)

    def required(self, queue: QueueId, step: int) -> str:
        required = self.policy.of(queue).requires
        for one in self.passed(queue, step):
            required = required if one.requires is None else one.requires
        return required

    def holds(self, text: str, user: UserId) -> bool:
        expression = parsed(text)
        return expression is None or expression.holds(self.facts.agents[user].skills)

    def members(self, queue: QueueId, step: int) -> set[UserId]:
        if queue not in self.facts.queues:
            found: set[UserId] = set()
        else:
            facts, text = self.facts.queues[queue], self.policy.of(queue).members
            found = {
                user
                for user, agent in self.facts.agents.items()
                if user in facts.agents or agent.groups & facts.groups or (text.strip() and self.holds(text, user))
            }
        for one in self.passed(queue, step):
            found |= {user for user in one.agents if user in self.facts.agents}
            found |= {user for user, agent in self.facts.agents.items() if agent.groups & set(one.groups)}
            for other in one.queues:
                found |= {user for user in self.members(other, 0) if self.holds(self.policy.of(other).requires, user)}
        return found

    def kept_for(self, item: Interaction) -> UserId | None:
        user = self.last_agents.get(item.id)
        if user is None or user not in self.agents or item.media_type not in self.agents[user].channels:
            return None
        if self.waited_ms(item) >= self.policy.of(item.queue).last_agent_s * 1000 or user in item.refused_by:
            return None
        step = self.step(item)
        if user not in self.members(item.queue, step) or not self.holds(self.required(item.queue, step), user):
            return None
        return user

    # ── in which order ───────────────────────────────────────────────────────────────────────────

    def priority(self, item: Interaction) -> Fraction:
        rules = self.policy.of(item.queue)
        ageing = Fraction(round(rules.ageing_per_minute * 1000), 1000)
        priority = item.priority + ageing * Fraction(self.waited_ms(item), 60_000)
        level = rules.service_level
        if level is not None and self.waited_ms(item) >= (level.within_s - level.boost_before_s) * 1000:
            priority += level.boost
        return priority

    def waiting(self, queue: QueueId) -> list[Interaction]:
        """In the order of the queue."""
        waiting = [item for item in self.items.values() if item.queue == queue]
        return sorted(waiting, key=lambda item: (-self.priority(item), item.queued_at_ms, item.id))

    def candidates(self, item: Interaction) -> list[Ranked]:
        free = (user for user in self.facts.agents if self.rule(item, user) is None)
        ranked = (Ranked(user, self.value(item, user)) for user in free)
        return sorted(ranked, key=lambda one: (one.value, one.user))

    def value(self, item: Interaction, user: UserId) -> tuple[int, ...]:
        medium = item.media_type
        idle = self.units(user), self.idle_since[user, medium]
        choice = self.policy.of(item.queue).choice
        if self.kept_for(item) is not None or choice is Choice.LONGEST_IDLE:
            return idle
        if choice is Choice.LEAST_LOADED:
            return self.load(user, medium) * 1_000_000 // self.policy.limit_of(user, medium), *idle
        if choice is Choice.ROUND_ROBIN:
            return (self.asked.get((item.queue, user), 0),)
        required = self.required(item.queue, self.step(item)) or self.policy.of(item.queue).members
        expression = parsed(required)
        levels = self.facts.agents[user].skills
        return -sum(levels.get(name, 0) for name in (expression.skills if expression else ())), *idle

    def is_open(self, queue: QueueId) -> bool:
        name = self.policy.of(queue).calendar
        if name is None or name not in self.policy.calendars:
            return True
        calendar = self.policy.calendars[name]
        return OpeningHours(calendar, self.facts.zones[calendar.zone]).at(self.now_ms).is_open

    # ── a turn ───────────────────────────────────────────────────────────────────────────────────

    def turn(self, now_ms: int) -> tuple[Decision, ...]:
        self.now_ms = now_ms
        queues = sorted({item.queue for item in self.items.values()} | self.was_open.keys())
        opened = {queue for queue in queues if self.is_open(queue)}
        self.grown |= {queue for queue in opened if not self.was_open.get(queue, True)}
        self.was_open = {queue: queue in opened for queue in queues}
        decisions = [
            *(decision for queue in queues if queue not in opened for decision in self.outside(queue)),
            *self.offers(opened),
            *(decision for queue in queues if queue in opened for decision in self.overdue(queue)),
            *(decision for queue in queues if queue in opened & self.grown for decision in self.too_many(queue)),
        ]
        self.grown.clear()
        return tuple(decisions)

    def outside(self, queue: QueueId) -> Iterator[Decision]:
        rules = self.policy.of(queue)
        if rules.outside is Outside.OVERFLOW and rules.outside_to in self.facts.queues:
            assert rules.outside_to is not None
            for item in self.waiting(queue):
                yield self.moved(item, rules.outside_to, OverflowCause.OUTSIDE_HOURS)
        elif rules.outside is Outside.AUTO_ANSWER:
            for item in sorted(self.waiting(queue), key=lambda one: one.id):
                if item.id not in self.answered:
                    self.answered.add(item.id)
                    yield AutoAnswer(interaction=item.id, version=item.version, policy=self.policy.version)

    def offers(self, opened: Iterable[QueueId]) -> Iterator[Decision]:
        while True:
            heads = []
            for queue in opened:
                item = next((item for item in self.waiting(queue) if self.candidates(item)), None)
                if item is not None:
                    start = max(self.virtual, self.turns.get(queue, 0))
                    heads.append((-floor(self.priority(item)), start, item.queued_at_ms, item.id))
            if not heads:
                return
            _, start, _, id_ = min(heads)
            yield self.offered(self.items[id_], start)

    def offered(self, item: Interaction, start: int) -> Offer:
        rules, candidates = self.policy.of(item.queue), self.candidates(item)
        invitees = tuple(one.user for one in candidates[: rules.parallel])
        excluded = [self.rule(item, user) for user in self.facts.agents]
        offer = Offer(
            interaction=item.id,
            version=item.version,
            invitees=invitees,
            offer_s=rules.offer_s,
            record=Record(
                policy=self.policy.version,
                step=self.step(item),
                choice=rules.choice,
                waited_ms=self.waited_ms(item),
                candidates=tuple(candidates[:20]),
                eligible=len(candidates),
                excluded={rule: excluded.count(rule) for rule in Rule if rule in excluded},
            ),
        )
        self.decided[item.id] = self.items.pop(item.id)
        self.holders[item.id] = invitees
        self.virtual = start
        cost = max(1, self.policy.medium(item.media_type).cost)
        self.turns[item.queue] = start + cost * COMMON // rules.weight
        for user in invitees:
            self.asked[item.queue, user] = 1 + max(self.asked.values(), default=0)
            self.idle_since[user, item.media_type] = self.now_ms
        return offer

    def overdue(self, queue: QueueId) -> Iterator[Decision]:
        for item in sorted(self.waiting(queue), key=lambda one: one.id):
            for rule in self.policy.of(queue).overflow:
                is_due = rule.after_s is not None and self.waited_ms(item) >= rule.after_s * 1000
                if is_due and rule.to in self.facts.queues:
                    yield self.moved(item, rule.to, OverflowCause.WAITED)
                    break

    def too_many(self, queue: QueueId) -> Iterator[Decision]:
        for rule in self.policy.of(queue).overflow:
            while (waiting := self.waiting(queue)) and rule.to in self.facts.queues:
                services = self.services.get(queue, [])[-20:]
                if rule.longer_than is not None and len(waiting) > rule.longer_than:
                    yield self.moved(waiting[-1], rule.to, OverflowCause.LENGTH)
                elif (
                    rule.expected_wait_s is not None
                    and len(services) >= 2
                    and len(waiting) * (self.now_ms - services[0]) // len(services) > rule.expected_wait_s * 1000
                ):
                    yield self.moved(waiting[-1], rule.to, OverflowCause.EXPECTED_WAIT)
                else:
                    break

    def moved(self, item: Interaction, to: QueueId, cause: OverflowCause) -> Overflow:
        self.decided[item.id] = self.items.pop(item.id)
        return Overflow(
            interaction=item.id,
            version=item.version,
            to=to,
            cause=cause,
            policy=self.policy.version,
            waited_ms=self.waited_ms(item),
        )
