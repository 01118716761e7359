"""Queues, groups, skills, workbins, agent states and groups of settings: one catalogue each, in one table.

Whose mail comes to a queue is also kept in a table that can be searched by address; it is written wherever the image
is, and nowhere else.
"""

from typing import Final, Generic, Protocol, TypeVar

from frontdesk.core.agent_states import AgentState
from frontdesk.core.directory import Group, Queue, Skill
from frontdesk.core.errors import AlreadyExists, NotFound
from frontdesk.core.ids import ContactCentreId
from frontdesk.core.settings_groups import SettingsGroup
from frontdesk.core.workbins import Workbin
from frontdesk.store import statements
from frontdesk.store.connection import Connection
from frontdesk.store.rows import Images, Rows

SQL: Final = statements.load("catalogue")


class Thing(Protocol):
    """What a catalogue has to know of the things in it."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...


T = TypeVar("T", bound=Thing)

QUEUE, GROUP, SKILL, WORKBIN = "queue", "group", "skill", "workbin"
AGENT_STATE, SETTINGS_GROUP = "agent state", "settings group"

QUEUES: Final[Images[Queue]] = Images(Queue)
GROUPS: Final[Images[Group]] = Images(Group)
SKILLS: Final[Images[Skill]] = Images(Skill)
WORKBINS: Final[Images[Workbin]] = Images(Workbin)
AGENT_STATES: Final[Images[AgentState]] = Images(AgentState)
SETTINGS_GROUPS: Final[Images[SettingsGroup]] = Images(SettingsGroup)


class CatalogueRows(Rows, Generic[T]):
    """The things of one noun; `ports.Catalogue` says what is promised."""

    __slots__ = ("_images", "_noun")

    def __init__(self, connection: Connection, contact_centre: ContactCentreId, noun: str, images: Images[T]) -> None:
        super().__init__(connection, contact_centre)
        self._noun = noun
        self._images = images

    async def get(self, thing_id: str) -> T:
        thing = await self.find(thing_id)
        if thing is None:
            raise NotFound(self._noun, thing_id)
        return thing

    async def find(self, thing_id: str) -> T | None:
        row = await self._connection.one(SQL.get, self._key(thing_id))
        return None if row is None else self._images.read(row[0])

    async def named(self, name: str) -> T | None:
        row = await self._connection.one(
            SQL.named, {"contact_centre": self._contact_centre, "noun": self._noun, "name": name}
        )
        return None if row is None else self._images.read(row[0])

    async def all(self) -> list[T]:
        rows = await self._connection.all(SQL.all, {"contact_centre": self._contact_centre, "noun": self._noun})
        return [self._images.read(image) for (image,) in rows]

    async def add(self, thing: T) -> None:
        if not await self._connection.run(SQL.add, self._row(thing)):
            raise AlreadyExists(self._noun, thing.name)
        await self._link(None, thing)

    async def save(self, thing: T) -> None:
        before = await self.get(thing.id)
        if thing.name != before.name and await self.named(thing.name) is not None:
            raise AlreadyExists(self._noun, thing.name)
        await self._connection.run(SQL.save, self._row(thing))
        await self._link(before, thing)

    async def remove(self, thing_id: str) -> None:
        """What is not there needs no removing."""
        before = await self.find(thing_id)
        if before is not None:
            await self._link(before, None)
            await self._connection.run(SQL.remove, self._key(thing_id))

    async def _link(self, before: T | None, after: T | None) -> None:
        """Bring the tables beside the images up to date. Most nouns have none."""

    def _key(self, thing_id: str) -> dict[str, str]:
        return {"contact_centre": self._contact_centre, "noun": self._noun, "id": thing_id}

    def _row(self, thing: T) -> dict[str, str | int]:
        return {
            **self._key(thing.id),
            "name": thing.name,
            "version": thing.version,
            "image": self._images.write(thing),
        }


class QueueRows(CatalogueRows[Queue]):
    """Queues, with which mail comes to them."""

    __slots__ = ()

    def __init__(self, connection: Connection, contact_centre: ContactCentreId) -> None:
        super().__init__(connection, contact_centre, QUEUE, QUEUES)

    async def _link(self, before: Queue | None, after: Queue | None) -> None:
        await self._link_addresses(addresses(before), addresses(after), _id_of(before, after))

    async def _link_addresses(self, before: set[str], after: set[str], queue: str) -> None:
        """Raises AlreadyExists for an address that is taken anywhere on the server, and does not say whose it is."""
        here = {"contact_centre": self._contact_centre, "queue": queue}
        for address in sorted(before - after):
            await self._connection.run(SQL.remove_address, {**here, "address": address})
        for address in sorted(after - before):
            if not await self._connection.run(SQL.add_address, {**here, "address": address}):
                raise AlreadyExists("e-mail address", address)


class GroupRows(CatalogueRows[Group]):
    __slots__ = ()

    def __init__(self, connection: Connection, contact_centre: ContactCentreId) -> None:
        super().__init__(connection, contact_centre, GROUP, GROUPS)


class SkillRows(CatalogueRows[Skill]):
    __slots__ = ()

    def __init__(self, connection: Connection, contact_centre: ContactCentreId) -> None:
        super().__init__(connection, contact_centre, SKILL, SKILLS)


class WorkbinRows(CatalogueRows[Workbin]):
    __slots__ = ()

    def __init__(self, connection: Connection, contact_centre: ContactCentreId) -> None:
        super().__init__(connection, contact_centre, WORKBIN, WORKBINS)


class AgentStateRows(CatalogueRows[AgentState]):
    """The states that an administrator added, by operation name."""

    __slots__ = ()

    def __init__(self, connection: Connection, contact_centre: ContactCentreId) -> None:
        super().__init__(connection, contact_centre, AGENT_STATE, AGENT_STATES)


class SettingsGroupRows(CatalogueRows[SettingsGroup]):
    """Groups of settings, each with all that is in it."""

    __slots__ = ()

    def __init__(self, connection: Connection, contact_centre: ContactCentreId) -> None:
        super().__init__(connection, contact_centre, SETTINGS_GROUP, SETTINGS_GROUPS)


def addresses(queue: Queue | None) -> set[str]:
    """The addresses whose mail comes to a queue."""
    return set(queue.email_addresses) if queue else set()


def _id_of(before: Thing | None, after: Thing | None) -> str:
    one = before or after
    assert one is not None, "a thing is there before, after, or both"
    return one.id
