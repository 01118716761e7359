"""What a run found: the aims, a table to read, a file to compare, and the section of the page."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench import page
from bench.push.measure import Figures
from bench.push.servers import BARE, FRONTDESK, PEERS
from bench.push.suite import NAMES, Plan
from bench.push.what import KINDS
from bench.report import figure, rounded

LATEST: Final = Path(__file__).parents[1] / "results" / "push.json"

_MARKS: Final = page.Marks("<!-- notifications: written by `make bench-push` -->", "<!-- end of notifications -->")
_KB_ABOVE_CONNECTION: Final = 6


def completed(found: dict[str, Any], plan: Plan, seconds: float) -> dict[str, Any]:
    """The run's figures with what follows from them, and no more digits than mean something."""
    run = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "took_s": round(seconds, 1),
        **found,
        "aims": list(_aims(found, plan)),
    }
    result: dict[str, Any] = rounded(run)
    return result


def _aims(found: dict[str, Any], plan: Plan) -> Iterator[dict[str, Any]]:
    """Ours beside the better one of the others: ahead everywhere, and twice as good where one event goes to many."""
    figures: dict[str, dict[str, Figures]] = found["figures"]
    for what, row in figures.items():
        if what.startswith("unicast"):
            for figure in ("p50_ms", "p99_ms"):
                yield _aim(f"{what}, {figure[:3]}", row, figure, "ms", is_time=True)
        else:
            factor = 2 if what.startswith("fan-out") else 1
            yield _aim(f"{what} per CPU second", row, "per_cpu_s", "", factor=factor)
            yield _aim(f"{what} per second", row, "per_s", "", factor=factor)
    for kind in KINDS:
        for count in map(str, plan.held):
            row = {name: held[count] for name, held in found["memory"][kind].items()}
            yield _aim(f"memory of one of {int(count):,} sessions, {kind}", row, "kb", "KB", is_time=True)
        above = found["memory"][kind][FRONTDESK][str(plan.held[-1])]["kb_above_connection"]
        yield {
            "what": f"the same above its connection, {kind}",
            "is": above,
            "best": None,
            "unit": "KB",
            "aim": f"<= {_KB_ABOVE_CONNECTION}",
            "is_met": above <= _KB_ABOVE_CONNECTION,
        }


def _aim(
    what: str, row: dict[str, Figures], figure: str, unit: str, *, is_time: bool = False, factor: int = 1
) -> dict[str, Any]:
    """`is_time`: the less, the better."""
    found = row[FRONTDESK][figure]
    others = [row[name][figure] for name in PEERS if name in row]
    best = min(others) if is_time else max(others)
    is_met = found < best if is_time else found > factor * best
    aim = "less" if is_time else "more" if factor == 1 else f"{factor} x"
    return {"what": what, "is": found, "best": best, "unit": unit, "aim": aim, "is_met": is_met}


def table(result: dict[str, Any]) -> Iterator[str]:
    """The lines to read."""
    yield f"{'':36}" + "".join(f"{name:>26}" for name in NAMES)
    for head, rows in _rows(result):
        yield head
        for what, cells in rows:
            yield f"  {what:34}" + "".join(f"{cell:>26}" for cell in cells)
    yield ""
    for aim in result["aims"]:
        best = figure(aim["best"]) if aim["best"] is not None else ""
        met = "   " if aim["is_met"] else "not"
        yield f"{met} {aim['what']:56}{figure(aim['is']):>9} {aim['unit']:3} the best other {best:>9}, aim {aim['aim']}"


def updated(text: str, result: dict[str, Any]) -> str:
    """The page with the figures of this run. Raises ValueError if the marks are not there."""
    return page.between(_MARKS, text, _lines(result))


def _lines(result: dict[str, Any]) -> Iterator[str]:
    machine = result["machine"]
    yield (
        f"Measured on {result['at'][:10]} at commit `{machine['commit']}`: {machine['cpus']} × {machine['cpu']}, Linux "
        f"{machine['kernel']}, Python {machine['python']}, uvicorn {machine['uvicorn']}, uvloop {machine['uvloop']}, "
        f"Node {machine['node']}, {', '.join(f'{name} {machine[name]}' for name in PEERS)}. The whole run took "
        f"{result['took_s']:.0f} s; the machine's load average was {machine['load_average']:.1f} before it."
    )
    for head, rows in _rows(result):
        yield ""
        yield f"### {head}"
        yield ""
        yield from page.table(("", *NAMES), [(what, *cells) for what, cells in rows])
    yield ""
    yield "### Notifications against the aims"
    yield ""
    yield from page.table(
        ("", "is", "best other", "aim", ""),
        [
            (
                aim["what"],
                f"{figure(aim['is'])} {aim['unit']}",
                f"{figure(aim['best'])} {aim['unit']}" if aim["best"] is not None else "",
                aim["aim"],
                "met" if aim["is_met"] else "**not met**",
            )
            for aim in result["aims"]
        ],
    )


def _rows(result: dict[str, Any]) -> Iterator[tuple[str, list[tuple[str, list[str]]]]]:
    figures: dict[str, dict[str, Figures]] = result["figures"]
    done = {what: row for what, row in figures.items() if not what.startswith("unicast")}
    times = {what: row for what, row in figures.items() if what.startswith("unicast")}
    yield (
        "Per CPU second of the server (per second)",
        [(what, _cells(row, "{per_cpu_s:,.0f} ({per_s:,.0f})")) for what, row in done.items()],
    )
    yield "CPU µs each", [(what, _cells(row, "{cpu_us:.1f}")) for what, row in figures.items()]
    yield (
        "Milliseconds to one session: p50 / p99",
        [(what, _cells(row, "{p50_ms:.2f} / {p99_ms:.2f}")) for what, row in times.items()],
    )
    yield (
        "Milliseconds until all sessions have it: p50 / p99",
        [(what, _cells(row, "{p50_ms:.1f} / {p99_ms:.1f}")) for what, row in done.items() if "p50_ms" in row[BARE]],
    )
    yield (
        "KB for one held session (above its open connection)",
        [
            (
                f"{int(count):,} sessions, {kind}",
                _cells({name: held[count] for name, held in of_kind.items()}, "{kb:.1f} ({kb_above_connection:.1f})"),
            )
            for kind, of_kind in result["memory"].items()
            for count in of_kind[FRONTDESK]
        ],
    )


def _cells(row: dict[str, Figures], form: str) -> list[str]:
    return [form.format(**row[name]) if name in row else "–" for name in NAMES]
