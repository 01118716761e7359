"""Agent states as settings: the constants are everybody's and nobody's to change, the others are administrators'."""

from typing import Any

import pytest

from frontdesk.core import agent_states
from frontdesk.core.agent_states import AGENT_STATES
from tests.desk import URL, Desk

PATH = "/settings/agent-states"
LUNCH = {"operationName": "OutToLunch", "displayName": "Out to lunch", "reason": "Lunch", "workMode": "AuxWork"}


async def adds(desk: Desk, **given: Any) -> str:
    got = await desk.post(PATH, {**LUNCH, **given}, "root")
    assert got.status == 200, got.body
    return str(got.body["id"])


async def operations(desk: Desk, user: str = "ada") -> list[str]:
    return [one["operationName"] for one in (await desk.get(PATH, user)).body["settings"]]


async def test_what_an_administrator_adds_everybody_reads(desk: Desk) -> None:
    state = await adds(desk)
    assert await operations(desk) == [*AGENT_STATES, "OutToLunch"]
    assert await operations(desk, "eve") == list(AGENT_STATES)
    got = await desk.get(f"{PATH}/{state}")
    assert got.body["settings"] == {"id": state, "state": "NotReady", **LUNCH}


async def test_the_address_of_a_new_one_leads_to_it(desk: Desk) -> None:
    got = await desk.post(PATH, LUNCH, "root")
    uri = got.body["uri"]
    assert uri == f"{URL}/api/v2{PATH}/{got.body['id']}"
    assert (await desk.get(uri.removeprefix(f"{URL}/api/v2"))).body["settings"]["operationName"] == "OutToLunch"


async def test_a_state_is_not_ready_and_called_like_its_operation_unless_it_says_otherwise(desk: Desk) -> None:
    got = await desk.post(PATH, {"operationName": "Training"}, "root")
    shown = (await desk.get(f"{PATH}/{got.body['id']}")).body["settings"]
    assert shown == {
        "id": got.body["id"],
        "operationName": "Training",
        "displayName": "Training",
        "state": "NotReady",
    }


@pytest.mark.parametrize("by_path", [True, False])
async def test_a_state_is_changed_by_its_id(desk: Desk, by_path: bool) -> None:
    state = await adds(desk)
    change = {"displayName": "Noon", "state": "Ready", "reason": ""}
    path, body = (f"{PATH}/{state}", change) if by_path else (PATH, {"id": state, **change})
    assert (await desk.request("PUT", path, "root", body)).body == {"statusCode": 0}
    assert (await desk.get(f"{PATH}/{state}")).body["settings"] == {
        "id": state,
        "operationName": "OutToLunch",
        "displayName": "Noon",
        "state": "Ready",
        "workMode": "AuxWork",
    }


async def test_what_a_get_gave_can_be_put_back(desk: Desk) -> None:
    await adds(desk)
    for shown in (await desk.get(PATH)).body["settings"]:
        got = await desk.request("PUT", PATH, "root", shown)
        assert got.body == {"statusCode": 0}, shown


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "", {}, (400, 1)),
        ("POST", "", {"operationName": "Out to lunch"}, (400, 10)),
        ("POST", "", {"operationName": "OutToLunch"}, (409, 18)),
        ("POST", "", {"operationName": "Ready"}, (409, 18)),
        ("POST", "", {"operationName": "EndContactCenterSession"}, (409, 18)),
        ("POST", "", {"operationName": "Other", "state": "Sleeping"}, (400, 10)),
        ("POST", "", {"operationName": "Other", "displayName": "x" * 101}, (400, 10)),
        ("PUT", "", {"displayName": "Whose?"}, (400, 1)),
        ("PUT", "", {"id": "none", "displayName": "Whose?"}, (404, 6)),
        ("PUT", "/{id}", {"operationName": "Other"}, (400, 11)),
        ("PUT", "/{id}", {"id": "other", "displayName": "Other"}, (400, 11)),
        ("PUT", "/{id}", {"version": 7, "displayName": "Other"}, (400, 11)),
        ("PUT", "/9430250E-0A1B-421F-B372-F29E69366DED", {"displayName": "Here"}, (400, 11)),
        ("PUT", "/9430250E-0A1B-421F-B372-F29E69366DED", {"reason": "Because"}, (400, 11)),
        ("DELETE", "/9430250E-0A1B-421F-B372-F29E69366DED", None, (403, 3)),
        ("DELETE", "/none", None, (404, 6)),
        ("GET", "/none", None, (404, 6)),
    ],
)
async def test_what_cannot_be_is_refused(
    desk: Desk, method: str, path: str, body: Any, expected: tuple[int, int]
) -> None:
    state = await adds(desk)
    before = (await desk.get(PATH)).body
    got = await desk.request(method, PATH + path.replace("{id}", state), "root", body)
    assert (got.status, got.body["statusCode"]) == expected
    assert (await desk.get(PATH)).body == before


async def test_another_contact_centres_state_is_none(desk: Desk) -> None:
    state = await adds(desk)
    for method in ("GET", "PUT", "DELETE"):
        got = await desk.request(method, f"{PATH}/{state}", "oscar", {"displayName": "Mine"})
        assert (got.status, got.body["statusCode"]) == (404, 6)


async def test_there_are_only_so_many(desk: Desk) -> None:
    for number in range(agent_states.MOST_STATES):
        await adds(desk, operationName=f"State{number}")
    got = await desk.post(PATH, {"operationName": "OneMore"}, "root")
    assert (got.status, got.body["statusCode"]) == (400, 10)
