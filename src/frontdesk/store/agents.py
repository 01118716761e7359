"""Agents at work: sessions, channels and loads, and who can be asked next.

Session and channel states are written by the agent's side, loads by the interactions' side of a transaction; neither
overwrites the other.
"""

from collections.abc import Iterable
from typing import Final

from frontdesk.core.agents import Agent, Channel
from frontdesk.core.ids import QueueId, UserId
from frontdesk.core.routing import Candidate
from frontdesk.store import statements
from frontdesk.store.rows import Rows

SQL: Final = statements.load("agents")

#: Free agents that are looked at in order of idleness. When so many serve other queues, the queue's own servers are
#: looked at instead, so that the cost follows the queue and not the number of all agents.
LOOKED_AT: Final = 64
FOR_EVER_MS: Final = 2**62


class AgentRows(Rows):
    """The agents of one contact centre; `ports.Agents` says what is promised."""

    __slots__ = ()

    async def get(self, user_id: UserId) -> Agent:
        who = {"contact_centre": self._contact_centre, "user_id": user_id}
        session = await self._connection.one(SQL.session, who)
        is_in_session, started_at_ms, last_seen_ms, place = session or (0, 0, 0, "")
        return Agent(
            user_id=user_id,
            is_in_session=bool(is_in_session),
            started_at_ms=started_at_ms,
            last_seen_ms=last_seen_ms,
            place=place,
            channels=tuple(
                Channel(
                    channel=channel,
                    state=state,
                    do_not_disturb=bool(do_not_disturb),
                    since_ms=since_ms,
                    idle_since_ms=idle_since_ms,
                    load=load,
                    room=room,
                )
                for channel, state, do_not_disturb, since_ms, idle_since_ms, load, room in await self._connection.all(
                    SQL.channels, who
                )
            ),
        )

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
                | {
                    "channel": channel.channel,
                    "state": channel.state,
                    "do_not_disturb": int(channel.do_not_disturb),
                    "since_ms": channel.since_ms,
                    "idle_since_ms": channel.idle_since_ms,
                    "room": channel.room,
                },
            )

    async def change_load(self, user_id: UserId, channel: str, by: int, *, at_ms: int, room: int) -> None:
        change = {
            "contact_centre": self._contact_centre,
            "user_id": user_id,
            "channel": channel,
            "by": by,
            "at_ms": at_ms,
        }
        if by > 0:
            await self._connection.run(SQL.raise_load, change | {"room": room})
        else:
            touched = await self._connection.run(SQL.lower_load, change)
            assert touched, f"{user_id} has no load on {channel} that could go down"

    async def candidates(
        self, queue: QueueId, channel: str, limit: int, *, without: Iterable[UserId]
    ) -> list[Candidate]:
        # A list is no portable parameter. The excluded are few, so that many more are read and they are left out here.
        excluded = frozenset(without)
        wanted = limit + len(excluded)
        asked = {"contact_centre": self._contact_centre, "queue": queue, "channel": channel, "limit": wanted}
        beyond = await self._connection.one(SQL.nth_free, asked | {"n": LOOKED_AT})
        until = {"idle_until_ms": FOR_EVER_MS if beyond is None else beyond[0]}
        rows = await self._connection.all(SQL.candidates, asked | until)
        if len(rows) < wanted and beyond is not None:
            rows = await self._connection.all(SQL.candidates_of_queue, asked)
        return [Candidate(*row) for row in rows if row[0] not in excluded][:limit]

    async def queues_served_by(self, user_id: UserId) -> list[QueueId]:
        rows = await self._connection.all(
            SQL.queues_served_by, {"contact_centre": self._contact_centre, "user_id": user_id}
        )
        return sorted({queue for (queue,) in rows})

    async def touch(self, user_id: UserId, at_ms: int) -> None:
        await self._connection.run(
            SQL.touch, {"contact_centre": self._contact_centre, "user_id": user_id, "at_ms": at_ms}
        )
