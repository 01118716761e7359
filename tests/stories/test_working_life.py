"""The life of an interaction, as agents live it."""

import pytest

from tests.desk import Desk


async def test_an_interaction_is_offered_to_a_ready_agent_and_accepted(desk: Desk) -> None:
    await desk.becomes("ada")
    interaction = await desk.submits("support", subject="Refund")
    assert await desk.held_by("ada") == {interaction: "Invited"}

    await desk.did("ada", interaction, "Accept")

    assert await desk.held_by("ada") == {interaction: "Processing"}


async def test_nobody_is_asked_who_is_not_ready(desk: Desk) -> None:
    await desk.becomes("ada", "NotReady")
    interaction = await desk.submits()
    assert await desk.state_of(interaction) == "Queued"

    await desk.becomes("ada", "Ready")

    assert await desk.held_by("ada") == {interaction: "Invited"}


async def test_do_not_disturb_overrides_ready(desk: Desk) -> None:
    await desk.becomes("ada", "Ready")
    await desk.becomes("ada", "DoNotDisturbOn")
    interaction = await desk.submits()
    assert await desk.state_of(interaction) == "Queued"

    await desk.becomes("ada", "DoNotDisturbOff")

    assert await desk.held_by("ada") == {interaction: "Invited"}


async def test_the_agent_who_has_been_idle_longest_is_asked_first(desk: Desk) -> None:
    await desk.becomes("grace")
    await desk.time_passes(seconds=5)
    await desk.becomes("ada")

    first, second, third = [await desk.submits() for _ in range(3)]

    assert first in await desk.held_by("grace")
    assert second in await desk.held_by("ada")
    assert third in await desk.held_by("grace")


async def test_only_agents_of_the_queue_are_asked(desk: Desk) -> None:
    await desk.becomes("linus")
    interaction = await desk.submits("vip")
    assert await desk.state_of(interaction) == "Queued"


async def test_a_rejected_interaction_goes_to_another_agent(desk: Desk) -> None:
    await desk.becomes("ada")
    interaction = await desk.submits()
    await desk.becomes("grace")

    await desk.did("ada", interaction, "Reject")
    await desk.settled()

    assert await desk.held_by("ada") == {}
    assert await desk.held_by("grace") == {interaction: "Invited"}


async def test_an_offer_nobody_accepts_goes_to_another_agent_and_then_back_to_its_queue(desk: Desk) -> None:
    await desk.becomes("ada")
    interaction = await desk.submits()
    await desk.becomes("grace")

    await desk.time_passes(seconds=31)
    assert await desk.held_by("grace") == {interaction: "Invited"}
    assert await desk.held_by("ada") == {}

    await desk.time_passes(seconds=31)
    assert await desk.state_of(interaction) == "Queued"


async def test_who_refused_is_asked_again_when_nobody_else_has_come(desk: Desk) -> None:
    await desk.becomes("ada")
    interaction = await desk.submits()
    await desk.did("ada", interaction, "Reject")
    await desk.settled()
    assert await desk.state_of(interaction) == "Queued"

    await desk.time_passes(seconds=61)

    assert await desk.held_by("ada") == {interaction: "Invited"}


