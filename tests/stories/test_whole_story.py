"""A day's work, end to end: a real e-mail, two agents with the official client, every message they see on the way."""

import smtplib
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.clients.desktop import Desktop, desktop
from tests.server import Server

INTERACTIONS, EMAILS, CHANNELS = "/v2/me/interactions", "/v2/me/emails", "/v2/me/channels"

WORKING = {"Reply", "ReplyAll", "Transfer", "PlaceInQueue", "PlaceInWorkbin", "Complete"} | {
    f"{act}UserData" for act in ("Attach", "Update", "Delete")
}


def customer_writes(server: Server) -> None:
    """A real message, by a plain SMTP client."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Mary Somerville <mary@customer.example>", "support@frontdesk.example"
    mail["Subject"], mail["Message-ID"] = "My lamp is broken ☹", "<lamp@customer.example>"
    mail.set_content("It does not light up any more.")
    mail.add_attachment(b"\x89PNG photo", maintype="image", subtype="png", filename="lamp.png")
    with smtplib.SMTP(*server.mail, timeout=30) as smtp:
        assert smtp.send_message(mail) == {}


async def starts_work(agent: Desktop, transport: str, *, state: str) -> None:
    """From switching on to being in `state` on e-mail."""
    signed_in = await agent.signs_in()
    assert signed_in.body["user"]["userName"] == agent.user
    assert "set-cookie" in signed_in.headers
    assert await agent.connects("/v2/me/*") == transport
    await agent.posts("/me", {"operationName": "StartContactCenterSession", "channels": ["email"]})
    await agent.posts("/me", {"operationName": state})
    told = await agent.hears(lambda message: shows_state(message, state))
    assert told["messageType"] == "ChannelStateChangeMessageV2"
    [channel] = (await agent.get("/me/channels")).body["channels"]
    assert told["channels"] == [channel]


def shows_state(message: dict[str, Any], state: str) -> bool:
    """Whether it is about the agent's channels, all of them in `state`."""
    if message["channel"] != CHANNELS:
        return False
    return all(channel["userState"]["state"] == state for channel in message["data"]["channels"])


async def sees(agent: Desktop, interaction: str, version: int, state: str) -> dict[str, Any]:
    """Both messages of one change, the generic and the medium's: they say the same, and it is what GET says."""
    generic = await agent.hears(lambda message: is_of(message, INTERACTIONS, "interaction", interaction, version))
    own = await agent.hears(lambda message: is_of(message, EMAILS, "email", interaction, version))
    assert (generic["messageType"], own["messageType"]) == ("InteractionStateMessage", "EmailStateChangeMessage")
    told: dict[str, Any] = generic["interaction"]
    assert (told["state"], own["email"]["state"]) == (state, state)
    for key in ("version", "capabilities", "userData", "subject"):
        assert told[key] == own["email"][key]
    for key in ("referenceId", "replayId", "notificationType"):
        assert generic.get(key) == own.get(key)
    if told["capabilities"]:
        assert (await agent.get(f"/me/interactions/{interaction}")).body["interaction"] == told
        assert (await agent.get("/me/interactions?fields=*")).body["interactions"] == [told]
    else:
        assert (await agent.get("/me/interactions?fields=*")).body["interactions"] == []
    return generic


def is_of(message: dict[str, Any], channel: str, key: str, interaction: str, version: int) -> bool:
    shown = message["data"].get(key, {})
    return (message["channel"], shown.get("id"), shown.get("version")) == (channel, interaction, version)


async def in_progress(agent: Desktop) -> str:
    bins = (await agent.get("/me/workbins?fields=*")).body["workbins"]
    return next(str(one["id"]) for one in bins if one["workbinName"] == "In_Progress")


def heard_without_gaps(agent: Desktop) -> int:
    """Every event that the agent heard of has the number after that of the one before; the last of them."""
    numbers = [message["data"]["replayId"] for message in agent.messages]
    assert all(after - before in (0, 1) for before, after in pairwise(numbers)), numbers
    assert [message["ext"]["replay"] for message in agent.messages] == numbers
    assert numbers[0] == 1
    return int(numbers[-1])


