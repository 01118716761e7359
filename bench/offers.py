"""Offers of a running server: how many a crowd gets that works at full speed, and how soon one follows an arrival.

Agents take what they are offered: each accepts it as soon as it hears of it on its websocket, then completes it, one
request at a time. Every offer that is heard is counted, none may come twice, and after each run all of them must have
been completed and every message heard.

**A crowd.** So much waits that there is always something to offer, and everybody is one's own bottleneck: done with one
interaction, an agent gets the next. A cycle is an offer, its acceptance and its completion.

**Arrivals.** Submissions fall due at random moments, as customers come, whoever is still busy, and there are always
agents free. What is timed is the way from the moment at which a submission was due to the frame with the offer: the
request, its commit, the router, the commit of the offer, the push. Beside it, in the same run: how long the disk takes
to make a small append durable, and how long a request takes for which the server does nothing (`/health/live`): that it
waits for is the event loop.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import msgspec

from bench.agents import Agent, Crew
from bench.client import Connection, Fault, request, until
from bench.machine import Fsyncs, quantile
from bench.plan import Arrivals
from bench.processes import Child

_ACCEPT: Final = "Accept"
_COMPLETE: Final = "Complete"
_SUCCESS: Final = b'{"statusCode":0'

_SUBMITTERS: Final = 16  # so that hardly ever one arrival waits for the answer to another
_PROBES_PER_S: Final = 50
_SETTLED_S: Final = 60.0


class CrowdRun(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run at full speed. Times are in milliseconds, of the server's CPU in microseconds."""

    offers_per_s: float
    cpu_us: float  # of a cycle
    main_thread_us: float
    server_cpu: float
    cpu_waited_for: float
    load_cpu: float
    frames_per_cycle: float
    next_p50_ms: float  # from a completion to the next offer
    next_p99_ms: float


