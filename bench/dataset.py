"""Stores with a past: so many interactions, nearly all finished, made in bulk by the same core that a server asks.

A store is what a server would have left: images, events, hearings and counters that `frontdesk verify` finds sound.
Made once and kept under `bench/.cache`, by the schema and by this file; runs add to it what they do, and what one of
them left in its agents' hands is taken from them before the next. Every 100th interaction is alive: parked in
somebody's workbin, or waiting in a queue that nobody serves.

There is another kind, a *floor*: many agents, and a queue full of interactions that wait for any of them.
"""

import asyncio
import atexit
import hashlib
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from frontdesk.core import events, interactions
from frontdesk.core.directory import Queue
from frontdesk.core.events import InteractionChanged
from frontdesk.core.ids import ContactCentreId, InteractionId, OwnerId, QueueId, UserId, WorkbinId
from frontdesk.core.interactions import Change, Direction
from frontdesk.core.permissions import Role
from frontdesk.core.user_data import UserDataLimits
from frontdesk.core.users import ContactCentre, User
from frontdesk.core.workbins import Workbin
from frontdesk.kit.ids import Ids
from frontdesk.ports import ServerTransaction, Transaction
from frontdesk.store.events import IMAGES as EVENTS
from frontdesk.store.interactions import IMAGES as INTERACTIONS
from frontdesk.store.interactions import SQL, all_columns
from frontdesk.store.migrations import Migrations
from frontdesk.store.ownership import STORE_FILE
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite import SqliteStore
from frontdesk.store.transaction import StoreTransaction

CACHE = Path(__file__).parent / ".cache"

AGENTS = 256
ADMINISTRATOR = "root"
PASSWORD = "benchmark"
QUEUE = "bench"  # served by all agents
WORKBIN = "In_Progress"

_CENTRE = ContactCentreId("bench")
_UNSERVED = "archive"
_LIVE_EVERY = 100
_PIECE = 2_000
_YEAR_MS = 365 * 24 * 3600 * 1000
_LIMITS = UserDataLimits()
_PAST_DATA = {"Segment": "gold", "CustomerId": "C-00012345", "Reason": "Return of goods", "Language": "en-GB"}

#: (interactions made, of how many)
Progress = Callable[[int, int], None]

# Signing in is not what is measured, and with the usual cost 256 agents would take ten seconds to do it.
_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def user_name(number: int) -> str:
    """The name of the agent of this number, from 0 to AGENTS - 1."""
    return f"agent{number:03d}"


def stored(count: int) -> Path:
    """The directory of a store of `count` interactions, whether it is there or not."""
    return CACHE / f"{_revision()}-{count}"


def prepare(count: int) -> Path:
    """The same, made first if need be: a million takes about a minute and 2 GB."""
    directory = stored(count)
    if directory.exists():
        _send_home(directory)
        return directory
    for old in CACHE.glob(f"*-{count}"):
        shutil.rmtree(old)
    make(directory, count, _shown(f"making a store of {count:,} interactions"))
    return directory


def floor(agents: int, waiting: int) -> Path:
    """The directory of a floor of so many agents for whom so many wait, made first if need be."""
    directory = CACHE / f"{_revision()}-floor-{agents}x{waiting}"
    if not directory.exists():
        for old in CACHE.glob(f"*-floor-{agents}x{waiting}"):
            shutil.rmtree(old)
        _make(directory, agents, waiting, _all_waiting, _shown(f"making a store in which {waiting:,} wait"))
    return directory


def handled(directory: Path) -> int:
    """How many interactions of a floor are done with, as the rows say of a server that has ended."""
    with closing(sqlite3.connect(directory / STORE_FILE)) as raw:
        (count,) = raw.execute("SELECT count(*) FROM interactions WHERE NOT is_live").fetchone()
    return int(count)


def make(directory: Path, count: int, progress: Progress) -> None:
    """Make a store of `count` interactions, all or nothing."""
    _make(directory, AGENTS, count, _past, progress)


