"""A turn: everything that can be decided now, in the order of the policy, and nothing twice.

First the hours: what waits in a closed queue is moved or answered. Then the offers: each queue brings the first item
that somebody could be asked for, and the most urgent of these is offered, urgency being counted in whole points of
priority; of equally urgent ones that of the queue whose turn it is by weight, then the oldest. And so on until nobody
can be asked for anything. What is left may have waited too long, or too many may have come: that overflows.

Decisions are written into the index as if they had happened. Looking only where something was touched is no
abridgement: wherever nothing was, the turn before found nobody who could be asked, and nobody has come since.
"""

from itertools import islice
from typing import Final

from frontdesk.core.ids import QueueId
from frontdesk.core.policy import Outside, OverflowRule
from frontdesk.core.routing.audiences import Place
from frontdesk.core.routing.decisions import (
    REMEMBERED,
    AutoAnswer,
    Decision,
    Offer,
    Overflow,
    OverflowCause,
    Ranked,
    Record,
    Rule,
)
from frontdesk.core.routing.index import Index
from frontdesk.core.routing.lines import Line
from frontdesk.core.routing.pools import Item, Pool

_ALL: Final = 2**62


def advance(index: Index, now_ms: int) -> None:
    """Let the time pass: queues open and close, waiting items come to their next step. It never runs backwards."""
    index.now_ms = max(index.now_ms, now_ms)
    for queue in index.line_timers.pop_due(index.now_ms):
        index.look_at_hours(index.lines[queue])
    for item in index.item_timers.pop_due(index.now_ms):
        index.place(index.items[item])


def decide(index: Index, most: int | None) -> tuple[Decision, ...]:
    """At most so many decisions."""
    decisions: list[Decision] = []
    limit = _ALL if most is None else most
    _outside(index, decisions, limit)
    _offers(index, decisions, limit)
    if len(decisions) < limit:
        _overdue(index, decisions, limit)
    if len(decisions) < limit:
        _too_many(index, decisions, limit)
    return tuple(decisions)


def is_waited_for(index: Index) -> bool:
    """True if a turn may have something to decide at once."""
    return bool(index.touched or index.outside or index.overdue or index.grown)


# ── closed queues ────────────────────────────────────────────────────────────────────────────────


def _outside(index: Index, decisions: list[Decision], limit: int) -> None:
    for line in _in_order(index.outside):
        rules = line.rules
        if rules.outside is Outside.OVERFLOW and rules.outside_to in index.facts.queues:
            assert rules.outside_to is not None
            while line.order and len(decisions) < limit:
                item = index.items[line.order.first[2]]
                decisions.append(_moved(index, item, rules.outside_to, OverflowCause.OUTSIDE_HOURS))
            if line.order:
                return
        for interaction in list(islice(line.unanswered, limit - len(decisions))):
            item = index.items[interaction]
            item.is_answered = True
            del line.unanswered[interaction]
            decisions.append(AutoAnswer(interaction=interaction, version=item.version, policy=index.policy.version))
        if line.unanswered:
            return
        del index.outside[line.queue]


# ── offers ───────────────────────────────────────────────────────────────────────────────────────


def _offers(index: Index, decisions: list[Decision], limit: int) -> None:
    while index.touched and len(decisions) < limit:
        chosen: tuple[int, int, int, str] | None = None
        next_item: Item | None = None
        for line in list(index.touched.values()):
            item = line.front(index.items)
            if item is None:
                del index.touched[line.queue]
                continue
            start = max(index.virtual_ms, line.memory.turn)
            urgency = (-line.level(item.rank, index.now_ms), start, item.queued_at_ms, item.id)
            if chosen is None or urgency < chosen:
                chosen, next_item = urgency, item
        if chosen is not None and next_item is not None:
            decisions.append(_offered(index, next_item, start=chosen[1]))


def _offered(index: Index, item: Item, *, start: int) -> Offer:
    pool = item.pool
    assert pool is not None
    line, rules = pool.line, pool.line.rules
    most = max(1, rules.parallel)
    candidates = pool.audience.first(max(most, REMEMBERED), item.refused)
    invitees = tuple(user for _, user in candidates[:most])
    record = _record(index, pool, item, candidates)
    index.unplace(item)
    item.holders, item.is_offered = invitees, True
    index.virtual_ms = start
    line.take_turn(start, index.policy.medium(item.medium).cost)
    for user in invitees:
        index.asked += 1
        line.memory.asked[user] = index.asked
        index.take(user, item.medium, 1, index.now_ms)
    return Offer(interaction=item.id, version=item.version, invitees=invitees, offer_s=rules.offer_s, record=record)


