"""What is remembered of an offer: on which policy it rested, who came into question, and whom each rule kept out."""

from enum import StrEnum

import msgspec

from frontdesk.core.ids import UserId


class Rule(StrEnum):
    """Why an agent is not asked; of several the first of this order is told."""

    NOT_SERVING = "not_serving"  # serves the queue neither by itself, nor through a group, nor by the expression
    SKILLS = "skills"  # does not have what is required
    LAST_AGENT = "last_agent"  # it is kept for the agent who had it before
    REFUSED = "refused"  # rejected it or let it pass in this round
    LOGGED_OUT = "logged_out"  # of the medium
    NOT_READY = "not_ready"
    LIMIT = "limit"  # has the most of the medium
    UNITS = "units"  # has not units enough left
    INTERRUPTION = "interruption"  # works on something that this medium may not interrupt


class Ranked(msgspec.Struct, frozen=True):
    """A candidate and what its place in the order rests on: smaller values come first, of equal ones the user id."""

    user: UserId
    value: tuple[int, ...]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of an offer; its size does not depend on how many agents there are."""

    policy: int  # its version
    step: int  # how many steps of relaxation had passed
    choice: str
    waited_ms: int
    candidates: tuple[Ranked, ...]  # the first in order, those who are asked among them
    eligible: int  # how many there were
    excluded: dict[Rule, int]  # how many agents of the directory each rule kept out
