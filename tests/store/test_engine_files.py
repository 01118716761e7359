"""The data directory: one owner, and what is said about files that are damaged, foreign or out of reach."""

import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontdesk.core.errors import StoreUnavailable
from frontdesk.store.faults import StoreCorrupt, StoreRefused
from frontdesk.store.integrity import integrity
from frontdesk.store.ownership import DirectoryInUse, DirectoryNotWritable, Ownership
from tests.store.engines import SCHEMA, Body, Notes, all_notes, opened, putting, sqlite_notes, together
from tests.store.powerless import ROOT, run_powerless

# ── one owner ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def other_owner(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns the data directory until its standard input ends."""
    code = (
        "import sys; from pathlib import Path; from frontdesk.store.ownership import Ownership\n"
        "Ownership.take(Path(sys.argv[1])); print('mine', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        yield process
        process.kill()


async def test_a_second_process_is_refused_and_told_which_one_is_the_first(
    tmp_path: Path, other_owner: subprocess.Popen[str]
) -> None:
    with pytest.raises(DirectoryInUse, match=rf"in use by another Frontdesk process \(process {other_owner.pid}\)"):
        await sqlite_notes(tmp_path).open()


async def test_a_killed_owner_leaves_the_directory_to_the_next(
    tmp_path: Path, other_owner: subprocess.Popen[str]
) -> None:
    other_owner.send_signal(signal.SIGKILL)
    other_owner.wait(10)
    async with opened(sqlite_notes(tmp_path)) as store:
        assert await store.transact("here", putting("a", "one")) == "one"


async def test_a_directory_is_owned_once_and_free_after_closing(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path)):
        with pytest.raises(DirectoryInUse, match=f"process {os.getpid()}"):
            await sqlite_notes(tmp_path).open()
    async with opened(sqlite_notes(tmp_path)):
        pass


async def test_a_store_that_could_not_be_opened_owns_nothing(tmp_path: Path) -> None:
    store = sqlite_notes(tmp_path)
    store.directory.mkdir()
    store.path.write_bytes(b"no database")
    with pytest.raises(StoreCorrupt):
        await store.open()
    Ownership.take(store.directory).release()


async def test_only_the_owner_of_the_files_may_read_them(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.directory.iterdir()}
        assert set(modes) == {"lock", "frontdesk.db", "frontdesk.db-wal", "frontdesk.db-shm"}
        assert set(modes.values()) == {0o600}
        assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700


# ── out of reach ─────────────────────────────────────────────────────────────────────────────────

OPEN_NOTES = """
import asyncio, sys
from pathlib import Path
from tests.store.engines import sqlite_notes
try:
    asyncio.run(sqlite_notes(Path(sys.argv[1])).open())
except Exception as error:
    print(type(error).__name__, error)
"""


