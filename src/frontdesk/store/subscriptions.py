"""Workbin subscriptions: who wants to hear of what comes into and leaves which owner's part of which workbin."""

from typing import Final

from frontdesk.core.ids import OwnerId, UserId, WorkbinId
from frontdesk.store import statements
from frontdesk.store.rows import Rows

SQL: Final = statements.load("subscriptions")


class SubscriptionRows(Rows):
    """The subscriptions of one contact centre; `ports.WorkbinSubscriptions` says what is promised."""

    __slots__ = ()

    async def subscribers(self, workbin: WorkbinId, owner: OwnerId) -> tuple[UserId, ...]:
        """In user-id order."""
        rows = await self._connection.all(
            SQL.subscribers, {"contact_centre": self._contact_centre, "workbin": workbin, "owner": owner}
        )
        return tuple(user for (user,) in rows)

    async def add(self, workbin: WorkbinId, owner: OwnerId, user_id: UserId) -> None:
        """A second time changes nothing."""
        await self._connection.run(SQL.add, self._row(workbin, owner, user_id))

    async def remove(self, workbin: WorkbinId, owner: OwnerId, user_id: UserId) -> None:
        await self._connection.run(SQL.remove, self._row(workbin, owner, user_id))

    async def remove_all_of(self, user_id: UserId) -> None:
        await self._connection.run(SQL.remove_all_of, {"contact_centre": self._contact_centre, "user_id": user_id})

    def _row(self, workbin: WorkbinId, owner: OwnerId, user_id: UserId) -> dict[str, str]:
        return {"contact_centre": self._contact_centre, "workbin": workbin, "owner": owner, "user_id": user_id}
