"""Publishing, batches, disconnecting."""

import json
from typing import Any

import pytest

from frontdesk.push.messages import Malformed, TooMany, decode
from tests.push.wire import Wire, connect, disconnect, publish, seen, subscribe


def test_a_publish_is_confirmed() -> None:
    """Without data, by which clients tell an event."""
    wire = Wire()
    client = wire.connected()
    assert wire.post(publish(client, "/chat/a", {"text": "hi"}, id="8")).answer == [
        {"channel": "/chat/a", "successful": True, "id": "8"}
    ]


@pytest.mark.parametrize(
    "data",
    [
        {"a": [1, {"b": [None, True, "ünïcödé", "\u2028\u2029", "🙂", "</script>"]}]},
        {"big": 123456789012345678901234567890, "fraction": 0.1, "tiny": 5e-324},
        *(0, False, "", {}, [], None),  # 70: what is falsy is data all the same
        "x" * 65_536,  # 68
    ],
)
def test_data_survives_the_trip_unchanged(data: Any) -> None:
    wire = Wire()
    listener = wire.connected("/chat/a", principal="grace")
    wire.post(publish(wire.connected(), "/chat/a", data))
    assert seen(wire.post(connect(listener), principal="grace").events) == [data]


def test_data_is_passed_on_byte_by_byte() -> None:
    """Numbers keep their digits, escapes their form."""
    wire = Wire()
    client = wire.connected("/chat/a")
    data = b'[1.10, 1E5, 12345678901234567890.123, "\\u0041"]'
    held = wire.post(connect(client))
    wire.post_bytes(b'{"channel":"/chat/a","clientId":"%b","data":%b}' % (client.encode(), data))
    assert data in held.body


def test_an_event_tells_nothing_about_its_publisher() -> None:
    wire = Wire()
    listener = wire.connected("/chat/a", principal="grace")
    wire.post(publish(wire.connected(), "/chat/a", 1, ext={"secret": 1}, advice={"timeout": 1}))
    assert wire.post(connect(listener), principal="grace").events == [{"channel": "/chat/a", "data": 1}]


def test_a_publisher_hears_itself_once() -> None:
    """With its connect."""
    wire = Wire()
    client = wire.connected("/chat/a")
    held = wire.post(connect(client))
    request = wire.post(publish(client, "/chat/a", "mine"))
    assert request.answer == [{"channel": "/chat/a", "successful": True, "id": "p"}]
    assert seen(held.events) == ["mine"]
    assert wire.post(connect(client)).is_held


def test_over_http_events_leave_with_connects_only() -> None:
    """Answers on two connections may overtake each other, and one that is lost goes unreported."""
    wire = Wire()
    client = wire.connected("/chat/a")
    wire.deliver(("/chat/a", 1))
    assert wire.post(subscribe(client, "/chat/b")).events == []
    assert seen(wire.post(connect(client)).events) == [1]
    assert wire.post(connect(client)).is_held


@pytest.mark.parametrize(
    "channel", ["/chat/*", "/chat/**", "/*", "chat", "", "/", "/a//b", "/chat/a/", "/" + "a" * 255]
)
def test_publishing_to_what_is_no_channel_is_refused(channel: str) -> None:
    wire = Wire()
    reply = wire.post(publish(wire.connected("/**"), channel, 1)).answer
    assert reply is not None
    assert [message["error"] for message in reply] == ["405::channel_invalid"]


def test_publishing_without_data_is_refused() -> None:
    wire = Wire()
    message = publish(wire.connected(), "/chat/a", 1)
    del message["data"]
    assert wire.post(message).reply["error"] == "400::data_missing"


def test_data_that_receivers_could_not_read_is_refused() -> None:
    """A text that is not UTF-8."""
    wire = Wire()
    client = wire.connected("/chat/a")
    request = wire.post_bytes(b'{"channel":"/chat/a","clientId":"%b","data":"\xff"}' % client.encode())
    assert request.reply["error"] == "400::data_invalid"
    assert request.events == []


@pytest.mark.parametrize("channel", ["/meta/nonsense", "/meta/connect/x", "/meta"])
def test_unknown_meta_channels_are_refused(channel: str) -> None:
    """And go to nobody."""
    wire = Wire()
    client = wire.connected("/**")
    request = wire.post(publish(client, channel, 1))
    assert not request.reply["successful"]
    assert request.events == []


