"""Agents at work: contact-centre sessions and channel states."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from frontdesk.core import agents
from frontdesk.core.agent_states import STATE_OPERATIONS, AgentState
from frontdesk.core.agents import VOICE, Agent
from frontdesk.core.errors import Forbidden, FrontdeskError, OperationUnknown, ParameterMissing, StoreUnavailable
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.names import NAME_CHARACTERS, check_text
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.kit.log import get_logger
from frontdesk.ports import Outcome, Store, Transaction
from frontdesk.services.calls import Caller, perform
from frontdesk.services.presence import Cause, Presence

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

    def __init__(self, store: Store, clock: Clock, settings: Settings, presence: Presence | None = None) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence or Presence(settings.routing)
        self._settings = settings
        self._silence_ms = settings.agent_session.silence_s * 1000
        self._touch_ms = min(_TOUCH_MS, self._silence_ms // _TOUCHES_IN_SILENCE)
        self._seen: dict[UserId, _Signs] = {}

    async def get(self, who: Principal) -> tuple[Agent, int]:
        """The user's session and channels, and the number of the last event that is in this answer."""

        async def body(tx: Transaction) -> tuple[Agent, int]:
            return await tx.agents.get(who.user_id), await tx.events.number_of(who.user_id)

        return await self._store.read(who.contact_centre, body)

    async def get_of(self, who: Principal, user_id: UserId) -> Agent:
        """Another user's session and channels. Raises NotFound."""

        async def body(tx: Transaction) -> Agent:
            await tx.users.get(user_id)
            return await tx.agents.get(user_id)

        return await self._store.read(who.contact_centre, body)

    async def all(self, who: Principal) -> dict[UserId, Agent]:
        """Everybody of the contact centre who ever worked."""

        async def body(tx: Transaction) -> list[Agent]:
            return await tx.agents.all()

        found = await self._store.report(who.contact_centre, body, limit_s=self._settings.lists.report_s)
        return {agent.user_id: agent for agent in found}

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
                good.append(self._startable(name))
            except FrontdeskError as error:
                failed.append((name, error))
        if not good:
            if failed:
                raise failed[0][1]
            raise ParameterMissing("channels", 'Name at least one, for example ["email"].')
        check_text(place, parameter="place", most=NAME_CHARACTERS)

        async def body(tx: Transaction) -> Outcome:
            before = await tx.agents.get(caller.principal.user_id)
            after = agents.start(before, good, place=place, at_ms=caller.at_ms)
            await self._presence.record(
                tx,
                before,
                after,
                trigger="StartContactCenterSession",
                at_ms=caller.at_ms,
                actor=caller.principal.user_id,
                cause="agent",
            )
            return Outcome()

        await perform(self._store, caller, body)
        return Started(tuple(good), tuple(failed))

    async def end_session(self, caller: Caller) -> Outcome:
        """Log out of everything. What becomes of offers and of work is told in `services.presence`."""
        return await self._end(caller, caller.principal.user_id, "agent")

    async def end_session_of(self, caller: Caller, user_id: UserId) -> Outcome:
        """A supervisor logs another agent out. Raises NotFound."""
        caller.principal.require(Act.SUPERVISE)
        return await self._end(caller, user_id, "supervisor")

    async def end_silent(self, contact_centre: ContactCentreId, user_id: UserId) -> None:
        """End the session of a user who gave no sign of life for too long; checked again here."""
        at_ms = self._clock.now_ms()
        silent_since_ms = at_ms - self._silence_ms
        if user_id in self._seen and self._seen[user_id].at_ms > silent_since_ms:
            return  # somebody came back while this was decided

        async def body(tx: Transaction) -> None:
            agent = await tx.agents.get(user_id)
            if agent.is_in_session and agent.last_seen_ms <= silent_since_ms:
                await self._presence.end(tx, user_id, trigger="SessionSilent", at_ms=at_ms)

        await self._store.transact(contact_centre, body)

    async def end_in(self, tx: Transaction, user_id: UserId, *, at_ms: int) -> None:
        """Within an administrator's transaction, because the user may not work any more; no work stays."""
        await self._presence.leave_for_good(tx, user_id, trigger="SessionEnded", at_ms=at_ms)

    async def set_state(self, caller: Caller, channel: str | None, operation: str) -> Outcome:
        """Set the state of one channel, or of all that are logged in."""
        caller.principal.require(Act.WORK)
        return await self._set_state(caller, caller.principal.user_id, channel, operation, "agent")

    async def set_state_of(self, caller: Caller, user_id: UserId, channel: str | None, operation: str) -> Outcome:
        """A supervisor sets the state of another agent's channel, or of all that are logged in. Raises NotFound."""
        caller.principal.require(Act.SUPERVISE)
        return await self._set_state(caller, user_id, channel, operation, "supervisor")

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

    def _startable(self, name: str) -> str:
        """`name` itself. Raises ValueInvalid, Forbidden for a channel that no session is started on."""
        if name == VOICE and self._settings.agent_session.voice == "refuse":
            raise Forbidden("There are no telephones here: sessions are started without the channel 'voice'.")
        return agents.check_channel_name(name)

    async def _end(self, caller: Caller, user_id: UserId, cause: Cause) -> Outcome:
        async def body(tx: Transaction) -> Outcome:
            await _check_user(tx, caller, user_id)
            await self._presence.end(
                tx,
                user_id,
                trigger="EndContactCenterSession",
                at_ms=caller.at_ms,
                actor=caller.principal.user_id,
                cause=cause,
            )
            return Outcome()

        return await perform(self._store, caller, body)

    async def _set_state(
        self, caller: Caller, user_id: UserId, channel: str | None, operation: str, cause: Cause
    ) -> Outcome:
        async def body(tx: Transaction) -> Outcome:
            await _check_user(tx, caller, user_id)
            before = await tx.agents.get(user_id)
            custom = await _added(tx, operation)
            if channel is None:
                after = agents.set_state_everywhere(before, operation, at_ms=caller.at_ms, custom=custom)
            else:
                after = agents.set_state(before, channel, operation, at_ms=caller.at_ms, custom=custom)
            await self._presence.record(
                tx,
                before,
                after,
                trigger=operation,
                at_ms=caller.at_ms,
                actor=caller.principal.user_id,
                cause=cause,
            )
            return Outcome()

        return await perform(self._store, caller, body)


async def _check_user(tx: Transaction, caller: Caller, user_id: UserId) -> None:
    """Raises NotFound for somebody else who is not there."""
    if user_id != caller.principal.user_id:
        await tx.users.get(user_id)


async def _added(tx: Transaction, operation: str) -> AgentState | None:
    """The state behind an operation that is none of the constants. Raises OperationUnknown, naming all there are."""
    if operation in STATE_OPERATIONS:
        return None
    found = await tx.agent_states.named(operation)
    if found is None:
        raise OperationUnknown(operation[:100], (*STATE_OPERATIONS, *(one.name for one in await tx.agent_states.all())))
    return found
