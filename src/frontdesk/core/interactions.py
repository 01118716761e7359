"""One interaction and every decision about it.

A decision takes the value before and gives a `Change`: the value after, what happened, and how it ended for those who
lose it. It refuses with an error of `core.errors` and then nothing has changed. Who may decide is asked elsewhere
(`core.permissions`); whose it is, is asked here.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from frontdesk.core import lifecycle, user_data
from frontdesk.core.emails import EmailSummary
from frontdesk.core.errors import NotYours, OfferGone, ValueInvalid
from frontdesk.core.ids import InteractionId, OwnerId, QueueId, UserId, WorkbinId
from frontdesk.core.lifecycle import Kind, State, Trigger
from frontdesk.core.user_data import UserData, UserDataLimits

#: What somebody who was asked in vain sees: no state of the interaction, only of the offer.
REVOKED: Final = "Revoked"


NOTHING: Final[UserData] = MappingProxyType({})


class Direction(StrEnum):
    INBOUND = "Inbound"
    OUTBOUND = "Outbound"


class Interaction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An e-mail, chat or work item on its way. Times are milliseconds since the Unix epoch, UTC.

    Exactly one place at a time: `queue` while Queued, `invitees` while Invited, `owner` while worked on,
    (`workbin`, `workbin_owner`) while InWorkbin. `queue` stays set as the home queue all its life.

    All that is shown of it is in here, so that a row and an event of the same version show the same.
    """

    id: InteractionId
    media_type: str
    direction: Direction
    subtype: str
    state: State
    version: int
    received_at_ms: int
    queued_at_ms: int  # since when it waits; an offer that comes to nothing keeps it
    queue: QueueId
    queue_name: str  # as it was called when this came into it
    owner: UserId | None = None
    invitees: tuple[UserId, ...] = ()
    refused_by: tuple[UserId, ...] = ()  # not asked again in this round
    deadline_ms: int | None = None  # Invited: the offer ends · Queued: those who refused may be asked again
    workbin: WorkbinId | None = None
    workbin_owner: OwnerId | None = None
    parent_id: InteractionId | None = None
    subject: str = ""
    priority: int = 0
    user_data: dict[str, Any] = {}
    disposition: str | None = None
    external_id: str | None = None
    last_agent: UserId | None = None  # who had this contact before, when it came in
    is_auto_answered: bool = False
    email: EmailSummary | None = None  # e-mails only; body and files lie beside the interaction

    @property
    def kind(self) -> Kind:
        return lifecycle.kind_of(self.media_type, is_outbound=self.direction is Direction.OUTBOUND)

    @property
    def holders(self) -> tuple[UserId, ...]:
        """Those who see it as theirs: the owner, or everybody it is offered to."""
        return self.invitees if self.owner is None else (self.owner,)

    def is_held_by(self, user_id: UserId) -> bool:
        return user_id in self.holders

    def is_own_of(self, user_id: UserId) -> bool:
        """True if the user holds it, or has parked it in the own part of a bin."""
        return self.is_held_by(user_id) or self.workbin_owner == OwnerId(user_id)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The operations that a holder may post now."""
        return lifecycle.capabilities(self.state, self.kind)

    @property
    def is_final(self) -> bool:
        return lifecycle.is_final(self.state)


class Change(msgspec.Struct, frozen=True):
    """What a decision decided. `ended` tells each user who lost it the state it ended in for them."""

    trigger: str  # a Trigger, or "Submit" / "Create" for a birth
    before: Interaction | None
    after: Interaction
    ended: dict[UserId, str] = {}


def submit(
    *,
    interaction_id: InteractionId,
    media_type: str,
    queue: QueueId,
    queue_name: str,
    subject: str,
    priority: int,
    data: UserData,
    external_id: str | None,
    subtype: str,
    at_ms: int,
    limits: UserDataLimits,
    email: EmailSummary | None = None,
    last_agent: UserId | None = None,
) -> Change:
    """A new inbound interaction, waiting in `queue`."""
    user_data.check(data, limits)
    born = Interaction(
        id=interaction_id,
        media_type=media_type,
        direction=Direction.INBOUND,
        subtype=subtype,
        state=State.QUEUED,
        version=1,
        received_at_ms=at_ms,
        queued_at_ms=at_ms,
        queue=queue,
        queue_name=queue_name,
        subject=subject,
        priority=priority,
        user_data=dict(data),
        external_id=external_id,
        email=email,
        last_agent=last_agent,
    )
    return Change("Submit", None, born)


def create(
    *,
    interaction_id: InteractionId,
    media_type: str,
    direction: Direction,
    owner: UserId,
    queue: QueueId,
    queue_name: str,
    parent_id: InteractionId | None,
    subject: str,
    data: UserData,
    subtype: str,
    at_ms: int,
    limits: UserDataLimits,
    email: EmailSummary | None = None,
) -> Change:
    """A new interaction that its creator works on from the first moment: a draft, or a work item of one's own."""
    user_data.check(data, limits)
    kind = lifecycle.kind_of(media_type, is_outbound=direction is Direction.OUTBOUND)
    born = Interaction(
        id=interaction_id,
        media_type=media_type,
        direction=direction,
        subtype=subtype,
        state=lifecycle.working_state(kind),
        version=1,
        received_at_ms=at_ms,
        queued_at_ms=at_ms,
        queue=queue,
        queue_name=queue_name,
        owner=owner,
        parent_id=parent_id,
        subject=subject,
        user_data=dict(data),
        email=email,
    )
    return Change("Create", None, born)


