"""Routing policies: an administrator writes a document with names in it, the router reads one with ids.

Every version is kept. A version is made from a whole document, checked as a whole, and in force from its commit on.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, tzinfo
from typing import TypeVar

from msgspec.structs import replace

from frontdesk.core import policy_checks
from frontdesk.core.errors import ValueInvalid
from frontdesk.core.ids import ContactCentreId, GroupId, QueueId, UserId
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.policy import MediumPolicy, Policy, QueuePolicy
from frontdesk.core.routing import AgentFacts, Facts, QueueFacts
from frontdesk.core.settings import Settings
from frontdesk.kit import zones
from frontdesk.ports import Outcome, Page, PolicyVersion, Store, Transaction
from frontdesk.services import references
from frontdesk.services.administration import told
from frontdesk.services.calls import Caller, perform

NOUN = "routing policy"

Id = TypeVar("Id", QueueId, GroupId, UserId)
#: Turns what stands for a thing (parameter, value) into what stands for it on the other side.
Naming = Callable[[str, Id], Awaitable[Id]]


class Policies:
    """Use-cases of routing policies."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._committed: dict[ContactCentreId, Policy] = {}  # a version of each; no version ever changes

    def first(self) -> Policy:
        """What is in force before an administrator decides: the settings."""
        routing = self._settings.routing
        return Policy(
            version=0,
            default=QueuePolicy(offer_s=routing.offer_s),
            media={name: MediumPolicy(limit=limit) for name, limit in sorted(routing.capacity.items())},
            other_media=MediumPolicy(limit=routing.capacity_of_others),
        )

    async def in_force(self, tx: Transaction) -> Policy:
        """The newest one, with ids. Of one that was committed before only the number is read: documents are long."""
        known = self._committed.get(tx.contact_centre)
        if known is not None and known.version == await tx.policies.version():
            return known
        return await tx.policies.current() or self.first()

    async def now(self, who: Principal) -> Policy:
        """The same, for a reader."""
        return await self._store.read(who.contact_centre, self.in_force)

    async def of_queue(self, tx: Transaction, queue: QueueId) -> QueuePolicy:
        """What the newest one says of a queue."""
        return (await self.in_force(tx)).of(queue)

    async def current(self, who: Principal) -> PolicyVersion:
        """The newest one, with names."""

        async def body(tx: Transaction) -> PolicyVersion:
            policy = await tx.policies.current()
            if policy is None:
                return PolicyVersion(policy=self.first(), at_ms=0, actor=None)
            return await _with_names(tx, await tx.policies.get(policy.version))

        return await self._store.read(who.contact_centre, body)

    async def get(self, who: Principal, version: int) -> PolicyVersion:
        """One version, with the names that things have now. Raises NotFound."""

        async def body(tx: Transaction) -> PolicyVersion:
            return await _with_names(tx, await tx.policies.get(version))

        return await self._store.read(who.contact_centre, body)

    async def page(self, who: Principal, page: Page) -> tuple[list[PolicyVersion], int]:
        """Versions with names, newest first, and how many there are."""

        async def body(tx: Transaction) -> tuple[list[PolicyVersion], int]:
            found, total = await tx.policies.page(page)
            return [await _with_names(tx, one) for one in found], total

        return await self._store.report(who.contact_centre, body, limit_s=self._settings.lists.report_s)

    async def replace(self, caller: Caller, document: Policy) -> Outcome:
        """Put a document (with names) in force as the next version. Raises ReferenceInvalid, ValueInvalid."""
        caller.principal.require(Act.ADMINISTER)

        async def body(tx: Transaction) -> Outcome:
            before = await self.in_force(tx)
            wanted = replace(await _with_ids(tx, document), version=before.version + 1)
            facts = await facts_of(tx, wanted)
            problems = policy_checks.checked(wanted, facts)
            if problems:
                raise ValueInvalid("policy", "; ".join(problems[:10]))
            await tx.policies.add(wanted, actor=caller.principal.user_id, at_ms=caller.at_ms)
            version = str(wanted.version)
            await told(tx, caller, "Created" if wanted.version == 1 else "Updated", NOUN, version, version)
            return Outcome(id=version)

        return await perform(self._store, caller, body)

    async def snapshot(self, contact_centre: ContactCentreId) -> tuple[Facts, Policy]:
        """What the router goes by."""

        async def body(tx: Transaction) -> tuple[Facts, Policy]:
            policy = await self.in_force(tx)
            return await facts_of(tx, policy), policy

        facts, policy = await self._store.read(contact_centre, body)
        self._committed[contact_centre] = policy
        return facts, policy


