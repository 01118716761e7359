"""One transaction on a SQLite connection, and the translation of what SQLite calls errors into ours.

Nothing here ever suspends: a body that awaits only its transaction runs to its end in one step.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

from frontdesk.core.errors import StoreUnavailable
from frontdesk.store.connection import (
    NO_PARAMS,
    BodySuspended,
    Constraint,
    ConstraintViolated,
    Row,
    TransactionOver,
    WroteInRead,
)
from frontdesk.store.faults import StoreCorrupt
from frontdesk.store.statements import Statement

Tx = TypeVar("Tx")
T = TypeVar("T")


class SqliteConnection:
    """A `Connection` for the length of one body. `failure` is the error that ended it early, if one did."""

    __slots__ = ("_file", "_raw", "_reads_only", "failure")

    def __init__(self, raw: sqlite3.Connection, file: str, *, reads_only: bool = False) -> None:
        self._raw: sqlite3.Connection | _Over = raw
        self._file = file
        self._reads_only = reads_only
        self.failure: Exception | None = None

    async def one(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> Row | None:
        try:
            row: Row | None = self._raw.execute(sql.text, params).fetchone()
        except sqlite3.Error as error:
            self._fail(error, sql)
        return row

    async def all(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> list[Row]:
        try:
            return self._raw.execute(sql.text, params).fetchall()
        except sqlite3.Error as error:
            self._fail(error, sql)

    async def run(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> int:
        try:
            return self._raw.execute(sql.text, params).rowcount
        except sqlite3.Error as error:
            self._fail(error, sql)

    def end(self) -> None:
        """Nothing goes through this connection any more."""
        if self.failure is None:
            self._raw = _Over(TransactionOver())

    def _fail(self, error: sqlite3.Error, sql: Statement) -> NoReturn:
        if self._reads_only and primary_code(error) == sqlite3.SQLITE_READONLY:
            self.failure = WroteInRead(sql.name)
        else:
            self.failure = translated(error, self._file, sql.name)
        self._raw = _Over(self.failure)
        raise self.failure from (None if self.failure is error else error)


class _Over:
    """Stands where the connection was when nothing may go through it any more."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def execute(self, _sql: str, _params: Mapping[str, Any]) -> NoReturn:
        raise self._error


def drive(connection: SqliteConnection, tx: Tx, body: Callable[[Tx], Awaitable[T]]) -> T:
    """Run `body` to its end in one step. Raises what it raises, or the failure it tried to hide."""
    try:
        steps = body(tx).__await__()
        try:
            next(steps)
        except StopIteration as ended:
            value: T = ended.value
        else:
            with suppress(Exception):
                steps.close()  # what its `finally` blocks do is undone with the rest
            raise BodySuspended(body)
        if connection.failure is not None:
            raise connection.failure
        return value
    finally:
        connection.end()


def primary_code(error: BaseException) -> int:
    """SQLite's result code without its extension; 0 when the error is not SQLite's own."""
    code: int = getattr(error, "sqlite_errorcode", None) or 0
    return code & 0xFF


_CONSTRAINTS = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: Constraint.UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: Constraint.UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_ROWID: Constraint.UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: Constraint.FOREIGN_KEY,
    sqlite3.SQLITE_CONSTRAINT_CHECK: Constraint.CHECK,
    sqlite3.SQLITE_CONSTRAINT_NOTNULL: Constraint.NOT_NULL,
}

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_UNAVAILABLE = {
    sqlite3.SQLITE_FULL: "the disk that holds {file} is full; make room on it",
    sqlite3.SQLITE_IOERR: "the disk that holds {file} fails ({detail}); the system's log tells more",
    sqlite3.SQLITE_READONLY: "{file} cannot be written to ({detail}); check its owner, its permissions and its disk",
    sqlite3.SQLITE_PERM: "{file} cannot be written to ({detail}); check its owner, its permissions and its disk",
    sqlite3.SQLITE_CANTOPEN: "{file} cannot be opened; check that it and its directory exist and may be written to",
    sqlite3.SQLITE_BUSY: "another process is writing to {file}; end it if it does not end by itself",
    sqlite3.SQLITE_LOCKED: "another process is writing to {file}; end it if it does not end by itself",
    sqlite3.SQLITE_PROTOCOL: "the locks of {file} do not work ({detail}); it must be on a local disk",
    sqlite3.SQLITE_NOMEM: "there is not enough memory to work on {file}",
    sqlite3.SQLITE_INTERRUPT: "the work on {file} was interrupted",
}


def translated(error: sqlite3.Error, file: str, statement: str = "") -> Exception:
    """Our word for an error of SQLite. What is a bug (wrong SQL, a missing parameter) stays as it is."""
    code = primary_code(error)
    if code == sqlite3.SQLITE_CONSTRAINT:
        constraint = _CONSTRAINTS.get(error.sqlite_errorcode, Constraint.OTHER)
        return ConstraintViolated(constraint, str(error), statement)
    if code in _DAMAGE:
        return StoreCorrupt(file, str(error))
    if code in _UNAVAILABLE:
        return StoreUnavailable(reason(error, file))
    if statement:
        error.add_note(f"in the statement '{statement}'")
    return error


def unavailable(error: BaseException, file: str) -> StoreUnavailable:
    """For callers who did not cause the error: it is always a `StoreUnavailable`."""
    if isinstance(error, StoreUnavailable):
        return error
    if primary_code(error) in _DAMAGE:
        return StoreCorrupt(file, str(error))
    return StoreUnavailable(reason(error, file))


def reason(error: BaseException, file: str) -> str:
    """What is in the way and what helps, as the middle of a sentence."""
    code = primary_code(error)
    if code in _DAMAGE:
        return f"{file} is damaged ({error}); put back a backup with `frontdesk restore`"
    detail = getattr(error, "sqlite_errorname", None) or str(error)
    return _UNAVAILABLE.get(code, "{file} could not be written to ({error})").format(
        file=file, detail=detail, error=error
    )
