"""What clients may ask for beside the protocol, what they may not have too much of, and what can be seen of them."""

from datetime import datetime, timedelta

import pytest

from frontdesk.kit.histogram import BOUNDS_MS, Histogram
from frontdesk.push.admission import Admission
from tests.push.wire import Ledger, Message, Wire, connect, disconnect, publish, seen, shake, subscribe

# --- timestamp ---


def time_of(message: Message) -> float:
    """Milliseconds since the epoch of a message's stamp."""
    at = datetime.fromisoformat(message["timestamp"])
    assert at.utcoffset() == timedelta(0)
    return at.timestamp() * 1000


def test_a_client_that_stamps_its_handshake_gets_stamps_on_everything() -> None:
    wire = Wire(Ledger())
    shaken = wire.post(shake(timestamp="Sat, 22 Nov 2026 10:00:00 GMT"))
    assert shaken.reply["timestamp"] == "1970-01-01T00:16:40.000Z"
    client = shaken.reply["clientId"]
    replies = wire.post(connect(client), subscribe(client, "/v2/me/*"), publish(client, "/v2/x", 1)).answer
    held = wire.post(connect(client))
    wire.time_passes(1_234)
    wire.happens(("/v2/me/a", 1), ("/v2/me/b", 2))
    asked = wire.post(subscribe(client, "/v2/me/*", ext={"replay": {"/v2/me/*": 0}}))
    wire.looks_up()
    again = wire.post(connect(client))
    messages = [*(replies or []), *(held.answer or []), *(asked.answer or []), *(again.answer or [])]
    assert len(messages) == 10
    assert [time_of(message) - 1_000_000 for message in messages] == [0, 0, 0, *[1_234] * 7]


def test_a_client_may_ask_for_stamps_by_name() -> None:
    wire = Wire()
    assert time_of(wire.post(shake(ext={"timestamp": True})).reply) == wire.now_ms


def test_a_message_that_is_stamped_gets_a_stamped_reply() -> None:
    """And only that."""
    wire = Wire()
    client = wire.connected("/chat/a")
    held = wire.post(connect(client, timestamp="now"))
    wire.deliver(("/chat/a", 1))
    assert ["timestamp" in message for message in held.answer or []] == [False, True]
    assert "timestamp" not in wire.post(subscribe(client, "/chat/b")).reply


def test_a_replaced_connect_is_stamped_too() -> None:
    wire = Wire()
    client = wire.connected()
    first = wire.post(connect(client, timestamp="now"))
    wire.post(connect(client))
    assert time_of(first.reply) == wire.now_ms


# --- activity ---


@pytest.mark.parametrize("events_count", [True, False])
def test_a_client_that_sends_nothing_but_connects_is_disconnected_after_a_while(events_count: bool) -> None:
    """And told not to come back; what it is sent counts as life, unless it should not."""
    wire = Wire(inactive_ms=60_000, events_are_activity=events_count)
    client = wire.connected("/chat/a")
    for _ in range(3):
        wire.post(connect(client))
        wire.time_passes(15_000)
        wire.deliver(("/chat/a", 1))
    wire.post(connect(client))
    wire.time_passes(25_100)
    answer = wire.post(connect(client)).answer
    if events_count:
        assert answer is None, "it is held as ever"
        wire.time_passes(25_100)
        wire.post(connect(client))
        wire.time_passes(25_100)
        answer = wire.post(connect(client)).answer
    assert answer is not None
    assert [message["channel"] for message in answer] == ["/meta/disconnect", "/meta/connect"]
    assert answer[-1]["advice"]["reconnect"] == "none"
    assert wire.ended == ["inactive"]
    assert wire.machine.counts.inactive_sessions == 1


def test_whatever_else_a_client_sends_is_activity() -> None:
    wire = Wire(inactive_ms=60_000)
    socket, client = wire.connected_socket()
    for _ in range(10):
        wire.time_passes(25_100)
        wire.send(socket, connect(client))
        wire.send(socket, publish(client, "/chat/a", 1))
    assert wire.machine.has_sessions("ada")
    messages: list[Message] = []
    for _ in range(4):
        wire.time_passes(25_100)
        messages = wire.send(socket, connect(client))
    assert messages[-1]["error"].startswith("402:")
    assert wire.ended == ["inactive"]


def test_nobody_is_disconnected_for_inactivity_unless_wanted() -> None:
    wire = Wire()
    client = wire.connected()
    for _ in range(20):
        wire.post(connect(client))
        wire.time_passes(25_100)
    assert wire.machine.has_sessions("ada")


# --- handshakes ---


