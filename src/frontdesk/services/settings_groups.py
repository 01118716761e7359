"""Groups of settings that an administrator keeps for clients; every change is told to the audit trail."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec.structs import replace

from frontdesk.core import settings_groups
from frontdesk.core.errors import Forbidden, LimitExceeded, NotFound
from frontdesk.core.ids import ContactCentreId, SettingsGroupId
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.settings_groups import ACCESS_CONTROL, SettingsGroup
from frontdesk.kit.ids import Ids
from frontdesk.ports import Outcome, Store, Transaction
from frontdesk.services.administration import told
from frontdesk.services.calls import Caller, perform

#: How a change of one is called in the audit trail.
NOUN = "settings group"


class SettingsGroups:
    """Use-cases of settings. Reading is for everybody, but of `access-control`, which only an administrator needs."""

    def __init__(self, store: Store, ids: Ids) -> None:
        self._store = store
        self._ids = ids

    async def all(self, who: Principal) -> list[SettingsGroup]:
        """The documented ones, also those that nothing was put into, and the clients' own; by name."""
        who.require(Act.ADMINISTER)
        stored = await self._store.read(who.contact_centre, lambda tx: tx.settings_groups.all())
        found = {name: group for name in settings_groups.DOCUMENTED if (group := settings_groups.documented(name))}
        found |= {group.name: group for group in stored}
        return [found[name] for name in sorted(found)]

    async def get(self, who: Principal, name: str) -> SettingsGroup:
        """Raises NotFound, PermissionMissing."""
        if name == ACCESS_CONTROL:
            who.require(Act.ADMINISTER)
        return await self._store.read(who.contact_centre, lambda tx: _found(tx, name))

    async def allowed_origins(self, contact_centre: ContactCentreId) -> tuple[str, ...]:
        """Other sites whose pages may use the API for this contact centre, besides those of the server's settings."""

        async def body(tx: Transaction) -> tuple[str, ...]:
            return settings_groups.allowed_origins(await tx.settings_groups.named(ACCESS_CONTROL))

        return await self._store.read(contact_centre, body)

    async def create(self, caller: Caller, name: str, display_name: str | None, key: str | None) -> Outcome:
        """Make a group of a client's own. Raises AlreadyExists, LimitExceeded."""
        caller.principal.require(Act.ADMINISTER)
        made = settings_groups.made(SettingsGroupId(self._ids.uuid()), name, display_name, key)

        async def body(tx: Transaction) -> Outcome:
            there = len(await tx.settings_groups.all())
            if there >= settings_groups.MOST_GROUPS:
                raise LimitExceeded("Groups of settings", there + 1, settings_groups.MOST_GROUPS)
            await tx.settings_groups.add(made)
            await told(tx, caller, "Created", NOUN, made.id, made.name)
            return Outcome(id=made.name)

        return await perform(self._store, caller, body)

    async def delete(self, caller: Caller, name: str) -> Outcome:
        """Remove a group of a client's own with all that is in it. Raises NotFound, Forbidden."""
        caller.principal.require(Act.ADMINISTER)

        async def body(tx: Transaction) -> Outcome:
            group = await _found(tx, name)
            if group.is_documented:
                raise Forbidden(f"Every contact center has the settings group '{name}'; delete the settings in it.")
            await tx.settings_groups.remove(group.id)
            await told(tx, caller, "Deleted", NOUN, group.id, group.name)
            return Outcome(id=name)

        return await perform(self._store, caller, body)

    async def add(self, caller: Caller, name: str, setting: dict[str, Any]) -> Outcome:
        """Raises NotFound for the group, AlreadyExists for the setting."""
        return await self._change(caller, name, lambda group: settings_groups.added(group, setting))

    async def change(self, caller: Caller, name: str, key: str | None, setting: dict[str, Any]) -> Outcome:
        """Raises NotFound. Without a `key` the setting itself says which one it is."""

        def changed(group: SettingsGroup) -> SettingsGroup:
            return settings_groups.changed(group, key or settings_groups.key_of(group, setting), setting)

        return await self._change(caller, name, changed)

    async def remove(self, caller: Caller, name: str, key: str) -> Outcome:
        """Raises NotFound."""
        return await self._change(caller, name, lambda group: settings_groups.without(group, key))

    async def _change(self, caller: Caller, name: str, decide: Callable[[SettingsGroup], SettingsGroup]) -> Outcome:
        caller.principal.require(Act.ADMINISTER)

        async def body(tx: Transaction) -> Outcome:
            stored = await tx.settings_groups.named(name)
            before = stored or await _found(tx, name)
            after = decide(before)
            trigger: Literal["Created", "Updated"] = "Created" if stored is None else "Updated"
            if stored is None:
                await tx.settings_groups.add(after)
            elif after != before:
                await tx.settings_groups.save(replace(after, version=before.version + 1))
            if after != before:
                await told(tx, caller, trigger, NOUN, after.id, after.name)
            return Outcome(id=name)

        return await perform(self._store, caller, body)


async def _found(tx: Transaction, name: str) -> SettingsGroup:
    """Raises NotFound."""
    group = await tx.settings_groups.named(name) or settings_groups.documented(name)
    if group is None:
        raise NotFound(NOUN, name)
    return group
