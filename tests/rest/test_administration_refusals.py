"""Who may administer, whose things are seen, and what is wrong with a request: each with its documented answer."""

from typing import Any

import pytest

from tests.desk import Desk, Got

NEW: dict[str, dict[str, Any]] = {
    "users": {"userName": "gold", "password": "correct horse"},
    "queues": {"name": "gold"},
    "groups": {"name": "gold"},
    "skills": {"name": "gold"},
    "workbins": {"workbinName": "gold"},
    "tokens": {"name": "gold", "scopes": ["read"]},
}
KINDS = tuple(NEW)
CHANGED = tuple(plural for plural in NEW if plural != "tokens")

READABLE = (
    *("/users", "/queues", "/groups", "/skills", "/workbins", "/me/groups", "/me/skills", "/contact-centers"),
    *("/features", "/services", "/places", "/settings/agent-states", "/settings/general-settings", "/me/settings"),
)


def refused(got: Got) -> tuple[int, int]:
    """(HTTP status, statusCode) of a refusal, which has the four keys and nothing else."""
    assert got.body.keys() == {"statusCode", "statusMessage", "status", "errorDescription"}
    return got.status, got.body["statusCode"]


# ── who may ──────────────────────────────────────────────────────────────────────────────────────


async def test_everybody_reads_the_directory_and_nobody_without_signing_in(desk: Desk) -> None:
    for path in READABLE:
        for user in ("ada", "sam", "root"):
            assert (await desk.get(path, user)).body["statusCode"] == 0, path
        assert refused(await desk.get(path, None)) == (403, 20), path


async def test_agents_and_supervisors_change_nothing(desk: Desk) -> None:
    for plural in KINDS:
        path = f"/{plural}/{(await desk.post(f'/{plural}', NEW[plural], 'root')).body['id']}"
        for user in ("ada", "sam"):
            assert refused(await desk.post(f"/{plural}", NEW[plural], user)) == (403, 5), plural
            assert refused(await desk.request("DELETE", path, user)) == (403, 5), plural
            if plural in CHANGED:
                got = await desk.request("PUT", path, user, {"firstName": "x", "name": "x"})
                assert refused(got) == (403, 5), plural
        assert (await desk.get(path, "root")).body["statusCode"] == 0


async def test_what_only_administrators_read(desk: Desk) -> None:
    for path in ("/tokens", "/settings", "/system/features"):
        assert (await desk.get(path, "root")).body["statusCode"] == 0
        assert refused(await desk.get(path, "ada")) == (403, 5)
        assert refused(await desk.get(path, "sam")) == (403, 5)


async def test_a_token_with_the_scope_administers(desk: Desk) -> None:
    made = await desk.post("/tokens", {"name": "provisioning", "scopes": ["administer"]}, "root")
    bearer = {"authorization": f"Bearer {made.body['secret']}"}
    for plural in KINDS:
        got = await desk.post(f"/{plural}", NEW[plural], None, headers=bearer)
        assert got.body["statusCode"] == 0, got.body


# ── whose ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("plural", KINDS)
async def test_a_thing_of_another_contact_centre_looks_as_if_it_never_was(desk: Desk, plural: str) -> None:
    theirs = (await desk.post(f"/{plural}", NEW[plural], "oscar")).body["id"]
    unknown = theirs[:-1] + ("0" if theirs[-1] != "0" else "1")
    before = (await desk.get(f"/{plural}/{theirs}", "oscar")).body

    for method, body in (("GET", None), ("PUT", {"name": "ours"}), ("POST", {"name": "ours"}), ("DELETE", None)):
        of_theirs = await desk.request(method, f"/{plural}/{theirs}", "root", body)
        of_unknown = await desk.request(method, f"/{plural}/{unknown}", "root", body)
        assert of_theirs.status == of_unknown.status
        assert str(of_theirs.body).replace(theirs, "*") == str(of_unknown.body).replace(unknown, "*")
        if of_theirs.status != 405 and not (method == "POST" and plural == "workbins"):
            assert refused(of_theirs) == (404, 6)

    listed = (await desk.get(f"/{plural}?fields=id", "root")).body[plural]
    assert theirs not in [one["id"] for one in listed]
    assert (await desk.get(f"/{plural}/{theirs}", "oscar")).body == before


