"""The schema's way from version to version: both ways to the newest one meet, and each step is all or nothing."""

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from frontdesk.store.faults import StoreRefused
from frontdesk.store.migrations import HERE, VERSIONS, Migrations, StoreTooNew, statements_of, upgrade
from frontdesk.store.ownership import DirectoryInUse, Ownership
from frontdesk.store.sqlite import migrate
from frontdesk.store.sqlite.opening import open_for_writing
from frontdesk.store.sqlite.upgrade import bring_up_to_date, create_file

REVISION = """
from frontdesk.store.migrations import run_script

revision = "{id}"
down_revision = {before!r}


def upgrade() -> None:
    run_script(__file__)
"""

FIRST = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE letters (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES people (id),
    body TEXT NOT NULL DEFAULT 'a; b' -- it's a semicolon; in a string
);
CREATE TRIGGER letters_are_kept BEFORE DELETE ON letters BEGIN
    SELECT raise(ABORT, 'kept; for ever');
END;
"""
SECOND = """
ALTER TABLE people ADD COLUMN town TEXT NOT NULL DEFAULT 'nowhere: %';
CREATE INDEX people_by_town ON people (town);
"""
THIRD = """
-- A table that others refer to is rebuilt: its rows must not go while it does.
CREATE TABLE people_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, town TEXT);
INSERT INTO people_new SELECT id, name, town FROM people;
DROP TABLE people;
ALTER TABLE people_new RENAME TO people;
"""


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "100% versions"
    folder.mkdir()
    return folder


def publish(versions: Path, number: int, name: str, sql: str) -> Migrations:
    """Add a revision, as a new release would; the migrations of that release."""
    stem = f"{number:04}_{name}"
    before = f"{number - 1:04}" if number > 1 else None
    (versions / f"{stem}.sql").write_text(sql, encoding="utf-8")
    (versions / f"{stem}.py").write_text(REVISION.format(id=f"{number:04}", before=before), encoding="utf-8")
    return Migrations(versions)


def schema(store: Path) -> set[tuple[str, ...]]:
    raw = sqlite3.connect(store)
    rows = raw.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema").fetchall()
    (version,) = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    raw.close()
    return {*rows, ("version", version)}


def changed(store: Path, sql: str) -> None:
    raw = sqlite3.connect(store, isolation_level=None)
    raw.execute(sql)
    raw.close()


def asked(store: Path, sql: str) -> list[tuple[object, ...]]:
    raw = sqlite3.connect(store)
    rows = raw.execute(sql).fetchall()
    raw.close()
    return rows


# ── from any version to the newest ───────────────────────────────────────────────────────────────


def test_a_new_directory_gets_the_newest_schema_at_once(tmp_path: Path, versions: Path) -> None:
    publish(versions, 1, "first", FIRST)
    migrations = publish(versions, 2, "towns", SECOND)
    assert migrate(tmp_path / "data", migrations) == ["0001 first", "0002 towns"]
    assert migrate(tmp_path / "data", migrations) == []


def test_an_older_store_is_brought_to_the_same_schema_with_its_rows(tmp_path: Path, versions: Path) -> None:
    old = publish(versions, 1, "first", FIRST)
    migrate(tmp_path / "data", old)
    store = tmp_path / "data" / "frontdesk.db"
    changed(store, "INSERT INTO people (name) VALUES ('Ada')")
    changed(store, "INSERT INTO letters (person) VALUES (1)")
    publish(versions, 2, "towns", SECOND)
    new = publish(versions, 3, "towns_may_be_unknown", THIRD)

    assert migrate(tmp_path / "data", new) == ["0002 towns", "0003 towns may be unknown"]
    migrate(tmp_path / "fresh", new)
    assert schema(store) == schema(tmp_path / "fresh" / "frontdesk.db")
    assert asked(store, "SELECT name, town FROM people") == [("Ada", "nowhere: %")]
    assert asked(store, "SELECT person, body FROM letters") == [(1, "a; b")]


def test_our_own_revisions_lead_to_the_same_schema_both_ways(tmp_path: Path) -> None:
    migrations = Migrations()
    migrate(tmp_path / "at once", migrations)
    empty = tmp_path / "with alembic" / "frontdesk.db"
    empty.parent.mkdir()
    create_file(empty)
    upgrade.run(lambda: open_for_writing(empty), HERE, VERSIONS)
    assert schema(empty) == schema(tmp_path / "at once" / "frontdesk.db")


def test_agents_of_the_first_schema_stay_what_they_were(tmp_path: Path, versions: Path) -> None:
    for script in VERSIONS.glob("0001_*"):
        shutil.copy(script, versions)
    migrate(tmp_path / "data", Migrations(versions))
    store = tmp_path / "data" / "frontdesk.db"
    changed(store, "INSERT INTO agent_channels VALUES ('ours', 'ada', 'chat', 'Ready', 0, 5, 6, 2, 3)")

    migrate(tmp_path / "data")

    row = ("ours", "ada", "chat", "Ready", 0, 5, 6, 2)  # how many there is room for is what the policy says, since
    assert asked(store, "SELECT * FROM agent_channels") == [(*row, 1, 0, None, None, None)]


def test_file_names_scripts_and_alembic_agree_on_our_revisions() -> None:
    script = ScriptDirectory(str(HERE), version_locations=[str(VERSIONS)])
    told = [revision.revision for revision in script.walk_revisions()][::-1]
    assert told == [revision.id for revision in Migrations().revisions]
    assert script.get_current_head() == Migrations().newest
    assert all(re.fullmatch(r"\d{4}", number) for number in told)


def test_starting_on_a_store_that_is_up_to_date_does_not_import_alembic(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from frontdesk.store.sqlite import migrate\n"
        "for _ in range(2): migrate(Path(sys.argv[1]))\n"
        "print([name for name in sys.modules if name.startswith(('alembic', 'sqlalchemy'))])"
    )
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


# ── refused, or failed half-way ──────────────────────────────────────────────────────────────────


def test_a_store_of_a_newer_release_is_refused_and_left_alone(tmp_path: Path, versions: Path) -> None:
    old = publish(versions, 1, "first", FIRST)
    migrate(tmp_path / "data", publish(versions, 2, "towns", SECOND))
    before = schema(tmp_path / "data" / "frontdesk.db")
    with pytest.raises(StoreTooNew, match="schema version 0002, and this Frontdesk knows versions up to 0001"):
        migrate(tmp_path / "data", old)
    assert schema(tmp_path / "data" / "frontdesk.db") == before


def test_a_migration_that_fails_leaves_the_version_before_it(tmp_path: Path, versions: Path) -> None:
    migrate(tmp_path / "data", publish(versions, 1, "first", FIRST))
    publish(versions, 2, "towns", SECOND)
    broken = publish(versions, 3, "broken", "CREATE TABLE half (id INTEGER);\nINSERT INTO nowhere VALUES (1);")
    store = tmp_path / "data" / "frontdesk.db"
    with pytest.raises(Exception, match="nowhere"):
        migrate(tmp_path / "data", broken)
    assert asked(store, "SELECT version_num FROM alembic_version") == [("0002",)]
    assert asked(store, "SELECT name FROM sqlite_schema WHERE name = 'half'") == []

    repaired = publish(versions, 3, "broken", "CREATE TABLE half (id INTEGER);")
    assert migrate(tmp_path / "data", repaired) == ["0003 broken"]


def test_a_first_start_that_fails_leaves_an_empty_file_for_the_next(tmp_path: Path, versions: Path) -> None:
    broken = publish(versions, 1, "first", "CREATE TABLE half (id INTEGER);\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(tmp_path / "data", broken)
    assert migrate(tmp_path / "data", publish(versions, 1, "first", FIRST)) == ["0001 first"]


def test_a_migration_that_would_leave_orphans_is_refused(tmp_path: Path, versions: Path) -> None:
    migrate(tmp_path / "data", publish(versions, 1, "first", FIRST))
    store = tmp_path / "data" / "frontdesk.db"
    changed(store, "INSERT INTO people (name) VALUES ('Ada')")
    changed(store, "INSERT INTO letters (person) VALUES (1)")
    careless = publish(versions, 2, "careless", "DELETE FROM people;")
    with pytest.raises(StoreRefused, match="Revision 0002 would leave 1 rows that refer to nothing"):
        migrate(tmp_path / "data", careless)
    assert asked(store, "SELECT name FROM people") == [("Ada",)]


def test_a_store_in_use_is_not_migrated(tmp_path: Path, versions: Path) -> None:
    migrations = publish(versions, 1, "first", FIRST)
    with Ownership.take(tmp_path / "data"), pytest.raises(DirectoryInUse):
        migrate(tmp_path / "data", migrations)


def test_a_script_that_ends_within_a_statement_is_not_run(tmp_path: Path, versions: Path) -> None:
    torn = publish(versions, 1, "first", "CREATE TABLE whole (id INTEGER);\nCREATE TABLE half (id")
    with pytest.raises(StoreRefused, match=r"0001_first\.sql ends within a statement"):
        bring_up_to_date(tmp_path / "a.db", torn)
    assert len(list(statements_of(VERSIONS / "0001_first.sql"))) > 10