async def test_a_read_only_directory_is_told_so(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
    (store.directory / "lock").unlink()
    store.directory.chmod(0o500)
    told = run_powerless(OPEN_NOTES, tmp_path)
    store.directory.chmod(0o700)
    assert told.stdout.startswith(f"DirectoryNotWritable The data directory {store.directory} cannot be written to")
    assert "Permission denied" in told.stdout


async def test_a_read_only_file_is_told_so_at_the_start(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
    store.path.chmod(0o400)
    told = run_powerless(OPEN_NOTES, tmp_path)
    assert told.stdout.startswith("StoreUnavailable")
    assert f"{store.path} cannot be written to" in told.stdout


def test_a_place_where_no_directory_can_be_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DirectoryNotWritable, match="name another directory with --data"):
        Ownership.take(tmp_path / "file" / "data")


# ── a disk that takes no more ────────────────────────────────────────────────────────────────────


async def test_when_the_file_may_not_grow_the_commit_fails_and_later_all_is_well(tmp_path: Path) -> None:
    """The operating system itself refuses the write: no injected error."""

    def writing_much(letter: str) -> Body:
        async def body(tx: Notes) -> None:
            for number in range(20):
                await tx.put(f"b{number}", letter * 90_000)

        return body

    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        await store.transact("here", writing_much("x"))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        log_bytes = Path(f"{store.path}-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (log_bytes + 100_000, hard))
        try:
            outcomes = await together(store, writing_much("y"), putting("c", "three"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 2
        assert await store.probe()
        await store.transact("here", putting("d", "four"))
        found = await store.read("here", all_notes)
        assert [key for key in found if not key.startswith("b")] == ["a", "d"]
        assert found["b0"] == "x" * 90_000
    assert integrity(store.path) == []


# ── damaged or foreign ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content", [b"This is no database, whatever its name says.", b"SQLite format 3\0" + b"\7" * 9000]
)
async def test_a_file_that_is_no_database_is_told_with_its_remedy(tmp_path: Path, content: bytes) -> None:
    store = sqlite_notes(tmp_path)
    store.directory.mkdir()
    store.path.write_bytes(content)
    with pytest.raises(StoreCorrupt) as told:
        await store.open()
    assert str(store.path) in str(told.value)
    assert "frontdesk restore" in str(told.value)
    assert told.value.retry_after_s is None
    assert store.path.read_bytes() == content, "it is left as it was"


async def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    store = sqlite_notes(tmp_path)
    store.directory.mkdir()
    other = sqlite3.connect(store.path)
    other.executescript(SCHEMA)
    other.close()
    with pytest.raises(StoreRefused, match="not a store of Frontdesk"):
        await store.open()


async def test_what_is_not_damaged_is_served_when_something_is(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        await store.transact_server(lambda tx: tx.write_on_the_wall("still here"))
    raw = sqlite3.connect(store.path)
    (page,) = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'notes'").fetchone()
    (page_bytes,) = raw.execute("PRAGMA page_size").fetchone()
    raw.close()
    with store.path.open("r+b") as file:
        file.seek((page - 1) * page_bytes)
        file.write(b"\xa5" * page_bytes)

    async with opened(sqlite_notes(tmp_path)) as store:
        for attempt in (store.read("here", all_notes), store.transact("here", putting("b", "two"))):
            with pytest.raises(StoreCorrupt, match="frontdesk verify"):
                await attempt
        with pytest.raises(StoreCorrupt):
            await store.report("here", all_notes, limit_s=10)
        assert await store.read_server(lambda tx: tx.read_the_wall()) == ["still here"]
        await store.transact_server(lambda tx: tx.write_on_the_wall("and writing"))
        assert await store.read_server(lambda tx: tx.read_the_wall()) == ["and writing", "still here"]
    assert integrity(store.path) != []


# ── a process that is killed ─────────────────────────────────────────────────────────────────────

WRITE_PAIRS = """
import asyncio, sys
from pathlib import Path
from tests.store.engines import UNHURRIED, opened, sqlite_notes
from msgspec.structs import replace

async def caller(store, name):
    number = 0
    while True:
        async def body(tx):
            await tx.put(f"{name}-{number}-left", "text" * 100)
            await tx.put(f"{name}-{number}-right", "text" * 100)
        await store.transact("here", body)
        print(f"{name}-{number}", flush=True)
        number += 1

async def main():
    limits = replace(UNHURRIED, checkpoint_every_s=0.01, log_bytes=200_000)
    async with opened(sqlite_notes(Path(sys.argv[1]), limits=limits)) as store:
        await asyncio.gather(*(caller(store, name) for name in "abcdefgh"))

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 50, 700])
async def test_a_killed_process_loses_nothing_acknowledged_and_leaves_no_half(
    tmp_path: Path, acknowledged: int
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_PAIRS, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(acknowledged)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
    names = {line.strip() for line in told if line.endswith("\n")}
    assert len(names) >= acknowledged
    async with opened(sqlite_notes(tmp_path)) as store:
        found = set(await store.read("here", all_notes))
    assert names <= {key.removesuffix("-left") for key in found if key.endswith("-left")}
    assert {key.removesuffix("-left") for key in found if key.endswith("-left")} == {
        key.removesuffix("-right") for key in found if key.endswith("-right")
    }
    assert integrity(store.path) == []
