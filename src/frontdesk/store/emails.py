"""What e-mails say, beside their interactions: what was read of them, and the message as it came."""

from typing import Final

from frontdesk.core.emails import Email
from frontdesk.core.errors import AlreadyExists, NotFound
from frontdesk.core.ids import InteractionId
from frontdesk.store import statements
from frontdesk.store.rows import Images, Rows

SQL: Final = statements.load("emails")
IMAGES: Final[Images[Email]] = Images(Email)


class EmailRows(Rows):
    """The e-mails of one contact centre; `ports.Emails` says what is promised."""

    __slots__ = ()

    async def add(self, interaction_id: InteractionId, email: Email, *, raw: bytes | None, digest: str | None) -> None:
        """Raises AlreadyExists for a message that came before (the digest), or an interaction that has one."""
        row = {**self._row(interaction_id, email), "digest": digest, "raw": raw}
        if not await self._connection.run(SQL.add, row):
            raise AlreadyExists("e-mail", digest or interaction_id)

    async def find(self, interaction_id: InteractionId) -> Email | None:
        row = await self._connection.one(
            SQL.find, {"contact_centre": self._contact_centre, "interaction": interaction_id}
        )
        return None if row is None else IMAGES.read(row[0])

    async def save(self, interaction_id: InteractionId, email: Email) -> None:
        """Raises NotFound."""
        if not await self._connection.run(SQL.save, self._row(interaction_id, email)):
            raise NotFound("e-mail", interaction_id)

    async def raw(self, interaction_id: InteractionId) -> bytes | None:
        row = await self._connection.one(
            SQL.raw, {"contact_centre": self._contact_centre, "interaction": interaction_id}
        )
        return None if row is None else row[0]

    async def by_digest(self, digest: str) -> InteractionId | None:
        row = await self._connection.one(SQL.by_digest, {"contact_centre": self._contact_centre, "digest": digest})
        return None if row is None else row[0]

    def _row(self, interaction_id: InteractionId, email: Email) -> dict[str, str]:
        return {
            "contact_centre": self._contact_centre,
            "interaction": interaction_id,
            "image": IMAGES.write(email),
        }
