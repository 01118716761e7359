"""The report of a simulation: one HTML page that needs nothing else, with the table and three plots for each scenario.

Scenarios are drawn to the same scale, so that they can be compared by eye.
"""

from collections.abc import Iterator, Sequence
from html import escape

from frontdesk.simulate import table
from frontdesk.simulate.results import SLICES, Results

_WIDTH, _HEIGHT = 640, 200
_LEFT, _BOTTOM = 44, 26
_BINS = 40
_MOST_BARS = 200

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2330; --soft: #667085; --line: #d5dae3; --paper: #fff; --a: #2f6fdd;
  --b: #e08a1e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --soft: #98a2b3; --line: #38404f; --paper: #14181f;
  --a: #6ea3ff; --b: #f0ab4f; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 1400px; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; margin: 0; }
table { border-collapse: collapse; } td, th { border-bottom: 1px solid var(--line); padding: .25rem .8rem;
  text-align: right; font-variant-numeric: tabular-nums; } td:first-child, th:first-child { text-align: left;
  white-space: pre; }
.plots { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); }
figure { margin: 0; } svg { height: auto; width: 100%; } text { fill: var(--soft); font-size: 12px; }
.a { fill: var(--a); } .b { fill: var(--b); } .axis { stroke: var(--line); } .curve { fill: none; stroke: var(--a);
  stroke-width: 2; } .most { fill: none; stroke: var(--b); stroke-width: 1; } .digest { color: var(--soft);
  font-size: .8rem; overflow-wrap: anywhere; }
"""


def page(found: Sequence[Results]) -> str:
    """The whole document."""
    return "\n".join(_page(found))


def _page(found: Sequence[Results]) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Frontdesk simulation</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>Simulation</h1>"
    heading, *rows = table.rows_of(found)
    yield "<table>\n<tr>" + "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heading) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
    yield "</table>"
    yield "<p>± is the 95 % confidence interval by batch means.</p>"
    longest_s = max([1.0, *(wait_s for one in found for wait_s in (*one.waits_s, *one.gave_up_s))])
    longest_line = max(1.0, *(float(most) for one in found for most in one.lengths_most))
    for name, one in zip(heading[1:], found, strict=True):
        yield f"<h2>{escape(name)}</h2>\n<div class='plots'>"
        yield _waits(one, longest_s)
        yield _lengths(one, longest_line)
        yield _occupancy(one)
        yield f"</div>\n<p class='digest'>assignments: sha256 {one.digest}</p>"
    yield "</body>\n</html>\n"


def _waits(one: Results, longest_s: float) -> str:
    """A histogram: those who were answered, and on them those who gave up."""
    bin_s = longest_s / _BINS
    answered, gave_up = _histogram(one.waits_s, bin_s), _histogram(one.gave_up_s, bin_s)
    most = max(1, *(sum(both) for both in zip(answered, gave_up, strict=True)))
    width = (_WIDTH - _LEFT) / _BINS
    bars = []
    for place, (calm, lost) in enumerate(zip(answered, gave_up, strict=True)):
        told = f"{place * bin_s:.0f} to {(place + 1) * bin_s:.0f} s: {calm} answered, {lost} given up"
        left = _LEFT + place * width
        bars.append(_bar("a", left, width, 0, calm / most, told))
        bars.append(_bar("b", left, width, calm / most, lost / most, told))
    title = "Waiting times: answered (first colour), given up (second)"
    return _figure(title, bars, f"{most:,}", "0 s", f"{longest_s:.0f} s")


def _lengths(one: Results, longest: float) -> str:
    """Mean and most of each slice of the time."""
    step = (_WIDTH - _LEFT) / SLICES
    curves = []
    for css, values in (("most", one.lengths_most), ("curve", one.lengths)):
        points = " ".join(
            f"{_LEFT + (place + 0.5) * step:.1f},{_y(value / longest):.1f}" for place, value in enumerate(values)
        )
        curves.append(f'<polyline class="{css}" points="{points}"/>')
    hours = one.slice_s * SLICES / 3600
    return _figure("Queue length: mean (thick), most (thin)", curves, f"{longest:.0f}", "0 h", f"{hours:.1f} h")


def _occupancy(one: Results) -> str:
    """A bar for each agent; of very many, for a few hundred of them in even steps."""
    agents = one.agents[:: -(-len(one.agents) // _MOST_BARS)]
    width = (_WIDTH - _LEFT) / max(1, len(agents))
    bars = [
        _bar("a", _LEFT + place * width, width, 0, agent.occupancy, f"{agent.name}: {table.percent(agent.occupancy)}")
        for place, agent in enumerate(agents)
    ]
    first, last = (agents[0].name, agents[-1].name) if agents else ("", "")
    return _figure("Occupancy of each agent", bars, "100 %", first, last)


def _figure(title: str, shapes: Sequence[str], top: str, first: str, last: str) -> str:
    base = _HEIGHT - _BOTTOM
    return (
        f"<figure><h3>{escape(title)}</h3>\n"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">\n' + "\n".join(shapes) + "\n"
        f'<line class="axis" x1="{_LEFT}" y1="{base}" x2="{_WIDTH}" y2="{base}"/>'
        f'<text x="{_LEFT - 4}" y="20" text-anchor="end">{escape(top)}</text>'
        f'<text x="{_LEFT - 4}" y="{base}" text-anchor="end">0</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">{escape(first)}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 8}" text-anchor="end">{escape(last)}</text>\n</svg></figure>'
    )


def _bar(css: str, left: float, width: float, base: float, height: float, told: str) -> str:
    if not height:
        return ""
    top = _y(base + height)
    return (
        f'<rect class="{css}" x="{left:.1f}" y="{top:.1f}" width="{max(0.5, width - 1):.1f}" '
        f'height="{_y(base) - top:.1f}"><title>{escape(told)}</title></rect>'
    )


def _y(share: float) -> float:
    base = _HEIGHT - _BOTTOM
    return base - min(1.0, share) * (base - 12)


def _histogram(values_s: Sequence[float], bin_s: float) -> list[int]:
    counts = [0] * _BINS
    for value_s in values_s:
        counts[min(_BINS - 1, int(value_s / bin_s))] += 1
    return counts
