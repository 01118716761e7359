"""How much one SQLite store takes on at a time, with the reasons for the defaults."""

import msgspec


class SqliteLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Times are in seconds."""

    waiting_bodies: int = 10_000  # beyond, a caller is told "later"
    batch_members: int = 512
    slice_s: float = 0.002  # bodies run for so long before sockets are served
    busy_s: float = 5.0  # another process may hold the write lock for so long
    stalled_commit_s: float = 5.0  # a COMMIT that takes longer makes the store not ready
    first_retry_s: float = 0.1  # after a writer could not be opened anew; doubles
    longest_retry_s: float = 5.0
    report_threads: int = 2
    waiting_reports: int = 64
    checkpoint_every_s: float = 0.25  # the log grows by 50 MB in that time, at full speed
    log_bytes: int = 64 * 1024 * 1024  # a longer write-ahead log is begun anew while the writer pauses
