"""Why an interaction waits, and what would change that, on the state as it is now.

Asked by people, not by the router: it looks at every agent of the directory, and at everything that waits in the queue.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.policy import Outside
from frontdesk.core.routing.decisions import Ranked, Rule
from frontdesk.core.routing.index import Index
from frontdesk.core.routing.lines import Line
from frontdesk.core.routing.pools import Item, Pool

_NAMED: Final = 5  # in a sentence; the rest is counted
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Blocker(StrEnum):
    """Why nobody can ever serve it under the present policy."""

    QUEUE_UNKNOWN = "queue_unknown"
    NOBODY_SERVES = "nobody_serves"
    SKILLS = "skills"
    CAPACITY = "capacity"
    NEVER_OPEN = "never_open"


class Stuck(msgspec.Struct, frozen=True, kw_only=True):
    """A waiting interaction that nobody can ever be asked for, unless somebody changes something."""

    interaction: InteractionId
    version: int
    queue: QueueId
    medium: str
    waited_ms: int
    blocker: Blocker
    sentence: str


class Way(StrEnum):
    """What would bring it to somebody."""

    NEXT_TURN = "next_turn"  # nothing more is needed
    OPENING = "opening"  # of the queue
    LAST_AGENT = "last_agent"  # it is kept for that one no longer
    READY = "ready"  # somebody becomes it
    ROOM = "room"  # somebody finishes something
    LOG_IN = "log_in"  # of somebody, on the medium
    NEW_ROUND = "new_round"  # those who refused are asked again
    STEP = "step"  # of the relaxation
    OVERFLOW = "overflow"
    SKILLS = "skills"  # of somebody who serves the queue
    SERVERS = "servers"  # the queue needs some


class Unblocking(msgspec.Struct, frozen=True, kw_only=True):
    """One way, with those who could open it and when it opens by itself."""

    way: Way
    sentence: str
    agents: tuple[str, ...] = ()  # their names
    at_ms: int | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One waiting interaction. Names are in alphabetical order, candidates in the order in which they are asked."""

    interaction: InteractionId
    version: int
    queue: QueueId
    medium: str
    policy: int
    step: int
    waited_ms: int
    priority: int  # in whole points, with ageing and boost
    position: int  # in its queue, counted from 1
    is_open: bool
    held_for: UserId | None
    choice: str
    eligible: tuple[Ranked, ...]
    excluded: dict[Rule, tuple[str, ...]]
    ways: tuple[Unblocking, ...]  # those that open by themselves, in order of time, then the others

    @property
    def unblock(self) -> tuple[str, ...]:
        """What would unblock it, in sentences."""
        return tuple(way.sentence for way in self.ways)


def explained(index: Index, item: Item) -> Explanation:
    """Of an item that waits."""
    pool = item.pool
    assert pool is not None
    line = pool.line
    places = pool.audience.first(len(pool.audience.free), item.refused)
    excluded = _excluded(index, pool, item)
    ways = sorted(_ways(index, pool, item, excluded), key=lambda way: (way.at_ms is None, way.at_ms or 0))
    if places and line.opening.is_open:
        asked = index.facts.agent_name(places[0][1])
        ways.insert(0, Unblocking(way=Way.NEXT_TURN, sentence=f"{asked} can be asked at once.", agents=(asked,)))
    return Explanation(
        interaction=item.id,
        version=item.version,
        queue=line.queue,
        medium=item.medium,
        policy=index.policy.version,
        step=pool.step,
        waited_ms=index.now_ms - item.queued_at_ms,
        priority=line.level(item.rank, index.now_ms),
        position=1 + next(place for place, rank in enumerate(line.order) if rank == item.rank),
        is_open=line.opening.is_open,
        held_for=pool.held_for,
        choice=line.rules.choice,
        eligible=tuple(Ranked(user, value) for value, user in places),
        excluded=excluded,
        ways=tuple(ways),
    )


def stuck(index: Index) -> Iterator[Stuck]:
    """What nobody can ever serve, by queue and in the order of the queue."""
    for queue in sorted(index.lines):
        line = index.lines[queue]
        blocked: dict[tuple[str, int], tuple[Blocker, str] | None] = {}
        for rank in line.order:
            item = index.items[rank[2]]
            assert item.pool is not None
            kind = item.medium, item.pool.step
            if kind not in blocked:
                blocked[kind] = _blocker(index, line, *kind)
            found = blocked[kind]
            if found is not None:
                yield Stuck(
                    interaction=item.id,
                    version=item.version,
                    queue=queue,
                    medium=item.medium,
                    waited_ms=index.now_ms - item.queued_at_ms,
                    blocker=found[0],
                    sentence=found[1],
                )


# ── who is kept out ──────────────────────────────────────────────────────────────────────────────


def _excluded(index: Index, pool: Pool, item: Item) -> dict[Rule, tuple[str, ...]]:
    names: dict[Rule, list[str]] = {rule: [] for rule in Rule}
    for user in index.facts.agents:
        rule = _rule(index, pool, item, user)
        if rule is not None:
            names[rule].append(index.facts.agent_name(user))
    return {rule: tuple(sorted(found)) for rule, found in names.items() if found}


def _rule(index: Index, pool: Pool, item: Item, user: UserId) -> Rule | None:
    if user not in pool.serving.members:
        return Rule.NOT_SERVING
    if user not in pool.serving.able:
        return Rule.SKILLS
    if pool.held_for is not None and user != pool.held_for:
        return Rule.LAST_AGENT
    if user in item.refused:
        return Rule.REFUSED
    return index.workers[user].standing(pool.medium, index.policy).rule


