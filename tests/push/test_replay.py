"""What a client missed is told again, from where it asks for."""

import pytest

from tests.push.replaying import ONE, OTHER, numbers, since, socket_since, subscribed, told, wire_with
from tests.push.wire import (
    Message,
    Wire,
    connect,
    seen,
    shake,
    subscribe,
    unsubscribe,
)


def test_replay_is_confirmed_in_the_handshake() -> None:
    """To who asks for it, where there is a history."""
    assert wire_with().post(shake(ext={"replay": True})).reply["ext"] == {"replay": True}
    assert "ext" not in wire_with().post(shake()).reply
    assert "ext" not in wire_with().post(shake(ext={"replay": "yes"})).reply
    assert "ext" not in Wire().post(shake(ext={"replay": True})).reply


def test_everything_after_a_number_is_told_and_then_what_is_new() -> None:
    wire = wire_with(9)
    client = wire.connected()
    assert "ext" not in subscribed(wire, client, me=6)
    assert told(wire, client) == [7, 7, 8, 8, 9, 9]
    wire.happens((ONE, "new"))
    assert told(wire, client) == [10]


def test_the_subscription_is_answered_before_what_it_brings() -> None:
    wire = wire_with(3)
    socket, _ = socket_since(wire, 1)
    wire.looks_up()
    assert [message["channel"] for message in socket.taken()] == ["/meta/subscribe", ONE, OTHER, ONE, OTHER]


def test_the_messages_of_one_event_leave_together() -> None:
    """And carry the same number."""
    wire = wire_with(400, frame_bytes=1_000)
    socket, _ = socket_since(wire, 0)
    wire.looks_up()
    frames = [numbers(frame) for frame in socket.frames if seen(frame)]
    assert [number for frame in frames for number in frame] == [number for number in range(1, 401) for _ in "12"]
    assert all(frame.count(frame[0]) == 2 == frame.count(frame[-1]) for frame in frames)


def test_minus_one_is_only_what_is_new_and_minus_two_all_that_is_kept() -> None:
    wire = wire_with(5)
    new, everything = wire.connected(), wire.connected()
    wire.ledger.forget(2)
    request = wire.post(since(new, me=-1))
    assert request.reply["successful"]
    assert wire.recalls == [], "there is nothing to look up"
    assert "ext" not in subscribed(wire, everything, one=-2)
    wire.happens((ONE, "new"))
    assert told(wire, new) == [6]
    assert told(wire, everything) == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("number", "is_gap"), [(0, True), (4, True), (5, False), (9, False), (10, True), (2**70, True)]
)
def test_a_number_that_is_not_kept_leads_to_a_subscription_and_is_told(number: int, is_gap: bool) -> None:
    """One that is too old, and one that nobody was given yet."""
    wire = wire_with(9)
    wire.ledger.forget(5)
    client = wire.connected()
    reply = subscribed(wire, client, one=number)
    assert reply["successful"]
    assert reply.get("ext") == ({"replay": {"gap": True, "oldest": 6}} if is_gap else None)
    wire.happens((ONE, "new"))
    assert told(wire, client) == [kept for kept in range(6, 11) if kept > number or kept == 10]


def test_who_has_heard_nothing_yet_misses_nothing() -> None:
    """A number of 0 with nothing kept is no gap, unless something was."""
    wire = wire_with()
    assert "ext" not in subscribed(wire, wire.connected(), me=0)
    wire.happens((ONE, 1))
    wire.ledger.forget(1)
    assert subscribed(wire, wire.connected(), me=0)["ext"] == {"replay": {"gap": True, "oldest": 2}}
    assert "ext" not in subscribed(wire, wire.connected(), me=1)


def test_what_happens_while_the_past_is_told_comes_after_it() -> None:
    """No gap and no duplicate at the seam."""
    wire = wire_with(120)
    socket, _ = socket_since(wire, 0)
    while wire.recalls:
        wire.happens((ONE, "meanwhile"))
        wire.looks_up(pages=1)
        if wire.ledger.newest > 130:
            break
    wire.looks_up()
    wire.happens((ONE, "after"))
    got = numbers(socket.taken())
    assert sorted(set(got)) == list(range(1, wire.ledger.newest + 1))
    assert got == [number for number in range(1, wire.ledger.newest + 1) for _ in ("12" if number <= 120 else "1")]


