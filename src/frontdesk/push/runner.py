"""The runner: does what the protocol machine wants done, in order, and tells it how that went and what time it is."""

import asyncio
from collections.abc import Callable, Sequence

from frontdesk.kit.clock import Clock
from frontdesk.kit.log import get_logger
from frontdesk.push.bayeux import Bayeux
from frontdesk.push.effects import Close, Effect, Ended, Recall, Write
from frontdesk.push.events import Encoded
from frontdesk.push.history import History, Page
from frontdesk.push.sessions import Carrier, shortened

log = get_logger(__name__)

_LONGEST_SLEEP_MS = 3_600_000
_READS_AT_ONCE = 4  # so that a thousand clients who come back at once leave the loop time for others
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0


class Connection(Carrier):
    """A carrier that can be written to. Neither method waits, and neither raises."""

    __slots__ = ()

    def write(self, write: Write) -> None:
        """Send, now or as soon as the peer takes it; tell the runner `sent` or `fail`."""
        raise NotImplementedError

    def close(self, code: int, reason: str) -> None:
        """Close a websocket, even if its peer does not read."""
        raise NotImplementedError


class Runner:
    """Runs one machine in one event loop."""

    def __init__(self, machine: Bayeux, clock: Clock, history: History | None = None) -> None:
        self.machine = machine
        self._clock = clock
        self._history = history
        self._readers = asyncio.Semaphore(_READS_AT_ONCE)
        self._reading: set[asyncio.Task[None]] = set()
        self.now_ms: Callable[[], int] = clock.now_ms
        self._failures: dict[Carrier, list[Write]] = {}
        self._is_flush_due = False
        self._awake_at_ms = 0
        self._sleep: asyncio.Task[None] | None = None

    def deliver(self, principal: str, events: Sequence[Encoded]) -> None:
        """Queue events; they are written at the end of this turn of the loop, with all others that come in it."""
        self.machine.deliver(principal, events, self.now_ms())
        self._flush_soon()

    def broadcast(self, event: Encoded) -> None:
        self.machine.broadcast(event, self.now_ms())
        self._flush_soon()

    def perform(self, effects: list[Effect]) -> None:
        """Carry out effects, and those that follow from writes that failed."""
        while True:
            for effect in effects:
                if type(effect) is Write:
                    carrier = effect.carrier
                    assert isinstance(carrier, Connection)
                    carrier.write(effect)
                elif type(effect) is Close:
                    carrier = effect.carrier
                    assert isinstance(carrier, Connection)
                    carrier.close(effect.code, effect.reason)
                elif type(effect) is Recall:
                    reading = asyncio.create_task(self._recall(effect))
                    self._reading.add(reading)
                    reading.add_done_callback(self._reading.discard)
                elif type(effect) is Ended:
                    self._note(effect)
            if not self._failures:
                break
            # Only now, so that all writes to a carrier that broke in this round fail together, in their order.
            failures, self._failures = self._failures, {}
            now_ms = self.now_ms()
            effects = [effect for writes in failures.values() for effect in self.machine.failed(writes, now_ms)]
        next_ms = self.machine.next_deadline_ms()
        if next_ms is not None and next_ms < self._awake_at_ms and self._sleep is not None:
            self._awake_at_ms = next_ms
            self._sleep.cancel()

    def sent(self, write: Write) -> None:
        """A write has been done."""
        if write.has_connect_reply:
            self.machine.written(write, self.now_ms())

    def fail(self, carrier: Carrier, writes: Sequence[Write]) -> None:
        """Writes could not be done. The machine learns of it at the end of `perform`."""
        self._failures.setdefault(carrier, []).extend(writes)

    async def run(self) -> None:
        """Wake the machine whenever a deadline comes, until cancelled."""
        try:
            while True:
                now_ms = self.now_ms()
                due_ms = self.machine.next_deadline_ms()
                latest_ms = now_ms + _LONGEST_SLEEP_MS
                self._awake_at_ms = latest_ms if due_ms is None else min(due_ms, latest_ms)
                self._sleep = asyncio.create_task(self._clock.sleep_until(self._awake_at_ms))
                await asyncio.wait([self._sleep])
                self._sleep = None
                self.perform(self.machine.tick(self.now_ms()))
        finally:
            if self._sleep is not None:
                self._sleep.cancel()
                self._sleep = None
            for reading in self._reading:
                reading.cancel()

    async def _recall(self, recall: Recall) -> None:
        """Read a page of the history, as often as it takes or until nobody waits for it any more."""
        page: Page | None = None
        pause_s = _FIRST_PAUSE_S
        assert self._history is not None, "only who has a history is asked for it"
        try:
            async with asyncio.timeout(self.machine.limits.replay_ms / 1000):
                while page is None and not recall.session.is_ended:
                    try:
                        async with self._readers:
                            page = await self._history.after(recall.session.principal, recall.above, recall.most)
                    except Exception as error:
                        log.warning("history not read yet", error=repr(error), again_in_s=pause_s)
                        await asyncio.sleep(pause_s)
                        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        except TimeoutError:
            log.error("history could not be read", principal=recall.session.principal, above=recall.above)
        self.perform(self.machine.replayed(recall, page, self.now_ms()))

    def _flush_soon(self) -> None:
        if not self._is_flush_due and self.machine.has_unwritten:
            self._is_flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        self.perform(self.machine.flush(self.now_ms()))

    def _note(self, ended: Ended) -> None:
        session = ended.session
        log.info(
            "push session ended",
            client=shortened(session.id),
            principal=session.principal,
            transport=session.kind,
            reason=ended.reason,
            age_s=(self.now_ms() - session.created_ms) // 1000,
            queued=session.outbox.messages,
            last_error=session.last_error,
        )
