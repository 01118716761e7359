"""Users over HTTP: what is shown of them, who changes what, and what ends with a change."""

import base64
from typing import Any

import pytest

from tests.desk import URL, Desk, Got

NEW = {"userName": "mary", "password": "correct horse"}


async def hired(desk: Desk, **more: Any) -> str:
    got = await desk.post("/users", {**NEW, **more}, "root")
    assert got.body["statusCode"] == 0, got.body
    return str(got.body["id"])


def refused(got: Got) -> tuple[int, int]:
    return got.status, got.body["statusCode"]


def basic(user_name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user_name}:{password}".encode()).decode()}


async def test_a_user_is_shown_without_a_password(desk: Desk) -> None:
    got = await desk.post("/users", {**NEW, "firstName": "Mary", "roles": ["ROLE_SUPERVISOR", "ROLE_AGENT"]}, "root")
    user_id = got.body["id"]
    assert got.body == {"statusCode": 0, "id": user_id, "uri": f"{URL}/api/v2/users/{user_id}"}

    user = (await desk.get(f"/users/{user_id}", "ada")).body["user"]
    assert user == {
        "id": user_id,
        "uri": f"{URL}/api/v2/users/{user_id}",
        "path": f"/users/{user_id}",
        "version": 1,
        "userName": "mary",
        "firstName": "Mary",
        "lastName": "",
        "emailAddress": "",
        "roles": ["ROLE_AGENT", "ROLE_SUPERVISOR"],
        "enabled": True,
        "changePasswordOnFirstLogin": False,
        "contactCenterId": user["contactCenterId"],
    }
    assert (await desk.get("/me", None, headers=basic("mary", "correct horse"))).body["user"] == user


async def test_users_are_found_by_what_they_are_and_by_what_they_have(desk: Desk) -> None:
    await desk.post("/skills", {"name": "French"}, "root")
    mary = await hired(desk, skills=[{"name": "French", "level": 3}])

    def names(got: Got) -> list[str]:
        return [user["userName"] for user in got.body["users"]]

    assert names(await desk.get("/users?fields=userName&sortBy=userName&order=Descending&limit=2")) == ["sam", "root"]
    assert names(await desk.get("/users?fields=userName&roles=ROLE_SUPERVISOR")) == ["sam"]
    assert names(await desk.get("/users?fields=userName&skills.name=French")) == ["mary"]
    assert names(await desk.get("/users?fields=userName&groups.name=Team")) == ["ada", "grace", "linus"]
    [found] = (await desk.get("/users?subresources=skills,groups&fields=id,userName&userName=mary")).body["users"]
    assert found.keys() == {"id", "userName", "skills", "groups"}
    assert [(held["name"], held["level"]) for held in found["skills"]] == [("French", "3")]
    assert found["id"] == mary
    one = (await desk.get(f"/users/{mary}?subresources=*")).body["user"]
    assert (len(one["skills"]), one["groups"]) == (1, [])
    assert len((await desk.get("/users")).body["uris"]) == 6


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_user_that_was_read_is_changed_and_sent_back_whole(desk: Desk, method: str) -> None:
    mary = await hired(desk, skills=[])
    user = (await desk.get(f"/users/{mary}?subresources=*", "root")).body["user"]

    got = await desk.request(method, f"/users/{mary}", "root", {**user, "lastName": "Shelley", "roles": ["ROLE_ADMIN"]})

    assert got.body == {"statusCode": 0}
    after = (await desk.get(f"/users/{mary}", "root")).body["user"]
    assert (after["lastName"], after["roles"], after["version"]) == ("Shelley", ["ROLE_ADMIN"], 2)
    late = await desk.request(method, f"/users/{mary}", "root", {**user, "lastName": "Late"})
    assert refused(late) == (400, 11)


