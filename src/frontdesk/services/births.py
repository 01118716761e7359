"""How interactions come to be: submitted from outside, begun by an agent, or as the answer to another."""

import msgspec

from frontdesk.core import emails, interactions
from frontdesk.core.agents import check_media_type
from frontdesk.core.contacts import contact_of
from frontdesk.core.emails import Email
from frontdesk.core.errors import LimitExceeded, ValueInvalid
from frontdesk.core.ids import InteractionId
from frontdesk.core.interactions import Change, Direction
from frontdesk.core.lifecycle import Trigger
from frontdesk.core.permissions import Act
from frontdesk.core.settings import Settings
from frontdesk.core.user_data import UserData
from frontdesk.kit.clock import Clock
from frontdesk.kit.ids import Ids
from frontdesk.ports import Outcome, Store, Transaction
from frontdesk.services import journal, references
from frontdesk.services.calls import Caller, perform

SUBJECT_CHARACTERS = 1_000
EXTERNAL_ID_CHARACTERS = 256
HIGHEST_PRIORITY = 1_000_000


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A new interaction from outside."""

    media_type: str
    queue: str | None
    subject: str = ""
    priority: int = 0
    data: UserData = {}
    external_id: str | None = None


class ReplyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer is begun (Genesys Web Services v2, Reply)."""

    to_all: bool
    queue: str | None = None
    html: str = ""
    text: str = ""
    data: UserData = {}
    subject_prefix: str | None = None
    start_line: str = ""
    quote_original: bool = False
    indent: str = "> "


class Births:
    """Use-cases that make an interaction. Each is one transaction."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._settings = settings

    async def submit(self, caller: Caller, given: Submission) -> Outcome:
        """Put a new interaction into a queue. A repeated `external_id` gives the first one again."""
        caller.principal.require(Act.SUBMIT)
        check_submission(given)

        async def body(tx: Transaction) -> Outcome:
            if given.external_id is not None:
                known = await tx.interactions.by_external_id(given.media_type, given.external_id)
                if known is not None:
                    return Outcome(id=known)
            queue = await references.queue(tx, given.queue)
            contact = contact_of(given.data)
            change = interactions.submit(
                interaction_id=self._new_id(),
                media_type=given.media_type,
                queue=queue.id,
                queue_name=queue.name,
                subject=given.subject,
                priority=given.priority,
                data=given.data,
                external_id=given.external_id,
                subtype="InboundNew",
                at_ms=caller.at_ms,
                limits=self._settings.user_data,
                last_agent=None if contact is None else await tx.contacts.last_agent(contact),
            )
            await journal.record(tx, change, at_ms=caller.at_ms, actor=caller.principal.user_id)
            return Outcome(id=change.after.id)

        return await perform(self._store, caller, body)

    async def create(
        self,
        caller: Caller,
        media_type: str,
        *,
        queue: str | None,
        parent: str | None,
        subject: str,
        data: UserData,
    ) -> Outcome:
        """A work item or draft of one's own, worked on from the first moment. An e-mail is born a draft."""
        caller.principal.require(Act.WORK)
        check_media_type(media_type)
        check_subject(subject)
        is_draft = media_type == "email"

        async def body(tx: Transaction) -> Outcome:
            home = await references.queue(tx, queue, parameter="queueUri")
            parent_id = None if parent is None else (await references.interaction(tx, parent)).id
            email = Email(from_address=next(iter(home.email_addresses), ""), subject=subject) if is_draft else None
            return await self._born(
                tx,
                caller,
                interactions.create(
                    interaction_id=self._new_id(),
                    media_type=media_type,
                    direction=Direction.OUTBOUND,
                    owner=caller.principal.user_id,
                    queue=home.id,
                    queue_name=home.name,
                    parent_id=parent_id,
                    subject=subject,
                    data=data,
                    subtype="OutboundNew",
                    at_ms=caller.at_ms,
                    limits=self._settings.user_data,
                    email=emails.summary_of(email) if email else None,
                ),
                email,
            )

        return await perform(self._store, caller, body)

    async def reply(self, caller: Caller, interaction_id: InteractionId, given: ReplyRequest) -> Outcome:
        """Open a draft that answers an e-mail the caller works on."""
        caller.principal.require(Act.WORK)
        trigger = Trigger.REPLY_ALL if given.to_all else Trigger.REPLY

        async def body(tx: Transaction) -> Outcome:
            parent = await tx.interactions.get(interaction_id)
            interactions.require_step(parent, caller.principal.user_id, trigger)
            home = await references.queue(tx, given.queue or parent.queue)
            original = await tx.emails.find(parent.id) or Email(subject=parent.subject)
            draft = emails.reply_to(
                original,
                to_all=given.to_all,
                from_address=next(iter((*original.mailboxes, *home.email_addresses, *original.to)), ""),
                own_addresses=home.email_addresses,
                subject_prefix=given.subject_prefix,
                html=given.html,
                text=given.text,
                quote_original=given.quote_original,
                start_line=given.start_line,
                indent=given.indent,
            )
            return await self._born(
                tx,
                caller,
                interactions.create(
                    interaction_id=self._new_id(),
                    media_type=parent.media_type,
                    direction=Direction.OUTBOUND,
                    owner=caller.principal.user_id,
                    queue=home.id,
                    queue_name=home.name,
                    parent_id=parent.id,
                    subject=draft.subject,
                    data=given.data,
                    subtype="OutboundReply",
                    at_ms=caller.at_ms,
                    limits=self._settings.user_data,
                    email=emails.summary_of(draft),
                ),
                draft,
            )

        return await perform(self._store, caller, body)

    def _new_id(self) -> InteractionId:
        return InteractionId(self._ids.sortable(self._clock.now_ms()))

    async def _born(self, tx: Transaction, caller: Caller, change: Change, email: Email | None) -> Outcome:
        user_id = caller.principal.user_id
        reference_id = await tx.events.next_reference(user_id)
        await journal.record(tx, change, at_ms=caller.at_ms, actor=user_id, reference_id=reference_id)
        if email is not None:
            await tx.emails.add(change.after.id, email, raw=None, digest=None)
        return Outcome(id=change.after.id, reference_id=reference_id)


def check_submission(given: Submission) -> None:
    """Raises ValueInvalid or LimitExceeded for what could not be kept or found again."""
    check_media_type(given.media_type)
    check_subject(given.subject)
    if abs(given.priority) > HIGHEST_PRIORITY:
        raise ValueInvalid("priority", f"give a whole number from -{HIGHEST_PRIORITY} to {HIGHEST_PRIORITY}")
    if given.external_id is not None and not 0 < len(given.external_id) <= EXTERNAL_ID_CHARACTERS:
        raise ValueInvalid("externalId", f"give 1 to {EXTERNAL_ID_CHARACTERS} characters")


def check_subject(subject: str) -> None:
    """Raises LimitExceeded."""
    if len(subject) > SUBJECT_CHARACTERS:
        raise LimitExceeded("The subject, in characters", len(subject), SUBJECT_CHARACTERS)
