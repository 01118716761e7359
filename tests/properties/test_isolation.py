"""Two contact centres on one server: what is another's looks, resource by resource, as if it were not there at all.

Every route of the table with an id in its path is asked for a thing of the other contact centre and for a thing that
nobody has; the answers must be the same but for the id. What a body refers to is treated alike.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from frontdesk.core.permissions import Act
from frontdesk.core.settings import Settings, SignIn
from frontdesk.demo import PASSWORD
from frontdesk.kit.clock import ManualClock
from frontdesk.rest.api import routes
from frontdesk.rest.routes import Route
from tests.desk import Desk, Got, opened

MEDIA = ("email", "chat", "workitem", "fax")

#: The part of a path before an id → the kind of thing. `None`: there is no other contact centre's of it.
KINDS: dict[str, str | None] = {
    "interactions": "interaction",
    "emails": "email",
    "chats": "chat",
    "workitems": "workitem",
    "{mediaType}": "fax",
    "attachments": None,  # found within its e-mail
    "workbins": "workbin",
    "users": "user",
    "queues": "queue",
    "groups": "group",
    "skills": "skill",
    "tokens": "token",
    "contact-centers": "centre",
    "contacts": "user",
    "sessions": "push_session",
    "agent-states": "agent_state",
    "settings": "settings_group",
    "{group}": "setting",
    "policies": None,  # each has a first one, a second one …
    "features": None,
    "services": None,
    "channels": None,
}
#: What nobody has, in the shape of each kind of id.
UNKNOWN = {
    **dict.fromkeys(("interaction", "email", "chat", "workitem", "fax"), "0000000000000000"),
    **dict.fromkeys(("workbin", "queue", "group", "skill", "token", "centre"), "00000000-0000-4000-8000-000000000000"),
    "user": "0" * 32,
    "push_session": "0" * 32,
    "agent_state": "00000000-0000-4000-8000-000000000000",
    "settings_group": "things-of-nobody",
    "setting": "thing-of-nobody",
}
#: Headers that are different with every request, or with the length of an id.
VARYING = {"content-length", "set-cookie", "x-csrf-header", "x-csrf-token"}
#: Operations that do not look at the id in their path.
LOOK_ELSEWHERE = {"GetWorkbinContent"}

PARAMETERS: dict[str, dict[str, Any]] = {
    **{f"{act}UserData": {"userData": {"a": 1}} for act in ("Attach", "Update", "Delete")},
    **{act: {"queueName": "support"} for act in ("PlaceInQueue", "Transfer", "SingleStepTransfer")},
    "PlaceInWorkbin": {"workbin": "In_Progress"},
    "SetDisposition": {"disposition": "done"},
}


#: Bodies that would change something, by a part of the path; the first that fits.
BODIES: dict[str, dict[str, Any]] = {
    "/interactions": {"userData": {"a": 1}},
    "/users": {"lastName": "x"},
    "/agent-states": {"displayName": "x"},
    "/{setting}": {"value": 1},
    "/": {"name": "x"},
}


#: What bodies and queries can refer to: by whom, where, in which body (for `?` an id), and what it is.
REFERENCES: list[tuple[str, str, dict[str, Any], str]] = [
    ("eve", "/me/interactions/{workitem}", {"operationName": "Transfer", "userId": "?"}, "user"),
    ("eve", "/me/interactions/{workitem}", {"operationName": "Transfer", "targetUri": "/users/?"}, "user"),
    ("eve", "/me/interactions/{workitem}", {"operationName": "Transfer", "queueUri": "/queues/?"}, "queue"),
    ("eve", "/me/interactions/{workitem}", {"operationName": "PlaceInQueue", "queueName": "?"}, "queue"),
    ("eve", "/me/interactions/{workitem}", {"operationName": "Complete", "queueUri": "/queues/?"}, "queue"),
    ("eve", "/me/interactions/{workitem}", {"operationName": "PlaceInWorkbin", "workbin": "?"}, "workbin"),
    ("eve", "/me/interactions/{workitem}", {"operationName": "PlaceInWorkbin", "workbin": {"id": "?"}}, "workbin"),
    ("eve", "/me/interactions/{workitem}", {"operationName": "GetWorkbinContent", "workbin": "?"}, "workbin"),
    ("eve", "/me/interactions/{email}", {"operationName": "Reply", "queueUri": "/queues/?"}, "queue"),
    ("eve", "/me/workitems", {"operationName": "Create", "queueUri": "/queues/?"}, "queue"),
    ("eve", "/me/workitems", {"operationName": "Create", "queueName": "support", "parentId": "?"}, "interaction"),
    ("eve", "/me/workbins/{workbin}", {"operationName": "AddInteraction", "id": "?"}, "interaction"),
    ("eve", "/me/workbins/{workbin}", {"operationName": "PullWorkitem", "uri": "/workitems/?"}, "workitem"),
    ("eve", "/me/workbins?workbinIds=?", {"operationName": "Subscribe"}, "workbin"),
    ("eve", "/me/workbins/{group_bin}?agentGroup=?", {"operationName": "Subscribe"}, "group"),
    ("sally", "/interactions/{workitem}", {"operationName": "TakeAway", "queueName": "?"}, "queue"),
    ("oscar", "/interactions", {"mediaType": "chat", "queueUri": "/queues/?"}, "queue"),
    ("oscar", "/queues", {"name": "new", "agents": ["?"]}, "user"),
    ("oscar", "/queues", {"name": "new", "groups": ["?"]}, "group"),
    ("oscar", "/groups", {"name": "new", "members": ["?"]}, "user"),
    ("oscar", "/groups", {"name": "new", "members": [{"uri": "/users/?"}]}, "user"),
    ("oscar", "/users", {"userName": "new", "password": PASSWORD, "skills": [{"id": "?", "level": 1}]}, "skill"),
    ("oscar", "/tokens", {"name": "new", "scopes": ["read"], "userId": "?"}, "user"),
]


@dataclass(frozen=True)
class Row:
    """One thing to be asked for by one user of the other contact centre."""

    route: Route
    user: str
    operation: str | None
    foreign: int  # which of the placeholders is another's

    def __str__(self) -> str:
        operation = f" {self.operation}" if self.operation else ""
        return f"{self.route.method} {self.route.path}{operation} ({self.foreign}) by {self.user}"


def placeholders(path: str) -> list[tuple[str, str | None]]:
    """(placeholder, kind) of a path."""
    segments = path.strip("/").split("/")
    found = []
    for before, segment in zip(["", *segments], segments, strict=False):
        if segment in ("{plural}", "{mediaType}") or path == "/me/settings/{section}":
            continue
        if segment.startswith("{"):
            assert before in KINDS, f"say in KINDS what the ids of {path} are"
            found.append((segment, KINDS[before]))
    return found


def askers(route: Route) -> list[str]:
    """Users of the other contact centre who may ask for such things at home."""
    if route.act is Act.ADMINISTER or (route.path, route.method) in (("/users/{id}", "PUT"), ("/users/{id}", "POST")):
        return ["oscar"]  # others may change only themselves
    if route.act is Act.SUPERVISE:
        return ["sally"]
    if route.act is Act.TAKE_AWAY:
        return ["sally", "oscar"]
    if route.act is Act.WORK:
        return ["eve", "sally"]
    return ["eve", "sally", "oscar"]


def rows() -> list[Row]:
    found = []
    for route in routes():
        for foreign, (_, kind) in enumerate(placeholders(route.path)):
            if kind is not None:
                for user in askers(route):
                    found += [Row(route, user, operation, foreign) for operation in route.operations or (None,)]
    return found


Things = dict[str, dict[str, str]]


@pytest.fixture
async def desk(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Desk]:
    """The two contact centres; in the other one there is a supervisor as well."""
    async with opened(tmp_path / "data", clock, Settings(sign_in=SignIn(password_characters=4))) as running:
        sally = {"userName": "sally", "password": PASSWORD, "roles": ["ROLE_SUPERVISOR"]}
        got = await running.post("/users", sally, "oscar")
        assert got.body["statusCode"] == 0, got
        await running.becomes("sally", "NotReady", *MEDIA)
        yield running


@pytest.fixture
async def things(desk: Desk) -> Things:
    """One thing of each kind in each contact centre: {"demo": {kind: id}, "other": {kind: id}}."""
    return {"demo": await _things(desk, "root", "ada"), "other": await _things(desk, "oscar", "eve")}


async def test_a_thing_of_another_contact_centre_is_as_good_as_none(desk: Desk, things: Things) -> None:
    asked = rows()
    assert len(asked) > 250
    before = await _all_of_demo(desk)
    different: list[tuple[str, Got, Any]] = []
    for row in asked:
        got, unknown = await _asked(desk, row, things, "demo"), await _asked(desk, row, things, None)
        if got != unknown:
            different.append((str(row), got, unknown))
        elif row.operation not in LOOK_ELSEWHERE and (got.status, got.body["statusCode"]) != (404, 6):
            different.append((str(row), got, "404 and 6 were expected"))
    assert not different, "\n".join(str(row) for row in different)
    assert await _all_of_demo(desk) == before


async def test_what_a_body_refers_to_elsewhere_is_as_good_as_nothing(desk: Desk, things: Things) -> None:
    before = await _all_of_demo(desk)
    for user, path, body, kind in REFERENCES:
        for name, thing in things["other"].items():
            path = path.replace(f"{{{name}}}", thing)
        answers = []
        for thing in (things["demo"][kind], UNKNOWN[kind]):
            sent = json.loads(json.dumps(body).replace("?", thing))
            got = await desk.post(path.replace("=?", f"={thing}"), sent, user)
            answers.append((got.status, json.loads(json.dumps(got.body).replace(thing, "…"))))
        assert answers[0] == answers[1]
        assert answers[0][1]["statusCode"] in (2, 6), answers
    assert await _all_of_demo(desk) == before


async def _asked(desk: Desk, row: Row, things: Things, centre: str | None) -> Got:
    """The answer for another's thing, or for nobody's, with the id left out."""
    path, hidden = row.route.path.replace("{plural}", "workitems").replace("{mediaType}", "fax"), ""
    if path == "/settings/{group}/{setting}" and row.foreign == 1:
        path = path.replace("{group}", "dispositions")
    for number, (placeholder, kind) in enumerate(placeholders(row.route.path)):
        of = things["other"] if number != row.foreign else UNKNOWN if centre is None else things[centre]
        thing = of[kind] if kind is not None else "email"
        path = path.replace(placeholder, thing, 1)
        if number == row.foreign:
            hidden = thing
    body: dict[str, Any] | None = None
    if row.operation is not None:
        item = {"id": things["other"]["workitem"]} if "workbins" in path else {}
        body = {"operationName": row.operation, **item, **PARAMETERS.get(row.operation, {})}
    elif row.route.method in ("POST", "PUT"):
        body = next(body for part, body in BODIES.items() if part in row.route.path)
    got = await desk.request(row.route.method, path, row.user, body)
    if row.operation in LOOK_ELSEWHERE:
        return Got(got.status, {"statusCode": got.body["statusCode"]}, {})
    headers = {name: value for name, value in got.headers.items() if name not in VARYING}
    return Got(got.status, json.loads(json.dumps(got.body).replace(hidden, "…")), headers)


async def _things(desk: Desk, admin: str, agent: str) -> dict[str, str]:
    async def made(path: str, **body: Any) -> str:
        got = await desk.post(path, body, admin)
        assert got.body["statusCode"] == 0, got
        return str(got.body["id"])

    centre = (await desk.get("/me", admin)).body["user"]["contactCenterId"]
    name = "demo" if admin == "root" else "other"
    await desk.becomes(agent, "Ready", *MEDIA)
    found = {"settings_group": f"things-of-{name}", "setting": f"thing-of-{name}"}
    for path, body in (("/settings", found["settings_group"]), ("/settings/dispositions", found["setting"])):
        assert (await desk.post(path, {"name": body}, admin)).body["statusCode"] == 0
    for medium in MEDIA:
        found[medium] = await made("/interactions", mediaType=medium, queueName="support")
        await desk.settled()
        await desk.did(agent, found[medium], "Accept")
    shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}
    await desk.post("/notifications", [shake], agent)
    [push_session] = (await desk.get("/system/sessions?fields=id", admin)).body["sessions"]
    return found | {
        "push_session": push_session["id"],
        "interaction": found["workitem"],
        "user": await desk.id_of(agent),
        "queue": await made("/queues", name=f"queue of {name}"),
        "group": await made("/groups", name=f"group of {name}"),
        "skill": await made("/skills", name=f"skill of {name}"),
        "agent_state": await made("/settings/agent-states", operationName=f"StateOf{name.capitalize()}"),
        "token": await made("/tokens", name="a token", scopes=["read"]),
        "workbin": await made("/workbins", name=f"bin of {name}"),
        "group_bin": await made("/workbins", name=f"group bin of {name}", type="AgentGroup"),
        "centre": centre,
    }


async def _all_of_demo(desk: Desk) -> list[dict[str, Any]]:
    paths = ("/interactions", "/users", "/queues", "/groups", "/skills", "/workbins", "/tokens", "/system/sessions")
    return [(await desk.get(f"{path}?fields=*", "root")).body for path in paths]
