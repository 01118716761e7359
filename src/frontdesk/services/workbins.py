"""Workbins as agents use them: what is in one, putting in, taking out, being told of changes."""

from collections.abc import Iterable

import msgspec

from frontdesk.core import interactions
from frontdesk.core.errors import NotFound, NotYours, ParameterMissing, ReferenceInvalid
from frontdesk.core.ids import InteractionId, OwnerId, UserId
from frontdesk.core.interactions import Interaction
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.references import reference
from frontdesk.core.settings import Settings
from frontdesk.core.workbins import Workbin, WorkbinType
from frontdesk.ports import Outcome, Page, Store, Transaction
from frontdesk.services import journal, references
from frontdesk.services.calls import Caller, perform


class BinOf(msgspec.Struct, frozen=True, kw_only=True):
    """Whose content of a bin a request means: nothing for the caller's own."""

    agent_group: str | None = None
    user_id: UserId | None = None


class Content(msgspec.Struct, frozen=True):
    """What is in a bin: at most a page of it, how much there is, and the reader's last event number."""

    workbin: Workbin
    items: tuple[Interaction, ...]
    total: int
    number: int


class Workbins:
    """Use-cases of workbins' content."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    async def all(self, who: Principal) -> list[Workbin]:
        """Every workbin of the contact centre, by name."""

        async def body(tx: Transaction) -> list[Workbin]:
            return await tx.workbins.all()

        return await self._store.read(who.contact_centre, body)

    async def own(self, who: Principal) -> tuple[list[Workbin], int]:
        """Those of type Agent and Place, which have content of a user's own, and the reader's last event number."""

        async def body(tx: Transaction) -> tuple[list[Workbin], int]:
            own = [held for held in await tx.workbins.all() if held.type in (WorkbinType.AGENT, WorkbinType.PLACE)]
            return own, await tx.events.number_of(who.user_id)

        return await self._store.read(who.contact_centre, body)

    async def get(self, who: Principal, workbin: str, of: BinOf) -> tuple[Workbin, int]:
        """One, and the reader's last event number. Raises NotFound also for a user who is not there."""

        async def body(tx: Transaction) -> tuple[Workbin, int]:
            if of.user_id is not None:
                await tx.users.get(of.user_id)
            return await _found(tx, workbin), await tx.events.number_of(who.user_id)

        return await self._store.read(who.contact_centre, body)

    async def content(self, who: Principal, workbin: str, of: BinOf, page: Page) -> Content:
        """What is in a bin. Raises NotYours for what is another's, unless the caller may read that."""

        async def body(tx: Transaction) -> Content:
            return await _content(tx, await _found(tx, workbin), who, of, page)

        return await self._store.report(who.contact_centre, body, limit_s=self._settings.lists.report_s)

    async def contents(self, who: Principal, workbins: Iterable[Workbin], of: BinOf, page: Page) -> list[Content]:
        """What is in each of these bins, of one moment; nothing of one whose content is not the caller's to read."""

        async def body(tx: Transaction) -> list[Content]:
            found = []
            for held in workbins:
                try:
                    found.append(await _content(tx, held, who, of, page))
                except (NotYours, ParameterMissing):
                    found.append(Content(held, (), 0, await tx.events.number_of(who.user_id)))
            return found

        return await self._store.report(who.contact_centre, body, limit_s=self._settings.lists.report_s)

    async def content_for_message(self, caller: Caller, workbin: object, of: BinOf) -> tuple[Content, Outcome]:
        """What is in a bin now, and the reference id under which it will be told over push.

        A repeated request is told again, under the reference id of the first.
        """
        caller.principal.require(Act.WORK)
        who = caller.principal

        async def body(tx: Transaction) -> Outcome:
            held = await references.workbin(tx, workbin)
            await _owner(tx, held, who, of, to=Act.READ_OTHERS)
            return Outcome(id=held.id, reference_id=await tx.events.next_reference(who.user_id))

        outcome = await perform(self._store, caller, body)
        assert outcome.id is not None, "the body gives one"
        return await self.content(who, outcome.id, of, Page(self._settings.lists.workbin_items)), outcome

    async def add(self, caller: Caller, workbin: str, of: BinOf, interaction: str, media_type: str | None) -> Outcome:
        """Park an interaction that the caller works on."""
        caller.principal.require(Act.WORK)
        who = caller.principal

        async def body(tx: Transaction) -> Outcome:
            held = await _found(tx, workbin)
            references.require_fillable(held)
            owner = await _owner(tx, held, who, of)
            before = await _referred(tx, interaction, media_type)
            change = interactions.place_in_workbin(before, who.user_id, held.id, owner)
            reference_id = await tx.events.next_reference(who.user_id)
            await journal.record(tx, change, at_ms=caller.at_ms, actor=who.user_id, reference_id=reference_id)
            return Outcome(id=before.id, reference_id=reference_id)

        return await perform(self._store, caller, body)

    async def pull(self, caller: Caller, workbin: str, of: BinOf, interaction: str, media_type: str | None) -> Outcome:
        """Take an interaction out of the bin and work on it, in any order."""
        caller.principal.require(Act.WORK)
        who = caller.principal

        async def body(tx: Transaction) -> Outcome:
            held = await _found(tx, workbin)
            owner = await _owner(tx, held, who, of)
            before = await _referred(tx, interaction, media_type)
            if (before.workbin, before.workbin_owner) != (held.id, owner):
                if before.workbin is not None:
                    raise NotYours("interaction", before.id)
                raise ReferenceInvalid("id", before.id, f"interaction in the workbin {held.name}")
            change = interactions.pull(before, who.user_id)
            reference_id = await tx.events.next_reference(who.user_id)
            await journal.record(tx, change, at_ms=caller.at_ms, actor=who.user_id, reference_id=reference_id)
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
                owner = await _owner(tx, held, who, of)
                change = tx.subscriptions.add if wanted else tx.subscriptions.remove
                await change(held.id, owner, who.user_id)
                numbers[held.id] = await tx.events.next_reference(who.user_id)
            return Outcome(references=numbers, reference_id=next(reversed(numbers.values()), None))

        return await perform(self._store, caller, body)


async def _content(tx: Transaction, held: Workbin, who: Principal, of: BinOf, page: Page) -> Content:
    owner = await _owner(tx, held, who, of, to=Act.READ_OTHERS)
    items, total = await tx.interactions.in_workbin(held.id, owner, page)
    return Content(held, tuple(items), total, await tx.events.number_of(who.user_id))


async def _owner(tx: Transaction, held: Workbin, who: Principal, of: BinOf, *, to: Act = Act.SUPERVISE) -> OwnerId:
    return await references.content_owner(tx, held, who, agent_group=of.agent_group, user_id=of.user_id, to=to)


async def _found(tx: Transaction, workbin: str) -> Workbin:
    found = await tx.workbins.find(workbin)
    if found is None:
        try:
            found = await references.workbin(tx, workbin)
        except ReferenceInvalid:
            raise NotFound("workbin", workbin) from None
    return found


async def _referred(tx: Transaction, interaction: str, media_type: str | None) -> Interaction:
    interaction_id = InteractionId(reference(interaction, parameter="id").id)
    found = await tx.interactions.find(interaction_id)
    if found is None or (media_type is not None and found.media_type != media_type):
        raise NotFound(media_type or "interaction", interaction_id)
    return found
