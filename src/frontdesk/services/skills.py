"""Skills that users can have."""

import msgspec
from msgspec.structs import replace

from frontdesk.core.directory import Skill
from frontdesk.core.ids import SkillId
from frontdesk.core.names import check_name
from frontdesk.ports import Catalogue, Transaction
from frontdesk.services.administration import Administration, named


class SkillWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be so of a skill; None leaves as it is."""

    name: str | None = None


class Skills(Administration[Skill, SkillWish]):
    """Use-cases of skills."""

    noun = "skill"

    def _catalogue(self, tx: Transaction) -> Catalogue[Skill]:
        return tx.skills

    def _blank(self) -> Skill:
        return Skill(id=SkillId(self._ids.uuid()), name="")

    async def _granted(self, tx: Transaction, before: Skill, wish: SkillWish) -> Skill:
        return before if wish.name is None else replace(before, name=check_name(wish.name))

    async def _uses(self, tx: Transaction, thing: Skill) -> list[str]:
        users = await tx.users.all()
        return named("user", [user.user_name for user in users if any(has.skill == thing.id for has in user.skills)])
