"""What belongs to no contact centre: sign-ins, which find theirs, and sweeps over all of them."""

from typing import Final

from frontdesk.core.errors import AlreadyExists
from frontdesk.core.events import Committed
from frontdesk.core.ids import ContactCentreId, InteractionId, QueueId, UserId
from frontdesk.core.users import ContactCentre, User
from frontdesk.ports import HttpSession, Token
from frontdesk.store import statements
from frontdesk.store.connection import Connection
from frontdesk.store.tokens import IMAGES as TOKENS
from frontdesk.store.users import IMAGES as USERS

SQL: Final = statements.load("server")

#: Rows that one `forget_…` removes at most.
FORGOTTEN_AT_ONCE: Final = 1_000


class ServerRows:
    """The rows of the whole server; `ports.ServerTransaction` says what is promised. It tells nobody anything."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.outbox: list[Committed] = []

    async def contact_centres(self) -> list[ContactCentre]:
        """By name."""
        return [ContactCentre(id=id_, name=name) for id_, name in await self._connection.all(SQL.contact_centres)]

    async def add_contact_centre(self, contact_centre: ContactCentre) -> None:
        row = {"id": contact_centre.id, "name": contact_centre.name}
        if not await self._connection.run(SQL.add_contact_centre, row):
            raise AlreadyExists("contact centre", contact_centre.name)

    async def credentials(self, user_name: str) -> tuple[ContactCentreId, User, str] | None:
        row = await self._connection.one(SQL.credentials, {"user_name": user_name})
        return None if row is None else (row[0], USERS.read(row[1]), row[2])

    async def user(self, user_id: UserId) -> tuple[ContactCentreId, User] | None:
        row = await self._connection.one(SQL.user, {"id": user_id})
        return None if row is None else (row[0], USERS.read(row[1]))

    async def token(self, secret_hash: str) -> tuple[ContactCentreId, Token] | None:
        row = await self._connection.one(SQL.token, {"secret_hash": secret_hash})
        return None if row is None else (row[0], TOKENS.read(row[1]))

    async def session(self, secret_hash: str) -> HttpSession | None:
        row = await self._connection.one(SQL.session, {"secret_hash": secret_hash})
        if row is None:
            return None
        contact_centre, user_id, csrf_token, created_at_ms, last_used_ms = row
        return HttpSession(
            secret_hash=secret_hash,
            contact_centre=contact_centre,
            user_id=user_id,
            csrf_token=csrf_token,
            created_at_ms=created_at_ms,
            last_used_ms=last_used_ms,
        )

    async def add_session(self, session: HttpSession) -> None:
        await self._connection.run(
            SQL.add_session,
            {
                "secret_hash": session.secret_hash,
                "contact_centre": session.contact_centre,
                "user_id": session.user_id,
                "csrf_token": session.csrf_token,
                "created_at_ms": session.created_at_ms,
                "last_used_ms": session.last_used_ms,
            },
        )

    async def touch_session(self, secret_hash: str, at_ms: int) -> None:
        await self._connection.run(SQL.touch_session, {"secret_hash": secret_hash, "at_ms": at_ms})

    async def remove_session(self, secret_hash: str) -> None:
        await self._connection.run(SQL.remove_session, {"secret_hash": secret_hash})

    async def remove_sessions_of(self, user_id: UserId, *, but: str | None = None) -> list[str]:
        rows = await self._connection.all(SQL.remove_sessions_of, {"user_id": user_id, "but": but or ""})
        return [secret_hash for (secret_hash,) in rows]

    async def remove_dead_sessions(self, *, unused_since_ms: int, born_before_ms: int) -> list[str]:
        """Those last used before the one moment, or born before the other."""
        rows = await self._connection.all(
            SQL.remove_dead_sessions, {"unused_since_ms": unused_since_ms, "born_before_ms": born_before_ms}
        )
        return [secret_hash for (secret_hash,) in rows]

    async def mail_address(self, address: str) -> tuple[ContactCentreId, QueueId] | None:
        """`address` in lower case, as queues have them."""
        row = await self._connection.one(SQL.mail_address, {"address": address})
        return None if row is None else (row[0], row[1])

    async def due(self, now_ms: int, limit: int) -> list[tuple[ContactCentreId, InteractionId]]:
        rows = await self._connection.all(SQL.due, {"now_ms": now_ms, "limit": limit})
        return [(contact_centre, interaction) for contact_centre, interaction in rows]

    async def next_deadline(self) -> int | None:
        row = await self._connection.one(SQL.next_deadline)
        return None if row is None else row[0]

    async def due_wrap_ups(self, now_ms: int, limit: int) -> list[tuple[ContactCentreId, UserId, str]]:
        rows = await self._connection.all(SQL.due_wrap_ups, {"now_ms": now_ms, "limit": limit})
        return [(contact_centre, user_id, channel) for contact_centre, user_id, channel in rows]

    async def next_wrap_up(self) -> int | None:
        row = await self._connection.one(SQL.next_wrap_up)
        return None if row is None else row[0]

    async def silent_agents(self, before_ms: int, limit: int) -> list[tuple[ContactCentreId, UserId]]:
        rows = await self._connection.all(SQL.silent_agents, {"before_ms": before_ms, "limit": limit})
        return [(contact_centre, user_id) for contact_centre, user_id in rows]

    async def hearers(
        self, above: tuple[ContactCentreId, UserId], limit: int
    ) -> list[tuple[ContactCentreId, UserId, int | None]]:
        rows = await self._connection.all(
            SQL.hearers, {"contact_centre": above[0], "user_id": above[1], "limit": limit}
        )
        return [(contact_centre, user_id, at_ms) for contact_centre, user_id, at_ms in rows]

    async def forget_heard(self, contact_centre: ContactCentreId, user_id: UserId, before_ms: int) -> int:
        """A beginning of the user's sequence, even if a clock went back in it: what is left has no gap."""
        whose = {"contact_centre": contact_centre, "user_id": user_id}
        up_to = None
        for number, at_ms in await self._connection.all(SQL.oldest_heard, {**whose, "limit": FORGOTTEN_AT_ONCE}):
            if at_ms >= before_ms:
                break
            up_to = number
        return 0 if up_to is None else await self._connection.run(SQL.forget_heard, {**whose, "up_to": up_to})

    async def forget_answers(self, before_ms: int) -> int:
        """Forget the oldest of those given before then, a bounded number; how many. 0: none is left."""
        return await self._connection.run(SQL.forget_answers, {"before_ms": before_ms, "limit": FORGOTTEN_AT_ONCE})