def offer(before: Interaction, invitees: tuple[UserId, ...], *, deadline_ms: int) -> Change:
    """Ask these agents. The first to accept gets it."""
    assert invitees, "an offer needs somebody to be offered to"
    return _stepped(before, Trigger.OFFER, owner=None, invitees=invitees, deadline_ms=deadline_ms)


def accept(before: Interaction, agent: UserId) -> Change:
    """`agent` takes it. Raises OfferGone if it is offered to this agent no more, NotYours if it never was."""
    _require_offer(before, agent)
    others = tuple(invitee for invitee in before.invitees if invitee != agent)
    refused = _joined(before.refused_by, others)  # so that one who comes too late is told so
    change = _stepped(before, Trigger.ACCEPT, owner=agent, invitees=(), refused_by=refused, deadline_ms=None)
    return replace(change, ended=dict.fromkeys(others, REVOKED))


def reject(before: Interaction, agent: UserId, *, round_ends_at_ms: int) -> Change:
    """`agent` says no; with nobody left to ask it waits in its queue again, as old as before."""
    _require_offer(before, agent)
    return _one_out(before, agent, Trigger.REJECT, State.COMPLETED, round_ends_at_ms)


def withdraw(before: Interaction, agent: UserId, *, round_ends_at_ms: int) -> Change:
    """The offer to `agent` is taken back because the agent is gone."""
    _require_offer(before, agent)
    return _one_out(before, agent, Trigger.WITHDRAW, REVOKED, round_ends_at_ms)


def expire(before: Interaction, *, round_ends_at_ms: int) -> Change:
    """Nobody answered in time: back to the queue, as old as before."""
    refused = _joined(before.refused_by, before.invitees)
    change = _stepped(before, Trigger.EXPIRE, owner=None, invitees=(), refused_by=refused, deadline_ms=round_ends_at_ms)
    return replace(change, ended=dict.fromkeys(before.invitees, REVOKED))


def new_round(before: Interaction) -> Change:
    """Those who refused it may be asked again."""
    return _stepped(before, Trigger.NEW_ROUND, refused_by=(), deadline_ms=None)


def overflow(before: Interaction, queue: QueueId, queue_name: str) -> Change:
    """The policy sends it to another queue, as old as it is; there everybody may be asked."""
    return _stepped(before, Trigger.OVERFLOW, queue=queue, queue_name=queue_name, refused_by=(), deadline_ms=None)