# ── what would help ──────────────────────────────────────────────────────────────────────────────


def _ways(index: Index, pool: Pool, item: Item, excluded: dict[Rule, tuple[str, ...]]) -> Iterator[Unblocking]:
    line, medium = pool.line, item.medium
    if not line.opening.is_open:
        yield _opening(index, line)
    if pool.held_for is not None:
        until_ms = item.queued_at_ms + line.rules.last_agent_s * 1000
        name = index.facts.agent_name(pool.held_for)
        sentence = f"Until {_moment(until_ms)} it is kept for {name}, who had it before; then for all who serve it."
        yield Unblocking(way=Way.LAST_AGENT, sentence=sentence, agents=(name,), at_ms=until_ms)
    for way, rules, what in (
        (Way.READY, (Rule.NOT_READY,), f"becomes ready on {medium}"),
        (Way.ROOM, (Rule.LIMIT, Rule.UNITS, Rule.INTERRUPTION), "has finished something"),
        (Way.LOG_IN, (Rule.LOGGED_OUT,), f"logs in on {medium} and becomes ready"),
    ):
        names = tuple(sorted(name for rule in rules for name in excluded.get(rule, ())))
        if names:
            yield Unblocking(way=way, sentence=f"It goes on when one {what}: {_listed(names)}.", agents=names)
    refused = excluded.get(Rule.REFUSED, ())
    if refused and item.round_ends_ms is not None:
        sentence = f"At {_moment(item.round_ends_ms)} those who refused it are asked again: {_listed(refused)}."
        yield Unblocking(way=Way.NEW_ROUND, sentence=sentence, agents=refused, at_ms=item.round_ends_ms)
    yield from _steps(index, pool, item)
    yield from _overflows(index, line, item)
    serving = pool.serving
    if not serving.members:
        sentence = (
            f"No agent serves queue {index.facts.queue_name(line.queue)}: give it agents, groups or an expression."
        )
        yield Unblocking(way=Way.SERVERS, sentence=sentence)
    elif not serving.able:
        names = excluded.get(Rule.SKILLS, ())
        sentence = f"Nobody who serves it has what is required, `{serving.required}`: {_listed(names)}."
        yield Unblocking(way=Way.SKILLS, sentence=sentence, agents=names)


def _opening(index: Index, line: Line) -> Unblocking:
    name = index.facts.queue_name(line.queue)
    if line.opening.changes:
        sentence = f"Queue {name} is closed; it opens at {_moment(line.opening.until_ms)}."
        return Unblocking(way=Way.OPENING, sentence=sentence, at_ms=line.opening.until_ms)
    return Unblocking(way=Way.OPENING, sentence=f"Queue {name} is closed, and does not open in the next weeks.")


def _steps(index: Index, pool: Pool, item: Item) -> Iterator[Unblocking]:
    line = pool.line
    known = pool.serving.able
    for number, step in enumerate(line.rules.steps[pool.step :], start=pool.step + 1):
        able = index.servers.at(line.queue, number).able
        if able <= known:
            continue
        names = tuple(sorted(index.facts.agent_name(user) for user in able - known))
        at_ms = item.queued_at_ms + step.after_s * 1000
        sentence = f"At {_moment(at_ms)} step {number} of the relaxation adds {_listed(names)}."
        yield Unblocking(way=Way.STEP, sentence=sentence, agents=names, at_ms=at_ms)
        known |= able


def _overflows(index: Index, line: Line, item: Item) -> Iterator[Unblocking]:
    for rule in line.rules.overflow:
        if rule.after_s is not None and rule.to in index.facts.queues:
            at_ms = max(index.now_ms, item.queued_at_ms + rule.after_s * 1000)
            sentence = f"At {_moment(at_ms)} it moves to queue {index.facts.queue_name(rule.to)}."
            yield Unblocking(way=Way.OVERFLOW, sentence=sentence, at_ms=at_ms)
            return


# ── what would never help ────────────────────────────────────────────────────────────────────────


def _blocker(index: Index, line: Line, medium: str, step: int) -> tuple[Blocker, str] | None:
    """Why nobody, at this step or a later one, logged in or not."""
    facts, rules = index.facts, line.rules
    name = facts.queue_name(line.queue)
    if any(rule.after_s is not None and rule.to in facts.queues for rule in rules.overflow):
        return None  # it moves, and is judged where it comes to
    if line.queue not in facts.queues:
        return Blocker.QUEUE_UNKNOWN, f"There is no queue {name} any more: move it to another."
    is_kept = rules.outside is not Outside.OVERFLOW or rules.outside_to not in facts.queues
    if is_kept and not line.opening.is_open and not line.opening.changes:
        return Blocker.NEVER_OPEN, f"Queue {name} is closed, and its calendar does not open it in the next weeks."
    servings = [index.servers.at(line.queue, later) for later in range(step, len(rules.steps) + 1)]
    if not any(serving.members for serving in servings):
        return Blocker.NOBODY_SERVES, f"No agent serves queue {name}, by itself, through a group or by an expression."
    able = frozenset[UserId]().union(*(serving.able for serving in servings))
    if not able:
        return Blocker.SKILLS, f"No agent who serves queue {name} has what is required: `{servings[-1].required}`."
    if index.policy.medium(medium).cost > index.policy.units:
        return Blocker.CAPACITY, f"One {medium} costs more units than an agent has."
    if not any(index.policy.limit_of(user, medium) > 0 for user in able):
        return Blocker.CAPACITY, f"Every agent who serves queue {name} has a limit of 0 for {medium}."
    return None


def _moment(at_ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%d %H:%M:%S UTC")


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
