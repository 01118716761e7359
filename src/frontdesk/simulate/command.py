"""What `frontdesk simulate` does: read scenarios, run each, tell the table and write the report."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from frontdesk.simulate import report, table
from frontdesk.simulate.floor import simulated
from frontdesk.simulate.scenario import Scenario, load


class Progress(Protocol):
    """Is told how much of how much is done, and when that is over."""

    def __call__(self, done: int, total: int) -> None: ...

    def end(self) -> None: ...


def run(
    file: Path,
    others: Sequence[Path],
    *,
    seed: int | None,
    report_file: Path | None,
    progress_of: Callable[[str], Progress],
) -> Iterator[str]:
    """The lines to say. Of each other file what it leaves out is as in the first. Raises ScenarioWrong, OSError."""
    scenarios = [_named(load(file, seed=seed), file)]
    for other in others:
        scenarios.append(_named(load(other, over=file, seed=seed), other, than=scenarios))
    found = []
    for scenario in scenarios:
        progress = progress_of(scenario.name)
        found.append(simulated(scenario, progress))
        progress.end()
    yield from table.lines(found)
    if report_file is not None:
        report_file.write_text(report.page(found), encoding="utf-8")
        yield f"The report is in {report_file}."


def _named(scenario: Scenario, file: Path, *, than: Sequence[Scenario] = ()) -> Scenario:
    """With a name of its own; that of the file where the document gives none, or one that is taken."""
    if scenario.name and scenario.name not in [other.name for other in than]:
        return scenario
    return replace(scenario, name=file.stem)
