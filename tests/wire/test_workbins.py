"""How workbins and their changes are shown."""

from typing import Any

import msgspec

from frontdesk.core.interactions import Interaction
from frontdesk.core.workbins import Workbin, WorkbinType
from frontdesk.wire import interactions, workbins
from tests.wire.examples import ADA, ADDRESSES, API, GRACE, IN_PROGRESS, accepted, parked, seen

BIN = Workbin(id=IN_PROGRESS, name="In_Progress", display_name="In progress")
TEAM_BIN = Workbin(id=IN_PROGRESS, name="Team", type=WorkbinType.AGENT_GROUP)

# The 8.5.0 form: workbinId is the Base64 of the view path.
LEGACY = {
    "workbinId": "SW5fUHJvZ3Jlc3MvUHJpdmF0ZVZpZXc=",
    "active": 1,
    "workbinName": "In_Progress",
    "viewName": "In_Progress/PrivateView",
    "workbinType": 1,
}


def test_a_bin_has_the_keys_of_both_generations() -> None:
    shown = seen(workbins.shown(BIN, ADDRESSES))
    assert shown == {
        "id": IN_PROGRESS,
        "uri": f"{API}/workbins/{IN_PROGRESS}",
        "path": f"/workbins/{IN_PROGRESS}",
        "name": "In_Progress",
        "displayName": "In progress",
        "type": "Agent",
        **LEGACY,
    }
    assert shown.keys() == set(workbins.PROPERTIES)


def test_a_bin_without_a_display_name_shows_its_name() -> None:
    shown = workbins.shown(TEAM_BIN, ADDRESSES)
    assert (shown["displayName"], shown["type"]) == ("Team", "AgentGroup")


def test_one_listing_answers_both_generations() -> None:
    """`GET /me/workbins` without `fields`."""
    assert seen(workbins.listing([BIN], ADDRESSES)) == {
        "statusCode": 0,
        "status": 0,
        "uris": [f"{API}/workbins/{IN_PROGRESS}"],
        "workbins": [LEGACY],
    }


def told(
    items: list[Interaction], *, total: int, reference_id: int | None = 12, most_bytes: int = 10_000
) -> tuple[str, dict[str, Any]]:
    return workbins.content_message(
        BIN,
        items,
        total=total,
        reader=ADA,
        addresses=ADDRESSES,
        reference_id=reference_id,
        most_bytes=most_bytes,
    )


def test_content_is_told_in_one_message() -> None:
    """It answers an operation, over CometD."""
    topic, data = told([parked()], total=700)
    assert topic == "/v2/me/interactions"
    assert seen(data) == {
        "messageType": "WorkbinContentMessage",
        "workbin": {"id": IN_PROGRESS, "workbinName": "In_Progress"},
        "interactions": [seen(interactions.shown(parked(), ADA, ADDRESSES))],
        "totalCount": 700,
        "referenceId": 12,
    }


def test_an_empty_bin_is_told_too() -> None:
    _, data = told([], total=0, reference_id=None)
    assert data["interactions"] == []
    assert "referenceId" not in data


def test_what_would_make_the_message_too_long_is_left_out_of_it() -> None:
    """A message that a session has no room for would be no answer at all."""
    size = len(msgspec.json.encode(interactions.shown(parked(), ADA, ADDRESSES)))

    _, data = told([parked()] * 5, total=5, most_bytes=3 * size)

    assert (len(seen(data)["interactions"]), data["totalCount"]) == (3, 5)


def test_a_subscription_is_confirmed() -> None:
    topic, data = workbins.subscription_message(IN_PROGRESS, "Subscribed", reference_id=13)
    assert topic == "/v2/me/workbins"
    assert data == {
        "messageType": "WorkbinSubscriptionStateChangeMessage",
        "id": IN_PROGRESS,
        "stateResource": "Subscribed",
        "referenceId": 13,
    }


def test_a_subscription_to_the_bin_of_another_or_of_a_group_says_whose() -> None:
    """`workbinUserId` in the supervisor's case, `agentGroup` for a group's bin."""
    _, of_grace = workbins.subscription_message(IN_PROGRESS, "Unsubscribed", reference_id=1, owner=GRACE)
    _, of_team = workbins.subscription_message(IN_PROGRESS, "RequestFailed", reference_id=1, agent_group="Team")
    assert (of_grace["workbinUserId"], of_team["agentGroup"]) == (GRACE, "Team")


def test_a_change_has_the_resource_under_the_name_of_its_medium() -> None:
    for media_type, key in [
        ("email", "emailStateResourceV2"),
        ("chat", "chatStateResourceV2"),
        ("workitem", "workitemStateResourceV2"),
        ("fax", "openmediaStateResourceV2"),
    ]:
        medium = interactions.medium_of(media_type)
        item = interactions.media_shown(accepted(media_type), ADA, ADDRESSES)
        data = workbins.change_message(IN_PROGRESS, "ItemAdded", medium, item)
        assert data == {
            "messageType": "WorkbinStateChangeMessage",
            "action": "ItemAdded",
            "id": IN_PROGRESS,
            key: item,
        }