@pytest.mark.parametrize("transport", ["websocket", "long-polling"])
async def test_an_email_is_offered_accepted_parked_pulled_handed_on_and_completed(
    server: Server, node: Path, transport: str
) -> None:
    async with (
        desktop(node, server.url, transport, "ada") as ada,
        desktop(node, server.url, transport, "grace") as grace,
    ):
        await starts_work(ada, transport, state="Ready")
        await starts_work(grace, transport, state="NotReady")

        customer_writes(server)
        invited = await ada.hears(lambda message: message["channel"] == INTERACTIONS)
        interaction = invited["interaction"]["id"]
        offered = (await sees(ada, interaction, 2, "Invited"))["interaction"]
        assert "referenceId" not in invited
        assert set(offered["capabilities"]) == {"Accept", "Reject"}
        assert (offered["channel"], offered["currentQueue"]) == ("email", "support")
        assert offered["email_object"] == {"subject": "My lamp is broken ☹", "interactionId": interaction}
        assert offered["userData"]["FromAddress"] == "mary@customer.example"

        accepted = await ada.operates(interaction, "Accept")
        assert accepted.body["status"] == "ok"
        told = await sees(ada, interaction, 3, "Processing")
        assert told["referenceId"] == accepted.body["referenceId"]
        assert told["notificationType"] == "StatusChange"
        assert told["interaction"]["ownerUri"].endswith(f"/users/{await id_of(ada)}")
        assert set(told["interaction"]["capabilities"]) >= WORKING

        attached = await ada.operates(
            interaction, "AttachUserData", userData={"Lamp": {"model": "L-7", "years": 2}, "Urgent": True}
        )
        told = await sees(ada, interaction, 4, "Processing")
        assert (told["referenceId"], told["notificationType"]) == (attached.body["referenceId"], "PropertiesUpdated")
        assert told["interaction"]["userData"] == {
            **offered["userData"],
            "Lamp": {"model": "L-7", "years": 2},
            "Urgent": True,
        }

        parked = await ada.operates(interaction, "PlaceInWorkbin", workbin="In_Progress")
        told = await sees(ada, interaction, 5, "InWorkbin")
        assert told["referenceId"] == parked.body["referenceId"]
        assert told["interaction"]["capabilities"] == []
        workbin = await in_progress(ada)
        content = (await ada.get(f"/me/workbins/{workbin}?subresources=*")).body["workbin"]
        assert [(one["id"], one["state"]) for one in content["emails"]] == [(interaction, "InWorkbin")]

        pulled = await ada.posts(f"/me/workbins/{workbin}", {"operationName": "PullEmail", "id": interaction})
        told = await sees(ada, interaction, 6, "Processing")
        assert told["referenceId"] == pulled.body["referenceId"]
        assert set(told["interaction"]["capabilities"]) >= WORKING
        assert (await ada.get(f"/me/workbins/{workbin}?subresources=*")).body["workbin"]["emails"] == []

        transferred = await ada.operates(interaction, "Transfer", userId=await id_of(grace))
        told = await sees(ada, interaction, 7, "Completed")
        assert told["referenceId"] == transferred.body["referenceId"]
        assert told["interaction"]["capabilities"] == []
        told = await sees(grace, interaction, 7, "Invited")
        assert "referenceId" not in told
        assert told["interaction"]["userData"]["Lamp"] == {"model": "L-7", "years": 2}

        accepted = await grace.operates(interaction, "Accept")
        told = await sees(grace, interaction, 8, "Processing")
        assert told["referenceId"] == accepted.body["referenceId"]
        email = (await grace.get(f"/me/emails/{interaction}")).body["email"]
        assert email["bodyAsPlainText"].strip() == "It does not light up any more."
        assert [(one["name"], one["mime"]) for one in email["attachments"]] == [("lamp.png", "image/png")]

        completed = await grace.operates(interaction, "Complete")
        told = await sees(grace, interaction, 9, "Completed")
        assert told["referenceId"] == completed.body["referenceId"]
        assert told["interaction"]["capabilities"] == []

        final = (await grace.get(f"/interactions/{interaction}")).body["interaction"]
        assert (final["state"], final["version"]) == ("Completed", 9)
        assert "ownerUri" not in final
        assert (await ada.get("/interactions?fields=*")).body["interactions"] == []
        await its_history_tells_the_same(ada, grace, interaction)

        # Two events of the channels each; then the seven changes that ada, and the three that grace was told of.
        assert heard_without_gaps(ada) == number_of_events(ada) == 2 + 6
        assert heard_without_gaps(grace) == number_of_events(grace)
        await grace.disconnects()
        await grace.posts("/me", {"operationName": "EndContactCenterSession"})
        await ada.posts("/me", {"operationName": "EndContactCenterSession"})
        await ada.is_told(lambda meta: meta["channel"] == "/meta/connect" and is_sent_away(meta))
    assert server.stop() == 0


def is_sent_away(meta: dict[str, Any]) -> bool:
    """Whether it says that the sign-in is over, and that coming back with it is of no use."""
    return str(meta.get("error")).startswith("401::") and meta["advice"]["reconnect"] == "none"


async def its_history_tells_the_same(ada: Desktop, grace: Desktop, interaction: str) -> None:
    events = (await ada.get(f"/interactions/{interaction}/events")).body["events"]
    names = {await id_of(ada): "ada", await id_of(grace): "grace"}
    told = [(one["event"], names.get(one.get("actorUri", "").rpartition("/")[2])) for one in events]
    assert told == [
        ("Submit", None),
        ("Offer", None),
        ("Accept", "ada"),
        ("AttachUserData", "ada"),
        ("PlaceInWorkbin", "ada"),
        ("Pull", "ada"),
        ("Transfer", "ada"),
        ("Accept", "grace"),
        ("Complete", "grace"),
    ]
    assert [one["interaction"]["version"] for one in events] == list(range(1, 10))


def number_of_events(agent: Desktop) -> int:
    return len({message["data"]["replayId"] for message in agent.messages})


async def id_of(agent: Desktop) -> str:
    return str((await agent.get("/me")).body["user"]["id"])
