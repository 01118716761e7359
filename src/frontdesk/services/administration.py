"""Creating, changing and deleting the things of a contact centre: what is the same for all of them.

Each kind says for itself what may be wished for, how what it refers to is found, and what uses it: a thing in use is
not deleted. A wish names only what is to change. Everything done here is told to the audit trail, and never to agents.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Generic, Literal, TypeVar

from msgspec.structs import replace

from frontdesk.core.agent_states import AgentState
from frontdesk.core.directory import Group, Queue, Skill
from frontdesk.core.errors import InUse, LimitExceeded, PropertyReadOnly
from frontdesk.core.events import DirectoryChanged
from frontdesk.core.ids import UserId
from frontdesk.core.names import check_name
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.settings import Settings
from frontdesk.core.workbins import Workbin
from frontdesk.kit.ids import Ids
from frontdesk.ports import Catalogue, Outcome, Store, Transaction
from frontdesk.services import references
from frontdesk.services.calls import Caller, perform

Thing = TypeVar("Thing", Queue, Group, Skill, Workbin, AgentState)
Wish = TypeVar("Wish")
T = TypeVar("T")

#: The most agents or groups that one thing names; each of them is looked up inside the transaction.
_MOST_REFERENCES = 5000


class Administration(ABC, Generic[Thing, Wish]):
    """The use-cases of one kind of thing. Reading is for everybody in the contact centre."""

    noun: ClassVar[str]
    name_parameter: ClassVar[str] = "name"

    def __init__(self, store: Store, ids: Ids, settings: Settings) -> None:
        self._store = store
        self._ids = ids
        self._settings = settings

    async def all(self, who: Principal) -> list[Thing]:
        """By name."""
        return await self._report(who, lambda tx: self._catalogue(tx).all())

    async def get(self, who: Principal, thing_id: str) -> Thing:
        """Raises NotFound."""
        return await self._store.read(who.contact_centre, lambda tx: self._catalogue(tx).get(thing_id))

    async def create(self, caller: Caller, wish: Wish) -> Outcome:
        """Make one, and tell its id. Raises AlreadyExists for a name that is taken."""
        caller.principal.require(Act.ADMINISTER)
        blank = self._blank()

        async def body(tx: Transaction) -> Outcome:
            made = await self._granted(tx, blank, wish)
            check_name(made.name, parameter=self.name_parameter)
            await self._catalogue(tx).add(made)
            await told(tx, caller, "Created", self.noun, made.id, made.name)
            return Outcome(id=made.id)

        return await perform(self._store, caller, body)

    async def update(self, caller: Caller, thing_id: str, wish: Wish, *, version: int | None = None) -> Outcome:
        """Change what the wish names. A wish for what is already so changes nothing and tells nothing.

        `version`: the one that the wish was made for; raises PropertyReadOnly if that is not the present one.
        """
        caller.principal.require(Act.ADMINISTER)

        async def body(tx: Transaction) -> Outcome:
            before = await self._catalogue(tx).get(thing_id)
            check_version(before.version, version)
            after = await self._granted(tx, before, wish)
            if after != before:
                check_name(after.name, parameter=self.name_parameter)
                await self._catalogue(tx).save(replace(after, version=before.version + 1))
                await self._follow(tx, before, after)
                await told(tx, caller, "Updated", self.noun, after.id, after.name)
            return Outcome(id=thing_id)

        return await perform(self._store, caller, body)

    async def delete(self, caller: Caller, thing_id: str) -> Outcome:
        """Raises InUse, naming every use."""
        caller.principal.require(Act.ADMINISTER)

        async def body(tx: Transaction) -> Outcome:
            before = await self._catalogue(tx).get(thing_id)
            refuse_if_used(self.noun, before.name, await self._uses(tx, before))
            await self._catalogue(tx).remove(thing_id)
            await told(tx, caller, "Deleted", self.noun, before.id, before.name)
            return Outcome(id=thing_id)

        return await perform(self._store, caller, body)

    async def _report(self, who: Principal, body: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._store.report(who.contact_centre, body, limit_s=self._settings.lists.report_s)

    # ── what each kind says for itself ───────────────────────────────────────────────────────────

    @abstractmethod
    def _catalogue(self, tx: Transaction) -> Catalogue[Thing]: ...

    @abstractmethod
    def _blank(self) -> Thing:
        """A new one with an id and nothing else."""

    @abstractmethod
    async def _granted(self, tx: Transaction, before: Thing, wish: Wish) -> Thing:
        """`before` with what the wish names. Raises what is wrong with the wish."""

    async def _follow(self, tx: Transaction, before: Thing, after: Thing) -> None:
        """What else changes with it. For most kinds nothing."""

    @abstractmethod
    async def _uses(self, tx: Transaction, thing: Thing) -> list[str]:
        """What would miss it, in words."""


async def told(
    tx: Transaction,
    caller: Caller,
    trigger: Literal["Created", "Updated", "Deleted"],
    noun: str,
    thing_id: str,
    name: str,
) -> None:
    """Write into the audit trail who did what."""
    actor = caller.principal.user_id
    await tx.events.append(
        DirectoryChanged(trigger=trigger, at_ms=caller.at_ms, noun=noun, id=thing_id, name=name, actor=actor)
    )


def check_version(present: int, wished_for: int | None) -> None:
    """Raises PropertyReadOnly if a change was made for another version: somebody else changed the thing since."""
    if wished_for is not None and wished_for != present:
        raise PropertyReadOnly(["version"])


def refuse_if_used(noun: str, name: str, uses: Sequence[str]) -> None:
    """Raises InUse if there is any use."""
    if uses:
        raise InUse(noun, name, "; ".join(uses))


def counted(count: int, noun: str) -> list[str]:
    """`count` things as a use: "1 token", "3 tokens", or none at all."""
    return [f"{count} {noun}{'' if count == 1 else 's'}"] if count else []


def named(noun: str, names: Sequence[str]) -> list[str]:
    """Things with names as a use: "queue 'sales'", at most three of them by name."""
    first = [f"{noun} '{name}'" for name in names[:3]]
    return [*first, f"{len(names) - 3} more"] if len(names) > 3 else first


async def user_ids(tx: Transaction, values: Sequence[str], *, parameter: str) -> tuple[UserId, ...]:
    """The users meant by ids, names or URIs, each once. Raises ReferenceInvalid."""
    check_count(values, parameter=parameter)
    found = [(await references.user(tx, value, parameter=parameter)).id for value in values]
    return tuple(dict.fromkeys(found))


def check_count(values: Sequence[object], *, parameter: str) -> None:
    """Raises LimitExceeded for more than a transaction should look up."""
    if len(values) > _MOST_REFERENCES:
        raise LimitExceeded(f"The parameter '{parameter}'", len(values), _MOST_REFERENCES)
