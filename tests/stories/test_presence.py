"""Agents at work: their sessions, the states of their channels, and how much they get at once."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from frontdesk.core.events import AgentChanged
from frontdesk.core.settings import AgentSession, Settings
from frontdesk.kit.clock import ManualClock
from tests.desk import Desk, opened


async def puts_in_force(desk: Desk, **document: Any) -> None:
    got = await desk.request("PUT", "/routing/policy", "root", document)
    assert got.status == 200, got.body
    await desk.settled()


async def state(desk: Desk, user: str, channel: str = "workitem") -> dict[str, Any]:
    """The user's state on a channel, without a request of that user."""
    channels = (await desk.get(f"/users/{await known(desk, user)}/channels", "sam")).body["channels"]
    found: dict[str, Any] = next(one["userState"] for one in channels if one["channel"] == channel)
    return found


async def known(desk: Desk, user: str) -> str:
    users = (await desk.get(f"/users?fields=id&userName={user}", "sam")).body["users"]
    return str(users[0]["id"])


async def adds_state(desk: Desk, **given: Any) -> str:
    """The administrator adds an agent state; its id."""
    got = await desk.post("/settings/agent-states", {"operationName": "OutToLunch", **given}, "root")
    assert got.status == 200, got.body
    return str(got.body["id"])


def changes(desk: Desk) -> list[AgentChanged]:
    """Collects what is told of agents from here on."""
    heard: list[AgentChanged] = []
    desk.app.bus.on_events(
        lambda batch: heard.extend(one.event for one in batch if isinstance(one.event, AgentChanged))
    )
    return heard


def told(heard: list[AgentChanged]) -> list[tuple[str, str, bool]]:
    """(trigger, cause, whether somebody asked for it)."""
    return [(event.trigger, event.cause, event.actor is not None) for event in heard]


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────


async def test_voice_is_presence_that_is_kept_and_not_listed(desk: Desk) -> None:
    await desk.becomes("ada", "NotReady", "voice", "chat")
    got = await desk.post("/me/channels/voice", {"operationName": "Ready"})
    assert got.body == {"statusCode": 0}
    assert [one["channel"] for one in (await desk.get("/me/channels")).body["channels"]] == ["chat"]
    voice = (await desk.get("/me/channels/voice")).body["channel"]
    assert voice["userState"]["state"] == "Ready"
    assert (await desk.get("/me/devices")).body == {"statusCode": 0, "uris": []}


async def test_nothing_is_submitted_or_begun_as_voice(desk: Desk) -> None:
    body = {"mediaType": "voice", "queueName": "support"}
    refused = await desk.post("/interactions", body, "root")
    assert (refused.status, refused.body["statusCode"]) == (400, 10)
    assert "workitem" in refused.body["statusMessage"]
    await desk.becomes("ada", "Ready", "voice")
    refused = await desk.post("/me/openmedia/voice", {"operationName": "Create", "queueName": "support"})
    assert (refused.status, refused.body["statusCode"]) == (400, 10)


async def test_a_server_may_refuse_voice_and_start_the_rest(tmp_path: Path, clock: ManualClock) -> None:
    settings = replace(Settings(), agent_session=AgentSession(voice="refuse"))
    async with opened(tmp_path / "mute", clock, settings) as desk:
        start = {"operationName": "StartContactCenterSession"}
        got = await desk.post("/me", {**start, "channels": ["voice", "chat"]})
        assert (got.status, got.body["statusCode"]) == (200, 7)
        assert got.body["succeeded"] == [{"channel": "chat", "statusCode": 0}]
        assert [(one["channel"], one["statusCode"]) for one in got.body["failed"]] == [("voice", 3)]
        assert [one["channel"] for one in (await desk.get("/me/channels")).body["channels"]] == ["chat"]

        alone = await desk.post("/me", {**start, "channels": ["voice"]}, "grace")
        assert (alone.status, alone.body["statusCode"]) == (403, 3)
        assert not await desk.is_in_session("grace")


async def test_a_second_start_adds_channels_and_changes_no_state(desk: Desk) -> None:
    await desk.becomes("ada", "Ready", "chat")
    await desk.starts_session("ada", "chat", "email")
    assert {one["channel"]: one["userState"]["state"] for one in (await desk.get("/me/channels")).body["channels"]} == {
        "chat": "Ready",
        "email": "NotReady",
    }


