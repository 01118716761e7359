"""A contact centre at work without a server around it: services over a real store, and a router that hears when it may.

What was committed waits in `unheard` until the router is let hear it, so that it decides by old news as often as a test
likes. Everything committed is followed by the rules of `crew`, offers by the policy that made them.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from frontdesk.bus.in_process import InProcessBus
from frontdesk.core.errors import FrontdeskError
from frontdesk.core.events import Committed, InteractionChanged
from frontdesk.core.ids import InteractionId
from frontdesk.core.interactions import Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.permissions import Principal
from frontdesk.core.policy import Policy
from frontdesk.core.settings import Settings
from frontdesk.furnishing import furnish
from frontdesk.kit.clock import ManualClock
from frontdesk.kit.ids import Ids
from frontdesk.rest.house import House
from frontdesk.services.births import Submission
from frontdesk.services.calls import Caller
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite import SqliteStore
from frontdesk.store.transaction import StoreTransaction
from frontdesk.wire.addresses import Addresses
from tests.properties.crew import Crew
from tests.properties.floor import Told
from tests.services.back_office import HERE, QUICK, BackOffice

AGENTS = ("ada", "grace", "linus", "edsger", "barbara")
#: Who serves which queue.
SERVES = {"support": AGENTS, "sales": ("ada", "grace")}
MEDIA = ("chat", "fax", "workitem")
_MOST_TURNS = 100


class Office(NamedTuple):
    """A directory from which shifts are copied, and who is in it."""

    directory: Path
    root: Principal
    agents: dict[str, Principal]
    queues: dict[str, str]  # name → id


async def make_office(directory: Path) -> Office:
    office = BackOffice(directory)
    await office.opens()
    try:
        hired = {name: await office.hires(name) for name in AGENTS if name not in ("ada", "grace")}
        agents = {"ada": office.ada, "grace": office.grace, **hired}
        queues = {name: str(await office.opens_queue(name, *served)) for name, served in SERVES.items()}
    finally:
        await office.closes()
    return Office(directory, office.root, agents, queues)


class Shift:
    """A copy of an office, at work. Open it before use, and close it."""

    def __init__(self, office: Office, directory: Path) -> None:
        shutil.copytree(office.directory, directory)
        self.office = office
        self.directory = directory
        self.here = office.root.contact_centre
        self.clock = ManualClock()
        self.crew = Crew({office.queues[name]: {office.agents[one].user_id for one in SERVES[name]} for name in SERVES})
        self.known: dict[str, Interaction] = {}  # as of what was followed
        self.unheard: list[Committed] = []
        self.is_told_at_once = False  # the router hears of a commit when it happens, as it does in a server
        self._unfollowed: list[Committed] = []
        self._settings = Settings()
        self._houses: list[House] = []

    async def opens(self) -> None:
        """Begin with a router that knows nothing; also after a crash."""
        self._store = SqliteStore(self.directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows)
        self._store.on_commit = self._committed
        await self._store.open()
        self.takes_over()

    def takes_over(self) -> None:
        """Another process over the same store, with a router that knows nothing; what the former began it may end."""
        furnished = furnish(
            self._store,
            InProcessBus(),
            self._settings,
            clock=self.clock,
            ids=Ids(),
            addresses=Addresses(HERE),
            hasher=QUICK,
        )
        self.house, self._offers = furnished.house, furnished.offers
        self._houses.append(self.house)
        self.unheard.clear()

    async def closes(self) -> None:
        for house in self._houses:
            await house.sign_ins.close()
        self._houses.clear()
        await self._store.close()

    async def crashes(self) -> None:
        """The process is gone, and comes back."""
        await self.closes()
        await self.opens()

    # ── what people do ───────────────────────────────────────────────────────────────────────────

    async def tries(self, doing: Awaitable[object]) -> None:
        """What may be refused, for others were faster."""
        with suppress(FrontdeskError):
            await doing

    async def arrives(self, queue: str, medium: str, priority: int = 0) -> None:
        await self.house.births.submit(self._by_root, Submission(media_type=medium, queue=queue, priority=priority))

    async def comes(self, agent: str, state: str = "Ready") -> None:
        await self.house.agents.start_session(self.by(agent), MEDIA, "")
        await self.house.agents.set_state(self.by(agent), None, state)

    async def goes(self, agent: str) -> None:
        await self.house.agents.end_session(self.by(agent))

    async def sets(self, agent: str, state: str, medium: str | None) -> None:
        await self.house.agents.set_state(self.by(agent), medium, state)

    async def begins_something(self, agent: str, medium: str, queue: str) -> None:
        """Without being asked, beyond every limit."""
        await self.house.births.create(self.by(agent), medium, queue=queue, parent=None, subject="", data={})

    async def takes(self, agent: str, interaction: InteractionId) -> None:
        """Out of its queue, without being asked."""
        await self.house.routing.take(self.by(agent), interaction)

    async def decides(self, policy: Policy) -> None:
        """An administrator puts it in force; with names."""
        await self.house.policies.replace(self._by_root, policy)

    async def deadlines_pass(self) -> None:
        due = await self._offers.due()
        await asyncio.gather(*(self._offers.deadline_passed(centre, thing) for centre, thing in due))

    def held_by(self, agent: str, *states: State) -> list[InteractionId]:
        """By what was followed; things may have changed since."""
        user = self.office.agents[agent].user_id
        return sorted(one.id for one in self.known.values() if user in one.holders and one.state in states)

    def waiting(self) -> list[InteractionId]:
        """Likewise."""
        return sorted(one.id for one in self.known.values() if one.state is State.QUEUED)

    def by(self, agent: str) -> Caller:
        return Caller(self.office.agents[agent], self.clock.now_ms(), None)

    # ── what the router does ─────────────────────────────────────────────────────────────────────

    def hears(self, most: int | None = None) -> None:
        """What was committed, in order; at most so many events."""
        batch = self.unheard[:most]
        del self.unheard[: len(batch)]
        self.house.routing.hear(batch)

    async def takes_a_turn(self) -> bool:
        return await self.house.routing.turn(self.here)

    async def follows(self) -> list[InteractionChanged]:
        """Hold everything that was committed against the rules; what was offered, in order."""
        batch, self._unfollowed = self._unfollowed, []
        offers: list[InteractionChanged] = []
        for one in batch:
            if isinstance(one.event, InteractionChanged) and one.event.record is not None:
                self.crew.floor.policy = await self._policy(one.event.record.policy)
                offers.append(one.event)
            self.crew.follow(one)
            if isinstance(one.event, InteractionChanged):
                self.known[one.event.after.id] = one.event.after
        return offers

    async def comes_to_rest(self) -> list[InteractionChanged]:
        """Let the router hear and do everything: in order, and until nobody who is free is kept waiting; the offers."""
        offers: list[InteractionChanged] = []
        await self.follows()
        for _ in range(_MOST_TURNS):
            self.hears()
            before = dict(self.known)
            more = await self.takes_a_turn()
            for event in await self.follows():
                _was_the_next(event, before)
                offers.append(event)
                before[event.after.id] = event.after
            if not more and not self.unheard:
                break
        else:
            raise AssertionError("the router does not come to rest")
        self.crew.floor.policy = await self._policy(None)
        self.crew.nobody_is_kept_waiting()
        return offers

    async def _policy(self, version: int | None) -> Policy:
        """With ids; the one in force if no version is given."""
        if version == 0:
            return self.house.policies.first()
        if version is None:
            return await self._store.read(self.here, self.house.policies.in_force)
        return (await self._store.read(self.here, lambda tx: tx.policies.get(version))).policy

    @property
    def _by_root(self) -> Caller:
        return Caller(self.office.root, self.clock.now_ms(), None)

    def _committed(self, batch: Sequence[Committed]) -> None:
        self.unheard += batch
        self._unfollowed += batch
        if self.is_told_at_once:
            self.hears()


def _was_the_next(offer: InteractionChanged, before: dict[str, Interaction]) -> None:
    """None that waits in the same line and comes before it could have been offered to the same agents."""
    one = before[offer.after.id]
    for other in before.values():
        if (
            other.state is State.QUEUED
            and (other.queue, other.media_type) == (one.queue, one.media_type)
            and _rank(other) < _rank(one)
        ):
            assert set(offer.after.invitees) <= set(other.refused_by), f"{Told.of_event(0, offer)} before {other}"


def _rank(one: Interaction) -> tuple[int, int, str]:
    return -one.priority, one.queued_at_ms, one.id
