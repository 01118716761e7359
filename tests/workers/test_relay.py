"""From the commit to the bus: in order, once, in slices, and from the table where no memory holds it."""

import asyncio
from collections.abc import Sequence

import pytest

from frontdesk.bus.in_process import InProcessBus
from frontdesk.core.events import Committed, DirectoryChanged
from frontdesk.core.ids import ContactCentreId
from frontdesk.workers.relay import Relay


class Line:
    """A relay on a bus, with what came out of it: a list of the places in the log for each batch."""

    def __init__(self) -> None:
        bus = InProcessBus()
        bus.on_events(lambda batch: self.batches.append([one.seq for one in batch]))
        self.batches: list[list[int]] = []
        self.relay = Relay(bus)

    @property
    def carried(self) -> list[int]:
        return [seq for batch in self.batches for seq in batch]


def happened(*places: int) -> list[Committed]:
    event = DirectoryChanged(trigger="Created", at_ms=1, noun="queue", id="1", name="vip")
    return [Committed(ContactCentreId("centre"), seq, event, ()) for seq in places]


async def a_turn() -> None:
    await asyncio.sleep(0)


async def test_a_batch_is_carried_in_the_next_turn() -> None:
    line = Line()
    line.relay.committed(happened(1, 2))
    assert line.batches == []
    await a_turn()
    assert line.batches == [[1, 2]]


async def test_batches_of_one_turn_travel_together_in_commit_order() -> None:
    line = Line()
    line.relay.committed(happened(1, 2))
    line.relay.committed(happened(3))
    await a_turn()
    assert line.batches == [[1, 2, 3]]


async def test_a_great_batch_is_carried_in_slices_that_let_others_run() -> None:
    line = Line()
    line.relay.committed(happened(*range(1, 151)))
    await a_turn()
    assert line.carried == list(range(1, 65))
    line.relay.committed(happened(151))
    await a_turn()
    await a_turn()
    assert line.carried == list(range(1, 152))
    assert [len(batch) for batch in line.batches] == [64, 64, 23]


async def test_everything_is_carried_before_a_stop() -> None:
    line = Line()
    line.relay.committed(happened(*range(1, 151)))
    line.relay.flush()
    assert line.carried == list(range(1, 151))
    await a_turn()
    assert line.carried == list(range(1, 151))


class Log:
    """The event table: read page by page, each page when the test lets it be read."""

    def __init__(self, *places: int) -> None:
        self.events = happened(*places)
        self.may_read = asyncio.Event()
        self.may_read.set()

    async def read(self, above: int, limit: int) -> Sequence[Committed]:
        await self.may_read.wait()
        return [one for one in self.events if one.seq > above][:limit]


async def test_after_a_start_the_table_is_read_from_a_known_place() -> None:
    line, log = Line(), Log(*range(1, 101))
    await line.relay.read_from(7, log.read)
    assert line.carried == list(range(8, 101))
    assert [len(batch) for batch in line.batches] == [64, 29]


async def test_what_happens_meanwhile_waits_and_is_carried_once() -> None:
    line, log = Line(), Log(1, 2, 3)
    log.may_read.clear()
    reading = asyncio.create_task(line.relay.read_from(1, log.read))
    await a_turn()
    line.relay.committed(happened(3))  # and in the table by the time it is read
    line.relay.committed(happened(4))
    await a_turn()
    assert line.carried == []
    log.may_read.set()
    async with asyncio.timeout(10):
        await reading
    await a_turn()
    assert line.carried == [2, 3, 4]


async def test_a_table_that_cannot_be_read_stops_no_live_event() -> None:
    line = Line()

    async def unreadable(above: int, limit: int) -> Sequence[Committed]:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        await line.relay.read_from(0, unreadable)
    line.relay.committed(happened(1))
    await a_turn()
    assert line.carried == [1]
