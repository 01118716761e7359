"""The processes that are measured: started on the server's CPU, watched from outside through /proc, and ended.

What a process costs is read where the kernel counts it, so that it contains everything: threads, system calls, the
waiting writer and the sockets.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter

import msgspec

from bench import machine

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_START_S = 60.0
_STOP_S = 30.0
_ALONE_S = 180.0

#: Nothing is asked of the outside: any port, no mail.
_SETTINGS = {"FRONTDESK_EMAIL_PORT": "0", "FRONTDESK_LOG_LEVEL": "warning"}


class Threads(msgspec.Struct, frozen=True):
    """CPU seconds of a process: of its first thread, and of all others; and how long the first one waited for a CPU."""

    main: float
    others: float
    waited: float

    @property
    def total(self) -> float:
        return self.main + self.others


class Child:
    """A process on the server's CPU, which says one line when it is ready. What is not heard goes to its log."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        *,
        is_heard: bool = True,
    ) -> None:
        self._log = log
        with log.open("wb") as errors, _on_cpu(machine.cpus()[0]):
            self.began_s = perf_counter()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if is_heard else errors,
                stderr=errors,
                env={**os.environ, **(environment or {})},
            )
        self.ready_s = 0.0

    @property
    def pid(self) -> int:
        return self._process.pid

    async def line(self, timeout_s: float = _START_S) -> str:
        """Its next line. Raises RuntimeError with its log if it has ended or says nothing."""
        assert self._process.stdout is not None
        try:
            said = await asyncio.wait_for(asyncio.to_thread(self._process.stdout.readline), timeout_s)
        except TimeoutError:
            self.kill()
            said = b""
        if not said:
            raise RuntimeError(f"{self._log.name}: {self._log.read_text(errors='replace')[-2000:]}")
        return said.decode().strip()

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def threads(self) -> Threads:
        task = Path(f"/proc/{self.pid}/task/{self.pid}")
        main = _cpu_s(task / "stat")
        _, waited_ns, _ = (task / "schedstat").read_text(encoding="utf-8").split()
        return Threads(main, self.cpu_s - main, int(waited_ns) / 1e9)

    @property
    def cpu_s(self) -> float:
        """User and system time so far, of all threads."""
        return _cpu_s(Path(f"/proc/{self.pid}/stat"))

    @property
    def rss_mib(self) -> float:
        """What it has in memory, without what others could use as well: the file pages that SQLite maps."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    async def stop(self) -> None:
        """End it in good order."""
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._process.wait, _STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


async def frontdesk(data: Path, log: Path, *, with_demo: bool = False) -> tuple[Child, int]:
    """A ready server on `data`, and its port. `ready_s` is how long it took."""
    command = [str(Path(sys.executable).parent / "frontdesk"), "serve", "--data", str(data), "--port", "0"]
    child = Child([*command, *(["--demo"] if with_demo else [])], log, _SETTINGS)
    said = await child.line()
    child.ready_s = perf_counter() - child.began_s
    return child, int(said.partition("//")[2].partition(",")[0].rpartition(":")[2])


async def part(module: str, log: Path, *arguments: str) -> tuple[Child, str]:
    """One of our own children, `python -m bench.MODULE`, and the rest of the line that told it is ready."""
    child = Child([sys.executable, "-m", f"bench.{module}", *arguments], log)
    said = await child.line()
    child.ready_s = perf_counter() - child.began_s
    return child, said.removeprefix("ready").strip()


async def said(module: str, log: Path, *arguments: str) -> str:
    """The one line that such a child says, which works alone until it has said it."""
    child = Child([sys.executable, "-m", f"bench.{module}", *arguments], log)
    try:
        return await child.line(_ALONE_S)
    finally:
        await child.stop()


@contextlib.contextmanager
def _on_cpu(cpu: int) -> Iterator[None]:
    """What is started inside inherits the CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _cpu_s(stat: Path) -> float:
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
