"""Queues, groups, skills, workbins and tokens over HTTP: made, read in every form, changed, deleted."""

from typing import Any

import pytest

from tests.desk import URL, Desk, Got

#: Of each collection: the key of one, what is enough to make one, and the key of its name.
KINDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "queues": ("queue", {"name": "gold"}, "name"),
    "groups": ("group", {"name": "gold"}, "name"),
    "skills": ("skill", {"name": "gold"}, "name"),
    "workbins": ("workbin", {"workbinName": "gold"}, "workbinName"),
}
every_kind = pytest.mark.parametrize("plural", KINDS)


async def made(desk: Desk, plural: str, **more: Any) -> str:
    """One that root made; its id."""
    got = await desk.post(f"/{plural}", {**KINDS[plural][1], **more}, "root")
    assert got.body["statusCode"] == 0, got.body
    return str(got.body["id"])


async def shown(desk: Desk, plural: str, thing_id: str, user: str = "ada") -> dict[str, Any]:
    got = await desk.get(f"/{plural}/{thing_id}", user)
    assert got.body["statusCode"] == 0, got.body
    one: dict[str, Any] = got.body[KINDS[plural][0]]
    return one


def refused(got: Got) -> tuple[int, int]:
    """(HTTP status, statusCode) of a refusal, which has the four keys and nothing else."""
    assert got.body.keys() == {"statusCode", "statusMessage", "status", "errorDescription"}
    return got.status, got.body["statusCode"]


# ── what is the same for all ─────────────────────────────────────────────────────────────────────


@every_kind
async def test_the_answer_to_a_making_says_where_the_thing_is(desk: Desk, plural: str) -> None:
    got = await desk.post(f"/{plural}", KINDS[plural][1], "root")
    thing_id = got.body["id"]
    assert got.status == 200
    assert got.body == {"statusCode": 0, "id": thing_id, "uri": f"{URL}/api/v2/{plural}/{thing_id}"}

    one = await shown(desk, plural, thing_id)
    assert (one["id"], one["uri"], one["path"]) == (thing_id, got.body["uri"], f"/{plural}/{thing_id}")
    assert one[KINDS[plural][2]] == "gold"


@every_kind
async def test_a_collection_is_uris_or_objects_with_what_is_asked_for(desk: Desk, plural: str) -> None:
    thing_id, name_key = await made(desk, plural), KINDS[plural][2]

    uris = (await desk.get(f"/{plural}")).body
    objects = (await desk.get(f"/{plural}?fields=*")).body
    some = (await desk.get(f"/{plural}?fields=id,{name_key}&{name_key}=gold")).body

    assert f"{URL}/api/v2/{plural}/{thing_id}" in uris["uris"]
    assert uris.keys() == {"statusCode", "uris"}
    assert await shown(desk, plural, thing_id) in objects[plural]
    assert some[plural] == [{"id": thing_id, name_key: "gold"}]


@every_kind
async def test_a_collection_is_sorted_and_comes_in_pages(desk: Desk, plural: str) -> None:
    name_key = KINDS[plural][2]
    for name in ("b", "c", "a"):
        await made(desk, plural, **{name_key: name})
    held = (await desk.get(f"/{plural}?fields={name_key}")).body
    names = sorted((one[name_key] for one in held[plural]), key=str.casefold, reverse=True)

    page = (await desk.get(f"/{plural}?fields={name_key}&sortBy={name_key}&order=Descending&limit=2&offset=1")).body

    assert [one[name_key] for one in page[plural]] == names[1:3]
    assert page["totalCount"] == len(names)


@every_kind
async def test_an_object_that_was_read_is_changed_and_sent_back_whole(desk: Desk, plural: str) -> None:
    thing_id, name_key = await made(desk, plural), KINDS[plural][2]
    one = await shown(desk, plural, thing_id)
    renamed = {**one, name_key: "silver"}
    if plural == "workbins":
        renamed["name"] = "silver"

    got = await desk.request("PUT", f"/{plural}/{thing_id}", "root", renamed)

    assert got.body == {"statusCode": 0}
    after = await shown(desk, plural, thing_id)
    assert after[name_key] == "silver"
    assert after["id"] == thing_id


