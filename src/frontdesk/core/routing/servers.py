"""Who serves which queue at which step of its relaxation: by the directory and the skills, whoever is logged in."""

from collections.abc import Iterable
from typing import Final

from frontdesk.core.expressions import parsed
from frontdesk.core.ids import GroupId, QueueId, UserId
from frontdesk.core.policy import Policy, QueuePolicy
from frontdesk.core.routing.facts import AgentFacts, Facts

NOBODY: Final[frozenset[UserId]] = frozenset()


class Serving:
    """The servers of a queue at a step. `able` are those of the `members` who have what is `required`."""

    __slots__ = ("able", "members", "required")

    def __init__(self, members: frozenset[UserId], able: frozenset[UserId], required: str) -> None:
        self.members = members
        self.able = able
        self.required = required


class Servers:
    """Worked out when asked for the first time, and again for what a change of the directory touches."""

    def __init__(self, facts: Facts, policy: Policy) -> None:
        self.facts = facts
        self.policy = policy
        self._groups: dict[GroupId, set[UserId]] = {}
        self._able: dict[str, set[UserId]] = {}  # by expression: everybody for whom it holds
        self._serving: dict[tuple[QueueId, int], Serving] = {}
        for user, agent in facts.agents.items():
            for group in agent.groups:
                self._groups.setdefault(group, set()).add(user)

    def at(self, queue: QueueId, step: int) -> Serving:
        """Who serves `queue` when so many steps have passed."""
        known = self._serving.get((queue, step))
        if known is None:
            known = self._serving[queue, step] = self._worked_out(queue, step)
        return known

    def set_facts(self, facts: Facts) -> list[UserId]:
        """Take over another directory; the agents who are not as they were, in no order. What `at` gave is void."""
        before, self.facts = self.facts, facts
        changed = [user for user, agent in facts.agents.items() if before.agents.get(user) != agent]
        gone = [user for user in before.agents if user not in facts.agents]
        for user in (*changed, *gone):
            self._regroup(user, before.agents.get(user), facts.agents.get(user))
            for text, able in self._able.items():
                expression, agent = parsed(text), facts.agents.get(user)
                assert expression is not None
                (able.add if agent is not None and expression.holds(agent.skills) else able.discard)(user)
        self._serving.clear()
        return changed + gone

    def set_policy(self, policy: Policy) -> None:
        """Take over another policy; what `at` gave is void."""
        self.policy = policy
        self._able.clear()
        self._serving.clear()

    def _regroup(self, user: UserId, before: AgentFacts | None, after: AgentFacts | None) -> None:
        for group in before.groups if before is not None else ():
            self._groups[group].discard(user)
        for group in after.groups if after is not None else ():
            self._groups.setdefault(group, set()).add(user)

    def _worked_out(self, queue: QueueId, step: int) -> Serving:
        rules = self.policy.of(queue)
        members = self._members(queue, rules)
        required = rules.requires
        for widening in rules.steps[:step]:
            members |= self._known(widening.agents) | self._of_groups(widening.groups)
            for other in widening.queues:
                members |= self.at(other, 0).able
            if widening.requires is not None:
                required = widening.requires
        able = members if parsed(required) is None else members & self._holding(required)
        return Serving(frozenset(members), frozenset(able), required)

    def _members(self, queue: QueueId, rules: QueuePolicy) -> set[UserId]:
        facts = self.facts.queues.get(queue)
        if facts is None:
            return set()
        members = self._known(facts.agents) | self._of_groups(facts.groups)
        if parsed(rules.members) is not None:
            members |= self._holding(rules.members)
        return members

    def _known(self, users: Iterable[UserId]) -> set[UserId]:
        return {user for user in users if user in self.facts.agents}

    def _of_groups(self, groups: Iterable[GroupId]) -> set[UserId]:
        return set().union(*(self._groups.get(group, ()) for group in groups))

    def _holding(self, text: str) -> set[UserId]:
        able = self._able.get(text)
        if able is None:
            expression = parsed(text)
            assert expression is not None
            agents = self.facts.agents.items()
            able = self._able[text] = {user for user, agent in agents if expression.holds(agent.skills)}
        return able
