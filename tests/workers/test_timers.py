"""Deadlines: fired in their time, many at once, one that fails beside the others, and late after a pause."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from frontdesk.core.ids import ContactCentreId
from frontdesk.core.settings import Routing, Settings
from frontdesk.kit.clock import ManualClock
from frontdesk.workers.timers import Timers
from tests.desk import Desk, opened

HERE = ContactCentreId("here")


async def offered(desk: Desk) -> int:
    """How many interactions agents are being asked for."""
    return len((await desk.get("/interactions?fields=id&state=Invited", "root")).body["interactions"])


async def are_offered(desk: Desk, count: int, *agents: str) -> None:
    """So many new interactions, to these agents."""
    for agent in agents:
        await desk.becomes(agent, "Ready", "workitem")
    for _ in range(count):
        body = {"mediaType": "workitem", "queueName": "support"}
        assert (await desk.post("/interactions", body, "root")).status == 200
    await desk.settled()
    assert await offered(desk) == count


async def test_many_offers_that_end_together_end_together_however_long_a_commit_takes(
    tmp_path: Path, clock: ManualClock
) -> None:
    settings = replace(Settings(), routing=Routing(capacity={"workitem": 200}))
    async with opened(tmp_path / "data", clock, settings) as desk:
        await are_offered(desk, 150, "ada", "grace")
        for agent in ("ada", "grace"):
            await desk.becomes(agent, "NotReady")
        carry = desk.app.store.on_commit

        def committed(batch: Sequence[Any]) -> None:
            clock.advance(ms=30)
            carry(batch)

        desk.app.store.on_commit = committed
        clock.advance(seconds=31)
        await desk.settled()

        assert await offered(desk) == 0


async def test_after_a_pause_of_the_process_clients_get_time_to_return(desk: Desk) -> None:
    await are_offered(desk, 1, "ada")
    desk.clock.advance(seconds=90)
    await desk.settled()
    assert await offered(desk) == 1, "it could not be answered meanwhile"

    await desk.time_passes(seconds=6)

    assert await desk.held_by("ada") == {}


class WithOneThatFails:
    """Deadlines of which the first cannot be fired."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.waiting = ["bad", "good", "better"]
        self.fired: list[str] = []

    async def next_deadline(self) -> int | None:
        return self._clock.now_ms() if self.waiting else None

    async def due(self) -> list[tuple[ContactCentreId, str]]:
        return [(HERE, thing) for thing in self.waiting]

    async def deadline_passed(self, contact_centre: ContactCentreId, thing: str) -> None:
        if thing == "bad":
            raise ArithmeticError("a load that cannot be")
        self.waiting.remove(thing)
        self.fired.append(thing)


async def test_a_deadline_that_cannot_be_fired_keeps_no_other_from_it(clock: ManualClock) -> None:
    deadlines = WithOneThatFails(clock)
    timers = Timers([deadlines], clock)
    clock.advance(seconds=10)  # past the time that clients have after a start
    with pytest.raises(ArithmeticError):
        await timers.run()
    assert deadlines.fired == ["good", "better"]
