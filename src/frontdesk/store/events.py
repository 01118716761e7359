"""The event log, and each user's own sequence of what the user heard.

An event is a row for ever; that somebody heard it is kept for a while. Every hearer's counter goes up by one in the
event's own transaction, and that number is the replay id: per user +1 each, without gaps, in commit order.
"""

from typing import Final

from frontdesk.core.events import Committed, Event, interaction_of
from frontdesk.core.ids import ContactCentreId, InteractionId, UserId
from frontdesk.ports import Page
from frontdesk.store import statements
from frontdesk.store.connection import Connection
from frontdesk.store.rows import Images, Rows

SQL: Final = statements.load("events")
IMAGES: Final[Images[Event]] = Images(Event)


class EventRows(Rows):
    """The events of one contact centre; `ports.Events` says what is promised. `outbox` gets what was appended."""

    __slots__ = ("_outbox",)

    def __init__(self, connection: Connection, contact_centre: ContactCentreId, outbox: list[Committed]) -> None:
        super().__init__(connection, contact_centre)
        self._outbox = outbox

    async def append(self, event: Event) -> Committed:
        row = await self._connection.one(
            SQL.append,
            {
                "contact_centre": self._contact_centre,
                "interaction": interaction_of(event),
                "at_ms": event.at_ms,
                "body": IMAGES.write(event),
            },
        )
        assert row is not None, "an insert that returns has a row"
        seq = row[0]
        # Hearers come in user-id order, so that no two transactions wait for each other's counters.
        numbers = [(hearer, await self._tell(hearer, seq)) for hearer in event.hearers]
        committed = Committed(self._contact_centre, seq, event, tuple(numbers))
        self._outbox.append(committed)
        return committed

    async def next_reference(self, user_id: UserId) -> int:
        row = await self._connection.one(
            SQL.next_reference, {"contact_centre": self._contact_centre, "user_id": user_id}
        )
        assert row is not None, "an upsert that returns has a row"
        return int(row[0])

    async def number_of(self, user_id: UserId) -> int:
        row = await self._connection.one(SQL.number_of, {"contact_centre": self._contact_centre, "user_id": user_id})
        return 0 if row is None else row[0]

    async def oldest_of(self, user_id: UserId) -> int | None:
        row = await self._connection.one(SQL.oldest_of, {"contact_centre": self._contact_centre, "user_id": user_id})
        return None if row is None else row[0]

    async def of_interaction(self, interaction_id: InteractionId, page: Page) -> tuple[list[tuple[int, Event]], int]:
        where = {"contact_centre": self._contact_centre, "interaction": interaction_id}
        rows = await self._connection.all(SQL.of_interaction, where | {"limit": page.limit, "offset": page.offset})
        counted = await self._connection.one(SQL.count_of_interaction, where)
        assert counted is not None, "count(*) always has a row"
        return [(seq, IMAGES.read(body)) for seq, body in rows], counted[0]

    async def heard_by(self, user_id: UserId, *, above: int, limit: int) -> list[tuple[int, Committed]]:
        """Each with this user's number only: what others' numbers are is not this user's concern."""
        rows = await self._connection.all(
            SQL.heard_by,
            {"contact_centre": self._contact_centre, "user_id": user_id, "above": above, "limit": limit},
        )
        return [
            (number, Committed(self._contact_centre, seq, IMAGES.read(body), ((user_id, number),)))
            for number, seq, body in rows
        ]

    async def _tell(self, hearer: UserId, seq: int) -> int:
        row = await self._connection.one(SQL.next_number, {"contact_centre": self._contact_centre, "user_id": hearer})
        assert row is not None, "an upsert that returns has a row"
        number: int = row[0]
        await self._connection.run(
            SQL.hear, {"contact_centre": self._contact_centre, "user_id": hearer, "number": number, "seq": seq}
        )
        return number
