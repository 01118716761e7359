"""An agent at work: where it is logged in, what it has in hand, and whether it can be offered one more."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from frontdesk.core.ids import UserId
from frontdesk.core.policy import Policy
from frontdesk.core.routing.agents import ChannelState
from frontdesk.core.routing.decisions import Rule

if TYPE_CHECKING:
    from frontdesk.core.routing.audiences import Audience

#: The share of a limit is counted in millionths, so that it is compared as a whole number.
_WHOLE: Final = 1_000_000


class Standing(NamedTuple):
    """How an agent stands to one more of a medium: the rule that keeps it out, or None, and what an order rests on."""

    rule: Rule | None
    units: int = 0  # in hand, of all media
    share: int = 0  # of the limit of this medium that is in hand, in millionths
    idle_since_ms: int = 0


LOGGED_OUT: Final = Standing(Rule.LOGGED_OUT)


class Worker:
    """Mutable; `standings` and `audiences` are kept by the index."""

    __slots__ = ("audiences", "channels", "hand", "idle_since_ms", "loads", "skills", "standings", "units", "user")

    def __init__(self, user: UserId) -> None:
        self.user = user
        self.skills: Mapping[str, int] = {}
        self.channels: dict[str, ChannelState] = {}
        self.hand: dict[str, int] = {}  # how many of the interactions that the router knows it holds, by medium
        self.idle_since_ms: dict[str, int] = {}
        self.loads: dict[str, int] = {}  # `hand` and what the router does not know
        self.units = 0
        self.standings: dict[str, Standing] = {}
        self.audiences: dict[str, dict[Audience, None]] = {}

    def set_channels(self, channels: Mapping[str, ChannelState]) -> None:
        self.channels = dict(channels)
        for medium, channel in channels.items():
            self.idle_since_ms[medium] = channel.idle_since_ms

    def take(self, medium: str, by: int, at_ms: int) -> None:
        """So many more, or fewer, of a medium are in hand."""
        left = self.hand.get(medium, 0) + by
        assert left >= 0, f"{self.user} gave away more of {medium} than it had"
        if left:
            self.hand[medium] = left
        else:
            del self.hand[medium]
        self.idle_since_ms[medium] = at_ms

    def weigh(self, policy: Policy) -> None:
        """Work out the loads anew, after any change of channels, hand or policy."""
        loads = dict(self.hand)
        for medium, channel in self.channels.items():
            if channel.load:
                loads[medium] = loads.get(medium, 0) + channel.load
        self.loads = loads
        self.units = sum(load * policy.medium(medium).cost for medium, load in loads.items())

    def standing(self, medium: str, policy: Policy) -> Standing:
        """By the present loads."""
        channel = self.channels.get(medium)
        if channel is None:
            return LOGGED_OUT
        load, limit = self.loads.get(medium, 0), policy.limit_of(self.user, medium)
        rule: Rule | None = None
        if not channel.ready:
            rule = Rule.NOT_READY
        elif load >= limit:
            rule = Rule.LIMIT
        elif self.units + policy.medium(medium).cost > policy.units:
            rule = Rule.UNITS
        else:
            for held in self.loads:
                if not policy.may_interrupt(medium, held):
                    rule = Rule.INTERRUPTION
                    break
        return Standing(rule, self.units, load * _WHOLE // limit if limit > 0 else 0, self.idle_since_ms[medium])
