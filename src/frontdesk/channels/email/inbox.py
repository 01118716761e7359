"""From a message that was received to an interaction in a queue."""

import asyncio

from frontdesk.channels.email.parse import parse
from frontdesk.channels.email.session import ReceivedMail
from frontdesk.core.emails import AttachmentInfo
from frontdesk.services.emails import Arrived, Emails

#: Reading a larger one takes long enough that a thread should do it.
_BIG_BYTES = 50_000


class Inbox:
    """What the listener asks and tells."""

    def __init__(self, emails: Emails) -> None:
        self._emails = emails

    async def accepts(self, address: str) -> bool:
        """True for an address of ours."""
        return await self._emails.is_recipient(address)

    async def receive(self, mail: ReceivedMail) -> None:
        """Read the message and queue it. Durable on return."""
        if len(mail.raw) > _BIG_BYTES:
            parsed = await asyncio.to_thread(
                parse, mail.raw, envelope_from=mail.envelope_from, envelope_to=mail.envelope_to
            )
        else:
            parsed = parse(mail.raw, envelope_from=mail.envelope_from, envelope_to=mail.envelope_to)
        # Without a Message-ID two equal messages may well be two: one too many does less harm than one too few.
        digest = parsed.digest if parsed.email.message_id else None
        await self._emails.receive(
            Arrived(raw=mail.raw, digest=digest, email=parsed.email, recipients=mail.envelope_to)
        )


def read_attachment(raw: bytes, attachment_id: str) -> tuple[AttachmentInfo, bytes] | None:
    """A file of a message as it came: read again, which always gives the same."""
    return parse(raw, envelope_from="", envelope_to=()).content(attachment_id)
