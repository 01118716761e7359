"""The router: who is asked to take what, decided by the policy from what happened, the same way every time.

`RoutingState` is fed with what is committed and asked by `turn(now)` what to do. It has no clock, no chance and no
effect: it is a cache of the truth, which is in the store, and can be made anew at any time.
"""

from frontdesk.core.routing.agents import AgentState, ChannelState, state_of
from frontdesk.core.routing.decisions import (
    AutoAnswer,
    Decision,
    Offer,
    Overflow,
    OverflowCause,
    Ranked,
    Record,
    Rule,
)
from frontdesk.core.routing.explain import Blocker, Explanation, Stuck, Unblocking, Way
from frontdesk.core.routing.facts import AgentFacts, Facts, QueueFacts
from frontdesk.core.routing.state import RoutingState

__all__ = [
    "AgentFacts",
    "AgentState",
    "AutoAnswer",
    "Blocker",
    "ChannelState",
    "Decision",
    "Explanation",
    "Facts",
    "Offer",
    "Overflow",
    "OverflowCause",
    "QueueFacts",
    "Ranked",
    "Record",
    "RoutingState",
    "Rule",
    "Stuck",
    "Unblocking",
    "Way",
    "state_of",
]
