"""Two contact centres on one server: nothing of one is seen, changed, heard of or guessed by the other.

Whoever asks for a thing of the other contact centre gets, letter by letter, what is said of a thing that is nowhere.
The route table says what can be asked, so that a new resource is in here by itself.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from frontdesk.rest.api import routes
from frontdesk.rest.routes import Route
from tests.desk import Desk, Got

#: Whose id stands in a path, by what is before it.
NOUNS = {
    "interactions": "interaction",
    "emails": "interaction",
    "chats": "interaction",
    "workitems": "interaction",
    "{mediaType}": "interaction",
    "queues": "queue",
    "groups": "group",
    "skills": "skill",
    "workbins": "workbin",
    "users": "user",
    "contacts": "user",
    "agent-states": "agent state",
    "tokens": "token",
    "contact-centers": "contact center",
    "sessions": "session",
}
#: Features and services are the server's own, and the same for everybody.
OF_NOBODY = ("/features/{id}", "/services/{id}")
OTHERS = {"channel": "email", "mediaType": "fax", "plural": "interactions", "attachmentId": "1"}

WITH_IDS = [route for route in routes() if re.search(r"\{(id|userId)\}", route.path) and route.path not in OF_NOBODY]

#: GetWorkbinContent looks at no id in the path, but at the workbin: 2.
REFUSALS = (1, 2, 5, 6, 10)

Things = Mapping[str, str]


async def things_of_ours(desk: Desk) -> dict[str, str]:
    """One of each kind in the demo contact centre, by noun."""

    async def first(path: str, user: str = "root") -> str:
        got = (await desk.get(f"{path}?fields=id", user)).body
        [items] = [items for key, items in got.items() if key not in ("statusCode", "totalCount")]
        return str(items[0]["id"])

    async def made(path: str, body: dict[str, Any]) -> str:
        return str((await desk.post(path, body, "root")).body["id"])

    async def connected() -> str:
        shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}
        await desk.post("/notifications", shake, "grace")
        return await first("/system/sessions")

    return {
        "interaction": await desk.ada_works_on("email", subject="Secret"),
        "queue": await first("/queues"),
        "group": await first("/groups"),
        "skill": await made("/skills", {"name": "Esperanto"}),
        "workbin": await first("/workbins"),
        "user": await desk.id_of("grace"),
        "token": await made("/tokens", {"name": "ours", "scopes": ["read"]}),
        "agent state": await made(
            "/settings/agent-states",
            {"operationName": "OutToLunch", "displayName": "Lunch", "state": "NotReady", "reason": "lunch"},
        ),
        "contact center": await first("/contact-centers"),
        "session": await connected(),
        "queue name": "vip",
        "user name": "grace",
        "workbin name": "Team",
        "group name": "Team",
        "skill name": "Esperanto",
    }


def nowhere(ours: Things) -> dict[str, str]:
    """Things of the same form that are not there at all."""

    def other(number: int, noun: str, known: str) -> str:
        if noun.endswith(" name"):
            return f"No {noun}"
        if noun == "interaction":
            return known[:-7] + "0000000"
        if noun == "user":
            return "0" * 32
        if noun == "session":
            return "0" * 12
        return ("3-" if noun == "group" else "") + str(uuid.UUID(int=number))

    return {noun: other(number, noun, known) for number, (noun, known) in enumerate(ours.items())}


def path_of(route: Route, things: Things) -> str:
    """The route's path with these things in it."""
    segments = route.path.split("/")
    filled = []
    for before, segment in zip(["", *segments], segments, strict=False):
        name = segment[1:-1] if segment.startswith("{") else None
        if name in ("id", "userId"):
            filled.append(things[NOUNS[before]])
        else:
            filled.append(segment if name is None else OTHERS[name])
    return "/".join(filled)


