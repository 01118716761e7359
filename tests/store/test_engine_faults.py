"""What goes wrong inside one batch or under the whole store, and what each caller is told: SQLite's own stories."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.core.errors import StoreUnavailable
from frontdesk.store.connection import BodySuspended
from frontdesk.store.sqlite import SqliteLimits
from tests.store.disks import Disk
from tests.store.engines import Notes, NotesStore, all_notes, opened, putting, sqlite_notes, together, until


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
async def store(tmp_path: Path, disk: Disk) -> AsyncIterator[NotesStore]:
    async with opened(sqlite_notes(tmp_path, connections=disk.connections)) as ready:
        yield ready


class Refused(Exception):
    pass


# ── one body ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_body_that_awaits_something_else_is_undone_and_told_so(store: NotesStore) -> None:
    after: list[str] = []

    async def suspends(tx: Notes) -> None:
        await tx.put("mine", "never")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            after.append("ended")
            await tx.put("mine", "even later")

    told, fine = await together(store, suspends, putting("a", "one"))
    assert isinstance(told, BodySuspended)
    assert "suspends awaited something other than its transaction" in str(told)
    assert fine == "one"
    assert after == ["ended"]
    assert await store.read("here", all_notes) == {"a": "one"}


async def test_a_body_that_asks_for_another_transaction_is_told_so_and_the_other_never_runs(store: NotesStore) -> None:
    async def nests(tx: Notes) -> None:
        await tx.put("outer", "never")
        await store.transact("here", putting("inner", "never"))

    told, fine = await together(store, nests, putting("a", "one"))
    assert isinstance(told, BodySuspended)
    assert fine == "one"
    assert await store.transact("here", putting("b", "two")) == "two"
    assert await store.read("here", all_notes) == {"a": "one", "b": "two"}


async def test_a_read_that_awaits_something_else_is_told_so(store: NotesStore) -> None:
    async def suspends(tx: Notes) -> None:
        await tx.all()
        await asyncio.sleep(0)

    with pytest.raises(BodySuspended):
        await store.read("here", suspends)
    with pytest.raises(BodySuspended):
        await store.report("here", suspends, limit_s=10)


async def test_a_body_that_is_no_coroutine_harms_only_its_caller(store: NotesStore) -> None:
    def raises_the_worst(_tx: Notes) -> Any:
        raise StopIteration

    told, missing, fine = await together(store, raises_the_worst, lambda tx: None, putting("a", "one"))  # type: ignore[arg-type, return-value] # that is the point
    assert isinstance(told, RuntimeError)
    assert isinstance(missing, AttributeError)
    assert fine == "one"


async def test_a_commit_is_on_disk_and_waits_for_no_checkpoint(store: NotesStore, disk: Disk) -> None:
    def setting(name: str) -> object:
        return disk.writer.execute(f"PRAGMA {name}").fetchone()[0]

    full = 2
    assert [setting("synchronous"), setting("wal_autocheckpoint"), setting("journal_mode")] == [full, 0, "wal"]


# ── a COMMIT that fails ──────────────────────────────────────────────────────────────────────────


async def test_a_failing_commit_is_told_to_all_also_to_a_refusal_that_rested_on_it(store: NotesStore) -> None:
    async def refuse_if_there(tx: Notes) -> None:
        if await tx.get("a"):
            raise Refused

    async def break_promise(tx: Notes) -> None:
        await tx.promise("a note nobody wrote")

    outcomes = await together(store, putting("a", "one"), refuse_if_there, break_promise)
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 3
    assert await store.read("here", all_notes) == {}
    assert store.is_ready, "a broken constraint says nothing about the disk"
    assert await together(store, putting("a", "one"), refuse_if_there)
    assert await store.read("here", all_notes) == {"a": "one"}


async def test_what_a_failed_commit_would_have_told_is_never_told(store: NotesStore, disk: Disk) -> None:
    told: list[Any] = []
    store.on_commit = told.extend
    disk.breaks_after(1)
    await store.transact("here", putting("a", "one"))
    await together(store, putting("b", "two"), putting("c", "three"))
    assert told == [("a", "one")]


async def test_after_a_failed_fsync_nothing_is_written_until_a_probe_was(store: NotesStore, disk: Disk) -> None:
    await store.transact("here", putting("a", "one"))
    disk.is_broken = True

    outcomes = await together(store, putting("b", "two"), putting("c", "three"))
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 2
    assert "SQLITE_IOERR_FSYNC" in str(outcomes[0])
    assert (await store.probe(), store.is_ready) == (False, False)
    assert store.unready_because is not None
    assert "frontdesk.db fails (SQLITE_IOERR_FSYNC)" in store.unready_because

    with pytest.raises(StoreUnavailable) as told:
        await store.transact("here", putting("d", "four"))
    assert told.value.retry_after_s == 3600, "the time of the next probe"
    assert await store.read("here", all_notes) == {"a": "one"}, "reads go on"
    assert await store.report("here", all_notes, limit_s=10) == {"a": "one"}

    disk.is_broken = False
    assert (await store.probe(), store.is_ready) == (True, True)
    assert len(disk.opened) >= 3, "each attempt had a connection of its own"
    await store.transact("here", putting("e", "five"))
    assert await store.read("here", all_notes) == {"a": "one", "e": "five"}


async def test_a_lost_disk_is_tried_again_by_itself(tmp_path: Path, disk: Disk) -> None:
    limits = SqliteLimits(first_retry_s=0.001, longest_retry_s=0.002)
    async with opened(sqlite_notes(tmp_path, connections=disk.connections, limits=limits)) as store:
        disk.breaks_after(0)
        with pytest.raises(StoreUnavailable):
            await store.transact("here", putting("a", "one"))
        await until(lambda: len(disk.opened) >= 5)
        assert not store.is_ready
        disk.is_broken = False
        await until(lambda: store.is_ready)
        assert await store.transact("here", putting("a", "one")) == "one"


async def test_bodies_that_wait_while_the_disk_fails_once_are_run_after_it(store: NotesStore, disk: Disk) -> None:
    disk.hang()
    first = asyncio.create_task(store.transact("here", putting("a", "one")))
    await asyncio.to_thread(disk.wait_for_commit)
    second = asyncio.create_task(store.transact("here", putting("b", "two")))
    await asyncio.sleep(0)
    disk.breaks_once()
    disk.go_on()
    with pytest.raises(StoreUnavailable):
        await first
    assert await second == "two"
    assert await store.read("here", all_notes) == {"b": "two"}


async def test_a_disk_good_for_probes_only_is_not_tried_without_pause(store: NotesStore, disk: Disk) -> None:
    for probes in range(2):
        disk.breaks_after(0)
        with pytest.raises(StoreUnavailable):
            await store.transact("here", putting("a", "one"))
        disk.is_broken = False
        if probes == 0:
            assert await store.probe(), "the first attempt comes at once"
    await asyncio.sleep(0)
    assert not store.is_ready, "the second comes after a pause, which is an hour in this test"
    assert await store.probe()


async def test_a_disk_that_has_written_since_it_failed_is_tried_at_once_again(store: NotesStore, disk: Disk) -> None:
    for number in range(3):
        disk.breaks_once()
        with pytest.raises(StoreUnavailable):
            await store.transact("here", putting("a", "lost"))
        assert await store.transact("here", putting("a", str(number))) == str(number)


# ── SQLite undoes everything ─────────────────────────────────────────────────────────────────────


async def fill(tx: Notes) -> None:
    for number in range(100):
        await tx.put(f"large {number}", "x" * 90_000)


async def append(tx: Notes) -> str | None:
    value = await tx.append("a", "+")
    tx.outbox.append(value)
    return value


async def test_a_full_disk_fails_the_body_that_filled_it_and_the_others_run_again(
    store: NotesStore, disk: Disk
) -> None:
    told: list[Any] = []
    await store.transact("here", putting("a", "one"))
    store.on_commit = told.extend
    (pages,) = disk.writer.execute("PRAGMA page_count").fetchone()
    disk.writer.execute(f"PRAGMA max_page_count = {pages + 50}")

    runs = 0

    async def refuse_once(_tx: Notes) -> str:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise Refused
        return "changed its mind"

    first, second, mind, full, third = await together(store, append, append, refuse_once, fill, append)
    assert isinstance(full, StoreUnavailable)
    assert "the disk that holds frontdesk.db is full; make room on it" in str(full)
    assert [first, second, third] == ["one+", "one++", "one+++"], "run twice in the same order, done once"
    assert mind == "changed its mind"
    assert told == ["one+", "one++", "one+++"]
    assert store.statistics.reruns == 3
    assert await store.read("here", all_notes) == {"a": "one+++"}
    assert store.is_ready


async def test_a_body_that_hides_that_all_was_undone_is_told_all_the_same(store: NotesStore, disk: Disk) -> None:
    (pages,) = disk.writer.execute("PRAGMA page_count").fetchone()
    disk.writer.execute(f"PRAGMA max_page_count = {pages + 50}")

    async def hide(tx: Notes) -> str:
        try:
            await fill(tx)
        except StoreUnavailable:
            return "all is well"
        return "it fitted"

    fine, hidden = await together(store, putting("a", "one"), hide)
    assert fine == "one"
    assert isinstance(hidden, StoreUnavailable)
    assert await store.read("here", all_notes) == {"a": "one"}


async def test_on_a_disk_that_stays_full_everyone_is_told_and_reads_go_on(store: NotesStore, disk: Disk) -> None:
    await store.transact("here", putting("a", "one"))
    (pages,) = disk.writer.execute("PRAGMA page_count").fetchone()
    disk.writer.execute(f"PRAGMA max_page_count = {pages}")
    outcomes = await together(store, *[fill] * 50)
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 50
    assert await store.read("here", all_notes) == {"a": "one"}


# ── callers that go away, and too many of them ───────────────────────────────────────────────────


async def test_a_caller_cancelled_before_its_turn_has_done_nothing(store: NotesStore, disk: Disk) -> None:
    disk.hang()
    first = asyncio.create_task(store.transact("here", putting("a", "one")))
    await asyncio.to_thread(disk.wait_for_commit)
    second = asyncio.create_task(store.transact("here", putting("b", "two")))
    third = asyncio.create_task(store.transact("here", putting("c", "three")))
    await asyncio.sleep(0)
    second.cancel()
    disk.go_on()
    assert (await first, await third) == ("one", "three")
    assert second.cancelled()
    assert await store.read("here", all_notes) == {"a": "one", "c": "three"}


async def test_what_a_caller_cancelled_during_the_commit_has_done_stands(store: NotesStore, disk: Disk) -> None:
    told: list[Any] = []
    store.on_commit = told.extend
    disk.hang()
    cancelled = asyncio.create_task(store.transact("here", putting("a", "one")))
    await asyncio.to_thread(disk.wait_for_commit)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    assert cancelled.cancelled()
    disk.go_on()
    await store.transact("here", putting("b", "two"))
    assert await store.read("here", all_notes) == {"a": "one", "b": "two"}
    assert told == [("a", "one"), ("b", "two")]


async def test_more_callers_than_can_wait_are_told_later(tmp_path: Path, disk: Disk) -> None:
    limits = SqliteLimits(waiting_bodies=2)
    async with opened(sqlite_notes(tmp_path, connections=disk.connections, limits=limits)) as store:
        disk.hang()
        first = asyncio.create_task(store.transact("here", putting("a", "one")))
        await asyncio.to_thread(disk.wait_for_commit)
        waiting = [asyncio.create_task(store.transact("here", putting(key, "waits"))) for key in "bc"]
        await asyncio.sleep(0)
        assert store.statistics.waiting == 2
        with pytest.raises(StoreUnavailable, match="2 changes are waiting already") as told:
            await store.transact("here", putting("d", "never"))
        assert told.value.retry_after_s == 1
        disk.go_on()
        assert await first == "one"
        assert await asyncio.gather(*waiting) == ["waits", "waits"]
        assert await store.read("here", all_notes) == {"a": "one", "b": "waits", "c": "waits"}


# ── readers and the writer ───────────────────────────────────────────────────────────────────────


async def test_readers_never_wait_for_the_writer(store: NotesStore, disk: Disk) -> None:
    await store.transact("here", putting("a", "one"))
    disk.hang()
    writing = asyncio.create_task(store.transact("here", putting("a", "two")))
    await asyncio.to_thread(disk.wait_for_commit)
    assert await store.read("here", all_notes) == {"a": "one"}
    assert await store.report("here", all_notes, limit_s=10) == {"a": "one"}
    assert not writing.done()
    disk.go_on()
    await writing
    assert await store.read("here", all_notes) == {"a": "two"}


async def test_a_commit_that_hangs_makes_the_store_not_ready(tmp_path: Path, disk: Disk) -> None:
    limits = SqliteLimits(stalled_commit_s=0)
    async with opened(sqlite_notes(tmp_path, connections=disk.connections, limits=limits)) as store:
        disk.hang()
        writing = asyncio.create_task(store.transact("here", putting("a", "two")))
        await asyncio.to_thread(disk.wait_for_commit)
        assert store.unready_because is not None
        assert "has been waiting for the disk" in store.unready_because
        disk.go_on()
        await writing
        assert store.is_ready


async def test_bodies_are_run_in_slices_and_still_share_one_commit(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path, limits=SqliteLimits(slice_s=0))) as store:
        breaths = 0

        async def breathe() -> None:
            nonlocal breaths
            while True:
                breaths += 1
                await asyncio.sleep(0)

        breathing = asyncio.create_task(breathe())
        await together(store, *(putting(str(number), "text") for number in range(100)))
        breathing.cancel()
        assert breaths >= 100
        assert store.statistics.batches == 1
        assert store.statistics.last_batch_members == 100


async def test_a_batch_has_a_largest_size(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path, limits=SqliteLimits(batch_members=8))) as store:
        outcomes = await together(store, *(putting(str(number), "text") for number in range(20)))
        assert outcomes == ["text"] * 20
        assert (store.statistics.batches, store.statistics.last_batch_members) == (3, 4)


async def test_another_process_that_writes_for_a_moment_is_waited_for(store: NotesStore) -> None:
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(store.transact("here", putting("a", "one")))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not writing.done()
    other.execute("ROLLBACK")
    other.close()
    assert await writing == "one"


async def test_another_process_that_writes_for_ever_is_named_as_what_is_in_the_way(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path, limits=SqliteLimits(busy_s=0.01))) as store:
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="another process is writing to"):
            await store.transact("here", putting("a", "one"))
        other.execute("ROLLBACK")
        other.close()
        assert await store.transact("here", putting("a", "one")) == "one"


# ── opening and closing ──────────────────────────────────────────────────────────────────────────


async def test_closing_commits_what_was_taken_and_takes_no_more(tmp_path: Path) -> None:
    store = sqlite_notes(tmp_path)
    with pytest.raises(StoreUnavailable, match="not open"):
        await store.transact("here", putting("a", "one"))
    await store.open()
    taken = [asyncio.create_task(store.transact("here", putting(str(number), "text"))) for number in range(1000)]
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    assert await asyncio.gather(*taken) == ["text"] * 1000
    with pytest.raises(StoreUnavailable, match="not open"):
        await store.read("here", all_notes)
    assert [path.name for path in store.directory.iterdir() if path.name != "lock"] == ["frontdesk.db"]
    async with opened(sqlite_notes(tmp_path)) as again:
        assert len(await again.read("here", all_notes)) == 1000


async def test_closing_on_a_broken_disk_ends_and_tells_those_who_wait(tmp_path: Path, disk: Disk) -> None:
    store = sqlite_notes(tmp_path, connections=disk.connections)
    await store.open()
    disk.hang()
    first = asyncio.create_task(store.transact("here", putting("a", "one")))
    await asyncio.to_thread(disk.wait_for_commit)
    second = asyncio.create_task(store.transact("here", putting("b", "two")))
    await asyncio.sleep(0)
    disk.is_broken = True
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    disk.go_on()
    await closing
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 2


async def test_closing_does_not_wait_for_reports(tmp_path: Path) -> None:
    store = sqlite_notes(tmp_path)
    await store.open()
    began = threading.Event()

    async def body(tx: Notes) -> None:
        began.set()
        await tx.count_for_ever()

    reports = [asyncio.create_task(store.report("here", body, limit_s=3600)) for _ in range(4)]
    await asyncio.to_thread(began.wait, 10)
    await store.close()
    outcomes = await asyncio.gather(*reports, return_exceptions=True)
    assert [str(outcome).partition(";")[0] for outcome in outcomes] == [
        "The store is not available: the server is stopping. Nothing was changed"
    ] * 4
