"""Push sessions, as an administrator of a contact centre sees them: those of its own users, and how to end one.

The sessions themselves belong to the push server of this node; it is attached when there is one.
"""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from frontdesk.core.errors import NotFound
from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.settings import Settings
from frontdesk.kit.log import get_logger
from frontdesk.ports import Store

log = get_logger(__name__)


class Live(Protocol):
    """What is to be known of one session. `client` names it, and is not enough to use it; `principal` is a user id."""

    @property
    def client(self) -> str: ...
    @property
    def principal(self) -> str: ...
    @property
    def transport(self) -> str: ...
    @property
    def created_ms(self) -> int: ...
    @property
    def last_connect_ms(self) -> int | None: ...
    @property
    def last_error(self) -> str | None: ...
    @property
    def subscriptions(self) -> int: ...
    @property
    def queued_messages(self) -> int: ...
    @property
    def queued_bytes(self) -> int: ...


class PushServer(Protocol):
    """The sessions of this node."""

    def sessions(self) -> Iterable[Live]: ...

    def end_session(self, client: str, reason: str) -> None: ...


class PushSession(msgspec.Struct, frozen=True):
    """A session and whose it is."""

    live: Live
    user_name: str


class PushSessions:
    """Use-cases of push sessions; all of them are an administrator's."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._server: PushServer | None = None

    def attach(self, server: PushServer) -> None:
        """From now on these are the sessions."""
        self._server = server

    async def all(self, who: Principal) -> list[PushSession]:
        """Those of the contact centre's users, by user name, the oldest first."""
        who.require(Act.ADMINISTER)
        users = await self._store.report(
            who.contact_centre, lambda tx: tx.users.all(), limit_s=self._settings.lists.report_s
        )
        names = {user.id: user.user_name for user in users}
        found = [
            PushSession(live, names[UserId(live.principal)])
            for live in (self._server.sessions() if self._server is not None else ())
            if live.principal in names
        ]
        return sorted(found, key=lambda one: (one.user_name, one.live.created_ms, one.live.client))

    async def get(self, who: Principal, client: str) -> PushSession:
        """Raises NotFound."""
        for session in await self.all(who):
            if session.live.client == client:
                return session
        raise NotFound("session", client)

    async def end(self, who: Principal, client: str) -> None:
        """End one: its client is told to stop. Raises NotFound."""
        session = await self.get(who, client)
        assert self._server is not None, "only a server has sessions"
        self._server.end_session(client, f"ended by {who.user_name}")
        log.info("an administrator ended a push session", client=client, user=session.user_name, by=who.user_name)
