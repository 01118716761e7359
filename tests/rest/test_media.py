"""The same interaction under its medium's own path."""

import pytest

from tests.desk import Desk


@pytest.mark.parametrize(
    ("media_type", "own", "anybodys", "singular"),
    [
        ("workitem", "/me/workitems", "/workitems", "workitem"),
        ("email", "/me/emails", "/emails", "email"),
        ("chat", "/me/chats", "/chats", "chat"),
        ("fax", "/me/openmedia/fax", "/openmedia/fax", "openmedia"),
    ],
)
async def test_a_resource_is_found_where_its_address_says(
    desk: Desk, media_type: str, own: str, anybodys: str, singular: str
) -> None:
    interaction = await desk.ada_works_on(media_type)

    mine = (await desk.get(f"{own}/{interaction}")).body[singular]
    theirs = (await desk.get(f"{anybodys}/{interaction}", "grace")).body[singular]

    assert mine["path"] == theirs["path"] == f"{anybodys}/{interaction}"
    assert mine["capabilities"]
    assert theirs["capabilities"] == []


async def test_under_another_mediums_path_there_is_no_such_thing(desk: Desk) -> None:
    interaction = await desk.ada_works_on("workitem")
    for path in ("/me/emails", "/me/chats", "/emails", "/chats", "/openmedia/fax", "/me/openmedia/fax"):
        got = await desk.get(f"{path}/{interaction}")
        assert (got.status, got.body["statusCode"]) == (404, 6), path


async def test_operations_work_under_the_mediums_path_too(desk: Desk) -> None:
    interaction = await desk.ada_works_on("workitem")
    got = await desk.post(f"/me/workitems/{interaction}", {"operationName": "Complete"})
    assert got.body["statusCode"] == 0
    assert got.body["referenceId"] > 0


async def test_an_agent_creates_a_work_item_of_ones_own(desk: Desk) -> None:
    await desk.becomes("ada")
    queues = (await desk.get("/queues?fields=*")).body["queues"]
    body = {"operationName": "Create", "queueUri": queues[0]["uri"], "subject": "Call back"}

    made = (await desk.post("/me/workitems", body)).body

    assert await desk.held_by("ada") == {made["id"]: "Processing"}


async def test_open_media_have_a_name_of_their_own(desk: Desk) -> None:
    got = await desk.post("/me/openmedia/fax", {"operationName": "Create", "queueName": "support"})
    listed = (await desk.get("/me/openmedia/fax?fields=*")).body["openmedia"]
    assert [(one["id"], one["mediaType"]) for one in listed] == [(got.body["id"], "fax")]

    refused = await desk.get("/me/openmedia/no medium")
    assert (refused.status, refused.body["statusCode"]) == (400, 10)


@pytest.mark.parametrize("medium", ["email", "chat", "workitem"])
async def test_a_medium_with_a_resource_of_its_own_is_no_open_one(desk: Desk, medium: str) -> None:
    interaction = await desk.ada_works_on(medium)
    path = f"/me/openmedia/{medium}"
    for got in (
        await desk.get(path),
        await desk.get(f"{path}/{interaction}"),
        await desk.post(path, {"operationName": "Create", "queueName": "support"}),
        await desk.post(f"{path}/{interaction}", {"operationName": "Complete"}),
    ):
        assert (got.status, got.body["statusCode"]) == (404, 6)
    assert await desk.held_by("ada") == {interaction: "Chatting" if medium == "chat" else "Processing"}
