"""What the router decides, and why it says it did."""

from enum import StrEnum

import msgspec

from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.offers import Ranked as Ranked
from frontdesk.core.offers import Record as Record
from frontdesk.core.offers import Rule as Rule


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
