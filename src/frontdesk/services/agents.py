"""Agents at work: contact-centre sessions and channel states."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from frontdesk.core import agents, interactions
from frontdesk.core.agents import Agent
from frontdesk.core.errors import FrontdeskError, ParameterMissing, StoreUnavailable
from frontdesk.core.events import AgentChanged
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.kit.log import get_logger
from frontdesk.ports import Outcome, Store, Transaction
from frontdesk.services.calls import Caller, perform
from frontdesk.services.journal import Journal

log = get_logger(__name__)

#: A sign of life is written down at most so often, and more often where silence is short.
_TOUCH_MS = 60_000
_TOUCHES_IN_SILENCE = 4
_TOUCHES_AT_ONCE = 200


class Started(msgspec.Struct, frozen=True):
    """Which channels a session was started on, and why not on the others."""

    succeeded: tuple[str, ...]
    failed: tuple[tuple[str, FrontdeskError], ...]


@dataclass(slots=True)
class _Signs:
    """When a user was last heard of, and when that was last written down."""

    contact_centre: ContactCentreId
    at_ms: int
    written_ms: int = 0


class Agents:
    """Use-cases of agents. `close` makes the last signs of life durable."""

    def __init__(self, store: Store, clock: Clock, journal: Journal, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._journal = journal
        self._settings = settings
        self._silence_ms = settings.agent_session.silence_s * 1000
        self._touch_ms = min(_TOUCH_MS, self._silence_ms // _TOUCHES_IN_SILENCE)
        self._seen: dict[UserId, _Signs] = {}

    async def get(self, who: Principal) -> tuple[Agent, int]:
        """The user's session and channels, and the number of the last event that is in this answer."""

        async def body(tx: Transaction) -> tuple[Agent, int]:
            return await tx.agents.get(who.user_id), await tx.events.number_of(who.user_id)

        return await self._store.read(who.contact_centre, body)

    async def last_heard(self, who: Principal) -> int:
        """The number of the last event of the user's stream."""

        async def body(tx: Transaction) -> int:
            return await tx.events.number_of(who.user_id)

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
        silent_since_ms = at_ms - self._silence_ms
        if user_id in self._seen and self._seen[user_id].at_ms > silent_since_ms:
            return  # somebody came back while this was decided

        async def body(tx: Transaction) -> None:
            agent = await tx.agents.get(user_id)
            if agent.is_in_session and agent.last_seen_ms <= silent_since_ms:
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
        at_ms = self._clock.now_ms()
        signs = self._seen.get(who.user_id)
        if signs is None:
            self._seen[who.user_id] = _Signs(who.contact_centre, at_ms)
        else:
            signs.at_ms = at_ms

    async def write_seen(self, *, also_lately: bool = False) -> None:
        """Write down the signs of life of those whose last one was not written for a minute, or of everybody.

        Raises StoreUnavailable; what was not written then stays noted.
        """
        written_before_ms = self._clock.now_ms() - (0 if also_lately else self._touch_ms)
        due: dict[ContactCentreId, list[tuple[UserId, int]]] = {}
        for user_id, signs in list(self._seen.items()):
            if signs.written_ms > written_before_ms:
                continue
            if signs.at_ms > signs.written_ms:
                due.setdefault(signs.contact_centre, []).append((user_id, signs.at_ms))
            else:
                del self._seen[user_id]  # nothing new since
        for contact_centre, touches in due.items():
            for start in range(0, len(touches), _TOUCHES_AT_ONCE):
                await self._touch(contact_centre, touches[start : start + _TOUCHES_AT_ONCE])

    async def close(self) -> None:
        try:
            await self.write_seen(also_lately=True)
        except StoreUnavailable as error:  # no reason to stop half-way: the agents only look a minute more silent
            log.warning("last signs of life were not written", reason=str(error))

    async def _touch(self, contact_centre: ContactCentreId, touches: list[tuple[UserId, int]]) -> None:
        async def body(tx: Transaction) -> None:
            for user_id, at_ms in touches:
                await tx.agents.touch(user_id, at_ms)

        await self._store.transact(contact_centre, body)
        for user_id, at_ms in touches:
            self._seen[user_id].written_ms = at_ms

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
