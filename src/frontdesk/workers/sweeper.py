"""Ends what silence ends and removes what is kept long enough: at a slow, steady pace."""

from collections.abc import Awaitable
from typing import TypeVar

from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.ports import Store
from frontdesk.services.agents import Agents
from frontdesk.services.sign_in import SignIns
from frontdesk.workers.hearings import Hearings

T = TypeVar("T")

_EVERY_MS = 15_000
_PAUSE_MS = 500
_AT_ONCE = 100
_HOUR_MS = 3_600_000


class Sweeper:
    """Signs of life written down, silent agents logged out, dead sign-ins, old answers and hearings removed."""

    def __init__(self, store: Store, agents: Agents, sign_ins: SignIns, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._agents = agents
        self._sign_ins = sign_ins
        self._clock = clock
        self._settings = settings
        self._hearings = Hearings(store)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            again_ms = await self.sweep()
            await self._clock.sleep_until(max(again_ms, self._clock.now_ms() + _PAUSE_MS))

    async def sweep(self) -> int:
        """One round; when the next one is due. What fails keeps nothing else from being done, and is raised at the end.

        An agent whose session cannot be ended, say, must not keep sign-ins and old answers for ever.
        """
        now_ms = self._clock.now_ms()
        silent_since_ms = now_ms - self._settings.agent_session.silence_s * 1000
        kept_since_ms = now_ms - self._settings.keeping.idempotency_hours * _HOUR_MS
        failures: list[Exception] = []

        async def attempt(step: Awaitable[T], otherwise: T) -> T:
            try:
                return await step
            except Exception as failure:
                failures.append(failure)
                return otherwise

        await attempt(self._agents.write_seen(), None)
        for contact_centre, user_id in await attempt(
            self._store.read_server(lambda tx: tx.silent_agents(silent_since_ms, _AT_ONCE)), []
        ):
            await attempt(self._agents.end_silent(contact_centre, user_id), None)
        sign_in_ends_ms = await attempt(self._sign_ins.sweep(), now_ms)
        await attempt(self._store.transact_server(lambda tx: tx.forget_answers(kept_since_ms)), 0)
        heard_since_ms = now_ms - self._settings.push.retention_hours * _HOUR_MS
        has_more = await attempt(self._hearings.sweep(heard_since_ms), False)
        if failures:
            raise failures[0]
        return now_ms if has_more else min(sign_in_ends_ms, now_ms + _EVERY_MS)
