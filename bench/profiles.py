"""Where the time goes: a sampled profile of the running server, added up by floor of the house.

py-spy looks at the server from outside, a few hundred times a second. A sample belongs to the innermost frame whose
file one of the floors owns, so that a library's time is its caller's. The event loop is compiled and has no frames:
what is left to it contains the system calls that read and write the sockets.
"""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_SAMPLES_PER_S: Final = 250

#: Floor → parts of the paths of its files; the first floor that fits is taken.
_FLOORS: Final = (
    ("HTTP server", ("uvicorn/protocols/http", "uvicorn/protocols/utils", "/httptools/")),
    ("websockets", ("uvicorn/protocols/websockets", "/websockets/", "push/websocket.py", "push/asgi.py")),
    (
        "sign-in",
        ("services/sign_in", "services/http_sessions", "services/bearers", "core/sign_ins", "wire/credentials"),
    ),
    ("messages and shown resources", ("push/notifications.py", "wire/interactions", "wire/workbins", "wire/agents")),
    ("push", ("frontdesk/push/",)),
    ("dispatch, reading, answering", ("frontdesk/rest/", "frontdesk/wire/", "frontdesk/app.py")),
    ("relay and bus", ("workers/relay.py", "frontdesk/bus/")),
    ("router and timers", ("frontdesk/workers/",)),
    ("store", ("frontdesk/store/",)),
    ("services and core", ("frontdesk/services/", "frontdesk/core/")),
    ("event loop and sockets", ("asyncio/", "/uvloop/")),
)
_OTHER: Final = "other"

_FRAME: Final = re.compile(r"\((?P<file>[^()]*?)(?::\d+)?\)$")


async def by_floor(pid: int, seconds: float, directory: Path) -> dict[str, float] | None:
    """Floor → its part of the first thread's time, the greatest first. None where no profile can be taken."""
    output = directory / "profile.raw"
    command = [str(Path(sys.executable).parent / "py-spy"), "record", "--threads", "--format", "raw", "--pid", str(pid)]
    options = ["--rate", str(_SAMPLES_PER_S), "--duration", str(max(1, round(seconds))), "--output", str(output)]
    try:
        process = await asyncio.create_subprocess_exec(
            *command, *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return None
    if await process.wait() or not output.exists():
        return None
    counted: Counter[str] = Counter()
    for thread, frames, samples in _stacks(output.read_text(encoding="utf-8")):
        if "MainThread" in thread:
            counted[_floor(frames)] += samples
    total = counted.total()
    return {floor: samples / total for floor, samples in counted.most_common()} if total else None


def _stacks(raw: str) -> Iterator[tuple[str, list[str], int]]:
    """(thread, frames from the outermost in, samples) of each line."""
    for line in raw.splitlines():
        stack, _, samples = line.rpartition(" ")
        thread, *frames = stack.split(";")
        yield thread, frames, int(samples)


def _floor(frames: list[str]) -> str:
    for frame in reversed(frames):
        found = _FRAME.search(frame)
        if found is None:
            continue
        for floor, parts in _FLOORS:
            if any(part in found["file"] for part in parts):
                return floor
    return _OTHER
