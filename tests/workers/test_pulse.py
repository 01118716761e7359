"""A loop that does not come to its work is counted, and told of when it is bad."""

import asyncio
from time import perf_counter

from structlog.testing import capture_logs

from frontdesk.workers.pulse import Pulse


async def beats(pulse: Pulse, task: asyncio.Task[None], count: int) -> None:
    async with asyncio.timeout(10):
        while pulse.lateness.count < count:
            assert not task.done()
            await asyncio.sleep(0)


def stand_still(seconds: float) -> None:
    until_s = perf_counter() + seconds
    while perf_counter() < until_s:
        pass


async def test_what_holds_the_loop_up_is_counted_and_told() -> None:
    pulse = Pulse(every_s=0.01, standstill_s=0.1)
    with capture_logs() as logs:
        task = asyncio.create_task(pulse.run())
        await beats(pulse, task, 1)
        known = dict(pulse.lateness.up_to())

        stand_still(0.2)
        await beats(pulse, task, pulse.lateness.count + 1)

    task.cancel()
    counted = dict(pulse.lateness.up_to())
    assert counted[float("inf")] - counted[100] > known[float("inf")] - known[100]
    assert [line["event"] for line in logs if line["seconds"] >= 0.1][:1] == ["the event loop stood still"]