async def test_nothing_of_another_contact_centre_can_be_referred_to(desk: Desk) -> None:
    eve = await desk.id_of("eve")
    group = (await desk.post("/groups", {"name": "theirs"}, "oscar")).body["id"]
    skill = (await desk.post("/skills", {"name": "theirs"}, "oscar")).body["id"]
    for plural, body in (
        ("queues", {"agents": [eve]}),
        ("queues", {"agents": ["eve"]}),
        ("queues", {"groups": [group]}),
        ("groups", {"members": [{"id": eve}]}),
        ("users", {"skills": [{"id": skill, "level": 1}]}),
        ("users", {"skills": [{"name": "theirs", "level": 1}]}),
        ("tokens", {"userId": eve}),
    ):
        got = await desk.post(f"/{plural}", {**NEW[plural], **body}, "root")
        assert refused(got) == (400, 2), (plural, body)


async def test_a_contact_centre_is_seen_by_its_own_people_only(desk: Desk) -> None:
    [ours] = (await desk.get("/contact-centers?fields=*", "ada")).body["contactCenters"]
    [theirs] = (await desk.get("/contact-centers?fields=*", "eve")).body["contactCenters"]
    assert (ours["name"], theirs["name"]) == ("demo", "other")
    assert (await desk.get(f"/contact-centers/{ours['id']}", "ada")).body["contactCenter"] == ours
    assert refused(await desk.get(f"/contact-centers/{theirs['id']}", "ada")) == (404, 6)


# ── what is wrong ────────────────────────────────────────────────────────────────────────────────

BAD: list[tuple[str, Any, int, str]] = [
    ("/users", {}, 1, "userName"),
    ("/users", {"userName": "mary"}, 1, "password"),
    ("/users", {"userName": "", "password": "correct horse"}, 10, "userName"),
    ("/users", {"userName": "ma:ry", "password": "correct horse"}, 10, "userName"),
    ("/users", {"userName": "m" * 101, "password": "correct horse"}, 10, "userName"),
    ("/users", {"userName": "mary", "password": "short"}, 10, "password"),
    ("/users", {"userName": "mary", "password": "p" * 201}, 10, "password"),
    ("/users", {"userName": 7, "password": "correct horse"}, 10, "userName"),
    ("/users", {**NEW["users"], "roles": ["ROLE_GOD"]}, 10, "roles"),
    ("/users", {**NEW["users"], "roles": "ROLE_AGENT"}, 10, "roles"),
    ("/users", {**NEW["users"], "enabled": "yes"}, 10, "enabled"),
    ("/users", {**NEW["users"], "emailAddress": "mary"}, 10, "emailAddress"),
    ("/users", {**NEW["users"], "firstName": "M\r\nX: y"}, 10, "firstName"),
    ("/users", {**NEW["users"], "skills": [{"level": 1}]}, 1, "skills"),
    ("/users", {**NEW["users"], "skills": [{"name": "French"}]}, 1, "level"),
    ("/users", {**NEW["users"], "skills": [{"name": "French", "level": "high"}]}, 10, "skills"),
    ("/users", {**NEW["users"], "skills": [{"name": "French", "level": 1}]}, 2, "skills"),
    ("/users", {**NEW["users"], "userName": "ada"}, 18, "ada"),
    ("/users", {**NEW["users"], "userName": "eve"}, 18, "eve"),
    ("/queues", {"description": "nameless"}, 1, "name"),
    ("/queues", {"name": "support"}, 18, "support"),
    ("/queues", {"name": "x", "agents": ["nobody"]}, 2, "agents"),
    ("/queues", {"name": "x", "agents": [{}]}, 1, "agents"),
    ("/queues", {"name": "x", "agents": "ada"}, 10, "agents"),
    ("/queues", {"name": "x", "agents": [7]}, 10, "agents"),
    ("/queues", {"name": "x", "groups": ["nobody"]}, 2, "groups"),
    ("/queues", {"name": "x", "emailAddresses": ["no address"]}, 10, "emailAddresses"),
    ("/queues", {"name": "x", "emailAddresses": [""]}, 1, "emailAddresses"),
    ("/queues", {"name": "x", "emailAddresses": ["support@frontdesk.example"]}, 18, "support@frontdesk.example"),
    ("/queues", {"name": "x", "description": "d" * 1001}, 10, "description"),
    ("/queues", {"name": "x", "agents": ["ada"] * 5001}, 10, "agents"),
    ("/groups", {}, 1, "name"),
    ("/groups", {"name": "Team"}, 18, "Team"),
    ("/groups", {"name": "x", "type": "BusinessUnit"}, 10, "type"),
    ("/groups", {"name": "x", "members": ["nobody"]}, 2, "members"),
    ("/skills", {"name": None}, 10, "name"),
    ("/skills", {"name": "n" * 101}, 10, "name"),
    ("/workbins", {}, 1, "workbinName"),
    ("/workbins", {"workbinName": "Drafts"}, 18, "Drafts"),
    ("/workbins", {"workbinName": "a/b"}, 10, "workbinName"),
    ("/workbins", {"workbinName": "x", "type": "Desk"}, 10, "type"),
    ("/tokens", {"name": "x"}, 1, "scopes"),
    ("/tokens", {"name": "x", "scopes": []}, 10, "scopes"),
    ("/tokens", {"name": "x", "scopes": ["everything"]}, 10, "scopes"),
    ("/tokens", {"name": "x", "scopes": ["read"], "userId": "nobody"}, 2, "userId"),
    ("/queues", [], 10, "object"),
    ("/queues", "name", 10, "object"),
]
HTTP = {1: 400, 2: 400, 10: 400, 18: 409}


