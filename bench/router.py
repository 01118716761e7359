"""What is measured of the router: alone, in the simulator, and in a running server with a crowd and with arrivals."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from bench import dataset, offers, processes, routing
from bench.agents import Crew
from bench.client import Fault
from bench.machine import median, undisturbed
from bench.plan import Arrivals, Plan
from bench.processes import Child

Say = Callable[[str], None]

#: One thing at a time, as on a floor where everybody gets the next when done with the one before.
_ONE_EACH: Final = {"media": {"workitem": {"limit": 1}}}


async def alone(plan: Plan, directory: Path) -> dict[str, Any]:
    """The router and the simulator, each in a process of its own on the server's CPU, with no server around it."""
    rows = await processes.said("routing", directory / "routing.log", msgspec.json.encode(plan.decisions).decode())
    decisions = msgspec.json.decode(rows, type=list[routing.Row])
    rows = await processes.said("simulate", directory / "simulate.log", msgspec.json.encode(plan.simulated).decode())
    return {
        "decisions": msgspec.to_builtins(decisions),
        "growth": routing.growth(decisions),
        "simulated": msgspec.json.decode(rows),
    }


async def crowd(plan: Plan, directory: Path, say: Say) -> dict[str, Any]:
    """A server of its own, with many agents at full speed; the median of its runs."""
    wanted = plan.crowd
    data = shutil.copytree(dataset.floor(wanted.agents, wanted.waiting), directory / "floor")
    server, port = await processes.frontdesk(data, directory / "floor.log")
    runs, handled = [], 0
    try:
        say(f"a crowd of {wanted.agents:,} agents")
        crew = await Crew.sign_in(port, wanted.agents, at_work=False)
        await crew.put_policy(_ONE_EACH)
        for number in range(wanted.runs):
            say(f"run {number + 1} of {wanted.runs} at full speed")
            with undisturbed():
                run, count = await offers.crowd(crew, server, wanted.warm_up_s, wanted.seconds)
            runs.append(msgspec.to_builtins(run))
            handled += count
            if handled > wanted.waiting - wanted.agents:
                raise Fault(f"{handled:,} of {wanted.waiting:,} are handled: not enough waited")
        rss_mib = server.rss_mib
        crew.end()
        await server.stop()
        if handled != dataset.handled(data):
            raise Fault(
                f"{handled:,} interactions were completed, and {dataset.handled(data):,} by what the store says"
            )
    finally:
        server.kill()
        shutil.rmtree(data)
    return {
        "agents": wanted.agents,
        "handled": handled,
        "rss_mib": rss_mib,
        "runs": runs,
        "median": _medians(runs),
    }


async def arrivals(wanted: Arrivals, crew: Crew, server: Child, directory: Path, say: Say) -> dict[str, Any]:
    """Runs with agents who are free, the best of them, which is the one with the lowest p99, and their medians."""
    door = await offers.Door.of(crew.agents[0].http.port, crew.agents[0])
    runs = []
    for number in range(wanted.runs):
        say(f"run {number + 1} of {wanted.runs} with {wanted.per_s:,.0f} arrivals/s")
        with undisturbed():
            run = await offers.arrivals(crew, server, door, directory, wanted, seed=number)
        runs.append(msgspec.to_builtins(run))
    door.close()
    return {
        "agents": len(crew.agents),
        "per_s": wanted.per_s,
        "runs": runs,
        "best": min(runs, key=lambda run: run["offer_p99_ms"]),
        "median": _medians(runs),
    }


def _medians(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median([run[name] for run in runs]) for name in runs[0]}
