"""Agent states as settings: the constants and the added ones, read by everybody and changed by administrators.

Source: the Genesys Web Services v2 pages, Settings; the ids are those of servers in the field.
"""

from frontdesk.core.errors import ParameterMissing
from frontdesk.core.permissions import Act
from frontdesk.rest.answers import ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import Route
from frontdesk.services.agent_states import AgentStateWish
from frontdesk.wire import agents, shapes
from frontdesk.wire.settings import AgentStateChanges, NewAgentState

_PATH = "/settings/agent-states"


async def list_all(call: Call) -> Answer:
    """Clients show these to their agents; `operationName` is what they post to take one."""
    return ok(**agents.agent_states(await call.house.agent_states.all(call.principal)))


async def get(call: Call) -> Answer:
    found = await call.house.agent_states.get(call.principal, call.params["id"])
    return ok(settings=agents.agent_state_shown(found), key=agents.AGENT_STATE_KEY)


async def create(call: Call) -> Answer:
    """Agents can take it at once."""
    outcome = await call.house.agent_states.create(call.caller(), _wish(call.body(NewAgentState)))
    return ok(id=outcome.id, uri=call.addresses.uri(f"{_PATH}/{outcome.id}"))


async def update(call: Call) -> Answer:
    """Whoever is in the state keeps it as it was taken. The five constants are read-only."""
    body = call.body(AgentStateChanges)
    state_id = call.params.get("id") or body.id
    if not isinstance(state_id, str) or not state_id:
        raise ParameterMissing("id", "It says which agent state is to be changed.")
    body.must_be(f"{_PATH}/{state_id}", call.principal.contact_centre)
    await call.house.agent_states.update(call.caller(), state_id, _wish(body), version=body.version)
    return ok()


async def delete(call: Call) -> Answer:
    await call.house.agent_states.delete(call.caller(), call.params["id"])
    return ok()


def _wish(body: NewAgentState | AgentStateChanges) -> AgentStateWish:
    return AgentStateWish(
        operation_name=body.operation_name,
        display_name=body.display_name,
        state=body.state,
        work_mode=body.work_mode,
        reason=body.reason,
    )


_TAG = "Settings"
_ADMINISTER = Act.ADMINISTER
ROUTES = (
    Route(
        "GET", _PATH, list_all, Act.READ_OWN, "Agent states", _TAG,
        shows=("settings", "key"), holds={"settings": list[shapes.AgentState]},
    ),
    Route("POST", _PATH, create, _ADMINISTER, "Add an agent state", _TAG, body=NewAgentState, shows=("id", "uri")),
    Route("PUT", _PATH, update, _ADMINISTER, "Change an agent state, named by its id", _TAG, body=AgentStateChanges),
    Route(
        "GET", f"{_PATH}/{{id}}", get, Act.READ_OWN, "One agent state", _TAG,
        shows=("settings", "key"), holds={"settings": shapes.AgentState},
    ),
    Route("PUT", f"{_PATH}/{{id}}", update, _ADMINISTER, "Change an agent state", _TAG, body=AgentStateChanges),
    Route("DELETE", f"{_PATH}/{{id}}", delete, _ADMINISTER, "Delete an agent state that nobody is in", _TAG),
)  # fmt: skip
