"""The hub between the bus and the sessions, with a real store behind it and the protocol machine in front.

The bus of these tests loses what it is told to lose: what happens is committed, and then carried to the hub or not.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from frontdesk.core import events, interactions
from frontdesk.core.agents import Channel
from frontdesk.core.errors import StoreUnavailable
from frontdesk.core.events import AgentChanged, Committed
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.users import User
from frontdesk.ports import Answer, SignInEnded
from frontdesk.push.events import Encoded
from frontdesk.push.notifications import May, Notifications
from tests.push.wire import Message, Socket, Wire
from tests.store.centres import Centre, sqlite_store
from tests.wire.examples import ADA, ADDRESSES, DEADLINE_MS, GRACE, waiting


class Paper:
    """The push server as the hub sees it: the protocol machine, written out at once."""

    def __init__(self) -> None:
        self.wire = Wire()

    def has_sessions(self, principal: str) -> bool:
        return self.wire.machine.has_sessions(principal)

    def deliver(self, principal: str, messages: Sequence[Encoded]) -> None:
        self.wire.machine.deliver(principal, messages, self.wire.now_ms)
        self.wire.flush()

    def end_sign_in(self, sign_in: str, reason: str) -> None:
        self.wire.do(self.wire.machine.end_sign_in(sign_in, reason, self.wire.now_ms))

    def end_principal(self, principal: str, reason: str) -> None:
        self.wire.do(self.wire.machine.end_principal(principal, reason, self.wire.now_ms))


class Node:
    """One node: its hub, the centre whose events it hears, and how reading the table goes just now."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.server = Paper()
        self.known: set[UserId] = {ADA, GRACE}
        self.reads: list[int] = []
        self.failures = 0
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.hub = Notifications(self.server, ADDRESSES, heard_by=self._heard_by, standing=self._standing)

    async def _heard_by(
        self, contact_centre: ContactCentreId, user_id: UserId, above: int, limit: int
    ) -> Sequence[tuple[int, Committed]]:
        assert contact_centre == self.centre.id
        self.reads.append(above)
        await self.may_read.wait()
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("it is busy")
        return await self.centre.sees(lambda tx: tx.events.heard_by(user_id, above=above, limit=limit))

    def _standing(self, _contact_centre: ContactCentreId, user_id: UserId) -> May | None:
        return (lambda _act: True) if user_id in self.known else None

    def signs_in(self, user_id: UserId = ADA) -> Socket:
        socket, _ = self.server.wire.connected_socket("/v2/me/*", principal=user_id)
        return socket

    async def happens(self, name: str, user_id: UserId = ADA) -> Committed:
        """A channel of this name is made Ready; it is committed and nobody has been told yet."""
        event = AgentChanged(
            trigger="Ready",
            at_ms=1,
            agent=user_id,
            is_in_session=True,
            channels=(Channel(channel=name, state="Ready"),),
        )
        return await self.centre.does(lambda tx: tx.events.append(event))

    async def catches_up(self) -> None:
        async with asyncio.timeout(10):
            await self.hub.caught_up()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    store = sqlite_store(tmp_path)
    await store.open()
    centre = await Centre.founded(store, "demo")
    await centre.does(lambda tx: tx.users.add(User(id=ADA, user_name="ada"), "hash"))
    await centre.does(lambda tx: tx.users.add(User(id=GRACE, user_name="grace"), "hash"))
    node = Node(centre)
    yield node
    await node.hub.stop()
    await store.close()


def told(socket: Socket) -> list[tuple[str, int]]:
    """(channel that became Ready, number) of what was pushed, in order."""
    return [
        (message["data"]["channels"][0]["channel"], message["data"]["replayId"])
        for message in socket.taken()
        if message["data"].get("messageType") == "ChannelStateChangeMessageV2"
    ]


def pushed(socket: Socket) -> list[Message]:
    return [message for message in socket.taken() if "data" in message]


async def test_what_is_heard_is_delivered_at_once_and_in_order(node: Node) -> None:
    ada = node.signs_in()
    node.hub.hear([await node.happens("chat"), await node.happens("email")])
    assert told(ada) == [("chat", 1), ("email", 2)]
    assert node.reads == []


async def test_the_number_is_on_the_message_itself(node: Node) -> None:
    ada = node.signs_in()
    node.hub.hear([await node.happens("chat")])
    assert [message["ext"] for message in pushed(ada)] == [{"replay": 1}]


