"""The figures in docs/performance.md: written from the files of results between two marks, never by hand."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.report import figure

PAGE: Final = Path(__file__).parent.parent / "docs" / "performance.md"


class Marks(NamedTuple):
    """What stands before and after what is written."""

    begin: str
    end: str


_MARKS: Final = Marks("<!-- figures: written by `make bench` -->", "<!-- end of figures -->")


def updated(page: str, result: dict[str, Any]) -> str:
    """The page with the figures of this run. Raises ValueError if the marks are not there."""
    return between(_MARKS, page, _lines(result))


def between(marks: Marks, page: str, lines: Iterable[str]) -> str:
    """The page with these lines between the marks. Raises ValueError if they are not there."""
    before, begin, rest = page.partition(marks.begin)
    _, end, after = rest.partition(marks.end)
    if not (begin and end):
        raise ValueError("the page has no place for figures")
    return f"{before}{marks.begin}\n\n" + "\n".join(lines) + f"\n\n{marks.end}{after}"


def _lines(result: dict[str, Any]) -> Iterator[str]:
    machine, figures = result["machine"], result["figures"]
    yield (
        f"Measured on {result['at'][:10]} at commit `{machine['commit']}`: {machine['cpus']} × {machine['cpu']}, "
        f"{machine['memory_mib'] / 1024:.0f} GiB, {machine['filesystem']}, Linux {machine['kernel']}, "
        f"Python {machine['python']}, SQLite {machine['sqlite']}, uvicorn {machine['uvicorn']}, "
        f"uvloop {machine['uvloop']}. The whole run took {result['took_s']:.0f} s; the machine's load average was "
        f"{machine['load_average']:.1f} before it."
    )
    yield ""
    yield "### What it does"
    yield ""
    operations = [(name, row) for name, row in figures.items() if "messages_per_operation" in row]
    yield from table(
        (
            *("", "operations/s", "CPU µs each", "of the CPU: used, taken by others"),
            *("answer p50 / p99 ms", "push p50 / p99 ms", "messages each"),
        ),
        [
            (
                name,
                f"{row['per_s']:,.0f}",
                f"{row['cpu_us']:.0f} ({row['cpu_us_least']:.0f}–{row['cpu_us_most']:.0f})",
                f"{row['server_cpu']:.0%}, {row['cpu_waited_for']:.0%}",
                f"{row['answer_p50_ms']:.1f} / {row['answer_p99_ms']:.1f}",
                f"{row['push_p50_ms']:.1f} / {row['push_p99_ms']:.1f}",
                f"{row['messages_per_operation']:.2f}",
            )
            for name, row in operations
        ],
    )
    yield ""
    yield "### What the machine gives"
    yield ""
    limits = [(name, row) for name, row in figures.items() if "per_s" in row and "messages_per_operation" not in row]
    fsync = result["fsync"]
    yield from table(
        ("", "per s", "CPU µs each"),
        [
            *((name, f"{row['per_s']:,.0f}", f"{row['cpu_us']:.1f}") for name, row in limits),
            (
                f"fsync of 16 KiB (p50 {fsync['p50_ms']:.2f}, p99 {fsync['p99_ms']:.2f} ms)",
                f"{fsync['per_s']:,.0f}",
                "",
            ),
        ],
    )
    yield ""
    yield "### The whole and the sum of its parts"
    yield ""
    yield from table(
        ("callers", "constant answer", "store alone", "frame", "sum", "whole", "ratio"),
        [
            (
                agents,
                *(f"{row[name]:.0f} µs" for name in ("constant_us", "store_us", "frames_us", "sum_us", "whole_us")),
                f"{row['ratio']:.2f}",
            )
            for agents, row in result["sum_of_parts"].items()
        ],
    )
    yield ""
    yield "### Start and memory"
    yield ""
    memory, crowd = result["memory"], result["router"]["crowd"]
    yield from table(
        ("", "seconds", "CPU seconds", "MiB"),
        [
            *(
                (name, f"{row['seconds']:.2f}", f"{row['cpu_s']:.2f}", f"{row['rss_mib']:.0f}")
                for name, row in figures.items()
                if "seconds" in row
            ),
            (f"with {memory['sessions']:.0f} push sessions", "", "", f"{memory['rss_with_sessions_mib']:.0f}"),
            ("after all the load", "", "", f"{memory['rss_after_load_mib']:.0f}"),
            (f"after {crowd['agents']:,} agents at full speed", "", "", f"{crowd['rss_mib']:.0f}"),
        ],
    )
    if result["profile"]:
        yield ""
        yield "### Where the time of the server's first thread goes"
        yield ""
        yield from table(("floor", "part"), [(floor, f"{part:.1%}") for floor, part in result["profile"].items()])
    yield ""
    yield from _router(result["router"])
    yield ""
    yield "### Against the aims"
    yield ""
    yield from table(
        ("", "is", "aim", ""),
        [
            (
                aim["what"],
                f"{figure(aim['is'])} {aim['unit']}".strip(),
                aim["aim"],
                "met" if aim["is_met"] else "**not met**",
            )
            for aim in result["aims"]
        ],
    )


def _router(router: dict[str, Any]) -> Iterator[str]:
    yield "### The router alone"
    yield ""
    yield from table(
        ("agents", "waiting", "a decision where items wait", "a decision where agents wait"),
        [
            (f"{row['agents']:,}", f"{row['waiting']:,}", f"{row['busy_us']:.0f} µs", f"{row['free_us']:.0f} µs")
            for row in router["decisions"]
        ],
    )
    yield ""
    yield f"The dearest decision of the largest costs {router['growth']:.2f} times that of the smallest."
    yield ""
    yield "### The simulator"
    yield ""
    yield from table(
        ("100 agents", "interactions", "in a minute", "the worst round"),
        [
            (
                row["centre"],
                f"{row['interactions']:,}",
                f"{row['per_minute']:,.0f}",
                f"{row['worst_per_minute']:,.0f}",
            )
            for row in router["simulated"]
        ],
    )
    yield ""
    yield "### Agents at full speed"
    yield ""
    crowd, arrivals = router["crowd"], router["arrivals"]
    named = [*((f"run {number}", run) for number, run in enumerate(crowd["runs"], 1)), ("median", crowd["median"])]
    yield from table(
        (
            *(f"{crowd['agents']:,} agents", "offers/s", "CPU µs for a cycle", "of it the first thread"),
            *("of the CPU: used, taken by others", "next offer p50 / p99 ms"),
        ),
        [
            (
                name,
                f"{run['offers_per_s']:,.0f}",
                f"{run['cpu_us']:.0f}",
                f"{run['main_thread_us']:.0f}",
                f"{run['server_cpu']:.0%}, {run['cpu_waited_for']:.0%}",
                f"{run['next_p50_ms']:.0f} / {run['next_p99_ms']:.0f}",
            )
            for name, run in named
        ],
    )
    yield ""
    yield "### From arrival to offer"
    yield ""
    yield from table(
        (
            *(f"{arrivals['per_s']:,.0f} arrivals/s", "offer p50 / p99 ms", "fsync p50 / p99 ms"),
            *("event loop p50 / p99 ms", "of the CPU: used, taken by others"),
        ),
        [
            (
                f"{name} of {len(arrivals['runs'])} runs",
                *(f"{run[f'{what}_p50_ms']:.1f} / {run[f'{what}_p99_ms']:.1f}" for what in ("offer", "fsync", "loop")),
                f"{run['server_cpu']:.0%}, {run['cpu_waited_for']:.0%}",
            )
            for name, run in (("best", arrivals["best"]), ("median", arrivals["median"]))
        ],
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of the page; all but the first column are figures."""
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join(['---', *(['---:'] * (len(head) - 1))])} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
