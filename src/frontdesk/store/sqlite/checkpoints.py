"""Copies the write-ahead log into the store's file, so that the log stays short and no COMMIT has to do it.

One rule keeps this safe on every SQLite: **a checkpoint is never begun beside the writer while the log is already
copied completely.** In that moment the writer may begin the log anew, and releases before 3.51.3 (and 3.50.7, 3.44.6)
can then take new pages for copied ones and lose them: https://www.sqlite.org/wal.html#walresetbug. When the last
checkpoint was complete and nothing has been committed since, there is nothing to do; when that is not known, the
writer is held.
"""

import sqlite3

import msgspec

_FRAME_HEADER_BYTES = 24


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """The write-ahead log after a checkpoint: frames in it, and how many of them are in the file too."""

    frames: int
    copied: int
    frame_bytes: int

    @property
    def bytes(self) -> int:
        return self.frames * self.frame_bytes

    @property
    def is_copied(self) -> bool:
        return self.copied >= self.frames


class Checkpoints:
    """Owns the connection that copies. Its methods block: they run in a thread, one at a time."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw
        (page_bytes,) = raw.execute("PRAGMA page_size").fetchone()
        self._frame_bytes = page_bytes + _FRAME_HEADER_BYTES
        self._last: Log | None = None
        self._version_after_last = -1

    def needs_held_writer(self) -> bool:
        """Whether the writer must pause for the next checkpoint: how far the log is copied is not known."""
        return self._last is None

    def has_work(self) -> bool:
        """Whether the log has, or may have, frames that are not in the file."""
        if self._last is None or not self._last.is_copied:
            return True
        return self._data_version() != self._version_after_last

    def beside_writer(self) -> Log:
        """Copy what is there now, while the writer goes on. Only when `has_work` and not `needs_held_writer`."""
        return self._copy("PASSIVE")

    def with_held_writer(self) -> Log:
        """Copy all; the next COMMIT begins the log anew, unless a report still reads from it."""
        return self._copy("RESTART")

    def close(self) -> None:
        self._raw.close()

    def _copy(self, mode: str) -> Log:
        _, frames, copied = self._raw.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        if frames < 0:  # another process is copying, and how far it comes we shall not hear
            self._last = None
            return Log(frames=0, copied=0, frame_bytes=self._frame_bytes)
        self._last = Log(frames=frames, copied=copied, frame_bytes=self._frame_bytes)
        self._version_after_last = self._data_version()
        return self._last

    def _data_version(self) -> int:
        (version,) = self._raw.execute("PRAGMA data_version").fetchone()
        return int(version)
