"""The machine a run was made on, and what it gives at most: its facts, its two CPUs, the speed of its disk."""

import gc
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

_MEASURED_WITH = ("uvicorn", "uvloop", "httptools", "websockets", "msgspec")

#: A commit of a small batch writes about so much to the log.
_WRITE_BYTES = 16 * 1024
_FILE_BYTES = 64 * 1024 * 1024
_FSYNC_PAUSE_S = 0.02


class NotThisMachine(Exception):
    """What cannot be measured here, in words."""


def require() -> None:
    """Raise NotThisMachine unless it has what the benchmarks read and use."""
    if sys.platform != "linux":
        raise NotThisMachine("The benchmarks read /proc and pin processes to CPUs: they need Linux.")
    if len(os.sched_getaffinity(0)) < 2:
        raise NotThisMachine("The benchmarks need two CPUs: one for the server, one for the load.")


@cache
def cpus() -> tuple[int, int]:
    """(the server's, the load's), of those that this process may use before it is pinned to one of them."""
    first, second = sorted(os.sched_getaffinity(0))[:2]
    return first, second


def facts(directory: Path) -> dict[str, Any]:
    """What a reader has to know to compare."""
    return {
        "cpu": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "cpus": os.cpu_count(),
        "memory_mib": int((_first("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) // 1024,
        "kernel": platform.release(),
        "filesystem": _filesystem(directory),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in _MEASURED_WITH},
        "commit": _commit(),
        "load_average": os.getloadavg()[0],  # above 1 before a run: somebody else was at work
    }


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the collector of this process at work in between."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def fsync_rate(directory: Path, seconds: float) -> dict[str, float]:
    """Appends of the size of a small commit, each made durable before the next: per second, and how long each took."""
    times: list[float] = []
    until = perf_counter() + seconds
    with closing(_appends(directory)) as appends:
        while perf_counter() < until:
            times.append(next(appends))
    return {
        "per_s": len(times) / sum(times),
        "p50_ms": quantile(times, 0.5) * 1e3,
        "p99_ms": quantile(times, 0.99) * 1e3,
    }


class Fsyncs:
    """The same now and then while something else is measured, once at least: `times`, in seconds."""

    def __init__(self, directory: Path) -> None:
        self.times: list[float] = []
        self._appends = _appends(directory)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Fsyncs":
        next(self._appends)  # the first one makes the file
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._appends.close()

    def _run(self) -> None:
        self.times.append(next(self._appends))
        while not self._is_over.wait(_FSYNC_PAUSE_S):
            self.times.append(next(self._appends))


def _appends(directory: Path) -> Generator[float, None, None]:
    """Each makes one more durable, and says how many seconds it took."""
    path = directory / "fsync"
    block = os.urandom(_WRITE_BYTES)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, _FILE_BYTES)
        os.fsync(descriptor)
        at = 0
        while True:
            began = perf_counter()
            os.pwrite(descriptor, block, at)
            os.fdatasync(descriptor)
            yield perf_counter() - began
            at = (at + _WRITE_BYTES) % _FILE_BYTES
    finally:
        os.close(descriptor)
        path.unlink()


def quantile(values: list[float], part: float) -> float:
    """The value that `part` of all are not above; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def median(values: list[float]) -> float:
    return statistics.median(values) if values else 0.0


def _first(file: str, key: str) -> str | None:
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return None


def _filesystem(directory: Path) -> str:
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, mount, name, *_ = line.split()
        if str(directory.resolve()).startswith(mount) and len(mount) > len(best):
            best, kind = mount, name
    return kind


def _commit() -> str:
    try:
        named = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=10"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return named.stdout.strip()
