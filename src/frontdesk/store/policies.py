"""Routing policies: every version that was ever in force."""

from typing import Final

from frontdesk.core.errors import NotFound, StaleVersion
from frontdesk.core.ids import UserId
from frontdesk.core.policy import Policy
from frontdesk.ports import Page, PolicyVersion
from frontdesk.store import statements
from frontdesk.store.rows import Images, Rows

SQL: Final = statements.load("policies")
IMAGES: Final[Images[Policy]] = Images(Policy)


class PolicyRows(Rows):
    """The policies of one contact centre; `ports.Policies` says what is promised."""

    __slots__ = ()

    async def version(self) -> int:
        row = await self._connection.one(SQL.newest_version, {"contact_centre": self._contact_centre})
        return 0 if row is None else int(row[0])

    async def current(self) -> Policy | None:
        row = await self._connection.one(SQL.newest, {"contact_centre": self._contact_centre})
        return None if row is None else IMAGES.read(row[0])

    async def get(self, version: int) -> PolicyVersion:
        row = await self._connection.one(SQL.version, {"contact_centre": self._contact_centre, "version": version})
        if row is None:
            raise NotFound("policy version", str(version))
        return _read(row)

    async def page(self, page: Page) -> tuple[list[PolicyVersion], int]:
        rows = await self._connection.all(
            SQL.page, {"contact_centre": self._contact_centre, "limit": page.limit, "offset": page.offset}
        )
        newest = await self.current()
        return [_read(row) for row in rows], 0 if newest is None else newest.version  # numbered from 1, without gaps

    async def add(self, policy: Policy, *, actor: UserId, at_ms: int) -> None:
        touched = await self._connection.run(
            SQL.add,
            {
                "contact_centre": self._contact_centre,
                "version": policy.version,
                "at_ms": at_ms,
                "actor": actor,
                "image": IMAGES.write(policy),
            },
        )
        if not touched:
            raise StaleVersion(f"policy version {policy.version} was made meanwhile")


def _read(row: tuple[int, int, str | None, str]) -> PolicyVersion:
    _, at_ms, actor, image = row
    return PolicyVersion(policy=IMAGES.read(image), at_ms=at_ms, actor=None if actor is None else UserId(actor))