def _make(directory: Path, agents: int, count: int, story: "_Story", progress: Progress) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix="making-", dir=directory.parent))
    atexit.register(shutil.rmtree, partial, ignore_errors=True)  # if it comes to nothing
    asyncio.run(_furnish(partial, agents))
    with closing(sqlite3.connect(partial / STORE_FILE, isolation_level=None)) as raw:
        # Nobody reads it before it has its name: there is nothing to be kept safe.
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -262144", "temp_store = MEMORY"):
            raw.execute(f"PRAGMA {setting}")
        _fill(raw, count, story, progress)
    if not directory.exists():  # another run may have been quicker
        partial.rename(directory)


# ── who is there ─────────────────────────────────────────────────────────────────────────────────


async def _furnish(directory: Path, agents: int) -> None:
    """The contact centre with its people, queues and workbins."""

    async def people(tx: Transaction) -> None:
        await _people(tx, agents)

    store = SqliteStore(directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows)
    await store.open()
    try:
        await store.transact_server(_found)
        await store.transact(_CENTRE, people)
    finally:
        await store.close()


async def _found(tx: ServerTransaction) -> None:
    await tx.add_contact_centre(ContactCentre(id=_CENTRE, name="bench"))


async def _people(tx: Transaction, agents: int) -> None:
    ids = Ids()
    password_hash = _HASHER.hash(PASSWORD)
    names = [(ADMINISTRATOR, Role.ADMIN), *((user_name(number), Role.AGENT) for number in range(agents))]
    users = [User(id=UserId(ids.hexadecimal()), user_name=name, roles=(role,)) for name, role in names]
    for user in users:
        await tx.users.add(user, password_hash)
    await tx.queues.add(Queue(id=QueueId(ids.uuid()), name=QUEUE, agents=tuple(user.id for user in users[1:])))
    await tx.queues.add(Queue(id=QueueId(ids.uuid()), name=_UNSERVED))
    for name in (WORKBIN, "Drafts"):
        await tx.workbins.add(Workbin(id=WorkbinId(ids.uuid()), name=name))


def _send_home(directory: Path) -> None:
    """Take from the agents what the last run left with them: they would begin the next with their hands full."""
    with closing(sqlite3.connect(directory / STORE_FILE)) as raw, raw:
        (queue,) = raw.execute("SELECT id FROM directory WHERE name = ?", (QUEUE,)).fetchone()
        raw.execute("DELETE FROM interactions WHERE is_live AND queue = ? AND workbin IS NULL", (queue,))
        raw.execute("DELETE FROM invitations")
        raw.execute("DELETE FROM agent_channels")
        raw.execute("DELETE FROM agents")
        raw.execute("DELETE FROM http_sessions")


# ── what they did ────────────────────────────────────────────────────────────────────────────────


def _fill(raw: sqlite3.Connection, count: int, story: "_Story", progress: Progress) -> None:
    agents = [id_ for (id_,) in raw.execute("SELECT id FROM users WHERE user_name <> ? ORDER BY id", (ADMINISTRATOR,))]
    things: dict[str, str] = dict(raw.execute("SELECT name, id FROM directory"))
    numbers = dict.fromkeys(agents, 0)
    (seq,) = raw.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
    past = story(count, agents, things)
    raw.execute("BEGIN")
    for done in range(0, count, _PIECE):
        rows: list[tuple[Any, ...]] = []
        told: list[tuple[Any, ...]] = []
        heard: list[tuple[Any, ...]] = []
        for changes in islice(past, _PIECE):
            after = changes[-1][0].after
            columns = all_columns(after) | {"contact_centre": _CENTRE, "image": INTERACTIONS.write(after)}
            rows.append(tuple(columns[name] for name in SQL.add.params))
            for change, actor, at_ms in changes:
                event = _event(change, actor, at_ms)
                seq += 1
                told.append((seq, _CENTRE, after.id, at_ms, EVENTS.write(event)))
                for hearer in event.hearers:
                    numbers[hearer] += 1
                    heard.append((_CENTRE, hearer, numbers[hearer], seq))
        raw.executemany(SQL.add.numbered("?"), rows)
        raw.executemany(
            "INSERT INTO events (seq, contact_centre, interaction, at_ms, body) VALUES (?, ?, ?, ?, ?)", told
        )
        raw.executemany("INSERT INTO hearings (contact_centre, user_id, number, seq) VALUES (?, ?, ?, ?)", heard)
        progress(min(count, done + _PIECE), count)
    raw.executemany(
        "INSERT INTO counters (contact_centre, user_id, number, reference) VALUES (?, ?, ?, ?)",
        [(_CENTRE, agent, number, number) for agent, number in numbers.items()],
    )
    raw.execute("COMMIT")


