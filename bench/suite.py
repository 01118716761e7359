"""All measurements of one run of the benchmarks, in an order in which a slow moment of the machine hits all alike.

Everything that is compared is measured in alternation: a round measures each thing once, and a figure is the median of
the rounds. The servers and the limits run on one CPU, the load on another.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import msgspec

from bench import bare_server, dataset, load, machine, processes, profiles, router
from bench.agents import Agent, Crew
from bench.client import Connection, Socket, until
from bench.load import ATTACH, MIX, Run
from bench.machine import median
from bench.plan import Plan
from bench.processes import Child
from bench.store_alone import Alone

#: What was measured once: figures by name, all in the units that their names end with.
Figures = dict[str, float]
Say = Callable[[str], None]


_COPIED: Final = 100_000  # greater stores are used where they are: copying one takes longer than measuring it


class Site:
    """A server on a store of some size, with its agents."""

    def __init__(self, stored: int, server: Child, port: int, crew: Crew) -> None:
        self.stored = stored
        self.server = server
        self.port = port
        self.crew = crew


class Suite:
    """One run."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self._plan = plan
        self._say = say
        self._stack = AsyncExitStack()
        self._measured: dict[str, list[Figures]] = {}

    async def run(self) -> dict[str, Any]:
        """Everything, as it goes into `latest.json`."""
        plan = self._plan
        dataset.CACHE.mkdir(exist_ok=True)
        self._directory = Path(tempfile.mkdtemp(prefix="run-", dir=dataset.CACHE))
        facts = machine.facts(dataset.CACHE)
        async with self._stack:
            self._stack.callback(shutil.rmtree, self._directory, ignore_errors=True)
            self._say("the disk")
            fsync = machine.fsync_rate(self._directory, plan.fsync_s)
            os.sched_setaffinity(0, {machine.cpus()[1]})
            await self._start_ups()
            self._say("the router alone")
            alone = await router.alone(plan, self._directory)
            self._say(f"{len(plan.stored)} servers and their agents")
            sites = [await self._site(stored) for stored in plan.stored]
            memory: Figures = {
                "sessions": len(sites[0].crew.agents),
                "rss_with_sessions_mib": sites[0].server.rss_mib,
            }
            measurements = await self._measurements(sites)
            for number in range(plan.rounds):
                self._say(f"round {number + 1} of {plan.rounds}, {len(measurements)} measurements")
                for name, measure in measurements:
                    with machine.undisturbed():
                        self._measured.setdefault(name, []).append(await measure())
            memory["rss_after_load_mib"] = sites[0].server.rss_mib
            profile = await self._profile(sites[0])
            arrivals = await self._arrivals(sites[0])
            for site in sites:
                site.crew.end()
                await site.server.stop()
            crowd = await router.crowd(plan, self._directory, self._say)
        figures = {name: _medians(all_) for name, all_ in self._measured.items()}
        return {
            "machine": facts,
            "plan": msgspec.to_builtins(plan),
            "figures": figures,
            "fsync": fsync,
            "memory": memory,
            "profile": profile,
            "router": {**alone, "crowd": crowd, "arrivals": arrivals},
        }

    # ── starts ───────────────────────────────────────────────────────────────────────────────────

    async def _start_ups(self) -> None:
        self._say("starts")
        demo, greatest = self._directory / "demo", self._plan.stored[-1]
        child, _ = await self._frontdesk(demo, with_demo=True)
        await child.stop()
        for number in range(self._plan.rounds):
            for name, data, with_demo in (
                ("start, no store yet", self._directory / f"new-{number}", False),
                ("start, demo store", demo, True),
                (f"start, {greatest:,} stored", dataset.stored(greatest), False),
            ):
                child, _ = await self._frontdesk(data, with_demo=with_demo)
                figures = {"seconds": child.ready_s, "cpu_s": child.cpu_s, "rss_mib": child.rss_mib}
                self._measured.setdefault(name, []).append(figures)
                await child.stop()

    async def _site(self, stored: int) -> Site:
        """A running server with as many agents as are needed of it."""
        data = dataset.stored(stored)
        if stored <= _COPIED:
            data = Path(shutil.copytree(data, self._directory / str(stored)))
        server, port = await self._frontdesk(data)
        is_first = stored == self._plan.stored[0]
        crew = await Crew.sign_in(port, max(self._plan.agents) if is_first else min(self._plan.agents))
        return Site(stored, server, port, crew)

    async def _frontdesk(self, data: Path, *, with_demo: bool = False) -> tuple[Child, int]:
        child, port = await processes.frontdesk(data, self._directory / "server.log", with_demo=with_demo)
        self._stack.callback(child.kill)
        return child, port

    # ── what is measured in rounds ───────────────────────────────────────────────────────────────

    async def _measurements(self, sites: Sequence[Site]) -> list[tuple[str, "Measure"]]:
        plan = self._plan
        first, few = sites[0], min(plan.agents)
        found: list[tuple[str, Measure]] = []
        for agents in plan.agents:
            found.append((f"mix, {agents} agents", self._closed(first, agents, MIX)))
            found.append((f"attach, {agents} agents", self._closed(first, agents, ATTACH)))
        found += [(f"mix, {few} agents, {site.stored:,} stored", self._closed(site, few, MIX)) for site in sites[1:]]
        found.append((f"mix at {plan.paced_per_s:,.0f}/s", self._paced(first)))
        alone, _ = await processes.part("store_alone", self._directory / "alone.log", str(self._directory / "alone"))
        self._stack.callback(alone.kill)
        bare, port = await processes.part("bare_server", self._directory / "bare.log")
        self._stack.callback(bare.kill)
        await self._teach(int(port), first.crew.agents[0])
        for agents in plan.agents:
            found.append((f"store alone, {agents} callers", self._alone(alone, agents)))
            found.append((f"constant answer, {agents} connections", await self._constant(bare, int(port), agents)))
            found.append((f"frames, {agents} websockets", self._frames(bare, int(port), agents)))
        return found

    def _closed(self, site: Site, agents: int, script: load.Script) -> "Measure":
        async def measure() -> Figures:
            crew = await site.crew.first(agents)
            await load.closed(crew, site.server, self._plan.warm_up_s, script)
            return _figures(await load.closed(crew, site.server, self._plan.seconds, script))

        return measure

    def _paced(self, site: Site) -> "Measure":
        async def measure() -> Figures:
            crew = await site.crew.first(len(site.crew.agents))
            await load.paced(crew, site.server, self._plan.warm_up_s, self._plan.paced_per_s)
            return _figures(await load.paced(crew, site.server, self._plan.paced_s, self._plan.paced_per_s))

        return measure

    def _alone(self, child: Child, callers: int) -> "Measure":
        async def measure() -> Figures:
            child.tell(f"{callers} {self._plan.warm_up_s}")
            await child.line()
            child.tell(f"{callers} {self._plan.seconds}")
            ran = msgspec.json.decode(await child.line(), type=Alone)
            return {"per_s": ran.operations / ran.seconds, "cpu_us": ran.cpu_s / ran.operations * 1e6}

        return measure

    async def _teach(self, port: int, agent: Agent) -> None:
        """Have the bare server send what this agent was sent for an AttachUserData."""
        frames = agent.frames
        answer = await agent.http.ask(agent.attach())
        await until(lambda: agent.frames > frames)
        await bare_server.instruct(port, bare_server.ANSWER, answer.body)
        await bare_server.instruct(port, bare_server.FRAME, agent.last_frame)
        self._prepared = agent.attach()

    async def _constant(self, bare: Child, port: int, agents: int) -> "Measure":
        connections = [await Connection.to(port) for _ in range(agents)]

        async def measure() -> Figures:
            await self._ask_again(connections, bare, self._plan.warm_up_s)
            return await self._ask_again(connections, bare, self._plan.seconds)

        return measure

    async def _ask_again(self, connections: Sequence[Connection], bare: Child, seconds: float) -> Figures:
        """Send a request as soon as one is answered, on each connection."""
        answered, under_way = 0, len(connections)
        is_over = False
        all_back = asyncio.Event()
        for connection in connections:

            def again(_head: bytes, _body: bytes, connection: Connection = connection) -> None:
                nonlocal answered, under_way
                if not is_over:
                    answered += 1
                    connection.send(self._prepared)
                    return
                under_way -= 1
                if not under_way:
                    all_back.set()

            connection.on_answer = again
        began_s, cpu_s = perf_counter(), bare.cpu_s
        for connection in connections:
            connection.send(self._prepared)
        await asyncio.sleep(seconds)
        is_over = True
        figures = {"per_s": answered / (perf_counter() - began_s), "cpu_us": (bare.cpu_s - cpu_s) / answered * 1e6}
        await asyncio.wait_for(all_back.wait(), 30)
        return figures

    def _frames(self, bare: Child, port: int, agents: int) -> "Measure":
        async def measure() -> Figures:
            sockets = [await Socket.to(port, "/", {}) for _ in range(agents)]
            heard = 0

            def hear(_frame: bytes) -> None:
                nonlocal heard
                heard += 1

            for socket in sockets:
                socket.on_frame = hear
            await bare_server.instruct(port, bare_server.BEGIN)
            await asyncio.sleep(self._plan.warm_up_s)
            before, began_s, cpu_s = heard, perf_counter(), bare.cpu_s
            await asyncio.sleep(self._plan.seconds)
            frames, seconds, spent_s = heard - before, perf_counter() - began_s, bare.cpu_s - cpu_s
            await bare_server.instruct(port, bare_server.END)
            for socket in sockets:
                socket.close()
            return {"per_s": frames / seconds, "cpu_us": spent_s / max(1, frames) * 1e6}

        return measure

    async def _profile(self, site: Site) -> dict[str, float] | None:
        plan = self._plan
        if not plan.profile_s:
            return None
        self._say("a profile")
        crew = await site.crew.first(min(plan.agents))
        found = asyncio.create_task(profiles.by_floor(site.server.pid, plan.profile_s, self._directory))
        await load.closed(crew, site.server, plan.profile_s, ATTACH)
        return await found

    async def _arrivals(self, site: Site) -> dict[str, Any]:
        crew, wanted = await site.crew.first(min(self._plan.agents)), self._plan.arrivals
        return await router.arrivals(wanted, crew, site.server, self._directory, self._say)


Measure = Callable[[], Awaitable[Figures]]


def _figures(run: Run) -> Figures:
    operations = max(1, run.operations)
    return {
        "per_s": run.per_s,
        "cpu_us": run.cpu_us,
        "main_thread_us": run.main_thread_s / operations * 1e6,
        "messages_per_operation": run.messages / operations,
        "frames_per_operation": run.frames / operations,
        "server_cpu": run.cpu_s / run.seconds,
        "cpu_waited_for": run.waited_s / run.seconds,
        "load_cpu": run.load_cpu,
        "answer_p50_ms": run.answer_p50_ms,
        "answer_p99_ms": run.answer_p99_ms,
        "push_p50_ms": run.push_p50_ms,
        "push_p99_ms": run.push_p99_ms,
    }


def _medians(rounds: Sequence[Figures]) -> Figures:
    """The median of each figure, and how far its main one strayed."""
    found = {name: median([figures[name] for figures in rounds]) for name in rounds[0]}
    main = "cpu_us" if "cpu_us" in found else "seconds"
    values = [figures[main] for figures in rounds]
    return found | {f"{main}_least": min(values), f"{main}_most": max(values)}
