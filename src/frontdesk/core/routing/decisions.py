"""What the router decides, and why it says it did."""

from enum import StrEnum

import msgspec

from frontdesk.core.ids import InteractionId, QueueId, UserId


class Rule(StrEnum):
    """Why an agent is not asked; of several the first of this order is told."""

    NOT_SERVING = "not_serving"  # serves the queue neither by itself, nor through a group, nor by the expression
    SKILLS = "skills"  # does not have what is required
    LAST_AGENT = "last_agent"  # it is kept for the agent who had it before
    REFUSED = "refused"  # rejected it or let it pass in this round
    LOGGED_OUT = "logged_out"  # of the medium
    NOT_READY = "not_ready"
    LIMIT = "limit"  # has the most of the medium
    UNITS = "units"  # has not units enough left
    INTERRUPTION = "interruption"  # works on something that this medium may not interrupt


class Ranked(msgspec.Struct, frozen=True):
    """A candidate and what its place in the order rests on: smaller values come first, of equal ones the user id."""

    user: UserId
    value: tuple[int, ...]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of an offer; its size does not depend on how many agents there are."""

    policy: int  # its version
    step: int  # how many steps of relaxation had passed
    choice: str
    waited_ms: int
    candidates: tuple[Ranked, ...]  # the first in order, those who are asked among them
    eligible: int  # how many there were
    excluded: dict[Rule, int]  # how many agents of the directory each rule kept out


class Offer(msgspec.Struct, frozen=True, kw_only=True, tag="offer"):
    """Ask these agents."""

    interaction: InteractionId
    version: int  # of the interaction that was looked at
    invitees: tuple[UserId, ...]
    offer_s: int
    record: Record


class OverflowCause(StrEnum):
    WAITED = "waited"
    LENGTH = "length"
    EXPECTED_WAIT = "expected_wait"
    OUTSIDE_HOURS = "outside_hours"


class Overflow(msgspec.Struct, frozen=True, kw_only=True, tag="overflow"):
    """Move it to another queue, as old as it is."""

    interaction: InteractionId
    version: int
    to: QueueId
    cause: OverflowCause
    policy: int
    waited_ms: int


class AutoAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="auto_answer"):
    """Tell the customer that nobody is here. Decided once for an interaction, as long as this state lives."""

    interaction: InteractionId
    version: int
    policy: int


Decision = Offer | Overflow | AutoAnswer

#: So many candidates are remembered with an offer.
REMEMBERED = 20
