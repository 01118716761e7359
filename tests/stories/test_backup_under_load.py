"""`frontdesk backup`, `restore` and `verify` while everybody works: one moment of the store, whole and usable."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from frontdesk.core.events import InteractionChanged
from tests.clients.person import Person, people
from tests.properties.floor import check_numbers, followed, in_order
from tests.server import Ran, command, serving
from tests.stories.history import log_of, nothing_is_lost_or_halved
from tests.stories.load import AGENTS, Load


@asynccontextmanager
async def at_work(directory: Path) -> AsyncIterator[tuple[Load, Mapping[str, Person]]]:
    """A server with everybody at work on it."""
    with serving(directory, "--demo") as server:
        async with people(server.api, *AGENTS, "root") as persons:
            load = Load(persons, server, random.Random(11))
            await load.opens()
            load.goes_on()
            yield load, persons
            await load.ends()
            nothing_is_lost_or_halved(directory, load, persons)
        assert server.stop() == 0
        assert "Traceback" not in server.log()


async def meanwhile(load: Load, *arguments: str) -> Ran:
    """A command that runs to its end while the load goes on before, during and after it."""
    await load.has_come_to(load.acknowledged + 20)
    before = load.acknowledged
    ran = await asyncio.to_thread(command, *arguments)
    await load.has_come_to(before + 20)
    return ran


async def test_a_backup_under_load_has_everything_that_was_acknowledged_before_it_began(tmp_path: Path) -> None:
    data, copy, back = tmp_path / "data", tmp_path / "copy.db", tmp_path / "back"
    async with at_work(data) as (load, persons):
        await load.has_come_to(60)
        before = [attempt for attempt in load.attempts if attempt.is_acknowledged]
        backed_up = await meanwhile(load, "backup", str(copy), "--data", str(data))
        assert backed_up.exit_code == 0, backed_up

        restored = await asyncio.to_thread(command, "restore", str(copy), "--data", str(back))
        assert restored.exit_code == 0, restored
        assert (await asyncio.to_thread(command, "verify", "--data", str(back))).exit_code == 0
        log = log_of(back)
        check_numbers(log)
        floor = followed(in_order(log))
        told = [one.event for one in log if isinstance(one.event, InteractionChanged)]
        done = {(str(event.actor), event.reference_id) for event in told}
        for attempt in before:
            assert attempt.answer is not None
            body = attempt.answer.body
            if attempt.operation == "Submit":
                assert body["id"] in floor.lives
            else:
                assert (persons[attempt.user].id, body["referenceId"]) in done, attempt
        # One moment: what is in it is exactly the beginning of what came to be.
        assert log == log_of(data)[: len(log)]

    # And work goes on from there, with the same people, cookies and all.
    with serving(back) as server:
        async with people(server.api, "root") as restored_people:
            shown = (await restored_people["root"].get("/interactions?fields=id,state,version&limit=5000")).body
            live = {one["id"]: one["version"] for one in shown["interactions"]}
            last = {one: life[-1] for one, life in followed(in_order(log_of(back))).lives.items()}
            assert live == {one: end.version for one, end in last.items() if end.state not in ("Completed", "Canceled")}
        assert server.stop() == 0


async def test_a_running_store_is_verified_and_not_replaced_and_a_stopped_one_is_put_aside(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.db"
    async with at_work(data) as (load, _):
        assert (await meanwhile(load, "backup", str(copy), "--data", str(data))).exit_code == 0
        verified = await meanwhile(load, "verify", "--data", str(data))
        assert verified.exit_code == 0, verified
        assert "sound" in verified.said
        refused = await meanwhile(load, "restore", str(copy), "--data", str(data), "--overwrite")
        assert refused.exit_code == 1
        assert "in use by another Frontdesk process" in refused.complained
    whole = log_of(data)

    refused = command("restore", str(copy), "--data", str(data))
    assert refused.exit_code == 1
    assert "--overwrite" in refused.complained
    assert log_of(data) == whole

    restored = command("restore", str(copy), "--data", str(data), "--overwrite")
    assert restored.exit_code == 0, restored
    assert command("verify", "--data", str(data)).exit_code == 0
    back = log_of(data)
    assert back == whole[: len(back)]
    assert len(back) < len(whole)
    [kept] = [path for path in data.iterdir() if "replaced" in path.name]
    assert str(kept) in restored.said
