"""Agents at work: sessions and loads live side by side."""

import pytest

from frontdesk.core import agents
from frontdesk.core.agents import Agent
from frontdesk.core.ids import UserId
from frontdesk.ports import Transaction
from tests.store.centres import ADA, GRACE, LINUS, NOON_MS, Centre
from tests.store.floor import LUNCH


def ready(user: UserId, at_ms: int = NOON_MS, channel: str = "chat") -> Agent:
    started = agents.start(Agent(user_id=user), [channel], place="", at_ms=at_ms)
    return agents.set_state(started, channel, "Ready", at_ms=at_ms)


async def save(centre: Centre, *given: Agent) -> None:
    async def body(tx: Transaction) -> None:
        for agent in given:
            await tx.agents.save(agent)

    await centre.does(body)


async def get(centre: Centre, user: UserId) -> Agent:
    return await centre.sees(lambda tx: tx.agents.get(user))


async def load(centre: Centre, user: UserId, by: int, at_ms: int = NOON_MS, channel: str = "chat") -> None:
    await centre.does(lambda tx: tx.agents.change_load(user, channel, by, at_ms=at_ms))


async def test_an_agent_who_never_worked_has_no_session_and_no_channels(ours: Centre) -> None:
    assert await get(ours, ADA) == Agent(user_id=ADA)


async def test_what_was_saved_is_read_back(ours: Centre, theirs: Centre) -> None:
    agent = agents.start(ready(ADA), ["email", "voice"], place="desk 4", at_ms=NOON_MS + 5)
    await save(ours, agent)

    assert await get(ours, ADA) == agent
    assert await get(theirs, ADA) == Agent(user_id=ADA)

    ended = agents.end(agent, at_ms=NOON_MS + 9)
    await save(ours, ended)
    assert await get(ours, ADA) == ended


async def test_a_save_keeps_the_load_and_the_idle_time_that_came_meanwhile(ours: Centre) -> None:
    read = ready(ADA)
    await save(ours, read)
    await load(ours, ADA, +1, at_ms=NOON_MS + 7)
    await save(ours, agents.set_state(read, "chat", "DoNotDisturbOn", at_ms=NOON_MS + 8))

    channel = (await get(ours, ADA)).channels[0]
    assert (channel.load, channel.idle_since_ms, channel.do_not_disturb) == (1, NOON_MS + 7, True)


async def test_a_load_goes_up_and_down_and_starts_the_idle_time_anew(ours: Centre) -> None:
    await save(ours, ready(ADA))
    await load(ours, ADA, +1)
    await load(ours, ADA, +1)
    await load(ours, ADA, -1, at_ms=NOON_MS + 3)

    channel = (await get(ours, ADA)).channels[0]
    assert (channel.load, channel.idle_since_ms, channel.state) == (1, NOON_MS + 3, "Ready")


async def test_a_channel_not_seen_before_is_logged_out_with_its_load(ours: Centre) -> None:
    await load(ours, ADA, +1, channel="fax")

    agent = await get(ours, ADA)
    assert not agent.is_in_session
    assert [(c.channel, c.load, c.is_logged_in) for c in agent.channels] == [("fax", 1, False)]


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_load_below_zero_is_a_bug_and_changes_nothing(ours: Centre, is_known: bool) -> None:
    if is_known:
        await save(ours, ready(ADA))
    before = await get(ours, ADA)
    with pytest.raises(Exception, match=r"CHECK|no load"):
        await load(ours, ADA, -1)
    assert await get(ours, ADA) == before


async def test_signs_of_life_only_get_younger(ours: Centre) -> None:
    await save(ours, ready(ADA))
    await ours.does(lambda tx: tx.agents.touch(ADA, NOON_MS + 50))
    await ours.does(lambda tx: tx.agents.touch(ADA, NOON_MS + 20))
    assert (await get(ours, ADA)).last_seen_ms == NOON_MS + 50


async def test_a_sign_of_life_of_somebody_unknown_makes_no_agent(ours: Centre) -> None:
    await ours.does(lambda tx: tx.agents.touch(ADA, NOON_MS))
    assert await get(ours, ADA) == Agent(user_id=ADA)


async def test_an_added_state_a_reason_and_a_wrap_up_are_read_back(ours: Centre) -> None:
    out = agents.set_state(ready(ADA), "chat", LUNCH.name, at_ms=NOON_MS, custom=LUNCH)
    missed = agents.offer_missed(ready(GRACE), "chat", limit=1, at_ms=NOON_MS)
    wrapping = agents.wrap_up(ready(LINUS), "chat", seconds=20, at_ms=NOON_MS)
    back_to_lunch = agents.wrap_up(out, "chat", seconds=20, at_ms=NOON_MS)
    for agent in (out, missed, wrapping, back_to_lunch):
        await save(ours, agent)
        assert await get(ours, agent.user_id) == agent


async def test_a_state_is_in_use_while_somebody_is_in_it(ours: Centre, theirs: Centre) -> None:
    out = agents.set_state(ready(ADA), "chat", LUNCH.name, at_ms=NOON_MS, custom=LUNCH)
    await save(ours, out)
    assert await ours.sees(lambda tx: tx.agents.uses_of_state(LUNCH.id)) == 1
    assert await theirs.sees(lambda tx: tx.agents.uses_of_state(LUNCH.id)) == 0
    await save(ours, agents.set_state(out, "chat", "Ready", at_ms=NOON_MS))
    assert await ours.sees(lambda tx: tx.agents.uses_of_state(LUNCH.id)) == 0


async def test_everybody_who_ever_worked_is_listed(ours: Centre, theirs: Centre) -> None:
    await save(ours, ready(GRACE), ready(ADA))
    await load(ours, LINUS, +1)
    assert await ours.sees(lambda tx: tx.agents.all()) == [
        await get(ours, ADA),
        await get(ours, GRACE),
        await get(ours, LINUS),
    ]
    assert await theirs.sees(lambda tx: tx.agents.all()) == []


async def test_wrap_ups_are_due_in_order_over_all_contact_centres(ours: Centre, theirs: Centre) -> None:
    assert await ours.sees_on_server(lambda tx: tx.next_wrap_up()) is None
    for centre, user, seconds in ((ours, ADA, 30), (theirs, GRACE, 20), (ours, LINUS, 40)):
        await save(centre, agents.wrap_up(ready(user), "chat", seconds=seconds, at_ms=NOON_MS))

    assert await ours.sees_on_server(lambda tx: tx.next_wrap_up()) == NOON_MS + 20_000
    assert await ours.sees_on_server(lambda tx: tx.due_wrap_ups(NOON_MS + 30_000, 9)) == [
        (theirs.id, GRACE, "chat"),
        (ours.id, ADA, "chat"),
    ]
    assert await ours.sees_on_server(lambda tx: tx.due_wrap_ups(NOON_MS + 40_000, 1)) == [(theirs.id, GRACE, "chat")]
