"""Finding what a request refers to: by id, by URI or by name, whatever the client's generation sends."""

from frontdesk.core import workbins
from frontdesk.core.directory import Group, Queue
from frontdesk.core.errors import Forbidden, NotYours, ParameterMissing, ReferenceInvalid
from frontdesk.core.ids import InteractionId, OwnerId, UserId
from frontdesk.core.interactions import Interaction
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.references import reference
from frontdesk.core.users import User
from frontdesk.core.workbins import Workbin, WorkbinType
from frontdesk.ports import Transaction


async def queue(tx: Transaction, value: str | None, *, parameter: str = "queueName") -> Queue:
    """A queue by name, id or URI. Raises ParameterMissing, ReferenceInvalid."""
    if not value:
        raise ParameterMissing(parameter, "Give a queue's name, or its URI as queueUri.")
    found = await tx.queues.named(value) or await tx.queues.find(reference(value, parameter=parameter).id)
    if found is None:
        raise ReferenceInvalid(parameter, value, "queue")
    return found


async def interaction(tx: Transaction, value: str, *, parameter: str = "parentId") -> Interaction:
    """An interaction by id or URI. Raises ReferenceInvalid."""
    found = await tx.interactions.find(InteractionId(reference(value, parameter=parameter).id))
    if found is None:
        raise ReferenceInvalid(parameter, value, "interaction")
    return found


async def group(tx: Transaction, value: str, *, parameter: str) -> Group:
    """A group by name, id or URI. Raises ReferenceInvalid."""
    found = await tx.groups.named(value) or await tx.groups.find(reference(value, parameter=parameter).id)
    if found is None:
        raise ReferenceInvalid(parameter, value, "group")
    return found


async def user(tx: Transaction, value: str, *, parameter: str = "userId") -> User:
    """A user by id, URI or user name. Raises ReferenceInvalid."""
    found = await tx.users.find(UserId(reference(value, parameter=parameter).id)) or await tx.users.named(value)
    if found is None:
        raise ReferenceInvalid(parameter, value, "user")
    return found


async def workbin(tx: Transaction, value: object, *, parameter: str = "workbin") -> Workbin:
    """A workbin by id, name, URI, 8.5.0 id, or an object with one of these. Raises ReferenceInvalid."""
    candidates = workbins.candidates(value, parameter=parameter)
    for candidate in candidates:
        at = reference(candidate, parameter=parameter)
        found = await tx.workbins.find(at.id) or await tx.workbins.named(candidate)
        if found is not None:
            return found
    raise ReferenceInvalid(parameter, candidates[0], "workbin")


def require_fillable(held: Workbin) -> None:
    """Raises Forbidden for a bin that nothing can be put into."""
    if held.type not in (WorkbinType.AGENT, WorkbinType.AGENT_GROUP):
        raise Forbidden(f"The workbin {held.name} belongs to places, and there are none here: it stays empty.")


def require_own(found: Interaction, who: Principal) -> None:
    """Raises NotYours for another's interaction, unless the caller may read what is others'."""
    if not (found.is_own_of(who.user_id) or who.may(Act.READ_OTHERS)):
        raise NotYours("interaction", found.id)


async def content_owner(
    tx: Transaction,
    held: Workbin,
    who: Principal,
    *,
    agent_group: str | None = None,
    user_id: UserId | None = None,
    to: Act = Act.SUPERVISE,
) -> OwnerId:
    """Whose content of a bin is meant: the caller's own, a named user's, or a group's.

    Raises NotYours unless it is the caller's own, of a group the caller is in, or the caller may do `to` with others'.
    """
    if held.type is not WorkbinType.AGENT_GROUP:
        owner = user_id or who.user_id
        if owner != who.user_id:
            await tx.users.get(owner)
            if not who.may(to):
                raise NotYours("workbin content of user", owner)
        return OwnerId(owner)
    groups = await tx.groups.all()
    mine = [group for group in groups if who.user_id in group.members]
    if agent_group is not None:
        named = next((group for group in groups if agent_group in (group.name, group.id)), None)
        if named is None:
            raise ReferenceInvalid("agentGroup", agent_group, "agent group")
    else:
        namesakes = [group for group in groups if group.name == held.name]
        choices = namesakes or mine
        if len(choices) != 1:
            raise ParameterMissing("agentGroup", f"'{held.name}' is a bin of agent groups; say which group's.")
        named = choices[0]
    if named not in mine and not who.may(to):
        raise NotYours("workbin content of group", named.name)
    return OwnerId(named.id)