@every_kind
async def test_what_a_thing_is_known_by_cannot_be_changed(desk: Desk, plural: str) -> None:
    thing_id = await made(desk, plural)
    before = await shown(desk, plural, thing_id)

    for name, value in (
        ("id", "other"),
        ("path", "/other/1"),
        ("uri", "http://elsewhere/other/1"),
        ("contactCenterId", "other"),
    ):
        got = await desk.request("PUT", f"/{plural}/{thing_id}", "root", {KINDS[plural][2]: "silver", name: value})
        assert refused(got) == (400, 11)
        assert name in got.body["statusMessage"]
    assert await shown(desk, plural, thing_id) == before


@every_kind
async def test_a_deleted_thing_is_unknown(desk: Desk, plural: str) -> None:
    thing_id = await made(desk, plural)
    assert (await desk.request("DELETE", f"/{plural}/{thing_id}", "root")).body == {"statusCode": 0}
    assert refused(await desk.get(f"/{plural}/{thing_id}")) == (404, 6)
    assert refused(await desk.request("DELETE", f"/{plural}/{thing_id}", "root")) == (404, 6)


@every_kind
async def test_a_repeated_request_with_a_key_makes_one_thing(desk: Desk, plural: str) -> None:
    key = {"idempotency-key": "once"}
    first = await desk.post(f"/{plural}", KINDS[plural][1], "root", headers=key)
    again = await desk.post(f"/{plural}", KINDS[plural][1], "root", headers=key)
    other = await desk.post(f"/{plural}", {KINDS[plural][2]: "other"}, "root", headers=key)
    assert again.body == first.body
    assert refused(other) == (400, 10)


@every_kind
async def test_a_name_that_is_taken_is_a_conflict(desk: Desk, plural: str) -> None:
    await made(desk, plural)
    assert refused(await desk.post(f"/{plural}", KINDS[plural][1], "root")) == (409, 18)


# ── what each has of its own ─────────────────────────────────────────────────────────────────────


async def test_a_queue_is_given_its_agents_as_names_ids_uris_or_objects(desk: Desk) -> None:
    ada, grace, linus, sam = [await desk.id_of(name) for name in ("ada", "grace", "linus", "sam")]
    agents = ["ada", grace, {"uri": f"{URL}/api/v2/users/{linus}"}, {"userName": "sam"}]
    queue = await made(desk, "queues", agents=agents, groups=[{"name": "Team"}], emailAddresses=["Gold@Example.org"])

    one = await shown(desk, "queues", queue)
    assert one["agents"] == [ada, grace, linus, sam]
    assert one["emailAddresses"] == ["gold@example.org"]
    [team] = (await desk.get("/groups?name=Team&fields=*")).body["groups"]
    assert one["groups"] == [team["id"]]
    assert (await desk.get("/queues?fields=name&agents=" + sam)).body["queues"] == [{"name": "gold"}]


async def test_work_goes_to_an_agent_who_was_just_given_the_queue(desk: Desk) -> None:
    await desk.becomes("linus", "Ready", "workitem")
    interaction = await desk.submits("vip")
    assert await desk.state_of(interaction) == "Queued"
    [vip] = (await desk.get("/queues?name=vip&fields=id")).body["queues"]

    await desk.request("PUT", f"/queues/{vip['id']}", "root", {"agents": ["linus"]})
    await desk.settled()

    assert await desk.held_by("linus") == {interaction: "Invited"}


async def test_a_queue_in_use_is_kept_and_says_by_what(desk: Desk) -> None:
    await desk.submits("support")
    [support] = (await desk.get("/queues?name=support&fields=id")).body["queues"]
    got = await desk.request("DELETE", f"/queues/{support['id']}", "root")
    assert refused(got) == (409, 19)
    assert "1 live interaction" in got.body["statusMessage"]