def test_service_messages_are_not_distributed() -> None:
    wire = Wire()
    listener = wire.connected("/**", "/service/**", principal="grace")
    assert wire.post(publish(wire.connected(), "/service/echo", 1)).reply["successful"]
    assert wire.post(connect(listener), principal="grace").is_held


@pytest.mark.parametrize("client", ["0123456789abcdef0123", None, 7])
def test_publishing_takes_a_session(client: Any) -> None:
    reply = Wire().post(publish(client, "/chat/a", 1)).reply
    assert reply["error"].startswith("402:")
    assert "advice" not in reply


def test_a_batch_is_answered_message_by_message_in_order() -> None:
    """Ids as they came, or none."""
    wire = Wire()
    client = wire.connected()
    no_id = publish(client, "/chat/c", 1)
    del no_id["id"]
    request = wire.post(
        publish(client, "/chat/a", 1, id="one"),
        publish(client, "bad", 1, id=2),
        no_id,
        subscribe(client, "/chat/a", id="4"),
    )
    assert request.answer is not None
    assert [reply.get("id") for reply in request.answer] == ["one", 2, None, "4"]
    assert [reply["successful"] for reply in request.answer] == [True, False, True, True]


def test_a_channel_denied_by_policy_cannot_be_published_to() -> None:
    wire = Wire()
    reply = wire.post(publish(wire.connected(), "/denied/a", 1)).reply
    assert reply["error"].startswith("403:")


def test_two_subscribers_each_get_every_event_once() -> None:
    wire = Wire()
    listeners = [wire.connected("/chat/a", "/chat/*", principal=name) for name in ("grace", "linus")]
    publisher = wire.connected()
    for number in range(50):
        wire.post(publish(publisher, "/chat/a", number))
    for client, name in zip(listeners, ("grace", "linus"), strict=True):
        assert seen(wire.post(connect(client), principal=name).events) == list(range(50))


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"id": "1"}, "400::channel_missing"),  # 87
        ({"id": "1", "channel": None}, "400::channel_missing"),
        ({"id": "1", "channel": 5}, "405::channel_invalid"),  # 88
        ({"id": "1", "channel": ["/a"]}, "405::channel_invalid"),
        ({"id": {}, "channel": "/meta/connect"}, "405::message_id_invalid"),
    ],
)
def test_a_message_that_makes_no_sense_is_refused_in_its_reply(message: dict[str, Any], error: str) -> None:
    assert Wire().post(message).reply["error"] == error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[{]",
        b"[]",
        b" [ ]",
        b"5",
        b'"x"',
        b"null",
        b"[1]",
        b"[[]]",
        b'[{"channel":"/a"},7]',
        b"\xff",
        rb'{"data":"\ud800 alone"}',
    ],
)
def test_what_is_no_message_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(body, 10)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"ext":', b'[{"data":', b'[{"unknown":'])
def test_deep_nesting_is_malformed_and_harmless(opening: bytes) -> None:
    with pytest.raises(Malformed):
        decode(opening * 5_000, 10)
    with pytest.raises(Malformed):
        decode(b'[{"ext":' + b"[" * 5_000 + b"]" * 5_000 + b"}]", 10)


def test_more_messages_than_allowed_are_refused_whole() -> None:
    with pytest.raises(TooMany):
        decode(json.dumps([{"channel": "/a"}] * 11), 10)


# --- disconnecting ---


def test_disconnecting_is_confirmed_and_the_session_forgotten() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    assert wire.post(disconnect(client)).answer == [{"channel": "/meta/disconnect", "successful": True, "id": "d"}]
    assert wire.post(subscribe(client, "/chat/a")).reply["error"].startswith("402:")
    assert not any(wire.machine.leftovers().values())


def test_disconnecting_releases_the_held_connect() -> None:
    """Which is told not to go on."""
    wire = Wire()
    client = wire.connected()
    held = wire.post(connect(client, id="5"))
    wire.post(disconnect(client))
    assert held.reply["id"] == "5"
    assert held.reply["advice"]["reconnect"] == "none"


def test_disconnecting_an_unknown_session_fails() -> None:
    reply = Wire().post(disconnect("0123456789abcdef0123")).reply
    assert reply["error"].startswith("402:")


def test_what_follows_a_disconnect_in_a_batch_is_unknown() -> None:
    wire = Wire()
    client = wire.connected("/chat/a")
    request = wire.post(publish(client, "/chat/a", 1), disconnect(client), publish(client, "/chat/a", 2))
    assert request.answer is not None
    assert [reply["successful"] for reply in request.answer] == [True, True, False]
