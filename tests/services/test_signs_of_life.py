"""When an agent was last heard of: noted in memory, and written down now and then."""

from pathlib import Path

from msgspec.structs import replace

from frontdesk.core.settings import AgentSession, Settings
from frontdesk.kit.clock import ManualClock
from tests.desk import Desk, opened


async def last_seen_ms(desk: Desk, user: str) -> int:
    """As it is written down."""
    return (await desk.agent(user)).last_seen_ms


async def test_signs_of_life_are_written_all_at_once(desk: Desk) -> None:
    for user in ("ada", "grace", "linus", "sam"):
        await desk.starts_session(user)
    before = desk.app.store.statistics.transactions
    await desk.app.house.agents.write_seen()
    assert desk.app.store.statistics.transactions == before + 1


async def test_signs_of_life_are_written_once_a_minute_and_none_is_lost(desk: Desk) -> None:
    await desk.starts_session("ada")
    await desk.app.house.agents.write_seen()
    written_ms = await last_seen_ms(desk, "ada")

    desk.clock.advance(seconds=20)
    await desk.get("/me")
    seen_ms = desk.clock.now_ms()
    await desk.app.house.agents.write_seen()
    assert await last_seen_ms(desk, "ada") == written_ms

    desk.clock.advance(seconds=40)
    await desk.app.house.agents.write_seen()
    assert await last_seen_ms(desk, "ada") == seen_ms


async def test_where_silence_is_short_an_agent_who_is_there_stays_logged_in(tmp_path: Path, clock: ManualClock) -> None:
    settings = replace(Settings(), agent_session=AgentSession(silence_s=20))
    async with opened(tmp_path / "data", clock, settings) as desk:
        await desk.becomes("ada")
        for _ in range(10):
            clock.advance(seconds=6)
            await desk.get("/me")
            await desk.app.sweeper.sweep()
        assert await desk.is_in_session("ada")

        clock.advance(seconds=21)
        await desk.app.sweeper.sweep()
        assert not await desk.is_in_session("ada")
