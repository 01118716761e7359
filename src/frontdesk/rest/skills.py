"""Skills: reading for everybody, changing for administrators; and who has which."""

from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Act
from frontdesk.rest import lists
from frontdesk.rest.administration import Kind
from frontdesk.rest.answers import as_of
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, Route
from frontdesk.services.skills import SkillWish
from frontdesk.wire import directory, shapes, users
from frontdesk.wire.administration import NewSkill, SkillChanges
from frontdesk.wire.selection import Resource


async def list_own(call: Call) -> Answer:
    return as_of(await call.house.agents.last_heard(call.principal), await _of_user(call, call.principal.user_id))


async def list_of_user(call: Call) -> Answer:
    return await _of_user(call, UserId(call.params["id"]))


async def _of_user(call: Call, user_id: UserId) -> Answer:
    wanted = lists.asked(call, _OF_USER)
    user = await call.house.users.get(call.principal, user_id)
    skills = {skill.id: skill for skill in await call.house.skills.all(call.principal)}
    return lists.answer("skills", users.skills_shown(user, skills, call.addresses), wanted)


def _wish(body: NewSkill | SkillChanges) -> SkillWish:
    return SkillWish(name=body.name)


_OF_USER = Resource(users.SUBRESOURCES["skills"])
KIND = Kind(
    singular="skill",
    plural="skills",
    tag="Skills",
    service=lambda call: call.house.skills,
    resource=Resource(directory.SKILL_PROPERTIES),
    shown=directory.skill_shown,
    new=NewSkill,
    changes=SkillChanges,
    wish=_wish,
)
_SHOWS = ("uris", "skills", "totalCount")
_HOLDS = {"skills": list[shapes.SkillOfUser]}
ROUTES = (
    *KIND.reading,
    *KIND.writing,
    Route(
        "GET", "/me/skills", list_own, Act.READ_OWN, "One's own skills", "Me",
        query=COLLECTION, shows=_SHOWS, holds=_HOLDS,
    ),
    Route(
        "GET", "/users/{id}/skills", list_of_user, Act.READ_DIRECTORY, "A user's skills, with levels", "Users",
        query=COLLECTION, shows=_SHOWS, holds=_HOLDS,
    ),
)  # fmt: skip
