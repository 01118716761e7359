"""Bearer tokens, found by id or user. Their secrets are nowhere, only a hash that `server` finds them by."""

from typing import Final

from frontdesk.core.errors import NotFound
from frontdesk.core.ids import TokenId, UserId
from frontdesk.ports import Token
from frontdesk.store import statements
from frontdesk.store.connection import Row
from frontdesk.store.rows import Images, Rows

SQL: Final = statements.load("tokens")
IMAGES: Final[Images[Token]] = Images(Token)


class TokenRows(Rows):
    """The tokens of one contact centre; `ports.Tokens` says what is promised. Lists are oldest first."""

    __slots__ = ()

    async def get(self, token_id: TokenId) -> Token:
        row = await self._connection.one(SQL.get, {"contact_centre": self._contact_centre, "id": token_id})
        if row is None:
            raise NotFound("token", token_id)
        return IMAGES.read(row[0])

    async def all(self) -> list[Token]:
        return _by_age(await self._connection.all(SQL.all, {"contact_centre": self._contact_centre}))

    async def of_user(self, user_id: UserId) -> list[Token]:
        return _by_age(
            await self._connection.all(SQL.of_user, {"contact_centre": self._contact_centre, "user_id": user_id})
        )

    async def add(self, token: Token, secret_hash: str) -> None:
        await self._connection.run(
            SQL.add,
            {
                "contact_centre": self._contact_centre,
                "id": token.id,
                "secret_hash": secret_hash,
                "user_id": token.user_id,
                "image": IMAGES.write(token),
            },
        )

    async def remove(self, token_id: TokenId) -> None:
        await self._connection.run(SQL.remove, {"contact_centre": self._contact_centre, "id": token_id})


def _by_age(rows: list[Row]) -> list[Token]:
    return sorted((IMAGES.read(image) for (image,) in rows), key=lambda token: (token.created_at_ms, token.id))
