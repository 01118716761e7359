"""What is said to whom about an event."""

from typing import Any

import pytest

from frontdesk.core import agents as agent_core
from frontdesk.core import events
from frontdesk.core import interactions as core
from frontdesk.core.agents import Agent
from frontdesk.core.events import AgentChanged, BinChange, Committed, DirectoryChanged, Event
from frontdesk.core.ids import ContactCentreId, OwnerId, UserId
from frontdesk.core.interactions import Change
from frontdesk.core.permissions import ALLOWED, Act, Role
from frontdesk.kit import codec
from frontdesk.push.notifications import May, messages_for
from frontdesk.wire import agents, interactions
from tests.wire.examples import (
    ADA,
    ADDRESSES,
    DEADLINE_MS,
    GRACE,
    IN_PROGRESS,
    LIMITS,
    LINUS,
    SALES,
    TEAM,
    accepted,
    draft,
    offered,
    parked,
    seen,
    waiting,
)

CENTRE = ContactCentreId("centre")
NOW_MS = 1_700_000_000_000


def may_as(*roles: Role) -> May:
    return lambda act: any(act in ALLOWED[role] for role in roles)


AGENT, SUPERVISOR, NOBODY = may_as(Role.AGENT), may_as(Role.SUPERVISOR), may_as()


def told(
    change: Change,
    to: UserId,
    *,
    actor: UserId | None = ADA,
    bin_change: BinChange | None = None,
    may: May = AGENT,
) -> dict[str, Any]:
    """The data of the messages to one user, by channel."""
    event = events.told(change, at_ms=NOW_MS, actor=actor, reference_id=17, bin_change=bin_change)
    return heard(event, to, may)


def heard(event: Event, to: UserId, may: May = AGENT) -> dict[str, Any]:
    committed = Committed(CENTRE, 5, event, ((to, 41),))
    messages = messages_for(committed, to, 41, ADDRESSES, may)
    assert all(message.number == 41 for message in messages)
    by_channel = {message.channel: codec.decode(message.payload) for message in messages}
    assert len(by_channel) == len(messages), "one message on each channel"
    return by_channel


# ── interactions ─────────────────────────────────────────────────────────────────────────────────


def test_an_offer_is_told_on_the_generic_topic_and_on_that_of_the_medium() -> None:
    """The generic message has the keys of its pages, and so has the one of the medium."""
    change = core.offer(waiting("email"), (ADA,), deadline_ms=DEADLINE_MS)
    assert told(change, ADA, actor=None) == {
        "/v2/me/interactions": {
            "messageType": "InteractionStateMessage",
            "messageTypeName": "InteractionStateMessage",
            "notificationType": "StatusChange",
            "interaction": seen(interactions.shown(change.after, ADA, ADDRESSES)),
            "replayId": 41,
        },
        "/v2/me/emails": {
            "messageType": "EmailStateChangeMessage",
            "notificationType": "StatusChange",
            "email": seen(interactions.media_shown(change.after, ADA, ADDRESSES)),
            "replayId": 41,
        },
    }


@pytest.mark.parametrize(
    ("media_type", "channel", "message_type", "key"),
    [
        ("email", "/v2/me/emails", "EmailStateChangeMessage", "email"),
        ("chat", "/v2/me/chats", "ChatStateChangeMessage", "chat"),
        ("workitem", "/v2/me/workitems", "WorkitemStateChangeMessage", "workitem"),
        ("fax", "/v2/me/openmedia", "OpenmediaStateChangeMessage", "openmedia"),
    ],
)
def test_each_medium_has_a_message_of_its_own(media_type: str, channel: str, message_type: str, key: str) -> None:
    data = told(core.accept(offered(media_type), ADA), ADA)[channel]
    assert data["messageType"] == message_type
    assert data[key]["id"] == "0000AB12CD34EF56"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (core.accept(offered(), ADA), "StatusChange"),
        (core.complete(accepted(), ADA), "StatusChange"),
        (core.attach_user_data(accepted(), ADA, {"a": 1}, LIMITS), "PropertiesUpdated"),
        (core.update_user_data(accepted(), ADA, {"a": 1}, LIMITS), "PropertiesUpdated"),
        (core.delete_user_data(accepted(), ADA, ("Order",)), "PropertiesUpdated"),
        (core.set_disposition(accepted(), ADA, "solved", "DISP_KEY", LIMITS), "PropertiesUpdated"),
    ],
    ids=lambda value: value.trigger if isinstance(value, Change) else "",
)
def test_what_changes_properties_says_so(change: Change, kind: str) -> None:
    assert [data["notificationType"] for data in told(change, ADA).values()] == [kind, kind]


@pytest.mark.parametrize(
    ("change", "loser", "state"),
    [
        (core.reject(offered(), ADA, round_ends_at_ms=1), ADA, "Completed"),
        (core.withdraw(offered(), ADA, round_ends_at_ms=1), ADA, "Revoked"),
        (core.expire(offered(), round_ends_at_ms=1), ADA, "Revoked"),
        (core.accept(offered("workitem", ADA, GRACE), ADA), GRACE, "Revoked"),
        (core.reject(offered("workitem", ADA, GRACE), ADA, round_ends_at_ms=1), ADA, "Completed"),
        (core.transfer(accepted(), ADA, GRACE, deadline_ms=1), ADA, "Completed"),
        (core.place_in_queue(accepted(), ADA, SALES, "sales", at_ms=1), ADA, "Completed"),
        (core.complete(accepted(), ADA), ADA, "Completed"),
        (core.cancel(draft(), ADA), ADA, "Canceled"),
        (core.place_in_workbin(accepted(), ADA, IN_PROGRESS, OwnerId(ADA)), ADA, "InWorkbin"),
    ],
    ids=lambda value: value.trigger if isinstance(value, Change) else "",
)
def test_the_last_message_tells_the_loser_how_it_ended_and_leaves_nothing_to_do(
    change: Change, loser: UserId, state: str
) -> None:
    """What the giver sees."""
    messages = told(change, loser)
    objects = [data.get("interaction") or data.get("workitem") or data.get("email") for data in messages.values()]
    assert [(shown["state"], shown["capabilities"]) for shown in objects] == [(state, []), (state, [])]


