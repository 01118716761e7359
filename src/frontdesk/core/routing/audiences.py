"""Agents who can take the same things of one medium, the free ones in the order in which they are asked.

Queues, and steps of them, that are served by the same agents under the same choice share one audience, so that an agent
whose hands become free is put in its place once, however many queues it serves.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from frontdesk.core.expressions import Expression, parsed
from frontdesk.core.ids import UserId
from frontdesk.core.policy import Choice
from frontdesk.core.routing.decisions import Rule
from frontdesk.core.routing.workers import Standing, Worker
from frontdesk.kit.ordered import Ordered

if TYPE_CHECKING:
    from frontdesk.core.routing.pools import Pool

#: What an order rests on, smaller first, and the user id, which breaks every tie.
Place = tuple[tuple[int, ...], UserId]

#: The rules that depend on what an agent does now, in their order.
_OF_STANDING: Final = (Rule.LOGGED_OUT, Rule.NOT_READY, Rule.LIMIT, Rule.UNITS, Rule.INTERRUPTION)


class Kind(NamedTuple):
    """What makes an audience the same."""

    medium: str
    able: frozenset[UserId]
    choice: Choice
    detail: str  # the queue for round robin, the expression for the best skill


class Audience:
    """`asked` tells in which turn a queue asked somebody last, for round robin."""

    __slots__ = ("_asked", "_counts", "_places", "_skills", "free", "kind", "pools", "waiting")

    def __init__(self, kind: Kind, asked: Mapping[UserId, int]) -> None:
        self.kind = kind
        self.pools: dict[Pool, None] = {}  # that it serves
        self.waiting: dict[Pool, None] = {}  # of these, the ones with something in them
        self.free: Ordered[Place] = Ordered()
        self._places: dict[UserId, Place] = {}  # of the free ones
        self._counts: dict[Rule | None, int] = {}
        self._asked = asked
        self._skills: Expression | None = parsed(kind.detail) if kind.choice is Choice.BEST_SKILL else None

    def join_all(self, workers: Iterable[tuple[Worker, Standing]]) -> None:
        """The first members, all at once."""
        for worker, standing in workers:
            self._counts[standing.rule] = self._counts.get(standing.rule, 0) + 1
            if standing.rule is None:
                self._places[worker.user] = self._place(worker, standing)
        self.free = Ordered(self._places.values())

    def join(self, worker: Worker, standing: Standing) -> None:
        self._counts[standing.rule] = self._counts.get(standing.rule, 0) + 1
        if standing.rule is None:
            self._enter(worker, standing)

    def leave(self, worker: Worker, standing: Standing) -> None:
        self._counts[standing.rule] -= 1
        if standing.rule is None:
            self.free.remove(self._places.pop(worker.user))

    def shift(self, worker: Worker, before: Standing, after: Standing) -> bool:
        """A member stands otherwise. True if it could be asked now and could not before."""
        if before.rule is not after.rule:
            self._counts[before.rule] -= 1
            self._counts[after.rule] = self._counts.get(after.rule, 0) + 1
        if before.rule is None:
            place = self._places.pop(worker.user)
            if after.rule is None:
                moved = self._place(worker, after)
                if moved == place:
                    self._places[worker.user] = place
                    return False
            self.free.remove(place)
        if after.rule is None:
            self._enter(worker, after)
            return before.rule is not None
        return False

    def first(self, most: int, without: tuple[UserId, ...]) -> list[Place]:
        """The first free ones in order, at most so many, but not these."""
        found: list[Place] = []
        for place in self.free:
            if len(found) == most:
                break
            if place[1] not in without:
                found.append(place)
        return found

    def has_free(self, without: tuple[UserId, ...]) -> bool:
        """True if somebody besides these could be asked."""
        if not without:
            return bool(self.free)
        return any(place[1] not in without for place in self.free)

    def is_free(self, user: UserId) -> bool:
        return user in self._places

    def counted(self) -> Iterator[tuple[Rule, int]]:
        """How many members each rule keeps out now."""
        return ((rule, self._counts.get(rule, 0)) for rule in _OF_STANDING)

    def _enter(self, worker: Worker, standing: Standing) -> None:
        place = self._places[worker.user] = self._place(worker, standing)
        self.free.add(place)

    def _place(self, worker: Worker, standing: Standing) -> Place:
        user, choice = worker.user, self.kind.choice
        if choice is Choice.LONGEST_IDLE:
            return (standing.units, standing.idle_since_ms), user
        if choice is Choice.LEAST_LOADED:
            return (standing.share, standing.units, standing.idle_since_ms), user
        if choice is Choice.ROUND_ROBIN:
            return (self._asked.get(user, 0),), user
        score = self._skills.score(worker.skills) if self._skills is not None else 0
        return (-score, standing.units, standing.idle_since_ms), user
