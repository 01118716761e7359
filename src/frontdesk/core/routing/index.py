"""Everything that the router knows, so arranged that a decision looks at few of it.

An item waits in the pool that its queue, medium, step and last agent give; a pool has the audience that it shares with
others; a worker is in the audiences that it belongs to. What changes is put in its new place at once, and remembered as
touched where something may be offered that could not be before; the turn looks there and nowhere else.

Only where a policy or the directory changes all that waits may have to move. That is left to `settle`, a few at a time.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from frontdesk.core.calendars import Opening, OpeningHours
from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.policy import Choice, Outside, Policy
from frontdesk.core.routing.agents import AgentState
from frontdesk.core.routing.audiences import Audience, Kind
from frontdesk.core.routing.facts import Facts
from frontdesk.core.routing.lines import ALWAYS_OPEN, Line, Memory
from frontdesk.core.routing.pools import Item, Pool
from frontdesk.core.routing.servers import Servers, Serving
from frontdesk.core.routing.timers import Timers
from frontdesk.core.routing.workers import LOGGED_OUT, Standing, Worker

_CLOSED: Final = Opening(is_open=False, until_ms=0, changes=False)


class Index:
    """Mutable, and only as right as what it was told."""

    def __init__(self, facts: Facts, policy: Policy, now_ms: int) -> None:
        self.facts = facts
        self.policy = policy
        self.now_ms = now_ms
        self.servers = Servers(facts, policy)
        self.items: dict[InteractionId, Item] = {}
        self.workers: dict[UserId, Worker] = {}
        self.lines: dict[QueueId, Line] = {}
        self.audiences: dict[Kind, Audience] = {}
        self.item_timers: Timers[InteractionId] = Timers()
        self.line_timers: Timers[QueueId] = Timers()
        # Queues that the next turn has to look at. Dictionaries, because their order is always the same.
        self.touched: dict[QueueId, Line] = {}
        self.overdue: dict[QueueId, Line] = {}
        self.grown: dict[QueueId, Line] = {}
        self.outside: dict[QueueId, Line] = {}
        self.virtual_ms = 0  # start-time fair queueing: where the last service began
        self.asked = 0  # agents so far, for round robin
        self._memories: dict[QueueId, Memory] = {}
        self._followed: dict[UserId, dict[Item, None]] = {}  # what waits and had this agent before
        self._former: list[Line] = []  # with what has not moved yet to the lines in their place
        self._moving: Iterator[Item] = iter(())
        self._set_skills(facts.agents)

    # ── agents ───────────────────────────────────────────────────────────────────────────────────

    def worker(self, user: UserId) -> Worker:
        worker = self.workers.get(user)
        if worker is None:
            worker = self.workers[user] = Worker(user)
        return worker

    def set_agent(self, agent: AgentState) -> None:
        worker = self.worker(agent.user)
        before = worker.channels.keys()
        worker.set_channels(agent.channels)
        logged_in_or_out = before ^ worker.channels.keys()
        self.refresh(worker)
        if logged_in_or_out:
            self._place_followed([agent.user])

    def take(self, user: UserId, medium: str, by: int, at_ms: int) -> None:
        """So many more interactions of the medium, or fewer, are in the agent's hands."""
        worker = self.worker(user)
        worker.take(medium, by, at_ms)
        self.refresh(worker)

    def refresh(self, worker: Worker, *, always: bool = False) -> None:
        """Put an agent where its channels and its hands say; `always`, though these have not changed."""
        worker.weigh(self.policy)
        for medium, audiences in worker.audiences.items():
            before, after = worker.standings[medium], worker.standing(medium, self.policy)
            if before == after and not always:
                continue
            worker.standings[medium] = after
            if before.rule is not None and before.rule is after.rule:
                continue
            for audience in audiences:
                became_free = audience.shift(worker, before, after)
                for pool in audience.waiting:
                    if became_free:
                        self.touch(pool)
                    else:
                        pool.line.forget_front()

    # ── items ────────────────────────────────────────────────────────────────────────────────────

    def place(self, item: Item) -> None:
        """Put an item where its queue, the time and its last agent say."""
        line = self.line(item.queue)
        waited_ms = self.now_ms - item.queued_at_ms
        step = line.step_at(waited_ms)
        held_for = self.held_for(item, line, step, waited_ms)
        pool = line.pools.get((item.medium, step, held_for)) or self._new_pool(line, item.medium, step, held_for)
        rank = line.rank(item, waited_ms)
        before = item.pool
        if before is not None and before.line is not line:
            self.unplace(item)
            before = None
        if before is not pool or item.rank != rank:
            pool.add(rank)
            if before is not None:
                self._leave(before, item)
            item.pool, item.rank = pool, rank
            line.order.add(rank)
        if before is None:
            self.grown[line.queue] = line
            if item.last_agent is not None:
                self._followed.setdefault(item.last_agent, {})[item] = None
            if line.rules.outside is Outside.AUTO_ANSWER:
                line.unanswered[item.id] = None
            if not line.opening.is_open:
                self.outside[line.queue] = line
        if item.is_answered:
            line.unanswered.pop(item.id, None)
        if line.is_overdue(waited_ms):
            line.overdue[item.id] = None
            self.overdue[line.queue] = line
        self.item_timers.set(item.id, line.next_change_ms(item, waited_ms))
        self.touch(pool)

    def unplace(self, item: Item) -> None:
        """It waits no more."""
        pool = item.pool
        if pool is None:
            return
        line = pool.line
        self._leave(pool, item)
        item.pool = None
        line.overdue.pop(item.id, None)
        line.unanswered.pop(item.id, None)
        self.item_timers.set(item.id, None)
        self.unfollow(item)

    def unfollow(self, item: Item) -> None:
        """Its last agent is another now, or does not matter."""
        followed = self._followed.get(item.last_agent) if item.last_agent is not None else None
        if followed is not None and item.last_agent is not None:
            followed.pop(item, None)
            if not followed:
                del self._followed[item.last_agent]

    def held_for(self, item: Item, line: Line, step: int, waited_ms: int) -> UserId | None:
        """The agent for whom alone it is kept now."""
        user = item.last_agent
        if user is None or waited_ms >= line.rules.last_agent_s * 1000 or user in item.refused:
            return None
        worker = self.workers.get(user)
        if worker is None or item.medium not in worker.channels:
            return None
        return user if user in self.servers.at(line.queue, step).able else None

    def touch(self, pool: Pool) -> None:
        """Something in it may be offered that could not be before."""
        line = pool.line
        line.touch(pool)
        if line.opening.is_open:
            self.touched[line.queue] = line

    # ── queues ───────────────────────────────────────────────────────────────────────────────────

    def line(self, queue: QueueId) -> Line:
        line = self.lines.get(queue)
        if line is None:
            rules = self.policy.of(queue)
            memory = self._memories.setdefault(queue, Memory())
            line = self.lines[queue] = Line(queue, rules, self._hours(rules.calendar), memory)
            self.look_at_hours(line)
        return line

    def look_at_hours(self, line: Line) -> None:
        """Open or close a queue by the time that it is."""
        was_open = line.opening.is_open
        line.opening = ALWAYS_OPEN if line.hours is None else line.hours.at(self.now_ms)
        self.line_timers.set(line.queue, line.opening.until_ms if line.hours is not None else None)
        if line.opening.is_open == was_open:
            return
        if line.opening.is_open:
            self.outside.pop(line.queue, None)
            self.touched[line.queue] = line
            self._look_again(line)
        else:
            self.touched.pop(line.queue, None)
            self._look_again(line)

    def _look_again(self, line: Line) -> None:
        """What waits may overflow now, for another reason than that it came or that time has passed."""
        if not line.order:
            return
        if not line.opening.is_open:
            self.outside[line.queue] = line
            return
        self.grown[line.queue] = line
        if line.overdue:
            self.overdue[line.queue] = line

    def set_facts(self, facts: Facts) -> None:
        before, self.facts = self.facts, facts
        changed = self.servers.set_facts(facts)
        self._set_skills(changed)
        if before.zones != facts.zones:
            self._set_hours(self.lines.values())
        if changed or before.queues != facts.queues:
            self._regather()
            for user in changed:
                self.refresh(self.worker(user), always=True)
            self._moving = self._to_move()
        if before.queues != facts.queues:
            for line in self.lines.values():
                self._look_again(line)

    def set_policy(self, policy: Policy) -> None:
        """What waits moves to its places by the new one when it is settled."""
        before, self.policy = self.policy, policy
        if before == policy:
            return
        self.servers.set_policy(policy)
        for worker in self.workers.values():
            self.refresh(worker)
        for line in list(self.lines.values()):
            if before.of(line.queue) != policy.of(line.queue):
                self._put_aside(line)
        self._regather()
        self._moving = self._to_move()
        if before.calendars != policy.calendars:
            self._set_hours(self.lines.values())

    def _place_followed(self, users: Iterable[UserId]) -> None:
        """Those who had these interactions before may have come or gone."""
        for user in users:
            for item in list(self._followed.get(user, ())):
                self.place(item)

    def settle(self, most: int) -> bool:
        """Move at most so many items to where they belong after a change. False when none is left."""
        for item in islice(self._moving, most):
            self.place(item)
            most -= 1
        return most == 0

    def _put_aside(self, line: Line) -> None:
        """Another line is to take its place; what waits in it moves there one by one."""
        for queues in (self.touched, self.overdue, self.grown, self.outside):
            queues.pop(line.queue, None)
        self.line_timers.set(line.queue, None)
        line.opening = _CLOSED  # nothing in it is looked at any more
        del self.lines[line.queue]
        self._former.append(line)

    def _to_move(self) -> Iterator[Item]:
        """What waits in former lines, in order, and then what may be kept for an agent now or no more."""
        while self._former:
            line = self._former[-1]
            while line.order:
                yield self.items[line.order.first[2]]
            for pool in list(line.pools.values()):
                self._drop_pool(pool)
            self._former.pop()
        for user in list(self._followed):
            for item in list(self._followed.get(user, ())):
                if item.pool is not None:
                    yield item

    def _hours(self, name: str | None) -> OpeningHours | None:
        """Of a calendar; one that is not there, or whose zone is not, closes nothing."""
        calendar = self.policy.calendars.get(name) if name is not None else None
        zone = self.facts.zones.get(calendar.zone) if calendar is not None else None
        return OpeningHours(calendar, zone) if calendar is not None and zone is not None else None

    def _set_hours(self, lines: Iterable[Line]) -> None:
        for line in lines:
            line.hours = self._hours(line.rules.calendar)
            self.look_at_hours(line)

    # ── pools and audiences ──────────────────────────────────────────────────────────────────────

    def _new_pool(self, line: Line, medium: str, step: int, held_for: UserId | None) -> Pool:
        serving = self.servers.at(line.queue, step)
        audience = self._audience(_kind(line, medium, serving, held_for), line)
        pool = Pool(line, medium, step, held_for, serving, audience)
        audience.pools[pool] = None
        line.pools[medium, step, held_for] = pool
        return pool

    def _leave(self, pool: Pool, item: Item) -> None:
        pool.remove(item.rank)
        pool.line.order.remove(item.rank)
        pool.line.forget_front()
        if pool.held_for is not None and not pool.items:
            self._drop_pool(pool)

    def _drop_pool(self, pool: Pool) -> None:
        pool.line.touched.pop(pool, None)
        del pool.line.pools[pool.medium, pool.step, pool.held_for]
        self._release(pool)

    def _release(self, pool: Pool) -> None:
        """An audience that serves no pool any more dissolves."""
        audience = pool.audience
        del audience.pools[pool]
        audience.waiting.pop(pool, None)
        if not audience.pools:
            for user in audience.kind.able:
                self._parted(user, audience)
            del self.audiences[audience.kind]

    def _audience(self, kind: Kind, line: Line) -> Audience:
        audience = self.audiences.get(kind)
        if audience is None:
            audience = self.audiences[kind] = Audience(kind, line.memory.asked)
            audience.join_all([self._joined(user, audience) for user in kind.able])
        return audience

    def _joined(self, user: UserId, audience: Audience) -> tuple[Worker, Standing]:
        worker, medium = self.worker(user), audience.kind.medium
        if medium not in worker.audiences:
            worker.audiences[medium] = {}
            worker.standings[medium] = worker.standing(medium, self.policy) if worker.channels else LOGGED_OUT
        worker.audiences[medium][audience] = None
        return worker, worker.standings[medium]

    def _parted(self, user: UserId, audience: Audience) -> Standing:
        """The standing of a worker who is in the audience no more."""
        worker, medium = self.workers[user], audience.kind.medium
        standing = worker.standings[medium]
        del worker.audiences[medium][audience]
        if not worker.audiences[medium]:
            del worker.audiences[medium], worker.standings[medium]
        return standing

    def _regather(self) -> None:
        """Give each pool the audience that it has now, after the servers of queues may have changed."""
        for audience in list(self.audiences.values()):
            for pool in audience.pools:
                pool.serving = self.servers.at(pool.line.queue, pool.step)
            pools = [pool for pool in audience.pools if pool.held_for is None]
            kinds = dict.fromkeys(_kind(pool.line, pool.medium, pool.serving, None) for pool in pools)
            if len(kinds) == 1 and len(pools) == len(audience.pools):
                self._change_members(audience, next(iter(kinds)))
                continue
            for pool in pools:
                self._move(pool, self._audience(_kind(pool.line, pool.medium, pool.serving, None), pool.line))

    def _change_members(self, audience: Audience, kind: Kind) -> None:
        """All its pools are served by others now, and by the same ones: mostly a few come or go."""
        if kind == audience.kind:
            return
        if kind in self.audiences:
            for pool in list(audience.pools):
                self._move(pool, self.audiences[kind])
            return
        before = audience.kind.able
        del self.audiences[audience.kind]
        self.audiences[kind] = audience
        audience.kind = kind
        for user in before - kind.able:
            audience.leave(self.workers[user], self._parted(user, audience))
        for user in kind.able - before:
            worker, standing = self._joined(user, audience)
            audience.join(worker, standing)
        for pool in audience.waiting:
            self.touch(pool)

    def _move(self, pool: Pool, after: Audience) -> None:
        if after is pool.audience:
            return
        self._release(pool)
        pool.audience = after
        after.pools[pool] = None
        if pool.items:
            after.waiting[pool] = None
            self.touch(pool)

    def _set_skills(self, users: Iterable[UserId]) -> None:
        for user in users:
            agent = self.facts.agents.get(user)
            self.worker(user).skills = agent.skills if agent is not None else {}


def _kind(line: Line, medium: str, serving: Serving, held_for: UserId | None) -> Kind:
    if held_for is not None:
        return Kind(medium, frozenset((held_for,)), Choice.LONGEST_IDLE, "")
    detail = ""
    if line.rules.choice is Choice.ROUND_ROBIN:
        detail = line.queue
    elif line.rules.choice is Choice.BEST_SKILL:
        detail = serving.required or line.rules.members
    return Kind(medium, serving.able, line.rules.choice, detail)
