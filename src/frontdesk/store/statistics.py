"""What an engine counts about itself, for metrics and tests. Plain attributes; only its engine writes them."""

import msgspec


class StoreStatistics(msgspec.Struct, kw_only=True):
    """Counted since the store was opened; times are in seconds."""

    transactions: int = 0  # committed
    refusals: int = 0  # undone, and told so: by their own body or by a constraint
    turned_away: int = 0  # never begun: the queue was full or the store not ready
    reruns: int = 0  # bodies run again because a neighbour took the whole transaction with it
    waiting: int = 0  # bodies in the queue now
    batches: int = 0  # COMMITs that succeeded
    last_batch_members: int = 0
    commit_s: float = 0.0  # spent in COMMIT, failed ones too
    failed_commits: int = 0
    outages: int = 0  # times the writer had to be opened anew
    reads: int = 0
    reports: int = 0
    reports_out_of_time: int = 0
    checkpoints: int = 0
    failed_checkpoints: int = 0
    log_bytes: int = 0  # of the write-ahead log, after the last checkpoint
