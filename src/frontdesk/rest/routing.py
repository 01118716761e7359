"""Routing as administrators and the curious see it: the policy and its versions, decisions, and what is stuck."""

from frontdesk.core.errors import NotFound
from frontdesk.core.permissions import Act
from frontdesk.core.policy import Policy
from frontdesk.ports import Page
from frontdesk.rest import lists
from frontdesk.rest.answers import ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.interactions import interaction_id
from frontdesk.rest.routes import COLLECTION, LIMIT, OFFSET, Route
from frontdesk.wire import routing
from frontdesk.wire.selection import Resource

_STUCK = Resource(routing.STUCK_PROPERTIES)


async def get_policy(call: Call) -> Answer:
    found = await call.house.policies.current(call.principal)
    return ok(policy=routing.policy_shown(found, call.addresses))


async def put_policy(call: Call) -> Answer:
    """The whole document, with names of queues, groups and users; in force from the answer on."""
    outcome = await call.house.policies.replace(call.caller(), call.body(Policy))
    return ok(id=outcome.id, uri=call.addresses.uri(f"/routing/policies/{outcome.id}"))


async def list_policies(call: Call) -> Answer:
    wanted = lists.asked(call, Resource(()))
    found, total = await call.house.policies.page(call.principal, Page(wanted.limit, wanted.offset))
    return ok(policies=[routing.policy_shown(one, call.addresses) for one in found], totalCount=total)


async def get_policy_version(call: Call) -> Answer:
    version = call.params["version"]
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise NotFound("policy version", version)
    found = await call.house.policies.get(call.principal, int(version))
    return ok(policy=routing.policy_shown(found, call.addresses))


async def explain(call: Call) -> Answer:
    """The decisions so far, and for a waiting interaction what would unblock it."""
    wanted = lists.asked(call, Resource(()))
    now, facts = await call.house.routing.explain(call.principal, interaction_id(call))
    events, _ = await call.house.interactions.history(call.principal, interaction_id(call), lists.page(call, wanted))
    return ok(routing=routing.routing_shown(events, now, facts))


async def list_stuck(call: Call) -> Answer:
    """What nobody can ever serve under the present policy, with the rule that blocks it."""
    found, facts = await call.house.routing.stuck(call.principal)
    items = [routing.stuck_shown(one, facts, call.addresses) for one in found]
    return lists.answer("stuck", items, lists.asked(call, _STUCK), objects=True)


_TAG = "Routing"
_SHOWS = ("policy",)
ROUTES = (
    Route("GET", "/routing/policy", get_policy, Act.READ_DIRECTORY, "The policy in force", _TAG, shows=_SHOWS),
    Route(
        "PUT", "/routing/policy", put_policy, Act.ADMINISTER, "Put a policy in force", _TAG,
        body=Policy, shows=("id", "uri"),
    ),
    Route(
        "GET", "/routing/policies", list_policies, Act.READ_DIRECTORY, "Every policy that was in force", _TAG,
        query=(LIMIT, OFFSET), shows=("policies", "totalCount"),
    ),
    Route(
        "GET", "/routing/policies/{version}", get_policy_version, Act.READ_DIRECTORY, "One version", _TAG,
        shows=_SHOWS,
    ),
    Route(
        "GET", "/routing/stuck", list_stuck, Act.READ_INTERACTIONS, "What nobody can ever serve, and why", _TAG,
        query=COLLECTION, shows=("stuck", "totalCount"),
    ),
    Route(
        "GET", "/interactions/{id}/routing", explain, Act.READ_INTERACTIONS, "Why it went to whom", "Interactions",
        query=(LIMIT, OFFSET), shows=("routing",),
    ),
)  # fmt: skip
