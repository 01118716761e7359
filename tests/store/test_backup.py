"""Backups of a store that is being written to, and restoring them."""

import asyncio
import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from frontdesk.store.backup import backup, restore
from frontdesk.store.faults import StoreRefused
from frontdesk.store.integrity import integrity
from frontdesk.store.migrations import Migrations
from frontdesk.store.ownership import DirectoryInUse
from tests.store.engines import Notes, NotesStore, all_notes, notes_migrations, opened, putting, sqlite_notes
from tests.store.powerless import ROOT, run_powerless

BACK_UP = (
    "import sys; from pathlib import Path; from frontdesk.store.backup import backup\n"
    "backup(Path(sys.argv[1]), Path(sys.argv[2]))"
)


@pytest.fixture
def migrations(tmp_path: Path) -> Migrations:
    return notes_migrations(tmp_path)


async def notes_of(folder: Path) -> dict[str, str]:
    async with opened(sqlite_notes(folder)) as store:
        return await store.read("here", all_notes)


async def restored(file: Path, folder: Path) -> dict[str, str]:
    """The notes of a fresh store made from a backup."""
    folder.mkdir()
    assert restore(file, folder / "data", migrations=notes_migrations(folder)) is None
    return await notes_of(folder)


# ── backing up ───────────────────────────────────────────────────────────────────────────────────


async def test_a_backup_from_another_process_under_load_is_one_moment_of_the_store(tmp_path: Path) -> None:
    """Every transaction moves one coin; a copy of two moments would have more or fewer of them."""
    target = tmp_path / "backup.db"
    is_done = False
    moves = 0

    async def hand_out(tx: Notes) -> None:
        for number in range(2000):
            await tx.put(f"purse {number:04}", "1" + "x" * 4000)

    async def keep_moving(store: NotesStore, step: int) -> None:
        nonlocal moves
        at = step
        while not is_done:
            giver, taker = f"purse {at % 2000:04}", f"purse {(at + 997) % 2000:04}"

            async def body(tx: Notes, giver: str = giver, taker: str = taker) -> None:
                coins, filling = (await tx.get(giver) or "").split("x", 1)
                if int(coins) > 0:
                    other, _ = (await tx.get(taker) or "").split("x", 1)
                    await tx.put(giver, f"{int(coins) - 1}x{filling}")
                    await tx.put(taker, f"{int(other) + 1}x{filling}")

            await store.transact("here", body)
            moves += 1
            at += step

    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", hand_out)
        movers = [asyncio.create_task(keep_moving(store, step)) for step in (7, 11, 13, 17)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", BACK_UP, str(store.path), str(target), cwd=ROOT
        )
        moves_before = moves
        assert await process.wait() == 0
        is_done = True
        await asyncio.gather(*movers)
        assert moves > moves_before, "nobody waited for the backup"

    assert integrity(target) == []
    found = await restored(target, tmp_path / "elsewhere")
    assert sum(int(text.split("x", 1)[0]) for text in found.values()) == 2000


async def test_a_backup_is_one_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    (tmp_path / "backups").mkdir()
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        backup(store.path, tmp_path / "backups" / "a.db", progress=lambda done, pages: progress.append((done, pages)))
    assert os.listdir(tmp_path / "backups") == ["a.db"]
    assert (tmp_path / "backups" / "a.db").stat().st_mode & 0o777 == 0o600
    done, pages = progress[-1]
    assert done == pages > 0


