"""What a run found: the figures that follow from others, the aims, a table to read and a file to compare."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench import routing, simulate
from bench.plan import Plan
from bench.suite import Figures

LATEST: Final = Path(__file__).parent / "results" / "latest.json"


def completed(found: dict[str, Any], plan: Plan, seconds: float) -> dict[str, Any]:
    """The run's figures with what follows from them, and no more digits than mean something."""
    figures: dict[str, Figures] = found["figures"]
    few, least, greatest = min(plan.agents), plan.stored[0], plan.stored[-1]
    parts = {str(agents): _sum_of_parts(figures, agents) for agents in plan.agents}
    grown = {str(stored): _cpu_us(figures, _mix(few, stored, least)) for stored in plan.stored}
    ratio = grown[str(greatest)] / grown[str(least)]
    start = figures["start, demo store"]
    best = max(figures[f"mix, {agents} agents"]["per_s"] for agents in plan.agents)
    attach = figures[f"attach, {few} agents"]
    aims = [
        _aim("CPU for an operation with two notifications", attach["cpu_us"], "us", at_most=250),
        _aim("the same, to the sum of its parts", parts[str(few)]["ratio"], "x", at_most=1.5),
        _aim("durable operations on one core, the mix", best, "/s", at_least=3_500),
        _aim("durable operations on one core, AttachUserData", attach["per_s"], "/s", at_least=3_500),
        _aim(f"cost at {greatest:,} stored, to {least:,}", ratio, "x", at_most=1.1),
        _aim("memory at the start", start["rss_mib"], "MiB", at_most=100),
        _aim("start", start["seconds"], "s", at_most=1),
        *_router_aims(found["router"], plan),
    ]
    run = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "took_s": round(seconds, 1),
        **found,
        "sum_of_parts": parts,
        "cpu_us_by_stored": grown,
        "cost_ratio": ratio,
        "aims": aims,
    }
    result: dict[str, Any] = rounded(run)
    return result


