"""Agent states: the five that every server has, and those that an administrator adds with a reason of their own.

A state is taken by posting its operation name. An added one counts as one of the five, which is all that routing looks
at; what it says besides (display name, work mode, reason) is for people. Whoever is in a state keeps it as it was when
it was taken, so what a client was told stays true when the definition changes.

Source: the Genesys Web Services v2 pages, Settings.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from frontdesk.core.errors import AlreadyExists, ParameterMissing, PropertyReadOnly, ValueInvalid
from frontdesk.core.ids import AgentStateId
from frontdesk.core.names import check_name

#: What a definition's `state` can be, as the pages write it.
Counts = Literal["Ready", "NotReady", "Logout"]

OFFLINE, READY, NOT_READY, AFTER_CALL_WORK = "Offline", "Ready", "NotReady", "AfterCallWork"

#: The most that an administrator can add; clients show all of them to every agent.
MOST_STATES: Final = 200

_OPERATION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class AgentState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A definition of `/settings/agent-states`. `id` and `operation_name` never change."""

    id: AgentStateId
    operation_name: str
    display_name: str
    state: Counts
    work_mode: str | None = None
    reason: str | None = None
    version: int = 1

    @property
    def name(self) -> str:
        """What it is found by, like every thing in a catalogue."""
        return self.operation_name

    @property
    def counts_as(self) -> str:
        """The operation name of the constant state that routing takes it for."""
        return _COUNTS_AS[self.state]


def _constant(state_id: str, name: str, display_name: str, state: Counts, work_mode: str | None = None) -> AgentState:
    return AgentState(
        id=AgentStateId(state_id), operation_name=name, display_name=display_name, state=state, work_mode=work_mode
    )


#: By operation name. The ids are the vendor's; clients know them.
AGENT_STATES: Final[Mapping[str, AgentState]] = MappingProxyType(
    {
        constant.operation_name: constant
        for constant in (
            _constant("900D55CC-2BB0-431F-8BF9-D3525B383BE6", NOT_READY, "Not Ready", "NotReady"),
            _constant("9430250E-0A1B-421F-B372-F29E69366DED", READY, "Ready", "Ready"),
            _constant(
                "D3663509-3D82-4DD3-A82E-2EA8EFA02AEF", AFTER_CALL_WORK, AFTER_CALL_WORK, "NotReady", AFTER_CALL_WORK
            ),
            _constant("2B36138D-C564-4562-A8CB-3C32D564F296", "AuxWork", "AuxWork", "NotReady", "AuxWork"),
            _constant("0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", OFFLINE, "Offline", "Logout"),
        )
    }
)
DO_NOT_DISTURB: Final[Mapping[str, bool]] = MappingProxyType({"DoNotDisturbOn": True, "DoNotDisturbOff": False})
#: Every operation that sets a state, besides those that an administrator adds.
STATE_OPERATIONS: Final = (*AGENT_STATES, *DO_NOT_DISTURB)

_COUNTS_AS: Final[Mapping[str, str]] = MappingProxyType({"Ready": READY, "NotReady": NOT_READY, "Logout": OFFLINE})
_CONSTANT_IDS: Final = MappingProxyType({constant.id: constant for constant in AGENT_STATES.values()})
#: Other operations of the resources where states are set.
_TAKEN: Final = frozenset({"StartContactCenterSession", "EndContactCenterSession", "ChangePassword"})


def constant(state_id: str) -> AgentState | None:
    """The constant of this id, or None."""
    return _CONSTANT_IDS.get(AgentStateId(state_id))


def check_operation_name(name: str) -> str:
    """A name for a new state. Raises ParameterMissing, ValueInvalid, AlreadyExists for one that means something."""
    if not name:
        raise ParameterMissing("operationName", "It is what agents' clients post to take the state.")
    if not _OPERATION_NAME.fullmatch(name):
        raise ValueInvalid("operationName", "give a letter, and at most 63 letters, digits and '_' after it")
    if name in STATE_OPERATIONS or name in _TAKEN:
        raise AlreadyExists("agent state", name)
    return name


def check_words(made: AgentState) -> AgentState:
    """`made` itself. Raises ParameterMissing, ValueInvalid for what cannot be shown."""
    check_name(made.display_name, parameter="displayName")
    if made.work_mode is not None:
        check_name(made.work_mode, parameter="workMode")
    if made.reason is not None:
        check_name(made.reason, parameter="reason")
    return made


def refuse_change_of_constant(before: AgentState, after: AgentState) -> None:
    """Raises PropertyReadOnly, naming every property of a constant that would be another."""
    changed = [
        shown
        for field, shown in (
            ("operation_name", "operationName"),
            ("display_name", "displayName"),
            ("state", "state"),
            ("work_mode", "workMode"),
            ("reason", "reason"),
        )
        if getattr(before, field) != getattr(after, field)
    ]
    if changed:
        raise PropertyReadOnly(changed)
