"""What becomes of an agent's work when the session ends: it stays, goes back, or is parked, as its queue says.

And what stays can be taken away.
"""

from typing import Any

import pytest

from tests.desk import Desk


async def puts_in_force(desk: Desk, **document: Any) -> None:
    got = await desk.request("PUT", "/routing/policy", "root", document)
    assert got.status == 200, got.body
    await desk.settled()


async def leaves(desk: Desk, how: str) -> None:
    """Ada's session ends."""
    if how == "agent":
        await desk.post("/me", {"operationName": "EndContactCenterSession"})
    elif how == "supervisor":
        body = {"operationName": "EndContactCenterSession"}
        await desk.post(f"/users/{await desk.id_of('ada')}/channels", body, "sam")
    else:
        desk.clock.advance(seconds=1900)
        await desk.app.sweeper.sweep()
    await desk.settled()


ENDS = pytest.mark.parametrize("how", ["agent", "supervisor", "silence"])


@ENDS
async def test_work_stays_with_the_agent(desk: Desk, how: str) -> None:
    interaction = await desk.ada_works_on()
    await leaves(desk, how)
    assert not await desk.is_in_session("ada")
    assert (await desk.stored(interaction)).owner == await desk.id_of("ada")


@ENDS
async def test_work_goes_back_to_its_queue_as_old_as_before(desk: Desk, how: str) -> None:
    await puts_in_force(desk, queues={"support": {"after_session": "queue"}})
    interaction = await desk.ada_works_on("email")
    draft = (await desk.did("ada", interaction, "Reply", queueName="support")).body["id"]
    before = await desk.stored(interaction)
    await desk.time_passes(seconds=5)

    await leaves(desk, how)

    for one in (interaction, draft):
        after = await desk.stored(one)
        assert (after.state, after.owner) == ("Queued", None)
    assert (await desk.stored(interaction)).queued_at_ms == before.queued_at_ms
    await desk.becomes("grace", "Ready", "email")
    assert set(await desk.held_by("grace")) == {interaction, draft}


@ENDS
async def test_work_is_parked_in_the_agents_own_part_of_a_bin(desk: Desk, how: str) -> None:
    policy = {"after_session": "workbin", "after_session_workbin": "In_Progress"}
    await puts_in_force(desk, queues={"support": policy})
    interaction = await desk.ada_works_on()
    await leaves(desk, how)
    after = await desk.stored(interaction)
    assert (after.state, after.owner, after.workbin_owner) == ("InWorkbin", None, await desk.id_of("ada"))


async def test_work_is_parked_in_the_bin_of_the_group(desk: Desk) -> None:
    await puts_in_force(desk, default={"after_session": "workbin", "after_session_workbin": "Team"})
    interaction = await desk.ada_works_on()
    await leaves(desk, "agent")
    team = next(one["id"] for one in (await desk.get("/workbins?fields=*")).body["workbins"] if one["name"] == "Team")
    content = (await desk.get(f"/me/workbins/{team}?subresources=*", "grace")).body["workbin"]
    assert [one["id"] for one in content["workitems"]] == [interaction]


async def test_what_cannot_be_parked_goes_back_to_its_queue(desk: Desk) -> None:
    made = await desk.post("/workbins", {"workbinName": "Later"}, "root")
    await puts_in_force(desk, default={"after_session": "workbin", "after_session_workbin": "Later"})
    interaction = await desk.ada_works_on()
    await desk.request("DELETE", f"/workbins/{made.body['id']}", "root")

    await leaves(desk, "agent")

    assert (await desk.stored(interaction)).state == "Queued"


async def test_each_queue_has_its_own_way(desk: Desk) -> None:
    await puts_in_force(desk, queues={"support": {"after_session": "queue"}})
    back = await desk.ada_works_on(queue="support")
    kept = await desk.ada_works_on(queue="sales")
    await leaves(desk, "agent")
    assert ((await desk.stored(back)).state, (await desk.stored(kept)).state) == ("Queued", "Processing")


async def test_what_an_agent_leaves_is_in_the_history_as_the_servers_own_act(desk: Desk) -> None:
    await puts_in_force(desk, default={"after_session": "queue"})
    interaction = await desk.ada_works_on()
    ada = await desk.id_of("ada")
    await leaves(desk, "agent")
    events = (await desk.get(f"/interactions/{interaction}/events", "root")).body["events"]
    [last] = [one for one in events if one["event"] == "Return"]
    assert "actorUri" not in last
    assert [(one["userUri"].rpartition("/")[2], one["state"]) for one in last["ended"]] == [(ada, "Revoked")]


# ── taken away ───────────────────────────────────────────────────────────────────────────────────

TAKERS = pytest.mark.parametrize("taker", ["sam", "root"])


@TAKERS
async def test_work_that_stays_can_be_taken_away(desk: Desk, taker: str) -> None:
    interaction = await desk.ada_works_on()
    before = await desk.stored(interaction)
    await leaves(desk, "agent")

    got = await desk.post(f"/interactions/{interaction}", {"operationName": "TakeAway"}, taker)
    assert (got.status, got.body["status"]) == (200, "ok")

    after = await desk.stored(interaction)
    assert (after.state, after.owner, after.queued_at_ms) == ("Queued", None, before.queued_at_ms)
    await desk.becomes("grace")
    assert await desk.held_by("grace") == {interaction: "Invited"}


@TAKERS
async def test_work_is_taken_away_into_another_queue_and_who_had_it_hears_of_it(desk: Desk, taker: str) -> None:
    interaction = await desk.ada_works_on()
    body = {"operationName": "TakeAway", "queueName": "sales"}
    assert (await desk.post(f"/interactions/{interaction}", body, taker)).status == 200
    await desk.settled()

    assert (await desk.stored(interaction)).queue_name == "sales"
    assert await desk.held_by("ada") == {}, "nobody is asked at once for what was just taken away"
    events = (await desk.get(f"/interactions/{interaction}/events", "root")).body["events"]
    [taken] = [one for one in events if one["event"] == "Return"]
    assert taken["actorUri"].endswith(await desk.id_of(taker))
    assert [one["state"] for one in taken["ended"]] == ["Revoked"]
    await desk.time_passes(seconds=61)
    assert await desk.held_by("ada") == {interaction: "Invited"}, "there is nobody else"


async def test_only_who_may_takes_away_and_only_what_is_worked_on(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    body = {"operationName": "TakeAway"}
    refused = await desk.post(f"/interactions/{interaction}", body, "grace")
    assert (refused.status, refused.body["statusCode"]) == (403, 5)
    assert (await desk.post(f"/interactions/{interaction}", body, "oscar")).status == 404
    unknown = await desk.post(f"/interactions/{interaction}", {"operationName": "Complete"}, "sam")
    assert (unknown.status, unknown.body["statusCode"]) == (400, 2)
    waiting = await desk.submits("vip", media_type="chat")
    refused = await desk.post(f"/interactions/{waiting}", body, "sam")
    assert (refused.status, refused.body["statusCode"]) == (400, 2)
    assert await desk.held_by("ada") == {interaction: "Processing"}
