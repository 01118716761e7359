"""Workbins as an administrator sees them: which there are. What is in them is the business of `services.workbins`."""

from typing import Any

import msgspec
from msgspec.structs import replace

from frontdesk.core.errors import ValueInvalid
from frontdesk.core.ids import WorkbinId
from frontdesk.core.names import check_name, check_text
from frontdesk.core.workbins import Workbin, WorkbinType
from frontdesk.ports import Catalogue, Transaction
from frontdesk.services.administration import Administration, counted, refuse_if_used


class WorkbinWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be so of a workbin; None leaves as it is."""

    name: str | None = None
    display_name: str | None = None
    type: WorkbinType | None = None


class WorkbinDefinitions(Administration[Workbin, WorkbinWish]):
    """Use-cases of workbin definitions."""

    noun = "workbin"
    name_parameter = "workbinName"

    def _catalogue(self, tx: Transaction) -> Catalogue[Workbin]:
        return tx.workbins

    def _blank(self) -> Workbin:
        return Workbin(id=WorkbinId(self._ids.uuid()), name="")

    async def _granted(self, tx: Transaction, before: Workbin, wish: WorkbinWish) -> Workbin:
        changes: dict[str, Any] = {}
        if wish.name is not None:
            changes["name"] = _name(wish.name)
        if wish.display_name is not None:
            changes["display_name"] = check_text(wish.display_name, parameter="displayName")
        if wish.type is not None and wish.type is not before.type:
            # The owners of what is in it are of the old type: nobody would find it any more.
            refuse_if_used(self.noun, before.name, await self._uses(tx, before))
            changes["type"] = wish.type
        return replace(before, **changes)

    async def _uses(self, tx: Transaction, thing: Workbin) -> list[str]:
        return counted(await tx.interactions.uses_of_workbin(thing.id), "parked interaction")


def _name(name: str) -> str:
    if "/" in name:
        raise ValueInvalid("workbinName", "a slash cannot be in it, for it ends the name in a view path")
    return check_name(name, parameter="workbinName")
