"""The policy of a contact centre: everything about routing that an administrator decides, as one versioned document.

Plain values. A queue that `queues` does not name follows `default`, a medium that `media` does not name follows
`other_media`. Whether a document makes sense is asked in `core.policy_checks`; what the router makes of it is told in
`core.routing`. Times are seconds, waiting times count from when the interaction came to wait and are kept when an offer
comes to nothing.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from frontdesk.core.calendars import Calendar
from frontdesk.core.ids import GroupId, QueueId, UserId


class Choice(StrEnum):
    """Who of those that could be asked is asked first."""

    LONGEST_IDLE = "longest_idle"  # least work in hand first, of these whose work changed longest ago
    LEAST_LOADED = "least_loaded"  # smallest share of the own limit on the medium
    ROUND_ROBIN = "round_robin"  # whom this queue asked longest ago
    BEST_SKILL = "best_skill"  # highest sum of levels in what the queue requires


class Outside(StrEnum):
    """What becomes of an interaction that waits outside business hours."""

    HOLD = "hold"
    OVERFLOW = "overflow"
    AUTO_ANSWER = "auto_answer"  # answered once, then held


class AfterSession(StrEnum):
    """What becomes of an agent's work when the contact-centre session ends."""

    KEEP = "keep"
    QUEUE = "queue"
    WORKBIN = "workbin"


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A part of the document; an unknown key in it is refused."""


class MediumPolicy(_Part, frozen=True):
    """How much of a medium an agent gets at once."""

    limit: int = 1
    """The most interactions of this medium at once."""
    cost: int = 1
    """What one of them takes of the agent's overall units."""
    interruptible_by: tuple[str, ...] | None = None
    """Other media that are offered while one of this medium is worked on; null means all."""


class RelaxStep(_Part, frozen=True):
    """After so long the queue is served by more. What was widened stays so in later steps."""

    after_s: int
    requires: str | None = None
    """Replaces what the queue requires; null leaves it."""
    agents: tuple[UserId, ...] = ()
    groups: tuple[GroupId, ...] = ()
    queues: tuple[QueueId, ...] = ()
    """Whoever serves these queues without any relaxation serves this one too."""


class OverflowRule(_Part, frozen=True):
    """Sends what waits to another queue; exactly one of the three conditions is given."""

    to: QueueId
    after_s: int | None = None
    """After so long."""
    longer_than: int | None = None
    """As long as more than so many wait: those who would be served last."""
    expected_wait_s: int | None = None
    """When more come and the last would wait longer than this at the rate of the last services."""


class ServiceLevel(_Part, frozen=True):
    """The target: so many percent are accepted within so long."""

    percent: int = 80
    within_s: int = 20
    boost: int = 0
    """Points of priority that an interaction gains when it comes near the breach."""
    boost_before_s: int = 0
    """How long before the breach."""


class QueuePolicy(_Part, frozen=True):
    """How one queue is served."""

    ageing_per_minute: float = 0.0
    """Points of priority that a minute of waiting gives; counted in thousandths."""
    weight: int = 1
    """This queue's share of the agents it has in common with others, among equally urgent interactions."""
    members: str = ""
    """A skill expression; whoever it holds for serves the queue, besides its agents and groups."""
    requires: str = ""
    """A skill expression that has to hold for everybody who is asked."""
    relax: tuple[RelaxStep, ...] = ()
    choice: Choice = Choice.LONGEST_IDLE
    last_agent_s: int = 0
    """For so long it is kept for the agent who had the contact or thread before, if that one is logged in."""
    overflow: tuple[OverflowRule, ...] = ()
    """Looked at when nobody can be asked, while the queue is open: the time waited, then the length, then the wait to
    be expected; of several of a kind the first that applies counts."""
    calendar: str | None = None
    """A name of `calendars`; null means always open."""
    outside: Outside = Outside.HOLD
    outside_to: QueueId | None = None
    service_level: ServiceLevel | None = None
    parallel: int = 1
    """How many are asked at once; the first to accept gets it."""
    offer_s: int = 30
    """How long they have to answer."""
    pull: bool = False
    """Whether agents may take a certain waiting interaction."""
    after_session: AfterSession = AfterSession.KEEP
    after_session_workbin: str | None = None
    wrap_up_s: int = 0
    """AfterCallWork after Complete; 0 means none."""

    @property
    def steps(self) -> tuple[RelaxStep, ...]:
        """The relaxation in order of time, however it was written."""
        return tuple(sorted(self.relax, key=lambda step: step.after_s))


class Policy(_Part, frozen=True):
    """The document."""

    version: int = 1
    default: QueuePolicy = QueuePolicy()
    queues: dict[QueueId, QueuePolicy] = {}
    media: dict[str, MediumPolicy] = {}
    other_media: MediumPolicy = MediumPolicy(limit=3)
    units: int = 100
    """The most that an agent's interactions of all media may cost together."""
    agents: dict[UserId, dict[str, int]] = {}
    """Limits of single agents, by medium."""
    missed_offers: int = 2
    """After so many expired offers in a row an agent becomes NotReady; 0 means never."""
    calendars: dict[str, Calendar] = {}

    def of(self, queue: QueueId) -> QueuePolicy:
        return self.queues.get(queue, self.default)

    def medium(self, name: str) -> MediumPolicy:
        return self.media.get(name, self.other_media)

    def may_interrupt(self, medium: str, held: str) -> bool:
        """Whether who has something of the medium `held` in hand may be offered something of `medium`."""
        allowed = self.medium(held).interruptible_by
        return allowed is None or held == medium or medium in allowed

    def limit_of(self, agent: UserId, medium: str) -> int:
        """The most interactions of the medium that this agent is offered at once."""
        own = self.agents.get(agent)
        if own is not None and medium in own:
            return own[medium]
        return self.medium(medium).limit

    def has_room(self, agent: UserId, medium: str, in_hand: Mapping[str, int]) -> bool:
        """Whether one more of the medium fits with what the agent has in hand, by medium."""
        units = sum(load * self.medium(name).cost for name, load in in_hand.items())
        fits = in_hand.get(medium, 0) < self.limit_of(agent, medium) and units + self.medium(medium).cost <= self.units
        return fits and all(self.may_interrupt(medium, held) for held, load in in_hand.items() if load)


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A routing policy, who put it in force and when; nobody did with what the settings say."""

    policy: Policy
    at_ms: int
    actor: UserId | None = None
