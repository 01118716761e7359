"""Removes what was heard longer ago than it can be told again, user by user in turn.

An event stays, and so does the number that each user has come to: only that an old event can be told again is given up.
Every round looks at a bounded number of users, and is followed by the next one soon while there is much to remove.
"""

from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.ports import Store

_USERS_AT_ONCE = 200
_REMOVALS_AT_ONCE = 50
_FROM_THE_FIRST = (ContactCentreId(""), UserId(""))


class Hearings:
    """Goes through all users, again and again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._above = _FROM_THE_FIRST

    async def sweep(self, before_ms: int) -> bool:
        """One round; whether there is more to be done at once."""
        users = await self._store.read_server(lambda tx: tx.hearers(self._above, _USERS_AT_ONCE))
        removals = 0
        for contact_centre, user_id, oldest_at_ms in users:
            if oldest_at_ms is not None and oldest_at_ms < before_ms:
                while await self._forget(contact_centre, user_id, before_ms):
                    removals += 1
                    if removals == _REMOVALS_AT_ONCE:
                        return True  # and this user comes first the next time
            self._above = (contact_centre, user_id)
        if len(users) < _USERS_AT_ONCE:
            self._above = _FROM_THE_FIRST
        return False

    async def _forget(self, contact_centre: ContactCentreId, user_id: UserId, before_ms: int) -> int:
        return await self._store.transact_server(lambda tx: tx.forget_heard(contact_centre, user_id, before_ms))
