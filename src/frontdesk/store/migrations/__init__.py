"""The schema's versions: which one a file has, and what brings it to the newest.

A revision is a pair in `versions/`: `NNNN_name.sql` with plain SQL and `NNNN_name.py`, which tells Alembic to run it.
The number is the revision's id. An empty file gets all scripts at once without Alembic, whose import alone costs half
a second; a test holds that both ways lead to the same schema. Revisions only go forward: yesterday's program must be
able to run on today's schema (expand first, contract a release later).
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from frontdesk.store.faults import StoreRefused

HERE = Path(__file__).parent
VERSIONS = HERE / "versions"

# Word for word what Alembic would write, down to its blank at a line's end.
_VERSION_TABLE = (
    "CREATE TABLE alembic_version (\n"
    "\tversion_num VARCHAR(32) NOT NULL, \n"
    "\tCONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n"
    ")"
)


class Revision(msgspec.Struct, frozen=True):
    id: str
    name: str
    script: Path

    def __str__(self) -> str:
        return f"{self.id} {self.name}"


class StoreTooNew(StoreRefused):
    def __init__(self, stored: str, newest: str) -> None:
        super().__init__(
            f"The store has schema version {stored}, and this Frontdesk knows versions up to {newest}: a newer release "
            "wrote it. Install that release again, or put back a backup from before with `frontdesk restore`."
        )


class Migrations:
    """The revisions of one folder."""

    def __init__(self, versions: Path = VERSIONS) -> None:
        self._versions = versions
        self.revisions = tuple(_revisions(versions))

    @property
    def newest(self) -> str:
        return self.revisions[-1].id

    def stored(self, raw: sqlite3.Connection) -> str | None:
        """The schema version of a file, None for an empty one. Raises StoreRefused, StoreTooNew."""
        tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if not tables:
            return None
        rows = raw.execute("SELECT version_num FROM alembic_version").fetchall() if "alembic_version" in tables else []
        if len(rows) != 1:
            raise StoreRefused("The file is a SQLite database, but not a store of Frontdesk; name another directory.")
        stored: str = rows[0][0]
        if stored not in {revision.id for revision in self.revisions}:
            raise StoreTooNew(stored, self.newest)
        return stored

    def apply(self, open_connection: Callable[[], sqlite3.Connection]) -> list[str]:
        """Bring a file to the newest version; what was run, in order. Each revision is all or nothing."""
        raw = open_connection()
        try:
            stored = self.stored(raw)
            if stored is None:
                self._create(raw)
        finally:
            raw.close()
        if stored is None:
            return [str(revision) for revision in self.revisions]
        if stored == self.newest:
            return []
        from frontdesk.store.migrations import upgrade  # imports Alembic

        upgrade.run(open_connection, HERE, self._versions)
        return [str(revision) for revision in self.revisions if revision.id > stored]

    def _create(self, raw: sqlite3.Connection) -> None:
        raw.execute("BEGIN IMMEDIATE")
        try:
            raw.execute(_VERSION_TABLE)
            for revision in self.revisions:
                for statement in statements_of(revision.script):
                    raw.execute(statement)
            raw.execute("INSERT INTO alembic_version VALUES (?)", (self.newest,))
            raw.execute("COMMIT")
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise


def statements_of(script: Path) -> Iterator[str]:
    """The statements of a script; a semicolon within a trigger or a string ends none."""
    statement = ""
    for piece in re.split(r"(?<=;)", script.read_text(encoding="utf-8")):
        statement += piece
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    if re.sub(r"--[^\n]*|/\*.*?\*/", "", statement, flags=re.DOTALL).strip():
        raise StoreRefused(f"{script.name} ends within a statement; this installation is damaged.")


def run_script(revision: str) -> None:
    """What a revision's `upgrade` does: run the `.sql` beside the given `.py`."""
    from alembic import op

    connection = op.get_bind()
    for statement in statements_of(Path(revision).with_suffix(".sql")):
        connection.exec_driver_sql(statement)


def _revisions(versions: Path) -> Iterator[Revision]:
    for script in sorted(versions.glob("*.sql")):
        number, _, name = script.stem.partition("_")
        yield Revision(number, name.replace("_", " "), script)
