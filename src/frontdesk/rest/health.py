"""For those who watch the server: is it alive, is it ready, what is its version, and its metrics.

`/health/live` says that the process answers; `/health/ready` that it can do its work, and if not, why. Metrics are in
the text format of Prometheus.
"""

from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any, Literal, NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

import frontdesk
from frontdesk.kit import codec
from frontdesk.rest.answers import ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.dispatch import respond
from frontdesk.rest.routes import Route


class Reading(NamedTuple):
    """A value now. Those of one name differ in the values of their `labels`."""

    name: str
    text: str
    kind: Literal["counter", "gauge"]
    value: float
    labels: tuple[tuple[str, str], ...] = ()


class Spread(NamedTuple):
    """How something was spread: (upper bound, how many were no larger) rising to an infinite bound, and the sum."""

    name: str
    text: str
    up_to: tuple[tuple[float, int], ...]
    sum: float


async def get_version(call: Call) -> Answer:
    return ok(version=frontdesk.__version__, product="Frontdesk")


ROUTES = (
    Route(
        "GET",
        "/diagnostics/version",
        get_version,
        None,
        "Version of the server",
        "Server",
        shows=("version", "product"),
    ),
)


class Watched:
    """The ASGI application under /health and /metrics, which take no sign-in and tell nothing about anybody."""

    def __init__(
        self, *, problems: Callable[[], Mapping[str, str]], readings: Callable[[], Iterable[Reading | Spread]]
    ) -> None:
        """`problems` names what keeps the server from being ready, each with its reason; none if it is."""
        self._problems = problems
        self._registry = CollectorRegistry()
        self._registry.register(_Readings(readings))
        ProcessCollector(registry=self._registry)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await respond(send, self._answer(scope["path"].rstrip("/")), is_head=scope["method"] == "HEAD")

    def _answer(self, path: str) -> Answer:
        if path == "/health/live":
            return ok(status="live")
        if path == "/health/ready":
            problems = dict(self._problems())
            shown = {"statusCode": 4 if problems else 0, "status": "not ready" if problems else "ready"}
            return Answer(codec.encode(shown | ({"problems": problems} if problems else {})), 503 if problems else 200)
        if path == "/metrics":
            return Answer(generate_latest(self._registry), content_type=b"text/plain; version=0.0.4; charset=utf-8")
        return Answer(b'{"statusCode":6,"statusMessage":"Known here are /health/live, /health/ready, /metrics."}', 404)


class _Readings:
    """Gives the registry what the parts count themselves, at the moment it asks."""

    def __init__(self, readings: Callable[[], Iterable[Reading | Spread]]) -> None:
        self._readings = readings

    def collect(self) -> Iterable[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for reading in self._readings():
            if isinstance(reading, Spread):
                buckets = [("+Inf" if bound == inf else f"{bound:g}", float(count)) for bound, count in reading.up_to]
                yield HistogramMetricFamily(f"frontdesk_{reading.name}", reading.text, buckets, reading.sum)
                continue
            name, text, kind, value, labels = reading
            if name not in families:
                family = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
                families[name] = family(f"frontdesk_{name}", text, labels=[label for label, _ in labels])
            families[name].add_metric([text for _, text in labels], value)
        yield from families.values()