def test_handshakes_of_one_user_are_slowed_down() -> None:
    """To try again when there is room; nobody else is touched."""
    wire = Wire(handshakes_per_s=10, handshake_burst=5)
    for _ in range(5):
        wire.handshake()
    reply = wire.post(shake()).reply
    assert reply["error"] == "429::too_many_handshakes"
    assert reply["advice"]["reconnect"] == "handshake"
    assert reply["advice"]["interval"] == 100
    assert wire.post(shake(), principal="grace").reply["successful"]
    wire.time_passes(100)
    assert wire.post(shake()).reply["successful"]
    assert not wire.post(shake()).reply["successful"]


def test_who_reads_intervals_as_seconds_is_not_told_to_wait_for_a_handshake() -> None:
    wire = Wire(handshakes_per_s=1, handshake_burst=1)
    wire.handshake()
    assert wire.post(shake(), reads_seconds=True).reply["advice"]["interval"] == 0


def test_handshakes_from_one_address_are_slowed_down_whoever_makes_them() -> None:
    admission = Admission(10, 3)
    assert [admission.wait_ms(f"user {number}", "10.0.0.1", 0) for number in range(4)] == [0, 0, 0, 100]
    assert admission.wait_ms("user 3", "10.0.0.2", 0) == 0
    assert admission.wait_ms("user 4", "10.0.0.1", 50) == 50
    assert admission.wait_ms("user 4", "10.0.0.1", 100) == 0


def test_who_is_refused_has_used_nothing_up() -> None:
    admission = Admission(10, 1)
    assert admission.wait_ms("ada", "10.0.0.1", 0) == 0
    for _ in range(50):
        assert admission.wait_ms("ada", "10.0.0.1", 50) == 50
    assert admission.wait_ms("ada", "10.0.0.1", 100) == 0


def test_ever_new_addresses_take_no_memory() -> None:
    admission = Admission(10, 3)
    for number in range(50_000):
        admission.wait_ms("ada" if number % 2 else "", str(number), number * 1_000)
    assert len(admission._buckets) <= 10_000


def test_no_bound_admits_everybody() -> None:
    admission = Admission(0, 1)
    assert {admission.wait_ms("ada", "10.0.0.1", 0) for _ in range(100)} == {0}


# --- what can be seen ---


def test_the_latency_of_deliveries_is_counted() -> None:
    """From when an event was given until it was written."""
    wire = Wire()
    client = wire.connected("/chat/a")
    socket, _ = wire.connected_socket("/chat/b")
    wire.deliver(("/chat/b", 1))
    wire.deliver(("/chat/a", 1))
    wire.time_passes(700)
    wire.post(connect(client))
    latency = wire.machine.counts.latency
    assert (latency.count, latency.sum_ms) == (2, 700)
    assert dict(latency.up_to())[500] == 1
    assert dict(latency.up_to())[1_000] == 2
    assert seen(socket.taken()) == [1]


def test_a_histogram_counts_what_took_no_longer() -> None:
    histogram = Histogram()
    for ms in (0, 1, 2, 60_000, 60_001):
        histogram.observe(ms)
    histogram.observe(30, times=3)
    counts = dict(histogram.up_to())
    assert [counts[bound] for bound in (1, 5, 50, 60_000, float("inf"))] == [2, 3, 6, 7, 8]
    assert len(counts) == len(BOUNDS_MS) + 1


def test_a_session_is_ended_by_its_short_name() -> None:
    """Its client is told to stop, and no other."""
    wire = Wire()
    client, other = wire.connected(), wire.connected()
    held, others = wire.post(connect(client)), wire.post(connect(other))
    socket, on_socket = wire.connected_socket()
    names = {summary.client for summary in wire.machine.sessions()}
    for ended in (client, on_socket):
        (name,) = [name for name in names if ended.startswith(name)]
        assert len(name) < len(ended)
        wire.do(wire.machine.end_session(name, "ended by root", wire.now_ms))
    assert held.reply["advice"]["reconnect"] == "none"
    assert [message["channel"] for message in socket.taken()] == ["/meta/connect", "/meta/disconnect"]
    assert others.is_held
    assert wire.ended == ["ended by root", "ended by root"]
    wire.do(wire.machine.end_session("nobody", "", wire.now_ms))
    wire.post(disconnect(other))


def test_the_last_trouble_of_a_session_can_be_seen() -> None:
    wire = Wire(queue_messages=3)

    def error() -> str | None:
        (session,) = wire.machine.sessions()
        return session.last_error

    client = wire.connected("/chat/a")
    assert error() is None
    wire.post(connect(client))
    wire.post(connect(client))
    assert error() == "409::connect_replaced"
    broken = wire.post(connect(client))
    wire.broken.add(broken)
    wire.deliver(("/chat/a", 1))
    assert error() == "what was written to it could not be sent"
    for _ in range(4):
        wire.deliver(("/chat/a", 1))
    assert error() == "too much waited for it"