def test_nothing_is_put_aside_while_the_past_is_told() -> None:
    """What happens meanwhile is read in its turn, however much it is."""
    wire = wire_with(10, queue_messages=20)
    client = wire.connected()
    wire.post(since(client, me=0))
    for _ in range(1_000):
        wire.happens((ONE, "meanwhile"))
    (session,) = wire.machine.sessions()
    assert session.queued_messages == 0
    wire.looks_up()
    got = told(wire, client)
    assert list(dict.fromkeys(got)) == list(range(1, 1_011))
    assert wire.machine.counts.overflows == 0


def test_a_long_past_is_told_page_by_page_as_it_is_read() -> None:
    """To one who never has more waiting than allowed."""
    wire = wire_with(2_000, queue_messages=200, replay_events=50)
    client = wire.connected()
    wire.post(since(client, me=0))
    got: list[int] = []
    wire.looks_up()
    while not (request := wire.post(connect(client))).is_held:
        got += numbers(request.events)
        wire.looks_up()
        (session,) = wire.machine.sessions()
        assert session.queued_messages <= 200
    assert got == [number for number in range(1, 2_001) for _ in "12"]


def test_a_stuck_socket_is_told_no_more_until_it_reads() -> None:
    wire = wire_with(2_000, queue_messages=200)
    socket, client = socket_since(wire, 0)
    wire.machine.blocked(socket, wire.now_ms)
    assert wire.looks_up() < 10
    (session,) = wire.machine.sessions()
    assert session.queued_messages <= 200
    wire.do(wire.machine.writable(socket, wire.now_ms))
    wire.send(socket, connect(client))
    assert wire.looks_up() > 0


def test_a_socket_shows_that_it_reads_by_its_connects() -> None:
    """Then a past of any length loses nothing, even to a cut in the middle of it."""
    wire = wire_with(1_000, queue_messages=200)
    socket, client = socket_since(wire, 0)
    got: list[int] = []

    def take(messages: list[Message]) -> None:
        got.extend(numbers(messages))
        if any(message["channel"] == "/meta/connect" for message in messages):
            take(wire.send(socket, connect(client)))

    for _ in range(5):
        wire.looks_up(pages=1)
        take(socket.taken())
    wire.looks_up(pages=1)
    wire.lose(socket)
    wire.looks_up()
    socket = wire.open()
    take(wire.send(socket, connect(client, advice={"timeout": 0})))
    while wire.looks_up(pages=1):
        take(socket.taken())
    assert sorted(set(got)) == list(range(1, 1_001))
    assert wire.machine.counts.overflows == 0


def test_a_socket_that_shows_nothing_is_told_all_the_same_after_a_while() -> None:
    wire = wire_with(500, queue_messages=200)
    socket, _ = socket_since(wire, 0)
    wire.looks_up()
    assert len(set(numbers(socket.taken()))) < 500
    wire.time_passes(wire.limits.replay_pause_ms + 20)
    wire.looks_up()
    assert max(numbers(socket.taken())) == 500


def test_who_is_never_held_is_held_for_the_next_page() -> None:
    """An empty answer would look like the end; when that is known it is answered at once."""
    wire = wire_with(5, replay_events=2)
    client = wire.connected()
    wire.post(since(client, me=1))
    got: list[int] = []
    while True:
        request = wire.post(connect(client, advice={"timeout": 0}))
        if request.is_held:
            wire.looks_up(pages=1)
        if not request.events:
            break
        got += numbers(request.events)
    assert got == [2, 2, 3, 3, 4, 4, 5, 5]
    wire.post(since(client, me=5))
    request = wire.post(connect(client, advice={"timeout": 0}))
    wire.time_passes(wire.limits.brief_hold_ms + 20)
    assert request.reply["successful"]


def test_several_subscriptions_of_one_batch_are_told_as_one() -> None:
    """In the order of the events, not of the subscriptions."""
    wire = wire_with(4)
    client = wire.connected()
    request = wire.post(since(client, one=1), since(client, other=2), connect(client))
    assert request.is_held
    wire.looks_up()
    assert request.answer is not None
    assert [reply["channel"] for reply in request.answer] == ["/meta/subscribe", "/meta/subscribe", "/meta/connect"]
    assert seen(wire.post(connect(client)).events) == [2, 3, 3, 4, 4]


def test_a_pattern_and_a_channel_in_it_are_told_once() -> None:
    wire = wire_with(4)
    client = wire.connected()
    subscribed(wire, client, me=2, one=1)
    got = [(message["channel"], message["data"]) for message in wire.post(connect(client)).events]
    assert got == [(ONE, 2), (ONE, 3), (OTHER, 3), (ONE, 4), (OTHER, 4)]