async def facts_of(tx: Transaction, policy: Policy) -> Facts:
    """The directory as the router knows it. Raises ValueInvalid for a time zone that is none."""
    skills = {skill.id: skill.name for skill in await tx.skills.all()}
    groups = await tx.groups.all()
    memberships: dict[UserId, set[GroupId]] = {}
    for group in groups:
        for member in group.members:
            memberships.setdefault(member, set()).add(group.id)
    agents = {
        user.id: AgentFacts(
            name=user.user_name,
            skills={skills[held.skill]: held.level for held in user.skills if held.skill in skills},
            groups=frozenset(memberships.get(user.id, ())),
        )
        for user in await tx.users.all()
        if user.enabled
    }
    queues = {
        queue.id: QueueFacts(name=queue.name, agents=frozenset(queue.agents), groups=frozenset(queue.groups))
        for queue in await tx.queues.all()
    }
    known: dict[str, tzinfo] = {calendar.zone: _zone(calendar.zone) for calendar in policy.calendars.values()}
    return Facts(
        agents=agents, queues=queues, groups={group.id: group.name for group in groups}, zones={"UTC": UTC, **known}
    )


def _zone(name: str) -> tzinfo:
    found = zones.zone(name)
    if found is None:
        raise ValueInvalid("policy", f"'{name}' is no time zone; take one such as Europe/Berlin")
    return found


# ── names and ids ────────────────────────────────────────────────────────────────────────────────


async def _with_ids(tx: Transaction, document: Policy) -> Policy:
    async def queue(parameter: str, name: QueueId) -> QueueId:
        return (await references.queue(tx, name, parameter=parameter)).id

    async def group(parameter: str, name: GroupId) -> GroupId:
        return (await references.group(tx, name, parameter=parameter)).id

    async def user(parameter: str, name: UserId) -> UserId:
        return (await references.user(tx, name, parameter=parameter)).id

    return await _renamed(document, queue, group, user)


async def _with_names(tx: Transaction, one: PolicyVersion) -> PolicyVersion:
    """A thing that was deleted since keeps its id, for it has no name any more."""

    async def queue(_parameter: str, queue_id: QueueId) -> QueueId:
        found = await tx.queues.find(queue_id)
        return queue_id if found is None else QueueId(found.name)

    async def group(_parameter: str, group_id: GroupId) -> GroupId:
        found = await tx.groups.find(group_id)
        return group_id if found is None else GroupId(found.name)

    async def user(_parameter: str, user_id: UserId) -> UserId:
        found = await tx.users.find(user_id)
        return user_id if found is None else UserId(found.user_name)

    return replace(one, policy=await _renamed(one.policy, queue, group, user))


async def _renamed(document: Policy, queue: Naming[QueueId], group: Naming[GroupId], user: Naming[UserId]) -> Policy:
    async def of_queue(place: str, rules: QueuePolicy) -> QueuePolicy:
        relax = [
            replace(
                step,
                agents=tuple([await user(f"{place}.relax.agents", one) for one in step.agents]),
                groups=tuple([await group(f"{place}.relax.groups", one) for one in step.groups]),
                queues=tuple([await queue(f"{place}.relax.queues", one) for one in step.queues]),
            )
            for step in rules.relax
        ]
        overflow = [replace(rule, to=await queue(f"{place}.overflow.to", rule.to)) for rule in rules.overflow]
        outside_to = None if rules.outside_to is None else await queue(f"{place}.outside_to", rules.outside_to)
        return replace(rules, relax=tuple(relax), overflow=tuple(overflow), outside_to=outside_to)

    return replace(
        document,
        default=await of_queue("default", document.default),
        queues={
            await queue("queues", name): await of_queue(f"queues.{name}", rules)
            for name, rules in document.queues.items()
        },
        agents={await user("agents", name): dict(limits) for name, limits in document.agents.items()},
    )
