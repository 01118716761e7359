"""Contacts: who of us had an interaction of theirs last."""

from typing import Final

from frontdesk.core.ids import UserId
from frontdesk.store import statements
from frontdesk.store.rows import Rows

SQL: Final = statements.load("contacts")


class ContactRows(Rows):
    """The contacts of one contact centre; `ports.Contacts` says what is promised."""

    __slots__ = ()

    async def last_agent(self, contact: str) -> UserId | None:
        row = await self._connection.one(SQL.last_agent, {"contact_centre": self._contact_centre, "contact": contact})
        return None if row is None else UserId(row[0])

    async def had_by(self, contact: str, user_id: UserId, *, at_ms: int) -> None:
        await self._connection.run(
            SQL.had_by,
            {"contact_centre": self._contact_centre, "contact": contact, "user_id": user_id, "at_ms": at_ms},
        )
