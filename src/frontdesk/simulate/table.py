"""The table that a simulation ends with: a line for each figure, a column for each scenario."""

from collections.abc import Callable, Iterator, Sequence

from frontdesk.simulate.results import Estimate, Results

Shown = Callable[[Results], str]


def lines(found: Sequence[Results]) -> Iterator[str]:
    """To be read on a terminal."""
    rows = list(rows_of(found))
    widths = [max(len(row[column]) for row in rows) for column in range(len(found) + 1)]
    for number, (name, *values) in enumerate(rows):
        yield f"{name:<{widths[0]}}" + "".join(
            f"  {value:>{width}}" for value, width in zip(values, widths[1:], strict=True)
        )
        if not number:
            yield "-" * (sum(widths) + 2 * len(found))
    yield "± is the 95 % confidence interval by batch means."
    for one in found:
        yield f"assignments of {one.name or 'the scenario'}: sha256 {one.digest}"


def rows_of(found: Sequence[Results]) -> Iterator[tuple[str, ...]]:
    """The heading, then name and values."""
    yield ("", *(one.name or f"scenario {number}" for number, one in enumerate(found, start=1)))
    for name, shown in _ROWS:
        yield (name, *(shown(one) for one in found))
    for queue in dict.fromkeys(queue.name for one in found for queue in one.queues):
        yield (f"  {queue}: service level", *(_of_queue(one, queue) for one in found))


def percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _of_queue(one: Results, name: str) -> str:
    return next((percent(queue.service_level) for queue in one.queues if queue.name == name), "-")


def _estimated(estimate: Estimate, factor: float, unit: str) -> str:
    margin = "" if estimate.margin is None else f" ± {estimate.margin * factor:.1f}"
    return f"{estimate.mean * factor:.1f}{margin} {unit}"


_ROWS: tuple[tuple[str, Shown], ...] = (
    ("interactions", lambda one: f"{one.came:,}"),
    ("  counted (after the warm-up)", lambda one: f"{one.counted:,}"),
    ("  answered", lambda one: f"{one.answered:,}"),
    ("  given up", lambda one: f"{one.abandoned:,}"),
    ("  moved to another queue", lambda one: f"{one.overflowed:,}"),
    ("  waiting at the end", lambda one: f"{one.waiting:,}"),
    ("  in hand at the end", lambda one: f"{one.in_hand:,}"),
    ("service level", lambda one: _estimated(one.service_level, 100, "%")),
    ("average speed of answer", lambda one: _estimated(one.answer, 1, "s")),
    ("  95 % answered within", lambda one: f"{one.answer_95_s:.1f} s"),
    ("abandonment", lambda one: _estimated(one.abandonment, 100, "%")),
    ("occupancy", lambda one: percent(one.occupancy)),
    ("queue length, mean", lambda one: f"{one.length_mean:.2f}"),
    ("queue length, most", lambda one: f"{one.length_most:,}"),
    ("fairness (Jain index of handled)", lambda one: f"{one.fairness:.4f}"),
    ("passed over who were idle longer", lambda one: f"{one.deviation:.3f} per offer"),
    ("wall time", lambda one: f"{one.wall_s:.2f} s"),
    ("simulated per minute", lambda one: f"{one.per_minute:,.0f}"),
)
