"""What the tests of replay share: a server with a past, and clients who ask for it."""

from typing import Any

from tests.push.wire import (
    Ledger,
    Message,
    Socket,
    Wire,
    connect,
    subscribe,
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