def test_a_second_subscription_goes_back_without_telling_the_first_twice() -> None:
    wire = wire_with(200)
    socket, client = wire.connected_socket()
    wire.send(socket, since(client, one=100))
    wire.looks_up(pages=1)
    messages = wire.send(socket, since(client, other=0))
    wire.looks_up()
    messages += socket.taken()
    got = [(message["channel"], message["ext"]["replay"]) for message in messages if "data" in message]
    assert sorted(got) == sorted([(ONE, n) for n in range(101, 201)] + [(OTHER, n) for n in range(1, 201)])


def test_who_subscribed_before_goes_on_hearing_what_is_new_once() -> None:
    """What happens meanwhile reaches it with the past of the other channel, in one order."""
    wire = wire_with(3)
    client = wire.connected(OTHER)
    wire.happens((ONE, 4), (OTHER, 4))
    wire.post(since(client, one=2))
    wire.happens((ONE, 5), (OTHER, 5))
    wire.looks_up()
    wire.happens((ONE, 6), (OTHER, 6))
    events = wire.post(connect(client)).events
    assert [(message["channel"], message["data"]) for message in events] == [
        *((OTHER, 4), (ONE, 3), (ONE, 4)),
        *((ONE, 5), (OTHER, 5), (ONE, 6), (OTHER, 6)),
    ]


def test_who_subscribes_to_what_is_new_meanwhile_hears_what_is_new() -> None:
    wire = wire_with(3)
    client = wire.connected()
    wire.post(since(client, one=2))
    wire.happens((ONE, 4), (OTHER, 4))
    wire.post(subscribe(client, OTHER))
    wire.happens((ONE, 5), (OTHER, 5))
    wire.looks_up()
    events = wire.post(connect(client)).events
    assert [(message["channel"], message["data"]) for message in events] == [(ONE, 3), (ONE, 4), (ONE, 5), (OTHER, 5)]


def test_what_was_committed_and_comes_late_is_told_once() -> None:
    """It is in the past already when it is delivered."""
    wire = wire_with(3)
    client = wire.connected(OTHER)
    late = wire.happens((ONE, 4), (OTHER, 4), is_carried=False)
    subscribed(wire, client, one=2)
    wire.carry(late)
    wire.happens((ONE, 5), (OTHER, 5))
    events = wire.post(connect(client)).events
    assert [(message["channel"], message["data"]) for message in events] == [
        *((ONE, 3), (ONE, 4), (OTHER, 4)),
        *((ONE, 5), (OTHER, 5)),
    ]


def test_who_unsubscribes_meanwhile_is_told_no_more() -> None:
    wire = wire_with(100)
    client = wire.connected()
    wire.post(since(client, one=0, other=0))
    wire.post(unsubscribe(client, ONE))
    wire.looks_up()
    assert {message["channel"] for message in wire.post(connect(client)).events} == {OTHER}


def test_what_has_no_number_is_delivered_at_once() -> None:
    """An answer is no event: it is not in the history, and cannot wait for it."""
    wire = wire_with(5)
    client = wire.connected(ONE)
    wire.post(since(client, one=0))
    wire.deliver((ONE, "an answer"))
    assert seen(wire.post(connect(client)).events) == ["an answer"]


def test_only_what_may_be_seen_now_is_told() -> None:
    wire = wire_with(5)
    wire.ledger.hidden = {2, 5}
    client = wire.connected()
    subscribed(wire, client, one=0)
    assert told(wire, client) == [1, 3, 4]
    wire.happens((ONE, 6))
    assert told(wire, client) == [6]


def test_it_survives_the_session_and_the_server() -> None:
    """The number alone is enough."""
    before = wire_with(3)
    client = before.connected(ONE)
    before.time_passes(before.limits.max_interval_ms + 100)
    before.happens((ONE, 4))
    wire = Wire(before.ledger)
    assert not wire.post(connect(client)).reply["successful"]
    client = wire.connected()
    subscribed(wire, client, one=3)
    assert told(wire, client) == [4]


def test_with_ack_the_past_comes_with_connects_and_again_until_it_is_acknowledged() -> None:
    wire = wire_with(2)
    client = wire.connected(ext={"ack": True})
    subscribed(wire, client, one=0)
    assert numbers(wire.post(connect(client, ext={"ack": 1})).events) == [1, 2]
    assert numbers(wire.post(connect(client, ext={"ack": 1})).events) == [1, 2]
    assert wire.post(connect(client, ext={"ack": 3})).is_held