_Changes = list[tuple[Change, UserId | None, int]]
#: From how many, the agents and the ids of things by their names, to the changes of each interaction.
_Story = Callable[[int, list[UserId], dict[str, str]], Iterator[_Changes]]


def _past(count: int, agents: list[UserId], things: dict[str, str]) -> Iterator[_Changes]:
    """A year of interactions, oldest first: the changes of each, with who made them and when."""
    chance = random.Random(count)
    ids = Ids(chance.randbytes)
    begin_ms = int(time.time() * 1000) - _YEAR_MS
    for number in range(count):
        at_ms = begin_ms + _YEAR_MS * number // count
        id_ = InteractionId(ids.sortable(at_ms))
        agent = chance.choice(agents)
        if number % (2 * _LIVE_EVERY) == 0:
            yield [(_submitted(id_, _UNSERVED, things, at_ms), None, at_ms)]
            continue
        born = interactions.create(
            interaction_id=id_,
            media_type="workitem",
            direction=Direction.OUTBOUND,
            owner=agent,
            queue=QueueId(things[QUEUE]),
            queue_name=QUEUE,
            parent_id=None,
            subject="Return of goods",
            data=_PAST_DATA,
            subtype="OutboundNew",
            at_ms=at_ms,
            limits=_LIMITS,
        )
        if number % _LIVE_EVERY == 0:
            end = interactions.place_in_workbin(born.after, agent, WorkbinId(things[WORKBIN]), OwnerId(agent))
        else:
            end = interactions.complete(born.after, agent)
        yield [(born, agent, at_ms), (end, agent, at_ms + 240_000)]


def _all_waiting(count: int, _agents: list[UserId], things: dict[str, str]) -> Iterator[_Changes]:
    """One came each millisecond, and nobody has taken one yet."""
    ids = Ids(random.Random(count).randbytes)
    begin_ms = int(time.time() * 1000) - count
    for at_ms in range(begin_ms, begin_ms + count):
        yield [(_submitted(InteractionId(ids.sortable(at_ms)), QUEUE, things, at_ms), None, at_ms)]


def _submitted(id_: InteractionId, queue: str, things: dict[str, str], at_ms: int) -> Change:
    return interactions.submit(
        interaction_id=id_,
        media_type="workitem",
        queue=QueueId(things[queue]),
        queue_name=queue,
        subject="Return of goods",
        priority=0,
        data=_PAST_DATA,
        external_id=None,
        subtype="InboundNew",
        at_ms=at_ms,
        limits=_LIMITS,
    )


def _event(change: Change, actor: UserId | None, at_ms: int) -> InteractionChanged:
    touched = events.bin_left_or_entered(change)
    bin_change = events.BinChange(*touched) if touched else None
    return events.told(change, at_ms=at_ms, actor=actor, reference_id=None, bin_change=bin_change)


# ── names and bars ───────────────────────────────────────────────────────────────────────────────


def _revision() -> str:
    """Another one whenever a store would be another: with the schema, and with this file."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for revision in Migrations().revisions:
        digest.update(revision.script.read_bytes())
    return digest.hexdigest()[:12]


def _shown(label: str) -> Progress:
    """A bar on standard error, or now and then a line where nobody watches."""
    is_watched = sys.stderr.isatty()
    told = -1

    def show(done: int, total: int) -> None:
        nonlocal told
        part = done * 100 // total
        if part == told or (not is_watched and part % 25):
            return
        told = part
        bar = "#" * (part * 30 // 100)
        end = "" if is_watched and part < 100 else "\n"
        print(f"{chr(13) if is_watched else ''}{label} [{bar:.<30}] {part:3d} %", end=end, file=sys.stderr, flush=True)

    return show