def _record(index: Index, pool: Pool, item: Item, candidates: list[Place]) -> Record:
    excluded = excluded_counts(index, pool, item)
    return Record(
        policy=index.policy.version,
        step=pool.step,
        choice=pool.line.rules.choice,
        waited_ms=index.now_ms - item.queued_at_ms,
        candidates=tuple([Ranked(user, value) for value, user in candidates[:REMEMBERED]]),
        eligible=len(pool.audience.free) - sum(pool.audience.is_free(user) for user in item.refused),
        excluded=excluded,
    )


def excluded_counts(index: Index, pool: Pool, item: Item) -> dict[Rule, int]:
    """How many agents of the directory each rule keeps from this item, without looking at each of them."""
    serving, audience = pool.serving, pool.audience
    able = audience.kind.able
    counts = {
        Rule.NOT_SERVING: len(index.facts.agents) - len(serving.members),
        Rule.SKILLS: len(serving.members) - len(serving.able),
        Rule.LAST_AGENT: len(serving.able) - len(able),
        Rule.REFUSED: 0,
    }
    counts.update(audience.counted())
    for user in item.refused:
        if user in able:
            counts[Rule.REFUSED] += 1
            rule = index.workers[user].standings[pool.medium].rule
            if rule is not None:
                counts[rule] -= 1
    return {rule: count for rule, count in counts.items() if count}


# ── what nobody could be asked for ───────────────────────────────────────────────────────────────


def _overdue(index: Index, decisions: list[Decision], limit: int) -> None:
    for line in _in_order(index.overdue):
        del index.overdue[line.queue]
        if not line.opening.is_open:
            continue  # what is closed keeps what it has, and is looked at again when it opens
        due: list[tuple[Item, OverflowRule]] = []
        for interaction in line.overdue:
            if len(decisions) + len(due) == limit:
                index.overdue[line.queue] = line
                break
            item = index.items[interaction]
            rule = _due(index, line, index.now_ms - item.queued_at_ms)
            if rule is not None:
                due.append((item, rule))
        decisions += [_moved(index, item, rule.to, OverflowCause.WAITED) for item, rule in due]


def _due(index: Index, line: Line, waited_ms: int) -> OverflowRule | None:
    for rule in line.rules.overflow:
        if rule.after_s is not None and waited_ms >= rule.after_s * 1000 and rule.to in index.facts.queues:
            return rule
    return None


def _too_many(index: Index, decisions: list[Decision], limit: int) -> None:
    for line in _in_order(index.grown):
        del index.grown[line.queue]
        if not line.opening.is_open:
            continue
        for rule in line.rules.overflow:
            while rule.to in index.facts.queues and (cause := _is_exceeded(index, line, rule)) is not None:
                if len(decisions) == limit:
                    index.grown[line.queue] = line
                    return
                decisions.append(_moved(index, index.items[line.order.last[2]], rule.to, cause))


def _is_exceeded(index: Index, line: Line, rule: OverflowRule) -> OverflowCause | None:
    length = len(line.order)
    if rule.longer_than is not None:
        return OverflowCause.LENGTH if length > max(0, rule.longer_than) else None
    if rule.expected_wait_s is None or not length:
        return None
    expected_ms = line.expected_wait_ms(length, index.now_ms)
    is_longer = expected_ms is not None and expected_ms > rule.expected_wait_s * 1000
    return OverflowCause.EXPECTED_WAIT if is_longer else None


def _moved(index: Index, item: Item, to: QueueId, cause: OverflowCause) -> Overflow:
    index.unplace(item)
    return Overflow(
        interaction=item.id,
        version=item.version,
        to=to,
        cause=cause,
        policy=index.policy.version,
        waited_ms=index.now_ms - item.queued_at_ms,
    )


def _in_order(lines: dict[QueueId, Line]) -> list[Line]:
    return [lines[queue] for queue in sorted(lines)]
