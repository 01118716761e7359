"""Being told of what comes into workbins and leaves them: one's own, another's, a group's, until the session ends."""

from typing import Any

from tests.desk import Desk


class Ear:
    """A Bayeux session of a user that listens to workbins."""

    def __init__(self, desk: Desk, user: str, headers: dict[str, str] | None = None) -> None:
        self._desk, self._user, self._headers = desk, user, headers
        self._client = ""

    async def _sends(self, channel: str, **more: Any) -> list[dict[str, Any]]:
        message = {"channel": channel, "clientId": self._client, **more}
        user = None if self._headers else self._user
        replies: Any = (await self._desk.post("/notifications", [message], user, headers=self._headers)).body
        found: list[dict[str, Any]] = replies
        return found

    async def listens(self) -> None:
        [reply] = await self._sends("/meta/handshake", version="1.0", supportedConnectionTypes=["long-polling"])
        self._client = reply["clientId"]
        await self._sends("/meta/subscribe", subscription="/v2/me/workbins")
        await self.hears()

    async def hears(self) -> list[tuple[str, str | None]]:
        """(action, whose bin if it is another user's or a group's) of every change since."""
        await self._desk.settled()
        events = await self._sends("/meta/connect", connectionType="long-polling", advice={"timeout": 0})
        changes = [
            one["data"] for one in events if one.get("data", {}).get("messageType") == "WorkbinStateChangeMessage"
        ]
        return [(one["action"], one.get("workbinUserId") or one.get("agentGroup")) for one in changes]


async def bin_of(desk: Desk, name: str) -> str:
    [found] = (await desk.get(f"/workbins?name={name}&fields=id")).body["workbins"]
    return str(found["id"])


async def subscribes(desk: Desk, user: str, path: str, operation: str = "Subscribe") -> None:
    got = await desk.post(path, {"operationName": operation}, user)
    assert got.body["statusCode"] == 0, got.body
    assert got.body["referenceId"] > 0


async def ada_parks_and_pulls(desk: Desk, workbin: str) -> None:
    interaction = await desk.ada_works_on()
    await desk.did("ada", interaction, "PlaceInWorkbin", workbin=workbin)
    path = f"/me/workbins/{await bin_of(desk, workbin)}"
    got = await desk.post(path, {"operationName": "PullInteraction", "id": interaction})
    assert got.body["statusCode"] == 0, got.body


async def test_a_subscriber_hears_what_comes_into_the_own_bin_and_leaves_it(desk: Desk) -> None:
    await desk.becomes("ada")
    ear = Ear(desk, "ada")
    await ear.listens()
    await subscribes(desk, "ada", f"/me/workbins/{await bin_of(desk, 'In_Progress')}")
    await ada_parks_and_pulls(desk, "In_Progress")
    assert await ear.hears() == [("ItemAdded", None), ("ItemRemoved", None)]

    await subscribes(desk, "ada", f"/me/workbins/{await bin_of(desk, 'In_Progress')}", "Unsubscribe")
    await ada_parks_and_pulls(desk, "In_Progress")
    assert await ear.hears() == []


async def test_members_of_a_group_hear_of_its_bin(desk: Desk) -> None:
    await desk.becomes("grace", "NotReady")
    ear = Ear(desk, "grace")
    await ear.listens()
    await subscribes(desk, "grace", f"/me/workbins/{await bin_of(desk, 'Team')}?agentGroup=Team")
    await ada_parks_and_pulls(desk, "Team")
    assert await ear.hears() == [("ItemAdded", "Team"), ("ItemRemoved", "Team")]


async def test_a_subscription_ends_with_the_session(desk: Desk) -> None:
    await desk.becomes("grace", "NotReady")
    await subscribes(desk, "grace", f"/me/workbins/{await bin_of(desk, 'Team')}?agentGroup=Team")
    await desk.post("/me", {"operationName": "EndContactCenterSession"}, "grace")
    await desk.becomes("grace", "NotReady")
    ear = Ear(desk, "grace")
    await ear.listens()

    await ada_parks_and_pulls(desk, "Team")

    assert await ear.hears() == []


async def test_only_a_supervisor_hears_of_another_users_bin_and_a_token_takes_nothing_from_it(desk: Desk) -> None:
    ada = await desk.id_of("ada")
    path = f"/users/{ada}/workbins/{await bin_of(desk, 'In_Progress')}"
    refused = await desk.post(path, {"operationName": "Subscribe"}, "grace")
    assert (refused.status, refused.body["statusCode"]) == (403, 5)
    await desk.becomes("sam", "NotReady")
    ear = Ear(desk, "sam")
    await ear.listens()
    await subscribes(desk, "sam", path)

    # Another program of sam's comes along, with a token that covers less than sam may.
    made = await desk.post("/tokens", {"name": "board", "scopes": ["administer"], "userId": "sam"}, "root")
    await Ear(desk, "sam", {"authorization": f"Bearer {made.body['secret']}"}).listens()
    await ada_parks_and_pulls(desk, "In_Progress")

    assert await ear.hears() == [("ItemAdded", ada), ("ItemRemoved", ada)]
