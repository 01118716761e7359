"""How interactions are shown."""

from typing import Any

import pytest
from msgspec.structs import replace

from frontdesk.core import interactions as core
from frontdesk.core.emails import Email
from frontdesk.core.interactions import Interaction
from frontdesk.core.user_data import UserDataLimits
from frontdesk.wire import interactions
from tests.wire.examples import ADA, ADDRESSES, API, GRACE, accepted, draft, offered, parked, seen, waiting

ALWAYS = {
    *("id", "uri", "path", "channel", "state", "version", "interactionType", "interactionSubType", "currentQueue"),
    *("queueUri", "subject", "priority", "receivedDate", "userData", "capabilities"),
}


def test_the_holder_of_an_e_mail_sees_all_of_it() -> None:
    """Key by key."""
    assert seen(interactions.shown(accepted("email"), ADA, ADDRESSES)) == {
        "id": "0000AB12CD34EF56",
        "uri": f"{API}/interactions/0000AB12CD34EF56",
        "path": "/interactions/0000AB12CD34EF56",
        "channel": "email",
        "state": "Processing",
        "version": 3,
        "interactionType": "Inbound",
        "interactionSubType": "InboundNew",
        "currentQueue": "support",
        "queueUri": f"{API}/queues/11111111-0000-4000-8000-000000000001",
        "ownerUri": f"{API}/users/{ADA}",
        "subject": "Refund",
        "priority": 2,
        "receivedDate": "2023-11-14 22:13:20.007+0000",
        "userData": {"CustomerSegment": "gold", "Order": {"number": 7}},
        "capabilities": [
            *("Reply", "ReplyAll", "Transfer", "PlaceInQueue", "PlaceInWorkbin", "AttachUserData", "UpdateUserData"),
            *("DeleteUserData", "SetDisposition", "SetInFocus", "Complete"),
        ],
        "email_object": {"subject": "Refund", "interactionId": "0000AB12CD34EF56"},
    }


@pytest.mark.parametrize(
    ("interaction", "more"),
    [
        (waiting(), {}),
        (offered(), {}),
        (accepted(), {"ownerUri": f"{API}/users/{ADA}"}),
        (parked(), {"workbin": "22222222-0000-4000-8000-000000000001"}),
        (
            draft(),
            {
                "ownerUri": f"{API}/users/{ADA}",
                "parentId": "0000AB12CD34EF56",
                "email_object": {"subject": "Re: Refund", "interactionId": "0000AB12CD34EF57"},
            },
        ),
        (
            core.set_disposition(accepted(), ADA, "solved", "DISP_KEY", UserDataLimits()).after,
            {"ownerUri": f"{API}/users/{ADA}", "disposition": "solved"},
        ),
    ],
    ids=lambda value: value.state if isinstance(value, Interaction) else "",
)
def test_what_is_absent_is_left_out_and_lists_and_user_data_never(
    interaction: Interaction, more: dict[str, Any]
) -> None:
    shown = seen(interactions.shown(interaction, ADA, ADDRESSES))
    assert {name: value for name, value in shown.items() if name not in ALWAYS} == more
    assert shown.keys() >= ALWAYS
    assert shown.keys() <= set(interactions.PROPERTIES)


@pytest.mark.parametrize(
    ("interaction", "state", "capabilities"),
    [
        (offered("email"), "Invited", ["Accept", "Reject"]),
        (offered("chat"), "Invited", ["Accept", "Reject"]),
        (offered("workitem"), "Invited", ["Accept", "Reject"]),
    ],
)
def test_an_invitee_may_accept_or_reject(interaction: Interaction, state: str, capabilities: list[str]) -> None:
    shown = seen(interactions.shown(interaction, ADA, ADDRESSES))
    assert (shown["state"], shown["capabilities"]) == (state, capabilities)


@pytest.mark.parametrize("reader", [GRACE, None])
def test_whoever_does_not_hold_it_sees_its_state_and_no_operations(reader: Any) -> None:
    shown = seen(interactions.shown(accepted(), reader, ADDRESSES))
    assert (shown["state"], shown["capabilities"]) == ("Processing", [])


