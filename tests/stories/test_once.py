"""A request that is repeated has its effect once and gives the first answer again."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from frontdesk.kit.clock import ManualClock
from tests.desk import Desk, Got, opened

ONCE = {"idempotency-key": "4711"}
SUBMISSION = {"mediaType": "workitem", "queueName": "support"}

#: Operation → its parameters, on an e-mail that ada works on.
ON_WORK: dict[str, dict[str, Any]] = {
    "Complete": {},
    "PlaceInQueue": {"queueName": "sales"},
    "AttachUserData": {"userData": {"Segment": "gold"}},
    "UpdateUserData": {"userData": {"Segment": "gold"}},
    "DeleteUserData": {"keys": ["Segment"]},
    "PlaceInWorkbin": {"workbin": "In_Progress"},
    "GetWorkbinContent": {"workbin": "In_Progress"},
    "Transfer": {"userId": "grace"},
    "Reply": {"queueName": "support"},
    "ReplyAll": {"queueName": "support"},
    "SetDisposition": {"disposition": "Resolved"},
    "SetInFocus": {},
}


async def everything(desk: Desk) -> tuple[Any, Any, str]:
    """All live interactions with their versions, what ada holds, and how many events she has heard."""
    return (
        (await desk.get("/interactions?fields=id,version,state")).body,
        await desk.held_by("ada"),
        (await desk.get("/me")).headers["x-frontdesk-replay"],
    )


async def repeated(desk: Desk, path: str, body: dict[str, Any]) -> None:
    """Ada asks for it, and asks again."""
    first = await desk.post(path, body, headers=ONCE)
    assert first.body["statusCode"] == 0, first.body
    await desk.settled()
    after = await everything(desk)

    again = await desk.post(path, body, headers=ONCE)
    await desk.settled()

    assert (again.status, again.body) == (first.status, first.body)
    assert await everything(desk) == after


@pytest.mark.parametrize("operation", ON_WORK)
async def test_an_operation_on_ones_work_happens_once(desk: Desk, operation: str) -> None:
    interaction = await desk.ada_works_on("email")
    await desk.becomes("ada", "NotReady")
    await desk.becomes("grace", "NotReady", "email")
    path = f"/me/interactions/{interaction}"
    await repeated(desk, path, {"operationName": operation, **ON_WORK[operation]})


@pytest.mark.parametrize("operation", ["Accept", "Reject"])
async def test_an_answer_to_an_offer_happens_once(desk: Desk, operation: str) -> None:
    await desk.becomes("ada")
    interaction = await desk.submits()
    await repeated(desk, f"/me/interactions/{interaction}", {"operationName": operation})


async def test_a_draft_is_cancelled_once(desk: Desk) -> None:
    draft = await desk.post("/me/emails", {"operationName": "Create", "queueName": "support"})
    await repeated(desk, f"/me/emails/{draft.body['id']}", {"operationName": "Cancel"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/me/workitems", {"operationName": "Create", "queueName": "support"}),
        ("/me/openmedia/fax", {"operationName": "Create", "queueName": "support"}),
        ("/me", {"operationName": "StartContactCenterSession", "channels": ["email", "chat"]}),
        ("/me/channels/workitem", {"operationName": "Ready"}),
        ("/me", {"operationName": "AuxWork"}),
    ],
)
async def test_what_is_ones_own_is_changed_once(desk: Desk, path: str, body: dict[str, Any]) -> None:
    await desk.starts_session("ada")
    await repeated(desk, path, body)


async def test_a_parked_interaction_is_added_and_pulled_once(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    [progress] = (await desk.get("/workbins?name=In_Progress&fields=id")).body["workbins"]
    path = f"/me/workbins/{progress['id']}"
    for key, operation in enumerate(("AddWorkitem", "PullWorkitem")):
        body = {"operationName": operation, "id": interaction}
        first = await desk.post(path, body, headers={"idempotency-key": str(key)})
        version = (await desk.stored(interaction)).version
        again = await desk.post(path, body, headers={"idempotency-key": str(key)})
        assert again.body == first.body
        assert first.body["statusCode"] == 0
        assert (await desk.stored(interaction)).version == version


async def both(desk: Desk, *bodies: dict[str, Any], path: str = "/interactions", user: str = "root") -> list[Got]:
    """These requests at once, with the same key."""
    return list(await asyncio.gather(*(desk.post(path, body, user, headers=ONCE) for body in bodies)))


async def test_of_two_at_once_one_runs_and_the_other_gets_its_answer(desk: Desk) -> None:
    got = await both(desk, *[SUBMISSION] * 20)
    assert {one.status for one in got} == {200}
    assert len({one.body["id"] for one in got}) == 1
    assert len((await desk.get("/interactions")).body["uris"]) == 1


async def test_of_two_different_requests_with_one_key_the_second_is_refused(desk: Desk) -> None:
    got = await both(desk, SUBMISSION, SUBMISSION | {"subject": "Other"})
    assert sorted((one.status, one.body["statusCode"]) for one in got) == [(200, 0), (400, 10)]
    elsewhere = await desk.post("/queues", {"name": "new"}, "root", headers=ONCE)
    assert (elsewhere.status, elsewhere.body["statusCode"]) == (400, 10)


async def test_a_key_is_its_users_own(desk: Desk) -> None:
    body = {"operationName": "Create", "queueName": "support"}
    made = [(await desk.post("/me/workitems", body, user, headers=ONCE)).body["id"] for user in ("ada", "grace")]
    assert len(set(made)) == 2


async def test_a_refusal_is_not_remembered(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    path, body = f"/me/interactions/{interaction}", {"operationName": "Transfer", "userId": "grace"}
    refused = await desk.post(path, body, headers=ONCE)
    assert refused.body["statusCode"] == 2

    await desk.becomes("grace", "NotReady", "workitem")

    assert (await desk.post(path, body, headers=ONCE)).body["statusCode"] == 0
    assert await desk.held_by("grace") == {interaction: "Invited"}


async def test_an_answer_is_remembered_over_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    async with opened(tmp_path / "data", clock) as desk:
        first = await desk.post("/interactions", SUBMISSION, "root", headers=ONCE)
    async with opened(tmp_path / "data", clock) as desk:
        again = await desk.post("/interactions", SUBMISSION, "root", headers=ONCE)
        assert again.body == first.body
        assert len((await desk.get("/interactions")).body["uris"]) == 1


async def test_an_external_id_is_one_interaction_however_often_it_comes(desk: Desk) -> None:
    body = SUBMISSION | {"externalId": "order-4711"}
    got = await asyncio.gather(*(desk.post("/interactions", body, "root") for _ in range(10)))
    assert len({one.body["id"] for one in got}) == 1

    other_medium = await desk.post("/interactions", body | {"mediaType": "email"}, "root")
    assert other_medium.body["id"] != got[0].body["id"]

    await desk.becomes("ada")
    await desk.did("ada", got[0].body["id"], "Accept")
    await desk.did("ada", got[0].body["id"], "Complete")
    assert (await desk.post("/interactions", body, "root")).body["id"] == got[0].body["id"], "also when it is finished"
