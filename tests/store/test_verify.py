"""A store that was only written through its nouns is sound; whatever is changed behind their back is found."""

import asyncio
import shutil
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from frontdesk.core import interactions
from frontdesk.core.directory import Queue
from frontdesk.core.emails import Email
from frontdesk.core.ids import ContactCentreId, InteractionId, OwnerId, QueueId
from frontdesk.core.interactions import Change
from frontdesk.ports import Transaction
from frontdesk.services import journal
from frontdesk.store.faults import StoreRefused
from frontdesk.store.findings import Finding, Law
from frontdesk.store.ownership import STORE_FILE
from frontdesk.store.verify import verify
from tests.store.centres import ADA, GRACE, LINUS, NOON_MS, SALES, Centre, sqlite_store
from tests.store.floor import DRAFTS, LIMITS, TEAM, create, furnish, submit

NAMES = {"ada": ADA, "grace": GRACE, "linus": LINUS, "team": TEAM, "drafts": DRAFTS}
DEADLINE_MS = NOON_MS + 30_000


async def live(tx: Transaction) -> None:
    """One interaction in every kind of place, each called for it."""
    await furnish(tx)
    await then(tx, submit("QUEUED", priority=3, external_id="crm-1"))

    offered = await then(tx, submit("INVITED"))
    await then(tx, interactions.offer(offered.after, (ADA, GRACE), deadline_ms=DEADLINE_MS))

    owned = await accepted(tx, "OWNED")
    await then(tx, interactions.attach_user_data(owned.after, ADA, {"Note": "two"}, LIMITS))
    done = await accepted(tx, "DONE")
    await then(tx, interactions.complete(done.after, ADA))
    parked = await accepted(tx, "PARKED")
    await then(tx, interactions.place_in_workbin(parked.after, ADA, DRAFTS, OwnerId(GRACE)))

    await then(tx, create("DRAFT", LINUS))
    await tx.emails.add(InteractionId("DRAFT"), Email(subject="draft"), raw=None, digest=None)
    await then(tx, submit("MAIL", media_type="email", queue=SALES))
    await tx.emails.add(InteractionId("MAIL"), Email(subject="mail"), raw=b"mail", digest="digest")


async def then(tx: Transaction, change: Change) -> Change:
    await journal.record(tx, change, at_ms=NOON_MS)
    return change


async def accepted(tx: Transaction, name: str) -> Change:
    born = await then(tx, submit(name))
    offered = await then(tx, interactions.offer(born.after, (ADA,), deadline_ms=DEADLINE_MS))
    return await then(tx, interactions.accept(offered.after, ADA))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed store in which all of this happened, in two contact centres."""
    directory = tmp_path_factory.mktemp("sound")

    async def fill() -> None:
        store = sqlite_store(directory)
        await store.open()
        await (await Centre.founded(store, "ours")).does(live)
        theirs, queue = await Centre.founded(store, "theirs"), QueueId("queue-theirs")
        await theirs.does(lambda tx: tx.queues.add(Queue(id=queue, name="Theirs")))
        await theirs.does(lambda tx: then(tx, submit("THEIRS", queue=queue)))
        await store.close()

    asyncio.run(fill())
    return directory


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    """A copy of it to spoil."""
    return Path(shutil.copytree(sound, tmp_path / "copy"))


def spoil(directory: Path, *statements: str) -> None:
    """Write behind the nouns' back."""
    with closing(sqlite3.connect(directory / STORE_FILE)) as raw, raw:
        for statement in statements:
            assert raw.execute(statement, NAMES).rowcount > 0, statement


def findings(directory: Path) -> list[Finding]:
    return list(verify(directory))


def test_a_store_written_through_its_nouns_is_sound(sound: Path) -> None:
    assert findings(sound) == []


COLUMN = "UPDATE interactions SET {} WHERE id = 'QUEUED'"
PLACE = "UPDATE interactions SET image = json_set(image, {}), {} WHERE id = '{}'"
STEP = (
    "UPDATE events SET body = json_set(body, '$.trigger', '{}') WHERE interaction = '{}' AND body LIKE '%\"Accept\"%'"
)

