"""Every statement finds its rows by the index that its comment names: what an operation costs follows its own work."""

import re
import sqlite3
from collections.abc import Iterator

import pytest

from frontdesk.store import statements
from frontdesk.store.migrations import Migrations
from frontdesk.store.statements import Statement

#: Statements that walk through all of something, and why they may.
WALKS = {
    ("server", "contact_centres"): "a server has few contact centres, and asks when it starts",
    ("agents", "all_sessions"): "a list of everybody's presence in one contact centre",
    ("agents", "all_channels"): "a list of everybody's presence in one contact centre",
    ("policies", "newest"): "one row, the first from the end",
    ("policies", "newest_version"): "one row, the first from the end",
    ("policies", "page"): "a page of them, from the end",
    ("traffic", "all_events"): "a period of the history is written down, off the server",
    ("users", "all"): "a list of all users of one contact centre",
    ("tokens", "all"): "a list of all tokens of one contact centre",
    ("verify", "size"): "counts what will be walked through",
    ("verify", "sums_of_counters"): "checking looks at everything",
}
STATEMENTS = [
    pytest.param(path.stem, statement, id=f"{path.stem}.{statement.name}")
    for path in sorted(statements.SQL_FOLDER.glob("*.sql"))
    for statement in statements.load(path.stem)
]
#: Tables of which a contact centre has one row.
ONE_EACH = re.compile(r"^SEARCH routing_leases USING PRIMARY KEY ")
# Bound by the contact centre alone is no better than not bound: all may belong to one.
WALK = re.compile(r"^SCAN (?!CONSTANT ROW)|\(contact_centre=\?\)$")
INDEX = re.compile(r"USING (?:COVERING )?INDEX (\w+)")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A connection to an empty file of the newest schema."""
    path = tmp_path_factory.mktemp("plans") / "store"
    Migrations().apply(lambda: sqlite3.connect(path, isolation_level=None))
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def walks(steps: list[str]) -> list[str]:
    """The steps that look at all of a table, or all that a contact centre has of it; not at all of a subquery."""
    subqueries = {name for step in steps for name in re.findall(r"^(?:CO-ROUTINE|MATERIALIZE) (\w+)", step)}
    found = [step for step in steps if WALK.search(step) and not ONE_EACH.search(step)]
    return [step for step in found if step.removeprefix("SCAN ") not in subqueries]


def plan(raw: sqlite3.Connection, statement: Statement) -> list[str]:
    """The steps that SQLite would take."""
    rows = raw.execute(f"EXPLAIN QUERY PLAN {statement.text}", dict.fromkeys(statement.params))
    return [step for *_, step in rows]


@pytest.mark.parametrize(("noun", "statement"), STATEMENTS)
def test_a_statement_walks_through_nothing_that_grows(raw: sqlite3.Connection, noun: str, statement: Statement) -> None:
    found = walks(plan(raw, statement))
    may = (noun, statement.name) in WALKS or (noun == "verify" and statement.name.startswith("all_"))
    assert bool(found) == may, found
    if may:
        assert "TEMP B-TREE" not in str(plan(raw, statement)), "it sorts, and that takes memory"


@pytest.mark.parametrize(("noun", "statement"), STATEMENTS)
def test_a_statement_uses_the_indexes_that_it_says(raw: sqlite3.Connection, noun: str, statement: Statement) -> None:
    known = {name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    said = known.intersection(re.findall(r"\w+", statement.comment))
    used = {name for step in plan(raw, statement) for name in INDEX.findall(step)}

    assert {name for name in used if not name.startswith("sqlite_autoindex")} == said
    if said != used:
        assert re.search(r"primary key|unique", statement.comment), f"uses {used - said}, which it does not say"


@pytest.mark.parametrize(("noun", "statement"), STATEMENTS)
def test_a_statement_says_which_params_it_takes(noun: str, statement: Statement) -> None:
    [told] = re.findall(r"Params: ([^.]*)\.", statement.comment)
    if "columns" in told:  # as many as the table has
        told += " " + " ".join(statement.params)
    names = set(re.findall(r"[a-z_]+", told)) | {"none"}
    assert names.issuperset(statement.params)


def test_counting_reads_the_index_alone(raw: sqlite3.Connection) -> None:
    counts = [
        statement
        for noun, statement in (param.values for param in STATEMENTS)
        if isinstance(statement, Statement) and "count(*)" in statement.text and noun != "verify"
    ]
    assert counts
    for statement in counts:
        [step] = plan(raw, statement)
        assert "USING COVERING INDEX" in step, statement.name


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM events WHERE body = :x", "SELECT * FROM tokens WHERE contact_centre = :x"]
)
def test_a_walk_is_seen(raw: sqlite3.Connection, statement: str) -> None:
    assert walks(plan(raw, statements.statement("bad", statement)))
