"""What signed-in users were refused, as events of the audit trail: so many a minute of each user, the rest counted.

A client that is refused in a loop must not fill the store, and a store that cannot write must not turn a refusal into
something else.
"""

from frontdesk.core.errors import StoreUnavailable
from frontdesk.core.events import AccessRefused
from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Principal
from frontdesk.kit.clock import Clock
from frontdesk.kit.log import get_logger
from frontdesk.ports import Store, Transaction

log = get_logger(__name__)

_MINUTE_MS = 60_000
_MOST_A_MINUTE = 60
_CHARACTERS = 500  # of a sentence or a path, which a client may make as long as a URL can be


class Audit:
    """Remembers refusals."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._minute = 0
        self._refusals: dict[UserId, int] = {}

    async def refused(self, who: Principal, act: str, path: str) -> None:
        """`who` was refused `act` (the sentence of the refusal) at `path`."""
        at_ms = self._clock.now_ms()
        if not self._is_stored(who.user_id, at_ms):
            return
        event = AccessRefused(at_ms=at_ms, actor=who.user_id, act=act[:_CHARACTERS], path=path[:_CHARACTERS])

        async def body(tx: Transaction) -> None:
            await tx.events.append(event)

        try:
            await self._store.transact(who.contact_centre, body)
        except StoreUnavailable as error:
            log.warning("a refused access was not stored", user=who.user_id, path=event.path, why=str(error))

    def _is_stored(self, user_id: UserId, at_ms: int) -> bool:
        minute = at_ms // _MINUTE_MS
        if minute != self._minute:
            self._log_the_rest()
            self._minute = minute
        count = self._refusals.get(user_id, 0) + 1
        self._refusals[user_id] = count
        if count == _MOST_A_MINUTE + 1:
            log.warning("further refused accesses of this minute are only counted", user=user_id)
        return count <= _MOST_A_MINUTE

    def _log_the_rest(self) -> None:
        """Say how many refusals of the minute that is over were not stored, and begin to count anew."""
        for user_id, count in self._refusals.items():
            if count > _MOST_A_MINUTE:
                log.warning("refused accesses were not stored", user=user_id, refusals=count - _MOST_A_MINUTE)
        self._refusals.clear()
