"""Small scenarios that tests change to their liking."""

from typing import Any

from frontdesk.simulate import Scenario, loaded

Tree = dict[str, Any]


def queueing(
    *, agents: int, per_hour: float, handle_s: float = 60, hours: float = 10, within_s: int = 20, **more: Any
) -> Tree:
    """One queue, equal agents who take one chat at a time, everything by exponential chance."""
    return {
        "duration_s": int(hours * 3600),
        "queues": [{"name": "support", "groups": ["team"]}],
        "agents": [{"name": "team", "count": agents}],
        "arrivals": [
            {"queue": "support", "per_hour": per_hour, "handle": {"kind": "exponential", "mean_s": handle_s}},
        ],
        "policy": {
            "media": {"chat": {"limit": 1}},
            "queues": {"support": {"service_level": {"within_s": within_s}}},
        },
        **more,
    }


def scenario(tree: Tree) -> Scenario:
    """The tree, understood."""
    return loaded(tree)
