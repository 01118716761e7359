"""An agent of the simulation: its session as the server would know it, its habits, and how its time was spent."""

from collections.abc import Iterator

from msgspec.structs import replace

from frontdesk.core import agents
from frontdesk.core.agent_states import NOT_READY, READY
from frontdesk.core.agents import Agent
from frontdesk.core.ids import UserId
from frontdesk.core.routing import AgentState, ChannelState
from frontdesk.simulate.chance import Dice, stream
from frontdesk.simulate.scenario import Agents, Scenario, spans

_DAY_MS = 24 * 3_600_000


class Clerk:
    """Mutable. Time counts as present while it is on shift and not in a break, or still has something in hand."""

    __slots__ = (
        *("_answer", "_back", "_counted_from_ms", "_marked_ms", "_random", "agent", "busy_ms", "handled"),
        *("idle_since_ms", "in_break", "on_shift", "owned", "present_ms", "team", "user", "wrapping"),
    )

    def __init__(self, user: UserId, team: Agents, scenario: Scenario) -> None:
        self.user = user
        self.team = team
        self.agent = Agent(user_id=user)
        self.on_shift = False
        self.in_break = False
        self.owned = 0
        self.wrapping = 0
        self.handled = 0
        self.present_ms = 0
        self.busy_ms = 0
        self.idle_since_ms: dict[str, int] = dict.fromkeys(team.media, 0)
        self._marked_ms = scenario.start_ms
        self._counted_from_ms = scenario.start_ms + scenario.warm_up_s * 1000
        self._random = stream(scenario.seed, f"agent {user}")
        self._answer = Dice(team.answer, self._random)
        self._back = Dice(team.back, self._random)

    # ── habits ───────────────────────────────────────────────────────────────────────────────────

    def answer(self) -> tuple[int, bool] | None:
        """After how many milliseconds it answers an offer, and whether it accepts; None for no answer."""
        if self.team.accepts >= 1.0:
            return (0 if self._answer.is_nothing else self._answer.ms()), True
        chance = self._random.random()
        if chance < self.team.ignores:
            return None
        return self._answer.ms(), chance < self.team.ignores + self.team.accepts

    def back_ms(self) -> int:
        """After so long it is Ready again, having missed too many offers."""
        return self._back.ms()

    # ── its session ──────────────────────────────────────────────────────────────────────────────

    @property
    def is_there(self) -> bool:
        return self.on_shift and not self.in_break

    def begin(self, at_ms: int) -> None:
        """The shift begins."""
        self.mark(at_ms)
        self.on_shift = True
        self.agent = agents.start(self.agent, self.team.media, place="", at_ms=at_ms)
        self._set(READY if not self.in_break else NOT_READY, at_ms)

    def end(self, at_ms: int) -> None:
        """The shift ends."""
        self.mark(at_ms)
        self.on_shift = False
        self.wrapping = 0
        self.agent = agents.end(self.agent, at_ms=at_ms)

    def pause(self, at_ms: int) -> None:
        """A break begins."""
        self.mark(at_ms)
        self.in_break = True
        if self.on_shift:
            self._set(NOT_READY, at_ms)

    def resume(self, at_ms: int) -> None:
        """A break ends."""
        self.mark(at_ms)
        self.in_break = False
        if self.on_shift:
            self._set(READY, at_ms)

    def answered(self, medium: str) -> None:
        """An offer was answered: nothing is missed any more."""
        held = self.agent.channel(medium)
        if held is not None and held.missed:
            after = tuple(replace(one, missed=0) if one is held else one for one in self.agent.channels)
            self.agent = replace(self.agent, channels=after)

    def missed(self, medium: str, limit: int, at_ms: int) -> bool:
        """An offer expired. True if that made the agent NotReady."""
        before = self.agent.channel(medium)
        self.agent = agents.offer_missed(self.agent, medium, limit=limit, at_ms=at_ms)
        after = self.agent.channel(medium)
        return after is not None and before is not None and after.standing != before.standing

    def back(self, medium: str, at_ms: int) -> bool:
        """Ready again after missed offers. True if that changed anything."""
        held = self.agent.channel(medium)
        if not self.is_there or held is None or held.reason != agents.MISSED_OFFERS:
            return False
        self.agent = agents.set_state(self.agent, medium, READY, at_ms=at_ms)
        return True

    def wrap_up(self, medium: str, seconds: int, at_ms: int) -> int | None:
        """When the wrap-up after something ends; None if there is none."""
        self.mark(at_ms)
        self.agent = agents.wrap_up(self.agent, medium, seconds=seconds, at_ms=at_ms)
        self._count_wrapping()
        held = self.agent.channel(medium)
        return None if held is None else held.wrap_up_ends_ms

    def wrap_up_over(self, medium: str, at_ms: int) -> bool:
        """The time has come. False if something else has ended the wrap-up, or prolonged it."""
        before, self.agent = self.agent, agents.wrap_up_over(self.agent, medium, at_ms=at_ms)
        if self.agent is before:
            return False
        self.mark(at_ms)
        self._count_wrapping()
        return True

    def state(self) -> AgentState:
        """As the router is told."""
        if not self.agent.is_in_session:
            return AgentState(self.user)
        return AgentState(
            self.user,
            {
                one.channel: ChannelState(one.is_ready, max(one.idle_since_ms, self.idle_since_ms[one.channel]))
                for one in self.agent.channels
                if one.is_logged_in
            },
        )

    def _set(self, state: str, at_ms: int) -> None:
        self.agent = agents.set_state_everywhere(self.agent, state, at_ms=at_ms)
        self._count_wrapping()

    def _count_wrapping(self) -> None:
        self.wrapping = sum(one.wrap_up_ends_ms is not None for one in self.agent.channels)

    # ── how its time is spent ────────────────────────────────────────────────────────────────────

    def own(self, by: int, at_ms: int) -> None:
        """One more interaction is in its hands, or one fewer."""
        self.mark(at_ms)
        self.owned += by

    def mark(self, at_ms: int) -> None:
        """Count the time since the last mark as what it was."""
        spent_ms = at_ms - max(self._marked_ms, self._counted_from_ms)
        self._marked_ms = at_ms
        if spent_ms > 0:
            is_busy = self.owned > 0 or self.wrapping > 0
            self.busy_ms += spent_ms * is_busy
            self.present_ms += spent_ms * (is_busy or self.is_there)


def staffed(scenario: Scenario) -> dict[UserId, Clerk]:
    """Everybody, nobody there yet."""
    return {user: Clerk(user, team, scenario) for team in scenario.agents for user in team.names}


def times(text: str, scenario: Scenario) -> Iterator[tuple[int, int]]:
    """From when until when hours of the day last, each day of the simulation, as times since the Unix epoch."""
    begins_ms, ends_ms = spans(text)
    midnight_ms = scenario.start_ms - scenario.clock_ms - _DAY_MS
    end_ms = scenario.start_ms + scenario.duration_s * 1000
    while midnight_ms < end_ms:
        if midnight_ms + ends_ms > scenario.start_ms and midnight_ms + begins_ms < end_ms:
            yield max(scenario.start_ms, midnight_ms + begins_ms), midnight_ms + ends_ms
        midnight_ms += _DAY_MS
