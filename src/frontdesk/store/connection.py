"""What the nouns of the store see of an engine: three verbs on one transaction, and how it can end badly.

The promises here hold for every engine. A statement that fails ends its transaction: later statements raise the same
error, and the transaction is undone even if its body catches the error and returns. (PostgreSQL can do no other, and a
body must not behave differently on SQLite; whoever expects a conflict writes `ON CONFLICT`.) A connection is good
until its body ends and useless afterwards.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from frontdesk.store.statements import Statement

Row = tuple[Any, ...]
NO_PARAMS: Mapping[str, Any] = {}


class Connection(Protocol):
    """One transaction on one engine. Every parameter that a statement names must be given; more do no harm."""

    async def one(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> Row | None:
        """The first row, or None. Also for writes with RETURNING."""
        ...

    async def all(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> list[Row]: ...

    async def run(self, sql: Statement, params: Mapping[str, Any] = NO_PARAMS) -> int:
        """Write; how many rows it touched."""
        ...


class HasOutbox(Protocol):
    """What the engine asks of a transaction: what it has to tell once it is committed, in order."""

    outbox: list[Any]


class Constraint(StrEnum):
    UNIQUE = "unique"  # primary keys too
    FOREIGN_KEY = "foreign key"
    CHECK = "check"
    NOT_NULL = "not null"
    OTHER = "other"


class ConstraintViolated(Exception):
    """A statement would have broken a constraint. A noun says in its own words what that means."""

    def __init__(self, constraint: Constraint, why: str, statement: str) -> None:
        super().__init__(f"{statement}: {why}")
        self.constraint = constraint


class BodySuspended(RuntimeError):
    """A bug: a body awaited something other than its transaction. It was undone."""

    def __init__(self, body: Callable[..., object]) -> None:
        name = getattr(body, "__qualname__", repr(body))
        super().__init__(f"{name} awaited something other than its transaction; nothing was changed")


class TransactionOver(RuntimeError):
    """A bug: a transaction was used after its body had ended."""

    def __init__(self) -> None:
        super().__init__("this transaction is over; nothing can be read or written through it any more")


class WroteInRead(RuntimeError):
    """A bug: a body that was given to `read` or `report` tried to write."""

    def __init__(self, statement: str) -> None:
        super().__init__(f"{statement} writes, but its transaction only reads; use `transact`")