def auto_answer(before: Interaction) -> Change:
    """Its customer is told that nobody is here: once, by whoever listens for this."""
    return _stepped(before, Trigger.AUTO_ANSWER, is_auto_answered=True)


def complete(before: Interaction, agent: UserId) -> Change:
    """Done for good."""
    _require_owner(before, agent, Trigger.COMPLETE)
    change = _stepped(before, Trigger.COMPLETE, owner=None)
    return replace(change, ended={agent: State.COMPLETED})


def cancel(before: Interaction, agent: UserId) -> Change:
    """Throw a draft away."""
    _require_owner(before, agent, Trigger.CANCEL)
    change = _stepped(before, Trigger.CANCEL, owner=None)
    return replace(change, ended={agent: State.CANCELED})


def place_in_queue(before: Interaction, agent: UserId, queue: QueueId, queue_name: str, *, at_ms: int) -> Change:
    """Hand it to whoever serves `queue`, which becomes its home."""
    _require_owner(before, agent, Trigger.PLACE_IN_QUEUE)
    change = _stepped(
        before,
        Trigger.PLACE_IN_QUEUE,
        owner=None,
        queue=queue,
        queue_name=queue_name,
        queued_at_ms=at_ms,
        refused_by=(),
    )
    return replace(change, ended={agent: State.COMPLETED})


def transfer(before: Interaction, agent: UserId, receiver: UserId, *, deadline_ms: int) -> Change:
    """Offer it to `receiver` alone. If nothing comes of it, it goes to its home queue with its age kept."""
    _require_owner(before, agent, Trigger.TRANSFER)
    if receiver == agent:
        raise ValueInvalid("userId", "it names yourself; transfer goes to another agent")
    change = _stepped(
        before, Trigger.TRANSFER, owner=None, invitees=(receiver,), refused_by=(), deadline_ms=deadline_ms
    )
    return replace(change, ended={agent: State.COMPLETED})


def place_in_workbin(before: Interaction, agent: UserId, workbin: WorkbinId, workbin_owner: OwnerId) -> Change:
    """Park it. It leaves the agent and stays in the bin until somebody pulls it."""
    _require_owner(before, agent, Trigger.PLACE_IN_WORKBIN)
    change = _stepped(before, Trigger.PLACE_IN_WORKBIN, owner=None, workbin=workbin, workbin_owner=workbin_owner)
    return replace(change, ended={agent: State.IN_WORKBIN})


def give_back(before: Interaction) -> Change:
    """Whoever works on it is gone: back to its queue, as old as before, for everybody to be asked."""
    change = _stepped(before, Trigger.RETURN, owner=None, refused_by=())
    assert before.owner is not None, "what is worked on has an owner"
    return replace(change, ended={before.owner: REVOKED})


def take_away(before: Interaction, queue: QueueId, queue_name: str, *, round_ends_at_ms: int) -> Change:
    """Somebody takes it away from its owner: into a queue, as old as it is, and for the others to be asked first."""
    step = _stepped(before, Trigger.RETURN, owner=None, queue=queue, queue_name=queue_name)
    assert before.owner is not None, "what is worked on has an owner"
    after = replace(step.after, refused_by=(before.owner,), deadline_ms=round_ends_at_ms)
    return replace(step, after=after, ended={before.owner: REVOKED})


def park(before: Interaction, workbin: WorkbinId, workbin_owner: OwnerId) -> Change:
    """Whoever works on it is gone: into a workbin, until somebody pulls it."""
    change = _stepped(before, Trigger.PARK, owner=None, workbin=workbin, workbin_owner=workbin_owner)
    assert before.owner is not None, "what is worked on has an owner"
    return replace(change, ended={before.owner: State.IN_WORKBIN})


