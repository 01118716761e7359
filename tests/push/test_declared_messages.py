"""What is declared of messages is what is pushed, key by key, and on the topic that is named there."""

from typing import Any

import msgspec
import pytest

from frontdesk.core import agents as core_agents
from frontdesk.core import interactions as core
from frontdesk.core.agents import Agent
from frontdesk.core.errors import ValueInvalid
from frontdesk.core.events import AgentChanged, BinChange, Committed, Event, told
from frontdesk.core.ids import ContactCentreId, OwnerId
from frontdesk.core.workbins import Workbin
from frontdesk.push.notifications import RESYNC, messages_for
from frontdesk.wire import agents, workbins
from frontdesk.wire.message_shapes import MESSAGES
from tests.wire.examples import ADA, ADDRESSES, GRACE, IN_PROGRESS, LINUS, accepted, offered

BIN = Workbin(id=IN_PROGRESS, name="In_Progress")
CENTRE = ContactCentreId("c")


def pushed(event: Event, *readers: Any) -> list[tuple[str, dict[str, Any]]]:
    """(topic, data) of every message that these readers get of an event."""
    committed = Committed(contact_centre=CENTRE, seq=1, event=event, numbers=())
    return [
        (message.channel, msgspec.json.decode(message.payload))
        for reader in readers
        for message in messages_for(committed, reader, 7, ADDRESSES, lambda act: True)
    ]


def of_interactions() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for medium in ("email", "chat", "workitem", "fax"):
        taken = told(core.accept(offered(medium, ADA, GRACE), ADA), at_ms=1, actor=ADA, reference_id=3)
        found += pushed(taken, ADA, GRACE)
        parked = core.place_in_workbin(accepted(medium), ADA, IN_PROGRESS, OwnerId(ADA))
        for group in (None, "Team"):
            change = BinChange(IN_PROGRESS, OwnerId(ADA), "ItemAdded", (ADA, LINUS), group)
            found += pushed(told(parked, at_ms=1, actor=ADA, reference_id=4, bin_change=change), ADA, LINUS)
    return found


def of_channels() -> list[tuple[str, dict[str, Any]]]:
    session = core_agents.start(Agent(user_id=ADA), ["email", "chat"], place="", at_ms=1)
    event = AgentChanged(
        trigger="Ready",
        at_ms=1,
        agent=ADA,
        is_in_session=True,
        channels=session.channels,
        actor=ADA,
        reference_id=5,
    )
    return pushed(event, ADA)


def of_workbins() -> list[tuple[str, Any]]:
    content = workbins.content_message(
        BIN, [accepted()], total=1, reader=ADA, addresses=ADDRESSES, reference_id=6, most_bytes=10_000
    )
    mine = workbins.subscription_message(IN_PROGRESS, "Subscribed", reference_id=7)
    theirs = workbins.subscription_message(IN_PROGRESS, "Unsubscribed", reference_id=8, owner=GRACE, agent_group=None)
    groups = workbins.subscription_message(IN_PROGRESS, "Subscribed", reference_id=9, agent_group="Team")
    return [(topic, msgspec.json.decode(msgspec.json.encode(data))) for topic, data in (content, mine, theirs, groups)]


def of_passwords() -> list[tuple[str, Any]]:
    refused = agents.password_not_changed(ValueInvalid("oldPassword", "it is another"))
    return [(agents.TOPIC_OF_USER, agents.password_changed()), (agents.TOPIC_OF_USER, refused)]


SAID = [
    *of_interactions(),
    *of_channels(),
    *of_workbins(),
    *of_passwords(),
    ("/v2/me/*", msgspec.json.decode(RESYNC)),
]


def test_every_message_is_declared_and_on_its_topic() -> None:
    for topic, data in SAID:
        message = MESSAGES[data["messageType"]]
        assert message.topic == topic
        msgspec.convert(data, message.shape)


@pytest.mark.parametrize("name", MESSAGES)
def test_every_declared_key_is_said(name: str) -> None:
    declared = {field.encode_name for field in msgspec.structs.fields(MESSAGES[name].shape)}
    assert declared == {key for _, data in SAID if data["messageType"] == name for key in data}
