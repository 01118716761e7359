"""The real server: the `frontdesk` command in a process of its own, on free ports, stopped or killed at will.

Everything here blocks, so that plain tests can use it as well; a test that has something going on in its event loop
meanwhile calls it with `asyncio.to_thread`.
"""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

#: How long a process may take to be ready or to end; on a busy machine it takes a while, and then it is no defect.
PATIENCE_S = 40.0

_READY = re.compile(r"Frontdesk is ready on (?P<url>http://[^\s,]+)(?:, mail on (?P<host>\S+):(?P<port>\d+))?\s")


class Ran(NamedTuple):
    """A command that has ended."""

    exit_code: int
    said: str
    complained: str


class NotReady(AssertionError):
    """The server ended, or waited too long, before it said that it is ready."""


class Server:
    """A running server on a data directory."""

    def __init__(self, directory: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """Start it and return when it is ready."""
        self.directory = directory
        self._log = directory.with_name(f"{directory.name}.log")
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_COMMAND, "serve", "--data", str(directory), "--port", "0", *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(environment),
            )
        try:
            ready = self._read_ready()
        except BaseException:
            self.kill()
            raise
        self.url = ready["url"]
        self.mail = (ready["host"], int(ready["port"])) if ready["port"] else ("", 0)

    @property
    def api(self) -> str:
        return f"{self.url}/api/v2"

    def stop(self) -> int:
        """Ask it to stop (SIGTERM) and return its exit code."""
        self.ask_to_stop()
        return self.wait()

    def ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Return its exit code when it has ended."""
        exit_code = self.process.wait(PATIENCE_S)
        self._hang_up()
        return exit_code

    def kill(self) -> None:
        """As a power cut would, as far as the process can tell."""
        self.process.kill()
        self.wait()

    def log(self) -> str:
        """What all servers on this directory wrote to standard error."""
        return self._log.read_text()

    def _read_ready(self) -> re.Match[str]:
        assert self.process.stdout is not None
        read, until_s = b"", time.monotonic() + PATIENCE_S
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not (found := _READY.search(read.decode())):
                if not selector.select(max(0.0, until_s - time.monotonic())):
                    raise NotReady(f"not ready within {PATIENCE_S:.0f} s: {self.log()}")
                chunk = os.read(self.process.stdout.fileno(), 65_536)
                if not chunk:
                    raise NotReady(f"ended instead of being ready: {self.log()}")
                read += chunk
        return found

    def _hang_up(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def serving(directory: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A running server, which is killed at the end if it still runs."""
    server = Server(directory, *arguments, environment=environment)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def command(*arguments: str, environment: Mapping[str, str] | None = None) -> Ran:
    """Run one command to its end."""
    ran = subprocess.run(
        [*_COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env=_environment(environment),
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


_COMMAND = (sys.executable, "-m", "frontdesk")


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """Ours, without settings that somebody made for a server of his own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    return {**kept, "FRONTDESK_EMAIL_PORT": "0", **(more or {})}
