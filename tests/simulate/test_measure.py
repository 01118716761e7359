"""The measurement of the simulator runs; nothing here looks at its figures."""

from bench.plan import Simulated
from bench.simulate import measure, table


def test_both_centres_are_measured_and_told() -> None:
    rows = measure(Simulated(rounds=1, interactions=200))

    assert [row.centre for row in rows] == ["plain", "mixed"]
    assert all(100 < row.interactions < 300 for row in rows)
    assert len(list(table(rows))) == 3