def pull(before: Interaction, agent: UserId) -> Change:
    """Take it out of its workbin, or out of its queue without being asked, and work on it."""
    return _stepped(
        before, Trigger.PULL, owner=agent, workbin=None, workbin_owner=None, refused_by=(), deadline_ms=None
    )


def attach_user_data(before: Interaction, agent: UserId, given: UserData, limits: UserDataLimits) -> Change:
    """Add or overwrite the given keys."""
    _require_owner(before, agent, Trigger.ATTACH_USER_DATA)
    after = user_data.merged(before.user_data, given, limits)
    return _stepped(before, Trigger.ATTACH_USER_DATA, user_data=after)


def update_user_data(before: Interaction, agent: UserId, given: UserData, limits: UserDataLimits) -> Change:
    """Overwrite the given keys; a key that is not there yet is added, as the vendor's server does."""
    _require_owner(before, agent, Trigger.UPDATE_USER_DATA)
    after = user_data.merged(before.user_data, given, limits)
    return _stepped(before, Trigger.UPDATE_USER_DATA, user_data=after)


def delete_user_data(before: Interaction, agent: UserId, given: UserData | tuple[str, ...]) -> Change:
    """Remove the given keys; a key that is not there is no error."""
    _require_owner(before, agent, Trigger.DELETE_USER_DATA)
    return _stepped(before, Trigger.DELETE_USER_DATA, user_data=user_data.without(before.user_data, given))


def set_disposition(
    before: Interaction, agent: UserId, disposition: str, key: str, limits: UserDataLimits, *, data: UserData = NOTHING
) -> Change:
    """Say how it ended; the value is also written to the user data under `key`, besides `data`."""
    _require_owner(before, agent, Trigger.SET_DISPOSITION)
    after = user_data.merged(before.user_data, {**data, key: disposition}, limits)
    return _stepped(before, Trigger.SET_DISPOSITION, disposition=disposition, user_data=after)


def require_step(before: Interaction, agent: UserId, trigger: Trigger) -> None:
    """Refuse unless `agent` owns it and `trigger` is legal now: for acts that leave the interaction as it is."""
    _require_owner(before, agent, trigger)
    lifecycle.step(before.id, before.state, trigger, before.kind)


def _one_out(before: Interaction, agent: UserId, trigger: Trigger, seen: str, round_ends_at_ms: int) -> Change:
    others = tuple(invitee for invitee in before.invitees if invitee != agent)
    refused = _joined(before.refused_by, (agent,))
    if others:
        change = _stepped(before, Trigger.DECLINE, invitees=others, refused_by=refused)
    else:
        change = _stepped(before, trigger, invitees=(), refused_by=refused, deadline_ms=round_ends_at_ms)
    return replace(change, ended={agent: seen})


def _require_offer(before: Interaction, agent: UserId) -> None:
    if agent in before.invitees or _may_know_better(before, agent):
        return  # for the latter the lifecycle table refuses, with the better words
    raise OfferGone(before.id) if agent in before.refused_by else NotYours("interaction", before.id)


def _require_owner(before: Interaction, agent: UserId, trigger: Trigger) -> None:
    if before.owner == agent:
        return
    if _may_know_better(before, agent):
        lifecycle.step(before.id, before.state, trigger, before.kind)
    raise NotYours("interaction", before.id)


def _may_know_better(before: Interaction, agent: UserId) -> bool:
    """True if it is the state that stands in this agent's way, and not whose it is."""
    return before.is_final or before.is_held_by(agent) or before.workbin_owner == OwnerId(agent)


def _joined(first: tuple[UserId, ...], then: tuple[UserId, ...]) -> tuple[UserId, ...]:
    return (*first, *(user for user in then if user not in first))


def _stepped(before: Interaction, trigger: Trigger, **changes: Any) -> Change:
    state = lifecycle.step(before.id, before.state, trigger, before.kind)
    return Change(trigger, before, replace(before, state=state, version=before.version + 1, **changes))
