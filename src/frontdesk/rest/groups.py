"""Agent groups: reading for everybody, changing for administrators."""

from frontdesk.core.permissions import Act
from frontdesk.rest import lists
from frontdesk.rest.administration import Kind
from frontdesk.rest.answers import as_of
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, Route
from frontdesk.services.groups import GroupWish
from frontdesk.wire import directory
from frontdesk.wire.administration import GroupChanges, NewGroup, values
from frontdesk.wire.selection import Resource


async def list_own(call: Call) -> Answer:
    """The groups that the caller is a member of."""
    wanted = lists.asked(call, KIND.resource)
    found = await call.house.groups.of_user(call.principal)
    shown = [directory.group_shown(group, call.addresses) for group in found]
    return as_of(await call.house.agents.last_heard(call.principal), lists.answer("groups", shown, wanted))


def _wish(body: NewGroup | GroupChanges) -> GroupWish:
    return GroupWish(name=body.name, type=body.type, members=values(body.members, parameter="members"))


KIND = Kind(
    singular="group",
    plural="groups",
    tag="Groups",
    service=lambda call: call.house.groups,
    resource=Resource(directory.GROUP_PROPERTIES),
    shown=directory.group_shown,
    new=NewGroup,
    changes=GroupChanges,
    wish=_wish,
)
ROUTES = (
    *KIND.reading,
    *KIND.writing,
    Route(
        "GET", "/me/groups", list_own, Act.READ_OWN, "One's own groups", "Me",
        query=COLLECTION, shows=("uris", "groups", "totalCount"),
    ),
)  # fmt: skip