async def test_a_store_that_nobody_runs_can_be_backed_up_too(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
    backup(store.path, tmp_path / "a.db")
    assert await restored(tmp_path / "a.db", tmp_path / "elsewhere") == {"a": "one"}


async def test_a_backup_replaces_another_only_when_told_to(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        backup(store.path, tmp_path / "a.db")
        await store.transact("here", putting("a", "two"))
        with pytest.raises(StoreRefused, match=r"a\.db exists already"):
            backup(store.path, tmp_path / "a.db")
        backup(store.path, tmp_path / "a.db", overwrite=True)
    assert await restored(tmp_path / "a.db", tmp_path / "elsewhere") == {"a": "two"}


async def test_a_backup_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="There is no store at"):
        backup(tmp_path / "nowhere.db", tmp_path / "a.db")
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        with pytest.raises(StoreRefused, match="No such file or directory"):
            backup(store.path, tmp_path / "no such folder" / "a.db")

        def interrupt(_done: int, _pages: int) -> None:
            raise KeyboardInterrupt

        (tmp_path / "backups").mkdir()
        with pytest.raises(KeyboardInterrupt):
            backup(store.path, tmp_path / "backups" / "a.db", progress=interrupt)
        assert os.listdir(tmp_path / "backups") == []


# ── restoring ────────────────────────────────────────────────────────────────────────────────────


async def test_a_restored_store_is_the_one_backed_up_and_the_other_is_kept(
    tmp_path: Path, migrations: Migrations
) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        backup(store.path, tmp_path / "a.db")
        await store.transact("here", putting("a", "two"))
    with pytest.raises(StoreRefused, match="has a store already"):
        restore(tmp_path / "a.db", store.directory, migrations=migrations)
    assert await notes_of(tmp_path) == {"a": "two"}

    kept = restore(tmp_path / "a.db", store.directory, overwrite=True, migrations=migrations)
    assert await notes_of(tmp_path) == {"a": "one"}
    assert kept == store.directory / "frontdesk.db.replaced-1"
    assert await restored(kept, tmp_path / "elsewhere") == {"a": "two"}
    assert restore(kept, store.directory, overwrite=True, migrations=migrations) == kept.with_name(
        "frontdesk.db.replaced-2"
    )
    assert await notes_of(tmp_path) == {"a": "two"}


async def test_a_restore_that_fails_at_the_last_moment_leaves_the_present_store(
    tmp_path: Path, migrations: Migrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        backup(store.path, tmp_path / "a.db")
        await store.transact("here", putting("a", "two"))

    def fail(_source: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(StoreRefused, match="No space left on device"):
        restore(tmp_path / "a.db", store.directory, overwrite=True, migrations=migrations)
    assert await notes_of(tmp_path) == {"a": "two"}


async def test_a_backup_on_a_medium_that_cannot_be_written_to_is_restored(tmp_path: Path) -> None:
    medium = tmp_path / "medium"
    medium.mkdir()
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        backup(store.path, medium / "a.db")
    (medium / "a.db").chmod(0o400)
    medium.chmod(0o500)
    (tmp_path / "elsewhere").mkdir()
    notes_migrations(tmp_path / "elsewhere")
    told = run_powerless(RESTORE, medium / "a.db", tmp_path / "elsewhere")
    medium.chmod(0o700)
    assert (told.stdout, told.stderr) == ("restored\n", "")
    assert await notes_of(tmp_path / "elsewhere") == {"a": "one"}


RESTORE = """
import sys
from pathlib import Path
from frontdesk.store.backup import restore
from frontdesk.store.migrations import Migrations
file, folder = map(Path, sys.argv[1:])
restore(file, folder / "data", migrations=Migrations(folder / "versions"))
print("restored")
"""

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.store.engines import putting, sqlite_notes

async def main():
    store = sqlite_notes(Path(sys.argv[1]))
    await store.open()
    await store.transact("here", putting("a", "in the log only"))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_the_log_of_a_killed_server_is_kept_with_its_store_and_not_replayed_into_the_restored_one(
    tmp_path: Path, migrations: Migrations
) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "backed up"))
        backup(store.path, tmp_path / "a.db")
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False)
    assert Path(f"{store.path}-wal").stat().st_size > 0

    kept = restore(tmp_path / "a.db", store.directory, overwrite=True, migrations=migrations)
    assert kept is not None
    assert await notes_of(tmp_path) == {"a": "backed up"}
    assert await restored(kept, tmp_path / "elsewhere") == {"a": "in the log only"}


async def test_a_damaged_store_is_replaced_and_kept_as_it_was_with_its_log(
    tmp_path: Path, migrations: Migrations
) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "backed up"))
        backup(store.path, tmp_path / "a.db")
    store.path.write_bytes(b"no database any more")
    Path(f"{store.path}-wal").write_bytes(b"its log")
    kept = restore(tmp_path / "a.db", store.directory, overwrite=True, migrations=migrations)
    assert kept is not None
    assert kept.read_bytes() == b"no database any more"
    assert Path(f"{kept}-wal").read_bytes() == b"its log"
    assert await notes_of(tmp_path) == {"a": "backed up"}


async def test_nothing_is_restored_into_a_directory_in_use(tmp_path: Path, migrations: Migrations) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        backup(store.path, tmp_path / "a.db")
        with pytest.raises(DirectoryInUse):
            restore(tmp_path / "a.db", store.directory, overwrite=True, migrations=migrations)


async def test_what_is_no_good_backup_is_not_restored(tmp_path: Path, migrations: Migrations) -> None:
    data = tmp_path / "new"
    file = tmp_path / "a.db"
    with pytest.raises(StoreRefused, match="There is no file"):
        restore(file, data, migrations=migrations)
    file.write_bytes(b"")
    with pytest.raises(StoreRefused, match="is empty"):
        restore(file, data, migrations=migrations)
    file.write_bytes(b"no database" * 100)
    with pytest.raises(StoreRefused, match="is damaged"):
        restore(file, data, migrations=migrations)
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "x" * 50_000))
        backup(store.path, file, overwrite=True)
    with file.open("r+b") as damaged:
        damaged.seek(8192)
        damaged.write(b"\xa5" * 4096)
    with pytest.raises(StoreRefused, match="is damaged"):
        restore(file, data, migrations=migrations)
    assert not data.exists()


async def test_a_backup_of_a_newer_release_is_not_restored(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        backup(store.path, tmp_path / "a.db")
    (tmp_path / "older release").mkdir()
    (tmp_path / "older release" / "0000_before.sql").write_text("CREATE TABLE early (id INTEGER);")
    with pytest.raises(StoreRefused, match="a newer release wrote it"):
        restore(tmp_path / "a.db", tmp_path / "new", migrations=Migrations(tmp_path / "older release"))


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


async def test_rows_that_refer_to_nothing_are_found_while_the_server_runs(tmp_path: Path) -> None:
    async with opened(sqlite_notes(tmp_path)) as store:
        await store.transact("here", putting("a", "one"))
        assert integrity(store.path) == []
        careless = sqlite3.connect(store.path)
        careless.execute("INSERT INTO replies VALUES ('here', 'nothing')")
        careless.commit()
        careless.close()
        assert integrity(store.path) == ["table replies, row 1: refers to a row of notes that is not there"]
