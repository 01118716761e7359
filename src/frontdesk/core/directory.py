"""What a contact centre is made of besides its users: queues, agent groups and skills."""

import msgspec

from frontdesk.core.ids import GroupId, QueueId, SkillId, UserId


class Queue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where interactions wait. Served by its `agents` and by the members of its `groups`.

    A message to one of `email_addresses` (lower case, unique on the server) becomes an interaction here.
    """

    id: QueueId
    name: str
    version: int = 1
    description: str = ""
    agents: tuple[UserId, ...] = ()
    groups: tuple[GroupId, ...] = ()
    email_addresses: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Agents that are addressed together: as a group workbin, or as servers of a queue."""

    id: GroupId
    name: str
    version: int = 1
    type: str = "AgentGroup"
    members: tuple[UserId, ...] = ()


class Skill(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: SkillId
    name: str
    version: int = 1
