"""Bearer tokens as sign-ins: whom a secret stands for, and for what.

The secret is never kept, only its hash. A token may do what its user may do and its scopes cover, for as long as the
token exists and its user is enabled. What was read is remembered until somebody says that the token or its user has
changed; what was read before that is read again.
"""

from frontdesk.core.ids import ContactCentreId, TokenId, UserId
from frontdesk.core.permissions import Principal
from frontdesk.core.users import User
from frontdesk.kit.ids import fingerprint
from frontdesk.ports import ServerTransaction, Store, Token

_MOST_HELD = 10_000


class Bearers:
    """Finds the principal of a secret."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: dict[str, tuple[TokenId, Principal]] = {}
        self._turn = 0

    async def find(self, secret: str) -> Principal | None:
        secret_hash = fingerprint(secret)
        held = self._held.get(secret_hash)
        return held[1] if held is not None else await self._read(secret_hash)

    def forget(self, token_id: str) -> None:
        self._turn += 1
        self._held = {secret_hash: held for secret_hash, held in self._held.items() if held[0] != token_id}

    def forget_user(self, user_id: UserId) -> None:
        self._turn += 1
        self._held = {secret_hash: held for secret_hash, held in self._held.items() if held[1].user_id != user_id}

    async def _read(self, secret_hash: str) -> Principal | None:
        async def body(tx: ServerTransaction) -> tuple[ContactCentreId, Token, User] | None:
            found = await tx.token(secret_hash)
            if found is None:
                return None
            contact_centre, token = found
            owner = await tx.user(token.user_id)
            return None if owner is None else (contact_centre, token, owner[1])

        while True:
            turn = self._turn
            found = await self._store.read_server(body)
            if turn == self._turn:
                break
        if found is None or not found[2].enabled:
            return None
        contact_centre, token, user = found
        principal = Principal(
            user_id=user.id,
            user_name=user.user_name,
            contact_centre=contact_centre,
            roles=frozenset(user.roles),
            sign_in=f"token:{token.id}",
            scopes=frozenset(token.scopes),
        )
        if len(self._held) >= _MOST_HELD:
            del self._held[next(iter(self._held))]
        self._held[secret_hash] = (token.id, principal)
        return principal
