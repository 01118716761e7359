"""The load: agents who do what agents do, in a closed loop or at a given rate.

**The mix.** Of 20 operations 10 are AttachUserData, 5 UpdateUserData, 1 PlaceInWorkbin, 1 PullInteraction, and 3 are an
interaction's way through the house: submitted by an administrator, offered by the router (which is no operation of a
client's), accepted and completed by whoever was offered it. `ATTACH` is the first of these alone.

**What counts.** An operation counts when its success was answered within the time. Its time is from the moment at which
it was to be sent, so that at a given rate those that had to wait for a slow one before them are not taken for quick.
After each run everybody finishes what was begun, and must have heard all of it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter, process_time
from typing import Final

import msgspec

from bench.agents import Agent, Crew
from bench.client import Fault, until
from bench.machine import quantile
from bench.processes import Child

_ATTACH, _UPDATE, _PARK, _PULL, _SUBMIT, _ACCEPT, _COMPLETE = (
    *("attach", "update", "park", "pull", "submit", "accept", "complete"),
)

Script = Sequence[str]

#: Parking is two operations, and a submission brings two more to whoever is offered it.
MIX: Final[Script] = (
    *(_ATTACH, _ATTACH, _UPDATE, _ATTACH, _ATTACH, _UPDATE, _SUBMIT, _ATTACH, _UPDATE),
    *(_ATTACH, _ATTACH, _UPDATE, _ATTACH, _PARK, _ATTACH, _UPDATE, _ATTACH),
)
ATTACH: Final[Script] = (_ATTACH,)

_OPERATIONS_OF: Final = {_PARK: 2, _SUBMIT: 3}  # of the others 1
_SUCCESS: Final = b'{"statusCode":0'


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one run. Times are in milliseconds."""

    operations: int
    seconds: float
    cpu_s: float
    main_thread_s: float
    waited_s: float
    messages: int
    frames: int
    load_cpu: float
    answer_p50_ms: float
    answer_p99_ms: float
    push_p50_ms: float
    push_p99_ms: float

    @property
    def per_s(self) -> float:
        return self.operations / self.seconds

    @property
    def cpu_us(self) -> float:
        """Of the server, for each operation with everything that follows from it."""
        return self.cpu_s / self.operations * 1e6 if self.operations else 0.0


class _Tally:
    """What all agents of a run did together."""

    def __init__(self) -> None:
        self.is_over = False
        self.operations = 0
        self.answers: list[float] = []
        self.pushes: list[float] = []
        self.under_way = 0  # submitted and not completed
        self.fault: str | None = None


class _Driver:
    """Sends one agent's requests, one at a time: what follows from earlier ones first, then what its script says."""

    def __init__(self, agent: Agent, tally: _Tally, script: Script, at: int) -> None:
        self._agent = agent
        self._tally = tally
        self._script = script
        self._at = at
        self._bound: deque[tuple[str, bytes]] = deque()
        self._due: deque[float] = deque()  # when each next step of the script is to be taken
        self._heard: deque[float] = deque()  # since when each effect is awaited on the websocket
        self._what = ""
        self._since_s = 0.0
        self._is_busy = False
        self.is_pacing_itself = False
        agent.http.on_answer = self._answered
        agent.on_offer = self._offered
        agent.on_heard = self._effect

    @property
    def is_idle(self) -> bool:
        return not (self._is_busy or self._due or self._heard)

    def step(self, due_s: float) -> None:
        """Take a step that is due at a given moment, or as soon as the steps before it are done."""
        self._due.append(due_s)
        if not self._is_busy:
            self.go_on()

    def go_on(self) -> None:
        """Send the next request, if there is one."""
        if self._bound:
            self._send(*self._bound.popleft(), perf_counter())
        elif self._due:
            self._take_step(self._due.popleft())
        elif self.is_pacing_itself and not self._tally.is_over:
            self._take_step(perf_counter())
        else:
            self._is_busy = False

    def _take_step(self, due_s: float) -> None:
        what, agent = self._script[self._at % len(self._script)], self._agent
        self._at += 1
        if what == _ATTACH:
            self._send(what, agent.attach(), due_s)
        elif what == _UPDATE:
            self._send(what, agent.update(), due_s)
        elif what == _PARK:
            self._bound.append((_PULL, agent.pull))
            self._send(what, agent.place, due_s)
        else:
            self._send(what, agent.submit, due_s)

    def _send(self, what: str, prepared: bytes, due_s: float) -> None:
        self._is_busy, self._what, self._since_s = True, what, due_s
        if what == _SUBMIT:
            self._tally.under_way += 1
        else:
            self._heard.append(due_s)
        self._agent.http.send(prepared)

    def _answered(self, head: bytes, body: bytes) -> None:
        tally = self._tally
        if not body.startswith(_SUCCESS):
            tally.fault = f"{self._what}: {head.decode()}: {body.decode()}"
            return
        if not tally.is_over:
            tally.operations += 1
            tally.answers.append(perf_counter() - self._since_s)
        if self._what == _COMPLETE:
            tally.under_way -= 1
        self.go_on()

    def _offered(self) -> None:
        offers = self._agent.offers
        while offers:
            interaction = offers.popleft().id
            self._bound.append((_ACCEPT, self._agent.operation(interaction, "Accept")))
            self._bound.append((_COMPLETE, self._agent.operation(interaction, "Complete")))
        if not self._is_busy:
            self.go_on()

    def _effect(self) -> None:
        since_s = self._heard.popleft()
        if not self._tally.is_over:
            self._tally.pushes.append(perf_counter() - since_s)


