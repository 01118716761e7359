"""The frame of a command of the benchmarks: its options, the machine that it needs, and where what it found goes."""

import argparse
import sys
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop

from bench import machine
from bench.page import PAGE
from bench.report import write

Found = dict[str, Any]
Say = Callable[[str], None]


def options(prog: str, description: str) -> argparse.Namespace:
    """What is asked for: `quick`, `output`. Ends the process on a machine where nothing can be measured."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("--quick", action="store_true", help="a few seconds of everything, to see that it runs")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the figures go")
    given = parser.parse_args()
    try:
        machine.require()
    except machine.NotThisMachine as why:
        sys.exit(str(why))
    return given


def measured(run: Callable[[Say], Coroutine[Any, Any, Found]]) -> tuple[Found, float]:
    """What a run found, and in how many seconds; it says on standard error how far it is."""
    began_s = perf_counter()

    def say(what: str) -> None:
        print(f"[{perf_counter() - began_s:5.1f} s] {what}", file=sys.stderr, flush=True)

    found, seconds = uvloop.run(run(say)), perf_counter() - began_s
    say("done")
    return found, seconds


def publish(
    given: argparse.Namespace,
    result: Found,
    table: Iterable[str],
    latest: Path,
    updated: Callable[[str, Found], str],
) -> None:
    """Print the table, and write the result where it was asked for, or to its file and by `updated` to the page."""
    print("\n".join(table))
    if given.output is not None:
        write(result, given.output)
    elif not given.quick:
        write(result, latest)
        PAGE.write_text(updated(PAGE.read_text(encoding="utf-8"), result), encoding="utf-8")
