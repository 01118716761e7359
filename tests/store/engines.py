"""The engines that keep the promises of a store, and a little store of notes to try them with.

The notes stand for the nouns. A test that asks for the fixture `notes` runs on every engine in `ENGINES`; what only one
engine has (files, disks) is tested beside it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from frontdesk.store.connection import Connection
from frontdesk.store.migrations import Migrations
from frontdesk.store.sqlite import SqliteLimits, SqliteStore
from frontdesk.store.statements import parse

SCHEMA = """\
CREATE TABLE notes (
    room TEXT NOT NULL,
    key TEXT NOT NULL,
    text TEXT NOT NULL CHECK (length(text) < 100000),
    PRIMARY KEY (room, key)
);
CREATE TABLE replies (
    room TEXT NOT NULL,
    key TEXT NOT NULL,
    FOREIGN KEY (room, key) REFERENCES notes (room, key)
);
CREATE TABLE wall (text TEXT NOT NULL PRIMARY KEY);
-- Its constraint is looked at when the transaction is committed.
CREATE TABLE promises (
    room TEXT NOT NULL,
    key TEXT NOT NULL,
    FOREIGN KEY (room, key) REFERENCES notes (room, key) DEFERRABLE INITIALLY DEFERRED
);
"""

SQL = parse(
    """\
-- get_note --
SELECT text FROM notes WHERE room = :room AND key = :key;
-- all_notes --
SELECT key, text FROM notes WHERE room = :room ORDER BY key;
-- put_note --
INSERT INTO notes (room, key, text) VALUES (:room, :key, :text)
    ON CONFLICT (room, key) DO UPDATE SET text = excluded.text;
-- add_note --
INSERT INTO notes (room, key, text) VALUES (:room, :key, :text);
-- remove_note --
DELETE FROM notes WHERE room = :room AND key = :key;
-- append_to_note --
UPDATE notes SET text = text || :text WHERE room = :room AND key = :key RETURNING text;
-- add_reply --
INSERT INTO replies (room, key) VALUES (:room, :key);
-- add_promise --
INSERT INTO promises (room, key) VALUES (:room, :key);
-- count_for_ever --
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT max(n) FROM numbers;
-- write_on_the_wall --
INSERT INTO wall (text) VALUES (:text);
-- read_the_wall --
SELECT text FROM wall ORDER BY text;
-- rooms --
SELECT DISTINCT room FROM notes ORDER BY room;
-- wrong --
SELECT something FROM nowhere;
""",
    source="the notes of a test",
)


class Notes:
    """A transaction on the notes of one room."""

    def __init__(self, connection: Connection, room: str) -> None:
        self.connection = connection
        self.outbox: list[Any] = []
        self._room = room

    async def get(self, key: str) -> str | None:
        row = await self.connection.one(SQL.get_note, self._at(key))
        return None if row is None else str(row[0])

    async def all(self) -> dict[str, str]:
        return dict(await self.connection.all(SQL.all_notes, {"room": self._room}))

    async def put(self, key: str, text: str) -> None:
        await self.connection.run(SQL.put_note, {**self._at(key), "text": text})

    async def add(self, key: str, text: str) -> None:
        await self.connection.run(SQL.add_note, {**self._at(key), "text": text})

    async def remove(self, key: str) -> int:
        return await self.connection.run(SQL.remove_note, self._at(key))

    async def append(self, key: str, text: str) -> str | None:
        row = await self.connection.one(SQL.append_to_note, {**self._at(key), "text": text})
        return None if row is None else str(row[0])

    async def reply(self, key: str) -> None:
        await self.connection.run(SQL.add_reply, self._at(key))

    async def promise(self, key: str) -> None:
        await self.connection.run(SQL.add_promise, self._at(key))

    async def count_for_ever(self) -> None:
        await self.connection.one(SQL.count_for_ever)

    def _at(self, key: str) -> Mapping[str, Any]:
        return {"room": self._room, "key": key}


class House:
    """A transaction that belongs to no room."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.outbox: list[Any] = []

    async def rooms(self) -> list[str]:
        return [room for (room,) in await self.connection.all(SQL.rooms)]

    async def write_on_the_wall(self, text: str) -> None:
        await self.connection.run(SQL.write_on_the_wall, {"text": text})

    async def read_the_wall(self) -> list[str]:
        return [text for (text,) in await self.connection.all(SQL.read_the_wall)]

    def room(self, name: str) -> Notes:
        return Notes(self.connection, name)


NotesStore = SqliteStore[Notes, House]
Body = Callable[[Notes], Awaitable[Any]]

UNHURRIED = SqliteLimits(checkpoint_every_s=3600, first_retry_s=3600, longest_retry_s=3600)
"""Nothing happens by itself: a test says when the log is copied and when a lost disk is tried again."""


def notes_migrations(folder: Path) -> Migrations:
    versions = folder / "versions"
    versions.mkdir(exist_ok=True)
    (versions / "0001_notes.sql").write_text(SCHEMA, encoding="utf-8")
    return Migrations(versions)


def sqlite_notes(folder: Path, **options: Any) -> NotesStore:
    """A store of notes in `folder`, not yet open."""
    options.setdefault("limits", UNHURRIED)
    return SqliteStore(
        folder / "data",
        make_transaction=Notes,
        make_server_transaction=House,
        migrations=notes_migrations(folder),
        **options,
    )


@asynccontextmanager
async def opened(store: NotesStore) -> AsyncIterator[NotesStore]:
    await store.open()
    try:
        yield store
    finally:
        await store.close()


ENGINES: dict[str, Callable[[Path], AbstractAsyncContextManager[NotesStore]]] = {
    "sqlite": lambda folder: opened(sqlite_notes(folder)),
}


async def together(store: NotesStore, *bodies: Body, room: str = "here") -> list[Any]:
    """Hand over all bodies before any of them runs, so that they share a batch; their values or errors in order."""
    return await asyncio.gather(*(store.transact(room, body) for body in bodies), return_exceptions=True)


def putting(key: str, text: str) -> Body:
    async def body(tx: Notes) -> str:
        await tx.put(key, text)
        tx.outbox.append((key, text))
        return text

    return body


async def all_notes(tx: Notes) -> dict[str, str]:
    return await tx.all()


async def until(happened: Callable[[], bool]) -> None:
    """Let others run until it has happened; ten seconds are for ever."""
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 -- what happens in SQLite's threads sets no event
            await asyncio.sleep(0)