@pytest.mark.parametrize("place", ["x" * 101, "desk\n4"])
async def test_a_place_has_a_name_that_can_be_one(desk: Desk, place: str) -> None:
    got = await desk.post("/me", {"operationName": "StartContactCenterSession", "channels": ["chat"], "place": place})
    assert (got.status, got.body["statusCode"]) == (400, 10)
    assert not await desk.is_in_session("ada")


async def test_every_change_is_told_with_its_cause(desk: Desk) -> None:
    ada = await desk.id_of("ada")
    heard = changes(desk)
    await desk.becomes("ada", "Ready")
    await desk.post(f"/users/{ada}/channels/email", {"operationName": "NotReady"}, "sam")
    await desk.post(f"/users/{ada}/channels", {"operationName": "EndContactCenterSession"}, "sam")
    await desk.settled()
    assert told(heard) == [
        ("StartContactCenterSession", "agent", True),
        ("Ready", "agent", True),
        ("NotReady", "supervisor", True),
        ("EndContactCenterSession", "supervisor", True),
    ]
    assert [event.actor for event in heard[2:]] == [await desk.id_of("sam")] * 2


# ── supervisors ──────────────────────────────────────────────────────────────────────────────────


async def test_a_supervisor_sets_the_state_of_an_agent(desk: Desk) -> None:
    await desk.becomes("ada", "Ready", "email", "workitem")
    ada = await desk.id_of("ada")
    got = await desk.post(f"/users/{ada}/channels/email", {"operationName": "AuxWork"}, "sam")
    assert got.body == {"statusCode": 0}
    assert (await state(desk, "ada", "email"))["workMode"] == "AuxWork"
    assert (await state(desk, "ada"))["state"] == "Ready"

    await desk.post(f"/users/{ada}/channels", {"operationName": "NotReady"}, "sam")
    assert (await state(desk, "ada"))["state"] == "NotReady"


async def test_a_supervisor_logs_an_agent_out_and_offers_go_back(desk: Desk) -> None:
    await desk.becomes("ada")
    interaction = await desk.submits()
    got = await desk.post(
        f"/users/{await known(desk, 'ada')}/channels", {"operationName": "EndContactCenterSession"}, "sam"
    )
    assert got.body == {"statusCode": 0}
    assert not await desk.is_in_session("ada")
    assert await desk.state_of(interaction) == "Queued"


@pytest.mark.parametrize("user", ["grace", "root"])
async def test_nobody_else_sets_the_state_of_an_agent(desk: Desk, user: str) -> None:
    await desk.becomes("ada")
    ada = await desk.id_of("ada")
    for path in (f"/users/{ada}/channels", f"/users/{ada}/channels/email"):
        got = await desk.post(path, {"operationName": "NotReady"}, user)
        assert (got.status, got.body["statusCode"]) == (403, 5)
    assert (await state(desk, "ada"))["state"] == "Ready"


async def test_a_supervisor_acts_in_the_own_contact_centre_on_who_is_there(desk: Desk) -> None:
    eve = await desk.id_of("eve")
    for user_id in (eve, "none"):
        got = await desk.post(f"/users/{user_id}/channels", {"operationName": "NotReady"}, "sam")
        assert (got.status, got.body["statusCode"]) == (404, 6)
        assert (await desk.get(f"/users/{user_id}/channels", "sam")).body["statusCode"] == 6
    not_at_work = await desk.post(f"/users/{await known(desk, 'linus')}/channels", {"operationName": "Ready"}, "sam")
    assert (not_at_work.status, not_at_work.body["statusCode"]) == (400, 2)


async def test_users_are_listed_with_their_channels_and_skills(desk: Desk) -> None:
    await desk.becomes("ada", "Ready", "chat")
    users = (await desk.get("/users?subresources=channels,skills,devices", "grace")).body["users"]
    ada = next(one for one in users if one["userName"] == "ada")
    assert [(one["channel"], one["userState"]["state"]) for one in ada["channels"]] == [("chat", "Ready")]
    assert (ada["skills"], ada["devices"]) == ([], [])
    found = (await desk.get("/users?fields=userName&channels.channel=chat", "grace")).body["users"]
    assert found == [{"userName": "ada"}]
    one = (await desk.get(f"/users/{ada['id']}?subresources=*", "grace")).body["user"]
    assert one["channels"] == ada["channels"]


# ── states of one's own ──────────────────────────────────────────────────────────────────────────


