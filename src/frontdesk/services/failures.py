"""Failed sign-ins slow down whoever makes them, and nobody else.

Two buckets fill with every attempt that is not a success: one for (account, address), one for the address. A bucket
holds so many failures, and drains by one every so often; while it is full, further attempts are refused before any
password is looked at. An account is therefore never locked for its owner at another address. The address's own
bucket is ten times as large and as fast, for a whole office may stand behind one address; it fills only by trying many
accounts, because what the first bucket refuses does not count.

An attempt is charged when it begins, so that a thousand at once are not judged by the same empty bucket, and given
back when it succeeds. A success empties the account's bucket, but only takes its own attempt out of the address's:
otherwise one good password would pay for guessing all others.

The memory is bounded; the buckets that were filled longest ago are forgotten first.
"""

from collections.abc import Hashable

from frontdesk.core.errors import TooManySignIns
from frontdesk.kit.clock import Clock
from frontdesk.kit.log import get_logger

log = get_logger(__name__)

_ADDRESS_FACTOR = 10
_MOST_BUCKETS = 20_000
_NAME_CHARACTERS = 100  # of what is remembered of a name that somebody made up
_REPORT_EVERY_MS = 10_000


class _Buckets:
    """A bucket is kept as the moment at which it will have drained."""

    def __init__(self, holds: int, drain_ms: int) -> None:
        self._drain_ms = max(1, drain_ms)
        self._full_ms = max(1, holds) * self._drain_ms
        self._empty_at_ms: dict[Hashable, int] = {}

    def wait_ms(self, key: Hashable, now_ms: int) -> int:
        """How long until one more fits; 0 if it does now."""
        left_ms = max(0, self._empty_at_ms.get(key, 0) - now_ms)
        return max(0, left_ms + self._drain_ms - self._full_ms)

    def fill(self, key: Hashable, now_ms: int) -> None:
        empty_at_ms = max(now_ms, self._empty_at_ms.pop(key, 0)) + self._drain_ms
        if len(self._empty_at_ms) >= _MOST_BUCKETS:
            del self._empty_at_ms[next(iter(self._empty_at_ms))]
        self._empty_at_ms[key] = empty_at_ms

    def take_one_out(self, key: Hashable) -> None:
        if key in self._empty_at_ms:
            self._empty_at_ms[key] -= self._drain_ms

    def empty(self, key: Hashable) -> None:
        self._empty_at_ms.pop(key, None)

    def __len__(self) -> int:
        return len(self._empty_at_ms)


class Failures:
    """Who has to wait before the next attempt to sign in. Nothing here awaits."""

    def __init__(self, clock: Clock, *, failures_before_delay: int, delay_s: int) -> None:
        self._clock = clock
        drain_ms = delay_s * 1000
        self._of_account = _Buckets(failures_before_delay, drain_ms)
        self._of_address = _Buckets(failures_before_delay * _ADDRESS_FACTOR, drain_ms // _ADDRESS_FACTOR)
        self.refused = 0
        self._refused_since_report = 0
        self._reported_at_ms = 0

    def attempt(self, account: str, address: str) -> None:
        """Charge an attempt that may fail. Raises TooManySignIns, which charges nothing."""
        now_ms, pair = self._clock.now_ms(), _pair(account, address)
        wait_ms = max(self._of_account.wait_ms(pair, now_ms), self._of_address.wait_ms(address, now_ms))
        if wait_ms:
            self.count(address)
            raise TooManySignIns(-(-wait_ms // 1000))
        self._of_account.fill(pair, now_ms)
        self._of_address.fill(address, now_ms)

    def succeeded(self, account: str, address: str) -> None:
        self._of_account.empty(_pair(account, address))
        self._of_address.take_one_out(address)

    def was_not_judged(self, account: str, address: str) -> None:
        """Give the attempt back: it was never looked at, because the store or a bound said "later"."""
        self._of_account.take_one_out(_pair(account, address))
        self._of_address.take_one_out(address)

    @property
    def remembered(self) -> int:
        """How many buckets there are."""
        return len(self._of_account) + len(self._of_address)

    def count(self, address: str) -> None:
        """Count a refusal and log it at a bounded rate. Without the name: people type passwords in its place."""
        self.refused += 1
        self._refused_since_report += 1
        now_ms = self._clock.now_ms()
        if now_ms - self._reported_at_ms >= _REPORT_EVERY_MS:
            log.warning("sign-in refused", refused=self._refused_since_report, last_address=address)
            self._reported_at_ms, self._refused_since_report = now_ms, 0


def _pair(account: str, address: str) -> tuple[str, str]:
    return account[:_NAME_CHARACTERS], address