def write(result: dict[str, Any], path: Path) -> None:
    """As JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def table(result: dict[str, Any]) -> Iterator[str]:
    """The lines to read."""
    figures: dict[str, Figures] = result["figures"]
    yield f"{'':42}{'per s':>9}{'CPU us':>9}{'p50 ms':>9}{'p99 ms':>9}{'push p50':>9}{'p99':>9}{'messages':>9}"
    for name, row in figures.items():
        if "answer_p50_ms" in row:
            yield (
                f"{name:42}{row['per_s']:9,.0f}{row['cpu_us']:9.0f}{row['answer_p50_ms']:9.1f}"
                f"{row['answer_p99_ms']:9.1f}{row['push_p50_ms']:9.1f}{row['push_p99_ms']:9.1f}"
                f"{row['messages_per_operation']:9.2f}"
            )
    yield ""
    for name, row in figures.items():
        if "per_s" in row and "answer_p50_ms" not in row:
            yield f"{name:42}{row['per_s']:9,.0f}{row['cpu_us']:9.0f}"
    fsync = result["fsync"]
    yield f"{'fsync':42}{fsync['per_s']:9,.0f}{'':9}{fsync['p50_ms']:9.2f}{fsync['p99_ms']:9.2f}"
    yield ""
    for agents, parts in result["sum_of_parts"].items():
        yield (
            f"sum of the parts at {agents}: {parts['constant_us']:.0f} + {parts['store_us']:.0f} + "
            f"{parts['frames_us']:.0f} = {parts['sum_us']:.0f} us; the whole {parts['whole_us']:.0f} us: "
            f"{parts['ratio']:.2f} x"
        )
    memory = result["memory"]
    yield f"memory with {memory['sessions']:.0f} sessions {memory['rss_with_sessions_mib']:.0f} MiB, " + (
        f"after all the load {memory['rss_after_load_mib']:.0f} MiB"
    )
    for name, row in figures.items():
        if "seconds" in row:
            yield f"{name:42}{row['seconds']:9.2f} s {row['rss_mib']:9.0f} MiB"
    if result["profile"]:
        yield ""
        yield "of the first thread's time: " + ", ".join(
            f"{floor} {part:.0%}" for floor, part in result["profile"].items()
        )
    yield ""
    yield from _router_table(result["router"])
    yield ""
    for aim in result["aims"]:
        met = "   " if aim["is_met"] else "not"
        yield f"{met} {aim['what']:66} {figure(aim['is']):>9} {aim['unit']:4} {aim['aim']}"


def figure(value: float) -> str:
    """As much of a number as means something."""
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.4g}"


def _router_table(router: dict[str, Any]) -> Iterator[str]:
    yield from routing.table([routing.Row(**row) for row in router["decisions"]])
    yield ""
    yield from simulate.table([simulate.Row(**row) for row in router["simulated"]])
    yield ""
    crowd, arrivals = router["crowd"], router["arrivals"]
    once = crowd["median"]
    yield (
        f"{crowd['agents']:,} agents at full speed: {once['offers_per_s']:,.0f} offers/s, {once['cpu_us']:.0f} us of "
        f"CPU for an offer with its acceptance and completion; {once['server_cpu']:.0%} of the CPU used, "
        f"{once['cpu_waited_for']:.0%} taken by others"
    )
    yield f"{arrivals['per_s']:,.0f} arrivals/s, {arrivals['agents']} agents, p50 and p99 in ms"
    for name in ("best", "median"):
        run = arrivals[name]
        yield (
            f"{name:>10}: to the offer {run['offer_p50_ms']:.1f} {run['offer_p99_ms']:.1f}, "
            f"fsync {run['fsync_p50_ms']:.2f} {run['fsync_p99_ms']:.2f}, "
            f"loop {run['loop_p50_ms']:.2f} {run['loop_p99_ms']:.2f}"
        )


def _router_aims(router: dict[str, Any], plan: Plan) -> Iterator[dict[str, Any]]:
    agents, waiting = plan.decisions.agents, plan.decisions.waiting
    sizes = f"{agents[-1]:,} agents and {waiting[-1]:,} waiting, to {agents[0]} and {waiting[0]}"
    slowest, best = min(row["per_minute"] for row in router["simulated"]), router["arrivals"]["best"]
    to_offer = f"from arrival to offer at {plan.arrivals.per_s:,.0f}/s"
    yield _aim(f"a decision at {sizes}", router["growth"], "x", at_most=routing.AIM_GROWTH)
    yield _aim("simulated in a minute, 100 agents", slowest, "", at_least=simulate.AIM_PER_MINUTE)
    yield _aim(f"{to_offer}, p50 of the best run", best["offer_p50_ms"], "ms", at_most=5)
    yield _aim(f"{to_offer}, p99 of the best run", best["offer_p99_ms"], "ms", at_most=20)


def _sum_of_parts(figures: dict[str, Figures], agents: int) -> Figures:
    """What an AttachUserData would cost if it were nothing but its parts, and what it costs."""
    whole = figures[f"attach, {agents} agents"]
    constant = _cpu_us(figures, f"constant answer, {agents} connections")
    store = _cpu_us(figures, f"store alone, {agents} callers")
    frames = _cpu_us(figures, f"frames, {agents} websockets") * whole["frames_per_operation"]
    total = constant + store + frames
    return {
        "constant_us": constant,
        "store_us": store,
        "frames_us": frames,
        "sum_us": total,
        "whole_us": whole["cpu_us"],
        "ratio": whole["cpu_us"] / total,
    }


def _mix(agents: int, stored: int, least: int) -> str:
    return f"mix, {agents} agents" + ("" if stored == least else f", {stored:,} stored")


def _cpu_us(figures: dict[str, Figures], name: str) -> float:
    return figures[name]["cpu_us"]


def _aim(
    what: str, found: float, unit: str, *, at_most: float | None = None, at_least: float | None = None
) -> dict[str, Any]:
    is_met = found <= at_most if at_most is not None else found >= (at_least or 0)
    aim = f"<= {at_most:g}" if at_most is not None else f">= {at_least:g}"
    return {"what": what, "is": found, "unit": unit, "aim": aim, "is_met": is_met}


def rounded(value: Any) -> Any:
    """With no more digits than mean something."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value