async def test_an_accepted_offer_does_not_expire(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    await desk.time_passes(seconds=40)
    assert await desk.held_by("ada") == {interaction: "Processing"}


async def test_nobody_is_offered_more_than_fits(desk: Desk) -> None:
    await desk.becomes("ada", "Ready", "chat")
    interactions = [await desk.submits(media_type="chat") for _ in range(4)]
    assert len(await desk.held_by("ada")) == 3

    await desk.did("ada", interactions[0], "Accept")
    await desk.did("ada", interactions[0], "Complete")
    await desk.settled()

    assert await desk.held_by("ada") == dict.fromkeys(interactions[1:], "Invited")


async def test_priority_goes_before_age(desk: Desk) -> None:
    low = await desk.submits(media_type="chat", priority=1)
    high = await desk.submits(media_type="chat", priority=5)
    middle = [await desk.submits(media_type="chat", priority=3) for _ in range(3)]

    await desk.becomes("ada", "Ready", "chat")

    assert set(await desk.held_by("ada")) == {high, *middle[:2]}
    assert await desk.state_of(low) == "Queued"


async def test_a_transfer_needs_a_receiver_who_is_logged_in_but_not_ready(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    grace = await desk.id_of("grace")

    refused = await desk.operate("ada", interaction, "Transfer", userId=grace)
    assert (refused.status, refused.body["statusCode"]) == (400, 2)
    assert await desk.held_by("ada") == {interaction: "Processing"}

    await desk.becomes("grace", "NotReady")
    await desk.did("ada", interaction, "Transfer", userId=grace)
    assert await desk.held_by("ada") == {}
    assert await desk.held_by("grace") == {interaction: "Invited"}

    await desk.did("grace", interaction, "Accept")
    await desk.did("grace", interaction, "Complete")
    assert await desk.state_of(interaction) == "Completed"


async def test_a_refused_transfer_goes_to_the_home_queue_as_old_as_before(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    before = await desk.stored(interaction)
    await desk.becomes("ada", "NotReady")
    await desk.becomes("grace", "NotReady")
    await desk.time_passes(seconds=10)
    await desk.did("ada", interaction, "Transfer", userUri=f"/users/{await desk.id_of('grace')}")

    await desk.did("grace", interaction, "Reject")

    after = await desk.stored(interaction)
    assert (after.state, after.queued_at_ms) == ("Queued", before.queued_at_ms)


async def test_place_in_queue_and_transfer_to_a_queue_are_the_same(desk: Desk) -> None:
    for operation, parameters in (("PlaceInQueue", {"queueName": "vip"}), ("Transfer", {"queueName": "sales"})):
        interaction = await desk.ada_works_on()
        await desk.becomes("ada", "NotReady")
        await desk.did("ada", interaction, operation, **parameters)
        shown = await desk.seen_by("root", interaction)
        assert (shown["state"], shown["currentQueue"]) == ("Queued", parameters["queueName"])


async def test_a_parked_interaction_waits_in_the_workbin_until_it_is_pulled(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    await desk.did("ada", interaction, "PlaceInWorkbin", workbin="In_Progress")
    assert await desk.held_by("ada") == {}
    assert await desk.state_of(interaction) == "InWorkbin"
    bins = (await desk.get("/me/workbins?fields=*")).body["workbins"]
    progress = next(one["id"] for one in bins if one["workbinName"] == "In_Progress")
    content = await desk.get(f"/me/workbins/{progress}?subresources=*")
    assert [one["id"] for one in content.body["workbin"]["workitems"]] == [interaction]

    got = await desk.post(f"/me/workbins/{progress}", {"operationName": "PullWorkitem", "id": interaction})

    assert got.body["statusCode"] == 0
    assert await desk.held_by("ada") == {interaction: "Processing"}


async def test_a_group_workbin_is_everybodys_of_the_group_and_of_supervisors_only(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    await desk.did("ada", interaction, "PlaceInWorkbin", workbin={"workbinName": "Team"})
    team = next(
        one["id"] for one in (await desk.get("/workbins?fields=*")).body["workbins"] if one["workbinName"] == "Team"
    )
    path, pull = f"/me/workbins/{team}?agentGroup=Team", {"operationName": "PullInteraction", "id": interaction}

    for reader in ("sam", "root", "linus"):
        assert (await desk.get(f"{path}&subresources=*", reader)).body["workbin"]["workitems"], reader
    assert (await desk.post(path, pull, "root")).body["statusCode"] == 5
    got = await desk.post(path, pull, "linus")
    assert got.body["statusCode"] == 0, got.body
    assert await desk.held_by("linus") == {interaction: "Processing"}


async def test_a_supervisor_takes_what_lies_in_an_agents_workbin(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    await desk.did("ada", interaction, "PlaceInWorkbin", workbin="In_Progress")
    bins = (await desk.get("/me/workbins?fields=*")).body["workbins"]
    progress = next(one["id"] for one in bins if one["workbinName"] == "In_Progress")
    path = f"/users/{await desk.id_of('ada')}/workbins/{progress}"

    refused = await desk.post(path, {"operationName": "PullInteraction", "id": interaction}, "grace")
    assert refused.body["statusCode"] == 5
    taken = await desk.post(path, {"operationName": "PullInteraction", "id": interaction}, "sam")
    assert taken.body["statusCode"] == 0, taken.body
    assert await desk.held_by("sam") == {interaction: "Processing"}


@pytest.mark.parametrize("operation", ["Reply", "ReplyAll"])
async def test_a_reply_opens_a_draft_that_can_be_parked_pulled_and_cancelled(desk: Desk, operation: str) -> None:
    parent = await desk.ada_works_on("email", subject="Broken lamp")
    draft = (await desk.did("ada", parent, operation, queueName="support")).body["id"]
    shown = (await desk.get(f"/me/interactions/{draft}")).body["interaction"]
    assert (shown["state"], shown["interactionType"], shown["parentId"]) == ("Composing", "Outbound", parent)
    assert shown["subject"] == "Re: Broken lamp"
    assert {"Cancel", "Transfer"} <= set(shown["capabilities"])
    assert await desk.held_by("ada") == {parent: "Processing", draft: "Composing"}

    await desk.did("ada", draft, "PlaceInWorkbin", workbin="Drafts")
    bins = (await desk.get("/me/workbins?fields=*")).body["workbins"]
    drafts = next(one["id"] for one in bins if one["workbinName"] == "Drafts")
    await desk.post(f"/me/workbins/{drafts}", {"operationName": "PullEmail", "id": draft})
    assert (await desk.held_by("ada"))[draft] == "Composing"

    assert (await desk.did("ada", draft, "Cancel")).body["status"] == 0
    assert await desk.state_of(draft) == "Canceled"
    assert await desk.held_by("ada") == {parent: "Processing"}


@pytest.mark.parametrize(
    ("key", "characters"), [("indentCharacter", 11), ("replyToStartLine", 1001), ("subjectPrefix", 101)]
)
async def test_what_stands_before_a_quotation_is_short(desk: Desk, key: str, characters: int) -> None:
    parent = await desk.ada_works_on("email", subject="Broken lamp")
    got = await desk.operate("ada", parent, "Reply", quoteOriginal=True, **{key: "x" * characters})
    assert (got.status, got.body["statusCode"]) == (400, 10)
    assert key in got.body["statusMessage"]
    assert await desk.held_by("ada") == {parent: "Processing"}


async def test_ending_the_session_gives_back_offers_and_keeps_what_is_worked_on(desk: Desk) -> None:
    worked_on = await desk.ada_works_on()
    offered = await desk.submits()
    assert (await desk.held_by("ada"))[offered] == "Invited"

    got = await desk.post("/me", {"operationName": "EndContactCenterSession"})
    again = await desk.post("/me", {"operationName": "EndContactCenterSession"})

    assert (got.body["statusCode"], again.body["statusCode"]) == (0, 0)
    assert await desk.held_by("ada") == {worked_on: "Processing"}
    assert await desk.state_of(offered) == "Queued"
    assert (await desk.get("/me/channels")).body["channels"] == []


async def test_a_silent_agent_is_logged_out_after_half_an_hour(desk: Desk) -> None:
    await desk.becomes("ada")
    desk.clock.advance(seconds=1700)
    await desk.app.sweeper.sweep()
    assert await desk.is_in_session("ada")

    desk.clock.advance(seconds=200)
    await desk.app.sweeper.sweep()

    assert not await desk.is_in_session("ada")
