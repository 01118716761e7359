"""Two clients start up and go, request by request, as they were seen to do it on the wire.

Source: what the vendor's desktop and a browser client were seen to send when they start.
"""

import asyncio
from typing import Any, Self

import httpx

from tests.server import Server

PATIENCE_S = 30
ADA = httpx.BasicAuth("ada", "demo")
ROOT = httpx.BasicAuth("root", "demo")


class Client:
    """A browser: it keeps cookies, and its Bayeux session."""

    def __init__(self, server: Server, auth: httpx.BasicAuth | None = None) -> None:
        self.http = httpx.AsyncClient(base_url=server.api, auth=auth, timeout=PATIENCE_S)
        self.headers = {"Content-Type": "application/json; charset=UTF-8"}
        self.bayeux_id = ""
        self._numbers = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.http.aclose()

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """One request, whose answer has to be JSON with a `statusCode`, whatever it says."""
        got = await self.http.request(method, path, json=body, headers=self.headers, **more)
        assert got.headers["content-type"].startswith("application/json"), path
        assert isinstance(got.json()["statusCode"], int), path
        return got

    async def get(self, path: str, **more: Any) -> dict[str, Any]:
        return await self._good("GET", path, **more)

    async def post(self, path: str, body: Any, **more: Any) -> dict[str, Any]:
        return await self._good("POST", path, body, **more)

    async def _good(self, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        got = await self.ask(method, path, body, **more)
        shown: dict[str, Any] = got.json()
        assert (got.status_code, shown["statusCode"]) == (200, 0), shown
        return shown

    async def bayeux(self, path: str, channel: str, **more: Any) -> list[dict[str, Any]]:
        """One message to the notifications, and what comes back: its reply, and what else was waiting."""
        self._numbers += 1
        message = {"id": str(self._numbers), "channel": channel, **more}
        if self.bayeux_id:
            message["clientId"] = self.bayeux_id
        got = await self.http.post(f"/notifications{path}", json=[message], headers=self.headers)
        assert got.status_code == 200, got.text
        replies: list[dict[str, Any]] = got.json()
        return replies

    async def shakes_hands(self, minimum_version: str, types: list[str]) -> None:
        [reply] = await self.bayeux(
            "/handshake",
            "/meta/handshake",
            version="1.0",
            minimumVersion=minimum_version,
            supportedConnectionTypes=types,
            advice={"timeout": 60000, "interval": 0},
        )
        assert reply["successful"], reply
        assert "long-polling" in reply["supportedConnectionTypes"]
        self.bayeux_id = reply["clientId"]

    async def subscribes(self, pattern: str) -> None:
        [reply] = await self.bayeux("/", "/meta/subscribe", subscription=pattern)
        assert (reply["successful"], reply["subscription"]) == (True, pattern)

    async def connects(self, **more: Any) -> list[dict[str, Any]]:
        """The events that a connect brings, in order."""
        replies = await self.bayeux("/connect", "/meta/connect", connectionType="long-polling", **more)
        assert [one["successful"] for one in replies if one["channel"] == "/meta/connect"] == [True], replies
        return [one for one in replies if one["channel"] != "/meta/connect"]

    async def hears(self, topic: str, **wanted: Any) -> dict[str, Any]:
        """The next event on a topic whose data has these members; the others are passed over."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for event in await self.connects():
                    data: dict[str, Any] = event["data"]
                    if event["channel"] == topic and wanted.items() <= data.items():
                        return data


async def submits(server: Server, media_type: str) -> str:
    """The administrator puts something into a queue."""
    async with httpx.AsyncClient(base_url=server.api, auth=ROOT, timeout=PATIENCE_S) as http:
        got = await http.post("/interactions", json={"mediaType": media_type, "queueName": "support"})
        return str(got.json()["id"])


async def test_the_vendors_desktop_starts_up(server: Server) -> None:
    async with Client(server) as desktop:
        await starts_as_the_vendors_desktop(server, desktop)


async def starts_as_the_vendors_desktop(server: Server, desktop: Client) -> None:
    first = "/me?subresources=features,devices,channels"

    # Is anybody signed in already? Nobody: the login form, and the same again with what was typed there.
    nobody = await desktop.ask("GET", first)
    assert (nobody.status_code, nobody.json()["statusCode"]) == (403, 20)
    assert "www-authenticate" not in nobody.headers
    signed_in = await desktop.ask("GET", first, auth=ADA)
    user = signed_in.json()["user"]
    assert {"api-multimedia-chat", "api-multimedia-email"} <= {one["id"] for one in user["features"]}
    assert (user["devices"], user["channels"], user["channelStates"]) == ([], [], [])
    desktop.headers[signed_in.headers["x-csrf-header"]] = signed_in.headers["x-csrf-token"]

    # From here on the cookie alone. What the server does not have is not there, in words that a client can read.
    services = (await desktop.get("/services?fields=*"))["services"]
    assert {"MultiMediaState", "MultiMediaContent"} <= {one["type"] for one in services if one["state"] == "Active"}
    assert (await desktop.get("/me/groups?type=BusinessUnit&fields=*"))["groups"] == []
    assert (await desktop.get("/groups?type=dispositions&fields=*"))["groups"] == []
    for missing in (
        f"{server.url}/internal-api/me/settings?fields=*",
        f"{server.url}/internal-api/contact-center?subresources=businessAttributes",
        f"{server.url}/internal-api/lucene/index",
        "/me/devices/5001/settings/tserver",
        "/devices/5001/settings/tserver",
    ):
        got = await desktop.ask("GET", missing)
        assert (got.status_code, got.json()["statusCode"]) == (404, 6), missing

    # The session before the notifications.
    await desktop.post("/me", {"operationName": "StartContactCenterSession", "channels": ["voice", "chat"]})
    await desktop.ask("GET", f"/contacts/{user['id']}?type=User")
    await desktop.shakes_hands("1.0", ["long-polling"])
    for topic in ("devices", "channels", "calls", "interactions", "chats", "emails", "workitems", "workbins"):
        await desktop.subscribes(f"/v2/me/{topic}")
    assert await desktop.connects(advice={"timeout": 0}) == []

    not_ready, version, workbins, whole = await asyncio.gather(
        desktop.post("/me/channels/voice", {"operationName": "NotReady"}),
        desktop.get("/diagnostics/version"),
        desktop.get("/workbins?fields=*"),
        desktop.get("/me/?subresources=devices,calls,channels,interactions,chats"),
    )
    assert not_ready == {"statusCode": 0}
    assert version["version"]
    me = whole["user"]
    assert [(one["channel"], one["userState"]["state"]) for one in me["channels"]] == [("chat", "NotReady")]
    assert me["channelStates"] == me["channels"]
    assert (me["devices"], me["calls"], me["interactions"], me["chats"]) == ([], [], [], [])

    # Workbins: content one by one and all at once, and a subscription to each.
    ids = [one["id"] for one in workbins["workbins"]]
    for workbin in ids:
        shown = (await desktop.get(f"/workbins/{workbin}?subresources=*"))["workbin"]
        assert (shown["id"], shown["emails"]) == (workbin, [])
    keyed = (await desktop.get(f"/workbins?workbinIds={','.join(ids)}&subresources=*"))["workbins"]
    assert sorted(keyed) == sorted(ids)
    references = [
        (await desktop.post(f"/workbins/{workbin}", {"operationName": "Subscribe"}))["referenceId"] for workbin in ids
    ]
    assert references == list(range(references[0], references[0] + len(ids)))
    told = [event["data"] for event in await desktop.connects() if event["channel"] == "/v2/me/workbins"]
    assert [(one["id"], one["stateResource"], one["referenceId"]) for one in told] == [
        (workbin, "Subscribed", reference) for workbin, reference in zip(ids, references, strict=True)
    ]

    # And work can begin.
    await desktop.post("/me/channels/voice", {"operationName": "Ready"})
    await desktop.post("/me/channels/chat", {"operationName": "Ready"})
    interaction = await submits(server, "chat")
    invited = await desktop.hears("/v2/me/chats", messageType="ChatStateChangeMessage")
    assert (invited["chat"]["id"], invited["chat"]["state"]) == (interaction, "Invited")


async def test_a_browser_client_starts_up_works_and_goes(server: Server) -> None:
    async with Client(server, auth=ADA) as client:  # on every request, besides the cookie
        await starts_works_and_goes_as_a_browser(server, client)


async def starts_works_and_goes_as_a_browser(server: Server, client: Client) -> None:
    assert (await client.get("/me"))["user"]["userName"] == "ada"
    cookie = client.http.cookies["JSESSIONID"]
    states, _, not_ready, bins, items = await asyncio.gather(
        client.get("/settings/agent-states"),
        client.shakes_hands("0.9", ["long-polling", "callback-polling"]),
        client.ask("POST", "/me/channels/workitem", {"operationName": "NotReady"}),
        client.get("/me/workbins?fields=*"),
        client.get("/me/workitems?fields=*"),
    )
    assert [one["operationName"] for one in states["settings"]][:2] == ["NotReady", "Ready"]
    assert not_ready.json()["statusCode"] == 2, "not logged in there yet, and the client goes on"
    assert {one["workbinName"] for one in bins["workbins"]} >= {"In_Progress", "Drafts"}
    assert items["workitems"] == []
    assert client.http.cookies["JSESSIONID"] == cookie, "one session is enough"

    # It subscribes before the first connect, and starts the session after it.
    await client.subscribes("/v2/me/*")
    assert await client.connects(advice={"timeout": 0}) == []
    held = asyncio.create_task(client.hears("/v2/me/channels"))
    started = {"operationName": "StartContactCenterSession", "channels": ["workitem"], "place": "Desk 7"}
    await client.post("/me", started)
    assert (await held)["channels"][0]["userState"]["state"] == "NotReady"
    await client.post("/me", {"operationName": "Ready"})

    interaction = await submits(server, "workitem")
    invited = await client.hears("/v2/me/workitems", messageType="WorkitemStateChangeMessage")
    assert (invited["workitem"]["id"], invited["workitem"]["state"]) == (interaction, "Invited")
    assert invited["workitem"]["userData"] == {}
    accepted = await client.post(f"/me/workitems/{interaction}", {"operationName": "Accept"})
    processing = await client.hears("/v2/me/workitems", referenceId=accepted["referenceId"])
    assert processing["workitem"]["state"] == "Processing"
    changed = {"operationName": "UpdateUserData", "userData": {"Segment": "gold"}}
    await client.post(f"/me/workitems/{interaction}", changed)
    updated = await client.hears("/v2/me/workitems", notificationType="PropertiesUpdated")
    assert updated["workitem"]["userData"] == {"Segment": "gold"}
    await client.post(f"/me/workitems/{interaction}", {"operationName": "Complete", "queueName": "sales"})
    completed = await client.hears("/v2/me/workitems", messageType="WorkitemStateChangeMessage")
    assert (completed["workitem"]["state"], completed["workitem"]["capabilities"]) == ("Completed", [])

    # It ends the session, disconnects without waiting, and ends it again when it learns of that.
    ended = {"operationName": "EndContactCenterSession"}
    _, [disconnected] = await asyncio.gather(
        client.post("/me", ended), client.bayeux("/disconnect", "/meta/disconnect")
    )
    assert disconnected["channel"] == "/meta/disconnect"
    client.http.cookies.clear()
    client.headers["Cookie"] = f"JSESSIONID={cookie}"
    assert await client.post("/me", ended) == {"statusCode": 0}

    dead = await client.ask("GET", "/me", auth=None)
    assert (dead.status_code, dead.json()["statusCode"]) == (403, 20)
