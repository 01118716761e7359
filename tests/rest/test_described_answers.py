"""Every route is taken once with success, and what it answers is what is described, key by key."""

from email.message import EmailMessage
from typing import Any, cast

from frontdesk.channels.email.inbox import Inbox
from frontdesk.channels.email.session import ReceivedMail
from frontdesk.rest.api import routes
from frontdesk.rest.routes import FIELDS, SORT_BY, SUBRESOURCES
from tests.desk import Desk
from tests.rest.described import faults_of_answer

ROUTES = {(route.method, route.path): route for route in routes()}
SELECTIONS = ("", "?fields=*", "?fields=id,uri,name,state")


class Surveyor:
    """Takes routes as different people, and judges each answer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.taken: set[tuple[str, str]] = set()

    async def gets(self, path: str, user: str = "ada", **values: str) -> dict[str, Any]:
        """In every form that the route offers; the answer to the fullest."""
        route = ROUTES["GET", path]
        queries = [""]
        if FIELDS in route.query:
            queries += SELECTIONS[1:]
        if SUBRESOURCES in route.query:
            queries.append("?subresources=*")
        if SORT_BY in route.query:
            queries.append("?fields=*&limit=1&order=Descending")
        answers = {query: await self._takes("GET", path, user, None, query, values) for query in queries}
        return answers["?subresources=*" if "?subresources=*" in answers else queries[min(1, len(queries) - 1)]]

    async def id_of(self, user: str) -> str:
        return await self._desk.id_of(user)

    async def connects(self, user: str) -> None:
        """Begin a CometD session and connect once."""
        shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}
        [reply] = cast(list[dict[str, Any]], (await self._desk.post("/notifications", shake, user)).body)
        connect = {"channel": "/meta/connect", "clientId": reply["clientId"], "connectionType": "long-polling"}
        await self._desk.post("/notifications", connect, user)

    async def does(self, method: str, path: str, body: Any, user: str = "root", **values: str) -> dict[str, Any]:
        return await self._takes(method, path, user, body, values.pop("query", ""), values)

    async def _takes(
        self, method: str, path: str, user: str, body: Any, query: str, values: dict[str, str]
    ) -> dict[str, Any]:
        target = path
        for name, value in values.items():
            target = target.replace(f"{{{name}}}", value)
        got = await self._desk.request(method, target + query, user, body)
        told = f"{user}: {method} {target}{query} {body}: {got.body}"
        assert got.status == 200, told
        assert faults_of_answer(method, path, got.status, got.headers["content-type"], got.body) == [], told
        self.taken.add((method, path))
        return got.body


async def test_every_route_answers_as_described(desk: Desk) -> None:
    survey = Surveyor(desk)
    await the_session_starts(survey)
    await mail_comes(desk)
    for medium in ("workitem", "chat", "fax"):
        body = {"mediaType": medium, "queueName": "support", "userData": {"Segment": "gold"}, "externalId": medium}
        await survey.does("POST", "/interactions", body)
    await desk.settled()
    offered = {one["channel"]: one["id"] for one in (await desk.get("/me/interactions?fields=*")).body["interactions"]}
    assert offered.keys() == {"email", "workitem", "chat", "fax"}

    await what_is_worked_on(survey, offered)
    await workbins(survey, desk, offered["workitem"])
    await administration(survey, await desk.id_of("ada"))
    await routing(survey, desk)
    await the_platform(survey)

    await survey.does("POST", "/me", {"operationName": "EndContactCenterSession"}, "ada")
    assert survey.taken == set(ROUTES)


async def routing(survey: Surveyor, desk: Desk) -> None:
    await survey.gets("/routing/policy")
    document = {"queues": {"support": {"requires": "magic", "weight": 2}}}
    assert (await survey.does("PUT", "/routing/policy", document))["id"] == "1"
    assert (await survey.gets("/routing/policy"))["policy"]["document"]["queues"] == document["queues"]
    await survey.gets("/routing/policies")
    await survey.gets("/routing/policies/{version}", version="1")
    waiting = await desk.submits()
    assert (await survey.gets("/interactions/{id}/routing", id=waiting))["routing"]["waiting"]["position"] == 1
    assert [one["id"] for one in (await survey.gets("/routing/stuck"))["stuck"]] == [waiting]


async def the_session_starts(survey: Surveyor) -> None:
    channels = ["email", "chat", "workitem", "fax"]
    start = {"operationName": "StartContactCenterSession", "channels": channels}
    await survey.does("POST", "/me", start, "ada")
    partly = await survey.does("POST", "/me", {**start, "channels": ["email", "NO CHANNEL"]}, "ada")
    assert partly["statusCode"] == 7
    await survey.does("POST", "/me", {"operationName": "Ready"}, "ada")
    await survey.does("POST", "/me/channels/{channel}", {"operationName": "Ready"}, "ada", channel="email")
    await survey.gets("/me/channels")
    await survey.gets("/me/channels/{channel}", channel="email")

    of_user = {"id": await survey.id_of("ada")}
    await survey.gets("/users/{id}/channels", "grace", **of_user)
    await survey.gets("/users/{id}/channels/{channel}", "grace", channel="email", **of_user)
    await survey.does("POST", "/users/{id}/channels", {"operationName": "Ready"}, "sam", **of_user)
    ready = {"operationName": "Ready"}
    await survey.does("POST", "/users/{id}/channels/{channel}", ready, "sam", channel="chat", **of_user)
    await survey.gets("/users", "grace")
    await survey.gets("/contacts", "grace")
    await survey.gets("/contacts/{id}", "grace", **of_user)


async def mail_comes(desk: Desk) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "customer@example.com", "support@frontdesk.example", "Broken lamp"
    mail.set_content("It does not light.")
    mail.add_attachment(b"no picture", maintype="image", subtype="png", filename="lamp.png", cid="<lamp>")
    await Inbox(desk.app.house.emails).receive(
        ReceivedMail(
            raw=mail.as_bytes(),
            envelope_from="customer@example.com",
            envelope_to=("support@frontdesk.example",),
            peer="127.0.0.1",
            received_at_ms=desk.clock.now_ms(),
        )
    )


async def what_is_worked_on(survey: Surveyor, offered: dict[str, str]) -> None:
    own, one = "/me/interactions/{id}", "/interactions/{id}"
    for interaction in offered.values():
        await survey.does("POST", own, {"operationName": "Accept"}, "ada", id=interaction)
        await survey.gets(own, id=interaction)
        await survey.gets(one, "grace", id=interaction)
        await survey.gets("/interactions/{id}/events", id=interaction)
    for path in ("/me", "/me/interactions", "/interactions", "/me/emails", "/me/chats", "/me/workitems"):
        await survey.gets(path)
    email, workitem, fax = offered["email"], offered["workitem"], offered["fax"]
    for medium, interaction in (("email", email), ("chat", offered["chat"]), ("workitem", workitem)):
        await survey.gets(f"/me/{medium}s/{{id}}", id=interaction)
        await survey.gets(f"/{medium}s/{{id}}", "grace", id=interaction)
        attach = {"operationName": "AttachUserData", "userData": {"Seen": "yes"}}
        await survey.does("POST", f"/me/{medium}s/{{id}}", attach, "ada", id=interaction)
    await survey.gets("/me/openmedia/{mediaType}", mediaType="fax")
    await survey.gets("/me/openmedia/{mediaType}/{id}", mediaType="fax", id=fax)
    await survey.gets("/openmedia/{mediaType}/{id}", mediaType="fax", id=fax)
    dispose = {"operationName": "SetDisposition", "disposition": "Resolved"}
    await survey.does("POST", "/me/openmedia/{mediaType}/{id}", dispose, "ada", mediaType="fax", id=fax)
    await survey.gets("/me/openmedia/{mediaType}/{id}", mediaType="fax", id=fax)

    create = {"operationName": "Create", "queueName": "support"}
    await survey.does("POST", "/me/openmedia/{mediaType}", create, "ada", mediaType="fax")
    for path in ("/me/workitems", "/me/emails"):
        await survey.does("POST", path, create, "ada")
    draft = await survey.does("POST", own, {"operationName": "Reply", "queueName": "support"}, "ada", id=email)
    await survey.gets("/me/emails/{id}", id=draft["id"])
    await survey.does("POST", own, {"operationName": "Cancel"}, "ada", id=draft["id"])
    taken = await survey.does("POST", "/me/workitems", create, "ada")
    await survey.does("POST", one, {"operationName": "TakeAway", "queueName": "sales"}, id=taken["id"])
    await survey.does("POST", own, {"operationName": "GetWorkbinContent", "workbin": "Drafts"}, "ada", id=email)
    await survey.does("PUT", one, {"userData": {"Segment": "silver"}}, "ada", id=email)
    shown = await survey.gets("/emails/{id}", id=email)
    attachment = shown["email"]["attachments"][0]["id"]
    await survey.gets("/emails/{id}/attachments/{attachmentId}", id=email, attachmentId=attachment)
    await survey.gets("/emails/{id}/raw", id=email)
    await survey.gets("/me/emails")


async def workbins(survey: Surveyor, desk: Desk, workitem: str) -> None:
    await survey.gets("/workbins")
    await survey.gets("/me/workbins")
    bins = (await desk.get("/workbins?fields=*")).body["workbins"]
    progress = next(one["id"] for one in bins if one["workbinName"] == "In_Progress")
    ada = await desk.id_of("ada")
    keyed = await survey.does("GET", "/workbins", None, "ada", query=f"?workbinIds={progress}&subresources=*")
    assert list(keyed["workbins"]) == [progress]
    subscribe = {"operationName": "Subscribe"}
    bulk = await survey.does("POST", "/me/workbins", subscribe, "ada", query=f"?workbinIds={progress}")
    assert list(bulk["referenceIds"]) == [progress]
    add, pull = ({"operationName": name, "id": workitem} for name in ("AddWorkitem", "PullWorkitem"))
    for path in ("/workbins/{id}", "/me/workbins/{id}"):
        await survey.does("POST", path, add, "ada", id=progress)
        await survey.gets(path, id=progress)
        for plural in ("interactions", "emails", "chats", "workitems", "openmedia"):
            await survey.gets(f"{path}/{{plural}}", id=progress, plural=plural)
        await survey.does("POST", path, pull, "ada", id=progress)
    of_user = "/users/{userId}/workbins/{id}"
    await survey.does("POST", "/workbins/{id}", add, "ada", id=progress)
    await survey.gets(of_user, "sam", userId=ada, id=progress)
    await survey.gets(f"{of_user}/{{plural}}", "sam", userId=ada, id=progress, plural="workitems")
    await survey.does("POST", of_user, pull, "sam", userId=ada, id=progress)


async def administration(survey: Surveyor, ada: str) -> None:
    skill = (await survey.does("POST", "/skills", {"name": "German"}))["id"]
    made = {
        "users": {"userName": "mira", "password": "a long pass phrase", "skills": [{"name": "German", "level": 8}]},
        "queues": {"name": "returns", "agents": ["ada"], "emailAddresses": ["returns@frontdesk.example"]},
        "groups": {"name": "Night", "members": ["ada"]},
        "workbins": {"workbinName": "Later"},
        "tokens": {"name": "shop", "scopes": ["submit"]},
    }
    ids = {collection: (await survey.does("POST", f"/{collection}", body))["id"] for collection, body in made.items()}
    for collection, changes in {
        "users": {"firstName": "Mira"},
        "queues": {"description": "What comes back"},
        "groups": {"members": ["ada", "grace"]},
        "workbins": {"displayName": "Later on"},
    }.items():
        await survey.does("PUT", f"/{collection}/{{id}}", changes, id=ids[collection])
    await survey.does("POST", "/users/{id}", {"lastName": "Nair"}, id=ids["users"])
    await survey.does("PUT", "/skills/{id}", {"name": "German, spoken"}, id=skill)
    for collection, one in {**ids, "skills": skill}.items():
        if collection != "workbins":  # are read with everybody's
            await survey.gets(f"/{collection}", "root")
            await survey.gets(f"/{collection}/{{id}}", "root", id=one)
    await survey.gets("/users/{id}/skills", id=ids["users"])
    for collection, one in {**ids, "skills": skill}.items():
        await survey.does("DELETE", f"/{collection}/{{id}}", None, id=one)


async def settings(survey: Surveyor) -> None:
    states, one_state = "/settings/agent-states", "/settings/agent-states/{id}"
    lunch = {"operationName": "OutToLunch", "displayName": "Out to lunch", "reason": "Lunch", "workMode": "AuxWork"}
    state = (await survey.does("POST", states, lunch))["id"]
    await survey.does("PUT", states, {"id": state, "displayName": "Lunch"})
    await survey.does("PUT", one_state, {"reason": "Noon"}, id=state)
    assert len((await survey.gets(states))["settings"]) == 6
    await survey.gets(one_state, id=state)
    await survey.does("DELETE", one_state, None, id=state)

    group, one = "/settings/{group}", "/settings/{group}/{setting}"
    await survey.does("POST", "/settings", {"name": "screens", "displayName": "Screens", "key": "id"})
    await survey.does("POST", group, {"id": "left", "width": 7}, group="screens")
    await survey.does("PUT", group, {"settings": {"id": "left", "width": 8}}, group="screens")
    await survey.does("PUT", one, {"colour": "blue"}, group="screens", setting="left")
    assert (await survey.gets(group, group="screens"))["settings"] == [{"id": "left", "width": 8, "colour": "blue"}]
    await survey.gets(one, group="screens", setting="left")
    await survey.gets("/settings", "root")
    await survey.does("DELETE", one, None, group="screens", setting="left")
    await survey.does("DELETE", group, None, group="screens")


async def push_sessions(survey: Surveyor) -> None:
    """The shake of hands is not described here: what it is answered is a matter of CometD."""
    await survey.connects("ada")
    listed = await survey.gets("/system/sessions", "root")
    await survey.gets("/system/sessions/{id}", "root", id=listed["sessions"][0]["id"])
    await survey.does("DELETE", "/system/sessions/{id}", None, id=listed["sessions"][0]["id"])


async def the_platform(survey: Surveyor) -> None:
    for path in (
        "/me/devices",
        "/me/calls",
        "/me/groups",
        "/me/skills",
        "/me/settings",
        "/features",
        "/services",
        "/places",
    ):
        await survey.gets(path)
    await survey.gets("/me/settings/{section}", section="htcc")
    await survey.gets("/features/{id}", id="api-multimedia-email")
    await survey.gets("/services/{id}", id="ON_PREMISE_ENVIRONMENT")
    await survey.gets("/system/features", "root")
    await survey.gets("/settings", "root")
    for group in ("general-settings", "dispositions"):
        await survey.gets("/settings/{group}", group=group)
    await settings(survey)
    centres = await survey.gets("/contact-centers")
    await survey.gets("/contact-centers/{id}", id=centres["contactCenters"][0]["id"])
    await survey.gets("/diagnostics/version")
    await push_sessions(survey)
