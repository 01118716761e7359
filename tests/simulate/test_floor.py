"""A simulated floor does what the real one does, the same way every time."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from frontdesk.simulate import Results, load, simulated
from frontdesk.simulate.results import jain
from tests.simulate.worlds import Tree, queueing, scenario

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "scenario.toml"


def run(tree: Tree) -> Results:
    return simulated(scenario(tree))


def steady(*, agents: int, per_hour: float, hours: float, handle_s: float = 60, **more: Any) -> Tree:
    tree = queueing(agents=agents, per_hour=per_hour, hours=hours, **more)
    tree["arrivals"][0]["handle"] = {"kind": "constant", "mean_s": handle_s}
    return tree


def test_the_same_seed_gives_the_same_assignments_and_another_gives_others() -> None:
    first, second = run(queueing(agents=3, per_hour=150, hours=2)), run(queueing(agents=3, per_hour=150, hours=2))
    other = run(queueing(agents=3, per_hour=150, hours=2, seed=2))
    assert first.digest == second.digest
    assert first.digest != other.digest


def test_hashing_that_starts_elsewhere_changes_no_assignment() -> None:
    program = "import sys; from pathlib import Path; from frontdesk.simulate import load, simulated; " + (
        "print(simulated(load(Path(sys.argv[1]))).digest)"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program, str(EXAMPLE)],
            env={**os.environ, "PYTHONHASHSEED": start, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=True,
            timeout=50,
        ).stdout.strip()
        for start in ("1", "4242")
    }
    assert told == {simulated(load(EXAMPLE)).digest}


def test_nothing_is_lost() -> None:
    tree = queueing(agents=3, per_hour=200, hours=2)
    tree["arrivals"][0]["patience"] = {"kind": "exponential", "mean_s": 60}
    found = run(tree)
    assert found.answered + found.abandoned + found.waiting == found.came
    assert sum(agent.handled for agent in found.agents) == found.answered


def test_another_policy_gets_the_same_customers() -> None:
    tree = queueing(agents=5, per_hour=250, hours=2)
    other = queueing(agents=5, per_hour=250, hours=2)
    other["policy"]["queues"]["support"]["choice"] = "round_robin"
    assert run(tree).came == run(other).came


def test_longest_idle_passes_nobody_over_and_shares_evenly() -> None:
    found = run(queueing(agents=10, per_hour=300, hours=4))
    assert found.deviation == 0
    assert found.fairness > 0.99


def test_best_skill_gives_most_to_the_best_and_tells_whom_it_passed_over() -> None:
    tree = queueing(agents=1, per_hour=30, hours=8)
    tree["agents"] = [
        {"name": "best", "groups": ["team"], "skills": {"it": 9}},
        {"name": "good", "groups": ["team"], "skills": {"it": 3}},
    ]
    tree["policy"]["queues"]["support"] |= {"choice": "best_skill", "requires": "it >= 1"}
    found = run(tree)
    handled = {agent.name: agent.handled for agent in found.agents}
    assert handled["best"] > 1.5 * handled["good"]
    assert found.deviation > 0.1
    assert found.fairness < 0.95


def test_nobody_is_served_before_the_shift_or_offered_anything_in_the_break() -> None:
    tree = steady(agents=1, per_hour=3600, hours=4, handle_s=1)
    tree["agents"] = [{"name": "team", "shift": "01:00-03:00", "breaks": ["02:00-02:30"]}]
    tree["policy"]["queues"]["support"]["overflow"] = []
    found = run(tree)
    agent = found.agents[0]
    assert agent.present_s == pytest.approx(1.5 * 3600, abs=2)
    assert agent.handled <= 1.5 * 3600 + 2
    assert found.waiting > 0


def test_a_shift_that_passes_midnight_goes_on_in_the_morning() -> None:
    tree = steady(agents=1, per_hour=1, hours=24)
    tree["agents"] = [{"name": "team", "shift": "22:00-06:00"}]
    assert run(tree).agents[0].present_s == pytest.approx(8 * 3600, abs=61)


def test_work_that_the_policy_takes_back_at_the_end_of_a_shift_is_finished_by_others() -> None:
    tree = steady(agents=1, per_hour=1800, hours=3, handle_s=600)
    tree["agents"] = [
        {"name": "early", "groups": ["team"], "shift": "00:00-01:00"},
        {"name": "late", "groups": ["team"], "shift": "01:30-03:00"},
    ]
    kept = run(tree)
    tree["policy"]["queues"]["support"]["after_session"] = "queue"
    returned = run(tree)
    assert kept.agents[0].present_s > 3600
    assert returned.agents[0].present_s == pytest.approx(3600, abs=1)
    assert returned.agents[1].handled < kept.agents[1].handled


def test_wrap_up_keeps_an_agent_from_the_next_one() -> None:
    tree = steady(agents=1, per_hour=3600, hours=1, handle_s=30)
    without = run(tree).answered
    tree["policy"]["queues"]["support"]["wrap_up_s"] = 30
    assert run(tree).answered == pytest.approx(without / 2, abs=2)


def test_offers_that_nobody_answers_expire_and_the_agent_comes_back_after_a_while() -> None:
    tree = steady(agents=1, per_hour=120, hours=2)
    tree["agents"] = [
        {"name": "team", "accepts": 0.5, "ignores": 0.5, "back": {"kind": "constant", "mean_s": 60}},
    ]
    tree["policy"]["missed_offers"] = 1
    found = run(tree)
    assert 10 < found.answered < run(steady(agents=1, per_hour=120, hours=2)).answered


def test_an_agent_who_rejects_is_asked_again_in_the_next_round() -> None:
    tree = steady(agents=1, per_hour=30, hours=4, handle_s=10, refused_pause_s=30)
    tree["agents"] = [{"name": "team", "accepts": 0.5}]
    found = run(tree)
    assert found.answered >= found.came - 3
    assert found.answer_95_s > 29


def test_what_waits_too_long_overflows_to_those_who_have_time() -> None:
    tree = steady(agents=1, per_hour=240, hours=2)
    tree["queues"].append({"name": "spare", "groups": ["others"]})
    tree["agents"].append({"name": "others", "count": 20})
    tree["policy"]["queues"]["support"]["overflow"] = [{"to": "spare", "after_s": 30}]
    found = run(tree)
    assert found.overflowed > 100
    assert max(found.waits_s) <= 31
    assert {queue.name for queue in found.queues if queue.answered} == {"support", "spare"}


def test_of_several_who_are_asked_at_once_one_gets_it() -> None:
    tree = queueing(agents=6, per_hour=100, hours=2)
    tree["agents"][0]["answer"] = {"kind": "uniform", "least_s": 1, "most_s": 9}
    tree["policy"]["queues"]["support"]["parallel"] = 3
    found = run(tree)
    assert found.answered > 150
    assert sum(agent.handled for agent in found.agents) == found.answered


def test_the_warm_up_is_served_and_not_counted() -> None:
    whole, warm = run(queueing(agents=3, per_hour=100)), run(queueing(agents=3, per_hour=100, warm_up_s=18_000))
    assert whole.digest == warm.digest
    assert warm.counted < whole.counted
    assert warm.agents[0].present_s == pytest.approx(18_000)


def test_rates_of_the_hours_say_when_customers_come() -> None:
    tree = queueing(agents=3, per_hour=0, hours=24)
    tree["arrivals"][0]["per_hour"] = [0] * 10 + [300] + [0] * 13
    found = run(tree)
    assert 240 < found.came < 360
    busy = [place * found.slice_s / 3600 for place, most in enumerate(found.lengths_most) if most]
    assert 10 <= min(busy) <= max(busy) < 12


def test_fairness_is_one_among_equals_and_a_share_where_one_has_everything() -> None:
    assert jain([3, 3, 3]) == 1
    assert jain([9, 0, 0]) == pytest.approx(1 / 3)
    assert jain([]) == 1
