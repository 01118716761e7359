"""Who routes a contact centre: the last who took the lease, known by its epoch."""

from typing import Final

from frontdesk.store import statements
from frontdesk.store.rows import Rows

SQL: Final = statements.load("leases")


class LeaseRows(Rows):
    """The lease of one contact centre; `ports.Leases` says what is promised."""

    __slots__ = ()

    async def take(self, *, at_ms: int) -> int:
        row = await self._connection.one(SQL.take, {"contact_centre": self._contact_centre, "at_ms": at_ms})
        assert row is not None, "an upsert that returns has a row"
        return int(row[0])

    async def epoch(self) -> int:
        row = await self._connection.one(SQL.epoch, {"contact_centre": self._contact_centre})
        return 0 if row is None else int(row[0])