async def test_groups_are_found_by_type_and_ones_own_under_me(desk: Desk) -> None:
    assert (await desk.get("/groups?type=dispositions&fields=*")).body == {
        "statusCode": 0,
        "groups": [],
        "totalCount": 0,
    }
    assert len((await desk.get("/groups?type=AgentGroup&fields=*")).body["groups"]) == 1
    assert [one["name"] for one in (await desk.get("/me/groups?fields=*")).body["groups"]] == ["Team"]
    assert (await desk.get("/me/groups?type=BusinessUnit&fields=*")).body["groups"] == []
    assert (await desk.get("/me/groups", "sam")).body == {"statusCode": 0, "uris": []}


async def test_a_users_skills_have_levels_and_are_listed_for_everybody(desk: Desk) -> None:
    skill = await made(desk, "skills")
    ada = await desk.id_of("ada")
    await desk.request("PUT", f"/users/{ada}", "root", {"skills": [{"name": "gold", "level": "8"}]})

    [held] = (await desk.get(f"/users/{ada}/skills?fields=*", "grace")).body["skills"]
    assert (held["id"], held["name"], held["level"]) == (skill, "gold", "8")
    assert (await desk.get("/me/skills?fields=*", "ada")).body["skills"] == [held]
    assert (await desk.get("/me/skills?fields=*", "grace")).body["skills"] == []
    assert refused(await desk.request("DELETE", f"/skills/{skill}", "root")) == (409, 19)


async def test_a_workbin_has_one_name_under_either_key(desk: Desk) -> None:
    got = await desk.post("/workbins", {"name": "a", "displayName": "A bin", "type": "AgentGroup"}, "root")
    one = await shown(desk, "workbins", got.body["id"])
    assert (one["workbinName"], one["displayName"], one["type"]) == ("a", "A bin", "AgentGroup")
    assert refused(await desk.post("/workbins", {"name": "b", "workbinName": "c"}, "root")) == (400, 10)
    assert refused(await desk.post("/workbins", {"displayName": "nameless"}, "root")) == (400, 1)


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_token_works_until_it_is_deleted(desk: Desk) -> None:
    made_ = (await desk.post("/tokens", {"name": "import", "scopes": ["submit", "read"]}, "root")).body
    bearer = {"authorization": f"Bearer {made_['secret']}"}
    submission = {"mediaType": "workitem", "queueName": "support"}
    assert made_.keys() == {"statusCode", "id", "uri", "secret"}

    assert (await desk.post("/interactions", submission, None, headers=bearer)).body["statusCode"] == 0
    assert (await desk.get("/me", None, headers=bearer)).body["user"]["userName"] == "root"
    assert refused(await desk.post("/queues", {"name": "x"}, None, headers=bearer)) == (403, 5)

    one = (await desk.get(f"/tokens/{made_['id']}", "root")).body["token"]
    assert made_["secret"] not in str(one)
    assert (one["name"], one["scopes"], one["userId"]) == ("import", ["read", "submit"], await desk.id_of("root"))
    assert (await desk.get("/tokens?fields=*", "root")).body["tokens"] == [one]

    assert (await desk.request("DELETE", f"/tokens/{made_['id']}", "root")).body == {"statusCode": 0}
    assert refused(await desk.get("/me", None, headers=bearer)) == (403, 20)
    assert refused(await desk.get(f"/tokens/{made_['id']}", "root")) == (404, 6)


async def test_a_token_is_made_for_another_user_by_id_uri_or_name(desk: Desk) -> None:
    ada = await desk.id_of("ada")
    for user in ({"userId": ada}, {"userUri": f"{URL}/api/v2/users/{ada}"}, {"userId": "ada"}):
        got = await desk.post("/tokens", {"name": "desktop", "scopes": ["work"], **user}, "root")
        bearer = {"authorization": f"Bearer {got.body['secret']}"}
        assert (await desk.get("/me", None, headers=bearer)).body["user"]["id"] == ada
