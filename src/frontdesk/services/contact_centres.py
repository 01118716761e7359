"""Contact centres: how one comes to be, and the only one that its users see."""

from typing import Final

import msgspec

from frontdesk.core.errors import AlreadyExists, NotFound
from frontdesk.core.events import DirectoryChanged
from frontdesk.core.ids import ContactCentreId, UserId, WorkbinId
from frontdesk.core.names import check_name, check_password, check_user_name
from frontdesk.core.permissions import Principal, Role
from frontdesk.core.users import ContactCentre, User
from frontdesk.core.workbins import Workbin, WorkbinType
from frontdesk.kit.clock import Clock
from frontdesk.kit.ids import Ids
from frontdesk.ports import ServerTransaction, Store, Transaction
from frontdesk.services.sign_in import SignIns

#: The workbins that everybody has from the first day: (name, display name).
FIRST_WORKBINS: Final = (("In_Progress", "In Progress"), ("Drafts", "Drafts"))

#: Stands where a user id stands; user ids are 32 hex digits.
OPERATOR: Final = UserId("operator")


class Founded(msgspec.Struct, frozen=True):
    """A new contact centre and its first administrator, as whom everything else can be made."""

    contact_centre: ContactCentre
    administrator: Principal


class ContactCentres:
    """Use-cases of contact centres."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, sign_ins: SignIns) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._sign_ins = sign_ins

    async def all(self, who: Principal) -> list[ContactCentre]:
        """The caller's own; there is no other to be seen."""
        return [await self.get(who, who.contact_centre)]

    async def get(self, who: Principal, contact_centre: str) -> ContactCentre:
        """Raises NotFound, also for one that is not the caller's."""
        if contact_centre == who.contact_centre:
            for found in await self._store.read_server(lambda tx: tx.contact_centres()):
                if found.id == contact_centre:
                    return found
        raise NotFound("contact center", contact_centre)

    async def operator(self, name: str) -> Principal:
        """Whoever runs the server, acting in the contact centre of this name. Raises NotFound.

        The command line is behind this: who can write to the store's folder needs no account, and in the audit trail
        the operator is no user.
        """
        for found in await self._store.read_server(lambda tx: tx.contact_centres()):
            if found.name == name:
                return Principal(
                    user_id=OPERATOR,
                    user_name=OPERATOR,
                    contact_centre=found.id,
                    roles=frozenset({Role.ADMIN}),
                    sign_in="command line",
                )
        raise NotFound("contact center", name)

    async def add(self, name: str, admin_user_name: str, password: str) -> Founded:
        """Make a contact centre with an administrator and the first workbins.

        It takes two transactions, for only the second belongs to the contact centre. If the process ends between them
        a contact centre without users is left, and adding it again makes it whole.

        Errors: AlreadyExists for a contact centre or a user of this name, ValueInvalid and ParameterMissing for names
        that cannot be.
        """
        check_name(name)
        check_user_name(admin_user_name)
        password_hash = await self._sign_ins.hash_password(check_password(password))
        wanted = ContactCentre(id=ContactCentreId(self._ids.uuid()), name=name)
        admin = User(id=UserId(self._ids.hexadecimal()), user_name=admin_user_name, roles=(Role.ADMIN,))
        first_workbins = [
            Workbin(id=WorkbinId(self._ids.uuid()), name=bin_name, display_name=display_name, type=WorkbinType.AGENT)
            for bin_name, display_name in FIRST_WORKBINS
        ]

        async def make_room(tx: ServerTransaction) -> ContactCentre:
            if await tx.credentials(admin_user_name) is not None:
                raise AlreadyExists("user", admin_user_name)
            for found in await tx.contact_centres():
                if found.name == name:
                    return found
            await tx.add_contact_centre(wanted)
            return wanted

        made = await self._store.transact_server(make_room)
        at_ms = self._clock.now_ms()

        async def furnish(tx: Transaction) -> None:
            if await tx.users.all():
                raise AlreadyExists("contact center", name)
            await tx.users.add(admin, password_hash)
            for workbin in first_workbins:
                await tx.workbins.add(workbin)
            things = [
                ("contact center", made.id, name),
                ("user", admin.id, admin_user_name),
                *(("workbin", workbin.id, workbin.name) for workbin in first_workbins),
            ]
            for noun, thing_id, thing_name in things:
                await tx.events.append(
                    DirectoryChanged(trigger="Created", at_ms=at_ms, noun=noun, id=thing_id, name=thing_name)
                )

        await self._store.transact(made.id, furnish)
        administrator = Principal(
            user_id=admin.id,
            user_name=admin_user_name,
            contact_centre=made.id,
            roles=frozenset({Role.ADMIN}),
            sign_in="founding",
        )
        return Founded(made, administrator)
