"""Request bodies of administration: what can be set of users, queues, groups, skills, workbins and tokens.

An object that a GET gave can be changed and sent back whole: what cannot be changed may be in it as it is. Absent
properties stay as they are. References are ids, names, URIs, or objects with one of these.
"""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from frontdesk.core.errors import ParameterMissing, PropertyReadOnly, ValueInvalid
from frontdesk.core.ids import ContactCentreId
from frontdesk.core.names import ADDRESS_CHARACTERS, NAME_CHARACTERS, PASSWORD_CHARACTERS, TEXT_CHARACTERS
from frontdesk.core.permissions import Role, Scope
from frontdesk.core.workbins import WorkbinType
from frontdesk.wire.operations import Needs

Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS)]
Text = Annotated[str, Meta(max_length=TEXT_CHARACTERS)]
EmailAddress = Annotated[str, Meta(max_length=ADDRESS_CHARACTERS)]
Password = Annotated[str, Meta(min_length=1, max_length=PASSWORD_CHARACTERS)]

_MOST_REFERENCES = 5000


class Reference(msgspec.Struct, rename="camel"):
    """An object that stands for a thing; the first of these that is there counts."""

    id: str | None = None
    uri: str | None = None
    user_name: str | None = None
    name: str | None = None

    @property
    def value(self) -> str | None:
        return self.id or self.uri or self.user_name or self.name


References = Annotated[list[str | Reference], Meta(max_length=_MOST_REFERENCES)]


def values(references: Iterable[str | Reference] | None, *, parameter: str) -> tuple[str, ...] | None:
    """Ids, names or URIs; None for no list at all. Raises ParameterMissing for an object without any of these."""
    if references is None:
        return None
    found = []
    for reference in references:
        value = reference if isinstance(reference, str) else reference.value
        if not value:
            raise ParameterMissing(parameter, "Give an id, a name or a URI for each.")
        found.append(value)
    return tuple(found)


class ReadOnly(msgspec.Struct, rename="camel"):
    """What every resource shows and nobody changes. A `version` says which one the change was made for."""

    id: Any = None
    uri: Any = None
    path: Any = None
    contact_center_id: Any = None
    version: int | None = None

    def must_be(self, path: str, contact_centre: ContactCentreId) -> None:
        """Raise PropertyReadOnly for what is not as in the resource at `path`.

        A URI counts by its end: what is before may be a proxy's.
        """
        others = []
        if self.id is not None and self.id != path.rpartition("/")[2]:
            others.append("id")
        if self.path is not None and self.path != path:
            others.append("path")
        if self.uri is not None and not (isinstance(self.uri, str) and self.uri.rstrip("/").endswith(path)):
            others.append("uri")
        if self.contact_center_id is not None and self.contact_center_id != contact_centre:
            others.append("contactCenterId")
        if others:
            raise PropertyReadOnly(others)


class UserSkill(Reference, rename="camel", kw_only=True):
    """A skill and how good the user is at it; a level is a string in answers, and either is understood."""

    level: int | str

    @property
    def number(self) -> int:
        if isinstance(self.level, int):
            return self.level
        if self.level.isascii() and self.level.isdigit() and len(self.level) < 9:
            return int(self.level)
        raise ValueInvalid("skills", f"a level is a whole number, not '{self.level[:20]}'")


class UserChanges(ReadOnly, rename="camel"):
    """`PUT` or `POST /users/{id}`. `roles` and `skills` replace the whole set."""

    user_name: Name | None = None
    password: Password | None = None
    old_password: Password | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    email_address: EmailAddress | None = None
    roles: list[Role] | None = None
    enabled: bool | None = None
    change_password_on_first_login: bool | None = None
    skills: Annotated[list[UserSkill], Meta(max_length=_MOST_REFERENCES)] | None = None


class NewUser(msgspec.Struct, rename="camel", kw_only=True):
    """`POST /users`."""

    user_name: Name
    password: Password
    first_name: Text | None = None
    last_name: Text | None = None
    email_address: EmailAddress | None = None
    roles: list[Role] | None = None
    enabled: bool | None = None
    change_password_on_first_login: bool | None = None
    skills: Annotated[list[UserSkill], Meta(max_length=_MOST_REFERENCES)] | None = None


class QueueChanges(ReadOnly, rename="camel"):
    """`PUT /queues/{id}`."""

    name: Name | None = None
    description: Text | None = None
    agents: References | None = None
    groups: References | None = None
    email_addresses: Annotated[list[EmailAddress], Meta(max_length=_MOST_REFERENCES)] | None = None


class NewQueue(msgspec.Struct, rename="camel", kw_only=True):
    """`POST /queues`."""

    name: Name
    description: Text | None = None
    agents: References | None = None
    groups: References | None = None
    email_addresses: Annotated[list[EmailAddress], Meta(max_length=_MOST_REFERENCES)] | None = None


class GroupChanges(ReadOnly, rename="camel"):
    """`PUT /groups/{id}`."""

    name: Name | None = None
    type: Any = None
    members: References | None = None


class NewGroup(msgspec.Struct, rename="camel", kw_only=True):
    """`POST /groups`. Groups of another type are not made here."""

    name: Name
    type: str | None = None
    members: References | None = None


class SkillChanges(ReadOnly, rename="camel"):
    """`PUT /skills/{id}`."""

    name: Name | None = None


class NewSkill(msgspec.Struct, rename="camel", kw_only=True):
    """`POST /skills`."""

    name: Name


class WorkbinChanges(ReadOnly, rename="camel"):
    """`PUT /workbins/{id}`. What the 8.5.0 keys say follows from the name."""

    workbin_name: Name | None = None
    name: Name | None = None
    display_name: Text | None = None
    type: WorkbinType | None = None


class NewWorkbin(msgspec.Struct, rename="camel", kw_only=True):
    """`POST /workbins`. The name is `workbinName`; some pages write `name`."""

    needs: ClassVar[Needs] = (("workbinName", "name"),)

    workbin_name: Name | None = None
    name: Name | None = None
    display_name: Text | None = None
    type: WorkbinType | None = None


def workbin_name(body: NewWorkbin | WorkbinChanges) -> str | None:
    """The name under either key. Raises ValueInvalid if they say different things."""
    if body.workbin_name is not None and body.name is not None and body.workbin_name != body.name:
        raise ValueInvalid("workbinName", "it is another than 'name', which means the same; give one of them")
    return body.workbin_name or body.name


class NewToken(msgspec.Struct, rename="camel", kw_only=True):
    """`POST /tokens`. The user who acts through it: the caller, if nobody is named."""

    name: Name
    scopes: Annotated[list[Scope], Meta(min_length=1)]
    user_id: str | None = None
    user_uri: str | None = None
