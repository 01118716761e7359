"""What a client missed is told again, from where it asks for. Numbers are items of the Bayeux checklist."""

from typing import Any

import pytest

from tests.push.wire import (
    Ledger,
    Message,
    Request,
    Socket,
    Wire,
    connect,
    disconnect,
    publish,
    seen,
    shake,
    subscribe,
    unsubscribe,
)

ME = "/v2/me/*"
ONE, OTHER = "/v2/me/interactions", "/v2/me/emails"


def wire_with(events: int = 0, **limits: Any) -> Wire:
    """A server on which so many events have happened, each with a message on both channels."""
    wire = Wire(Ledger(), **limits)
    for number in range(1, events + 1):
        wire.happens((ONE, number), (OTHER, number))
    return wire


def since(client: str, **positions: int) -> Message:
    """Subscribe to `me=`, `one=` and `other=` from these numbers on."""
    names = {"me": ME, "one": ONE, "other": OTHER}
    wanted = {names[name]: number for name, number in positions.items()}
    return subscribe(client, list(wanted), ext={"replay": wanted})


def numbers(messages: list[Message]) -> list[int]:
    return [message["ext"]["replay"] for message in messages if "data" in message]


def told(wire: Wire, client: str) -> list[int]:
    """The numbers a poller gets until nothing more comes at once."""
    got: list[int] = []
    while not (request := wire.post(connect(client))).is_held:
        got += numbers(request.events)
        wire.looks_up()
    wire.lose(request)
    return got


def subscribed(wire: Wire, client: str, **positions: int) -> Message:
    request = wire.post(since(client, **positions))
    assert wire.looks_up() > 0
    return request.reply


def socket_since(wire: Wire, number: int) -> tuple[Socket, str]:
    socket, client = wire.connected_socket()
    assert wire.send(socket, since(client, me=number)) == []
    return socket, client


def test_replay_is_confirmed_in_the_handshake() -> None:
    """141: to who asks for it, where there is a history."""
    assert wire_with().post(shake(ext={"replay": True})).reply["ext"] == {"replay": True}
    assert "ext" not in wire_with().post(shake()).reply
    assert "ext" not in wire_with().post(shake(ext={"replay": "yes"})).reply
    assert "ext" not in Wire().post(shake(ext={"replay": True})).reply


def test_everything_after_a_number_is_told_and_then_what_is_new() -> None:
    """143."""
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
    """142: and carry the same number."""
    wire = wire_with(400, frame_bytes=1_000)
    socket, _ = socket_since(wire, 0)
    wire.looks_up()
    frames = [numbers(frame) for frame in socket.frames if seen(frame)]
    assert [number for frame in frames for number in frame] == [number for number in range(1, 401) for _ in "12"]
    assert all(frame.count(frame[0]) == 2 == frame.count(frame[-1]) for frame in frames)


def test_minus_one_is_only_what_is_new_and_minus_two_all_that_is_kept() -> None:
    """144."""
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
    """145: one that is too old, and one that nobody was given yet."""
    wire = wire_with(9)
    wire.ledger.forget(5)
    client = wire.connected()
    reply = subscribed(wire, client, one=number)
    assert reply["successful"]
    assert reply.get("ext") == ({"replay": {"gap": True, "oldest": 6}} if is_gap else None)
    wire.happens((ONE, "new"))
    assert told(wire, client) == [kept for kept in range(6, 11) if kept > number or kept == 10]


def test_who_has_heard_nothing_yet_misses_nothing() -> None:
    """145: a number of 0 with nothing kept is no gap, unless something was."""
    wire = wire_with()
    assert "ext" not in subscribed(wire, wire.connected(), me=0)
    wire.happens((ONE, 1))
    wire.ledger.forget(1)
    assert subscribed(wire, wire.connected(), me=0)["ext"] == {"replay": {"gap": True, "oldest": 2}}
    assert "ext" not in subscribed(wire, wire.connected(), me=1)


def test_what_happens_while_the_past_is_told_comes_after_it() -> None:
    """143: no gap and no duplicate at the seam."""
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
    """154: what happens meanwhile is read in its turn, however much it is."""
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
    """143, 154: to one who never has more waiting than allowed."""
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
    """155."""
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
    """154: then a past of any length loses nothing, even to a cut in the middle of it."""
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
    """143: in the order of the events, not of the subscriptions."""
    wire = wire_with(4)
    client = wire.connected()
    request = wire.post(since(client, one=1), since(client, other=2), connect(client))
    assert request.is_held
    wire.looks_up()
    assert request.answer is not None
    assert [reply["channel"] for reply in request.answer] == ["/meta/subscribe", "/meta/subscribe", "/meta/connect"]
    assert seen(wire.post(connect(client)).events) == [2, 3, 3, 4, 4]


def test_a_pattern_and_a_channel_in_it_are_told_once() -> None:
    """41."""
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
    """143: what happens meanwhile reaches it with the past of the other channel, in one order."""
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
    """143: it is in the past already when it is delivered."""
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
    """147."""
    wire = wire_with(5)
    wire.ledger.hidden = {2, 5}
    client = wire.connected()
    subscribed(wire, client, one=0)
    assert told(wire, client) == [1, 3, 4]
    wire.happens((ONE, 6))
    assert told(wire, client) == [6]


def test_it_survives_the_session_and_the_server() -> None:
    """146: the number alone is enough."""
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
    """129, 130."""
    wire = wire_with(2)
    client = wire.connected(ext={"ack": True})
    subscribed(wire, client, one=0)
    assert numbers(wire.post(connect(client, ext={"ack": 1})).events) == [1, 2]
    assert numbers(wire.post(connect(client, ext={"ack": 1})).events) == [1, 2]
    assert wire.post(connect(client, ext={"ack": 3})).is_held


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
    """145: within a bounded time, and what is new is heard."""
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
    """145: its client begins anew, from the last number it has."""
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
    """145."""
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
    """30: the subscription is there all the same."""
    wire = wire_with(3)
    client = wire.connected()
    request = wire.post(since(client, one=1))
    wire.lose(request)
    wire.looks_up()
    assert request.is_held
    assert told(wire, client) == [2, 3]


def test_what_a_client_publishes_can_be_had_again() -> None:
    """142: with the number that whoever keeps it gave it."""
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
