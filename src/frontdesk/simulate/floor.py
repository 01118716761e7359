"""The simulated floor: what happens next, and what the production router and lifecycle make of it.

Moments lie on a heap. After each the router takes its turns until it has nothing more to decide, as the server does
after each commit; its own timers come as if they lay on the heap. Decisions are those of `core.interactions` and
`core.agents`, with one besides: a customer who has waited too long goes, which no interaction in the server does yet.
"""

import hashlib
import heapq
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from msgspec.structs import replace

from frontdesk.core import interactions
from frontdesk.core.ids import InteractionId, UserId
from frontdesk.core.interactions import Change, Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.policy import AfterSession
from frontdesk.core.routing import AutoAnswer, Offer, Overflow, RoutingState
from frontdesk.core.user_data import UserDataLimits
from frontdesk.simulate import customers, staff
from frontdesk.simulate.customers import Customer
from frontdesk.simulate.results import Book, Results
from frontdesk.simulate.scenario import Scenario
from frontdesk.simulate.staff import Clerk

#: Told how much of how much is done.
Progress = Callable[[int, int], None]

_LIMITS = UserDataLimits()
_TOLD_EVERY = 512


def simulated(scenario: Scenario, progress: Progress | None = None) -> Results:
    """Run it to its end."""
    began_s = perf_counter()
    floor = Floor(scenario)
    floor.run(progress)
    return floor.results(perf_counter() - began_s)


class Case:
    """An interaction that lives, and what its customer brought."""

    __slots__ = ("customer", "interaction", "was_served")

    def __init__(self, interaction: Interaction, customer: Customer) -> None:
        self.interaction = interaction
        self.customer = customer
        self.was_served = False  # somebody has worked on it, though it may wait again


