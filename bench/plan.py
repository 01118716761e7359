"""How much of everything is measured: in a run whose figures count, and in one that shows that everything runs."""

from typing import Final

import msgspec


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """Of the router alone: every number of agents with every number of waiting interactions."""

    agents: tuple[int, ...]
    waiting: tuple[int, ...]
    rounds: int
    decisions: int  # of each kind, in a round


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """Of the simulator."""

    interactions: int
    rounds: int


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """Of agents at full speed."""

    agents: int
    waiting: int  # more than they can handle in all runs together
    runs: int
    warm_up_s: float
    seconds: float


class Arrivals(msgspec.Struct, frozen=True, kw_only=True):
    """Of the way from an arrival to its offer."""

    per_s: float
    runs: int
    warm_up_s: float
    seconds: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    rounds: int
    seconds: float
    warm_up_s: float
    agents: tuple[int, ...]
    stored: tuple[int, ...]
    paced_per_s: float
    paced_s: float
    fsync_s: float
    profile_s: float
    decisions: Decisions
    simulated: Simulated
    crowd: Crowd
    arrivals: Arrivals


FULL: Final = Plan(
    rounds=3,
    seconds=2.0,
    warm_up_s=0.4,
    agents=(64, 256),
    stored=(1_000, 100_000, 1_000_000),
    paced_per_s=1_000,
    paced_s=4.0,
    fsync_s=2.0,
    profile_s=5.0,
    decisions=Decisions(agents=(10, 1_000, 10_000), waiting=(10, 10_000, 100_000), rounds=7, decisions=400),
    simulated=Simulated(interactions=10_000, rounds=3),
    crowd=Crowd(agents=1_000, waiting=60_000, runs=3, warm_up_s=1.5, seconds=3.0),
    arrivals=Arrivals(per_s=100, runs=5, warm_up_s=0.5, seconds=5.0),
)
QUICK: Final = Plan(
    rounds=1,
    seconds=0.2,
    warm_up_s=0.05,
    agents=(2, 4),
    stored=(200, 400),
    paced_per_s=100,
    paced_s=0.3,
    fsync_s=0.1,
    profile_s=0,
    decisions=Decisions(agents=(10, 100), waiting=(10, 100), rounds=1, decisions=10),
    simulated=Simulated(interactions=200, rounds=1),
    crowd=Crowd(agents=8, waiting=2_000, runs=1, warm_up_s=0.05, seconds=0.2),
    arrivals=Arrivals(per_s=50, runs=2, warm_up_s=0.05, seconds=0.3),
)