BROKEN: list[tuple[Law, str, str, str]] = [
    # images
    (Law.IMAGE, "interaction QUEUED", "cannot be read", "UPDATE interactions SET image = '{' WHERE id = 'QUEUED'"),
    (Law.IMAGE, "event 1", "cannot be read", "UPDATE events SET body = '{}' WHERE seq = 1"),
    (Law.IMAGE, "queue queue-sales", "cannot be read", "UPDATE directory SET image = '[]' WHERE id = 'queue-sales'"),
    (Law.IMAGE, f"user {ADA}", "cannot be read", "UPDATE users SET image = '{}' WHERE user_name = 'ada'"),
    (Law.IMAGE, "token token", "cannot be read", "UPDATE tokens SET image = ''"),
    (Law.IMAGE, "e-mail MAIL", "cannot be read", "UPDATE emails SET image = '7' WHERE interaction = 'MAIL'"),
    # columns
    *(
        (Law.COLUMNS, "interaction QUEUED", f"'{change.split(' ')[0]}'", COLUMN.format(change))
        for change in (
            *("version = 9", "state = 'Sent'", "is_live = 0", "media_type = 'chat'", "queue = 'queue-sales'"),
            *("priority = 0", "queued_at_ms = 1", "deadline_ms = 1", "external_id = NULL"),
            *("owner = :ada", "workbin = :drafts", "workbin_owner = :ada"),
        )
    ),
    (Law.COLUMNS, "event 1", "'at_ms'", "UPDATE events SET at_ms = 1 WHERE seq = 1"),
    (Law.COLUMNS, "event 1", "'interaction'", "UPDATE events SET interaction = 'DRAFT' WHERE seq = 1"),
    (Law.COLUMNS, "event 1", "'interaction'", "UPDATE events SET interaction = NULL WHERE seq = 1"),
    (Law.COLUMNS, "queue queue-sales", "'name'", "UPDATE directory SET name = 'Sails' WHERE id = 'queue-sales'"),
    (Law.COLUMNS, "queue queue-sales", "'version'", "UPDATE directory SET version = 2 WHERE id = 'queue-sales'"),
    (
        Law.COLUMNS,
        "door 1",
        "no such things",
        "INSERT INTO directory VALUES ('centre-ours', 'door', '1', 'D', 1, '{}')",
    ),
    (Law.COLUMNS, f"user {ADA}", "'user_name'", "UPDATE users SET user_name = 'eve' WHERE user_name = 'ada'"),
    (Law.COLUMNS, f"user {ADA}", "'version'", "UPDATE users SET version = 2 WHERE user_name = 'ada'"),
    (Law.COLUMNS, "token token", "'user_id'", "UPDATE tokens SET user_id = :grace"),
    # one place
    (
        Law.ONE_PLACE,
        "interaction QUEUED",
        "Queued and has an owner",
        PLACE.format("'$.owner', 'x'", "owner = 'x'", "QUEUED"),
    ),
    (
        Law.ONE_PLACE,
        "interaction OWNED",
        "Processing and has a workbin",
        PLACE.format(f"'$.workbin', '{DRAFTS}'", f"workbin = '{DRAFTS}'", "OWNED"),
    ),
    (
        Law.ONE_PLACE,
        "interaction PARKED",
        "has not a workbin's owner",
        PLACE.format("'$.workbin_owner', NULL", "workbin_owner = NULL", "PARKED"),
    ),
    (
        Law.ONE_PLACE,
        "interaction INVITED",
        "has not invitees",
        PLACE.format("'$.invitees', json('[]')", "version = 2", "INVITED"),
    ),
    (
        Law.ONE_PLACE,
        "interaction INVITED",
        "twice",
        PLACE.format(f'\'$.invitees\', json(\'["{ADA}", "{GRACE}", "{ADA}"]\')', "version = 2", "INVITED"),
    ),
    (
        Law.ONE_PLACE,
        "interaction DONE",
        "Completed and has an owner",
        PLACE.format(f"'$.owner', '{ADA}'", f"owner = '{ADA}'", "DONE"),
    ),
    (
        Law.ONE_PLACE,
        "interaction OWNED",
        "has a deadline",
        PLACE.format("'$.deadline_ms', 5", "deadline_ms = 5", "OWNED"),
    ),
    (
        Law.ONE_PLACE,
        "interaction INVITED",
        "has no deadline",
        PLACE.format("'$.deadline_ms', NULL", "deadline_ms = NULL", "INVITED"),
    ),
    (Law.ONE_PLACE, "interaction INVITED", "no invitation", "DELETE FROM invitations WHERE user_id = :grace"),
    (
        Law.ONE_PLACE,
        "interaction QUEUED",
        "does not say so",
        "INSERT INTO invitations VALUES ('centre-ours', :ada, 'QUEUED')",
    ),
    (
        Law.ONE_PLACE,
        "interaction NONE",
        "no such interaction",
        "INSERT INTO invitations VALUES ('centre-ours', :ada, 'NONE')",
    ),
    (Law.ONE_PLACE, "interaction MAIL", "queue queue-sales", "DELETE FROM directory WHERE id = 'queue-sales'"),
    (Law.ONE_PLACE, "interaction PARKED", "workbin bin-drafts", "DELETE FROM directory WHERE id = 'bin-drafts'"),
    (Law.ONE_PLACE, "interaction DRAFT", f"user {LINUS}", "DELETE FROM users WHERE user_name = 'linus'"),
    # history
    (
        Law.HISTORY,
        "interaction QUEUED",
        "last event",
        "UPDATE interactions SET image = json_set(image, '$.subject', 'x') WHERE id = 'QUEUED'",
    ),
    (Law.HISTORY, "interaction QUEUED", "no event", "DELETE FROM events WHERE interaction = 'QUEUED'"),
    (Law.HISTORY, "interaction DONE", "is not there", "DELETE FROM interactions WHERE id = 'DONE'"),
    (
        Law.HISTORY,
        "of interaction OWNED",
        "version 1 is followed by version 3",
        "DELETE FROM events WHERE interaction = 'OWNED' AND json_extract(body, '$.after.version') = 2",
    ),
    (
        Law.HISTORY,
        "of interaction OWNED",
        "version 0 is followed by version 2",
        "DELETE FROM events WHERE interaction = 'OWNED' AND json_extract(body, '$.after.version') = 1",
    ),
    (
        Law.HISTORY,
        "of interaction DONE",
        "Expire leads to Queued",
        STEP.format("Expire", "DONE"),
    ),
    (
        Law.HISTORY,
        "of interaction DONE",
        "Complete is not possible",
        STEP.format("Complete", "DONE"),
    ),
    (
        Law.HISTORY,
        "of interaction DONE",
        "Juggle",
        STEP.format("Juggle", "DONE"),
    ),
    (
        Law.HISTORY,
        "of interaction QUEUED",
        "no birth",
        "UPDATE events SET body = json_set(body, '$.trigger', 'Offer') WHERE interaction = 'QUEUED'",
    ),
    # loads
    (Law.LOADS, f"agent {ADA}", "holds 2", "UPDATE agent_channels SET load = load + 1 WHERE user_id = :ada"),
    (Law.LOADS, "interaction DRAFT", "counts nothing", "DELETE FROM agent_channels WHERE user_id = :linus"),
    # agents' states
    (
        Law.IMAGE,
        f"agent {ADA}",
        "cannot be read",
        "UPDATE agent_channels SET detail = '[' WHERE user_id = :ada AND channel = 'email'",
    ),
    (
        Law.COLUMNS,
        f"agent {ADA}",
        "by the column 'agent_state'",
        "UPDATE agent_channels SET agent_state = 'lunch' WHERE user_id = :ada AND channel = 'email'",
    ),
    (
        Law.LINKS,
        f"agent {ADA}",
        "lunch, which is not there",
        "UPDATE agent_channels SET agent_state = 'lunch' WHERE user_id = :ada AND channel = 'email'",
    ),
    (
        Law.COLUMNS,
        f"agent {LINUS}",
        "counts as NotReady",
        "UPDATE agent_channels SET state = 'Ready' WHERE user_id = :linus AND agent_state IS NOT NULL",
    ),
    (
        Law.COLUMNS,
        f"agent {ADA}",
        "goes back to None",
        "UPDATE agent_channels SET deadline_ms = 7 WHERE user_id = :ada AND channel = 'email'",
    ),
    (
        Law.COLUMNS,
        f"agent {ADA}",
        "has the end of a wrap-up and is Ready",
        "UPDATE agent_channels SET deadline_ms = 7 WHERE user_id = :ada AND channel = 'email'",
    ),
    # numbers
    (Law.NUMBERS, f"user {ADA}", "counter", "UPDATE counters SET number = number + 1 WHERE user_id = :ada"),
    (Law.NUMBERS, "event log", "more than heard", "UPDATE counters SET number = number - 1 WHERE user_id = :ada"),
    (Law.NUMBERS, f"user {ADA}", "counter is at 0", "DELETE FROM counters WHERE user_id = :ada"),
    (
        Law.NUMBERS,
        f"user {ADA}",
        "from number 1 to number 3",
        "DELETE FROM hearings WHERE user_id = :ada AND number = 2",
    ),
    (
        Law.NUMBERS,
        f"user {ADA}",
        "which is for others",
        "UPDATE hearings SET seq = 1 WHERE user_id = :ada AND number = 2",
    ),
    (
        Law.NUMBERS,
        f"user {ADA}",
        "is not there",
        "UPDATE hearings SET seq = 999 WHERE user_id = :ada AND number = 2",
    ),
    # links
    (Law.LINKS, "queue queue-support", f"the user {ADA}", "DELETE FROM users WHERE user_name = 'ada'"),
    (Law.LINKS, "queue queue-support", f"the group {TEAM}", "DELETE FROM directory WHERE id = :team"),
    (Law.LINKS, f"group {TEAM}", f"the user {GRACE}", "DELETE FROM users WHERE user_name = 'grace'"),
    (Law.LINKS, "queue queue-support", "and does not", "DELETE FROM mail_addresses WHERE address LIKE 'help%'"),
    (
        Law.LINKS,
        "queue queue-sales",
        "does not say so",
        "UPDATE mail_addresses SET queue = 'queue-sales' WHERE address LIKE 'help%'",
    ),
    (Law.LINKS, "queue none", "is not there", "UPDATE mail_addresses SET queue = 'none' WHERE address LIKE 'help%'"),
    (Law.LINKS, "token token", f"user {ADA}", "DELETE FROM users WHERE user_name = 'ada'"),
    (Law.LINKS, f"agent {LINUS}", "no such user", "DELETE FROM users WHERE user_name = 'linus'"),
    (
        Law.LINKS,
        "e-mail MAIL",
        "its interaction",
        "UPDATE emails SET contact_centre = 'centre-theirs' WHERE raw NOT NULL",
    ),
    # the file
    (Law.FILE, STORE_FILE, "table hearings", "UPDATE hearings SET seq = 999 WHERE user_id = :ada AND number = 2"),
]


