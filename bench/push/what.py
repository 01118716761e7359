"""What is said in the measurements of notifications, and the lines by which the servers are told to say it.

A server takes lines on its standard input. `all KIND` has it publish one event to every session of a transport,
`one KIND NUMBER` to one session, and `settle` makes it collect its garbage and answer "settled".
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Final, Literal

Kind = Literal["websocket", "long-polling"]
KINDS: Final[tuple[Kind, ...]] = ("websocket", "long-polling")

#: In every event and nowhere else.
MARK: Final = b'"bench":'
#: The `data` of every event: about as much as a short message of an application.
DATA: Final = b'{"bench":"%b","state":"Invited","at":1700000000000}' % (b"x" * 200)

ALL, ONE, SETTLE, SETTLED = "all", "one", "settle", "settled"


class Orders(asyncio.Protocol):
    """Reads the lines in a server that is written in Python. `on_order(words)` is called with each."""

    def __init__(self, on_order: Callable[[list[str]], None]) -> None:
        self._on_order = on_order
        self._held = b""

    @classmethod
    async def follow(cls, on_order: Callable[[list[str]], None]) -> None:
        await asyncio.get_running_loop().connect_read_pipe(lambda: cls(on_order), sys.stdin)

    def data_received(self, data: bytes) -> None:
        *lines, self._held = (self._held + data).split(b"\n")
        for line in lines:
            self._on_order(line.decode().split())

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever gave orders has gone, perhaps not in good order: end, too."""
        os.kill(os.getpid(), signal.SIGTERM)


def channel_for_all(kind: Kind) -> str:
    return f"/bench/all/{kind}"
