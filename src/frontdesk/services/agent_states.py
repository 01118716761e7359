"""Agent states: the constants, and those that an administrator adds, which agents can take at once.

An added state that somebody is in cannot be deleted. It can be changed: whoever is in it keeps it as it was taken.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from frontdesk.core import agent_states
from frontdesk.core.agent_states import AGENT_STATES, AgentState, Counts
from frontdesk.core.errors import Forbidden, LimitExceeded, PropertyReadOnly
from frontdesk.core.ids import AgentStateId
from frontdesk.core.permissions import Act, Principal
from frontdesk.ports import Catalogue, Outcome, Transaction
from frontdesk.services.administration import Administration, counted
from frontdesk.services.calls import Caller


class AgentStateWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be so of an agent state; None leaves as it is, and "" takes a work mode or reason away."""

    operation_name: str | None = None
    display_name: str | None = None
    state: Counts | None = None
    work_mode: str | None = None
    reason: str | None = None


class AgentStates(Administration[AgentState, AgentStateWish]):
    """Use-cases of agent states."""

    noun = "agent state"
    name_parameter = "operationName"

    async def all(self, who: Principal) -> list[AgentState]:
        """The constants as every client knows them, then the added ones by operation name."""
        return [*AGENT_STATES.values(), *await super().all(who)]

    async def get(self, who: Principal, thing_id: str) -> AgentState:
        """Raises NotFound."""
        return agent_states.constant(thing_id) or await super().get(who, thing_id)

    async def update(
        self, caller: Caller, thing_id: str, wish: AgentStateWish, *, version: int | None = None
    ) -> Outcome:
        """Raises PropertyReadOnly for a constant, unless it would stay what it is."""
        caller.principal.require(Act.ADMINISTER)
        constant = agent_states.constant(thing_id)
        if constant is None:
            return await super().update(caller, thing_id, wish, version=version)
        agent_states.refuse_change_of_constant(constant, _changed(constant, wish))
        return Outcome(id=thing_id)

    async def delete(self, caller: Caller, thing_id: str) -> Outcome:
        """Raises InUse while anybody is in it, and Forbidden for a constant."""
        caller.principal.require(Act.ADMINISTER)
        if agent_states.constant(thing_id) is not None:
            raise Forbidden("This agent state is one of the five that every contact center has; it cannot be deleted.")
        return await super().delete(caller, thing_id)

    def _catalogue(self, tx: Transaction) -> Catalogue[AgentState]:
        return tx.agent_states

    def _blank(self) -> AgentState:
        return AgentState(id=AgentStateId(self._ids.uuid()), operation_name="", display_name="", state="NotReady")

    async def _granted(self, tx: Transaction, before: AgentState, wish: AgentStateWish) -> AgentState:
        after = _changed(before, wish)
        if not before.operation_name:
            agent_states.check_operation_name(after.operation_name)
            there = len(await tx.agent_states.all())
            if there >= agent_states.MOST_STATES:
                raise LimitExceeded("Agent states", there + 1, agent_states.MOST_STATES)
        elif after.operation_name != before.operation_name:
            raise PropertyReadOnly(["operationName"])
        return agent_states.check_words(after)

    async def _uses(self, tx: Transaction, thing: AgentState) -> list[str]:
        return counted(await tx.agents.uses_of_state(thing.id), "channel")


def _changed(before: AgentState, wish: AgentStateWish) -> AgentState:
    changes: dict[str, Any] = {
        name: value
        for name in ("operation_name", "display_name", "state")
        if (value := getattr(wish, name)) is not None
    }
    for name in ("work_mode", "reason"):
        value = getattr(wish, name)
        if value is not None:
            changes[name] = value or None
    if not before.operation_name:
        changes.setdefault("display_name", wish.operation_name or "")
    return replace(before, **changes)
