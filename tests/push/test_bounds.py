"""What is kept is bounded, what overflows is told, what ends leaves nothing."""

import pytest

from tests.push.wire import Wire, connect, publish, seen, shake, subscribe


def test_an_overflow_takes_the_place_of_everything_and_says_so() -> None:
    """In messages; one resync message on each channel that lost events."""
    wire = Wire(queue_messages=10)
    client = wire.connected("/v2/me/*")
    for number in range(6):
        wire.deliver(("/v2/me/interactions", number), ("/v2/me/emails", number))
    wire.deliver(("/v2/me/interactions", "after"))
    assert wire.post(connect(client)).events == [
        {"channel": "/v2/me/interactions", "data": {"resync": True}, "ext": {"resync": True}},
        {"channel": "/v2/me/emails", "data": {"resync": True}, "ext": {"resync": True}},
        {"channel": "/v2/me/interactions", "data": "after"},
    ]
    assert wire.machine.counts.overflows == 1


def test_an_overflow_in_bytes_is_told_too() -> None:
    wire = Wire(queue_bytes=10_000)
    client = wire.connected("/chat/a")
    for _ in range(3):
        wire.deliver(("/chat/a", "x" * 4_000))
    assert seen(wire.post(connect(client)).events) == [{"resync": True}]


def test_a_session_that_overflows_again_and_again_keeps_a_bounded_queue() -> None:
    wire = Wire(queue_messages=10, queue_bytes=2_000)
    client = wire.connected("/chat/a")
    for number in range(1_000):
        wire.deliver(("/chat/a", number))
        (session,) = wire.machine.sessions()
        assert session.queued_messages <= 10
        assert session.queued_bytes <= 2_000
    events = wire.post(connect(client)).events
    assert events[0]["ext"] == {"resync": True}
    assert seen(events)[1:] == list(range(1_000 - len(events) + 1, 1_000))


def test_a_burst_in_one_turn_is_no_overflow_for_a_client_that_is_there() -> None:
    wire = Wire(queue_messages=10)
    socket, _ = wire.connected_socket("/chat/a")
    request = wire.post(connect(wire.connected("/chat/b")))
    for number in range(100):
        wire.queue(("/chat/a", number), ("/chat/b", number))
    wire.flush()
    assert seen(socket.taken()) == seen(request.events) == list(range(100))


def test_a_session_that_lost_events_on_too_many_channels_has_to_begin_anew() -> None:
    wire = Wire(queue_messages=10, resync_channels=5)
    client = wire.connected("/room/*")
    for number in range(11):
        wire.deliver((f"/room/{number}", number))
    assert wire.ended == ["too much waited for it"]
    reply = wire.post(connect(client)).reply
    assert reply["error"].startswith("402:")
    assert reply["advice"]["reconnect"] == "handshake"


def test_handshakes_abandoned_at_once_do_not_disturb_a_live_session() -> None:
    wire = Wire()
    request = wire.post(connect(wire.connected("/chat/a")))
    for _ in range(200):
        wire.handshake()
    wire.deliver(("/chat/a", 1))
    assert seen(request.events) == [1]


def test_sockets_cut_without_a_word_do_not_disturb_a_live_session() -> None:
    wire = Wire()
    live, _ = wire.connected_socket("/chat/a")
    for _ in range(50):
        socket, _ = wire.connected_socket("/chat/a")
        wire.lose(socket)
    wire.deliver(("/chat/a", 1))
    assert seen(live.taken()) == [1]
    wire.time_passes(wire.limits.max_interval_ms + 100)
    assert wire.machine.leftovers()["sessions"] == 1


def test_10000_handshakes_without_a_connect_leave_nothing() -> None:
    wire = Wire()
    for _ in range(10_000):
        wire.post(shake())
    wire.time_passes(wire.limits.max_interval_ms + 100)
    assert not any(wire.machine.leftovers().values())


def test_sessions_of_one_user_are_bounded() -> None:
    """Those that never connected give way, oldest first; if there are none, no more are made."""
    wire = Wire(sessions_per_principal=3)
    live = wire.connected()
    abandoned = [wire.handshake() for _ in range(3)]
    assert wire.post(connect(abandoned[0])).reply["error"].startswith("402:")
    for client in (live, *abandoned[1:]):
        assert wire.post(connect(client)).answer is None or client != live
    reply = wire.post(shake()).reply
    assert reply["error"] == "403::too_many_sessions"
    assert reply["advice"]["reconnect"] == "handshake"
    assert wire.handshake(principal="grace")


def test_a_poller_that_moves_deadlines_all_the_time_keeps_one() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    for _ in range(2_000):
        wire.post(connect(client, advice={"timeout": 50}))
        wire.time_passes(10)
        wire.deliver(("/chat/a", 1))
    assert wire.machine.leftovers()["deadlines"] == 1


@pytest.mark.parametrize("is_draining", [True, False])
def test_nothing_is_left_when_everybody_has_gone(is_draining: bool) -> None:
    wire = Wire()
    socket, client = wire.connected_socket("/chat/a", "/chat/*")
    wire.post(connect(wire.connected("/chat/a")), browser="firefox")
    wire.open()
    wire.send(socket, publish(client, "/chat/a", 1), subscribe(client, "/chat/b"))
    if is_draining:
        wire.do(wire.machine.drain(wire.now_ms))
    else:
        wire.lose(socket)
        wire.time_passes(200_000)
    assert not any(wire.machine.leftovers().values())
