"""`make bench`: measure, print a table, write `bench/results/latest.json` and the figures in docs/performance.md.

It takes under four minutes, and once some more: the store with a million interactions is made when it is not there
yet, before anything is timed. `--quick` shows in seconds that everything runs; its figures mean nothing.
"""

from bench import command, dataset, page, report
from bench.plan import FULL, QUICK
from bench.suite import Suite


def main() -> None:
    """Run it all."""
    given = command.options("python -m bench", "The benchmarks of Frontdesk.")
    plan = QUICK if given.quick else FULL
    for stored in plan.stored:
        dataset.prepare(stored)
    dataset.floor(plan.crowd.agents, plan.crowd.waiting)
    found, seconds = command.measured(lambda say: Suite(plan, say).run())
    result = report.completed(found, plan, seconds)
    command.publish(given, result, report.table(result), report.LATEST, page.updated)


if __name__ == "__main__":
    main()
