"""Agents at work: contact-centre sessions and channel states."""

from collections.abc import Iterable

import msgspec

from frontdesk.core import agents, interactions
from frontdesk.core.agents import Agent
from frontdesk.core.errors import FrontdeskError, ParameterMissing
from frontdesk.core.events import AgentChanged
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.ports import Outcome, Store, Transaction
from frontdesk.services.calls import Caller, perform
from frontdesk.services.journal import Journal

#: A sign of life is written down at most so often.
_TOUCH_MS = 60_000


class Started(msgspec.Struct, frozen=True):
    """Which channels a session was started on, and why not on the others."""

    succeeded: tuple[str, ...]
    failed: tuple[tuple[str, FrontdeskError], ...]


class Agents:
    """Use-cases of agents."""

    def __init__(self, store: Store, clock: Clock, journal: Journal, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._journal = journal
        self._settings = settings
        self._seen: dict[UserId, tuple[ContactCentreId, int]] = {}
        self._written: dict[UserId, int] = {}

    async def get(self, who: Principal) -> tuple[Agent, int]:
        """The user's session and channels, and the number of the last event that is in this answer."""

        async def body(tx: Transaction) -> tuple[Agent, int]:
            return await tx.agents.get(who.user_id), await tx.events.number_of(who.user_id)

        return await self._store.read(who.contact_centre, body)

    async def start_session(self, caller: Caller, channels: Iterable[str], place: str) -> Started:
        """Log in on the channels that can be; the rest is told. Repeating it (a browser reload) changes nothing."""
        caller.principal.require(Act.WORK)
        good: list[str] = []
        failed: list[tuple[str, FrontdeskError]] = []
        for name in dict.fromkeys(channels):
            try:
                good.append(agents.check_channel_name(name))
            except FrontdeskError as error:
                failed.append((name, error))
        if not good:
            if failed:
                raise failed[0][1]
            raise ParameterMissing("channels", 'Name at least one, for example ["email"].')

        async def body(tx: Transaction) -> Outcome:
            before = await tx.agents.get(caller.principal.user_id)
            rooms = {name: self._journal.room_for(name) for name in good}
            after = agents.start(before, good, rooms, place=place, at_ms=caller.at_ms)
            await self._record(tx, before, after, "StartContactCenterSession", caller.principal.user_id, caller.at_ms)
            return Outcome()

        await perform(self._store, caller, body)
        return Started(tuple(good), tuple(failed))

    async def end_session(self, caller: Caller) -> Outcome:
        """Log out of everything. Open offers go back to their queues; what the agent works on stays the agent's."""

        async def body(tx: Transaction) -> Outcome:
            await self._end(tx, caller.principal.user_id, "EndContactCenterSession", caller.at_ms, "agent")
            return Outcome()

        return await perform(self._store, caller, body)

    async def end_silent(self, contact_centre: ContactCentreId, user_id: UserId) -> None:
        """End the session of a user who gave no sign of life for too long; checked again here."""
        at_ms = self._clock.now_ms()

        async def body(tx: Transaction) -> None:
            agent = await tx.agents.get(user_id)
            if agent.is_in_session and agent.last_seen_ms <= at_ms - self._settings.agent_session.silence_s * 1000:
                await self._end(tx, user_id, "SessionSilent", at_ms, "policy")

        await self._store.transact(contact_centre, body)

    async def end_in(self, tx: Transaction, user_id: UserId, *, at_ms: int) -> None:
        """End the session within an administrator's transaction, because the user may not work any more."""
        await self._end(tx, user_id, "SessionEnded", at_ms, "policy")

    async def set_state(self, caller: Caller, channel: str | None, operation: str) -> Outcome:
        """Set the state of one channel, or of all that are logged in."""
        caller.principal.require(Act.WORK)
        user_id = caller.principal.user_id

        async def body(tx: Transaction) -> Outcome:
            before = await tx.agents.get(user_id)
            if channel is None:
                after = agents.set_state_everywhere(before, operation, at_ms=caller.at_ms)
            else:
                after = agents.set_state(before, channel, operation, at_ms=caller.at_ms)
            await self._withdraw_offers_on_lost_channels(tx, before, after, caller.at_ms)
            await self._record(tx, before, after, operation, user_id, caller.at_ms)
            return Outcome()

        return await perform(self._store, caller, body)

    # ── signs of life ────────────────────────────────────────────────────────────────────────────

    def seen(self, who: Principal) -> None:
        """A request or a live push session of this user; kept in memory and written down by `write_seen`."""
        self._seen[who.user_id] = (who.contact_centre, self._clock.now_ms())

    async def write_seen(self) -> None:
        """Write down signs of life that are newer than the last written one by more than a minute."""
        due = [
            (contact_centre, user_id, at_ms)
            for user_id, (contact_centre, at_ms) in self._seen.items()
            if at_ms - self._written.get(user_id, 0) >= _TOUCH_MS
        ]
        self._seen.clear()
        for contact_centre, user_id, at_ms in due:
            self._written[user_id] = at_ms

            async def body(tx: Transaction, user_id: UserId = user_id, at_ms: int = at_ms) -> None:
                await tx.agents.touch(user_id, at_ms)

            await self._store.transact(contact_centre, body)

    # ── what they share ──────────────────────────────────────────────────────────────────────────

    async def _end(self, tx: Transaction, user_id: UserId, trigger: str, at_ms: int, cause: str) -> None:
        before = await tx.agents.get(user_id)
        after = agents.end(before, at_ms=at_ms)
        await self._withdraw_offers_on_lost_channels(tx, before, after, at_ms)
        await tx.subscriptions.remove_all_of(user_id)
        if after != before:
            await self._record(tx, before, after, trigger, user_id, at_ms, cause=cause)

    async def _withdraw_offers_on_lost_channels(self, tx: Transaction, before: Agent, after: Agent, at_ms: int) -> None:
        lost = {
            channel.channel
            for channel in before.channels
            if channel.is_logged_in and not after.is_logged_in_on(channel.channel)
        }
        if not lost:
            return
        round_ends_at_ms = at_ms + self._settings.routing.refused_pause_s * 1000
        for held in await tx.interactions.held_by(before.user_id):
            if before.user_id in held.invitees and held.media_type in lost:
                change = interactions.withdraw(held, before.user_id, round_ends_at_ms=round_ends_at_ms)
                await self._journal.record(tx, change, at_ms=at_ms)

    async def _record(
        self,
        tx: Transaction,
        before: Agent,
        after: Agent,
        trigger: str,
        user_id: UserId,
        at_ms: int,
        *,
        cause: str = "agent",
    ) -> None:
        await tx.agents.save(after)
        touched = {channel.channel for channel in before.channels if channel.is_logged_in}
        shown = tuple(channel for channel in after.channels if channel.is_logged_in or channel.channel in touched)
        await tx.events.append(
            AgentChanged(
                trigger=trigger,
                at_ms=at_ms,
                agent=user_id,
                is_in_session=after.is_in_session,
                channels=shown,
                actor=user_id if cause == "agent" else None,
                cause="agent" if cause == "agent" else "policy",
            )
        )
