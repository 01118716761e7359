"""Interactions: their rows, who is invited to them, and every way to find them.

A row is written whole, checked against the version it was read at. Where a thing is, the index columns say; they are
touched only when it moves.
"""

from operator import attrgetter
from typing import Any, Final

from frontdesk.core.errors import AlreadyExists, NotFound, StaleVersion
from frontdesk.core.ids import InteractionId, OwnerId, QueueId, UserId, WorkbinId
from frontdesk.core.interactions import Interaction
from frontdesk.ports import Page
from frontdesk.store import statements
from frontdesk.store.rows import Images, Rows

SQL: Final = statements.load("interactions")
IMAGES: Final[Images[Interaction]] = Images(Interaction)

#: What changes when it is offered, taken or given back; and what only greater moves change. Each index that an update
#: touches costs as much as the update itself, so a save writes no more of these than it must.
HANDS: Final = attrgetter("state", "owner", "deadline_ms")
HOME: Final = attrgetter("is_final", "queue", "priority", "queued_at_ms", "workbin", "workbin_owner")


def columns(one: Interaction) -> dict[str, Any]:
    """What the indexes need of it and what may change in its life."""
    return {
        "state": one.state.value,
        "is_live": int(not one.is_final),
        "queue": one.queue,
        "priority": one.priority,
        "queued_at_ms": one.queued_at_ms,
        "owner": one.owner,
        "workbin": one.workbin,
        "workbin_owner": one.workbin_owner,
        "deadline_ms": one.deadline_ms,
    }


def all_columns(one: Interaction) -> dict[str, Any]:
    """Everything that is in a column of its own."""
    return columns(one) | {
        "id": one.id,
        "version": one.version,
        "media_type": one.media_type,
        "external_id": one.external_id,
    }


class InteractionRows(Rows):
    """The interactions of one contact centre; `ports.Interactions` says what is promised."""

    __slots__ = ()

    async def get(self, interaction_id: InteractionId) -> Interaction:
        row = await self._connection.one(SQL.get, {"contact_centre": self._contact_centre, "id": interaction_id})
        if row is None:
            raise NotFound("interaction", interaction_id)
        return IMAGES.read(row[0])

    async def find(self, interaction_id: InteractionId) -> Interaction | None:
        row = await self._connection.one(SQL.find, {"contact_centre": self._contact_centre, "id": interaction_id})
        return None if row is None else IMAGES.read(row[0])

    async def add(self, after: Interaction) -> None:
        """Raises AlreadyExists when the external id is taken."""
        row = all_columns(after) | {"contact_centre": self._contact_centre, "image": IMAGES.write(after)}
        if not await self._connection.run(SQL.add, row):
            raise AlreadyExists("interaction", after.external_id or after.id)
        await self._invite((), after)

    async def save(self, before: Interaction, after: Interaction) -> None:
        row = {
            "contact_centre": self._contact_centre,
            "id": after.id,
            "before_version": before.version,
            "version": after.version,
            "image": IMAGES.write(after),
        }
        if HOME(before) != HOME(after):
            touched = await self._connection.run(SQL.save, row | columns(after))
        elif HANDS(before) != HANDS(after):
            touched = await self._connection.run(SQL.save_hands, row | columns(after))
        else:
            touched = await self._connection.run(SQL.save_content, row)
        if not touched:
            raise StaleVersion(f"interaction {after.id} is not at version {before.version} any more")
        if before.invitees != after.invitees:
            await self._invite(before.invitees, after)

    async def by_external_id(self, media_type: str, external_id: str) -> InteractionId | None:
        row = await self._connection.one(
            SQL.by_external_id,
            {"contact_centre": self._contact_centre, "media_type": media_type, "external_id": external_id},
        )
        return None if row is None else row[0]

    async def held_by(self, user_id: UserId) -> list[Interaction]:
        rows = await self._connection.all(SQL.held_by, {"contact_centre": self._contact_centre, "user_id": user_id})
        return [IMAGES.read(image) for _, image in rows]

    async def live(self, page: Page) -> tuple[list[Interaction], int]:
        where = {"contact_centre": self._contact_centre}
        return await self._page(SQL.live, SQL.count_live, where, page)

    async def in_workbin(self, workbin: WorkbinId, owner: OwnerId, page: Page) -> tuple[list[Interaction], int]:
        where = {"contact_centre": self._contact_centre, "workbin": workbin, "owner": owner}
        return await self._page(SQL.in_workbin, SQL.count_in_workbin, where, page)

    async def uses_of_queue(self, queue: QueueId) -> int:
        return await self._count(SQL.uses_of_queue, {"contact_centre": self._contact_centre, "queue": queue})

    async def uses_of_workbin(self, workbin: WorkbinId) -> int:
        return await self._count(SQL.uses_of_workbin, {"contact_centre": self._contact_centre, "workbin": workbin})

    async def _page(
        self, select: statements.Statement, count: statements.Statement, where: dict[str, Any], page: Page
    ) -> tuple[list[Interaction], int]:
        rows = await self._connection.all(select, where | {"limit": page.limit, "offset": page.offset})
        if page.offset == 0 and len(rows) < page.limit:
            total = len(rows)  # the page is the whole list: nothing left to count
        else:
            total = await self._count(count, where)
        return [IMAGES.read(image) for (image,) in rows], total

    async def _count(self, count: statements.Statement, where: dict[str, Any]) -> int:
        row = await self._connection.one(count, where)
        assert row is not None, "count(*) always has a row"
        return int(row[0])

    async def _invite(self, before: tuple[UserId, ...], after: Interaction) -> None:
        for statement, users in (
            (SQL.disinvite, set(before).difference(after.invitees)),
            (SQL.invite, set(after.invitees).difference(before)),
        ):
            for user in sorted(users):
                await self._connection.run(
                    statement, {"contact_centre": self._contact_centre, "user_id": user, "interaction": after.id}
                )
