"""A scenario is read, or refused with words that say what is wrong and where."""

from pathlib import Path

import pytest

from frontdesk.core.ids import UserId
from frontdesk.simulate import ScenarioWrong, load, loaded, simulated, traffic
from frontdesk.simulate.traffic import Arrival
from tests.simulate.worlds import Tree, queueing

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "scenario.toml"


def changed(**more: object) -> Tree:
    return {**queueing(agents=2, per_hour=60), **more}


def test_the_example_is_a_scenario() -> None:
    example = load(EXAMPLE)
    assert example.agents[0].names[0] == UserId("north-01")
    assert example.clock_ms == 0


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        (changed(speed=3), "unknown field `speed`"),
        (changed(duration_s="long"), "duration_s: Expected `int`"),
        (changed(duration_s=0), "duration_s has to be from 1"),
        (changed(warm_up_s=999_999), "warm_up_s has to be less"),
        (changed(queues=[{"name": "support"}]), "nobody serves it"),
        (changed(queues=[{"name": "support", "groups": ["nobody"]}]), "there is no group 'nobody'"),
        (changed(agents=[{"name": "team", "shift": "8-16"}]), "'8-16' are no hours such as 08:00-16:30"),
        (changed(agents=[{"name": "team", "accepts": 0.9, "ignores": 0.2}]), "together at most 1"),
        (changed(agents=[{"name": "team"}, {"name": "team"}]), "there are two agents 'team'"),
        (changed(arrivals=[{"queue": "sales", "per_hour": 1}]), "arrivals 1: there is no queue 'sales'"),
        (changed(arrivals=[{"queue": "support", "per_hour": [1, 2]}]), "per_hour has 2 rates; give one, or 24"),
        (changed(arrivals=[{"queue": "support", "per_hour": -1}]), "per_hour has to be from 0"),
        (
            changed(arrivals=[{"queue": "support", "per_hour": 1, "handle": {"kind": "constant", "mean_s": -1}}]),
            "handle: mean_s has to be from 0",
        ),
        (changed(arrivals=[]), "nobody comes; give arrivals or replays"),
        (changed(replays=[{"file": "nowhere.csv"}]), "cannot be read"),
        (changed(policy={"queues": {"support": {"requires": "it >="}}}), "policy: queue support: requires"),
        (changed(policy={"queues": {"suport": {}}}), "policy: queues: there is no queue 'suport'"),
    ],
)
def test_what_is_wrong_is_told_in_words(tree: Tree, told: str) -> None:
    with pytest.raises(ScenarioWrong) as refused:
        loaded(tree)
    assert told in str(refused.value)


def test_another_file_says_only_what_differs(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('name = "fewer"\nseed = 8\n', encoding="utf-8")
    found = load(other, over=EXAMPLE)
    assert (found.name, found.seed, found.queues) == ("fewer", 8, load(EXAMPLE).queues)
    assert load(other, over=EXAMPLE, seed=9).seed == 9


def test_recorded_traffic_comes_as_it_came(tmp_path: Path) -> None:
    lines = [Arrival(number * 1000, "support", "email" if number % 2 else "chat", number % 3) for number in range(40)]
    assert traffic.write(tmp_path / "monday.csv", lines) == 40
    assert list(traffic.read(tmp_path / "monday.csv")) == lines
    replays = [{"file": "monday.csv", "handle": {"kind": "constant", "mean_s": 5}}]
    agents = [{"name": "team", "count": 20, "media": ["chat", "email"]}]
    found = simulated(loaded(changed(arrivals=[], replays=replays, agents=agents, folder=str(tmp_path))))
    assert (found.came, found.answered) == (40, 40)


@pytest.mark.parametrize(
    ("line", "told"),
    [("1,support,chat", "no line of"), ("x,support,chat,0", "no line of"), ("5,support,chat,0", "sort the lines")],
)
def test_a_line_that_is_none_is_told_with_its_number(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "traffic.csv"
    file.write_text(f"10,support,chat,0\n{line}\n", encoding="utf-8")
    with pytest.raises(traffic.TrafficWrong, match=f"line 2.*{told}"):
        list(traffic.read(file))
