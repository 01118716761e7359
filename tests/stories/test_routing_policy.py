"""What an administrator decides about routing, and what the agents see of it."""

import json
from pathlib import Path
from typing import Any

from tests.desk import Desk

PAGE = Path(__file__).parent.parent.parent / "docs" / "routing.md"


async def puts_in_force(desk: Desk, **document: Any) -> None:
    got = await desk.request("PUT", "/routing/policy", "root", document)
    assert got.status == 200, got.body
    await desk.settled()


async def learns(desk: Desk, user: str, **levels: int) -> None:
    """The administrator gives a user skills, which are made if they are not there."""
    known = {one["name"] for one in (await desk.get("/skills?fields=*", "root")).body["skills"]}
    for name in levels.keys() - known:
        assert (await desk.post("/skills", {"name": name}, "root")).status == 200
    skills = [{"name": name, "level": level} for name, level in levels.items()]
    got = await desk.request("PUT", f"/users/{await desk.id_of(user)}", "root", {"skills": skills})
    assert got.status == 200, got.body
    await desk.settled()


async def why(desk: Desk, interaction: str) -> dict[str, Any]:
    routing: dict[str, Any] = (await desk.get(f"/interactions/{interaction}/routing")).body["routing"]
    return routing


async def test_a_queue_that_requires_a_skill_asks_only_who_has_it_and_says_so(desk: Desk) -> None:
    await puts_in_force(desk, queues={"support": {"requires": "billing >= 5"}})
    await learns(desk, "grace", billing=7)
    await desk.becomes("ada")
    await desk.becomes("grace")

    interaction = await desk.submits("support")

    assert interaction in await desk.held_by("grace")
    [decision] = (await why(desk, interaction))["decisions"]
    assert decision["invitees"] == ["grace"]
    assert decision["policyVersion"] == 1
    assert [one["userName"] for one in decision["candidates"]] == ["grace"]
    assert decision["excludedCounts"]["skills"] >= 1


async def test_what_nobody_can_serve_is_listed_with_the_rule_that_blocks_it(desk: Desk) -> None:
    await puts_in_force(desk, queues={"vip": {"requires": "magic"}})
    await desk.becomes("ada")
    interaction = await desk.submits("vip")

    [stuck] = (await desk.get("/routing/stuck")).body["stuck"]
    assert (stuck["id"], stuck["blockedBy"], stuck["queueName"]) == (interaction, "skills", "vip")
    waiting = (await why(desk, interaction))["waiting"]
    assert waiting["excluded"]["skills"] == ["ada"]
    assert waiting["wouldUnblock"]

    await learns(desk, "ada", magic=1)
    assert await desk.held_by("ada") == {interaction: "Invited"}
    assert (await desk.get("/routing/stuck")).body["stuck"] == []


async def test_after_a_while_the_requirement_is_relaxed(desk: Desk) -> None:
    relax = [{"after_s": 20, "requires": "billing >= 2"}]
    await puts_in_force(desk, queues={"support": {"requires": "billing >= 5", "relax": relax}})
    await learns(desk, "ada", billing=3)
    await desk.becomes("ada")
    interaction = await desk.submits("support")
    assert await desk.held_by("ada") == {}

    await desk.time_passes(seconds=21)

    assert await desk.held_by("ada") == {interaction: "Invited"}


async def test_what_waits_too_long_overflows_to_another_queue_as_old_as_it_is(desk: Desk) -> None:
    await puts_in_force(desk, queues={"vip": {"overflow": [{"to": "support", "after_s": 10}]}})
    await desk.becomes("linus")  # who serves support, not vip
    interaction = await desk.submits("vip")
    before = await desk.stored(interaction)

    await desk.time_passes(seconds=11)

    assert await desk.held_by("linus") == {interaction: "Invited"}
    after = await desk.stored(interaction)
    assert (after.queue_name, after.queued_at_ms) == ("support", before.queued_at_ms)