async def test_bad_input_is_told_exactly_and_changes_nothing(desk: Desk) -> None:
    async def everything() -> list[Any]:
        return [(await desk.get(f"/{plural}?fields=*", "root")).body for plural in KINDS]

    before = await everything()
    for path, body, code, names in BAD:
        got = await desk.post(path, body, "root")
        assert refused(got) == (HTTP[code], code), (path, str(body)[:100], got.body)
        assert names in got.body["statusMessage"], (path, str(body)[:100], got.body)
    assert await everything() == before


async def test_what_is_no_json_is_refused(desk: Desk) -> None:
    for plural in KINDS:
        for raw in (b"", b"{", b"\xff{}", b"[" * 5000, b'{"name": ' + b"[" * 5000):
            got = await desk.request("POST", f"/{plural}", "root", raw=raw)
            assert refused(got) == (400, 10), (plural, raw[:20])


async def test_a_selection_that_cannot_be_understood_is_refused(desk: Desk) -> None:
    for plural in KINDS:
        for query in ("limit=x", "limit=999999", "offset=-1", "sortBy=shoeSize", "order=up", "shoeSize=7"):
            assert refused(await desk.get(f"/{plural}?{query}", "root")) == (400, 10), (plural, query)


async def test_an_update_of_the_wrong_type_leaves_the_thing_as_it_is(desk: Desk) -> None:
    for plural in CHANGED:
        path = f"/{plural}/{(await desk.post(f'/{plural}', NEW[plural], 'root')).body['id']}"
        before = (await desk.get(path, "root")).body
        name = next(iter(NEW[plural]))
        for body in ({name: 7}, {name: ""}, {name: "n" * 101}, {name: " n"}, {"version": "x"}):
            assert refused(await desk.request("PUT", path, "root", body)) == (400, 10), (plural, body)
        assert refused(await desk.request("PUT", path, "root", {"version": 99})) == (400, 11)
        assert (await desk.get(path, "root")).body == before