@pytest.mark.parametrize(("law", "thing", "words", "statement"), BROKEN, ids=lambda value: str(value)[:40])
def test_what_is_spoiled_is_found(copy: Path, law: Law, thing: str, words: str, statement: str) -> None:
    spoil(copy, statement)
    found = findings(copy)
    told = [one for one in found if one.law is law and thing in one.thing and words in one.sentence]
    assert told, "\n".join(map(str, found))
    assert str(told[0]).startswith(f"{law}: ")


def test_a_hearing_that_age_removed_is_missed_by_nobody(copy: Path) -> None:
    spoil(
        copy,
        "DELETE FROM hearings WHERE user_id = :ada AND number < 4",
        "DELETE FROM hearings WHERE user_id = :grace",
    )
    assert findings(copy) == []


def test_another_contact_centres_rows_stand_for_nothing(copy: Path) -> None:
    spoil(copy, "UPDATE interactions SET contact_centre = 'centre-theirs' WHERE id = 'QUEUED'")
    assert {(one.contact_centre, one.law) for one in findings(copy)} == {
        ("centre-ours", Law.HISTORY),  # events of an interaction that is not there
        ("centre-theirs", Law.HISTORY),  # an interaction without events
        ("centre-theirs", Law.ONE_PLACE),  # and without its queue
    }


