"""The back office as tests meet it: every service over a store on disk, and people of two contact centres.

`ours` has an administrator, two agents and a supervisor; `theirs` has an administrator. The audit trail is what the
store told after its commits.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from argon2 import PasswordHasher

from frontdesk.bus.in_process import InProcessBus
from frontdesk.core.events import AccessRefused, Committed, DirectoryChanged
from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.interactions import Interaction
from frontdesk.core.permissions import Principal, Role
from frontdesk.core.settings import Settings
from frontdesk.furnishing import furnish
from frontdesk.kit.clock import ManualClock
from frontdesk.kit.ids import Ids
from frontdesk.ports import Outcome, SignInEnded
from frontdesk.rest.house import House
from frontdesk.services.births import Submission
from frontdesk.services.calls import Caller, Once
from frontdesk.services.queues import QueueWish
from frontdesk.services.users import UserWish
from frontdesk.services.workbins import BinOf
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite import SqliteStore
from frontdesk.store.transaction import StoreTransaction
from frontdesk.wire.addresses import Addresses

#: The weakest argon2id there is: the rules are the same, and the tests are quick.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"
HERE = "https://desk.example.org"


@asynccontextmanager
async def opened(
    directory: Path, *, connections: type[sqlite3.Connection] = sqlite3.Connection
) -> AsyncIterator["BackOffice"]:
    """A back office with its people, until the end of the test. `connections`: on which disk it writes."""
    office = BackOffice(directory, connections=connections)
    await office.opens()
    try:
        yield office
    finally:
        await office.closes()


class BackOffice:
    """Opened, it has the people; `house` has the services."""

    def __init__(self, directory: Path, *, connections: type[sqlite3.Connection] = sqlite3.Connection) -> None:
        self.clock = ManualClock()
        self.settings = Settings()
        self.store = SqliteStore(
            directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows, connections=connections
        )
        self.store.on_commit = self._committed
        self.told: list[Committed] = []
        self.sign_ins_ended: list[SignInEnded] = []
        bus = InProcessBus()
        bus.on_sign_ins_ended(self.sign_ins_ended.append)
        self.house = _house(self.store, self.clock, bus, self.settings)

    async def opens(self) -> None:
        await self.store.open()
        self.root = (await self.house.contact_centres.add("ours", "root", PASSWORD)).administrator
        self.oscar = (await self.house.contact_centres.add("theirs", "oscar", PASSWORD)).administrator
        self.ada = await self.hires("ada")
        self.grace = await self.hires("grace")
        self.sam = await self.hires("sam", Role.SUPERVISOR)
        self.told.clear()

    async def closes(self) -> None:
        await self.house.sign_ins.close()
        await self.store.close()

    def by(self, who: Principal, *, key: str | None = None, digest: str = "") -> Caller:
        """A request of this person, now; with a key it is done once."""
        return Caller(who, self.clock.now_ms(), None if key is None else Once(key, digest))

    @property
    def by_root(self) -> Caller:
        return self.by(self.root)

    async def hires(self, user_name: str, *roles: Role, admin: Principal | None = None) -> Principal:
        """A user of `ours` (or where `admin` is), as who is signed in."""
        admin = admin or self.root
        wish = UserWish(user_name=user_name, password=PASSWORD, roles=roles or (Role.AGENT,))
        outcome = await self.house.users.create(self.by(admin), wish)
        assert outcome.id is not None
        return Principal(
            user_id=UserId(outcome.id),
            user_name=user_name,
            contact_centre=admin.contact_centre,
            roles=frozenset(roles or (Role.AGENT,)),
            sign_in=f"session:of-{user_name}",
        )

    async def receives(self, queue: str, media_type: str = "workitem") -> InteractionId:
        """Something comes in and waits in a queue of ours."""
        submission = Submission(media_type=media_type, queue=queue, subject="a question")
        return _id(await self.house.births.submit(self.by_root, submission))

    async def comes_to_work(self, agent: Principal, *media: str) -> None:
        """Ready on these media, or on work items."""
        await self.house.agents.start_session(self.by(agent), media or ("workitem",), "")
        await self.house.agents.set_state(self.by(agent), None, "Ready")

    async def offers_to(self, agent: Principal, queue: str) -> InteractionId:
        """A work item comes into a queue that the agent serves, and is offered to the agent, who just came to work."""
        await self.comes_to_work(agent)
        offered = await self.receives(queue)
        await self.house.routing.turn(agent.contact_centre)
        return offered

    async def works_on_something(self, agent: Principal, queue: str, media_type: str = "workitem") -> InteractionId:
        """The agent makes something whose home is this queue, and works on it."""
        made = await self.house.births.create(self.by(agent), media_type, queue=queue, parent=None, subject="", data={})
        return _id(made)

    async def parks(
        self, agent: Principal, interaction_id: InteractionId, workbin: str, *, group: str | None = None
    ) -> None:
        await self.house.workbins.add(self.by(agent), workbin, BinOf(agent_group=group), interaction_id, None)

    async def seen(self, interaction_id: InteractionId) -> Interaction:
        """As the store has it."""
        return await self.store.read(self.root.contact_centre, lambda tx: tx.interactions.get(interaction_id))

    async def queue_named(self, name: str) -> QueueId:
        found = await self.store.read(self.root.contact_centre, lambda tx: tx.queues.named(name))
        assert found is not None
        return found.id

    async def opens_queue(self, name: str, *agents: str) -> QueueId:
        """A queue of ours that these agents serve."""
        made = await self.house.queues.create(self.by_root, QueueWish(name=name, agents=agents))
        return QueueId(_id(made))

    def trail(self) -> list[tuple[str, str, str]]:
        """(what, noun, name) of what administrators did since the office opened, in order."""
        changes = [one.event for one in self.told if isinstance(one.event, DirectoryChanged)]
        return [(change.trigger, change.noun, change.name) for change in changes]

    def refusals(self) -> list[AccessRefused]:
        return [one.event for one in self.told if isinstance(one.event, AccessRefused)]

    def _committed(self, batch: Sequence[Committed]) -> None:
        self.told.extend(batch)


def _id(outcome: Outcome) -> InteractionId:
    assert outcome.id is not None
    return InteractionId(outcome.id)


def _house(
    store: SqliteStore[StoreTransaction, ServerRows], clock: ManualClock, bus: InProcessBus, settings: Settings
) -> House:
    addresses = Addresses(HERE)
    return furnish(store, bus, settings, clock=clock, ids=Ids(), addresses=addresses, hasher=QUICK).house
