"""Subscribing, unsubscribing, wildcards."""

from typing import Any

import pytest

from tests.push.wire import Wire, connect, publish, seen, subscribe, unsubscribe


def heard(wire: Wire, client: str) -> list[Any]:
    """What waits for the client."""
    return seen(wire.post(connect(client, advice={"timeout": 0})).events)


def test_a_subscription_is_confirmed() -> None:
    """In the shape it came in."""
    wire = Wire()
    client = wire.connected()
    assert wire.post(subscribe(client, "/chat/a", id="3")).answer == [
        {"channel": "/meta/subscribe", "successful": True, "id": "3", "subscription": "/chat/a"}
    ]
    assert wire.post(subscribe(client, ["/chat/a"])).reply["subscription"] == ["/chat/a"]


def test_several_channels_can_be_subscribed_in_one_message() -> None:
    """And every one delivers."""
    wire = Wire()
    client = wire.connected()
    wire.post(subscribe(client, ["/chat/a", "/chat/b"]))
    wire.deliver(("/chat/a", 1))
    wire.deliver(("/chat/b", 2))
    assert heard(wire, client) == [1, 2]


@pytest.mark.parametrize(
    ("pattern", "hears"),
    [
        ("/x/*", ["/x/a"]),  # 39: exactly one more segment
        ("/x/**", ["/x/a", "/x/a/b", "/x/a/b/c"]),  # 40: one or more, not /x itself
        ("/*", ["/x"]),
        ("/**", ["/x", "/x/a", "/x/a/b", "/x/a/b/c"]),
        ("/x", ["/x"]),
        ("/x/a/", ["/x/a"]),  # one slash at the end, as some documentation writes it
    ],
)
def test_a_wildcard_matches_what_it_says(pattern: str, hears: list[str]) -> None:
    wire = Wire()
    client = wire.connected(pattern)
    for channel in ("/x", "/x/a", "/x/a/b", "/x/a/b/c"):
        wire.deliver((channel, channel))
    assert heard(wire, client) == hears


def test_overlapping_subscriptions_deliver_once() -> None:
    wire = Wire()
    client = wire.connected("/x/a", "/x/*", "/x/**", "/**")
    wire.post(subscribe(client, "/x/a"))
    wire.deliver(("/x/a", 1))
    assert heard(wire, client) == [1]


def test_unsubscribing_is_confirmed_and_stops_delivery() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    assert wire.post(unsubscribe(client, "/chat/a")).answer == [
        {"channel": "/meta/unsubscribe", "successful": True, "id": "u", "subscription": "/chat/a"}
    ]
    wire.deliver(("/chat/a", 1))
    assert heard(wire, client) == []


def test_unsubscribing_one_of_two_overlapping_subscriptions_keeps_the_other() -> None:
    wire = Wire()
    client = wire.connected("/x/a", "/x/*")
    wire.post(unsubscribe(client, "/x/*"))
    wire.deliver(("/x/a", 1), ("/x/b", 2))
    assert heard(wire, client) == [1]


@pytest.mark.parametrize("missing", [None, []])
def test_a_subscription_has_to_name_something(missing: Any) -> None:
    wire = Wire()
    reply = wire.post(subscribe(wire.connected(), missing)).reply
    assert not reply["successful"]
    assert reply["error"] == "403::subscription_missing"


@pytest.mark.parametrize(
    "name",
    [
        "chat",
        "",
        "/",
        "//",
        "/a//b",
        "/a//",
        "/a/*/b",
        "/**/b",
        "/a*",
        "/a/b*",
        "/a/***",
        "/ä",
        "/a\n",
        "/" + "a" * 255,
    ],
)
def test_an_invalid_channel_is_refused(name: str) -> None:
    wire = Wire()
    client = wire.connected()
    for message in (subscribe(client, name), unsubscribe(client, [name])):
        reply = wire.post(message).reply
        assert not reply["successful"]
        assert "subscription_invalid" in reply["error"]
    assert wire.machine.leftovers()["patterns"] == 0


@pytest.mark.parametrize("channel", ["/meta/connect", "/meta/*", "/meta/**", "/meta"])
def test_nobody_subscribes_to_meta_channels(channel: str) -> None:
    wire = Wire()
    reply = wire.post(subscribe(wire.connected(), channel)).reply
    assert not reply["successful"]
    assert reply["error"].startswith("403:")


@pytest.mark.parametrize("client", ["0123456789abcdef0123", None, 5, ["a"]])
def test_subscribing_takes_a_session(client: Any) -> None:
    reply = Wire().post(subscribe(client, "/chat/a")).reply
    assert not reply["successful"]
    assert reply["error"].startswith("402:")


