"""What came to a server can be played again: `frontdesk export --traffic`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from frontdesk import cli
from frontdesk.core import interactions
from frontdesk.ports import Transaction
from frontdesk.services import journal
from frontdesk.simulate import traffic
from tests.store.centres import NOON_MS, SALES, Centre, sqlite_store
from tests.store.floor import furnish, submit


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A store to which three things came, one of which was moved to another queue since."""
    store = sqlite_store(tmp_path)
    await store.open()
    ours = await Centre.founded(store, "ours")

    async def body(tx: Transaction) -> None:
        await furnish(tx)
        for number, (name, medium) in enumerate([("FIRST", "chat"), ("SECOND", "email"), ("THIRD", "chat")]):
            change = submit(name, media_type=medium, priority=number)
            await journal.record(tx, change, at_ms=NOON_MS + number * 1500)
            if name == "FIRST":
                await journal.record(tx, interactions.overflow(change.after, SALES, "sales"), at_ms=NOON_MS + 9000)

    await ours.does(body)
    await store.close()
    return tmp_path


def exported(data: Path, *more: str) -> list[traffic.Arrival]:
    file = data / "traffic.csv"
    assert cli.main(["export", "--data", str(data), "--traffic", str(file), *more]) == 0
    return list(traffic.read(file))


def test_what_came_is_written_down_once_with_the_queue_that_it_came_to(data: Path) -> None:
    found = exported(data)
    assert [(one.at_ms, one.medium, one.priority) for one in found] == [
        (0, "chat", 0),
        (1500, "email", 1),
        (3000, "chat", 2),
    ]
    assert len({one.queue for one in found}) == 1


def test_a_period_begins_when_it_is_said_to(data: Path) -> None:
    begin = datetime.fromtimestamp(NOON_MS / 1000 + 1, UTC).isoformat()
    until = datetime.fromtimestamp(NOON_MS / 1000 + 2, UTC).isoformat()
    assert [one.at_ms for one in exported(data, "--from", begin, "--until", until)] == [500]


def test_a_contact_centre_that_is_not_there_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = data / "traffic.csv"
    wrong = ["export", "--data", str(data), "--traffic", str(file), "--contact-centre", "theirs"]
    assert cli.main(wrong) == 1
    assert "There is no contact centre 'theirs'; there are: ours." in capsys.readouterr().err
