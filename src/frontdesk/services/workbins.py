"""Workbins as agents use them: what is in one, putting in, taking out, being told of changes."""

from collections.abc import Iterable

import msgspec

from frontdesk.core import interactions
from frontdesk.core.errors import NotFound, NotYours, ReferenceInvalid
from frontdesk.core.ids import InteractionId, OwnerId, UserId
from frontdesk.core.interactions import Interaction
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.settings import Settings
from frontdesk.core.workbins import Workbin, WorkbinType
from frontdesk.ports import Outcome, Page, Store, Transaction
from frontdesk.services import references
from frontdesk.services.calls import Caller, perform
from frontdesk.services.journal import Journal


class BinOf(msgspec.Struct, frozen=True, kw_only=True):
    """Whose content of a bin a request means: nothing for the caller's own."""

    agent_group: str | None = None
    user_id: UserId | None = None


class Content(msgspec.Struct, frozen=True):
    """What is in a bin: at most a page of it, how much there is, and the reader's last event number."""

    workbin: Workbin
    owner: OwnerId | None
    items: tuple[Interaction, ...]
    total: int
    number: int


class Workbins:
    """Use-cases of workbins' content."""

    def __init__(self, store: Store, journal: Journal, settings: Settings) -> None:
        self._store = store
        self._journal = journal
        self._settings = settings

    async def all(self, who: Principal) -> list[Workbin]:
        """Every workbin of the contact centre, by name."""

        async def body(tx: Transaction) -> list[Workbin]:
            return await tx.workbins.all()

        return await self._store.read(who.contact_centre, body)

    async def own(self, who: Principal) -> list[Workbin]:
        """Those of type Agent and Place: the ones that have content of a user's own."""
        return [held for held in await self.all(who) if held.type in (WorkbinType.AGENT, WorkbinType.PLACE)]

    async def get(self, who: Principal, workbin: str) -> Workbin:
        async def body(tx: Transaction) -> Workbin:
            return await _found(tx, workbin)

        return await self._store.read(who.contact_centre, body)

    async def content(self, who: Principal, workbin: str, of: BinOf, page: Page) -> Content:
        """What is in a bin. Raises NotYours for another's without the right to supervise."""

        async def body(tx: Transaction) -> Content:
            held = await _found(tx, workbin)
            owner = await references.content_owner(tx, held, who, agent_group=of.agent_group, user_id=of.user_id)
            items, total = await tx.interactions.in_workbin(held.id, owner, page)
            return Content(held, owner, tuple(items), total, await tx.events.number_of(who.user_id))

        return await self._store.report(who.contact_centre, body, limit_s=self._settings.lists.report_s)

    async def content_for_message(self, caller: Caller, workbin: object, of: BinOf) -> tuple[Content, Outcome]:
        """What is in a bin, with the reference id under which it will be told over push."""
        caller.principal.require(Act.WORK)
        page = Page(self._settings.lists.workbin_items)

        async def body(tx: Transaction) -> tuple[Content, Outcome]:
            who = caller.principal
            held = await references.workbin(tx, workbin)
            owner = await references.content_owner(tx, held, who, agent_group=of.agent_group, user_id=of.user_id)
            items, total = await tx.interactions.in_workbin(held.id, owner, page)
            reference_id = await tx.events.next_reference(who.user_id)
            number = await tx.events.number_of(who.user_id)
            return Content(held, owner, tuple(items), total, number), Outcome(reference_id=reference_id)

        return await self._store.transact(caller.principal.contact_centre, body)

    async def add(self, caller: Caller, workbin: str, of: BinOf, interaction: str, media_type: str | None) -> Outcome:
        """Park an interaction that the caller works on."""
        caller.principal.require(Act.WORK)
        who = caller.principal

        async def body(tx: Transaction) -> Outcome:
            held = await _found(tx, workbin)
            owner = await references.content_owner(tx, held, who, agent_group=of.agent_group, user_id=of.user_id)
            before = await _referred(tx, interaction, media_type)
            change = interactions.place_in_workbin(before, who.user_id, held.id, owner)
            reference_id = await tx.events.next_reference(who.user_id)
            await self._journal.record(tx, change, at_ms=caller.at_ms, actor=who.user_id, reference_id=reference_id)
            return Outcome(id=before.id, reference_id=reference_id)

        return await perform(self._store, caller, body)

    async def pull(self, caller: Caller, workbin: str, of: BinOf, interaction: str, media_type: str | None) -> Outcome:
        """Take an interaction out of the bin and work on it, in any order."""
        caller.principal.require(Act.WORK)
        who = caller.principal

        async def body(tx: Transaction) -> Outcome:
            held = await _found(tx, workbin)
            owner = await references.content_owner(tx, held, who, agent_group=of.agent_group, user_id=of.user_id)
            before = await _referred(tx, interaction, media_type)
            if (before.workbin, before.workbin_owner) != (held.id, owner):
                if before.workbin is not None:
                    raise NotYours("interaction", before.id)
                raise ReferenceInvalid("id", before.id, f"interaction in the workbin {held.name}")
            change = interactions.pull(before, who.user_id)
            reference_id = await tx.events.next_reference(who.user_id)
            await self._journal.record(tx, change, at_ms=caller.at_ms, actor=who.user_id, reference_id=reference_id)
            return Outcome(id=before.id, reference_id=reference_id)

        return await perform(self._store, caller, body)

    async def subscribe(self, caller: Caller, workbins: Iterable[str], of: BinOf, *, wanted: bool) -> Outcome:
        """Be told (or no more) of what comes into these bins and leaves them, until the session ends.

        `references` of the outcome has a reference id per bin id; `reference_id` is the last of them.
        """
        caller.principal.require(Act.WORK)
        who = caller.principal

        async def body(tx: Transaction) -> Outcome:
            numbers: dict[str, int] = {}
            for workbin in workbins:
                held = await _found(tx, workbin)
                owner = await references.content_owner(tx, held, who, agent_group=of.agent_group, user_id=of.user_id)
                change = tx.subscriptions.add if wanted else tx.subscriptions.remove
                await change(held.id, owner, who.user_id)
                numbers[held.id] = await tx.events.next_reference(who.user_id)
            return Outcome(references=numbers, reference_id=next(reversed(numbers.values()), None))

        return await perform(self._store, caller, body)


async def _found(tx: Transaction, workbin: str) -> Workbin:
    found = await tx.workbins.find(workbin)
    if found is None:
        try:
            found = await references.workbin(tx, workbin)
        except ReferenceInvalid:
            raise NotFound("workbin", workbin) from None
    return found


async def _referred(tx: Transaction, interaction: str, media_type: str | None) -> Interaction:
    found = await tx.interactions.find(InteractionId(references.last_segment(interaction)))
    if found is None or (media_type is not None and found.media_type != media_type):
        raise NotFound(media_type or "interaction", references.last_segment(interaction))
    return found
