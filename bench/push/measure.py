"""The measurements of one server: each returns figures by name, all in the units that their names end with.

Every event has to reach every session it is for, once: a session that heard too few or too many is a fault, no figure.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import Final

from bench.client import Connection, Fault, request, until
from bench.machine import quantile
from bench.processes import Child
from bench.push.servers import Server
from bench.push.sessions import Session, handshake
from bench.push.what import Kind

Figures = dict[str, float]

_CLIENTS: Final = 32  # who handshake at the same time
_STRIDE: Final = 37  # so that neighbours are not told one after the other


class _Spent:
    """What passed on the clock and on the CPUs since this was made."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._began_s, self._own_s, self._cpu = perf_counter(), process_time(), child.threads()

    def on(self, done: int) -> Figures:
        """Per one of those that were done."""
        seconds, cpu = perf_counter() - self._began_s, self._child.threads()
        cpu_s, done = cpu.total - self._cpu.total, max(1, done)
        return {
            "per_s": done / seconds,
            "per_cpu_s": done / max(cpu_s, 1e-9),
            "cpu_us": cpu_s / done * 1e6,
            "server_cpu": cpu_s / seconds,
            "cpu_waited_for": (cpu.waited - self._cpu.waited) / seconds,
            "load_cpu": (process_time() - self._own_s) / seconds,
        }


async def handshakes(server: Server, seconds: float) -> Figures:
    """Over kept-alive connections, each asking again as soon as it is answered."""
    connections = [await Connection.to(server.port) for _ in range(_CLIENTS)]
    text = handshake(["long-polling"])
    answered, under_way, is_over = 0, len(connections), False
    for number, connection in enumerate(connections):
        prepared = request("POST", server.handshake_path(), server.headers(number), text)

        def again(head: bytes, body: bytes, connection: Connection = connection, prepared: bytes = prepared) -> None:
            nonlocal answered, under_way
            if is_over:
                under_way -= 1
                return
            if b'"successful":true' not in body:
                raise Fault(f"{server.name}: {head.decode()} {body.decode()}")
            answered += 1
            connection.send(prepared)

        connection.on_answer = again
        connection.send(prepared)
    spent = _Spent(server.child)
    await asyncio.sleep(seconds)
    figures = spent.on(answered)
    is_over = True
    await _until(lambda: not under_way, server, "handshakes")
    for connection in connections:
        connection.close()
    return figures


async def fan_out(server: Server, sessions: Sequence[Session], seconds: float) -> Figures:
    """One event to all sessions, and the next one as soon as all of them have it."""
    kind = sessions[0].kind
    times: list[float] = []
    missing, sent_s = 0, 0.0

    def came(_session: Session) -> None:
        nonlocal missing
        missing -= 1
        if not missing:
            now_s = perf_counter()
            times.append(now_s - sent_s)
            if now_s < until_s:
                send()

    def send() -> None:
        nonlocal missing, sent_s
        missing, sent_s = len(sessions), perf_counter()
        server.tell_all(kind)

    with _heard_by(sessions, came) as each:
        spent = _Spent(server.child)
        until_s = perf_counter() + seconds
        send()
        await _until(lambda: not missing and perf_counter() >= until_s, server, kind)
        figures = spent.on(len(times) * len(sessions))
        each(len(times))
    return figures | {"p50_ms": quantile(times, 0.5) * 1e3, "p99_ms": quantile(times, 0.99) * 1e3}


async def unicast(server: Server, sessions: Sequence[Session], seconds: float, per_s: float) -> Figures:
    """Events at a steady rate, each to another session. Times count from when the event was due to be sent."""
    kind = sessions[0].kind
    times: list[float] = []

    def came(session: Session) -> None:
        times.append(perf_counter() - session.due.popleft())

    with _heard_by(sessions, came):
        spent = _Spent(server.child)
        begin_s, sent = perf_counter(), 0
        while (passed_s := perf_counter() - begin_s) < seconds:
            while sent < passed_s * per_s:
                number = sent * _STRIDE % len(sessions)
                sessions[number].due.append(begin_s + sent / per_s)
                server.tell_one(kind, number)
                sent += 1
            await asyncio.sleep(0)  # a timer would come up to a millisecond late
        await _until(lambda: len(times) >= sent, server, kind)
        figures = spent.on(sent)
        if len(times) > sent or any(session.due for session in sessions):
            raise Fault(f"{server.name}: {len(times)} of {sent} events came")
    return figures | {"p50_ms": quantile(times, 0.5) * 1e3, "p99_ms": quantile(times, 0.99) * 1e3}


async def memory(server: Server, kind: Kind, counts: Sequence[int]) -> dict[int, Figures]:
    """What the server holds in memory for each of so many sessions: in all, and above their open connections."""
    await server.settle()
    at_first = server.child.rss_mib
    found: dict[int, Figures] = {}
    sessions: list[Session] = []
    sessions_mib = 0.0
    for count in counts:
        numbers = range(len(sessions), count)
        below = await (server.connections(numbers) if kind == "long-polling" else server.sockets(numbers))
        await server.settle()
        connected = server.child.rss_mib
        sessions += await server.sessions(kind, numbers, below)
        await server.settle()
        after = server.child.rss_mib
        sessions_mib += after - connected
        found[count] = {
            "kb": (after - at_first) * 1024 / count,
            "kb_above_connection": sessions_mib * 1024 / count,
            "rss_mib": after,
        }
    for session in sessions:
        session.close()
    return found


@contextmanager
def _heard_by(sessions: Sequence[Session], came: Callable[[Session], None]) -> Iterator[Callable[[int], None]]:
    """Have `came` called with each event. What is given checks that each session heard so many."""
    before = [session.events for session in sessions]

    def each(events: int) -> None:
        if any(session.events - was != events for session, was in zip(sessions, before, strict=True)):
            raise Fault(f"a session did not hear each of {events} events once")

    for session in sessions:
        session.on_event = came
    yield each
    for session in sessions:
        session.on_event = _surprised


async def _until(is_so: Callable[[], bool], server: Server, what: str) -> None:
    try:
        await until(is_so)
    except TimeoutError:
        raise Fault(f"{server.name}, {what}: something that is awaited did not come") from None


def _surprised(_session: Session) -> None:
    raise Fault("an event came that nobody waits for")