async def test_every_session_of_the_user_hears_it_and_nobody_else(node: Node) -> None:
    desk, phone, grace = node.signs_in(), node.signs_in(), node.signs_in(GRACE)
    node.hub.hear([await node.happens("chat")])
    assert (told(desk), told(phone), told(grace)) == ([("chat", 1)], [("chat", 1)], [])


async def test_both_messages_of_an_event_leave_together(node: Node) -> None:
    ada = node.signs_in()
    change = interactions.offer(waiting("email"), (ADA,), deadline_ms=DEADLINE_MS)
    event = events.told(change, at_ms=1, actor=None, reference_id=None)
    node.hub.hear([await node.centre.does(lambda tx: tx.events.append(event))])
    assert [[message["channel"] for message in frame] for frame in ada.frames] == [
        ["/v2/me/interactions", "/v2/me/emails"]
    ]


async def test_what_is_heard_twice_is_delivered_once(node: Node) -> None:
    ada = node.signs_in()
    first, second = await node.happens("chat"), await node.happens("email")
    node.hub.hear([first, second])
    node.hub.hear([first, second])
    assert told(ada) == [("chat", 1), ("email", 2)]


async def test_a_stream_begins_with_the_first_event_that_finds_a_session(node: Node) -> None:
    """What came before is in the client's first GET."""
    node.hub.hear([await node.happens("chat")])
    ada = node.signs_in()
    node.hub.hear([await node.happens("email")])
    assert told(ada) == [("email", 2)]
    assert node.reads == []


async def test_who_went_away_and_came_back_is_not_told_the_past(node: Node) -> None:
    ada = node.signs_in()
    node.hub.hear([await node.happens("chat")])
    node.hub.sign_in_ended(SignInEnded(reason="logged out", user_id=ADA))
    node.hub.hear([await node.happens("email")])
    again = node.signs_in()
    node.hub.hear([await node.happens("workitem")])
    assert told(again) == [("workitem", 3)]
    assert ada.close_code is not None


async def test_a_jump_is_filled_from_the_table_before_anything_later(node: Node) -> None:
    ada = node.signs_in()
    node.hub.hear([await node.happens("chat")])
    await node.happens("email")  # lost on the way
    await node.happens("fax")  # lost as well
    node.hub.hear([await node.happens("workitem")])
    assert told(ada) == [("chat", 1)]
    await node.catches_up()
    assert told(ada) == [("email", 2), ("fax", 3), ("workitem", 4)]
    node.hub.hear([await node.happens("sms")])
    assert told(ada) == [("sms", 5)]
    assert node.reads == [1]


async def test_what_happens_while_missed_rows_are_read_waits_for_them(node: Node) -> None:
    ada = node.signs_in()
    node.hub.hear([await node.happens("chat")])
    await node.happens("email")  # lost on the way
    node.may_read.clear()
    node.hub.hear([await node.happens("workitem")])
    await asyncio.sleep(0)
    node.hub.hear([await node.happens("sms")])
    assert told(ada) == [("chat", 1)]
    node.may_read.set()
    await node.catches_up()
    assert told(ada) == [("email", 2), ("workitem", 3), ("sms", 4)]


async def test_one_user_s_jump_holds_up_nobody_else(node: Node) -> None:
    ada, grace = node.signs_in(), node.signs_in(GRACE)
    node.hub.hear([await node.happens("chat"), await node.happens("chat", GRACE)])
    await node.happens("email")  # lost on the way
    node.may_read.clear()
    node.hub.hear([await node.happens("workitem"), await node.happens("workitem", GRACE)])
    assert told(grace) == [("chat", 1), ("workitem", 2)]
    assert told(ada) == [("chat", 1)]
    node.may_read.set()


async def test_a_long_gap_is_read_page_by_page(node: Node) -> None:
    ada = node.signs_in()
    node.hub.hear([await node.happens("chat")])
    for _ in range(249):
        await node.happens("email")  # lost on the way
    node.hub.hear([await node.happens("workitem")])
    await node.catches_up()
    assert [number for _, number in told(ada)] == list(range(1, 252))
    assert node.reads == [1, 101, 201]


