"""Agents at work: sessions, channels and loads.

Session and channel states are written by the agent's side, loads by the interactions' side of a transaction; neither
overwrites the other.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from frontdesk.core.agent_states import AgentState
from frontdesk.core.agents import Agent, Channel, Standing
from frontdesk.core.ids import AgentStateId, UserId
from frontdesk.store import statements
from frontdesk.store.rows import Images, Rows

SQL: Final = statements.load("agents")


class Detail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a channel says that no index needs. Most channels say nothing of it."""

    custom: AgentState | None = None
    reason: str | None = None
    resumes: Standing | None = None


DETAILS: Final[Images[Detail]] = Images(Detail)
_PLAIN: Final = Detail()
_NO_SESSION: Final = (0, 0, 0, "")


class AgentRows(Rows):
    """The agents of one contact centre; `ports.Agents` says what is promised."""

    __slots__ = ()

    async def get(self, user_id: UserId) -> Agent:
        who = {"contact_centre": self._contact_centre, "user_id": user_id}
        session = await self._connection.one(SQL.session, who)
        channels = await self._connection.all(SQL.channels, who)
        return _agent(user_id, session or _NO_SESSION, [_channel(*row) for row in channels])

    async def all(self) -> list[Agent]:
        here = {"contact_centre": self._contact_centre}
        channels: dict[UserId, list[Channel]] = {}
        for user_id, *row in await self._connection.all(SQL.all_channels, here):
            channels.setdefault(user_id, []).append(_channel(*row))
        sessions = {user_id: row for user_id, *row in await self._connection.all(SQL.all_sessions, here)}
        return [
            _agent(user_id, sessions.get(user_id, _NO_SESSION), channels.get(user_id, ()))
            for user_id in sorted({*sessions, *channels})
        ]

    async def save(self, after: Agent) -> None:
        who = {"contact_centre": self._contact_centre, "user_id": after.user_id}
        await self._connection.run(
            SQL.save_session,
            who
            | {
                "is_in_session": int(after.is_in_session),
                "started_at_ms": after.started_at_ms,
                "last_seen_ms": after.last_seen_ms,
                "place": after.place,
            },
        )
        for channel in after.channels:
            await self._connection.run(
                SQL.save_channel,
                who
                | columns(channel)
                | {
                    "channel": channel.channel,
                    "do_not_disturb": int(channel.do_not_disturb),
                    "since_ms": channel.since_ms,
                    "idle_since_ms": channel.idle_since_ms,
                    "missed": channel.missed,
                    "detail": _detail(channel),
                },
            )

    async def change_load(self, user_id: UserId, channel: str, by: int, *, at_ms: int, cost: int | None = None) -> None:
        change = self._of(user_id, channel) | {"by": by, "at_ms": at_ms}
        if by > 0:
            await self._connection.run(SQL.raise_load, change | {"cost": cost})
        else:
            touched = await self._connection.run(SQL.lower_load, change)
            assert touched, f"{user_id} has no load on {channel} that could go down"

    async def reserve(
        self,
        user_id: UserId,
        channel: str,
        *,
        cost: int,
        limit: int,
        units: int,
        epoch: int,
        at_ms: int,
        cost_of: Callable[[str], int] | None = None,
        may_interrupt: Callable[[str], bool] | None = None,
    ) -> bool:
        here = self._of(user_id, channel)
        if cost_of is not None or may_interrupt is not None:
            for other, counted in await self._connection.all(SQL.costs_in_hand, here):
                if may_interrupt is not None and not may_interrupt(other):
                    return False
                if cost_of is not None and cost_of(other) != counted:
                    await self._connection.run(SQL.revalue, here | {"channel": other, "cost": cost_of(other)})
        wanted = {"cost": cost, "most": limit, "units": units, "epoch": epoch, "at_ms": at_ms}
        return bool(await self._connection.run(SQL.reserve, here | wanted))

    async def answered(self, user_id: UserId, channel: str) -> None:
        await self._connection.run(SQL.answered, self._of(user_id, channel))

    async def uses_of_state(self, agent_state: AgentStateId) -> int:
        row = await self._connection.one(
            SQL.uses_of_state, {"contact_centre": self._contact_centre, "agent_state": agent_state}
        )
        return row[0] if row else 0

    async def touch(self, user_id: UserId, at_ms: int) -> None:
        await self._connection.run(
            SQL.touch, {"contact_centre": self._contact_centre, "user_id": user_id, "at_ms": at_ms}
        )

    def _of(self, user_id: UserId, channel: str) -> dict[str, Any]:
        return {"contact_centre": self._contact_centre, "user_id": user_id, "channel": channel}


def columns(channel: Channel) -> dict[str, Any]:
    """What the indexes need of what a channel says."""
    return {
        "state": channel.state,
        "deadline_ms": channel.wrap_up_ends_ms,
        "agent_state": channel.custom.id if channel.custom else None,
    }


def _detail(channel: Channel) -> str | None:
    detail = Detail(custom=channel.custom, reason=channel.reason, resumes=channel.resumes)
    return None if detail == _PLAIN else DETAILS.write(detail)


def _channel(
    name: str,
    state: str,
    do_not_disturb: int,
    since_ms: int,
    idle_since_ms: int,
    load: int,
    cost: int,
    missed: int,
    deadline_ms: int | None,
    detail: str | None,
) -> Channel:
    besides = _PLAIN if detail is None else DETAILS.read(detail)
    return Channel(
        channel=name,
        state=state,
        custom=besides.custom,
        reason=besides.reason,
        do_not_disturb=bool(do_not_disturb),
        since_ms=since_ms,
        idle_since_ms=idle_since_ms,
        load=load,
        cost=cost,
        missed=missed,
        wrap_up_ends_ms=deadline_ms,
        resumes=besides.resumes,
    )


def _agent(user_id: UserId, session: Sequence[Any], channels: Sequence[Channel]) -> Agent:
    is_in_session, started_at_ms, last_seen_ms, place = session
    return Agent(
        user_id=user_id,
        is_in_session=bool(is_in_session),
        started_at_ms=started_at_ms,
        last_seen_ms=last_seen_ms,
        place=place,
        channels=tuple(channels),
    )