def bodies_of(route: Route, things: Things) -> list[dict[str, Any] | None]:
    """A body for each operation of the route, which names these things wherever it can."""
    if route.operations is not None:
        return [{"operationName": name, **references(things)} for name in route.operations]
    if route.method in ("PUT", "POST"):
        return [{"name": "Taken over", "userData": {"taken": "over"}}]
    return [None]


def references(things: Things, *, by: str = "") -> dict[str, Any]:
    """Parameters that name these things, by id or (`by=" name"`) by name."""
    return {
        "queueName": things[f"queue{by}"],
        "userId": things[f"user{by}"],
        "workbin": things[f"workbin{by}"],
        "agentGroup": things[f"group{by}"] if by else "Nothing",
        "parentId": things["interaction"],
        "id": things["interaction"],
        "userData": {"taken": "over"},
        "disposition": "taken over",
        "channels": ["email"],
    }


def told(got: Got, things: Things) -> tuple[int, str]:
    """What was answered, with a word for each thing instead of its id or name."""
    text = str(got.body)
    for noun, known in things.items():
        text = text.replace(f"'{known}'" if noun.endswith(" name") else known, noun)
    return got.status, text


async def whole(desk: Desk) -> list[Any]:
    """All that an administrator sees of the demo contact centre, and how far its people's streams are."""
    collections = ("interactions", "queues", "groups", "skills", "workbins", "users", "tokens")
    seen: list[Any] = [(await desk.get(f"/{one}?subresources=*&fields=*", "root")).body for one in collections]
    return seen + [(await desk.get("/me", user)).headers["x-frontdesk-replay"] for user in ("ada", "grace")]


@pytest.mark.parametrize("user", ["eve", "oscar"])
async def test_a_thing_of_another_contact_centre_is_as_one_that_is_nowhere(desk: Desk, user: str) -> None:
    ours = await things_of_ours(desk)
    missing = nowhere(ours)
    before = await whole(desk)

    for route in WITH_IDS:
        for body, same in zip(bodies_of(route, ours), bodies_of(route, missing), strict=True):
            got = await desk.request(route.method, path_of(route, ours), user, body)
            expected = await desk.request(route.method, path_of(route, missing), user, same)
            assert told(got, ours) == told(expected, missing), f"{route.method} {route.path} {body}"
            assert got.body["statusCode"] in REFUSALS, f"{route.method} {route.path} {got.body}"

    assert await whole(desk) == before


@pytest.mark.parametrize("by", ["", " name"])
async def test_what_a_request_names_of_another_contact_centre_is_nowhere(desk: Desk, by: str) -> None:
    ours = await things_of_ours(desk)
    missing = nowhere(ours)
    before = await whole(desk)
    await desk.becomes("eve", "Ready", "workitem")
    queued = {"mediaType": "workitem", "queueName": "support"}
    hers = (await desk.post("/interactions", queued, "oscar")).body["id"]
    await desk.settled()
    await desk.did("eve", hers, "Accept")

    for operation in ("Transfer", "PlaceInQueue", "PlaceInWorkbin", "GetWorkbinContent", "Complete"):
        answers = []
        for things in (ours, missing):
            parameters = references(things, by=by)
            if operation == "Transfer":
                del parameters["queueName"]
            answers.append(told(await desk.operate("eve", hers, operation, **parameters), things))
        assert answers[0] == answers[1], operation
        assert "'statusCode': 2" in answers[0][1], (operation, answers)
    for path, keys in (("/me/workitems", ("queueName",)), ("/me/workitems", ("parentId",))):
        body = {"operationName": "Create", "queueName": "support"}
        answers = [
            told(await desk.post(path, body | {key: references(things, by=by)[key] for key in keys}, "eve"), things)
            for things in (ours, missing)
        ]
        assert answers[0] == answers[1], keys
        assert "'statusCode': 2" in answers[0][1]

    assert await desk.held_by("eve") == {hers: "Processing"}
    assert await whole(desk) == before