async def test_an_added_state_can_be_taken_at_once(desk: Desk) -> None:
    await desk.becomes("ada", "Ready", "email", "chat")
    refused = await desk.post("/me/channels/email", {"operationName": "OutToLunch"})
    assert (refused.status, refused.body["statusCode"]) == (400, 2)

    lunch = await adds_state(desk, displayName="Out to lunch", reason="Lunch", workMode="AuxWork")
    assert (await desk.post("/me/channels/email", {"operationName": "OutToLunch"})).body == {"statusCode": 0}

    shown = {
        "id": lunch,
        "displayName": "Out to lunch",
        "state": "NotReady",
        "workMode": "AuxWork",
        "reason": "Lunch",
    }
    assert await state(desk, "ada", "email") == shown
    assert (await state(desk, "ada", "chat"))["state"] == "Ready"
    assert (await desk.post("/me", {"operationName": "OutToLunch"})).body == {"statusCode": 0}
    assert await state(desk, "ada", "chat") == shown


async def test_whoever_is_out_for_lunch_is_asked_nothing_and_whoever_is_eager_is(desk: Desk) -> None:
    await adds_state(desk, reason="Lunch")
    await adds_state(desk, operationName="Eager", state="Ready")
    await desk.becomes("ada", "OutToLunch")
    interaction = await desk.submits()
    assert await desk.state_of(interaction) == "Queued"

    await desk.becomes("ada", "Eager")

    assert await desk.held_by("ada") == {interaction: "Invited"}


async def test_a_state_that_logs_out_gives_offers_back(desk: Desk) -> None:
    await adds_state(desk, operationName="GoneHome", state="Logout", reason="End of shift")
    await desk.becomes("ada", "Ready", "workitem")
    interaction = await desk.submits()
    await desk.becomes("ada", "GoneHome", "workitem")
    assert await desk.state_of(interaction) == "Queued"
    assert (await desk.get("/me/channels")).body["channels"] == []


async def test_whoever_is_in_a_state_keeps_it_as_it_was_taken(desk: Desk) -> None:
    lunch = await adds_state(desk, displayName="Lunch")
    await desk.becomes("ada", "OutToLunch")
    await desk.request("PUT", f"/settings/agent-states/{lunch}", "root", {"displayName": "Noon", "reason": "Eating"})
    assert (await state(desk, "ada"))["displayName"] == "Lunch"
    await desk.becomes("grace", "OutToLunch")
    assert [(await state(desk, "grace"))[name] for name in ("displayName", "reason")] == ["Noon", "Eating"]


async def test_a_state_in_use_is_not_deleted(desk: Desk) -> None:
    lunch = await adds_state(desk)
    await desk.becomes("ada", "OutToLunch")
    refused = await desk.request("DELETE", f"/settings/agent-states/{lunch}", "root")
    assert (refused.status, refused.body["statusCode"]) == (409, 19)
    assert "2 channels" in refused.body["statusMessage"]

    await desk.becomes("ada", "Ready")

    assert (await desk.request("DELETE", f"/settings/agent-states/{lunch}", "root")).body == {"statusCode": 0}
    got = await desk.post("/me", {"operationName": "OutToLunch"})
    assert (got.status, got.body["statusCode"]) == (400, 2)


# ── missed offers ────────────────────────────────────────────────────────────────────────────────


async def test_who_answers_no_offers_is_not_ready_and_sees_why(desk: Desk) -> None:
    heard = changes(desk)
    await desk.becomes("ada")
    interactions = [await desk.submits("vip") for _ in range(2)]  # only ada serves it
    await desk.time_passes(seconds=31)

    shown = await state(desk, "ada")
    assert (shown["state"], shown["reason"]) == ("NotReady", "MissedOffers")
    assert shown["id"] == "900D55CC-2BB0-431F-8BF9-D3525B383BE6"
    assert (await state(desk, "ada", "email"))["state"] == "Ready"
    assert told(heard)[-1] == ("MissedOffers", "policy", False)
    await desk.time_passes(seconds=61)
    assert {await desk.state_of(one) for one in interactions} == {"Queued"}

    await desk.becomes("ada", "Ready")
    assert "reason" not in await state(desk, "ada")
    assert set(await desk.held_by("ada")) == set(interactions)


@pytest.mark.parametrize("operation", ["Accept", "Reject"])
async def test_an_answer_in_between_begins_the_count_anew(desk: Desk, operation: str) -> None:
    await desk.becomes("ada")
    await desk.submits("vip")
    await desk.time_passes(seconds=31)
    answered = await desk.submits("vip")
    await desk.did("ada", answered, operation)
    await desk.submits("vip")
    await desk.time_passes(seconds=31)
    assert (await state(desk, "ada"))["state"] == "Ready"


