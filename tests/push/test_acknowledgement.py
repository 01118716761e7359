"""The ack extension, on both transports."""

from typing import Any

from tests.push.wire import Request, Wire, connect, publish, seen, shake, subscribe

ACK: dict[str, Any] = {"ext": {"ack": True}}


def poll(wire: Wire, client: str, batch: int) -> Request:
    """A connect that acknowledges everything up to `batch`."""
    return wire.post(connect(client, ext={"ack": batch}))


def number(message: dict[str, Any]) -> int:
    batch = message["ext"]["ack"]
    assert isinstance(batch, int)
    return batch


def test_ack_is_confirmed_in_the_handshake() -> None:
    wire = Wire()
    assert wire.post(shake(**ACK)).reply["ext"] == {"ack": True}
    assert "ext" not in wire.post(shake()).reply
    assert "ext" not in wire.post(shake(ext={"ack": False})).reply


def test_every_connect_reply_carries_a_growing_number() -> None:
    """With events or without."""
    wire = Wire()
    client = wire.handshake(**ACK)
    numbers = [number(wire.post(connect(client, ext={"ack": 0})).reply)]
    for _ in range(3):
        request = poll(wire, client, numbers[-1])
        wire.time_passes(wire.limits.timeout_ms + 20)
        numbers.append(number(request.reply))
    assert numbers == [1, 2, 3, 4]


def test_without_ack_from_the_client_no_number_appears() -> None:
    """Even if it sends one later."""
    wire = Wire()
    assert "ext" not in wire.post(connect(wire.handshake(), ext={"ack": 4})).reply


def test_events_come_only_with_connect_replies() -> None:
    wire = Wire()
    client = wire.connected("/chat/a", **ACK)
    held = poll(wire, client, 1)
    request = wire.post(publish(client, "/chat/a", "mine"))
    assert request.events == []
    assert seen(held.events) == ["mine"]
    wire.deliver(("/chat/a", "next"))
    assert wire.post(subscribe(client, "/chat/b")).events == []


def test_an_unacknowledged_batch_is_sent_again_before_newer_events() -> None:
    """At once, in order."""
    wire = Wire()
    client = wire.connected("/chat/a", **ACK)
    wire.deliver(("/chat/a", 1), ("/chat/a", 2))
    lost = poll(wire, client, 1)
    assert seen(lost.events) == [1, 2]
    wire.deliver(("/chat/a", 3))
    again = poll(wire, client, 1)
    assert seen(again.events) == [1, 2, 3]
    assert number(again.reply) > number(lost.reply)
    assert wire.machine.counts.redelivered_events == 2


def test_unacknowledged_events_alone_are_a_reason_to_answer_at_once() -> None:
    wire = Wire()
    client = wire.connected("/chat/a", **ACK)
    wire.deliver(("/chat/a", 1))
    poll(wire, client, 1)
    assert seen(poll(wire, client, 1).events) == [1]


def test_an_acknowledged_batch_is_not_sent_again() -> None:
    wire = Wire()
    client = wire.connected("/chat/a", **ACK)
    wire.deliver(("/chat/a", 1))
    batch = number(poll(wire, client, 1).reply)
    request = poll(wire, client, batch)
    assert request.is_held
    wire.deliver(("/chat/a", 2))
    assert seen(request.events) == [2]


def test_acknowledging_a_newer_reply_covers_the_older_ones() -> None:
    wire = Wire()
    client = wire.connected("/chat/a", **ACK)
    wire.deliver(("/chat/a", 1))
    poll(wire, client, 1)
    wire.deliver(("/chat/a", 2))
    assert poll(wire, client, number(poll(wire, client, 1).reply)).is_held


def test_a_batch_is_remembered_per_reply_when_connects_overlap() -> None:
    """The acknowledgement of an older reply leaves what only a newer one carried."""
    wire = Wire()
    client = wire.connected("/chat/a", **ACK)
    wire.deliver(("/chat/a", 1))
    older = number(poll(wire, client, 1).reply)
    wire.deliver(("/chat/a", 2))
    assert seen(poll(wire, client, 1).events) == [1, 2]
    assert seen(poll(wire, client, older).events) == [2]


def test_a_poll_cut_in_flight_loses_nothing() -> None:
    """Whether or not the server noticed."""
    wire = Wire()
    client = wire.connected("/chat/a", **ACK)
    unnoticed = poll(wire, client, 1)
    wire.deliver(("/chat/a", 1))
    assert seen(unnoticed.events) == [1]
    noticed = wire.post(connect(client, ext={"ack": 1}), is_slow=True)
    wire.fail(noticed)
    assert seen(poll(wire, client, 1).events) == [1]


def test_over_a_websocket_events_come_only_with_connect_replies() -> None:
    """An event completes the held connect."""
    wire = Wire()
    socket, _ = wire.connected_socket("/chat/a", **ACK)
    wire.deliver(("/chat/a", 1))
    messages = socket.taken()
    assert [message["channel"] for message in messages] == ["/chat/a", "/meta/connect"]
    wire.deliver(("/chat/a", 2))
    assert socket.taken() == []


def test_over_a_websocket_unacknowledged_events_come_again_on_the_new_one() -> None:
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a", **ACK)
    wire.deliver(("/chat/a", 1))
    wire.lose(socket)
    wire.deliver(("/chat/a", 2))
    messages = wire.send(wire.open(), connect(client, ext={"ack": 1}))
    assert seen(messages) == [1, 2]
    assert number(messages[-1]) == 3


def test_a_strange_acknowledgement_is_no_acknowledgement() -> None:
    wire = Wire()
    client = wire.connected("/chat/a", **ACK)
    wire.deliver(("/chat/a", 1))
    for strange in ("2", None, True, ["2"], 2.5, -1):
        request = wire.post(connect(client, ext={"ack": strange}))
        assert seen(request.events) == [1]


def test_what_is_unacknowledged_counts_towards_the_bounds() -> None:
    wire = Wire(queue_messages=3)
    client = wire.connected("/chat/a", **ACK)
    for each in range(3):
        wire.deliver(("/chat/a", each))
        poll(wire, client, 1)
    wire.deliver(("/chat/a", 3))
    (event,) = poll(wire, client, 1).events
    assert event["ext"] == {"resync": True}
