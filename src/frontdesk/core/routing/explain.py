"""Why an interaction waits, and what would change that, on the state as it is now."""

from enum import StrEnum

import msgspec

from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.routing.decisions import Ranked, Rule


class Blocker(StrEnum):
    """Why nobody can ever serve it under the present policy."""

    QUEUE_UNKNOWN = "queue_unknown"
    NOBODY_SERVES = "nobody_serves"
    SKILLS = "skills"
    CAPACITY = "capacity"
    NEVER_OPEN = "never_open"


class Stuck(msgspec.Struct, frozen=True, kw_only=True):
    """A waiting interaction that nobody can ever be asked for, unless somebody changes something."""

    interaction: InteractionId
    queue: QueueId
    medium: str
    waited_ms: int
    blocker: Blocker
    sentence: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One waiting interaction. Names are in alphabetical order, candidates in the order in which they are asked."""

    interaction: InteractionId
    version: int
    queue: QueueId
    medium: str
    policy: int
    step: int
    waited_ms: int
    priority: int  # in whole points, with ageing and boost
    position: int  # in its queue, counted from 1
    is_open: bool
    held_for: UserId | None
    eligible: tuple[Ranked, ...]
    excluded: dict[Rule, tuple[str, ...]]
    unblock: tuple[str, ...]  # sentences, the soonest or nearest first
