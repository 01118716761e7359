"""First answers of requests with an Idempotency-Key, kept to be given again."""

from typing import Final

from frontdesk.core.errors import StaleVersion
from frontdesk.core.ids import UserId
from frontdesk.ports import Outcome
from frontdesk.store import statements
from frontdesk.store.rows import Images, Rows

SQL: Final = statements.load("answers")
IMAGES: Final[Images[Outcome]] = Images(Outcome)


class AnswerRows(Rows):
    """The answers of one contact centre; `ports.Answers` says what is promised."""

    __slots__ = ()

    async def find(self, user_id: UserId, key: str) -> tuple[str, Outcome] | None:
        row = await self._connection.one(
            SQL.find, {"contact_centre": self._contact_centre, "user_id": user_id, "key": key}
        )
        return None if row is None else (row[0], IMAGES.read(row[1]))

    async def add(self, user_id: UserId, key: str, digest: str, outcome: Outcome, *, at_ms: int) -> None:
        """Raises StaleVersion when a request with this key was faster: run again, the body finds its answer."""
        touched = await self._connection.run(
            SQL.add,
            {
                "contact_centre": self._contact_centre,
                "user_id": user_id,
                "key": key,
                "digest": digest,
                "at_ms": at_ms,
                "outcome": IMAGES.write(outcome),
            },
        )
        if not touched:
            raise StaleVersion(f"another request of {user_id} with the same key was answered meanwhile")
