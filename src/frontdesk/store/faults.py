"""How a store fails, in words for whoever has to act: a client that may come back, or an operator.

What may cross the wire is a `StoreUnavailable`; what only an operator at a command line meets is a `StoreRefused`.
"""

from frontdesk.core.errors import FrontdeskError, StoreUnavailable


class StoreCorrupt(StoreUnavailable):
    """The store's file is damaged. What can still be read is read; waiting does not help."""

    def __init__(self, file: str, why: str) -> None:
        FrontdeskError.__init__(
            self,
            f"The store's file {file} is damaged ({why}). Nothing was changed. Stop the server, see the extent with "
            "`frontdesk verify`, and put back a backup with `frontdesk restore`.",
        )

    @property
    def retry_after_s(self) -> int | None:
        return None


class ReportTooSlow(StoreUnavailable):
    """A list or report did not end within its time. Asking for the same again would not either."""

    def __init__(self, limit_s: float) -> None:
        FrontdeskError.__init__(
            self, f"The report was ended because it took longer than {limit_s:g} s; ask for less at a time."
        )

    @property
    def retry_after_s(self) -> int | None:
        return None


class StoreRefused(Exception):
    """What an operator asked for cannot be done with this store; the message says why and what helps."""
