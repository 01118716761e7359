"""What every engine promises to the services: the same tests for each of them."""

import asyncio
import threading
from contextvars import ContextVar
from typing import Any

import pytest

from frontdesk.store.connection import Constraint, ConstraintViolated, TransactionOver, WroteInRead
from frontdesk.store.faults import ReportTooSlow
from tests.store.engines import SQL, House, Notes, NotesStore, all_notes, putting, together

WHO: ContextVar[str] = ContextVar("who", default="nobody")


class Refused(Exception):
    """What a body raises that does not want its changes."""


async def refused(tx: Notes) -> None:
    await tx.put("mine", "never")
    tx.outbox.append("never")
    raise Refused


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_written_is_returned_and_read(notes: NotesStore) -> None:
    assert await notes.transact("here", putting("a", "one")) == "one"
    assert await notes.read("here", all_notes) == {"a": "one"}


async def test_a_body_reads_its_own_writes(notes: NotesStore) -> None:
    async def body(tx: Notes) -> tuple[str | None, str | None, int, int, str | None]:
        await tx.put("a", "one")
        return (
            await tx.get("a"),
            await tx.append("a", "+"),
            await tx.remove("a"),
            await tx.remove("a"),
            await tx.get("a"),
        )

    assert await notes.transact("here", body) == ("one", "one+", 1, 0, None)


async def test_rooms_are_apart_and_the_house_sees_all(notes: NotesStore) -> None:
    await notes.transact("here", putting("a", "one"))
    await notes.transact("there", putting("a", "two"))

    async def furnish(tx: House) -> None:
        await tx.room("attic").put("a", "three")

    await notes.transact_server(furnish)
    assert await notes.read("there", all_notes) == {"a": "two"}
    assert await notes.read_server(lambda tx: tx.rooms()) == ["attic", "here", "there"]


async def test_a_refusal_undoes_its_own_changes_and_no_other(notes: NotesStore) -> None:
    first, second, third = await together(notes, putting("a", "one"), refused, putting("b", "two"))
    assert (first, third) == ("one", "two")
    assert isinstance(second, Refused)
    assert await notes.read("here", all_notes) == {"a": "one", "b": "two"}


@pytest.mark.parametrize(
    ("break_it", "constraint"),
    [
        (lambda tx: tx.add("taken", "again"), Constraint.UNIQUE),
        (lambda tx: tx.put("long", "x" * 100_000), Constraint.CHECK),
        (lambda tx: tx.put("empty", None), Constraint.NOT_NULL),
        (lambda tx: tx.reply("nobody"), Constraint.FOREIGN_KEY),
    ],
)
async def test_a_broken_constraint_is_named_and_undoes_its_own_changes(
    notes: NotesStore, break_it: Any, constraint: Constraint
) -> None:
    await notes.transact("here", putting("taken", "first"))

    async def body(tx: Notes) -> None:
        await tx.put("before", "never")
        await break_it(tx)

    broken, fine = await together(notes, body, putting("a", "one"))
    assert isinstance(broken, ConstraintViolated)
    assert broken.constraint is constraint
    assert fine == "one"
    assert await notes.read("here", all_notes) == {"taken": "first", "a": "one"}


async def test_a_failed_statement_ends_the_transaction_even_if_the_body_hides_it(notes: NotesStore) -> None:
    await notes.transact("here", putting("taken", "first"))
    seen: list[BaseException] = []

    async def body(tx: Notes) -> str:
        for key in ("taken", "free"):
            try:
                await tx.add(key, "never")
            except ConstraintViolated as error:
                seen.append(error)
        return "all is well"

    with pytest.raises(ConstraintViolated) as told:
        await notes.transact("here", body)
    assert seen == [told.value, told.value]
    assert await notes.read("here", all_notes) == {"taken": "first"}


async def test_a_body_may_say_in_its_own_words_what_a_broken_constraint_means(notes: NotesStore) -> None:
    await notes.transact("here", putting("taken", "first"))

    async def body(tx: Notes) -> None:
        try:
            await tx.add("taken", "again")
        except ConstraintViolated:
            raise Refused from None

    with pytest.raises(Refused):
        await notes.transact("here", body)


async def test_a_transaction_is_of_no_use_after_its_body(notes: NotesStore) -> None:
    kept: list[Notes] = []

    async def body(tx: Notes) -> None:
        kept.append(tx)

    await notes.transact("here", body)
    await notes.read("here", body)
    for tx in kept:
        with pytest.raises(TransactionOver):
            await tx.put("late", "never")


async def test_a_body_runs_in_the_context_of_its_caller(notes: NotesStore) -> None:
    async def body(_tx: Notes) -> str:
        return WHO.get()

    async def caller(name: str) -> tuple[str, str, str]:
        WHO.set(name)
        return (
            await notes.transact("here", body),
            await notes.read("here", body),
            await notes.report("here", body, limit_s=10),
        )

    ada, grace = await asyncio.gather(caller("ada"), caller("grace"))
    assert (ada, grace) == (("ada",) * 3, ("grace",) * 3)