def test_a_denied_channel_is_refused_and_delivers_nothing() -> None:
    wire = Wire()
    client = wire.connected()
    reply = wire.post(subscribe(client, "/denied/a")).reply
    assert not reply["successful"]
    assert reply["error"].startswith("403:")
    wire.deliver(("/denied/a", 1))
    assert heard(wire, client) == []


def test_an_array_with_a_denied_channel_subscribes_to_none() -> None:
    wire = Wire()
    client = wire.connected()
    reply = wire.post(subscribe(client, ["/chat/a", "/denied/a", "/chat/b"])).reply
    assert not reply["successful"]
    assert reply["subscription"] == ["/chat/a", "/denied/a", "/chat/b"]
    wire.deliver(("/chat/a", 1))
    assert heard(wire, client) == []


def test_events_from_before_the_subscription_are_not_delivered() -> None:
    wire = Wire()
    client = wire.connected()
    wire.deliver(("/chat/a", 1))
    wire.post(subscribe(client, "/chat/a"))
    assert heard(wire, client) == []


@pytest.mark.parametrize("strange", [5, {"a": 1}, [5], [["/a"]], True, 1.5, [None]])
def test_a_subscription_that_is_no_text_fails(strange: Any) -> None:
    wire = Wire()
    reply = wire.post(subscribe(wire.connected(), strange)).reply
    assert not reply["successful"]
    assert reply["error"].startswith("403:")


def test_unsubscribing_what_was_never_subscribed_succeeds() -> None:
    """The wanted state holds."""
    wire = Wire()
    assert wire.post(unsubscribe(wire.connected(), "/chat/a")).reply["successful"]


@pytest.mark.parametrize("in_one_message", [True, False])
def test_300_subscriptions_in_one_request_all_deliver(in_one_message: bool) -> None:
    wire = Wire()
    client = wire.connected()
    channels = [f"/room/{number}" for number in range(300)]
    if in_one_message:
        request = wire.post(subscribe(client, channels))
    else:
        request = wire.post(*(subscribe(client, channel) for channel in channels))
    assert request.answer is not None
    assert all(reply["successful"] for reply in request.answer)
    for channel in channels:
        wire.deliver((channel, channel))
    assert heard(wire, client) == channels


def test_subscriptions_of_a_session_are_bounded() -> None:
    wire = Wire(subscriptions=3)
    client = wire.connected("/chat/a", "/chat/b")
    reply = wire.post(subscribe(client, ["/chat/c", "/chat/d"])).reply
    assert reply["error"] == "403:3:too_many_subscriptions"
    assert wire.post(subscribe(client, ["/chat/c", "/chat/a"])).reply["successful"]


def test_service_channels_are_accepted_but_not_recorded() -> None:
    wire = Wire()
    client = wire.connected()
    assert wire.post(subscribe(client, ["/service/echo", "/service/**"])).reply["successful"]
    assert wire.machine.leftovers()["patterns"] == 0


def test_channels_leave_nothing_behind() -> None:
    """Neither after unsubscribing, nor when their session has gone."""
    wire = Wire()
    client = wire.connected()
    for number in range(10_000):
        assert wire.post(subscribe(client, f"/room/{number}")).reply["successful"]
        assert wire.post(unsubscribe(client, f"/room/{number}")).reply["successful"]
    assert wire.machine.leftovers()["patterns"] == 0
    wire.post(subscribe(client, [f"/room/{number}" for number in range(500)]))
    wire.time_passes(wire.limits.max_interval_ms + 100)
    assert not any(wire.machine.leftovers().values())


def test_what_is_addressed_to_one_user_reaches_no_other() -> None:
    """Whatever they subscribe to."""
    wire = Wire()
    ada, grace = wire.connected("/v2/me/*"), wire.connected("/**", "/v2/**", "/v2/me/*", principal="grace")
    wire.deliver(("/v2/me/interactions", "ada's"))
    assert heard(wire, ada) == ["ada's"]
    request = wire.post(connect(grace, advice={"timeout": 0}), principal="grace")
    assert request.events == []


def test_messages_given_together_leave_in_the_selection_each_session_wants() -> None:
    wire = Wire()
    both, one, none = wire.connected("/v2/me/*"), wire.connected("/v2/me/emails"), wire.connected("/chat/a")
    wire.deliver(("/v2/me/interactions", 1), ("/v2/me/emails", 2))
    assert [heard(wire, client) for client in (both, one, none)] == [[1, 2], [2], []]


def test_a_client_cannot_write_on_the_servers_channels() -> None:
    wire = Wire()
    client = wire.connected("/v2/me/interactions")
    assert wire.post(publish(client, "/v2/me/interactions", 1)).reply["error"].startswith("403:")
    assert heard(wire, client) == []
