"""However a client's requests are cut into pieces, they are answered alike and in their order, on whichever way."""

import asyncio
import json
from itertools import pairwise
from typing import Any

import uvicorn
from hypothesis import example, given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from frontdesk.http_server import HttpProtocol
from frontdesk.push.server import NotificationServer
from tests.push.serving import MOUNT, Doorkeeper, until
from tests.push.wire import OpenPolicy, shake, subscribe


class Wire(asyncio.Transport):
    """What the server writes, and whether it closed."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 6)})
        self.written = b""
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


def request(body: bytes, *lines: str, method: str = "POST", path: str = MOUNT) -> bytes:
    head = [f"{method} {path} HTTP/1.1", "host: here", "authorization: User ada", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def plain(*messages: object, path: str = MOUNT) -> bytes:
    return sized(json.dumps(messages).encode(), path=path)


def sized(body: bytes, *, path: str = MOUNT) -> bytes:
    return request(body, "content-type: application/json", f"content-length: {len(body)}", path=path)


def chunked(*messages: object) -> bytes:
    body = json.dumps(messages).encode()
    return request(
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), "content-type: application/json", "transfer-encoding: chunked"
    )


#: One whose body looks like another.
HIDING = sized(plain(shake(id="inner")))
#: One of whose head a part looks like another.
DISGUISED = f"GET {MOUNT} HTTP/1.1\r\nx: ".encode() + plain(shake(id="inner"))
#: Requests, and the status of their answers.
REQUESTS = (
    (HIDING, 400),
    (DISGUISED, 405),
    (plain(shake(id="shake")), 200),
    (plain(subscribe("nobody", "/a", id="subscribe"), path=f"{MOUNT}/"), 200),
    (chunked(shake(id="chunks")), 200),
    (sized(b"[{"), 400),
    (sized(b""), 400),
    (request(b"", method="GET"), 405),
)


def answers(written: bytes) -> list[tuple[int, list[str | None]]]:
    """The status of each answer that is there, and the ids in it."""
    found = []
    while written:
        head, end, rest = written.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]) if end else 0
        if not end or len(rest) < length:
            break
        ids = [message.get("id") for message in json.loads(rest[:length])]
        found.append((int(head.split()[1]), ids))
        written = rest[length:]
    return found


async def told(pieces: list[bytes], count: int, *, is_direct: bool) -> list[tuple[int, list[str | None]]]:
    doorkeeper = Doorkeeper()
    memory = doorkeeper if is_direct else None
    server = NotificationServer(OpenPolicy(), doorkeeper, memory=memory, mount=MOUNT)
    config = uvicorn.Config(server, lifespan="off", log_config=None, ws="none")
    config.load()
    protocol, wire = HttpProtocol(config=config, server_state=ServerState(), app_state={}), Wire()
    protocol.connection_made(wire)
    for piece in pieces:
        protocol.data_received(piece)
        await asyncio.sleep(0)
    await until(lambda: len(answers(wire.written)) == count or wire.is_closed)
    protocol.connection_lost(None)
    return answers(wire.written)


@example(chosen=[REQUESTS[0]], cuts=[4, HIDING.index(b"POST", 4)])
@example(chosen=[REQUESTS[1]], cuts=[DISGUISED.index(b"POST")])
@given(
    chosen=st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=6),
    cuts=st.lists(st.integers(0, 3_000), max_size=8),
)
async def test_pieces_make_no_difference(chosen: list[tuple[bytes, int]], cuts: list[int]) -> None:
    whole = b"".join(raw for raw, _ in chosen)
    at = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    pieces = [whole[begin:end] for begin, end in pairwise(at)]

    found = await told(pieces, len(chosen), is_direct=True)

    assert [status for status, _ in found] == [status for _, status in chosen]
    assert found == await told([raw for raw, _ in chosen], len(chosen), is_direct=False)
    assert not any("inner" in ids for _, ids in found)
