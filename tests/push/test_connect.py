"""Connects over HTTP, and the life of a session."""

import pytest

from tests.push.wire import Wire, connect, disconnect, publish, seen, shake, subscribe


def test_the_first_connect_is_answered_at_once() -> None:
    wire = Wire()
    request = wire.post(connect(wire.handshake(), id="2"))
    assert request.reply["successful"]
    assert request.reply["id"] == "2"


def test_a_client_may_ask_not_to_be_held() -> None:
    """And whoever sends advice gets the whole of ours."""
    wire = Wire()
    request = wire.post(connect(wire.connected(), advice={"timeout": 0}))
    assert request.reply["successful"]
    assert request.reply["advice"]["reconnect"] == "retry"
    assert request.reply["advice"]["timeout"] == wire.limits.timeout_ms


def test_an_idle_connect_is_held_for_the_advised_time() -> None:
    """Not less, and hardly more."""
    wire = Wire(timeout_ms=25_000)
    request = wire.post(connect(wire.connected(), id="42"))
    wire.time_passes(24_999)
    assert request.is_held
    wire.time_passes(100)
    assert request.answer == [{"channel": "/meta/connect", "successful": True, "id": "42"}]


def test_a_client_may_ask_for_a_shorter_hold_but_not_for_a_longer_one() -> None:
    wire = Wire(timeout_ms=25_000)
    client = wire.connected()
    short = wire.post(connect(client, advice={"timeout": 2_000}))
    wire.time_passes(2_020)
    assert short.reply["successful"]
    long = wire.post(connect(client, advice={"timeout": 10**15}))
    wire.time_passes(25_020)
    assert long.reply["successful"]


def test_an_event_releases_the_held_connect() -> None:
    """It comes in that response, before the connect reply."""
    wire = Wire()
    request = wire.post(connect(wire.connected("/v2/me/interactions"), id="5"))
    wire.deliver(("/v2/me/interactions", {"state": "Invited"}), number=17)
    assert request.answer == [
        {"channel": "/v2/me/interactions", "data": {"state": "Invited"}, "ext": {"replay": 17}},
        {"channel": "/meta/connect", "successful": True, "id": "5"},
    ]


def test_all_events_of_a_turn_come_in_one_response() -> None:
    wire = Wire()
    request = wire.post(connect(wire.connected("/v2/me/*")))
    wire.queue(("/v2/me/interactions", 1), ("/v2/me/emails", 2), number=1)
    wire.queue(("/v2/me/interactions", 3), ("/v2/me/emails", 4), number=2)
    assert request.is_held
    wire.flush()
    assert seen(request.events) == [1, 2, 3, 4]
    assert [event["ext"]["replay"] for event in request.events] == [1, 1, 2, 2]


@pytest.mark.parametrize("fields", [{"clientId": "0123456789abcdef0123"}, {"clientId": None}, {"clientId": 7}])
def test_a_connect_without_a_known_client_id_is_told_to_handshake(fields: dict[str, object]) -> None:
    reply = Wire().post(connect("", **fields)).reply
    assert not reply["successful"]
    assert reply["error"].startswith("402:")
    assert reply["advice"]["reconnect"] == "handshake"
    assert reply["advice"]["interval"] == 0


def test_a_connect_without_connection_type_is_answered() -> None:
    wire = Wire()
    message = connect(wire.handshake())
    del message["connectionType"]
    assert wire.post(message).reply["successful"]


def test_a_second_connect_takes_over_from_the_first() -> None:
    """The first is ended at once, events go to the second only, none is lost."""
    wire = Wire()
    client = wire.connected("/chat/a")
    first = wire.post(connect(client, id="1"))
    second = wire.post(connect(client, id="2"))
    assert first.reply == {
        "channel": "/meta/connect",
        "successful": False,
        "id": "1",
        "error": "409::connect_replaced",
        "advice": first.reply["advice"],
    }
    assert first.reply["advice"]["reconnect"] == "retry"
    assert second.is_held
    wire.deliver(("/chat/a", "x"))
    assert seen(second.events) == ["x"]


def test_events_raised_while_nobody_waits_come_with_the_next_connect() -> None:
    """At once, all, in order."""
    wire = Wire()
    client = wire.connected("/chat/a")
    for number in range(500):
        wire.deliver(("/chat/a", number))
    assert seen(wire.post(connect(client)).events) == list(range(500))


def test_200_events_reach_a_poller_once_each_in_order() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    got: list[int] = []
    for number in range(200):
        request = wire.post(connect(client))
        wire.deliver(("/chat/a", number))
        got += seen(request.events)
    assert got == list(range(200))


def test_events_raised_after_a_poller_has_gone_come_with_its_next_connect() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    wire.lose(wire.post(connect(client)))
    wire.deliver(("/chat/a", "meanwhile"))
    assert seen(wire.post(connect(client)).events) == ["meanwhile"]