async def test_a_store_that_cannot_read_now_is_asked_again(node: Node) -> None:
    ada = node.signs_in()
    node.hub.hear([await node.happens("chat")])
    await node.happens("email")  # lost on the way
    node.failures = 2
    node.hub.hear([await node.happens("workitem")])
    await node.catches_up()
    assert told(ada) == [("chat", 1), ("email", 2), ("workitem", 3)]
    assert node.reads == [1, 1, 1]


async def test_who_is_gone_needs_no_missed_rows(node: Node) -> None:
    node.signs_in()
    node.hub.hear([await node.happens("chat")])
    await node.happens("email")  # lost on the way
    node.may_read.clear()
    node.hub.hear([await node.happens("workitem")])
    await asyncio.sleep(0)
    node.hub.sign_in_ended(SignInEnded(reason="logged out", user_id=ADA))
    node.may_read.set()
    await node.catches_up()
    assert node.reads == [1]


async def test_rows_that_are_kept_no_longer_are_told_plainly(node: Node) -> None:
    """The client is to read its state again; what comes later is delivered as ever."""
    ada = node.signs_in()
    node.hub.hear([await node.happens("chat")])
    last = await node.happens("email")
    beyond = Committed(last.contact_centre, last.seq + 9, last.event, ((ADA, 7),))  # 3 to 7 are not in the table
    node.hub.hear([beyond])
    await node.catches_up()
    messages = pushed(ada)
    resync = [message for message in messages if message["data"]["messageType"] == "ResyncMessage"]
    assert [message["channel"] for message in resync] == [
        *("/v2/me/interactions", "/v2/me/workbins", "/v2/me/channels"),
        *("/v2/me/emails", "/v2/me/chats", "/v2/me/workitems", "/v2/me/openmedia"),
    ]
    assert [message["data"]["replayId"] for message in messages if message not in resync] == [1, 2]
    node.hub.hear([Committed(last.contact_centre, last.seq + 10, last.event, ((ADA, 8),))])
    assert told(ada) == [("email", 8)]


async def test_who_has_no_standing_any_more_is_told_nothing_and_the_numbers_go_on(node: Node) -> None:
    ada = node.signs_in()
    node.known.remove(ADA)
    node.hub.hear([await node.happens("chat")])
    node.known.add(ADA)
    node.hub.hear([await node.happens("email")])
    assert told(ada) == [("email", 2)]
    assert node.reads == []


async def test_an_event_that_cannot_be_shown_stops_nobody(node: Node) -> None:
    ada, grace = node.signs_in(), node.signs_in(GRACE)
    broken: Any = AgentChanged(
        trigger="Ready", at_ms=1, agent=ADA, is_in_session=True, channels=(Channel(channel="chat", state="Gone"),)
    )
    node.hub.hear(
        [
            await node.centre.does(lambda tx: tx.events.append(broken)),
            await node.happens("email"),
            await node.happens("chat", GRACE),
        ]
    )
    assert [message["data"]["messageType"] for message in pushed(ada)] == [
        *["ResyncMessage"] * 7,
        "ChannelStateChangeMessageV2",
    ]
    assert told(grace) == [("chat", 1)]


async def test_an_answer_has_no_number(node: Node) -> None:
    ada, grace = node.signs_in(), node.signs_in(GRACE)
    data = {"messageType": "WorkbinContentMessage", "interactions": []}
    node.hub.answer(Answer(node.centre.id, ADA, "/v2/me/interactions", data))
    assert pushed(ada) == [{"channel": "/v2/me/interactions", "data": data}]
    assert pushed(grace) == []


async def test_a_sign_in_that_ends_takes_its_sessions_along(node: Node) -> None:
    ada, grace = node.signs_in(), node.signs_in(GRACE)
    node.hub.sign_in_ended(SignInEnded(reason="logged out", sign_in=f"{ADA}'s sign-in"))
    assert not node.server.has_sessions(ADA)
    assert node.server.has_sessions(GRACE)
    assert ada.close_code is not None
    assert grace.close_code is None


async def test_a_hub_that_stops_gives_up_reading(node: Node) -> None:
    ada = node.signs_in()
    node.hub.hear([await node.happens("chat")])
    await node.happens("email")  # lost on the way
    node.may_read.clear()
    node.hub.hear([await node.happens("workitem")])
    async with asyncio.timeout(10):
        await node.hub.stop()
    node.may_read.set()
    await node.catches_up()
    assert told(ada) == [("chat", 1)]