class Floor:
    """Mutable; one run."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._policy = scenario.policy
        self._facts = scenario.facts()
        self._start_ms = scenario.start_ms
        self._end_ms = scenario.start_ms + scenario.duration_s * 1000
        self._now_ms = self._start_ms
        self._pause_ms = scenario.refused_pause_s * 1000
        self._router = RoutingState(self._facts, self._policy, self._now_ms)
        self._clerks = staff.staffed(scenario)
        self._cases: dict[InteractionId, Case] = {}
        self._held: dict[UserId, dict[InteractionId, None]] = {user: {} for user in self._clerks}
        self._book = Book(scenario)
        self._digest = hashlib.sha256()
        self._count = 0
        self._moments: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._set = 0  # moments so far: of those at the same time the one that was set first comes first
        for clerk in self._clerks.values():
            self._schedule(clerk)
        for source in customers.sources(scenario):
            self._next_of(source)

    def run(self, progress: Progress | None = None) -> None:
        """All that happens before the end."""
        moments, end_ms, total = self._moments, self._end_ms, self._scenario.duration_s
        turns = 0
        while moments and moments[0][0] < end_ms:
            self._wait_until(moments[0][0])
            at_ms, _, act, arguments = heapq.heappop(moments)
            self._now_ms = max(self._now_ms, at_ms)
            act(*arguments)
            self._decide()
            turns += 1
            if progress is not None and turns % _TOLD_EVERY == 0:
                progress((self._now_ms - self._start_ms) // 1000, total)
        self._wait_until(end_ms)
        self._now_ms = end_ms
        for clerk in self._clerks.values():
            clerk.mark(end_ms)
        self._book.close(end_ms)
        if progress is not None:
            progress(total, total)

    def results(self, wall_s: float) -> Results:
        """What came of it."""
        in_hand = sum(case.interaction.owner is not None for case in self._cases.values())
        return self._book.results(
            self._clerks.values(),
            came=self._count,
            waiting=len(self._cases) - in_hand,
            in_hand=in_hand,
            digest=self._digest.hexdigest(),
            wall_s=wall_s,
        )

    # ── time ─────────────────────────────────────────────────────────────────────────────────────

    def _at(self, at_ms: int, act: Callable[..., None], *arguments: Any) -> None:
        self._set += 1
        heapq.heappush(self._moments, (at_ms, self._set, act, arguments))

    def _wait_until(self, at_ms: int) -> None:
        """Take the turns for which the router has timers before that."""
        while True:
            timer_ms = self._router.next_timer_ms()
            if timer_ms is None or timer_ms >= at_ms:
                return
            had_passed = timer_ms <= self._now_ms
            self._now_ms = max(self._now_ms, timer_ms)
            if not self._decide() and had_passed:
                return

    def _schedule(self, clerk: Clerk) -> None:
        if clerk.team.shift is None:
            self._at(self._start_ms, self._begin, clerk)
        else:
            for begins_ms, ends_ms in staff.times(clerk.team.shift, self._scenario):
                self._at(begins_ms, self._begin, clerk)
                self._at(ends_ms, self._end, clerk)
        for span in clerk.team.breaks:
            for begins_ms, ends_ms in staff.times(span, self._scenario):
                self._at(begins_ms, self._pause, clerk)
                self._at(ends_ms, self._resume, clerk)

    # ── customers ────────────────────────────────────────────────────────────────────────────────

    def _next_of(self, source: Iterator[Customer]) -> None:
        customer = next(source, None)
        if customer is not None:
            self._at(self._start_ms + customer.at_ms, self._arrive, customer, source)

    def _arrive(self, customer: Customer, source: Iterator[Customer]) -> None:
        self._next_of(source)
        self._count += 1
        change = interactions.submit(
            interaction_id=InteractionId(f"{self._count:016}"),
            media_type=customer.medium,
            queue=customer.queue,
            queue_name=customer.queue,
            subject="",
            priority=customer.priority,
            data={},
            external_id=None,
            subtype="InboundNew",
            at_ms=self._now_ms,
            limits=_LIMITS,
        )
        case = self._cases[change.after.id] = Case(change.after, customer)
        self._book.waits(1, self._now_ms)
        self._router.set_item(change.after, at_ms=self._now_ms)
        if customer.patience_ms is not None:
            self._at(self._now_ms + customer.patience_ms, self._give_up, case)

    def _give_up(self, case: Case) -> None:
        """The customer goes, unless somebody serves it or it has gone."""
        before = case.interaction
        if case.was_served or before.is_final:
            return
        after = replace(
            before, state=State.CANCELED, version=before.version + 1, owner=None, invitees=(), deadline_ms=None
        )
        self._book.abandoned(before, self._now_ms)
        self._became(case, Change("Abandon", before, after))
        self._note("gone", after.id)

    # ── the router ───────────────────────────────────────────────────────────────────────────────

    def _decide(self) -> bool:
        """Take turns until nothing is to be decided. True if something was."""
        has_decided = False
        while decisions := self._router.turn(self._now_ms):
            has_decided = True
            for decision in decisions:
                case = self._cases[decision.interaction]
                before = case.interaction
                assert before.version == decision.version, "the router knows everything here"
                if isinstance(decision, Offer):
                    self._offer(case, decision)
                elif isinstance(decision, Overflow):
                    self._book.overflowed(now_ms=self._now_ms)
                    self._became(case, interactions.overflow(before, decision.to, decision.to))
                    self._note("overflow", before.id, decision.to)
                else:
                    assert isinstance(decision, AutoAnswer)
                    self._became(case, interactions.auto_answer(before))
        return has_decided

    def _offer(self, case: Case, offer: Offer) -> None:
        now_ms, before = self._now_ms, case.interaction
        self._book.offered(offer, before, self._clerks)
        deadline_ms = now_ms + offer.offer_s * 1000
        self._became(case, interactions.offer(before, offer.invitees, deadline_ms=deadline_ms))
        self._note("offer", before.id, *offer.invitees)
        is_waited_for = True
        for user in offer.invitees:
            answer = self._clerks[user].answer()
            if answer is None:
                continue
            after_ms, accepts = answer
            if not after_ms and accepts and len(offer.invitees) == 1:
                self._answer(case, user, deadline_ms, accepts)
                is_waited_for = False
            else:
                self._at(now_ms + after_ms, self._answer, case, user, deadline_ms, accepts)
        if is_waited_for:
            self._at(deadline_ms, self._expire, case, deadline_ms)

    def _answer(self, case: Case, user: UserId, deadline_ms: int, accepts: bool) -> None:
        before, now_ms, clerk = case.interaction, self._now_ms, self._clerks[user]
        if before.deadline_ms != deadline_ms or user not in before.invitees:
            return
        clerk.answered(before.media_type)
        if not accepts:
            self._refused(case, interactions.reject(before, user, round_ends_at_ms=now_ms + self._pause_ms))
            return
        change = interactions.accept(before, user)
        if case.was_served:
            self._book.waits(-1, now_ms)
        else:
            self._book.accepted(before, clerk, now_ms)
            case.was_served = True
        clerk.own(1, now_ms)
        self._became(case, change)
        self._note("accept", before.id, user)
        self._at(now_ms + case.customer.handle_ms, self._complete, case, change.after.version)

    def _expire(self, case: Case, deadline_ms: int) -> None:
        before, now_ms = case.interaction, self._now_ms
        if before.state is not State.INVITED or before.deadline_ms != deadline_ms:
            return
        self._refused(case, interactions.expire(before, round_ends_at_ms=now_ms + self._pause_ms))
        for user in before.invitees:
            clerk = self._clerks[user]
            if clerk.missed(before.media_type, self._policy.missed_offers, now_ms):
                self._router.set_agent(clerk.state())
                self._at(now_ms + clerk.back_ms(), self._back, clerk, before.media_type)

    def _refused(self, case: Case, change: Change) -> None:
        """Declined, expired or withdrawn: with nobody left to ask, a new round begins after a while."""
        self._became(case, change)
        self._note(change.trigger, change.after.id)
        if change.after.state is State.QUEUED and change.after.deadline_ms is not None:
            self._at(change.after.deadline_ms, self._new_round, case, change.after.deadline_ms)

    def _new_round(self, case: Case, deadline_ms: int) -> None:
        before = case.interaction
        if before.state is State.QUEUED and before.deadline_ms == deadline_ms:
            self._became(case, interactions.new_round(before))

    # ── agents ───────────────────────────────────────────────────────────────────────────────────

    def _complete(self, case: Case, version: int) -> None:
        before, now_ms = case.interaction, self._now_ms
        if before.version != version or before.owner is None:
            return  # it was taken from its owner meanwhile
        clerk, medium = self._clerks[before.owner], before.media_type
        self._became(case, interactions.complete(before, clerk.user))
        clerk.own(-1, now_ms)
        wrap_up_s = self._policy.of(before.queue).wrap_up_s
        ends_ms = clerk.wrap_up(medium, wrap_up_s, now_ms) if wrap_up_s else None
        if ends_ms is not None:
            self._router.set_agent(clerk.state())
            self._at(ends_ms, self._wrap_up_over, clerk, medium)

    def _wrap_up_over(self, clerk: Clerk, medium: str) -> None:
        if clerk.wrap_up_over(medium, self._now_ms):
            self._router.set_agent(clerk.state())

    def _back(self, clerk: Clerk, medium: str) -> None:
        if clerk.back(medium, self._now_ms):
            self._router.set_agent(clerk.state())

    def _begin(self, clerk: Clerk) -> None:
        clerk.begin(self._now_ms)
        self._router.set_agent(clerk.state())

    def _pause(self, clerk: Clerk) -> None:
        clerk.pause(self._now_ms)
        self._router.set_agent(clerk.state())

    def _resume(self, clerk: Clerk) -> None:
        clerk.resume(self._now_ms)
        self._router.set_agent(clerk.state())

    def _end(self, clerk: Clerk) -> None:
        """The session ends: offers are withdrawn, and work goes where its queue's policy says."""
        now_ms, user = self._now_ms, clerk.user
        clerk.end(now_ms)
        self._router.set_agent(clerk.state())
        for interaction in list(self._held[user]):
            case = self._cases[interaction]
            before = case.interaction
            after_session = self._policy.of(before.queue).after_session
            if user in before.invitees:
                self._refused(case, interactions.withdraw(before, user, round_ends_at_ms=now_ms + self._pause_ms))
            elif after_session is not AfterSession.KEEP:
                clerk.own(-1, now_ms)
                self._book.waits(1, now_ms)
                self._became(case, interactions.give_back(before))
                self._note("return", before.id, user)

    # ── what every change does ───────────────────────────────────────────────────────────────────

    def _became(self, case: Case, change: Change) -> None:
        before, after, now_ms = case.interaction, change.after, self._now_ms
        case.interaction = after
        if before.holders != after.holders:
            medium, identity = after.media_type, after.id
            for user in before.holders:
                if user not in after.holders:
                    del self._held[user][identity]
                    self._clerks[user].idle_since_ms[medium] = now_ms
            for user in after.holders:
                if user not in before.holders:
                    self._held[user][identity] = None
                    self._clerks[user].idle_since_ms[medium] = now_ms
        if after.is_final:
            del self._cases[after.id]
        self._router.set_item(after, at_ms=now_ms)

    def _note(self, *what: str) -> None:
        """What the digest is made of: every assignment with its moment."""
        self._digest.update(f"{self._now_ms - self._start_ms} {' '.join(what)}\n".encode())