def test_who_has_lost_it_sees_the_state_it_ended_in() -> None:
    """Expiry, withdrawal, another was faster: Revoked."""
    shown = seen(interactions.shown(accepted(), GRACE, ADDRESSES, state="Revoked"))
    assert (shown["state"], shown["capabilities"]) == ("Revoked", [])


@pytest.mark.parametrize(
    ("media_type", "collection", "path", "type_key"),
    [
        ("email", "emails", "/emails/0000AB12CD34EF56", "emailType"),
        ("chat", "chats", "/chats/0000AB12CD34EF56", "chatType"),
        ("workitem", "workitems", "/workitems/0000AB12CD34EF56", "workitemType"),
        ("fax", "openmedia", "/openmedia/fax/0000AB12CD34EF56", "openmediaType"),
    ],
)
def test_each_medium_has_a_resource_of_its_own(media_type: str, collection: str, path: str, type_key: str) -> None:
    shown = seen(interactions.media_shown(accepted(media_type), ADA, ADDRESSES))
    assert shown["uri"] == API + path
    assert shown["path"] == path
    assert shown[type_key] == "Inbound"
    assert shown["mediaType"] == media_type
    assert shown["userData"] == {"CustomerSegment": "gold", "Order": {"number": 7}}
    assert shown["receivedDate"] == "2023-11-14 22:13:20.007+0000"
    assert shown.keys() <= set(interactions.MEDIA_PROPERTIES)
    assert interactions.medium_of(media_type).plural == collection


def test_the_resource_of_a_medium_has_all_of_the_interaction() -> None:
    """Media resources add theirs."""
    for media_type in ("email", "chat", "workitem", "fax"):
        generic = seen(interactions.shown(accepted(media_type), ADA, ADDRESSES))
        own = seen(interactions.media_shown(accepted(media_type), ADA, ADDRESSES))
        for name in generic.keys() - {"uri", "path", "email_object"}:
            assert own[name] == generic[name]


def test_an_e_mail_names_its_people_and_its_files() -> None:
    shown = seen(interactions.media_shown(accepted("email"), ADA, ADDRESSES))
    assert shown["from"] == "customer@example.com"
    assert shown["to"] == ["support@desk.example.org"]
    assert shown["cc"] == ["boss@example.com"]
    assert shown["bcc"] == []
    assert shown["attachments"] == [
        {
            "id": "a1",
            "name": "bill.pdf",
            "size": 2048,
            "mime": "application/pdf",
            "uri": f"{API}/emails/0000AB12CD34EF56/attachments/a1",
            "contentId": "bill",
        }
    ]


def test_the_body_of_an_e_mail_is_shown_where_it_is_asked_for() -> None:
    """`body` is HTML, and `mime` says so."""
    email = Email(html="<p>Hello<script>steal()</script></p>", text="Hello", mime="text/html")
    interaction = accepted("email")
    without = seen(interactions.media_shown(interaction, ADA, ADDRESSES))
    shown = seen(interactions.media_shown(interaction, ADA, ADDRESSES, email=email))
    assert shown == {**without, "body": "<p>Hello</p>", "bodyAsPlainText": "Hello", "mime": "text/html"}
    assert shown.keys() <= set(interactions.MEDIA_PROPERTIES)


def test_a_body_that_came_as_plain_text_is_shown_as_html_too() -> None:
    shown = interactions.media_shown(accepted("email"), ADA, ADDRESSES, email=Email(text="1 < 2\nyes"))
    assert shown["body"] == "1 &lt; 2<br>\nyes"
    assert shown["bodyAsPlainText"] == "1 < 2\nyes"


def test_a_chat_has_participants() -> None:
    """A client stops at a chat without the list."""
    assert seen(interactions.media_shown(accepted("chat"), ADA, ADDRESSES))["participants"] == []


def test_a_group_of_resources_has_every_collection() -> None:
    """An empty sub-collection is an empty list."""
    found = seen(interactions.grouped([accepted("email"), waiting("fax")], ADA, ADDRESSES))
    assert list(found) == ["emails", "chats", "workitems", "openmedia"]
    assert [len(items) for items in found.values()] == [1, 0, 0, 1]


def test_no_queue_name_is_null() -> None:
    """`currentQueue` is a name or null."""
    nameless = replace(waiting(), queue_name="")
    assert seen(interactions.shown(nameless, None, ADDRESSES))["currentQueue"] is None
