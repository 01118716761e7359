"""Laws of what comes from outside: whatever it is, it is answered and does no harm."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.push.messages import Malformed, decode
from tests.push.wire import Message, Wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CHANNELS = st.sampled_from(
    [
        *("/meta/handshake", "/meta/connect", "/meta/subscribe", "/meta/unsubscribe", "/meta/disconnect"),
        *("/meta/x", "/chat/a", "/service/a", "/denied/a", "/chat/*"),
    ]
)
STRANGE = st.fixed_dictionaries(
    {},
    optional={
        "channel": CHANNELS | JSON,
        "id": st.just("1") | JSON,
        "clientId": st.just("CLIENT") | JSON,
        "subscription": CHANNELS | st.lists(CHANNELS, max_size=3) | JSON,
        "supportedConnectionTypes": st.just(["websocket"]) | JSON,
        "advice": st.fixed_dictionaries({}, optional={"timeout": JSON, "interval": JSON}) | JSON,
        "ext": st.fixed_dictionaries(
            {}, optional={"ack": JSON, "timesync": st.fixed_dictionaries({"tc": JSON, "l": JSON, "o": JSON}) | JSON}
        )
        | JSON,
        "version": JSON,
        "connectionType": JSON,
        "data": JSON,
    },
)


@given(requests=st.lists(st.tuples(st.booleans(), st.lists(STRANGE, min_size=1, max_size=3)), max_size=8))
def test_whatever_a_client_sends_is_answered(requests: list[tuple[bool, list[Message]]]) -> None:
    """Every message once, or the only one is a connect that is held. Nothing raises."""
    wire = Wire()
    client = wire.connected("/chat/a")
    socket = wire.open()
    for is_over_http, messages in requests:
        for message in messages:
            if message.get("clientId") == "CLIENT":
                message["clientId"] = client
        is_handshake = any(message.get("channel") == "/meta/handshake" for message in messages)
        answers = 1 if is_handshake else len(messages)
        if is_over_http:
            request = wire.post(*messages)
            if request.answer is None:
                assert answers == 1
                assert messages[0]["channel"] == "/meta/connect"
            else:
                assert len([reply for reply in request.answer if "successful" in reply]) == answers
        elif socket.is_open:
            wire.send(socket, *messages)
    wire.time_passes(200_000)
    assert not any(wire.machine.leftovers().values())


@given(body=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_does_harm(body: bytes) -> None:
    """It is messages, or it is malformed."""
    try:
        messages = decode(body, 5)
    except Malformed:
        return
    assert 1 <= len(messages) <= 5


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'"' * 100_000, b"9" * 100_000])
def test_no_large_body_does_harm(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(body, 5)
