"""Agent groups: who is in them."""

from typing import Any

import msgspec
from msgspec.structs import replace

from frontdesk.core.directory import Group
from frontdesk.core.errors import ValueInvalid
from frontdesk.core.ids import GroupId, OwnerId
from frontdesk.core.names import check_name
from frontdesk.core.permissions import Principal, Role
from frontdesk.core.workbins import WorkbinType
from frontdesk.ports import Catalogue, Page, Transaction
from frontdesk.services.administration import Administration, counted, named, user_ids

#: Group ids begin with the number of their kind: 1 dispositions, 2 business units; ours is the next.
_KIND = 3


class GroupWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be so of a group. Members by id, name or URI; None leaves as it is."""

    name: str | None = None
    type: object = None  # only what it is
    members: tuple[str, ...] | None = None


class Groups(Administration[Group, GroupWish]):
    """Use-cases of agent groups."""

    noun = "group"

    async def of_user(self, who: Principal) -> list[Group]:
        """The groups the caller is in, by name."""
        return [group for group in await self.all(who) if who.user_id in group.members]

    def _catalogue(self, tx: Transaction) -> Catalogue[Group]:
        return tx.groups

    def _blank(self) -> Group:
        return Group(id=GroupId(f"{_KIND}-{self._ids.uuid()}"), name="")

    async def _granted(self, tx: Transaction, before: Group, wish: GroupWish) -> Group:
        if wish.type is not None and wish.type != before.type:
            raise ValueInvalid("type", f"groups here are of the type {before.type}")
        changes: dict[str, Any] = {}
        if wish.name is not None:
            changes["name"] = check_name(wish.name)
        if wish.members is not None:
            changes["members"] = await user_ids(tx, wish.members, parameter="members")
        return replace(before, **changes)

    async def _follow(self, tx: Transaction, before: Group, after: Group) -> None:
        """Who has left hears no more of the group's workbins, unless as a supervisor."""
        staying = set(after.members)
        gone = [user_id for user_id in before.members if user_id not in staying]
        if not gone:
            return
        workbins = [workbin for workbin in await tx.workbins.all() if workbin.type is WorkbinType.AGENT_GROUP]
        for user_id in gone:
            user = await tx.users.find(user_id)
            if user is None or Role.SUPERVISOR not in user.roles:
                for workbin in workbins:
                    await tx.subscriptions.remove(workbin.id, OwnerId(after.id), user_id)

    async def _uses(self, tx: Transaction, thing: Group) -> list[str]:
        served = [queue.name for queue in await tx.queues.all() if thing.id in queue.groups]
        parked = 0
        for workbin in await tx.workbins.all():
            if workbin.type is WorkbinType.AGENT_GROUP:
                _, count = await tx.interactions.in_workbin(workbin.id, OwnerId(thing.id), Page(1))
                parked += count
        return [*named("queue", served), *counted(parked, "parked interaction")]
