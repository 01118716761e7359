"""All measurements of notifications in one run, in alternation: a round measures each thing of each server once, a
figure is the median of the rounds. The servers run on one CPU, the load on another.
"""

import gc
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import msgspec

from bench import dataset, machine
from bench.push import measure
from bench.push.measure import Figures
from bench.push.servers import BARE, EXAMPLE, FRONTDESK, NODE, PEERS, ROOT, Server, Starter
from bench.push.what import KINDS

NAMES: Final = (FRONTDESK, EXAMPLE, *PEERS, BARE)

Say = Callable[[str], None]
Measure = Callable[[], Awaitable[Figures]]

_SPARE_FILES: Final = 1_000


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    rounds: int
    seconds: float
    warm_up_s: float
    sessions: int
    rates: tuple[int, ...]
    paced_s: float
    held: tuple[int, ...]


FULL: Final = Plan(
    rounds=3, seconds=1.2, warm_up_s=0.3, sessions=1_000, rates=(500, 1_000), paced_s=3.0, held=(2_000, 5_000)
)
#: Shows in seconds that everything runs; its figures mean nothing.
QUICK: Final = Plan(rounds=1, seconds=0.1, warm_up_s=0.02, sessions=20, rates=(100,), paced_s=0.2, held=(20, 40))


class Suite:
    """One run."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self._plan = plan
        self._say = say
        self._stack = AsyncExitStack()

    async def run(self) -> dict[str, Any]:
        """Everything, as it goes into the file."""
        plan = self._plan
        _allow_files(2 * max(plan.sessions * len(KINDS) * len(NAMES), *plan.held) + _SPARE_FILES)
        dataset.CACHE.mkdir(exist_ok=True)
        directory = Path(tempfile.mkdtemp(prefix="push-", dir=dataset.CACHE))
        facts = machine.facts(directory) | _versions()
        async with self._stack:
            self._stack.callback(shutil.rmtree, directory, ignore_errors=True)
            starter = Starter(directory, plan.sessions)
            machine.cpus()  # before we keep to one of them
            os.sched_setaffinity(0, {machine.cpus()[1]})
            memory = await self._memory(starter)
            figures = await self._rounds(starter)
        return {"machine": facts, "plan": msgspec.to_builtins(plan), "figures": figures, "memory": memory}

    # ── in rounds ────────────────────────────────────────────────────────────────────────────────

    async def _rounds(self, starter: Starter) -> dict[str, dict[str, Figures]]:
        measurements: list[tuple[str, str, Measure]] = []
        for name in NAMES:
            self._say(f"{name}: {self._plan.sessions} sessions on each transport")
            server = await self._started(starter, name)
            measurements += [(what, name, do) for what, do in await self._measurements(server)]
        measurements.sort(key=lambda each: each[0])  # the same thing of all servers, one after the other
        measured: dict[str, dict[str, list[Figures]]] = {}
        for number in range(self._plan.rounds):
            self._say(f"round {number + 1} of {self._plan.rounds}, {len(measurements)} measurements")
            for what, name, do in measurements:
                measured.setdefault(what, {}).setdefault(name, []).append(await _undisturbed(do))
        return {
            what: {name: _medians(rounds) for name, rounds in of_servers.items()}
            for what, of_servers in measured.items()
        }

    async def _measurements(self, server: Server) -> list[tuple[str, Measure]]:
        plan = self._plan
        found: list[tuple[str, Measure]] = [
            ("handshakes", self._warm(measure.handshakes, server, seconds=plan.seconds))
        ]
        for kind in server.kinds:
            numbers = range(plan.sessions)
            below = await (server.connections(numbers) if kind == "long-polling" else server.sockets(numbers))
            sessions = await server.sessions(kind, numbers, below)
            found.append((f"fan-out, {kind}", self._warm(measure.fan_out, server, sessions, seconds=plan.seconds)))
            if server.has_unicast:
                for rate in plan.rates:
                    measured = self._warm(measure.unicast, server, sessions, seconds=plan.paced_s, per_s=rate)
                    found.append((f"unicast at {rate}/s, {kind}", measured))
        return found

    def _warm(self, do: Callable[..., Awaitable[Figures]], *given: Any, seconds: float, **more: float) -> Measure:
        async def measured() -> Figures:
            await do(*given, seconds=self._plan.warm_up_s, **more)
            return await do(*given, seconds=seconds, **more)

        return measured

    # ── once ─────────────────────────────────────────────────────────────────────────────────────

    async def _memory(self, starter: Starter) -> dict[str, dict[str, dict[str, Figures]]]:
        """Transport → server → sessions → figures; in a new process each, for memory does not come back."""
        found: dict[str, dict[str, dict[str, Figures]]] = {}
        for kind in KINDS:
            for name in NAMES:
                self._say(f"memory of {name}, {kind}")
                server = await self._started(starter, name)
                if kind in server.kinds:
                    held = await measure.memory(server, kind, self._plan.held)
                    found.setdefault(kind, {})[name] = {str(count): figures for count, figures in held.items()}
                server.child.kill()
        return found

    async def _started(self, starter: Starter, name: str) -> Server:
        server = await starter.start(name)
        self._stack.callback(server.child.kill)
        return server


async def _undisturbed(measured: Measure) -> Figures:
    """Without the collector of this process at work in between."""
    gc.collect()
    gc.disable()
    try:
        return await measured()
    finally:
        gc.enable()


def _medians(rounds: list[Figures]) -> Figures:
    found = {name: machine.median([figures[name] for figures in rounds]) for name in rounds[0]}
    costs = [figures["cpu_us"] for figures in rounds]
    return found | {"cpu_us_least": min(costs), "cpu_us_most": max(costs)}


def _allow_files(count: int) -> None:
    """For this process and those it starts: each session is a file at both ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def _versions() -> dict[str, str]:
    """Of the servers in JavaScript and of what runs them."""
    ran = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True)
    packages = {name: ROOT / "node_modules" / name / "package.json" for name in PEERS}
    return {"node": ran.stdout.strip().removeprefix("v")} | {
        name: msgspec.json.decode(package.read_bytes())["version"] for name, package in packages.items()
    }
