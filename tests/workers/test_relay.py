"""From the commit to the bus: in order, once, and in slices."""

import asyncio

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