def test_a_damaged_file_is_told_and_the_rest_is_looked_at(copy: Path) -> None:
    spoil(copy, "UPDATE users SET user_name = 'eve' WHERE user_name = 'ada'")
    with closing(sqlite3.connect(copy / STORE_FILE)) as raw:
        (page,) = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'hearings'").fetchone()
        (size,) = raw.execute("PRAGMA page_size").fetchone()
    with (copy / STORE_FILE).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)

    laws = {one.law for one in findings(copy)}
    assert {Law.FILE, Law.COLUMNS} <= laws


def test_a_file_that_is_no_store_is_refused_or_told(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused):
        findings(tmp_path)
    (tmp_path / STORE_FILE).write_bytes(b"no database" * 1000)
    assert {one.law for one in findings(tmp_path)} == {Law.FILE}


def test_a_store_of_another_version_is_refused(copy: Path) -> None:
    spoil(copy, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreRefused, match="9999"):
        findings(copy)


def test_progress_goes_from_nothing_to_all(sound: Path) -> None:
    told: list[tuple[int, int]] = []
    list(verify(sound, progress=lambda done, total: told.append((done, total))))
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] > 0
    assert [done for done, _ in told] == sorted(done for done, _ in told)


async def test_a_store_at_work_can_be_checked(tmp_path: Path) -> None:
    store = sqlite_store(tmp_path)
    await store.open()
    centre = await Centre.founded(store, "ours")
    await centre.does(live)
    checking = verify(tmp_path)
    assert next(checking, None) is None
    await store.close()


def test_memory_does_not_grow_with_the_store(copy: Path) -> None:
    async def grow() -> None:
        store = sqlite_store(copy)
        await store.open()
        centre = Centre(store, ContactCentreId("centre-ours"))
        for _ in range(20):
            await centre.does(write_on)
        await store.close()

    def peak_bytes() -> int:
        tracemalloc.start()
        assert findings(copy) == []
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    async def write_on(tx: Transaction) -> None:
        before = await tx.interactions.get(InteractionId("OWNED"))
        for number in range(100):
            data = {"Note": f"{number} {'x' * 1000}"}
            before = (await then(tx, interactions.attach_user_data(before, ADA, data, LIMITS))).after

    small = peak_bytes()
    asyncio.run(grow())
    assert (copy / STORE_FILE).stat().st_size > 4_000_000
    assert peak_bytes() < small + 200_000
