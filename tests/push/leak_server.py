"""The notification server in a process of its own, which tells what it has in memory: a child of test_leaks.

Lines come in on standard input: `advance MS` turns its clock, `look` has it say what there is. Its clock stands still
otherwise, so that what waits to expire is all there at once, as it is in a bad minute.
"""

import asyncio
import ctypes
import gc
import json
import sys
from collections import Counter
from pathlib import Path

import uvloop

from frontdesk.kit import log
from frontdesk.kit.clock import ManualClock
from frontdesk.push.events import Encoded
from frontdesk.push.limits import Limits
from tests.push.serving import Serving, Way
from tests.push.wire import Ledger

_OURS = ("frontdesk.", "asyncio.", "_asyncio.", "uvloop.", "uvicorn.", "websockets.", "httptools.")


def things() -> dict[str, int]:
    """How many objects there are of each type that may be left over: tasks, timers, sessions, connections and so on."""
    gc.collect()
    counted: Counter[str] = Counter()
    for thing in gc.get_objects():
        kind = type(thing)
        name = f"{kind.__module__}.{kind.__qualname__}"
        if name.startswith(_OURS):
            counted[name] += 1
    return counted


def resident_kb() -> int:
    """What is in use: what the allocator keeps to give out again is returned first, for that varies by megabytes."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):  # glibc has it
        trim(0)
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise OSError("the kernel does not say what is in memory")


class _Forgetful(Ledger):
    """A history that keeps nothing, for what it kept would be counted."""

    def keep(self, event: Encoded) -> Encoded:
        kept = super().keep(event)
        self.forget(self.newest)
        return kept


async def main(way: str) -> None:
    Way.is_direct = way == "direct"
    clock = ManualClock()
    limits = Limits(handshakes_per_s=0, sessions_per_principal=100_000)
    server = Serving(clock, limits, None, _Forgetful(), 65)
    await server.start(0)
    print(server.port, flush=True)
    try:
        while words := (await asyncio.to_thread(sys.stdin.readline)).split():
            if words[0] == "advance":
                clock.advance(ms=int(words[1]))
            server.activity.clear()  # what the tests write down of the server is not what the server keeps
            found = {
                "leftovers": server.push.leftovers(),
                "tasks": len(asyncio.all_tasks()),
                "things": things(),
                "kb": resident_kb(),
                "recalled": server.doorkeeper.recalled,
            }
            print(json.dumps(found), flush=True)
    finally:
        await server.stop()


if __name__ == "__main__":
    log.configure("console", "warning")
    uvloop.run(main(sys.argv[1]))
