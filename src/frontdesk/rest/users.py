"""Users: reading for everybody, changing for administrators and, within limits, for the user.

Source: the Genesys Web Services v2 pages, Users API.
"""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from frontdesk.core.agents import Agent
from frontdesk.core.directory import Group
from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Act
from frontdesk.core.users import User
from frontdesk.kit import codec
from frontdesk.rest import lists
from frontdesk.rest.administration import created
from frontdesk.rest.answers import ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, FIELDS, SUBRESOURCES, Route
from frontdesk.services.calls import Caller, Once
from frontdesk.services.users import SkillLevelWish, UserWish
from frontdesk.wire import agents, users
from frontdesk.wire.administration import NewUser, UserChanges, UserSkill, values
from frontdesk.wire.selection import Resource


async def list_all(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE)
    found = await call.house.users.all(call.principal)
    return lists.answer("users", await _shown(call, found, wanted.needed_subresources), wanted)


async def get(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE, pages=False)
    found = await call.house.users.get(call.principal, UserId(call.params["id"]))
    [shown] = await _shown(call, [found], wanted.subresources)
    return lists.single("user", shown, wanted)


async def create(call: Call) -> Answer:
    body = call.body(NewUser)
    outcome = await call.house.users.create(_caller(call, body), _wish(body))
    return created(call, "users", outcome.id)


async def update(call: Call) -> Answer:
    """An administrator changes everything, anybody else the own name, address and password."""
    body = call.body(UserChanges)
    user_id = UserId(call.params["id"])
    body.must_be(f"/users/{user_id}", call.principal.contact_centre)
    await call.house.users.update(_caller(call, body), user_id, _wish(body), version=body.version)
    return ok()


async def delete(call: Call) -> Answer:
    await call.house.users.delete(call.caller(), UserId(call.params["id"]))
    return ok()


async def subresources_of(call: Call, user: User, names: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Those of a user's `skills` and `groups` that are among `names`."""
    [shown] = await _subresources(call, [user], [name for name in names if name in users.SUBRESOURCES])
    return shown


async def _shown(call: Call, found: list[User], names: Collection[str]) -> list[dict[str, Any]]:
    contact_centre = call.principal.contact_centre
    return [
        users.shown(user, contact_centre, call.addresses) | subresources
        for user, subresources in zip(found, await _subresources(call, found, names), strict=True)
    ]


async def _subresources(call: Call, found: list[User], names: Collection[str]) -> list[dict[str, list[dict[str, Any]]]]:
    held: list[dict[str, list[dict[str, Any]]]] = [{} for _ in found]
    if "skills" in names:
        skills = {skill.id: skill for skill in await call.house.skills.all(call.principal)}
        for user, into in zip(found, held, strict=True):
            into["skills"] = users.skills_shown(user, skills, call.addresses)
    if "groups" in names:
        of_user: dict[UserId, list[Group]] = {}
        for group in await call.house.groups.all(call.principal):
            for member in group.members:
                of_user.setdefault(member, []).append(group)
        for user, into in zip(found, held, strict=True):
            into["groups"] = users.groups_shown(user, of_user.get(user.id, ()), call.addresses)
    if "channels" in names:
        at_work = await _at_work(call, found)
        for user, into in zip(found, held, strict=True):
            agent = at_work.get(user.id)
            into["channels"] = agents.channels_shown(agent.shown_channels) if agent else []
    if "devices" in names:
        for into in held:
            into["devices"] = []
    return held


async def _at_work(call: Call, found: list[User]) -> Mapping[UserId, Agent]:
    if len(found) == 1:
        return {found[0].id: await call.house.agents.get_of(call.principal, found[0].id)}
    return await call.house.agents.all(call.principal)


def _wish(body: NewUser | UserChanges) -> UserWish:
    return UserWish(
        user_name=body.user_name,
        password=body.password,
        old_password=body.old_password if isinstance(body, UserChanges) else None,
        first_name=body.first_name,
        last_name=body.last_name,
        email_address=body.email_address,
        roles=None if body.roles is None else tuple(body.roles),
        enabled=body.enabled,
        change_password_on_first_login=body.change_password_on_first_login,
        skills=_skills(body.skills),
    )


def _skills(given: list[UserSkill] | None) -> tuple[SkillLevelWish, ...] | None:
    references = values(given, parameter="skills")
    if given is None or references is None:
        return None
    return tuple(SkillLevelWish(value, skill.number) for value, skill in zip(references, given, strict=True))


def _caller(call: Call, body: NewUser | UserChanges) -> Caller:
    if body.password is None:
        return call.caller()
    told = replace(body, password="")
    return without_passwords(call, replace(told, old_password=None) if isinstance(told, UserChanges) else told)


def without_passwords(call: Call, told: msgspec.Struct) -> Caller:
    """Like `call.caller()`, with passwords left out of what is remembered of a request with an Idempotency-Key.

    A digest is quick to make on purpose, so one of a body with a password in it would undo the slowness of the
    password's own hash for whoever gets hold of the store. `told` is the body without them.
    """
    caller = call.caller()
    if caller.once is None:
        return caller
    digest = hashlib.sha256(b"\n".join((call.method.encode(), call.path.encode(), codec.encode(told)))).hexdigest()
    return replace(caller, once=Once(caller.once.key, digest))


RESOURCE = Resource(users.PROPERTIES, agents.USER_SUBRESOURCES)
_TAG = "Users"
_UPDATE = "Change a user: an administrator everything, anybody the own name, address and password"
ROUTES = (
    Route(
        "GET", "/users", list_all, Act.READ_DIRECTORY, "All users", _TAG,
        query=(*COLLECTION, SUBRESOURCES), shows=("uris", "users", "totalCount"),
    ),
    Route(
        "POST", "/users", create, Act.ADMINISTER, "Make a user", _TAG,
        body=NewUser, shows=("id", "uri"),
    ),
    Route(
        "GET", "/users/{id}", get, Act.READ_DIRECTORY, "One user", _TAG,
        query=(FIELDS, SUBRESOURCES), shows=("user",),
    ),
    Route("PUT", "/users/{id}", update, Act.READ_OWN, _UPDATE, _TAG, body=UserChanges),
    Route("POST", "/users/{id}", update, Act.READ_OWN, _UPDATE, _TAG, body=UserChanges),
    Route("DELETE", "/users/{id}", delete, Act.ADMINISTER, "Delete a user whom nothing uses", _TAG),
)  # fmt: skip
