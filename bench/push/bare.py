"""The limit: a server that knows nothing of Bayeux and writes prepared bytes to whoever is connected.

Run as a child. A POST to /handshake is answered at once, any other is held; a GET becomes a websocket. Nothing is
parsed but where a request ends. What a Bayeux server in Python costs above this is protocol, sessions and safety.
"""

import asyncio
import base64
import gc
import hashlib
from typing import Final, cast

import uvloop

from bench.push import what
from frontdesk.serving import bound_socket, settle_memory

_MAGIC: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_EVENT: Final = b'{"channel":"/bench/all","data":%b}' % what.DATA
_REPLY: Final = b'{"channel":"/meta/connect","successful":true,"id":"9"}'
_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json;charset=UTF-8\r\ncache-control: no-store\r\n"
    b"x-content-type-options: nosniff\r\nreferrer-policy: same-origin\r\nx-frame-options: DENY\r\ncontent-length: "
)


def _answer(body: bytes) -> bytes:
    return b"%b%d\r\n\r\n%b" % (_HEAD, len(body), body)


_TO_POLL: Final = _answer(b"[%b,%b]" % (_EVENT, _REPLY))
_TO_HANDSHAKE: Final = _answer(
    b'[{"channel":"/meta/handshake","successful":true,"id":"1","clientId":"0123456789abcdef0123456789abcdef",'
    b'"version":"1.0","supportedConnectionTypes":["websocket","long-polling"],'
    b'"advice":{"reconnect":"retry","interval":0,"timeout":55000,"maxInterval":60000}}]'
)
_TEXT: Final = b"[%b]" % _EVENT
_FRAME: Final = b"\x81\x7e" + len(_TEXT).to_bytes(2) + _TEXT


class _Peer(asyncio.Protocol):
    """One connection: nothing yet, a held request, or a websocket."""

    def __init__(self, site: "_Site") -> None:
        self._site = site
        self._held = b""
        self._is_websocket = False
        self.heard = site.events
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._is_websocket:
            return
        if self._held:
            data, self._held = self._held + data, b""
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            self._held = data
        elif data.startswith(b"POST /handshake "):
            self.transport.write(_TO_HANDSHAKE)
        elif data.startswith(b"POST "):
            at = data.find(b"content-length: ", 0, end) + 16
            if len(data) < end + int(data[at : data.find(b"\r", at)]):
                self._held = data
            else:
                self._site.hold(self)
        elif b"upgrade: websocket" in data:
            self._accept(data)
        else:
            self.transport.write(_answer(b""))

    def _accept(self, data: bytes) -> None:
        at = data.find(b"sec-websocket-key: ") + 19
        accept = base64.b64encode(
            hashlib.sha1(data[at : data.find(b"\r", at)] + _MAGIC, usedforsecurity=False).digest()
        )
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            b"sec-websocket-accept: %b\r\n\r\n" % accept
        )
        self._is_websocket = True
        self._site.sockets.append(self.transport)


class _Site:
    """Everybody who is connected."""

    def __init__(self) -> None:
        self.events = 0
        self.sockets: list[asyncio.Transport] = []
        self._polls: list[_Peer] = []

    def hold(self, peer: _Peer) -> None:
        """Until there is an event, unless there was one while it did not poll."""
        self._polls.append(peer)
        if peer.heard < self.events:
            self._answer_polls([self._polls.pop()])

    def obey(self, words: list[str]) -> None:
        if words[0] == what.SETTLE:
            gc.collect()
            print(what.SETTLED, flush=True)
        elif words[1] == "websocket":
            for transport in self.sockets:
                transport.write(_FRAME)
        else:
            self.events += 1
            polls, self._polls = self._polls, []
            self._answer_polls(polls)

    def _answer_polls(self, polls: list[_Peer]) -> None:
        for peer in polls:
            peer.heard += 1
            peer.transport.write(_TO_POLL)


async def _serve() -> None:
    site = _Site()
    sock = bound_socket("127.0.0.1", 0)
    server = await asyncio.get_running_loop().create_server(lambda: _Peer(site), sock=sock)
    await what.Orders.follow(site.obey)
    settle_memory()
    print("ready", sock.getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
