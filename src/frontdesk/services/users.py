"""Users: an administrator makes and changes them; everybody changes the own name, address and password.

What makes a sign-in worth something else than it was (password, user name, roles, being enabled) ends all sign-ins of
the user, after the change is durable. Whoever may not work any more is logged out of the channels in the same
transaction, so that nothing is offered to somebody who cannot take it.
"""

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from frontdesk.core.errors import InUse, ParameterMissing, ReferenceInvalid, ValueInvalid
from frontdesk.core.ids import OwnerId, SkillId, UserId
from frontdesk.core.names import check_address, check_password, check_text, check_user_name
from frontdesk.core.permissions import Act, Principal, Role
from frontdesk.core.references import reference
from frontdesk.core.settings import Settings
from frontdesk.core.users import SkillLevel, User
from frontdesk.core.workbins import WorkbinType
from frontdesk.kit.ids import Ids
from frontdesk.ports import Outcome, Page, Store, Transaction
from frontdesk.services.administration import check_count, check_version, counted, named, refuse_if_used, told
from frontdesk.services.agents import Agents
from frontdesk.services.calls import Caller, is_repeated, perform
from frontdesk.services.sign_in import SignIns

HIGHEST_LEVEL: Final = 100

#: What people may change of themselves.
_OWN: Final = frozenset({"first_name", "last_name", "email_address"})

_NEW_PASSWORD: Final = "password changed"  # noqa: S105 - a reason, no secret


class SkillLevelWish(msgspec.Struct, frozen=True):
    """A skill by id, name or URI, and how good the user is at it."""

    skill: str
    level: int


class UserWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be so of a user; None leaves as it is. `roles` and `skills` replace the whole set."""

    user_name: str | None = None
    password: str | None = None
    old_password: str | None = None  # shows that whoever changes the own password is who signed in
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    roles: tuple[Role, ...] | None = None
    enabled: bool | None = None
    change_password_on_first_login: bool | None = None
    skills: tuple[SkillLevelWish, ...] | None = None


class Users:
    """Use-cases of users."""

    def __init__(self, store: Store, ids: Ids, settings: Settings, sign_ins: SignIns, agents: Agents) -> None:
        self._store = store
        self._ids = ids
        self._settings = settings
        self._sign_ins = sign_ins
        self._agents = agents

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    async def all(self, who: Principal) -> list[User]:
        """By user name."""
        return await self._store.report(
            who.contact_centre, lambda tx: tx.users.all(), limit_s=self._settings.lists.report_s
        )

    async def get(self, who: Principal, user_id: UserId) -> User:
        """Raises NotFound."""
        return await self._store.read(who.contact_centre, lambda tx: tx.users.get(user_id))

    # ── acting ───────────────────────────────────────────────────────────────────────────────────

    async def create(self, caller: Caller, wish: UserWish) -> Outcome:
        """Make one, and tell its id. Raises AlreadyExists for a name that is taken anywhere on the server."""
        caller.principal.require(Act.ADMINISTER)
        check_user_name(wish.user_name)
        password_hash = await self._hash(wish.password)
        blank = User(id=UserId(self._ids.hexadecimal()), user_name="")

        async def body(tx: Transaction) -> Outcome:
            made = await _granted(tx, blank, wish)
            await tx.users.add(made, password_hash)
            await told(tx, caller, "Created", "user", made.id, made.user_name)
            return Outcome(id=made.id)

        return await perform(self._store, caller, body)

    async def update(self, caller: Caller, user_id: UserId, wish: UserWish, *, version: int | None = None) -> Outcome:
        """Change what the wish names.

        Raises PermissionMissing for what only an administrator changes, InUse if the contact centre were left without
        an administrator, ValueInvalid if the old password is wrong.
        """
        who = caller.principal
        is_administrator = who.may(Act.ADMINISTER)
        is_own = who.user_id == user_id and who.scopes is None
        if not is_own:
            who.require(Act.ADMINISTER)
        password_hash = None
        knows_old_one = True
        if wish.password is not None:
            if is_own and (not is_administrator or wish.old_password is not None):
                # The old password of a repeated request is right no more; then the body below does not run either.
                knows_old_one = not await is_repeated(self._store, caller)
                if knows_old_one:
                    await self._check_old_password(who, wish.old_password)
            password_hash = await self._hash(wish.password)
        # What a repeated request begins with: the first may have been cut short between its commit and the ending.
        ended = None if wish.password is None else _NEW_PASSWORD

        async def body(tx: Transaction) -> Outcome:
            nonlocal ended
            assert knows_old_one, "the answer of the first request was forgotten a moment ago"
            before = await tx.users.get(user_id)
            check_version(before.version, version)
            after = await _granted(tx, before, wish)
            if not is_administrator and _changed(before, after) - _OWN:
                who.require(Act.ADMINISTER)
            if is_own and password_hash is not None:
                after = replace(after, change_password_on_first_login=False)
            await _refuse_loss_of_last_administrator(tx, before, after)
            if after != before:
                await tx.users.save(replace(after, version=before.version + 1))
            if password_hash is not None:
                await tx.users.set_password_hash(user_id, password_hash)
            if after != before or password_hash is not None:
                await told(tx, caller, "Updated", "user", user_id, after.user_name)
            if _works(before) and not _works(after):
                await self._agents.end_in(tx, user_id, at_ms=caller.at_ms)
            if Role.SUPERVISOR in before.roles and Role.SUPERVISOR not in after.roles:
                await tx.subscriptions.remove_all_of(user_id)  # some are to what is another's
            ended = _why_sign_ins_end(before, after, has_new_password=password_hash is not None)
            return Outcome(id=user_id)

        outcome = await perform(self._store, caller, body)
        if wish.change_password_on_first_login is not None:
            self._sign_ins.refresh(user_id)  # what is remembered of the sign-ins says whether it has to be changed
        if ended is not None:
            # Whoever changes the own password stays signed in where that was done, and nowhere else.
            await self._end_sign_ins(user_id, ended, but=who.sign_in if is_own and ended == _NEW_PASSWORD else None)
        return outcome

    async def delete(self, caller: Caller, user_id: UserId) -> Outcome:
        """Raises InUse, naming every use."""
        caller.principal.require(Act.ADMINISTER)

        async def body(tx: Transaction) -> Outcome:
            before = await tx.users.get(user_id)
            await _refuse_loss_of_last_administrator(tx, before, None)
            refuse_if_used("user", before.user_name, await _uses(tx, before))
            await self._agents.end_in(tx, user_id, at_ms=caller.at_ms)
            await tx.users.remove(user_id)
            await told(tx, caller, "Deleted", "user", user_id, before.user_name)
            return Outcome(id=user_id)

        outcome = await perform(self._store, caller, body)
        await self._end_sign_ins(user_id, "user deleted")
        return outcome

    async def _end_sign_ins(self, user_id: UserId, reason: str, *, but: str | None = None) -> None:
        self._sign_ins.refresh(user_id)  # also if the store cannot end the rest now
        await self._sign_ins.end_all_of(user_id, reason=reason, but=but)

    async def _hash(self, password: str | None) -> str:
        least = self._settings.sign_in.password_characters
        return await self._sign_ins.hash_password(check_password(password, least=least))

    async def _check_old_password(self, who: Principal, old_password: str | None) -> None:
        if old_password is None:
            raise ParameterMissing("oldPassword", "Give your present password with the new one.")
        if not await self._sign_ins.is_password_of(who, old_password):
            raise ValueInvalid("oldPassword", "it is not your present password")


async def _granted(tx: Transaction, before: User, wish: UserWish) -> User:
    changes: dict[str, Any] = {}
    if wish.user_name is not None:
        changes["user_name"] = check_user_name(wish.user_name)
    if wish.first_name is not None:
        changes["first_name"] = check_text(wish.first_name, parameter="firstName")
    if wish.last_name is not None:
        changes["last_name"] = check_text(wish.last_name, parameter="lastName")
    if wish.email_address is not None:
        changes["email_address"] = check_address(wish.email_address, parameter="emailAddress")
    if wish.roles is not None:
        changes["roles"] = tuple(sorted(set(wish.roles)))
    if wish.enabled is not None:
        changes["enabled"] = wish.enabled
    if wish.change_password_on_first_login is not None:
        changes["change_password_on_first_login"] = wish.change_password_on_first_login
    if wish.skills is not None:
        changes["skills"] = await _skill_levels(tx, wish.skills)
    return replace(before, **changes)


async def _skill_levels(tx: Transaction, wishes: tuple[SkillLevelWish, ...]) -> tuple[SkillLevel, ...]:
    check_count(wishes, parameter="skills")
    levels: dict[SkillId, int] = {}
    for wish in wishes:
        skill = await tx.skills.named(wish.skill) or await tx.skills.find(reference(wish.skill, parameter="skills").id)
        if skill is None:
            raise ReferenceInvalid("skills", wish.skill, "skill")
        if not 0 <= wish.level <= HIGHEST_LEVEL:
            raise ValueInvalid("skills", f"a level is from 0 to {HIGHEST_LEVEL}, not {wish.level}")
        levels[skill.id] = wish.level
    return tuple(SkillLevel(skill, level) for skill, level in levels.items())


def _changed(before: User, after: User) -> set[str]:
    return {field for field in User.__struct_fields__ if getattr(before, field) != getattr(after, field)}


def _works(user: User) -> bool:
    return user.enabled and bool({Role.AGENT, Role.SUPERVISOR} & set(user.roles))


def _administers(user: User) -> bool:
    return user.enabled and Role.ADMIN in user.roles


def _why_sign_ins_end(before: User, after: User, *, has_new_password: bool) -> str | None:
    """Why what was signed in with before is not good any more, or None if it is."""
    if before.enabled and not after.enabled:
        return "user disabled"
    if set(before.roles) != set(after.roles):
        return "roles changed"
    if before.user_name != after.user_name:
        return "user name changed"
    return _NEW_PASSWORD if has_new_password else None


async def _refuse_loss_of_last_administrator(tx: Transaction, before: User, after: User | None) -> None:
    if not _administers(before) or (after is not None and _administers(after)):
        return
    if not any(_administers(user) for user in await tx.users.all() if user.id != before.id):
        raise InUse("user", before.user_name, "the contact centre as its last enabled Contact Center Admin")


async def _uses(tx: Transaction, user: User) -> list[str]:
    """What would miss the user, in words."""
    parked = 0
    for workbin in await tx.workbins.all():
        if workbin.type is WorkbinType.AGENT:
            _, count = await tx.interactions.in_workbin(workbin.id, OwnerId(user.id), Page(1))
            parked += count
    return [
        *counted(len(await tx.interactions.held_by(user.id)), "interaction"),
        *counted(parked, "parked interaction"),
        *counted(len(await tx.tokens.of_user(user.id)), "token"),
        *named("queue", [queue.name for queue in await tx.queues.all() if user.id in queue.agents]),
        *named("group", [group.name for group in await tx.groups.all() if user.id in group.members]),
    ]