async def closed(crew: Crew, server: Child, seconds: float, script: Script = MIX) -> Run:
    """Everybody takes the next step as soon as the last one is answered."""

    async def drive(drivers: Sequence[_Driver], tally: _Tally) -> None:
        for driver in drivers:
            driver.is_pacing_itself = True
            driver.go_on()
        await asyncio.sleep(seconds)

    return await _run(crew, server, script, drive)


async def paced(crew: Crew, server: Child, seconds: float, per_s: float) -> Run:
    """Steps come at a steady rate, whoever is still busy; with what follows from them they are `per_s` operations."""
    steps_per_s = per_s * len(MIX) / sum(_OPERATIONS_OF.get(what, 1) for what in MIX)

    async def drive(drivers: Sequence[_Driver], tally: _Tally) -> None:
        begin_s, sent = perf_counter(), 0
        while (passed_s := perf_counter() - begin_s) < seconds:
            while sent < passed_s * steps_per_s:
                drivers[sent % len(drivers)].step(begin_s + sent / steps_per_s)
                sent += 1
            await asyncio.sleep(0)  # a timer would come up to a millisecond late
        await _settled(crew, drivers, tally)  # what was due counts, however late it is

    return await _run(crew, server, MIX, drive)


_Drive = Callable[[Sequence[_Driver], _Tally], Awaitable[None]]


async def _run(crew: Crew, server: Child, script: Script, drive: _Drive) -> Run:
    tally = _Tally()
    # Spread over the script, so that not all do the same at the same time.
    drivers = [_Driver(agent, tally, script, 7 * number) for number, agent in enumerate(crew.agents)]
    messages, frames = crew.messages, crew.frames
    began_s, own_s, cpu = perf_counter(), process_time(), server.threads()
    await drive(drivers, tally)
    cpu_after, seconds = server.threads(), perf_counter() - began_s
    tally.is_over = True
    run = Run(
        operations=tally.operations,
        seconds=seconds,
        cpu_s=cpu_after.total - cpu.total,
        main_thread_s=cpu_after.main - cpu.main,
        waited_s=cpu_after.waited - cpu.waited,
        messages=crew.messages - messages,
        frames=crew.frames - frames,
        load_cpu=(process_time() - own_s) / seconds,
        answer_p50_ms=quantile(tally.answers, 0.5) * 1e3,
        answer_p99_ms=quantile(tally.answers, 0.99) * 1e3,
        push_p50_ms=quantile(tally.pushes, 0.5) * 1e3,
        push_p99_ms=quantile(tally.pushes, 0.99) * 1e3,
    )
    await _settled(crew, drivers, tally)
    await crew.check()
    return run


async def _settled(crew: Crew, drivers: Sequence[_Driver], tally: _Tally) -> None:
    """Return when everything that was begun is done and heard. Raises Fault."""

    def is_settled() -> bool:
        crew.raise_fault()
        if tally.fault is not None:
            raise Fault(tally.fault)
        return not tally.under_way and all(driver.is_idle for driver in drivers)

    try:
        await until(is_settled)
    except TimeoutError:
        raise Fault(f"{tally.under_way} interactions not completed, or an answer or a message missing") from None
