"""Background tasks: one that fails is started again, and is ill only for as long as it is."""

import asyncio
from collections.abc import Callable

from frontdesk.kit.tasks import Tasks

SOON_S = 10


class Worker:
    """Fails so many times, and then works until it is stopped."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.begun = 0
        self.works = asyncio.Event()

    async def run(self) -> None:
        self.begun += 1
        if self.begun <= self.failures:
            raise OSError(f"no disk, {self.begun}")
        self.works.set()
        await asyncio.Event().wait()


async def comes_true(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not claim():  # noqa: ASYNC110 - nothing tells of it, and turns are short
            await asyncio.sleep(0)


async def test_a_task_that_fails_is_started_again() -> None:
    tasks, worker = Tasks(first_pause_s=0), Worker(failures=3)
    tasks.start("worker", worker.run)
    async with asyncio.timeout(SOON_S):
        await worker.works.wait()
    await tasks.stop()
    assert worker.begun == 4


async def test_a_task_counts_as_failing_until_it_has_run_for_a_while() -> None:
    tasks, worker = Tasks(first_pause_s=0, well_after_s=0.01), Worker(failures=1)
    tasks.start("worker", worker.run)
    await comes_true(lambda: tasks.failing == {"worker": "no disk, 1"})

    await comes_true(lambda: tasks.failing == {})

    assert worker.works.is_set()
    await tasks.stop()


async def test_a_task_that_runs_a_moment_only_is_not_well_yet() -> None:
    tasks, worker = Tasks(first_pause_s=0, well_after_s=3600), Worker(failures=2)
    tasks.start("worker", worker.run)
    async with asyncio.timeout(SOON_S):
        await worker.works.wait()
    assert tasks.failing == {"worker": "no disk, 2"}
    await tasks.stop()


async def test_a_stop_ends_a_task_that_works_and_one_that_pauses() -> None:
    tasks, working, pausing = Tasks(first_pause_s=3600), Worker(failures=0), Worker(failures=1)
    tasks.start("working", working.run)
    tasks.start("pausing", pausing.run)
    await comes_true(lambda: working.works.is_set() and "pausing" in tasks.failing)

    async with asyncio.timeout(SOON_S):
        await tasks.stop()

    assert (working.begun, pausing.begun) == (1, 1)