def test_a_transfer_tells_the_receiver_of_an_invitation() -> None:
    change = core.transfer(accepted(), ADA, GRACE, deadline_ms=1)
    shown = told(change, GRACE)["/v2/me/interactions"]["interaction"]
    assert (shown["state"], shown["capabilities"]) == ("Invited", ["Accept", "Reject"])


def test_only_the_actor_gets_the_reference_of_the_request() -> None:
    change = core.transfer(accepted(), ADA, GRACE, deadline_ms=1)
    assert [data.get("referenceId") for data in told(change, ADA).values()] == [17, 17]
    assert [data.get("referenceId") for data in told(change, GRACE).values()] == [None, None]


def test_who_has_no_part_in_it_hears_nothing() -> None:
    assert told(core.accept(offered(), ADA), LINUS) == {}


def test_who_may_hear_nothing_any_more_hears_nothing() -> None:
    assert told(core.accept(offered(), ADA), ADA, may=NOBODY) == {}


# ── workbins ─────────────────────────────────────────────────────────────────────────────────────


def in_bin(action: Any = "ItemAdded", *subscribers: UserId, group: str | None = None) -> BinChange:
    return BinChange(IN_PROGRESS, OwnerId(TEAM if group else ADA), action, subscribers, group)


def test_the_owner_of_a_bin_hears_of_the_item_and_of_the_bin() -> None:
    change = core.place_in_workbin(accepted(), ADA, IN_PROGRESS, OwnerId(ADA))
    messages = told(change, ADA, bin_change=in_bin("ItemAdded", ADA))
    assert list(messages) == ["/v2/me/interactions", "/v2/me/workitems", "/v2/me/workbins"]
    assert messages["/v2/me/workbins"] == {
        "messageType": "WorkbinStateChangeMessage",
        "action": "ItemAdded",
        "id": IN_PROGRESS,
        "workitemStateResourceV2": messages["/v2/me/workitems"]["workitem"],
        "referenceId": 17,
        "replayId": 41,
    }


def test_a_supervisor_hears_of_the_bin_alone_and_whose_it_is() -> None:
    change = core.pull(parked(), ADA)
    messages = told(change, GRACE, bin_change=in_bin("ItemRemoved", GRACE), may=SUPERVISOR)
    assert list(messages) == ["/v2/me/workbins"]
    data = messages["/v2/me/workbins"]
    assert (data["action"], data["workbinUserId"]) == ("ItemRemoved", ADA)
    assert (data["workitemStateResourceV2"]["state"], data["workitemStateResourceV2"]["capabilities"]) == (
        "Processing",
        [],
    )
    assert "referenceId" not in data


def test_who_supervises_no_more_hears_nothing_of_the_bins_of_others() -> None:
    assert told(core.pull(parked(), ADA), GRACE, bin_change=in_bin("ItemRemoved", GRACE), may=AGENT) == {}


def test_a_member_hears_of_the_bin_of_the_group_by_its_name() -> None:
    change = core.place_in_workbin(accepted(), ADA, IN_PROGRESS, OwnerId(TEAM))
    data = told(change, GRACE, bin_change=in_bin("ItemAdded", GRACE, group="Team"))["/v2/me/workbins"]
    assert data["agentGroup"] == "Team"
    assert "workbinUserId" not in data


# ── agents, and what is nobody's to hear ─────────────────────────────────────────────────────────


def session_changed(actor: UserId) -> AgentChanged:
    session = agent_core.start(Agent(user_id=ADA), ["voice", "email"], place="", at_ms=1)
    return AgentChanged(
        trigger="Ready",
        at_ms=NOW_MS,
        agent=ADA,
        is_in_session=True,
        channels=agent_core.set_state(session, "email", "Ready", at_ms=2).channels,
        actor=actor,
        reference_id=18,
    )


def test_a_channel_s_state_is_told_as_get_shows_it() -> None:
    event = session_changed(ADA)
    assert heard(event, ADA) == {
        "/v2/me/channels": {
            "messageType": "ChannelStateChangeMessageV2",
            "channels": seen(agents.channels_shown(event.channels)),
            "referenceId": 18,
            "replayId": 41,
        }
    }


def test_a_supervisor_s_doing_has_no_reference_for_the_agent() -> None:
    assert "referenceId" not in heard(session_changed(GRACE), ADA)["/v2/me/channels"]


def test_nobody_hears_of_the_channels_of_others_or_of_the_directory() -> None:
    assert heard(session_changed(ADA), GRACE) == {}
    created = DirectoryChanged(trigger="Created", at_ms=NOW_MS, noun="queue", id="1", name="vip", actor=ADA)
    assert heard(created, ADA) == {}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_hears_of_its_own_work(role: Role) -> None:
    assert may_as(role)(Act.HEAR)
    assert told(core.accept(offered(), ADA), ADA, may=may_as(role))
