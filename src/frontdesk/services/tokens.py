"""Bearer tokens: made for integrations, shown once, ended at once.

Only a fingerprint of the secret is kept. The one exception is a request with an `Idempotency-Key`: its first answer,
secret included, is remembered with the key, for an answer that was lost on its way must be had again.
"""

from collections.abc import Sequence

import msgspec

from frontdesk.core.errors import ParameterMissing
from frontdesk.core.ids import TokenId
from frontdesk.core.names import check_name
from frontdesk.core.permissions import Act, Principal, Scope
from frontdesk.core.settings import Settings
from frontdesk.kit.ids import Ids, fingerprint
from frontdesk.ports import Outcome, Store, Token, Transaction
from frontdesk.services import references
from frontdesk.services.administration import told
from frontdesk.services.calls import Caller, perform
from frontdesk.services.sign_in import SignIns


class TokenWish(msgspec.Struct, frozen=True, kw_only=True):
    """A token to be made. `user` acts through it: an id, name or URI, or None for the caller."""

    name: str | None = None
    scopes: Sequence[Scope] = ()
    user: str | None = None


class Tokens:
    """Use-cases of bearer tokens; all of them are an administrator's."""

    def __init__(self, store: Store, ids: Ids, settings: Settings, sign_ins: SignIns) -> None:
        self._store = store
        self._ids = ids
        self._settings = settings
        self._sign_ins = sign_ins

    async def all(self, who: Principal) -> list[Token]:
        """By name, then age."""
        who.require(Act.ADMINISTER)
        found = await self._store.report(
            who.contact_centre, lambda tx: tx.tokens.all(), limit_s=self._settings.lists.report_s
        )
        return sorted(found, key=lambda token: (token.name, token.created_at_ms, token.id))

    async def get(self, who: Principal, token_id: TokenId) -> Token:
        """Raises NotFound."""
        who.require(Act.ADMINISTER)
        return await self._store.read(who.contact_centre, lambda tx: tx.tokens.get(token_id))

    async def create(self, caller: Caller, wish: TokenWish) -> Outcome:
        """Make one, and tell its id and its secret."""
        caller.principal.require(Act.ADMINISTER)
        name = check_name(wish.name)
        if not wish.scopes:
            raise ParameterMissing("scopes", f"Give at least one of: {', '.join(sorted(Scope))}.")
        token_id, secret = TokenId(self._ids.uuid()), self._ids.secret()

        async def body(tx: Transaction) -> Outcome:
            user_id = caller.principal.user_id
            if wish.user is not None:
                user_id = (await references.user(tx, wish.user)).id
            token = Token(
                id=token_id,
                name=name,
                user_id=user_id,
                scopes=tuple(sorted(set(wish.scopes))),
                created_at_ms=caller.at_ms,
            )
            await tx.tokens.add(token, fingerprint(secret))
            await told(tx, caller, "Created", "token", token_id, name)
            return Outcome(id=token_id, secret=secret)

        return await perform(self._store, caller, body)

    async def delete(self, caller: Caller, token_id: TokenId) -> Outcome:
        """End it, with everything that was opened with it."""
        caller.principal.require(Act.ADMINISTER)

        async def body(tx: Transaction) -> Outcome:
            token = await tx.tokens.get(token_id)
            await tx.tokens.remove(token_id)
            await told(tx, caller, "Deleted", "token", token_id, token.name)
            return Outcome(id=token_id)

        outcome = await perform(self._store, caller, body)
        await self._sign_ins.end(f"token:{token_id}", reason="token deleted")
        return outcome
