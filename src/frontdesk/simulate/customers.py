"""Customers on their way: when each comes, what its interaction will take, and how long it will wait for that.

All of that is drawn when a customer comes, from streams of its source, so that policies are compared with the same
customers.
"""

from collections.abc import Iterator
from typing import NamedTuple

from frontdesk.core.ids import QueueId
from frontdesk.simulate import traffic
from frontdesk.simulate.chance import Dice, exponential, stream
from frontdesk.simulate.scenario import Arrivals, Replay, Scenario

_HOUR_MS = 3_600_000
_DAY_HOURS = 24


class Customer(NamedTuple):
    """One who comes. `patience_ms` is None for one who never gives up."""

    at_ms: int  # from the start of the simulation
    queue: QueueId
    medium: str
    priority: int
    handle_ms: int
    patience_ms: int | None


def sources(scenario: Scenario) -> list[Iterator[Customer]]:
    """Each in order of time, until the end of the simulation."""
    return [
        *(_by_chance(scenario, number, one) for number, one in enumerate(scenario.arrivals)),
        *(_replayed(scenario, number, one) for number, one in enumerate(scenario.replays)),
    ]


def _by_chance(scenario: Scenario, number: int, source: Arrivals) -> Iterator[Customer]:
    queue = QueueId(source.queue)
    handle, patience = _dice(scenario, f"arrivals {number}", source)
    for at_ms in _moments(scenario, number, source):
        waits = None if patience is None else patience.ms()
        yield Customer(at_ms, queue, source.medium, source.priority, handle.ms(), waits)


def _replayed(scenario: Scenario, number: int, source: Replay) -> Iterator[Customer]:
    handle, patience = _dice(scenario, f"replays {number}", source)
    for line in traffic.read(scenario.replay_file(source)):
        if line.at_ms >= scenario.duration_s * 1000:
            return
        waits = None if patience is None else patience.ms()
        yield Customer(line.at_ms, QueueId(line.queue), line.medium, line.priority, handle.ms(), waits)


def _moments(scenario: Scenario, number: int, source: Arrivals) -> Iterator[int]:
    """A Poisson process whose rate is constant within each hour: one of rate 1, its time stretched by the rates."""
    rates = source.per_hour if isinstance(source.per_hour, tuple) else (source.per_hour,) * _DAY_HOURS
    random = stream(scenario.seed, f"arrivals {number} moments")
    end_ms = float(scenario.duration_s * 1000)
    now_ms, left = 0.0, exponential(random)
    while now_ms < end_ms:
        clock_ms = scenario.clock_ms + now_ms
        hour = int(clock_ms // _HOUR_MS)
        hour_left_ms = (hour + 1) * _HOUR_MS - clock_ms
        a_ms = rates[hour % _DAY_HOURS] / _HOUR_MS
        if left < hour_left_ms * a_ms:
            now_ms += left / a_ms
            if now_ms < end_ms:
                yield int(now_ms)
            left = exponential(random)
        else:
            left -= hour_left_ms * a_ms
            now_ms = (hour + 1) * _HOUR_MS - scenario.clock_ms


def _dice(scenario: Scenario, name: str, source: Arrivals | Replay) -> tuple[Dice, Dice | None]:
    handle = Dice(source.handle, stream(scenario.seed, f"{name} handle"))
    if source.patience is None:
        return handle, None
    return handle, Dice(source.patience, stream(scenario.seed, f"{name} patience"))