async def test_the_policy_says_how_many_may_be_missed(desk: Desk) -> None:
    await puts_in_force(desk, missed_offers=1)
    await desk.becomes("ada")
    await desk.submits("vip")
    await desk.time_passes(seconds=31)
    assert (await state(desk, "ada"))["reason"] == "MissedOffers"

    await puts_in_force(desk, missed_offers=0)
    await desk.becomes("ada", "Ready")
    for _ in range(3):
        await desk.time_passes(seconds=92)
    assert (await state(desk, "ada"))["state"] == "Ready"


# ── wrap-up ──────────────────────────────────────────────────────────────────────────────────────


async def test_after_completing_there_is_time_to_wrap_up_and_then_work_goes_on(desk: Desk) -> None:
    heard = changes(desk)
    await puts_in_force(desk, queues={"support": {"wrap_up_s": 20}})
    interaction = await desk.ada_works_on()
    await desk.did("ada", interaction, "Complete")
    await desk.settled()
    shown = await state(desk, "ada")
    assert (shown["state"], shown["workMode"]) == ("NotReady", "AfterCallWork")
    waiting = await desk.submits()
    assert await desk.state_of(waiting) == "Queued"

    await desk.time_passes(seconds=21)

    assert await desk.held_by("ada") == {waiting: "Invited"}
    assert told(heard)[-2:] == [("WrapUp", "policy", False), ("WrapUpOver", "policy", False)]


async def test_who_says_ready_needs_no_more_time(desk: Desk) -> None:
    await puts_in_force(desk, queues={"support": {"wrap_up_s": 20}})
    interaction = await desk.ada_works_on()
    await desk.did("ada", interaction, "Complete")
    waiting = await desk.submits()
    await desk.post("/me/channels/workitem", {"operationName": "Ready"})
    await desk.settled()
    assert await desk.held_by("ada") == {waiting: "Invited"}

    await desk.did("ada", waiting, "Accept")
    await desk.time_passes(seconds=25)
    assert (await state(desk, "ada"))["state"] == "Ready"


async def test_who_was_not_ready_is_not_ready_after_the_wrap_up(desk: Desk) -> None:
    await puts_in_force(desk, queues={"support": {"wrap_up_s": 20}})
    interaction = await desk.ada_works_on()
    await desk.post("/me", {"operationName": "AuxWork"})
    await desk.did("ada", interaction, "Complete")
    assert (await state(desk, "ada"))["workMode"] == "AfterCallWork"
    await desk.time_passes(seconds=21)
    assert (await state(desk, "ada"))["workMode"] == "AuxWork"


async def test_a_wrap_up_survives_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    async with opened(tmp_path / "data", clock) as desk:
        await puts_in_force(desk, queues={"support": {"wrap_up_s": 20}})
        interaction = await desk.ada_works_on()
        await desk.did("ada", interaction, "Complete")
    async with opened(tmp_path / "data", clock) as desk:
        assert (await state(desk, "ada"))["workMode"] == "AfterCallWork"
        await desk.time_passes(seconds=26)
        assert (await state(desk, "ada"))["state"] == "Ready"


# ── units ────────────────────────────────────────────────────────────────────────────────────────


async def test_the_units_of_an_agent_are_one_room_for_all_media(desk: Desk) -> None:
    await puts_in_force(desk, units=5, media={"chat": {"limit": 3, "cost": 2}, "workitem": {"limit": 3, "cost": 3}})
    await desk.becomes("ada", "Ready", "chat", "workitem")
    chats = [await desk.submits("vip", "chat") for _ in range(2)]
    item = await desk.submits("vip")
    assert set(await desk.held_by("ada")) == set(chats)

    await desk.did("ada", chats[0], "Accept")
    await desk.did("ada", chats[0], "Complete")
    await desk.settled()

    assert set(await desk.held_by("ada")) == {chats[1], item}


async def test_a_new_cost_counts_for_what_is_in_hand(desk: Desk) -> None:
    media = {"chat": {"limit": 3, "cost": 2}, "workitem": {"limit": 3, "cost": 3}}
    await puts_in_force(desk, units=5, media=media)
    await desk.becomes("ada", "Ready", "chat", "workitem")
    chats = [await desk.submits("vip", "chat") for _ in range(2)]
    item = await desk.submits("vip")
    assert set(await desk.held_by("ada")) == set(chats)

    await puts_in_force(desk, units=5, media={**media, "chat": {"limit": 3, "cost": 1}})

    assert set(await desk.held_by("ada")) == {*chats, item}