async def test_an_agent_changes_the_own_name_and_nobody_elses(desk: Desk) -> None:
    ada, grace = await desk.id_of("ada"), await desk.id_of("grace")
    me = (await desk.get("/me", "ada")).body["user"]

    assert (await desk.request("PUT", f"/users/{ada}", "ada", {**me, "firstName": "Augusta"})).body["statusCode"] == 0
    assert (await desk.get("/me", "ada")).body["user"]["firstName"] == "Augusta"
    assert refused(await desk.request("PUT", f"/users/{ada}", "ada", {"roles": ["ROLE_ADMIN"]})) == (403, 5)
    assert refused(await desk.request("PUT", f"/users/{grace}", "ada", {"firstName": "G"})) == (403, 5)
    assert refused(await desk.request("PUT", f"/users/{grace}", "sam", {"firstName": "G"})) == (403, 5)


async def test_a_changed_password_is_the_only_one_that_lets_in(desk: Desk) -> None:
    ada = await desk.id_of("ada")
    change = {"password": "battery staple", "oldPassword": "demo"}
    assert refused(await desk.request("PUT", f"/users/{ada}", "ada", {"password": "battery staple"})) == (400, 1)
    assert refused(await desk.request("PUT", f"/users/{ada}", "ada", {**change, "oldPassword": "x"})) == (400, 10)

    assert (await desk.request("PUT", f"/users/{ada}", "ada", change)).body == {"statusCode": 0}

    assert (await desk.get("/me", None, headers=basic("ada", "battery staple"))).body["statusCode"] == 0
    assert refused(await desk.get("/me", None, headers=basic("ada", "demo"))) == (403, 20)


async def test_a_disabled_user_is_out_at_once_also_with_a_cookie(desk: Desk) -> None:
    got = await desk.get("/me", "ada")
    cookie = {"cookie": got.headers["set-cookie"].partition(";")[0]}
    ada = got.body["user"]["id"]
    assert (await desk.get("/me", None, headers=cookie)).status == 200

    await desk.request("PUT", f"/users/{ada}", "root", {"enabled": False})

    assert refused(await desk.get("/me", None, headers=cookie)) == (403, 20)
    assert refused(await desk.get("/me", "ada")) == (403, 20)
    await desk.request("PUT", f"/users/{ada}", "root", {"enabled": True})
    assert (await desk.get("/me", "ada")).status == 200


async def test_a_repeated_change_of_password_with_a_key_is_made_once(desk: Desk) -> None:
    mary = await hired(desk)
    key = {"idempotency-key": "once"}
    change = {"password": "battery staple"}
    assert (await desk.request("PUT", f"/users/{mary}", "root", change, headers=key)).body == {"statusCode": 0}
    version = (await desk.get(f"/users/{mary}", "root")).body["user"]["version"]
    assert (await desk.request("PUT", f"/users/{mary}", "root", change, headers=key)).body == {"statusCode": 0}
    assert (await desk.get(f"/users/{mary}", "root")).body["user"]["version"] == version
    other = {**change, "firstName": "Mary"}
    assert refused(await desk.request("PUT", f"/users/{mary}", "root", other, headers=key)) == (400, 10)


async def test_the_last_administrator_and_users_in_use_stay(desk: Desk) -> None:
    root, ada = await desk.id_of("root"), await desk.id_of("ada")
    for body in ({"enabled": False}, {"roles": ["ROLE_AGENT"]}):
        assert refused(await desk.request("PUT", f"/users/{root}", "root", body)) == (409, 19)
    assert refused(await desk.request("DELETE", f"/users/{root}", "root")) == (409, 19)
    got = await desk.request("DELETE", f"/users/{ada}", "root")
    assert refused(got) == (409, 19)
    assert "queue 'support'" in got.body["statusMessage"]
    mary = await hired(desk)
    assert (await desk.request("DELETE", f"/users/{mary}", "root")).body == {"statusCode": 0}
    assert refused(await desk.get(f"/users/{mary}", "root")) == (404, 6)
