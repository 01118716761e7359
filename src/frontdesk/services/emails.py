"""E-mails: what came in becomes an interaction, once; what an interaction says can be read."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from frontdesk.core import emails, interactions
from frontdesk.core.contacts import contact_of
from frontdesk.core.emails import AttachmentInfo, Email
from frontdesk.core.errors import NotFound
from frontdesk.core.ids import ContactCentreId, InteractionId, QueueId
from frontdesk.core.interactions import Interaction
from frontdesk.core.permissions import Principal
from frontdesk.core.settings import Settings
from frontdesk.core.user_data import UserDataLimits
from frontdesk.kit.clock import Clock
from frontdesk.kit.ids import Ids
from frontdesk.ports import Store, Transaction
from frontdesk.services import journal, references

MEDIA_TYPE = "email"

#: What a mail's own user data keeps to by its making; however tight the settings are, no mail is turned away for it.
_MAIL_LIMITS = UserDataLimits()

#: A message is in memory as a whole, and once more as its parts, while a file in it is looked for.
_READ_AT_ONCE: Final = 4

#: Finds a file in a message as it came, by the id that its `AttachmentInfo` has. Takes as long as reading the message.
ReadAttachment = Callable[[bytes, str], tuple[AttachmentInfo, bytes] | None]


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the channel hands it in: as it came, and as it was read.

    `digest` is what it is known by when it comes again; None if it cannot be told from another one like it.
    """

    raw: bytes
    digest: str | None
    email: Email
    recipients: tuple[str, ...]


class Emails:
    """Use-cases of e-mails."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        settings: Settings,
        read_attachment: ReadAttachment,
    ) -> None:
        self._read_attachment = read_attachment
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)
        self._store = store
        self._clock = clock
        self._ids = ids
        self._settings = settings

    async def is_recipient(self, address: str) -> bool:
        """True for an address that a queue of any contact centre has."""
        return await self._home_of(address) is not None

    async def receive(self, arrived: Arrived) -> list[InteractionId]:
        """Keep the message and queue it, one interaction for each contact centre it was sent to; durable on return.

        The same message again (a sender that missed our answer) has no second effect.
        """
        homes: dict[ContactCentreId, QueueId] = {}
        for address in arrived.recipients:
            found = await self._home_of(address)
            if found is not None:
                homes.setdefault(*found)
        return [
            await self._store.transact(contact_centre, self._queued(arrived, queue))
            for contact_centre, queue in homes.items()
        ]

    async def _home_of(self, address: str) -> tuple[ContactCentreId, QueueId] | None:
        return await self._store.read_server(lambda tx: tx.mail_address(address.casefold()))

    def _queued(self, arrived: Arrived, queue_id: QueueId) -> Callable[[Transaction], Awaitable[InteractionId]]:
        async def body(tx: Transaction) -> InteractionId:
            if arrived.digest is not None:
                known = await tx.emails.by_digest(arrived.digest)
                if known is not None:
                    return known
            queue = await tx.queues.get(queue_id)
            now_ms = self._clock.now_ms()
            data = emails.user_data_of(arrived.email)
            contact = contact_of(data)
            change = interactions.submit(
                interaction_id=InteractionId(self._ids.sortable(now_ms)),
                media_type=MEDIA_TYPE,
                queue=queue.id,
                queue_name=queue.name,
                subject=arrived.email.subject,
                priority=0,
                data=data,
                external_id=None,
                subtype="InboundNew",
                at_ms=now_ms,
                limits=_MAIL_LIMITS,
                email=emails.summary_of(arrived.email),
                last_agent=None if contact is None else await tx.contacts.last_agent(contact),
            )
            await journal.record(tx, change, at_ms=now_ms)
            await tx.emails.add(change.after.id, arrived.email, raw=arrived.raw, digest=arrived.digest)
            return change.after.id

        return body

    async def get(self, who: Principal, interaction_id: InteractionId) -> tuple[Interaction, Email, int]:
        """An e-mail interaction with what it says, and the reader's event number."""

        async def body(tx: Transaction) -> tuple[Interaction, Email, int]:
            found = await tx.interactions.get(interaction_id)
            said = await tx.emails.find(interaction_id)
            if found.media_type != MEDIA_TYPE:
                raise NotFound(MEDIA_TYPE, interaction_id)
            return found, said or Email(subject=found.subject), await tx.events.number_of(who.user_id)

        return await self._store.read(who.contact_centre, body)

    async def own(self, who: Principal, interaction_id: InteractionId) -> tuple[Interaction, Email, int]:
        """The same of one that the user holds or has parked. Others' are for supervisors and administrators only."""
        found, said, number = await self.get(who, interaction_id)
        references.require_own(found, who)
        return found, said, number

    async def said_by(self, who: Principal, held: Sequence[Interaction]) -> dict[InteractionId, Email]:
        """What the e-mails among these say, by id."""

        async def body(tx: Transaction) -> dict[InteractionId, Email]:
            said = {one.id: await tx.emails.find(one.id) for one in held if one.media_type == MEDIA_TYPE}
            return {interaction_id: email for interaction_id, email in said.items() if email is not None}

        return await self._store.read(who.contact_centre, body)

    async def raw(self, who: Principal, interaction_id: InteractionId) -> bytes:
        """The message as it came. Raises NotFound for an interaction without one."""

        async def body(tx: Transaction) -> bytes:
            await tx.interactions.get(interaction_id)
            raw = await tx.emails.raw(interaction_id)
            if raw is None:
                raise NotFound("received e-mail", interaction_id)
            return raw

        return await self._store.report(who.contact_centre, body, limit_s=self._settings.lists.report_s)

    async def attachment(
        self, who: Principal, interaction_id: InteractionId, attachment_id: str
    ) -> tuple[AttachmentInfo, bytes]:
        """A file that came with the message, read from the message as it came. Raises NotFound."""
        async with self._reading:
            raw = await self.raw(who, interaction_id)
            found = await asyncio.to_thread(self._read_attachment, raw, attachment_id)
        if found is None:
            raise NotFound("attachment", attachment_id)
        return found
