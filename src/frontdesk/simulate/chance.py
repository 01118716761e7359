"""Chance by the seed: streams of random numbers, one for each source, and times drawn from them.

A stream depends on the seed and its own name alone, so that one more agent does not change when customers come. The
same seed gives the same times to the bit on every machine: logarithms and powers are made here of the four operations,
whose results IEEE 754 prescribes, and not taken from the machine's library, whose last bits differ.
"""

from math import frexp, ldexp, sqrt
from random import Random
from typing import Final

import msgspec

_LN2: Final = 0.6931471805599453
_SQRT_HALF: Final = 0.7071067811865476
_LN_TERMS: Final = tuple(1.0 / odd for odd in range(23, 0, -2))
_EXP_TERMS: Final = 17
_MOST_MS: Final = 10 * 366 * 24 * 3_600_000


class _Times(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """A distribution of times. All in seconds."""


class Constant(_Times, frozen=True, tag="constant"):
    """Always the same."""

    mean_s: float


class Exponential(_Times, frozen=True, tag="exponential"):
    """Without memory."""

    mean_s: float


class Lognormal(_Times, frozen=True, tag="lognormal"):
    """What handle times mostly look like."""

    mean_s: float
    deviation_s: float


class Uniform(_Times, frozen=True, tag="uniform"):
    """Equally likely between two times."""

    least_s: float
    most_s: float


Times = Constant | Exponential | Lognormal | Uniform


def problem(times: Times) -> str | None:
    """What is wrong with it, or None."""
    for name in times.__struct_fields__:
        value = getattr(times, name)
        if not 0 <= value <= _MOST_MS / 1000:
            return f"{name} has to be from 0 to ten years, not {value}"
    if isinstance(times, Lognormal) and not times.mean_s:
        return "mean_s of a lognormal time has to be more than 0"
    if isinstance(times, Uniform) and times.least_s > times.most_s:
        return f"least_s is {times.least_s}, more than most_s ({times.most_s})"
    return None


def stream(seed: int, name: str) -> Random:
    """The stream of this name."""
    return Random(f"{seed}:{name}")  # noqa: S311 - to be repeated, not to be secret


def exponential(random: Random) -> float:
    """With the mean 1."""
    return -ln(1.0 - random.random())


class Dice:
    """Draws times of one distribution from a stream of its own."""

    def __init__(self, times: Times, random: Random) -> None:
        self._times = times
        self._random = random
        self._mu = self._sigma = 0.0
        if isinstance(times, Lognormal):
            variance = ln(1.0 + (times.deviation_s / times.mean_s) ** 2)
            self._sigma = sqrt(variance)
            self._mu = ln(times.mean_s) - variance / 2

    @property
    def is_nothing(self) -> bool:
        """True if it never takes any time."""
        return isinstance(self._times, Constant) and not self._times.mean_s

    def ms(self) -> int:
        """The next time, in whole milliseconds."""
        return min(_MOST_MS, int(self._seconds() * 1000 + 0.5))

    def _seconds(self) -> float:
        times = self._times
        if isinstance(times, Constant):
            return times.mean_s
        if isinstance(times, Exponential):
            return times.mean_s * exponential(self._random)
        if isinstance(times, Uniform):
            return times.least_s + (times.most_s - times.least_s) * self._random.random()
        return exp(self._mu + self._sigma * _normal(self._random))


def ln(value: float) -> float:
    """The natural logarithm of a positive number."""
    mantissa, exponent = frexp(value)
    if mantissa < _SQRT_HALF:
        mantissa *= 2.0
        exponent -= 1
    part = (mantissa - 1.0) / (mantissa + 1.0)
    square = part * part
    total = 0.0
    for term in _LN_TERMS:
        total = total * square + term
    return 2.0 * part * total + exponent * _LN2


def exp(value: float) -> float:
    """The power of e."""
    halvings = round(value / _LN2)
    rest = value - halvings * _LN2
    total = 1.0
    for number in range(_EXP_TERMS, 0, -1):
        total = 1.0 + total * rest / number
    return ldexp(total, max(-1000, min(1000, halvings)))


def _normal(random: Random) -> float:
    while True:
        x, y = 2.0 * random.random() - 1.0, 2.0 * random.random() - 1.0
        square = x * x + y * y
        if 0.0 < square < 1.0:
            return x * sqrt(-2.0 * ln(square) / square)
