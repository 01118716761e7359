"""Whether a policy makes sense, told in sentences that say where the fault is and what would be right.

A policy without problems cannot make the router do what nobody meant: send something round in circles, wait for what
never comes by a misspelt name, or count backwards.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Final

from frontdesk.core import calendars
from frontdesk.core.expressions import ExpressionInvalid, parsed
from frontdesk.core.ids import QueueId
from frontdesk.core.policy import (
    AfterSession,
    MediumPolicy,
    Outside,
    OverflowRule,
    Policy,
    QueuePolicy,
    RelaxStep,
    ServiceLevel,
)
from frontdesk.core.routing.facts import Facts

YEAR_S: Final = 366 * 24 * 3600
MOST: Final = 1_000_000


def checked(policy: Policy, facts: Facts) -> list[str]:
    """Every problem, in the order of the document; none means that the policy can be used."""
    return [
        *_of_queue("default", policy.default, policy, facts),
        *(problem for queue in policy.queues for problem in _of_named_queue(queue, policy, facts)),
        *(problem for name, medium in policy.media.items() for problem in _of_medium(f"media: {name}", medium, policy)),
        *_of_medium("other_media", policy.other_media, policy),
        *_bounded("units", policy.units, least=1),
        *_of_agents(policy, facts),
        *_bounded("missed_offers", policy.missed_offers),
        *_of_calendars(policy, facts),
        *_circles(policy, facts),
    ]


def _of_named_queue(queue: QueueId, policy: Policy, facts: Facts) -> Iterator[str]:
    if queue not in facts.queues:
        yield f"queues: there is no queue '{queue}'"
    yield from _of_queue(f"queue {facts.queue_name(queue)}", policy.queues[queue], policy, facts, itself=queue)


def _of_queue(
    place: str, rules: QueuePolicy, policy: Policy, facts: Facts, *, itself: QueueId | None = None
) -> Iterator[str]:
    if not math.isfinite(rules.ageing_per_minute) or not 0 <= rules.ageing_per_minute <= MOST:
        yield f"{place}: ageing_per_minute has to be from 0 to {MOST}, not {rules.ageing_per_minute}"
    yield from _bounded(f"{place}: weight", rules.weight, least=1)
    yield from _expression(f"{place}: members", rules.members)
    yield from _expression(f"{place}: requires", rules.requires)
    yield from _of_steps(place, rules.relax, facts, itself)
    yield from _seconds(f"{place}: last_agent_s", rules.last_agent_s)
    for number, rule in enumerate(rules.overflow, start=1):
        yield from _of_overflow(f"{place}: overflow {number}", rule, facts, itself)
    if rules.calendar is not None and rules.calendar not in policy.calendars:
        yield f"{place}: there is no calendar '{rules.calendar}'; there are: {_listed(policy.calendars)}"
    if rules.outside is Outside.OVERFLOW and rules.outside_to is None:
        yield f"{place}: outside is 'overflow', and outside_to does not say to which queue"
    if rules.outside_to is not None:
        yield from _of_target(f"{place}: outside_to", rules.outside_to, facts, itself)
    if rules.service_level is not None:
        yield from _of_service_level(f"{place}: service_level", rules.service_level)
    yield from _bounded(f"{place}: parallel", rules.parallel, least=1, most=100)
    yield from _seconds(f"{place}: offer_s", rules.offer_s, least=1)
    if rules.after_session is AfterSession.WORKBIN and not rules.after_session_workbin:
        yield f"{place}: after_session is 'workbin', and after_session_workbin does not say which"
    yield from _seconds(f"{place}: wrap_up_s", rules.wrap_up_s)


def _of_steps(place: str, steps: Iterable[RelaxStep], facts: Facts, itself: QueueId | None) -> Iterator[str]:
    before_s: int | None = None
    for number, step in enumerate(steps, start=1):
        here = f"{place}: relax {number}"
        yield from _seconds(f"{here}: after_s", step.after_s)
        if before_s is not None and step.after_s <= before_s:
            yield f"{here}: comes after {step.after_s} s, and the step before it after {before_s} s; put them in order"
        before_s = step.after_s
        if step.requires is not None:
            yield from _expression(f"{here}: requires", step.requires)
        yield from (f"{here}: there is no agent '{user}'" for user in step.agents if user not in facts.agents)
        yield from (f"{here}: there is no group '{group}'" for group in step.groups if group not in facts.groups)
        for queue in step.queues:
            yield from _of_target(f"{here}: queues", queue, facts, itself)
        if step.requires is None and not (step.agents or step.groups or step.queues):
            yield f"{here}: widens nothing; give it requires, agents, groups or queues"


def _of_overflow(place: str, rule: OverflowRule, facts: Facts, itself: QueueId | None) -> Iterator[str]:
    yield from _of_target(f"{place}: to", rule.to, facts, itself)
    given = [
        name
        for name, value in (
            ("after_s", rule.after_s),
            ("longer_than", rule.longer_than),
            ("expected_wait_s", rule.expected_wait_s),
        )
        if value is not None
    ]
    if len(given) != 1:
        which = " and ".join(given) or "none of them"
        yield f"{place}: give one of after_s, longer_than and expected_wait_s, not {which}"
    if rule.after_s is not None:
        yield from _seconds(f"{place}: after_s", rule.after_s)
    if rule.longer_than is not None:
        yield from _bounded(f"{place}: longer_than", rule.longer_than)
    if rule.expected_wait_s is not None:
        yield from _seconds(f"{place}: expected_wait_s", rule.expected_wait_s)


def _of_service_level(place: str, level: ServiceLevel) -> Iterator[str]:
    yield from _bounded(f"{place}: percent", level.percent, least=1, most=100)
    yield from _seconds(f"{place}: within_s", level.within_s, least=1)
    yield from _bounded(f"{place}: boost", level.boost)
    if not 0 <= level.boost_before_s <= level.within_s:
        yield f"{place}: boost_before_s has to be from 0 to within_s ({level.within_s}), not {level.boost_before_s}"


def _of_medium(place: str, medium: MediumPolicy, policy: Policy) -> Iterator[str]:
    yield from _bounded(f"{place}: limit", medium.limit)
    yield from _bounded(f"{place}: cost", medium.cost)
    if policy.units >= 1 and medium.cost > policy.units and medium.limit > 0:
        yield f"{place}: cost is {medium.cost}, more than all {policy.units} units of an agent: nobody is ever asked"


def _of_agents(policy: Policy, facts: Facts) -> Iterator[str]:
    for user, limits in policy.agents.items():
        if user not in facts.agents:
            yield f"agents: there is no agent '{user}'"
        for medium, limit in limits.items():
            yield from _bounded(f"agent {facts.agent_name(user)}: {medium}", limit)


def _of_calendars(policy: Policy, facts: Facts) -> Iterator[str]:
    for name, calendar in policy.calendars.items():
        if calendar.zone not in facts.zones:
            yield f"calendar {name}: there is no time zone '{calendar.zone}'; write one such as Europe/Berlin"
        yield from (f"calendar {name}: {problem}" for problem in calendars.problems(calendar))


def _circles(policy: Policy, facts: Facts) -> Iterator[str]:
    """Queues that would send something round for ever, each circle told once."""
    leads_to = {queue: _targets(policy.of(queue)) for queue in sorted({*facts.queues, *policy.queues})}
    finished: set[QueueId] = set()
    for start in leads_to:
        path: list[QueueId] = []
        remaining: list[Iterator[QueueId]] = [iter((start,))]
        while remaining:
            queue = next(remaining[-1], None)
            if queue is None:
                remaining.pop()
                if path:
                    finished.add(path.pop())
            elif queue in path:
                circle = [*path[path.index(queue) :], queue]
                if len(circle) > 2 or queue not in policy.queues:  # else it was told where it stands
                    yield f"overflow goes round in circles: {' → '.join(facts.queue_name(one) for one in circle)}"
            elif queue not in finished and queue in leads_to:
                path.append(queue)
                remaining.append(iter(leads_to[queue]))


def _targets(rules: QueuePolicy) -> tuple[QueueId, ...]:
    targets = [rule.to for rule in rules.overflow]
    if rules.outside is Outside.OVERFLOW and rules.outside_to is not None:
        targets.append(rules.outside_to)
    return tuple(dict.fromkeys(targets))


def _of_target(place: str, queue: QueueId, facts: Facts, itself: QueueId | None) -> Iterator[str]:
    if queue not in facts.queues:
        yield f"{place}: there is no queue '{queue}'"
    elif queue == itself:
        yield f"{place}: is the queue itself"


def _expression(place: str, text: str) -> Iterator[str]:
    try:
        parsed(text)
    except ExpressionInvalid as error:
        yield f"{place}: {error}"


def _seconds(place: str, value: int, *, least: int = 0) -> Iterator[str]:
    yield from _bounded(place, value, least=least, most=YEAR_S)


def _bounded(place: str, value: int, *, least: int = 0, most: int = MOST) -> Iterator[str]:
    if not least <= value <= most:
        yield f"{place} has to be from {least} to {most}, not {value}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
