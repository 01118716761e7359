"""The machine's clock, and the one that tests turn."""

import asyncio

from frontdesk.kit.clock import ManualClock, SystemClock


class Machine:
    """Its clock on the wall, which people set, and the steady one, which stops while the machine sleeps."""

    def __init__(self) -> None:
        self.wall_s = 1_700_000_000.0
        self.steady_s = 50.0

    def clock(self) -> SystemClock:
        return SystemClock(lambda: self.wall_s, lambda: self.steady_s)

    def goes_on(self, seconds: float) -> None:
        self.wall_s += seconds
        self.steady_s += seconds

    def sleeps(self, seconds: float) -> None:
        self.wall_s += seconds


def test_it_shows_the_time() -> None:
    machine = Machine()
    clock = machine.clock()
    assert clock.now_ms() == 1_700_000_000_000
    machine.goes_on(2.5)
    assert clock.now_ms() == 1_700_000_002_500


def test_after_the_machine_slept_it_shows_the_time_again() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.sleeps(8 * 3600)
    assert clock.now_ms() == machine.wall_s * 1000
    machine.goes_on(1)
    assert clock.now_ms() == machine.wall_s * 1000


def test_it_never_runs_backwards() -> None:
    machine = Machine()
    clock = machine.clock()
    before_ms = clock.now_ms()
    machine.wall_s -= 3600
    assert clock.now_ms() == before_ms
    machine.goes_on(1)
    assert clock.now_ms() == before_ms + 1000


async def test_the_manual_clock_wakes_sleepers_in_order_of_time() -> None:
    clock, woken = ManualClock(now_ms=0), []

    async def sleeper(at_ms: int) -> None:
        await clock.sleep_until(at_ms)
        woken.append(at_ms)

    async with asyncio.TaskGroup() as sleepers:
        for at_ms in (30, 10, 20, 0):
            sleepers.create_task(sleeper(at_ms))
        await asyncio.sleep(0)
        clock.advance(ms=30)
    assert woken == [0, 10, 20, 30]
