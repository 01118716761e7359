"""The life of an interaction: every state, every trigger, every legal step.

All transition rules live in `STEPS`; no other module compares states to decide what may happen next.
Capabilities, the list of legal operations that every interaction carries on the wire, are derived from
the same table, and so is the diagram in docs/lifecycle.md.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from frontdesk.core.errors import IllegalTransition


class State(StrEnum):
    """Values are the names on the wire."""

    QUEUED = "Queued"  # waits in a queue
    INVITED = "Invited"  # one or several agents are being asked
    PROCESSING = "Processing"  # one agent works on it
    CHATTING = "Chatting"  # one agent is in the chat
    COMPOSING = "Composing"  # one agent writes it: an outbound draft
    IN_WORKBIN = "InWorkbin"  # parked
    COMPLETED = "Completed"  # final
    CANCELED = "Canceled"  # final
    SENT = "Sent"  # final


class Kind(StrEnum):
    """What an interaction is, as far as the lifecycle cares."""

    DRAFT = "draft"  # outbound, being written
    CHAT = "chat"
    EMAIL = "email"  # inbound
    ITEM = "item"  # anything else: work items, open media


class Trigger(StrEnum):
    """What can happen to an interaction. Agents' triggers carry the operation's name on the wire."""

    OFFER = "Offer"
    EXPIRE = "Expire"
    WITHDRAW = "Withdraw"
    ACCEPT = "Accept"
    REJECT = "Reject"
    DECLINE = "Decline"  # one of several invitees is out; the others are still asked
    NEW_ROUND = "NewRound"  # those who refused it may be asked again
    OVERFLOW = "Overflow"  # the policy sends it to another queue
    AUTO_ANSWER = "AutoAnswer"  # its customer was told that nobody is here
    RETURN = "Return"  # its owner is gone, or somebody took it away: back to its queue
    PARK = "Park"  # its owner's session ended: into a workbin
    REPLY = "Reply"
    REPLY_ALL = "ReplyAll"
    TRANSFER = "Transfer"
    PLACE_IN_QUEUE = "PlaceInQueue"
    PLACE_IN_WORKBIN = "PlaceInWorkbin"
    PULL = "Pull"
    ATTACH_USER_DATA = "AttachUserData"
    UPDATE_USER_DATA = "UpdateUserData"
    DELETE_USER_DATA = "DeleteUserData"
    SET_DISPOSITION = "SetDisposition"
    SET_IN_FOCUS = "SetInFocus"
    CANCEL = "Cancel"
    COMPLETE = "Complete"


class Step(NamedTuple):
    """One row of the table: in `before`, `trigger` leads to `after`, for interactions of one of `kinds` (the guard)."""

    before: State
    trigger: Trigger
    after: State
    kinds: frozenset[Kind]


ANY = frozenset(Kind)
DRAFT, CHAT, EMAIL = frozenset({Kind.DRAFT}), frozenset({Kind.CHAT}), frozenset({Kind.EMAIL})
PROCESSED = frozenset({Kind.EMAIL, Kind.ITEM})

_S, _T = State, Trigger

# What working on it is called depends on what it is: a draft is composed, a chat is chatted, the rest is processed.
_WORKING: tuple[tuple[State, frozenset[Kind]], ...] = (
    (_S.PROCESSING, PROCESSED),
    (_S.CHATTING, CHAT),
    (_S.COMPOSING, DRAFT),
)
_KEEPS_STATE = (
    _T.ATTACH_USER_DATA,
    _T.UPDATE_USER_DATA,
    _T.DELETE_USER_DATA,
    _T.SET_DISPOSITION,
    _T.SET_IN_FOCUS,
)

STEPS: tuple[Step, ...] = (
    Step(_S.QUEUED, _T.OFFER, _S.INVITED, ANY),
    Step(_S.INVITED, _T.EXPIRE, _S.QUEUED, ANY),
    Step(_S.INVITED, _T.WITHDRAW, _S.QUEUED, ANY),
    Step(_S.INVITED, _T.REJECT, _S.QUEUED, ANY),
    Step(_S.INVITED, _T.DECLINE, _S.INVITED, ANY),
    Step(_S.QUEUED, _T.NEW_ROUND, _S.QUEUED, ANY),
    Step(_S.QUEUED, _T.OVERFLOW, _S.QUEUED, ANY),
    Step(_S.QUEUED, _T.AUTO_ANSWER, _S.QUEUED, ANY),
    *(Step(_S.QUEUED, _T.PULL, working, kinds) for working, kinds in _WORKING),
    *(Step(_S.INVITED, _T.ACCEPT, working, kinds) for working, kinds in _WORKING),
    *(Step(_S.IN_WORKBIN, _T.PULL, working, kinds) for working, kinds in _WORKING),
    Step(_S.PROCESSING, _T.REPLY, _S.PROCESSING, EMAIL),
    Step(_S.PROCESSING, _T.REPLY_ALL, _S.PROCESSING, EMAIL),
    *(Step(working, _T.TRANSFER, _S.INVITED, kinds) for working, kinds in _WORKING),
    *(Step(working, _T.PLACE_IN_QUEUE, _S.QUEUED, kinds) for working, kinds in _WORKING),
    *(Step(working, _T.PLACE_IN_WORKBIN, _S.IN_WORKBIN, kinds) for working, kinds in _WORKING),
    *(Step(working, _T.RETURN, _S.QUEUED, kinds) for working, kinds in _WORKING),
    *(Step(working, _T.PARK, _S.IN_WORKBIN, kinds) for working, kinds in _WORKING),
    *(Step(working, trigger, working, kinds) for trigger in _KEEPS_STATE for working, kinds in _WORKING),
    Step(_S.COMPOSING, _T.CANCEL, _S.CANCELED, DRAFT),
    Step(_S.PROCESSING, _T.COMPLETE, _S.COMPLETED, PROCESSED),
    Step(_S.CHATTING, _T.COMPLETE, _S.COMPLETED, CHAT),
)

FINAL = frozenset({State.COMPLETED, State.CANCELED, State.SENT})
WORKING = frozenset(state for state, _ in _WORKING)

#: Triggers that no agent pulls on an interaction's own resource: the router, a deadline, a policy or a workbin does.
_NOT_OPERATIONS = frozenset(
    {
        Trigger.OFFER,
        Trigger.EXPIRE,
        Trigger.WITHDRAW,
        Trigger.DECLINE,
        Trigger.NEW_ROUND,
        Trigger.OVERFLOW,
        Trigger.AUTO_ANSWER,
        Trigger.RETURN,
        Trigger.PARK,
        Trigger.PULL,
    }
)


def _table() -> Mapping[tuple[State, Trigger, Kind], State]:
    table: dict[tuple[State, Trigger, Kind], State] = {}
    for before, trigger, after, kinds in STEPS:
        for kind in kinds:
            assert (before, trigger, kind) not in table, f"two steps for {before}, {trigger}, {kind}"
            table[before, trigger, kind] = after
    return MappingProxyType(table)


_TABLE = _table()

_CAPABILITIES: Mapping[tuple[State, Kind], tuple[str, ...]] = MappingProxyType(
    {
        (state, kind): tuple(
            trigger.value for trigger in Trigger if trigger not in _NOT_OPERATIONS and (state, trigger, kind) in _TABLE
        )
        for state in State
        for kind in Kind
    }
)


def kind_of(media_type: str, *, is_outbound: bool) -> Kind:
    """What the lifecycle takes an interaction for, from its medium and direction."""
    if media_type == "email":
        return Kind.DRAFT if is_outbound else Kind.EMAIL
    return Kind.CHAT if media_type == "chat" else Kind.ITEM


def working_state(kind: Kind) -> State:
    """What working on an interaction of this kind is called; one that an agent creates is born in it."""
    return next(state for state, kinds in _WORKING if kind in kinds)


def step(interaction_id: str, before: State, trigger: Trigger, kind: Kind) -> State:
    """The state after `trigger`. Raises IllegalTransition, which names what would be legal."""
    after = _TABLE.get((before, trigger, kind))
    if after is None:
        raise IllegalTransition(interaction_id, before, trigger, capabilities(before, kind))
    return after


def capabilities(state: State, kind: Kind) -> tuple[str, ...]:
    """The operations that whoever holds an interaction of this kind may post to it now, in the table's order."""
    return _CAPABILITIES[state, kind]


def is_working(state: State) -> bool:
    """True while one agent owns it and works on it."""
    return state in WORKING


def is_final(state: State) -> bool:
    """True when nothing will ever happen to it again."""
    return state in FINAL
