"""A disk that fails or hangs on command, under the writing connection of a store."""

import sqlite3
import threading
from typing import Any


class Disk:
    """Breaks and is repaired when the test says so. `connections` is the class for `SqliteStore(connections=…)`."""

    def __init__(self) -> None:
        self.is_broken = False
        self._good_commits_left = -1  # -1: no end of them
        self._breaks_once = False
        self.opened: list[sqlite3.Connection] = []
        self._commit_began = threading.Event()
        self._may_commit = threading.Event()
        self._may_commit.set()
        self.connections = _connections(self)

    def breaks_after(self, commits: int) -> None:
        """So many COMMITs still work."""
        self._good_commits_left = commits

    def breaks_once(self) -> None:
        """The next COMMIT fails, and those after it do not."""
        self._breaks_once = True

    def hang(self) -> None:
        """Let the next COMMIT wait for `go_on`."""
        self._commit_began.clear()
        self._may_commit.clear()

    def go_on(self) -> None:
        self._may_commit.set()

    def wait_for_commit(self) -> None:
        """In a thread: return when a COMMIT waits."""
        assert self._commit_began.wait(10), "nobody commits"

    @property
    def writer(self) -> sqlite3.Connection:
        return self.opened[-1]

    def commit(self) -> None:
        self._commit_began.set()
        assert self._may_commit.wait(10), "the test forgot the disk"
        self.is_broken |= self._good_commits_left == 0
        self._good_commits_left = max(self._good_commits_left - 1, -1)
        fails, self._breaks_once = self.is_broken or self._breaks_once, False
        if fails:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
            raise error


def _connections(disk: Disk) -> type[sqlite3.Connection]:
    class OnThisDisk(sqlite3.Connection):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            disk.opened.append(self)

        def execute(self, sql: str, params: Any = (), /) -> sqlite3.Cursor:
            if sql == "COMMIT":
                disk.commit()
            return super().execute(sql, params)

    return OnThisDisk