def test_a_connect_in_a_batch_is_never_held() -> None:
    """And its reply comes in the order of the requests."""
    wire = Wire()
    client = wire.connected()
    request = wire.post(connect(client), subscribe(client, "/chat/a"))
    assert request.answer is not None
    assert [reply["channel"] for reply in request.answer] == ["/meta/connect", "/meta/subscribe"]


def test_a_session_that_falls_silent_expires() -> None:
    wire = Wire(max_interval_ms=40_000)
    client = wire.connected()
    wire.time_passes(39_900)
    assert wire.machine.has_sessions("ada")
    wire.time_passes(200)
    assert wire.ended == ["expired"]
    reply = wire.post(connect(client)).reply
    assert reply["error"].startswith("402:")
    assert reply["advice"]["reconnect"] == "handshake"


def test_a_session_that_never_connects_expires() -> None:
    wire = Wire()
    wire.handshake()
    wire.time_passes(wire.limits.max_interval_ms + 100)
    assert wire.ended == ["expired"]


def test_a_session_does_not_expire_while_its_connect_is_held() -> None:
    wire = Wire(timeout_ms=100_000, max_interval_ms=5_000)
    request = wire.post(connect(wire.connected()))
    wire.time_passes(99_000)
    assert request.is_held
    assert wire.machine.has_sessions("ada")


def test_the_expiry_of_a_session_counts_from_its_last_answer() -> None:
    wire = Wire(timeout_ms=25_000, max_interval_ms=10_000)
    request = wire.post(connect(wire.connected()))
    wire.time_passes(25_100)
    assert not request.is_held
    wire.time_passes(9_000)
    assert wire.machine.has_sessions("ada")
    wire.time_passes(1_100)
    assert not wire.machine.has_sessions("ada")


def test_a_client_that_pauses_between_connects_is_given_the_time() -> None:
    """The interval a client announces counts as advised."""
    wire = Wire(max_interval_ms=10_000)
    client = wire.connected()
    wire.post(connect(client, advice={"timeout": 0, "interval": 5_000}))
    wire.time_passes(14_900)
    assert wire.machine.has_sessions("ada")
    wire.time_passes(200)
    assert not wire.machine.has_sessions("ada")


@pytest.mark.parametrize("strange", [3, [], {"timeout": "0"}, {"timeout": -5, "interval": -5}, {"timeout": True}])
def test_strange_advice_of_a_client_does_no_harm(strange: object) -> None:
    wire = Wire()
    request = wire.post(connect(wire.connected(), advice=strange))
    wire.time_passes(wire.limits.timeout_ms + 20)
    assert request.reply["successful"]


def test_other_messages_postpone_expiry() -> None:
    wire = Wire(max_interval_ms=10_000)
    client = wire.connected()
    for _ in range(5):
        wire.time_passes(9_000)
        assert wire.post(subscribe(client, "/chat/a")).reply["successful"]
    wire.time_passes(10_100)
    assert wire.ended == ["expired"]


def test_advice_is_not_repeated_while_it_stays_the_same() -> None:
    wire = Wire()
    client = wire.handshake()
    assert "advice" in wire.post(connect(client)).reply
    request = wire.post(connect(client))
    wire.time_passes(wire.limits.timeout_ms + 20)
    assert "advice" not in request.reply


def test_timesync_on_a_held_connect_knows_how_long_it_was_held() -> None:
    wire = Wire(timeout_ms=25_000)
    client = wire.connected("/chat/a")
    received_ms = wire.now_ms
    request = wire.post(connect(client, ext={"timesync": {"tc": 0, "l": 0, "o": 0}}))
    wire.time_passes(7_000)
    wire.deliver(("/chat/a", 1))
    answer = request.reply["ext"]["timesync"]
    assert (answer["ts"], answer["p"]) == (received_ms, 7_000)


def test_the_client_id_of_somebody_else_is_unknown() -> None:
    """A session belongs to its user, whatever cookies come with it."""
    wire = Wire()
    client = wire.connected("/chat/a")
    for message in (connect(client), subscribe(client, "/chat/b"), publish(client, "/chat/a", 1), disconnect(client)):
        assert wire.post(message, principal="grace").reply["error"].startswith("402:")
    assert wire.post(connect(client, advice={"timeout": 0}), browser="another").reply["successful"]


def test_one_request_speaks_for_one_session() -> None:
    wire = Wire()
    first, second = wire.connected(), wire.connected()
    request = wire.post(subscribe(first, "/chat/a"), subscribe(second, "/chat/a"))
    assert request.answer is not None
    assert [reply["successful"] for reply in request.answer] == [True, False]


# --- several tabs of one browser ---


