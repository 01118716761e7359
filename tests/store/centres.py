"""What the store's tests are written with: a contact centre to act in, and values that need no thought."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from frontdesk.core.ids import ContactCentreId, InteractionId, QueueId, UserId
from frontdesk.core.interactions import Direction, Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.users import ContactCentre, User
from frontdesk.ports import ServerTransaction, Store, Transaction
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite.engine import SqliteStore
from frontdesk.store.transaction import StoreTransaction

T = TypeVar("T")

ADA, GRACE, LINUS = UserId("a" * 32), UserId("b" * 32), UserId("c" * 32)
SUPPORT, SALES = QueueId("queue-support"), QueueId("queue-sales")
NOON_MS = 1_700_000_000_000


def sqlite_store(directory: Path) -> SqliteStore[StoreTransaction, ServerRows]:
    """Not yet open."""
    return SqliteStore(directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows)


class Centre:
    """One contact centre of a store."""

    def __init__(self, store: Store, contact_centre: ContactCentreId) -> None:
        self.store = store
        self.id = contact_centre

    @classmethod
    async def founded(cls, store: Store, name: str) -> "Centre":
        contact_centre = ContactCentre(id=ContactCentreId(f"centre-{name}"), name=name)
        await store.transact_server(lambda tx: tx.add_contact_centre(contact_centre))
        return cls(store, contact_centre.id)

    async def does(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a body that writes, in a transaction of its own."""
        return await self.store.transact(self.id, body)

    async def sees(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a body that reads, in a transaction of its own."""
        return await self.store.read(self.id, body)

    async def does_on_server(self, body: Callable[[ServerTransaction], Awaitable[T]]) -> T:
        return await self.store.transact_server(body)

    async def sees_on_server(self, body: Callable[[ServerTransaction], Awaitable[T]]) -> T:
        return await self.store.read_server(body)


def queued(name: str, **given: Any) -> Interaction:
    """An interaction that waits in the queue Support since noon, but for what is given."""
    waiting = Interaction(
        id=InteractionId(name),
        media_type="workitem",
        direction=Direction.INBOUND,
        subtype="InboundNew",
        state=State.QUEUED,
        version=1,
        received_at_ms=NOON_MS,
        queued_at_ms=NOON_MS,
        queue=SUPPORT,
        queue_name="Support",
    )
    return replace(waiting, **given)


def owned(name: str, owner: UserId, **given: Any) -> Interaction:
    """One that somebody works on."""
    return queued(name, **{"state": State.PROCESSING, "owner": owner} | given)


def invited(name: str, *invitees: UserId, **given: Any) -> Interaction:
    """One that is offered to these."""
    return queued(name, **{"state": State.INVITED, "invitees": invitees, "deadline_ms": NOON_MS + 30_000} | given)


def later(before: Interaction, **given: Any) -> Interaction:
    """The next version of it."""
    return replace(before, version=before.version + 1, **given)


def user(user_id: UserId, user_name: str) -> User:
    return User(id=user_id, user_name=user_name)
