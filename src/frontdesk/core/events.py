"""What happened, as it is remembered for ever: the event log is the history.

An event is written in the transaction that changed the state. It stores the after-image, so that a notification is a
function of one event and its reader whenever it is made. It names its hearers, decided when the event is made; each
hearer's counter goes up by one with it, and that number is the replay id.

`v` is the version of the shape; a reader of old rows must understand every version ever written.
"""

from typing import Literal

import msgspec

from frontdesk.core.agents import Channel
from frontdesk.core.ids import ContactCentreId, InteractionId, OwnerId, UserId, WorkbinId
from frontdesk.core.interactions import Change, Interaction
from frontdesk.core.offers import Record


class BinChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """An interaction came into a workbin or left it; `subscribers` are told. `agent_group` names a group's bin."""

    workbin: WorkbinId
    owner: OwnerId
    action: Literal["ItemAdded", "ItemRemoved"]
    subscribers: tuple[UserId, ...] = ()
    agent_group: str | None = None


class InteractionChanged(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="interaction"):
    """`trigger` made `after` of it. `ended` gives those who lost it the state it ended in for them."""

    trigger: str
    at_ms: int
    after: Interaction
    actor: UserId | None = None  # None: the server itself (router, deadline)
    reference_id: int | None = None  # of the actor's request
    ended: dict[UserId, str] = {}
    bin_change: BinChange | None = None
    record: Record | None = None  # of an offer of the router: what it rested on
    v: int = 1

    @property
    def hearers(self) -> tuple[UserId, ...]:
        subscribers = self.bin_change.subscribers if self.bin_change else ()
        return tuple(sorted({*self.after.holders, *self.ended, *subscribers}))


class AgentChanged(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="agent"):
    """The contact-centre session or a channel of `agent` changed. `channels`: all that are or just were logged in."""

    trigger: str
    at_ms: int
    agent: UserId
    is_in_session: bool
    channels: tuple[Channel, ...]
    actor: UserId | None = None
    cause: Literal["agent", "supervisor", "policy"] = "agent"
    reference_id: int | None = None
    v: int = 1

    @property
    def hearers(self) -> tuple[UserId, ...]:
        return (self.agent,)


class DirectoryChanged(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="directory"):
    """An administrator created, changed or deleted something. Nobody is notified; the audit trail has it."""

    trigger: Literal["Created", "Updated", "Deleted"]
    at_ms: int
    noun: str
    id: str
    name: str
    actor: UserId | None = None
    v: int = 1

    @property
    def hearers(self) -> tuple[UserId, ...]:
        return ()


class AccessRefused(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="access-refused"):
    """A signed-in user tried something without permission."""

    at_ms: int
    actor: UserId
    act: str
    path: str
    trigger: str = "AccessRefused"
    v: int = 1

    @property
    def hearers(self) -> tuple[UserId, ...]:
        return ()


Event = InteractionChanged | AgentChanged | DirectoryChanged | AccessRefused


class Committed(msgspec.Struct, frozen=True):
    """An event that is durable: its place in the log, and its number in each hearer's own sequence."""

    contact_centre: ContactCentreId
    seq: int
    event: Event
    numbers: tuple[tuple[UserId, int], ...]


def told(
    change: Change,
    *,
    at_ms: int,
    actor: UserId | None,
    reference_id: int | None,
    bin_change: BinChange | None = None,
    record: Record | None = None,
) -> InteractionChanged:
    """The event that tells of a decision."""
    return InteractionChanged(
        trigger=change.trigger,
        at_ms=at_ms,
        after=change.after,
        actor=actor,
        reference_id=reference_id,
        ended=change.ended,
        bin_change=bin_change,
        record=record,
    )


def bin_left_or_entered(
    change: Change,
) -> tuple[WorkbinId, OwnerId, Literal["ItemAdded", "ItemRemoved"]] | None:
    """The workbin whose content the change touches, or None."""
    before, after = change.before, change.after
    if after.workbin is not None and after.workbin_owner is not None:
        return None if before and before.workbin == after.workbin else (after.workbin, after.workbin_owner, "ItemAdded")
    if before is not None and before.workbin is not None and before.workbin_owner is not None:
        return before.workbin, before.workbin_owner, "ItemRemoved"
    return None


def interaction_of(event: Event) -> InteractionId | None:
    """The interaction whose history the event belongs to."""
    return event.after.id if isinstance(event, InteractionChanged) else None
