"""Writing a decision down: the row, the loads it changes, and the event that tells of it, in one transaction."""

from collections.abc import Collection
from typing import Final

from frontdesk.core import events
from frontdesk.core.contacts import contact_of
from frontdesk.core.events import BinChange, Committed
from frontdesk.core.ids import UserId
from frontdesk.core.interactions import Change
from frontdesk.core.lifecycle import Trigger
from frontdesk.core.offers import Record
from frontdesk.ports import Transaction

#: With these an agent answers an offer.
_ANSWERS: Final = frozenset({Trigger.ACCEPT, Trigger.REJECT, Trigger.DECLINE})


async def record(
    tx: Transaction,
    change: Change,
    *,
    at_ms: int,
    actor: UserId | None = None,
    reference_id: int | None = None,
    reserved: Collection[UserId] = (),
    record: Record | None = None,
) -> Committed:
    """Save what was decided and tell of it: the one way by which interactions change.

    `reference_id`: that of the actor's request.
    `reserved`: those whose load was raised already, when room was reserved for what they are offered.
    `record`: what an offer of the router rested on.
    """
    if change.before is None:
        await tx.interactions.add(change.after)
    else:
        await tx.interactions.save(change.before, change.after)
    await _change_loads(tx, change, at_ms, reserved)
    if actor is not None and change.trigger in _ANSWERS:
        await tx.agents.answered(actor, change.after.media_type)
    await _remember_contact(tx, change, at_ms)
    told = events.told(
        change,
        at_ms=at_ms,
        actor=actor,
        reference_id=reference_id,
        bin_change=await _bin_change(tx, change),
        record=record,
    )
    return await tx.events.append(told)


async def _change_loads(tx: Transaction, change: Change, at_ms: int, reserved: Collection[UserId]) -> None:
    media_type = change.after.media_type
    held_before = set(change.before.holders) if change.before else set()
    held_after = set(change.after.holders)
    held_before |= held_after.intersection(reserved)
    for users, by in ((held_before - held_after, -1), (held_after - held_before, 1)):
        for user in sorted(users):
            await tx.agents.change_load(user, media_type, by, at_ms=at_ms)


async def _remember_contact(tx: Transaction, change: Change, at_ms: int) -> None:
    """Whoever takes an interaction up is the one whom its contact knows from then on."""
    owner = change.after.owner
    if owner is None or (change.before is not None and change.before.owner == owner):
        return
    contact = contact_of(change.after.user_data)
    if contact is not None:
        await tx.contacts.had_by(contact, owner, at_ms=at_ms)


async def _bin_change(tx: Transaction, change: Change) -> BinChange | None:
    touched = events.bin_left_or_entered(change)
    if touched is None:
        return None
    workbin, owner, action = touched
    subscribers = await tx.subscriptions.subscribers(workbin, owner)
    group = await tx.groups.find(owner) if subscribers else None
    return BinChange(workbin, owner, action, subscribers, group.name if group else None)