async def test_several_are_asked_at_once_and_the_first_gets_it(desk: Desk) -> None:
    await puts_in_force(desk, queues={"support": {"parallel": 2}})
    await desk.becomes("ada")
    await desk.becomes("grace")
    interaction = await desk.submits("support")
    assert interaction in await desk.held_by("ada")
    assert interaction in await desk.held_by("grace")

    await desk.did("grace", interaction, "Accept")

    assert await desk.held_by("ada") == {}
    late = await desk.operate("ada", interaction, "Accept")
    assert (late.status, late.body["statusCode"]) == (400, 2)


async def test_an_agent_takes_what_waits_where_the_queue_allows_it(desk: Desk) -> None:
    interaction = await desk.submits("support")
    await desk.starts_session("ada")
    refused = await desk.operate("ada", interaction, "Pull")
    assert (refused.status, refused.body["statusCode"]) == (403, 3)

    await puts_in_force(desk, queues={"support": {"pull": True}, "vip": {"pull": True}})
    await desk.did("ada", interaction, "Pull")

    assert await desk.held_by("ada") == {interaction: "Processing"}
    foreign = await desk.submits("vip")
    got = await desk.operate("linus", foreign, "Pull")
    assert (got.status, got.body["statusCode"]) == (403, 5)


async def test_an_agent_who_lets_offers_pass_becomes_not_ready(desk: Desk) -> None:
    await desk.becomes("ada", "Ready", "workitem")
    await desk.submits()
    await desk.submits()
    await desk.time_passes(seconds=32)

    [channel] = (await desk.get("/me/channels")).body["channels"]
    assert (channel["userState"]["state"], channel["userState"]["reason"]) == ("NotReady", "MissedOffers")


async def test_after_completing_there_is_time_to_wrap_up(desk: Desk) -> None:
    await puts_in_force(desk, queues={"support": {"wrap_up_s": 15}})
    interaction = await desk.ada_works_on()
    await desk.did("ada", interaction, "Complete")
    waiting = await desk.submits()
    assert await desk.held_by("ada") == {}

    await desk.time_passes(seconds=16)

    assert await desk.held_by("ada") == {waiting: "Invited"}


async def test_when_the_session_ends_the_work_goes_back_if_the_queue_says_so(desk: Desk) -> None:
    await puts_in_force(desk, queues={"support": {"after_session": "queue"}})
    interaction = await desk.ada_works_on()
    await desk.post("/me", {"operationName": "EndContactCenterSession"})
    assert await desk.state_of(interaction) == "Queued"


async def test_the_contact_comes_back_to_the_agent_who_knows_it(desk: Desk) -> None:
    await puts_in_force(desk, queues={"support": {"last_agent_s": 30}})
    known = {"ContactId": "c-17"}
    first = await desk.ada_works_on(userData=known)
    await desk.did("ada", first, "Complete")
    await desk.time_passes(seconds=1)
    await desk.becomes("grace")
    await desk.becomes("ada", "NotReady")

    second = await desk.submits(userData=known)
    assert await desk.held_by("grace") == {}

    await desk.becomes("ada", "Ready")
    assert await desk.held_by("ada") == {second: "Invited"}


async def test_every_version_is_kept_and_what_makes_no_sense_is_refused(desk: Desk) -> None:
    await puts_in_force(desk, queues={"support": {"weight": 3}})
    await puts_in_force(desk, queues={"support": {"weight": 5}})
    kept = (await desk.get("/routing/policies")).body["policies"]
    assert [(one["version"], one["document"]["queues"]["support"]["weight"]) for one in kept] == [(2, 5), (1, 3)]

    for document, code in (
        ({"queues": {"support": {"requires": "billing >="}}}, 10),
        ({"queues": {"nowhere": {}}}, 2),
        ({"queues": {"support": {"colour": "red"}}}, 10),
        ({"queues": {"support": {"calendar": "unknown"}}}, 10),
    ):
        got = await desk.request("PUT", "/routing/policy", "root", document)
        assert (got.status, got.body["statusCode"]) == (400, code), got.body
    assert (await desk.request("PUT", "/routing/policy", "ada", {})).body["statusCode"] == 5
    assert (await desk.get("/routing/policy")).body["policy"]["version"] == 2


async def test_the_example_of_the_documentation_can_be_put_in_force(desk: Desk) -> None:
    example = PAGE.read_text(encoding="utf-8").partition("```json\n")[2].partition("```")[0]
    await puts_in_force(desk, **json.loads(example))