def test_a_browser_that_holds_enough_polls_is_told_to_ask_now_and_then() -> None:
    """At once, with the whole advice."""
    wire = Wire(polls_per_browser=3, surplus_interval_ms=2_000)
    clients = [wire.connected("/chat/a") for _ in range(4)]
    requests = [wire.post(connect(client), browser="firefox") for client in clients]
    assert [request.is_held for request in requests] == [True, True, True, False]
    surplus = requests[3].reply
    assert surplus["successful"]
    assert surplus["advice"] == {
        "reconnect": "retry",
        "interval": 2_000,
        "timeout": wire.limits.timeout_ms,
        "maxInterval": wire.limits.max_interval_ms,
        "multiple-clients": True,
    }


def test_sessions_of_one_browser_all_get_their_events() -> None:
    """Those that hold a poll at once, those that may not when they ask."""
    wire = Wire(polls_per_browser=1)
    held, surplus = wire.connected("/chat/a"), wire.connected("/chat/a")
    request = wire.post(connect(held), browser="firefox")
    wire.post(connect(surplus), browser="firefox")
    wire.deliver(("/chat/a", "x"))
    assert seen(request.events) == ["x"]
    assert seen(wire.post(connect(surplus), browser="firefox").events) == ["x"]


def test_a_surplus_session_is_told_when_it_may_be_held_again() -> None:
    wire = Wire(polls_per_browser=1)
    first, second = wire.connected("/chat/a"), wire.connected("/chat/b")
    held = wire.post(connect(first), browser="firefox")
    assert wire.post(connect(second), browser="firefox").reply["advice"]["multiple-clients"]
    wire.lose(held)
    again = wire.post(connect(second), browser="firefox")
    assert again.is_held
    wire.deliver(("/chat/b", 1))
    assert again.reply["advice"]["interval"] == 0
    assert "multiple-clients" not in again.reply["advice"]


def test_a_surplus_session_does_not_expire_while_it_waits_as_advised() -> None:
    wire = Wire(polls_per_browser=0, surplus_interval_ms=2_000, max_interval_ms=1_000)
    client = wire.connected()
    wire.post(connect(client), browser="firefox")
    wire.time_passes(2_900)
    assert wire.machine.has_sessions("ada")


def test_polls_are_counted_down_however_they_end() -> None:
    """Event, time-out, abort, replacement, disconnect, expiry."""
    wire = Wire()
    client = wire.connected("/chat/a")

    def held() -> int:
        return wire.machine.leftovers()["browsers"]

    wire.post(connect(client), browser="firefox")
    assert held() == 1
    wire.deliver(("/chat/a", 1))
    assert held() == 0
    wire.post(connect(client), browser="firefox")
    wire.time_passes(wire.limits.timeout_ms + 20)
    assert held() == 0
    wire.lose(wire.post(connect(client), browser="firefox"))
    assert held() == 0
    wire.post(connect(client), browser="firefox")
    wire.post(connect(client), browser="chrome")
    assert held() == 1
    wire.post(disconnect(client))
    assert held() == 0
    assert wire.machine.leftovers()["held"] == 0


def test_who_reads_intervals_as_seconds_is_never_told_to_wait() -> None:
    """It is held instead."""
    wire = Wire(polls_per_browser=0)
    request = wire.post(connect(wire.connected()), browser="jar", reads_seconds=True)
    assert request.is_held


def test_a_subscription_may_come_before_the_first_connect() -> None:
    """And what is raised in between comes with that connect."""
    wire = Wire()
    client = wire.handshake()
    assert wire.post(subscribe(client, "/chat/a")).reply["successful"]
    wire.deliver(("/chat/a", "early"))
    assert seen(wire.post(connect(client)).events) == ["early"]


def test_a_response_that_could_not_be_sent_gives_its_events_back() -> None:
    """To the head of the queue, before what came meanwhile."""
    wire = Wire()
    client = wire.connected("/chat/a")
    request = wire.post(connect(client))
    wire.broken.add(request)
    wire.deliver(("/chat/a", 1), ("/chat/a", 2))
    wire.deliver(("/chat/a", 3))
    assert seen(wire.post(connect(client)).events) == [1, 2, 3]


def test_events_given_back_go_to_the_connect_that_is_held_by_then() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    wire.deliver(("/chat/a", 1))
    lost = wire.post(connect(client), is_slow=True)
    newer = wire.post(connect(client))
    assert newer.is_held
    wire.fail(lost)
    assert seen(newer.events) == [1]


def test_a_handshake_from_the_same_user_does_not_touch_its_other_sessions() -> None:
    wire = Wire()
    request = wire.post(connect(wire.connected("/chat/a")))
    wire.post(shake())
    wire.deliver(("/chat/a", 1))
    assert seen(request.events) == [1]