async def test_wrong_sql_is_a_bug_and_says_which_statement(notes: NotesStore) -> None:
    async def body(tx: Notes) -> None:
        await tx.connection.one(SQL.wrong)

    with pytest.raises(Exception, match="nowhere") as told:
        await notes.transact("here", body)
    assert any("'wrong'" in note for note in told.value.__notes__)


async def test_callers_do_not_lose_each_others_writes(notes: NotesStore) -> None:
    async def add_one(tx: Notes) -> None:
        await tx.put("count", str(int(await tx.get("count") or 0) + 1))

    async def caller() -> None:
        for _ in range(10):
            await notes.transact("here", add_one)

    await asyncio.gather(*(caller() for _ in range(20)))
    assert await notes.read("here", all_notes) == {"count": "200"}


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_committed_is_told_in_order_before_the_callers_know(notes: NotesStore) -> None:
    order: list[str] = []
    notes.on_commit = lambda committed: order.extend(f"told {key}" for key, _ in committed)

    async def caller(key: str) -> None:
        await notes.transact("here", putting(key, "text"))
        order.append(f"answered {key}")

    await caller("a")
    await asyncio.gather(*(caller(key) for key in "bcd"))
    assert order == ["told a", "answered a", *(f"told {key}" for key in "bcd"), *(f"answered {key}" for key in "bcd")]


async def test_what_was_undone_is_not_told(notes: NotesStore) -> None:
    told: list[Any] = []
    notes.on_commit = told.extend
    await together(notes, refused, putting("a", "one"), refused)
    assert told == [("a", "one")]


async def test_a_hearer_that_fails_costs_no_caller_its_answer(notes: NotesStore) -> None:
    def fail(_committed: Any) -> None:
        raise Refused

    notes.on_commit = fail
    assert await notes.transact("here", putting("a", "one")) == "one"


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_read_sees_every_acknowledged_write(notes: NotesStore) -> None:
    async def caller(key: str) -> None:
        for number in range(20):
            await notes.transact("here", putting(key, str(number)))
            assert (await notes.read("here", all_notes))[key] == str(number)
            assert (await notes.report("here", all_notes, limit_s=10))[key] == str(number)

    await asyncio.gather(*(caller(key) for key in "abcd"))


async def test_a_body_that_only_reads_cannot_write(notes: NotesStore) -> None:
    with pytest.raises(WroteInRead, match="put_note"):
        await notes.read("here", putting("a", "one"))
    with pytest.raises(WroteInRead, match="put_note"):
        await notes.report("here", putting("a", "one"), limit_s=10)
    assert await notes.read("here", all_notes) == {}


async def test_a_read_that_fails_leaves_the_next_one_well(notes: NotesStore) -> None:
    async def body(tx: Notes) -> None:
        await tx.all()
        raise Refused

    for _ in range(3):
        with pytest.raises(Refused):
            await notes.read("here", body)
        with pytest.raises(Refused):
            await notes.report("here", body, limit_s=10)
    assert await notes.read("here", all_notes) == {}


async def test_a_report_sees_one_moment_while_the_writer_goes_on(notes: NotesStore) -> None:
    await notes.transact("here", putting("a", "before"))
    began, may_go_on = threading.Event(), threading.Event()

    async def body(tx: Notes) -> tuple[str | None, str | None]:
        first = await tx.get("a")
        began.set()
        assert may_go_on.wait(10)
        return first, await tx.get("a")

    report = asyncio.create_task(notes.report("here", body, limit_s=30))
    await asyncio.to_thread(began.wait, 10)
    await notes.transact("here", putting("a", "after"))
    assert await notes.read("here", all_notes) == {"a": "after"}
    may_go_on.set()
    assert await report == ("before", "before")
    assert await notes.report("here", all_notes, limit_s=10) == {"a": "after"}


async def count_for_ever(tx: Notes) -> None:
    await tx.count_for_ever()


async def test_a_report_that_takes_too_long_is_ended_and_says_so(notes: NotesStore) -> None:
    with pytest.raises(ReportTooSlow, match=r"longer than 0\.05 s"):
        await notes.report("here", count_for_ever, limit_s=0.05)
    assert await notes.report("here", all_notes, limit_s=10) == {}
    assert notes.statistics.reports_out_of_time == 1


async def test_reports_that_wait_too_long_for_their_turn_are_not_begun(notes: NotesStore) -> None:
    outcomes = await asyncio.gather(
        *(notes.report("here", count_for_ever, limit_s=0.05) for _ in range(20)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [ReportTooSlow] * 20


async def test_a_report_nobody_waits_for_any_more_is_ended(notes: NotesStore) -> None:
    began = threading.Event()

    async def body(tx: Notes) -> None:
        began.set()
        await tx.count_for_ever()

    reports = [asyncio.create_task(notes.report("here", body, limit_s=3600)) for _ in range(4)]
    await asyncio.to_thread(began.wait, 10)
    for report in reports:
        report.cancel()
    assert await notes.report("here", all_notes, limit_s=10) == {}
