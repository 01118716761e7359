"""`make bench`: measure, print a table, write `bench/results/latest.json` and the figures in docs/performance.md.

It takes under four minutes, and once some more: the store with a million interactions is made when it is not there
yet, before anything is timed. `--quick` shows in seconds that everything runs; its figures mean nothing.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter

import uvloop

from bench import dataset, machine, page, report, suite
from bench.plan import FULL, QUICK


def main() -> int:
    """Run it all; the process's exit code."""
    given = _parser().parse_args()
    plan = QUICK if given.quick else FULL
    try:
        machine.require()
    except machine.NotThisMachine as why:
        print(why, file=sys.stderr)
        return 1
    for stored in plan.stored:
        dataset.prepare(stored)
    dataset.floor(plan.crowd.agents, plan.crowd.waiting)
    began_s = perf_counter()

    def say(what: str) -> None:
        print(f"[{perf_counter() - began_s:5.1f} s] {what}", file=sys.stderr, flush=True)

    found = uvloop.run(suite.Suite(plan, say).run())
    result = report.completed(found, plan, perf_counter() - began_s)
    say("done")
    print("\n".join(report.table(result)))
    if given.output is not None:
        report.write(result, given.output)
    elif not given.quick:
        report.write(result, report.LATEST)
        page.PAGE.write_text(page.updated(page.PAGE.read_text(encoding="utf-8"), result), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="The benchmarks of Frontdesk.")
    parser.add_argument("--quick", action="store_true", help="a few seconds of everything, to see that it runs")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the figures go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
