"""Replay where it is asked wrongly, cut off, or what it needs cannot be had."""

from typing import Any

import pytest

from tests.push.replaying import ONE, OTHER, since, socket_since, told, wire_with
from tests.push.wire import (
    Request,
    Wire,
    connect,
    disconnect,
    publish,
    seen,
    subscribe,
)


@pytest.mark.parametrize("strange", [True, "17", 1.5, -3, [1], None])
def test_a_number_that_is_none_is_refused(strange: Any) -> None:
    wire = wire_with(3)
    client = wire.connected()
    reply = wire.post(subscribe(client, ONE, ext={"replay": {ONE: strange}})).reply
    assert reply["error"] == "400::replay_invalid"
    wire.happens((ONE, 4))
    assert told(wire, client) == []


def test_numbers_of_other_channels_are_left_alone() -> None:
    wire = wire_with(3)
    client = wire.connected()
    reply = wire.post(subscribe(client, ONE, ext={"replay": {"/else": 1, "/service/x": 2}})).reply
    assert reply["successful"]
    assert wire.recalls == []


def test_without_a_history_a_subscription_is_as_any_other() -> None:
    wire = Wire()
    assert wire.post(subscribe(wire.connected(), ONE, ext={"replay": {ONE: 4}})).reply["successful"]


def test_a_refused_subscription_looks_nothing_up() -> None:
    wire = wire_with(3)
    client = wire.connected()
    reply = wire.post(subscribe(client, ["/denied/a", ONE], ext={"replay": {ONE: 1}})).reply
    assert reply["error"].startswith("403:")
    assert wire.recalls == []


@pytest.mark.parametrize("is_overdue", [True, False])
def test_a_past_that_cannot_be_read_is_told_as_a_gap(is_overdue: bool) -> None:
    """Within a bounded time, and what is new is heard."""
    wire = wire_with(3)
    client = wire.connected()
    request = wire.post(since(client, one=1))
    if is_overdue:
        wire.time_passes(wire.limits.replay_ms + 20)
    wire.cannot_look_up()
    assert request.reply["successful"]
    assert request.reply["ext"] == {"replay": {"gap": True}}
    wire.happens((ONE, "new"))
    assert told(wire, client) == [4]


def test_a_past_that_cannot_be_read_to_its_end_ends_the_session() -> None:
    """Its client begins anew, from the last number it has."""
    wire = wire_with(100)
    socket, client = socket_since(wire, 0)
    wire.looks_up(pages=1)
    wire.cannot_look_up()
    reply = socket.taken()[-1]
    assert reply["error"].startswith("402:")
    assert reply["advice"]["reconnect"] == "handshake"
    assert wire.send(socket, connect(client))[0]["error"].startswith("402:")
    assert wire.ended == ["what it missed cannot be read"]


def test_a_past_that_is_removed_while_it_is_told_ends_the_session() -> None:
    wire = wire_with(200)
    socket_since(wire, 0)
    wire.looks_up(pages=1)
    wire.ledger.forget(120)
    wire.looks_up()
    assert wire.ended == ["what it missed cannot be read"]


def test_an_event_that_is_delivered_and_not_in_the_history_ends_the_session() -> None:
    """It would be waited for without end."""
    wire = wire_with(3)
    client = wire.connected()
    wire.post(since(client, one=1))
    wire.ledger.newest += 1
    wire.deliver((ONE, "nowhere"), number=9)
    wire.looks_up()
    assert wire.ended == ["what it missed cannot be read"]


def test_a_past_that_cannot_be_read_hides_nothing_from_others_of_the_session() -> None:
    wire = wire_with(3)
    client = wire.connected(OTHER)
    wire.post(since(client, one=1))
    wire.happens((OTHER, "new"))
    wire.cannot_look_up()
    assert wire.ended == ["what it missed cannot be read"]


@pytest.mark.parametrize("how", ["disconnect", "user", "sign-in"])
def test_a_session_that_ends_meanwhile_leaves_nothing_behind(how: str) -> None:
    wire = wire_with(3)
    client = wire.connected()
    request = wire.post(since(client, one=1))
    if how == "disconnect":
        wire.post(disconnect(client))
    elif how == "user":
        wire.do(wire.machine.end_principal("ada", "disabled", wire.now_ms))
    else:
        wire.do(wire.machine.end_sign_in("ada's sign-in", "signed out", wire.now_ms))
    assert request.reply["error"].startswith("402:")
    wire.looks_up()
    assert not any(wire.machine.leftovers().values())


def test_a_disconnect_in_the_same_batch_is_answered_too() -> None:
    wire = wire_with(3)
    client = wire.connected()
    request = wire.post(since(client, one=1), disconnect(client))
    assert request.answer is not None
    assert [reply["successful"] for reply in request.answer] == [False, True]
    assert not any(wire.machine.leftovers().values())


def test_a_request_that_is_cut_off_meanwhile_costs_nothing() -> None:
    """The subscription is there all the same."""
    wire = wire_with(3)
    client = wire.connected()
    request = wire.post(since(client, one=1))
    wire.lose(request)
    wire.looks_up()
    assert request.is_held
    assert told(wire, client) == [2, 3]


def test_what_a_client_publishes_can_be_had_again() -> None:
    """With the number that whoever keeps it gave it."""
    wire = wire_with()
    client = wire.connected("/chat/a")
    wire.post(publish(client, "/chat/a", "hello"))
    (event,) = wire.post(connect(client)).events
    assert event == {"channel": "/chat/a", "data": "hello", "ext": {"replay": 1}}
    other = wire.connected()
    wire.post(subscribe(other, "/chat/*", ext={"replay": {"/chat/*": 0}}))
    wire.post(publish(client, "/chat/b", "meanwhile"))
    wire.looks_up()
    wire.post(publish(client, "/chat/b", "after"))
    request: Request = wire.post(connect(other))
    assert seen(request.events) == ["hello", "meanwhile", "after"]


def test_a_batch_with_a_connect_on_a_socket_brings_its_events_at_once() -> None:
    """They do not wait for the history."""
    wire = wire_with(3)
    socket, client = wire.connected_socket(OTHER)
    wire.queue((OTHER, "waiting"))
    messages = wire.send(socket, connect(client, id="7"), since(client, one=1))
    assert seen(messages) == ["waiting"]
    wire.looks_up()
    assert [message["channel"] for message in socket.taken()] == ["/meta/connect", "/meta/subscribe", ONE, ONE]
