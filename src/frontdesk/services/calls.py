"""One acting request: who asks, its effect once, and the number that ties messages to it.

Every writing service goes through `perform`, so that a retried request (same `Idempotency-Key`) has its effect once
and gives the first answer again. The key is remembered in the operation's own transaction; of two at once the second
finds what the first has written. Only successes are kept.
"""

from collections.abc import Awaitable, Callable

import msgspec

from frontdesk.core.errors import KeyReused
from frontdesk.core.permissions import Principal
from frontdesk.ports import Outcome, Store, Transaction


class Once(msgspec.Struct, frozen=True):
    """The request's Idempotency-Key, and a digest of its method, path and body."""

    key: str
    digest: str


class Caller(msgspec.Struct, frozen=True):
    """Who asks for something to be done, at which moment."""

    principal: Principal
    at_ms: int
    once: Once | None = None


async def is_repeated(store: Store, caller: Caller) -> bool:
    """True if a request with this caller's key was performed, so that `perform` gives an answer or refuses the key.

    For what has to be found out before a transaction and is no more true when its request is repeated.
    """
    once = caller.once
    if once is None:
        return False
    who = caller.principal
    return await store.read(who.contact_centre, lambda tx: tx.answers.find(who.user_id, once.key)) is not None


async def perform(store: Store, caller: Caller, body: Callable[[Transaction], Awaitable[Outcome]]) -> Outcome:
    """Run `body` once for this caller's request. Raises KeyReused, and whatever `body` refuses with."""

    async def once(tx: Transaction) -> Outcome:
        user_id, key = caller.principal.user_id, caller.once
        if key is None:
            return await body(tx)
        earlier = await tx.answers.find(user_id, key.key)
        if earlier is not None:
            digest, outcome = earlier
            if digest != key.digest:
                raise KeyReused
            return outcome
        outcome = await body(tx)
        await tx.answers.add(user_id, key.key, key.digest, outcome, at_ms=caller.at_ms)
        return outcome

    return await store.transact(caller.principal.contact_centre, once)
