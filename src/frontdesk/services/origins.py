"""Which other sites' pages may use the API besides those of the server's settings: each contact centre says its own.

A browser asks before anybody is signed in, so it is told that an origin may be used by some contact centre. What is
then answered is for that origin's page only if the contact centre of whoever is signed in allows it.
"""

from collections.abc import Sequence

from frontdesk.core.errors import StoreUnavailable
from frontdesk.core.events import Committed, DirectoryChanged
from frontdesk.core.ids import ContactCentreId
from frontdesk.core.origins import AllowedOrigins
from frontdesk.kit.log import get_logger
from frontdesk.ports import Store
from frontdesk.services.settings_groups import NOUN, SettingsGroups

log = get_logger(__name__)


class Origins:
    """What is read once and again after a change; `up_to_date` has to be awaited before asking."""

    def __init__(self, store: Store, settings: SettingsGroups) -> None:
        self._store = store
        self._settings = settings
        self._allowed: dict[ContactCentreId, AllowedOrigins] = {}
        self._outdated: set[ContactCentreId] | None = None  # None: nothing was read yet
        self.edition = 0
        """Another one whenever what is allowed may be different."""

    def hear(self, batch: Sequence[Committed]) -> None:
        """A consumer of the bus."""
        for committed in batch:
            event = committed.event
            if self._outdated is not None and isinstance(event, DirectoryChanged) and event.noun == NOUN:
                self._outdated.add(committed.contact_centre)

    @property
    def is_up_to_date(self) -> bool:
        """Whether `up_to_date` has nothing to do."""
        return self._outdated is not None and not self._outdated

    async def up_to_date(self) -> None:
        """Read what has changed. While the store cannot be read, what was read before counts."""
        try:
            await self._read()
        except StoreUnavailable as error:
            log.warning("allowed origins not read", reason=str(error))

    async def _read(self) -> None:
        if self._outdated is None:
            found = await self._store.read_server(lambda tx: tx.contact_centres())
            self._outdated = {one.id for one in found}
        while self._outdated:
            contact_centre = self._outdated.pop()
            try:
                allowed = await self._settings.allowed_origins(contact_centre)
            except BaseException:
                self._outdated.add(contact_centre)
                raise
            self.edition += 1
            if allowed:
                self._allowed[contact_centre] = AllowedOrigins(allowed)
            else:
                self._allowed.pop(contact_centre, None)

    def is_known(self, origin: str) -> bool:
        """Whether any contact centre allows it."""
        return any(origin in allowed for allowed in self._allowed.values())

    def is_allowed(self, contact_centre: ContactCentreId, origin: str) -> bool:
        allowed = self._allowed.get(contact_centre)
        return allowed is not None and origin in allowed
