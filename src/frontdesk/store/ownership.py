"""A data directory and its one owner.

Whoever writes to a store first takes its directory: a lock on `DIR/lock` that ends with the process, however that
ends. The process id inside is only there to be told to whoever comes second.
"""

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from frontdesk.store.faults import StoreRefused

STORE_FILE = "frontdesk.db"
LOCK_FILE = "lock"


class DirectoryInUse(StoreRefused):
    def __init__(self, directory: Path, owner: str) -> None:
        super().__init__(
            f"The data directory {directory} is in use by another Frontdesk process ({owner}); "
            "stop that one first, or name another directory with --data."
        )


class DirectoryNotWritable(StoreRefused):
    def __init__(self, directory: Path, error: OSError) -> None:
        super().__init__(
            f"The data directory {directory} cannot be written to ({error.strerror}); "
            "give this user the right to, or name another directory with --data."
        )


class Ownership:
    """Held from `take` until `release` or the end of the process."""

    def __init__(self, directory: Path, descriptor: int) -> None:
        self.directory = directory
        self._descriptor = descriptor

    @classmethod
    def take(cls, directory: Path) -> Self:
        """Make the directory if it is missing, and own it. Raises DirectoryInUse, DirectoryNotWritable."""
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DirectoryNotWritable(directory, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            owner = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            os.close(descriptor)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise DirectoryInUse(directory, f"process {owner}" if owner else "which is just starting") from None
            raise DirectoryNotWritable(directory, error) from error
        return cls(directory, descriptor)

    def release(self) -> None:
        """Let another process own the directory. The file stays: removing it would let two processes own it."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
