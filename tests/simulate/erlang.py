"""What theory says of queues with Poisson arrivals, exponential handle times and equal agents, in the steady state."""

from math import exp, expm1, log, log1p
from typing import NamedTuple

_STEPS = 400
_MOST = 2000


class Expected(NamedTuple):
    """Times in seconds, shares from 0 to 1."""

    wait_s: float  # of all customers
    service_level: float
    abandonment: float


def erlang_c(agents: int, a_s: float, handle_s: float, within_s: float) -> Expected:
    """Nobody ever gives up."""
    load, free_a_s = a_s * handle_s, agents / handle_s - a_s
    term = total = 1.0
    for number in range(1, agents):
        term *= load / number
        total += term
    term *= load / agents * agents / (agents - load)
    waits = term / (total + term)
    return Expected(waits / free_a_s, 1 - waits * exp(-free_a_s * within_s), 0.0)


def erlang_a(agents: int, a_s: float, handle_s: float, patience_s: float, within_s: float) -> Expected:
    """Everybody gives up after an exponential time."""
    serve, leave = 1 / handle_s, 1 / patience_s
    weights = [1.0]
    for number in range(1, _MOST):
        weights.append(weights[-1] * a_s / (min(number, agents) * serve + max(0, number - agents) * leave))
        if weights[-1] < 1e-16 * sum(weights):
            break
    chances = [weight / sum(weights) for weight in weights]
    length = sum((number - agents) * chance for number, chance in enumerate(chances) if number > agents)
    in_time = sum(chances[:agents])
    for number in range(agents, len(chances)):
        in_time += chances[number] * _served(agents * serve, leave, number - agents, within_s)
    return Expected(length / a_s, in_time, leave * length / a_s)


def _served(serve: float, leave: float, ahead: int, within_s: float) -> float:
    """The chance to be served in time with so many ahead, whose departures are as many exponential times.

    The time until it is one's turn has a density in closed form; it is weighed with the patience that outlasts it.
    """
    factor = log(serve) + sum(log1p(serve / (number * leave)) for number in range(1, ahead + 1))

    def density(time_s: float) -> float:
        if not time_s:
            return 0.0 if ahead else serve
        return exp(factor - (serve + leave) * time_s + ahead * log(-expm1(-leave * time_s)))

    step = within_s / _STEPS
    inner = sum((4 if number % 2 else 2) * density(number * step) for number in range(1, _STEPS))
    return step / 3 * (density(0) + inner + density(within_s))
