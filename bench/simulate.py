"""How many interactions a minute the simulator gets through on one core, with 100 agents.

Two centres: a plain one, where one queue is served by all, and a mixed one with five queues, skills, patience, wrap-up,
answers that take time, ageing and a step of relaxation. Time is the processor's, from the scenario to the figures.

Run with a plan in JSON it says what it found in a line of JSON, without one in a table of the whole plan.
"""

import sys
from collections.abc import Iterator
from statistics import median
from time import process_time
from typing import Any, Final

import msgspec

from bench.plan import FULL, Simulated
from frontdesk.simulate import Scenario, loaded, simulated

AIM_PER_MINUTE: Final = 100_000
AGENTS: Final = 100

_QUEUES: Final = 5
_HANDLE_S: Final = 300
_OCCUPANCY: Final = 0.85


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One centre."""

    centre: str
    interactions: int
    per_minute: float  # the median of the rounds
    worst_per_minute: float


def measure(plan: Simulated) -> list[Row]:
    """Both centres in alternation."""
    centres = {"plain": plain(plan.interactions), "mixed": mixed(plan.interactions)}
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in centres}
    for _ in range(plan.rounds):
        for name, centre in centres.items():
            began_s = process_time()
            came = simulated(centre).came
            found[name].append((came, came / (process_time() - began_s) * 60))
    return [
        Row(
            centre=name,
            interactions=once[0][0],
            per_minute=median(rate for _, rate in once),
            worst_per_minute=min(rate for _, rate in once),
        )
        for name, once in found.items()
    ]


def table(rows: list[Row]) -> Iterator[str]:
    """The lines to read."""
    yield f"{'centre':>8}{'interactions':>14}{'a minute':>12}{'worst':>12}   ({AGENTS} agents, one core, CPU time)"
    for row in rows:
        yield f"{row.centre:>8}{row.interactions:14,}{row.per_minute:12,.0f}{row.worst_per_minute:12,.0f}"


def plain(interactions: int) -> Scenario:
    """One queue, nobody gives up."""
    per_hour = _OCCUPANCY * AGENTS * 3600 / _HANDLE_S
    return loaded(
        {
            "duration_s": _duration_s(interactions, per_hour),
            "queues": [{"name": "support", "groups": ["team"]}],
            "agents": [{"name": "team", "count": AGENTS}],
            "arrivals": [
                {"queue": "support", "per_hour": per_hour, "handle": {"kind": "exponential", "mean_s": _HANDLE_S}}
            ],
            "policy": {"media": {"chat": {"limit": 1}}},
        }
    )


def mixed(interactions: int) -> Scenario:
    """Five queues, ten teams; each team serves three queues, by its skill or after a while."""
    per_hour = 0.95 * AGENTS * 3600 / (_HANDLE_S + 20)
    names = [f"queue-{number}" for number in range(_QUEUES)]
    tree: dict[str, Any] = {
        "duration_s": _duration_s(interactions, per_hour),
        "queues": [{"name": name, "groups": [f"serves-{name}"]} for name in names],
        "agents": [
            {
                "name": f"team-{number}",
                "count": AGENTS // 10,
                "skills": {"skill": 1 + number},
                "groups": [f"serves-{names[(number + step) % _QUEUES]}" for step in range(3)],
                "media": ["chat", "email"],
                "answer": {"kind": "uniform", "least_s": 1, "most_s": 6},
                "accepts": 0.98,
                "ignores": 0.01,
            }
            for number in range(10)
        ],
        "arrivals": [
            {
                "queue": name,
                "medium": medium,
                "per_hour": per_hour / _QUEUES / 2,
                "handle": {"kind": "lognormal", "mean_s": _HANDLE_S, "deviation_s": 200},
                "patience": {"kind": "exponential", "mean_s": 240},
            }
            for name in names
            for medium in ("chat", "email")
        ],
        "policy": {
            "units": 1,
            "default": {
                "requires": "skill >= 4",
                "relax": [{"after_s": 30, "requires": "skill >= 1"}],
                "ageing_per_minute": 0.5,
                "wrap_up_s": 15,
                "service_level": {"within_s": 40, "boost": 2, "boost_before_s": 10},
            },
        },
    }
    return loaded(tree)


def _duration_s(interactions: int, per_hour: float) -> int:
    return int(interactions / per_hour * 3600)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(msgspec.json.encode(measure(msgspec.json.decode(sys.argv[1], type=Simulated))).decode(), flush=True)
    else:
        sys.stdout.writelines(f"{line}\n" for line in table(measure(FULL.simulated)))