class ArrivalsRun(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run of arrivals. Times are in milliseconds."""

    arrivals: int
    offer_p50_ms: float
    offer_p99_ms: float
    fsync_p50_ms: float
    fsync_p99_ms: float
    loop_p50_ms: float
    loop_p99_ms: float
    server_cpu: float
    cpu_waited_for: float
    load_cpu: float


class _Tally:
    """What all agents of a run heard and did."""

    def __init__(self) -> None:
        self.heard: dict[str, float] = {}  # when each interaction was offered
        self.completed = 0
        self.nexts: list[float] = []  # from a completion to the next offer
        self.fault: str | None = None

    def hear(self, interaction: str) -> None:
        if interaction in self.heard:
            self.fault = f"{interaction} was offered twice"
        self.heard[interaction] = perf_counter()

    def raise_fault(self) -> None:
        if self.fault is not None:
            raise Fault(self.fault)


class _Taker:
    """An agent who does what is offered: at once, or when its rest is over."""

    def __init__(self, agent: Agent, tally: _Tally, on_offer: Callable[[str], None]) -> None:
        self._agent = agent
        self._tally = tally
        self._on_offer = on_offer  # with the subject
        self._bound: deque[tuple[str, bytes]] = deque()
        self._what = ""
        self._completed_s: float | None = None
        self.is_busy = False
        self.is_resting = False
        agent.http.on_answer = self._answered
        agent.on_offer = self._offered
        agent.on_heard = _nothing

    @property
    def is_idle(self) -> bool:
        return not (self.is_busy or self._bound)

    def go_on(self) -> None:
        self.is_resting = False
        if not self.is_busy:
            self._next()

    def _offered(self) -> None:
        offers = self._agent.offers
        while offers:
            interaction, subject = offers.popleft()
            self._tally.hear(interaction)
            self._on_offer(subject)
            for what in (_ACCEPT, _COMPLETE):
                self._bound.append((what, self._agent.operation(interaction, what)))
        if self._completed_s is not None:
            self._tally.nexts.append(perf_counter() - self._completed_s)
            self._completed_s = None
        if not self.is_busy:
            self._next()

    def _next(self) -> None:
        self.is_busy = bool(self._bound) and not self.is_resting
        if self.is_busy:
            self._what, prepared = self._bound.popleft()
            if self._what == _COMPLETE:
                self._completed_s = perf_counter()
            self._agent.http.send(prepared)

    def _answered(self, head: bytes, body: bytes) -> None:
        if not body.startswith(_SUCCESS):
            self._tally.fault = f"{self._what}: {head.decode()}: {body.decode()}"
            return
        if self._what == _COMPLETE:
            self._tally.completed += 1
        self._next()


# ── a crowd ──────────────────────────────────────────────────────────────────────────────────────


async def crowd(crew: Crew, server: Child, warm_up_s: float, seconds: float) -> tuple[CrowdRun, int]:
    """Everybody works as fast as they can; what came of it, and how many interactions were handled in all."""
    tally = _Tally()
    takers = [_Taker(agent, tally, _ignore) for agent in crew.agents]
    for taker in takers:
        taker.is_resting = True
    await crew.first(len(crew.agents))
    for taker in takers:
        taker.go_on()
    await asyncio.sleep(warm_up_s)
    tally.nexts.clear()
    offers, completed, frames = len(tally.heard), tally.completed, crew.frames
    began_s, own_s, cpu = perf_counter(), process_time(), server.threads()
    await asyncio.sleep(seconds)
    cpu_after, spent_s = server.threads(), perf_counter() - began_s
    cycles = max(1, tally.completed - completed)
    run = CrowdRun(
        offers_per_s=(len(tally.heard) - offers) / spent_s,
        cpu_us=(cpu_after.total - cpu.total) / cycles * 1e6,
        main_thread_us=(cpu_after.main - cpu.main) / cycles * 1e6,
        server_cpu=(cpu_after.total - cpu.total) / spent_s,
        cpu_waited_for=(cpu_after.waited - cpu.waited) / spent_s,
        load_cpu=(process_time() - own_s) / spent_s,
        frames_per_cycle=(crew.frames - frames) / cycles,
        next_p50_ms=quantile(tally.nexts, 0.5) * 1e3,
        next_p99_ms=quantile(tally.nexts, 0.99) * 1e3,
    )
    for taker in takers:
        taker.is_resting = True
    await _until(lambda: not any(taker.is_busy for taker in takers), crew, tally)
    await crew.first(0)
    await crew.check()  # now the last offer is heard
    for taker in takers:
        taker.go_on()
    await _settled(takers, crew, tally)
    return run, tally.completed


# ── arrivals ─────────────────────────────────────────────────────────────────────────────────────


class _Line:
    """Requests that fall due at moments, over one connection: each is sent as soon as the one before is answered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._due: deque[tuple[float, bytes]] = deque()
        self._since_s = 0.0
        self.is_busy = False
        self.times: list[float] = []  # each from the moment at which it was due to its answer
        self.fault: str | None = None
        connection.on_answer = self._answered

    def add(self, prepared: bytes, due_s: float) -> None:
        self._due.append((due_s, prepared))
        if not self.is_busy:
            self._next()

    def close(self) -> None:
        self._connection.close()

    def _next(self) -> None:
        self.is_busy = bool(self._due)
        if self.is_busy:
            self._since_s, prepared = self._due.popleft()
            self._connection.send(prepared)

    def _answered(self, head: bytes, body: bytes) -> None:
        self.times.append(perf_counter() - self._since_s)
        if not body.startswith(_SUCCESS):
            self.fault = f"{head.decode()}: {body.decode()}"
        self._next()


class Door:
    """Where interactions come in, and where one knocks to see whether anybody listens."""

    def __init__(self, submitters: Sequence[_Line], probe: _Line, prepared: Callable[[str], bytes]) -> None:
        self.submitters = submitters
        self.probe = probe
        self.prepared = prepared

    @classmethod
    async def of(cls, port: int, agent: Agent) -> "Door":
        submitters = [_Line(await Connection.to(port)) for _ in range(_SUBMITTERS)]
        return cls(submitters, _Line(await Connection.to(port)), agent.arrival)

    def close(self) -> None:
        for line in (*self.submitters, self.probe):
            line.close()

    def raise_fault(self) -> None:
        for line in (*self.submitters, self.probe):
            if line.fault is not None:
                raise Fault(line.fault)

    @property
    def is_idle(self) -> bool:
        return not any(line.is_busy for line in (*self.submitters, self.probe))


async def arrivals(
    crew: Crew, server: Child, door: Door, directory: Path, wanted: Arrivals, *, seed: int
) -> ArrivalsRun:
    """Interactions come at a rate, and how soon each was offered."""
    tally, seconds = _Tally(), wanted.warm_up_s + wanted.seconds
    dues = list(_moments(random.Random(seed), seconds, wanted.per_s))
    heard_s: dict[int, float] = {}

    def offered(subject: str) -> None:
        heard_s[int(subject)] = perf_counter()

    takers = [_Taker(agent, tally, offered) for agent in crew.agents]
    door.probe.times.clear()
    own_s, cpu = process_time(), server.threads()
    with Fsyncs(directory) as fsyncs:
        begin_s = perf_counter()
        await _knock(door, begin_s, dues, seconds)
        spent_s, cpu_after = perf_counter() - begin_s, server.threads()
    load_cpu = (process_time() - own_s) / spent_s
    await _until(lambda: door.is_idle and len(heard_s) == len(dues), crew, tally)
    door.raise_fault()
    await _settled(takers, crew, tally)
    times = [heard_s[number] - begin_s - due_s for number, due_s in enumerate(dues) if due_s >= wanted.warm_up_s]
    return ArrivalsRun(
        arrivals=len(times),
        offer_p50_ms=quantile(times, 0.5) * 1e3,
        offer_p99_ms=quantile(times, 0.99) * 1e3,
        fsync_p50_ms=quantile(fsyncs.times, 0.5) * 1e3,
        fsync_p99_ms=quantile(fsyncs.times, 0.99) * 1e3,
        loop_p50_ms=quantile(door.probe.times, 0.5) * 1e3,
        loop_p99_ms=quantile(door.probe.times, 0.99) * 1e3,
        server_cpu=(cpu_after.total - cpu.total) / spent_s,
        cpu_waited_for=(cpu_after.waited - cpu.waited) / spent_s,
        load_cpu=load_cpu,
    )


async def _knock(door: Door, begin_s: float, dues: Sequence[float], seconds: float) -> None:
    """Submit each interaction when it is due, and ask for nothing at a steady pace."""
    probe = request("GET", "/health/live", {})
    sent, probed = 0, 0
    while (passed_s := perf_counter() - begin_s) < seconds or sent < len(dues):
        while sent < len(dues) and dues[sent] <= passed_s:
            line = door.submitters[sent % len(door.submitters)]
            line.add(door.prepared(f"{sent:08d}"), begin_s + dues[sent])
            sent += 1
        while probed < passed_s * _PROBES_PER_S:
            door.probe.add(probe, begin_s + probed / _PROBES_PER_S)
            probed += 1
        await asyncio.sleep(0)  # a timer would come up to a millisecond late


def _moments(chance: random.Random, seconds: float, per_s: float) -> Iterator[float]:
    """As customers come who do not know of each other; the same ones for the same seed."""
    at_s = chance.expovariate(per_s)
    while at_s < seconds:
        yield at_s
        at_s += chance.expovariate(per_s)


# ── the end of a run ─────────────────────────────────────────────────────────────────────────────


async def _settled(takers: Sequence[_Taker], crew: Crew, tally: _Tally) -> None:
    """Return when all that was offered is completed and everything was heard. Raises Fault."""
    await _until(lambda: all(taker.is_idle for taker in takers), crew, tally)
    await crew.check()
    tally.raise_fault()
    if tally.completed != len(tally.heard):
        raise Fault(f"{len(tally.heard)} interactions were offered, and {tally.completed} completed")


async def _until(is_so: Callable[[], bool], crew: Crew, tally: _Tally) -> None:
    def is_so_without_fault() -> bool:
        crew.raise_fault()
        tally.raise_fault()
        return is_so()

    try:
        await until(is_so_without_fault, _SETTLED_S)
    except TimeoutError:
        raise Fault(f"{len(tally.heard)} offers heard, {tally.completed} completed, and then no more") from None


def _ignore(_subject: str) -> None:
    """What the crowd does with the subject of what it is offered."""


def _nothing() -> None:
    """What agents do with what they hear of their own requests."""
