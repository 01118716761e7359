"""A driver for stories about the router: a floor of agents, one queue or a few, and a clock turned by hand."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from frontdesk.core import interactions
from frontdesk.core.ids import GroupId, InteractionId, QueueId, UserId
from frontdesk.core.interactions import Direction, Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import MediumPolicy, Policy, QueuePolicy
from frontdesk.core.routing import (
    AgentFacts,
    AgentState,
    ChannelState,
    Decision,
    Explanation,
    Facts,
    Offer,
    Overflow,
    QueueFacts,
    RoutingState,
)

START_MS = 1_795_420_800_000  # 2026-11-23 08:00:00 UTC, a Monday


class Floor:
    """Every agent named serves every queue named, unless `facts` say otherwise; decisions are made true at once."""

    def __init__(
        self,
        *,
        agents: Sequence[str] | Mapping[str, Mapping[str, int]] = (),
        queues: Mapping[str, QueuePolicy] | None = None,
        facts: Facts | None = None,
        policy: Policy | None = None,
        limit: int = 1,
    ) -> None:
        queues = queues or {"support": QueuePolicy()}
        users = frozenset(UserId(name) for name in agents)
        skills = agents if isinstance(agents, Mapping) else {}
        self.facts = facts or Facts(
            agents={UserId(name): AgentFacts(name=name.title(), skills=dict(skills.get(name, {}))) for name in agents},
            queues={QueueId(name): QueueFacts(name=name, agents=users) for name in queues},
        )
        self.policy = policy or Policy(
            queues={QueueId(name): rules for name, rules in queues.items()}, other_media=MediumPolicy(limit=limit)
        )
        self.now_ms = START_MS
        self.router = RoutingState(self.facts, self.policy, self.now_ms)
        self.true: dict[str, Interaction] = {}
        self.last_agents: dict[str, str] = {}
        self.offers: list[Offer] = []

    # ── what happens ─────────────────────────────────────────────────────────────────────────────

    def ready(self, *names: str, medium: str = "chat", idle_s: int = 0) -> None:
        for name in names:
            self.channels(name, **{medium: True}, idle_s=idle_s)

    def channels(self, name: str, *, idle_s: int = 0, **media: bool) -> None:
        """The media on which an agent is logged in, and whether ready; none means gone."""
        since_ms = self.now_ms - idle_s * 1000
        states = {medium: ChannelState(is_ready, since_ms) for medium, is_ready in media.items()}
        self.router.set_agent(AgentState(UserId(name), states))

    def arrives(
        self,
        id_: str,
        queue: str = "support",
        *,
        medium: str = "chat",
        priority: int = 0,
        age_s: float = 0,
        last_agent: str | None = None,
    ) -> None:
        since_ms = self.now_ms - int(age_s * 1000)
        if last_agent is not None:
            self.last_agents[id_] = last_agent
        self.tell(
            Interaction(
                id=InteractionId(id_),
                media_type=medium,
                direction=Direction.INBOUND,
                subtype="InboundNew",
                state=State.QUEUED,
                version=1,
                received_at_ms=since_ms,
                queued_at_ms=since_ms,
                queue=QueueId(queue),
                queue_name=queue,
                priority=priority,
            )
        )

    def accepts(self, id_: str, who: str | None = None) -> None:
        before = self.true[id_]
        self.tell(interactions.accept(before, UserId(who) if who else before.invitees[0]).after)

    def rejects(self, id_: str, who: str | None = None) -> None:
        before = self.true[id_]
        user = UserId(who) if who else before.invitees[0]
        self.tell(interactions.reject(before, user, round_ends_at_ms=self.now_ms + 60_000).after)

    def finishes(self, id_: str) -> None:
        before = self.true[id_]
        self.tell(replace(before, state=State.COMPLETED, owner=None, invitees=(), version=before.version + 1))

    def begins_a_round(self, id_: str) -> None:
        self.tell(interactions.new_round(self.true[id_]).after)

    def becomes(self, id_: str, **changes: object) -> None:
        before = self.true[id_]
        self.tell(replace(before, version=before.version + 1, **changes))

    def passes(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000)

    def tell(self, after: Interaction) -> None:
        self.true[after.id] = after
        last_agent = self.last_agents.get(after.id)
        self.router.set_item(after, at_ms=self.now_ms, last_agent=UserId(last_agent) if last_agent else None)

    # ── what is decided ──────────────────────────────────────────────────────────────────────────

    def turn(self) -> tuple[Decision, ...]:
        """One turn, made true."""
        decisions = self.router.turn(self.now_ms)
        for decision in decisions:
            before = self.true[decision.interaction]
            if isinstance(decision, Offer):
                self.offers.append(decision)
                self.tell(interactions.offer(before, decision.invitees, deadline_ms=self.now_ms + 30_000).after)
            elif isinstance(decision, Overflow):
                self.tell(replace(before, queue=decision.to, version=before.version + 1, refused_by=()))
            else:
                self.tell(replace(before, version=before.version + 1))
        return decisions

    def offered(self) -> list[tuple[str, str]]:
        """One turn: which interaction is offered to whom, in order."""
        return [(one.interaction, user) for one in self.turn() if isinstance(one, Offer) for user in one.invitees]

    def offered_to(self) -> list[str]:
        return [user for _, user in self.offered()]

    def moved(self) -> list[tuple[str, str, str]]:
        """One turn: what overflows, where to, and why."""
        return [(one.interaction, one.to, one.cause) for one in self.turn() if isinstance(one, Overflow)]

    def why(self, id_: str) -> Explanation:
        explanation = self.router.explain(InteractionId(id_), self.now_ms)
        assert explanation is not None, f"{id_} does not wait"
        return explanation

    def timer_s(self) -> float | None:
        """In how many seconds the router wants to be asked again."""
        at_ms = self.router.next_timer_ms()
        return None if at_ms is None else (at_ms - self.now_ms) / 1000


def team(*names: str, groups: Sequence[str] = (), **skills: int) -> dict[UserId, AgentFacts]:
    """Agents who are alike."""
    alike = {"skills": dict(skills), "groups": frozenset(GroupId(group) for group in groups)}
    return {UserId(name): AgentFacts(name=name.title(), **alike) for name in names}  # type: ignore[arg-type]
