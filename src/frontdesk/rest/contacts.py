"""Contacts: the directory of users and queues, with the filters that desktops search it by.

Source: the Genesys Web Services v2 pages, Contacts.
"""

from collections.abc import Collection
from contextlib import suppress
from typing import Final

from frontdesk.core.errors import LimitExceeded, NotFound, ParameterMissing, ValueInvalid
from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Act
from frontdesk.rest import lists
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, FIELDS, Parameter, Route
from frontdesk.wire import contacts, shapes
from frontdesk.wire.contacts import CUSTOM, NAMES_OR_NUMBERS, QUEUE, TYPES, USER, Contact, Filters
from frontdesk.wire.selection import Resource

_MOST_PATTERNS: Final = 20
_NUMBERS = "comma list of telephone numbers, or `*` for whoever has one"
_UNITS = "comma list of groups, by id or name: users of these only; `true` and `false` change nothing"
_FILTERS: Final = (
    Parameter("name", "comma list of user names and names of queues"),
    Parameter("phoneNumber", _NUMBERS),
    Parameter("channel", "comma list of media: users who are logged in on one of them"),
    Parameter("type", "comma list of `User`, `Queue` and `Custom`"),
    Parameter("roles", "comma list of roles: users who have one of them"),
    Parameter("includeUsersInBusinessUnits", _UNITS),
    Parameter("filterName", f"`{NAMES_OR_NUMBERS}`: whose names or number match all of `filterParameters`"),
    Parameter("filterParameters", "comma list of patterns, with `*` for anything; case makes no difference"),
)


async def list_all(call: Call) -> Answer:
    """Objects with and without `fields`. Disabled users are not among them, and nobody has a telephone here."""
    wanted = lists.asked(call, _RESOURCE, also=[parameter.name for parameter in _FILTERS])
    filters = await _filters(call)
    found = contacts.filtered(await _contacts(call, filters.types or TYPES), filters)
    return lists.answer("contacts", found, wanted, objects=True)


async def get(call: Call) -> Answer:
    """A user or a queue; `type` says which, if both could be meant."""
    wanted = lists.asked(call, _RESOURCE, pages=False)
    types, thing_id = _types(call) or TYPES, call.params["id"]
    if USER in types:
        with suppress(NotFound):
            user = await call.house.users.get(call.principal, UserId(thing_id))
            if user.enabled:
                policy = await call.house.policies.now(call.principal)
                at_work = await call.house.agents.get_of(call.principal, user.id)
                return lists.single("contact", contacts.user_contact(user, at_work, policy, call.addresses), wanted)
    if QUEUE in types:
        with suppress(NotFound):
            queue = await call.house.queues.get(call.principal, thing_id)
            return lists.single("contact", contacts.queue_contact(queue, call.addresses), wanted)
    raise NotFound("contact", thing_id)


async def _contacts(call: Call, types: Collection[str]) -> list[Contact]:
    """Users by user name, then queues by name."""
    found: list[Contact] = []
    if USER in types:
        at_work, policy = await call.house.agents.all(call.principal), await call.house.policies.now(call.principal)
        found += [
            contacts.user_contact(user, at_work.get(user.id), policy, call.addresses)
            for user in await call.house.users.all(call.principal)
            if user.enabled
        ]
    if QUEUE in types:
        found += [
            contacts.queue_contact(queue, call.addresses) for queue in await call.house.queues.all(call.principal)
        ]
    return found


async def _filters(call: Call) -> Filters:
    """Raises ValueInvalid, ParameterMissing, LimitExceeded."""
    query = call.query
    return Filters(
        names=_listed(query.get("name")),
        phone_numbers=_listed(query.get("phoneNumber")),
        channels=_listed(query.get("channel")),
        types=_types(call),
        roles=_listed(query.get("roles")),
        users=await _members(call, _listed(query.get("includeUsersInBusinessUnits"))),
        patterns=_patterns(query.get("filterName"), query.get("filterParameters")),
    )


async def _members(call: Call, groups: Collection[str] | None) -> set[UserId] | None:
    if groups is None or set(groups) <= {"true", "false"}:
        return None
    found = await call.house.groups.all(call.principal)
    return {member for group in found if group.id in groups or group.name in groups for member in group.members}


def _types(call: Call) -> tuple[str, ...] | None:
    wanted = _listed(call.query.get("type"))
    unknown = sorted(set(wanted or ()) - set(TYPES))
    if unknown:
        raise ValueInvalid("type", f"'{unknown[0][:100]}' is none of {USER}, {QUEUE}, {CUSTOM}")
    return wanted


def _patterns(name: str | None, parameters: str | None) -> tuple[str, ...]:
    if not name:
        return ()
    if name != NAMES_OR_NUMBERS:
        raise ValueInvalid("filterName", f"'{name[:100]}' is unknown; known is {NAMES_OR_NUMBERS}")
    patterns = _listed(parameters)
    if not patterns:
        raise ParameterMissing("filterParameters", "Give the patterns that the filter is to match.")
    if len(patterns) > _MOST_PATTERNS:
        raise LimitExceeded("The parameter 'filterParameters'", len(patterns), _MOST_PATTERNS)
    return patterns


def _listed(value: str | None) -> tuple[str, ...] | None:
    """The parts of a comma list; None for nothing at all."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if value else None


_RESOURCE = Resource(contacts.PROPERTIES)
_TAG = "Contacts"
ROUTES = (
    Route(
        "GET", "/contacts", list_all, Act.READ_DIRECTORY, "Users and queues to turn to", _TAG,
        query=(*COLLECTION, *_FILTERS), shows=("contacts", "totalCount"), holds={"contacts": list[shapes.Contact]},
    ),
    Route(
        "GET", "/contacts/{id}", get, Act.READ_DIRECTORY, "One contact", _TAG,
        query=(FIELDS, Parameter("type", "`User` or `Queue`")), shows=("contact",), holds={"contact": shapes.Contact},
    ),
)  # fmt: skip