async def test_no_list_has_anything_of_another_contact_centre(desk: Desk) -> None:
    ours = await things_of_ours(desk)
    await desk.did("ada", ours["interaction"], "PlaceInWorkbin", workbin="In_Progress")
    for route in routes():
        if route.method != "GET" or "{" in route.path:
            continue
        for user in ("eve", "oscar"):
            for query in ("", "?fields=*", "?subresources=*"):
                text = str((await desk.get(route.path + query, user)).body)
                found = [known for known in ours.values() if known in text and known not in ("grace", "Team")]
                assert not found, f"{user}: {route.path}{query}"


async def hears_everything(desk: Desk, user: str) -> str:
    """A Bayeux session of this user that listens to every channel; its id."""
    shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}
    replies: Any = (await desk.post("/notifications", [shake], user)).body
    client = str(replies[0]["clientId"])
    everything = [{"channel": "/meta/subscribe", "clientId": client, "subscription": "/**"}]
    await desk.post("/notifications", everything, user)
    await heard(desk, user, client)
    return client


async def heard(desk: Desk, user: str, client: str) -> list[Any]:
    """What waits for this session."""
    connect = {
        "channel": "/meta/connect",
        "clientId": client,
        "connectionType": "long-polling",
        "advice": {"timeout": 0},
    }
    messages: Any = (await desk.post("/notifications", [connect], user)).body
    return [one for one in messages if not one["channel"].startswith("/meta/")]


async def test_nobody_hears_of_another_contact_centres_work(desk: Desk) -> None:
    await desk.becomes("eve", "Ready", "email", "workitem")
    listening = {user: await hears_everything(desk, user) for user in ("eve", "oscar", "grace", "root", "ada")}

    interaction = await desk.ada_works_on("workitem", subject="Secret")
    await desk.did("ada", interaction, "AttachUserData", userData={"card": "4711"})
    await desk.did("ada", interaction, "PlaceInWorkbin", workbin="In_Progress")
    await desk.did("ada", interaction, "GetWorkbinContent", workbin="In_Progress")
    await desk.settled()

    assert await heard(desk, "ada", listening["ada"])
    for user in ("eve", "oscar", "grace", "root"):
        assert await heard(desk, user, listening[user]) == [], user


async def test_another_users_bayeux_session_cannot_be_used(desk: Desk) -> None:
    of_ada = await hears_everything(desk, "ada")
    await desk.ada_works_on()
    for user in ("eve", "grace"):
        connect = {"channel": "/meta/connect", "clientId": of_ada, "connectionType": "long-polling"}
        messages: Any = (await desk.post("/notifications", [connect], user)).body
        assert [one["successful"] for one in messages] == [False], user
    assert await heard(desk, "ada", of_ada)


async def test_keys_ids_and_numbers_of_one_contact_centre_mean_nothing_in_the_other(desk: Desk) -> None:
    body = {"mediaType": "workitem", "queueName": "support", "externalId": "order-4711"}
    once = {"idempotency-key": "once"}
    ours = (await desk.post("/interactions", body, "root", headers=once)).body["id"]
    theirs = (await desk.post("/interactions", body, "oscar", headers=once)).body["id"]
    assert ours != theirs
    assert (await desk.post("/interactions", body, "oscar")).body["id"] == theirs

    other = await desk.post("/interactions", body | {"subject": "Other"}, "oscar", headers={"idempotency-key": "twice"})
    assert other.body["id"] == theirs
    assert (await desk.get("/me", "eve")).headers["x-frontdesk-replay"] == "0"


async def test_a_mail_address_that_is_taken_elsewhere_is_refused_without_saying_by_whom(desk: Desk) -> None:
    [support] = (await desk.get("/queues?name=support&fields=path", "oscar")).body["queues"]
    change = {"emailAddresses": ["vip@frontdesk.example"]}
    got = await desk.request("PUT", support["path"], "oscar", change)
    assert (got.status, got.body["statusCode"]) == (409, 18)
    assert "queue" not in got.body["statusMessage"]
