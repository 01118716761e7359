"""The write-ahead log is copied beside the writer, stays short, and is never copied in the moment that loses pages."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontdesk.store.connection import Connection, Row
from frontdesk.store.sqlite import SqliteLimits
from frontdesk.store.sqlite.checkpoints import Checkpoints
from frontdesk.store.sqlite.opening import open_for_reading, open_for_writing
from frontdesk.store.sqlite.reader import Reports
from frontdesk.store.sqlite.upgrade import create_file
from frontdesk.store.statements import statement
from frontdesk.store.statistics import StoreStatistics
from tests.store.engines import Body, Notes, NotesStore, all_notes, opened, putting, sqlite_notes, until

COUNT = statement("count", "SELECT count(*) FROM numbers")

SHORT = SqliteLimits(checkpoint_every_s=3600, log_bytes=300_000)


def writing(kib: int) -> Body:
    """Append to so many notes that the log grows by about so much."""

    async def body(tx: Notes) -> None:
        for number in range(kib):
            await tx.put(f"{number}", "x" * 500)
            await tx.append(f"{number}", "y" * 500)

    return body


async def let_log_grow(store: NotesStore, above: int) -> None:
    while Path(f"{store.path}-wal").stat().st_size < above:
        await store.transact("here", writing(50))


# ── the rule ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    create_file(tmp_path / "a.db")
    raw = open_for_writing(tmp_path / "a.db")
    raw.execute("CREATE TABLE numbers (n INTEGER)")
    yield raw
    raw.close()


@pytest.fixture
def checkpoints(writer: sqlite3.Connection, tmp_path: Path) -> Iterator[Checkpoints]:
    made = Checkpoints(open_for_writing(tmp_path / "a.db"))
    yield made
    made.close()


def test_the_first_checkpoint_wants_the_writer_held(checkpoints: Checkpoints) -> None:
    assert checkpoints.has_work()
    assert checkpoints.needs_held_writer()
    assert checkpoints.with_held_writer().is_copied
    assert not checkpoints.needs_held_writer()


def test_a_log_that_is_copied_is_left_alone_until_something_was_committed(
    writer: sqlite3.Connection, checkpoints: Checkpoints
) -> None:
    checkpoints.with_held_writer()
    for _ in range(3):
        assert not checkpoints.has_work()
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO numbers VALUES (1)")
        assert not checkpoints.has_work(), "now the writer may begin the log anew at any moment"
        writer.execute("COMMIT")
        assert checkpoints.has_work()
        assert checkpoints.beside_writer().is_copied


def test_a_log_that_a_reader_keeps_from_being_copied_may_be_tried_again(
    writer: sqlite3.Connection, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    reader = open_for_writing(tmp_path / "a.db")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM numbers").fetchall()
    writer.execute("INSERT INTO numbers VALUES (1)")
    assert not checkpoints.with_held_writer().is_copied
    assert checkpoints.has_work()
    reader.close()
    assert checkpoints.beside_writer().is_copied
    assert not checkpoints.has_work()


async def test_while_reports_are_held_none_begins(writer: sqlite3.Connection, tmp_path: Path) -> None:
    reports = Reports(
        lambda: open_for_reading(tmp_path / "a.db", busy_s=1),
        file="a.db",
        limits=SqliteLimits(),
        statistics=StoreStatistics(),
    )

    async def count(connection: Connection) -> list[Row]:
        return await connection.all(COUNT)

    async with reports.held():
        counting = [asyncio.create_task(reports.run(lambda connection: connection, count, limit_s=10)) for _ in "ab"]
        await asyncio.to_thread(writer.execute, "INSERT INTO numbers VALUES (1)")
        assert not any(report.done() for report in counting)
        writer.execute("INSERT INTO numbers VALUES (1)")
    assert await asyncio.gather(*counting) == [[(2,)], [(2,)]]
    await reports.close()


# ── the log of a store ───────────────────────────────────────────────────────────────────────────


async def test_the_log_is_copied_by_itself(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path, limits=SqliteLimits(checkpoint_every_s=0.001))) as store:
        size = store.path.stat().st_size
        await store.transact("here", writing(200))
        await until(lambda: store.path.stat().st_size > size and store.statistics.checkpoints > 0)


async def test_a_long_log_is_begun_anew(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path, limits=SHORT)) as store:
        await store.checkpoint()
        await let_log_grow(store, above=2 * SHORT.log_bytes)
        await store.checkpoint()
        await store.transact("here", putting("a", "one"))
        assert Path(f"{store.path}-wal").stat().st_size <= SHORT.log_bytes
        await store.checkpoint()
        assert store.statistics.log_bytes < 50_000


async def test_the_log_stays_short_while_callers_never_stop_writing(tmp_path: Path) -> None:
    limits = SqliteLimits(checkpoint_every_s=0.001, log_bytes=300_000)
    async with opened(sqlite_notes(tmp_path, limits=limits)) as store:
        longest = 0

        async def caller(room: str) -> None:
            nonlocal longest
            for _ in range(30):
                await store.transact(room, writing(20))
                longest = max(longest, Path(f"{store.path}-wal").stat().st_size)

        await asyncio.gather(*(caller(room) for room in "abcdefgh"))
        assert longest < 20 * limits.log_bytes
        assert len(await store.read("h", all_notes)) == 20


async def test_reports_that_overlap_for_ever_do_not_keep_the_log_from_being_begun_anew(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path, limits=SHORT)) as store:
        await store.checkpoint()
        began, may_end = threading.Event(), threading.Event()

        async def old_report(tx: Notes) -> int:
            seen = len(await tx.all())
            began.set()
            assert may_end.wait(10)
            return seen

        old = asyncio.create_task(store.report("here", old_report, limit_s=30))
        await asyncio.to_thread(began.wait, 10)
        await let_log_grow(store, above=3 * SHORT.log_bytes)
        copying = asyncio.create_task(store.checkpoint())
        await store.transact("here", putting("a", "one"))
        new = asyncio.create_task(store.report("here", all_notes, limit_s=30))
        await store.transact("here", putting("a", "two"))
        await asyncio.to_thread(may_end.set)
        assert await old == 0
        assert "a" in await new
        await copying
        await store.transact("here", putting("a", "three"))
        assert Path(f"{store.path}-wal").stat().st_size <= SHORT.log_bytes
