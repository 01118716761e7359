"""What every collection and every reading of one's own has in common."""

import pytest

from frontdesk.rest.api import routes
from frontdesk.wire.agents import SUBRESOURCES
from tests.desk import Desk

OWN = [route.path for route in routes() if route.method == "GET" and route.path.startswith("/me")]


@pytest.mark.parametrize("path", OWN)
async def test_every_reading_of_ones_own_tells_which_events_are_in_it(desk: Desk, path: str) -> None:
    media = {"/me/chats/{id}": "chat", "/me/workitems/{id}": "workitem", "/me/openmedia/{mediaType}/{id}": "fax"}
    interaction = await desk.ada_works_on(media.get(path, "email"))
    workbins = (await desk.get("/me/workbins?fields=id")).body["workbins"]
    number = (await desk.get("/me")).headers["x-frontdesk-replay"]
    assert int(number) > 0
    values = {"channel": (await desk.get("/me/channels")).body["channels"][0]["channel"], "mediaType": "fax"}
    values |= {"section": "htcc", "plural": "interactions"}
    values["id"] = workbins[0]["id"] if "workbins" in path else interaction

    for query in ("", "?fields=*", "?subresources=*"):
        got = await desk.get(path.format_map(values) + query)
        assert (got.status, got.headers.get("x-frontdesk-replay")) == (200, number), query


async def test_the_order_can_be_turned_round_without_a_property_to_sort_by(desk: Desk) -> None:
    born = [await desk.submits() for _ in range(3)]
    for path in ("/interactions?fields=id", "/interactions?fields=id&order=Descending"):
        found = [one["id"] for one in (await desk.get(path)).body["interactions"]]
        assert found == (born[::-1] if "order" in path else born), path

    page = (await desk.get("/interactions?fields=id&order=Descending&limit=1&offset=1")).body
    assert page == {"statusCode": 0, "interactions": [{"id": born[1]}], "totalCount": 3}


async def test_a_history_is_read_in_pages_in_parts_and_backwards(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    await desk.did("ada", interaction, "Complete")
    path = f"/interactions/{interaction}/events"

    whole = (await desk.get(path)).body
    assert [one["event"] for one in whole["events"]] == ["Submit", "Offer", "Accept", "Complete"]
    assert whole["totalCount"] == 4

    page = (await desk.get(f"{path}?limit=2&offset=1&fields=event")).body
    assert page == {"statusCode": 0, "events": [{"event": "Offer"}, {"event": "Accept"}], "totalCount": 4}
    newest = (await desk.get(f"{path}?order=Descending&limit=1")).body
    assert (newest["events"], newest["totalCount"]) == ([whole["events"][-1]], 4)
    taken = (await desk.get(f"{path}?event=Accept")).body
    assert taken["events"] == [whole["events"][2]]


async def test_channels_are_objects_in_any_case_and_can_be_chosen_from(desk: Desk) -> None:
    await desk.starts_session("ada", "email", "chat", "voice")
    await desk.post("/me/channels/chat", {"operationName": "Ready"})

    for query in ("", "?fields=*"):
        assert [one["channel"] for one in (await desk.get(f"/me/channels{query}")).body["channels"]] == [
            "chat",
            "email",
        ]
    assert (await desk.get("/me/channels?fields=channel&limit=1")).body["channels"] == [{"channel": "chat"}]
    ready = (await desk.get("/me/channels?userState.state=Ready&fields=channel")).body
    assert ready == {"statusCode": 0, "channels": [{"channel": "chat"}], "totalCount": 1}
    assert (await desk.get("/me/channels/chat?fields=doNotDisturb")).body["channel"] == {"doNotDisturb": "Off"}


async def test_of_me_only_what_is_asked_for_is_embedded(desk: Desk) -> None:
    plain = (await desk.get("/me")).body["user"]
    assert not set(SUBRESOURCES) & plain.keys()
    whole = (await desk.get("/me?subresources=*")).body["user"]
    assert set(SUBRESOURCES) <= whole.keys()
    assert (await desk.get("/me?subresources=calls,telephones&fields=userName")).body["user"] == {
        "userName": "ada",
        "calls": [],
    }
