"""Two hundred agents, two thousand interactions, and a server that is killed three times: each is handled exactly once.

Seen from outside (the histories over REST) and from inside (the log on the disk, and the laws of the store).
Chance is seeded; a run that failed is repeated as far as it can be with SEED=… make test.
"""

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.properties.floor import check_numbers, followed, in_order
from tests.server import Server, command
from tests.stories.crowd import Crowd, crowd, furnished
from tests.stories.history import log_of

KILLS = 3
_AT_ONCE = 16  # histories that are read at the same time


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("agents", "interactions"), [(200, 2000)])
async def test_a_crowd_handles_everything_once_though_the_server_is_killed(
    tmp_path: Path, agents: int, interactions: int
) -> None:
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1_000_000))
    print(f"SEED={seed}")
    chance = random.Random(seed)
    directory = tmp_path / "data"
    names = await furnished(directory, agents)
    server = Server(directory)
    try:
        async with crowd(server, names, interactions) as everybody:
            for number in range(1, KILLS + 1):
                await everybody.comes_to(server)
                span = interactions // (KILLS + 1)
                await everybody.has_handled(number * span - chance.randrange(span // 2))
                server.kill()
                await everybody.is_cut_off()
                assert {"Completed", "Processing"} <= states_in(directory), "nothing was in anybody's hands"
                server = Server(directory)
            await everybody.comes_to(server)
            await everybody.has_handled_everything()
            await everybody.goes_home()
            await each_was_handled_once(everybody)
        assert server.stop() == 0
        assert "Traceback" not in server.log(), server.log()
        assert "[error" not in server.log(), server.log()
        the_store_says_the_same(directory, list(everybody.submitted.values()))
    finally:
        if server.process.poll() is None:
            server.kill()


async def each_was_handled_once(everybody: Crowd) -> None:
    """By what the server tells of each: one agent accepted it, the same one completed it, and nobody else did."""
    assert len(set(everybody.submitted.values())) == len(everybody.submitted)
    door = asyncio.Semaphore(_AT_ONCE)

    async def history(interaction: str) -> list[dict[str, Any]]:
        async with door:
            events = (await everybody.root.get(f"/interactions/{interaction}/events")).body["events"]
        return sorted(events, key=lambda event: event["id"])

    for events in await asyncio.gather(*(history(one) for one in everybody.submitted.values())):
        done = [event["event"] for event in events]
        assert (done[0], done[-1]) == ("Submit", "Complete"), events
        assert [done.count(once) for once in ("Submit", "Accept", "Complete")] == [1, 1, 1], events
        [accepted] = [event for event in events if event["event"] == "Accept"]
        assert accepted["actorUri"] == events[-1]["actorUri"], events
        assert events[-1]["interaction"]["state"] == "Completed", events


def states_in(directory: Path) -> set[str]:
    return {life[-1].state for life in followed(in_order(log_of(directory))).lives.values()}


def the_store_says_the_same(directory: Path, submitted: list[str]) -> None:
    """Its rows obey its laws; nobody was offered more than there was room for; and there is nothing else in it."""
    verified = command("verify", "--data", str(directory))
    assert verified.exit_code == 0, verified
    log = log_of(directory)
    check_numbers(log)
    floor = followed(in_order(log))
    assert sorted(floor.lives) == sorted(submitted)
    assert states_in(directory) == {"Completed"}
