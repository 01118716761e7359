"""Handshakes."""

from typing import Any

import pytest

from tests.push.wire import Wire, connect, publish, seen, shake, subscribe


def test_a_handshake_makes_a_session() -> None:
    """An array with one successful reply, the version, types in common, the id."""
    answer = Wire().post(shake(id="7")).answer
    assert answer is not None
    (reply,) = answer
    assert (reply["channel"], reply["successful"], reply["id"]) == ("/meta/handshake", True, "7")
    assert reply["version"] == "1.0"
    assert set(reply["supportedConnectionTypes"]) == {"websocket", "long-polling"}


def test_the_official_client_stays_with_requests_where_its_websocket_was_refused() -> None:
    """It shakes hands anew by them, and would go back to the websocket if it were told of one. Others change over."""
    wire = Wire()
    both = ["websocket", "long-polling"]
    official: dict[str, Any] = {"supportedConnectionTypes": both, "advice": {"timeout": 60_000, "interval": 0}}
    assert wire.post(shake(**official)).reply["supportedConnectionTypes"] == ["long-polling"]
    [reply] = wire.send(wire.open(), shake(**official))
    assert set(reply["supportedConnectionTypes"]) == set(both)
    assert set(wire.post(shake(supportedConnectionTypes=both)).reply["supportedConnectionTypes"]) == set(both)
    only_websocket = shake(supportedConnectionTypes=["websocket"], advice={"timeout": 0})
    assert "websocket" in wire.post(only_websocket).reply["supportedConnectionTypes"]


def test_client_ids_are_alphanumeric_and_never_alike() -> None:
    """128 random bits, no common beginning."""
    wire = Wire()
    names = [wire.handshake() for _ in range(200)]
    assert all(name.isalnum() and len(name) >= 22 for name in names)
    assert len({name[:10] for name in names}) == len(names)


def test_no_connection_type_in_common_fails_the_handshake() -> None:
    """An error of the form ddd:args:text, no client id."""
    reply = Wire().post(shake(supportedConnectionTypes=["carrier-pigeon"])).reply
    assert not reply["successful"]
    assert "clientId" not in reply
    assert reply["error"].count(":") == 2
    assert reply["error"][:3].isdigit()
    assert reply["advice"]["reconnect"] == "none"


def test_a_handshake_is_given_the_whole_advice() -> None:
    reply = Wire(timeout_ms=1234, max_interval_ms=777).post(shake()).reply
    assert reply["advice"] == {"reconnect": "retry", "interval": 0, "timeout": 1234, "maxInterval": 777}


def test_messages_sent_along_with_a_handshake_are_not_acted_on() -> None:
    wire = Wire()
    listener = wire.connected("/chat/a")
    request = wire.post(publish(listener, "/chat/a", 1), shake(), subscribe(listener, "/chat/b"))
    assert request.answer is not None
    assert [reply["channel"] for reply in request.answer] == ["/meta/handshake"]
    wire.deliver(("/chat/b", "not subscribed"))
    assert seen(wire.post(connect(listener, advice={"timeout": 0})).answer or []) == []


def test_unknown_fields_and_extensions_are_tolerated() -> None:
    reply = Wire().post(shake(ext={"spice": {"level": 3}}, mood="sunny", connectionId=4)).reply
    assert reply["successful"]
    assert "ext" not in reply


def test_a_stale_client_id_gives_a_fresh_session() -> None:
    wire = Wire()
    before = wire.connected("/chat/a")
    after = wire.handshake(clientId=before)
    assert after != before
    wire.deliver(("/chat/a", 1))
    assert seen(wire.post(connect(after)).answer or []) == []


@pytest.mark.parametrize(("wish", "reconnect"), [("deny", "none"), ("challenge", "handshake")])
def test_a_refused_handshake_says_whether_to_try_again(wish: str, reconnect: str) -> None:
    reply = Wire().post(shake(ext={wish: True})).reply
    assert not reply["successful"]
    assert "clientId" not in reply
    assert reply["error"].startswith("40")
    assert reply["advice"]["reconnect"] == reconnect


@pytest.mark.parametrize(
    "fields",
    [
        {"supportedConnectionTypes": None},
        {"supportedConnectionTypes": "long-polling"},
        {"supportedConnectionTypes": [1, {}, []]},
        {"version": None},
        {"version": 1},
        {"ext": "ack"},
        {"ext": [1]},
        {"advice": 3},
        {"id": None},
    ],
)
def test_a_strange_handshake_is_answered_well_formed(fields: dict[str, Any]) -> None:
    reply = Wire().post(shake(**fields)).reply
    assert reply["channel"] == "/meta/handshake"
    assert reply["successful"] == ("clientId" in reply) == ("error" not in reply)


def test_an_id_that_is_no_string_or_number_cannot_be_echoed() -> None:
    for identity in (dict[str, int](), [1], True, ""):
        reply = Wire().post(shake(id=identity)).reply
        assert reply["error"] == "405::message_id_invalid"


def test_timesync_in_the_handshake_tells_our_clock() -> None:
    """`tc` as it came, `ts`, `p`, and how far off the client is."""
    wire = Wire()
    wire.now_ms = 5_000_000
    reply = wire.post(shake(ext={"timesync": {"tc": 4_999_000, "l": 0, "o": 0}})).reply
    assert reply["ext"]["timesync"] == {"tc": 4_999_000, "ts": 5_000_000, "p": 0, "a": -1000}


def test_timesync_of_old_clients_is_answered_without_accuracy() -> None:
    reply = Wire().post(shake(ext={"timesync": {"tc": 12}})).reply
    assert set(reply["ext"]["timesync"]) == {"tc", "ts", "p"}


def test_timesync_is_silent_when_the_estimate_is_good() -> None:
    """The client knows the lag and is off by less than 25 ms."""
    wire = Wire()
    reply = wire.post(shake(ext={"timesync": {"tc": wire.now_ms - 50, "l": 20, "o": 30}})).reply
    assert "ext" not in reply


@pytest.mark.parametrize("wish", ["yes", 5, {"tc": "noon"}, None])
def test_a_strange_timesync_is_left_alone(wish: object) -> None:
    assert Wire().post(shake(ext={"timesync": wish})).reply["successful"]


def test_a_handshake_on_a_used_socket_takes_the_place_of_its_session() -> None:
    wire = Wire()
    socket, before = wire.connected_socket("/chat/a")
    frames = wire.send(socket, shake(id="9"))
    after = frames[-1]["clientId"]
    assert wire.ended == ["a new handshake on its websocket"]
    assert wire.send(socket, connect(before))[-1]["error"].startswith("402")
    wire.send(socket, subscribe(after, "/chat/b"), connect(after))
    wire.deliver(("/chat/b", "hello"))
    assert seen(socket.taken()) == ["hello"]
