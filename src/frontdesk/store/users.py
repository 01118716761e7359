"""Users: rows by id, names that are unique on the server, and password hashes that no image holds."""

from typing import Final

from frontdesk.core.errors import AlreadyExists, NotFound
from frontdesk.core.ids import UserId
from frontdesk.core.users import User
from frontdesk.store import statements
from frontdesk.store.rows import Images, Rows

SQL: Final = statements.load("users")
IMAGES: Final[Images[User]] = Images(User)


class UserRows(Rows):
    """The users of one contact centre; `ports.Users` says what is promised."""

    __slots__ = ()

    async def get(self, user_id: UserId) -> User:
        user = await self.find(user_id)
        if user is None:
            raise NotFound("user", user_id)
        return user

    async def find(self, user_id: UserId) -> User | None:
        row = await self._connection.one(SQL.get, {"contact_centre": self._contact_centre, "id": user_id})
        return None if row is None else IMAGES.read(row[0])

    async def named(self, user_name: str) -> User | None:
        row = await self._connection.one(SQL.named, {"contact_centre": self._contact_centre, "user_name": user_name})
        return None if row is None else IMAGES.read(row[0])

    async def all(self) -> list[User]:
        """By name."""
        rows = await self._connection.all(SQL.all, {"contact_centre": self._contact_centre})
        return [IMAGES.read(image) for (image,) in rows]

    async def add(self, user: User, password_hash: str) -> None:
        if not await self._connection.run(SQL.add, {**self._row(user), "password_hash": password_hash}):
            raise AlreadyExists("user", user.user_name)

    async def save(self, user: User) -> None:
        """Raises NotFound, and AlreadyExists when the new name is taken."""
        holder = await self._connection.one(SQL.holder_of_name, {"user_name": user.user_name})
        if holder is not None and holder[0] != user.id:
            raise AlreadyExists("user", user.user_name)
        if not await self._connection.run(SQL.save, self._row(user)):
            raise NotFound("user", user.id)

    async def set_password_hash(self, user_id: UserId, password_hash: str) -> None:
        """Raises NotFound."""
        who = {"contact_centre": self._contact_centre, "id": user_id}
        if not await self._connection.run(SQL.set_password_hash, {**who, "password_hash": password_hash}):
            raise NotFound("user", user_id)

    async def remove(self, user_id: UserId) -> None:
        """Remove the user with agent, tokens and subscriptions; what the user did and heard stays in the log."""
        who = {"contact_centre": self._contact_centre, "id": user_id}
        for statement in (
            SQL.remove_subscriptions,
            SQL.remove_tokens,
            SQL.remove_channels,
            SQL.remove_agent,
            SQL.remove,
        ):
            await self._connection.run(statement, who)

    def _row(self, user: User) -> dict[str, str | int]:
        return {
            "contact_centre": self._contact_centre,
            "id": user.id,
            "user_name": user.user_name,
            "version": user.version,
            "image": IMAGES.write(user),
        }
