"""What the router knows of the world besides the policy: the directory, and the time zones that calendars name."""

from datetime import UTC, tzinfo

import msgspec

from frontdesk.core.ids import GroupId, QueueId, UserId


class AgentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of the directory, logged in or not."""

    name: str = ""
    skills: dict[str, int] = {}
    groups: frozenset[GroupId] = frozenset()


class QueueFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A queue of the directory, with those who serve it by themselves or through a group."""

    name: str = ""
    agents: frozenset[UserId] = frozenset()
    groups: frozenset[GroupId] = frozenset()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One contact centre. `zones` holds each zone that a calendar of the policy names."""

    agents: dict[UserId, AgentFacts] = {}
    queues: dict[QueueId, QueueFacts] = {}
    groups: dict[GroupId, str] = {}  # their names
    zones: dict[str, tzinfo] = msgspec.field(default_factory=lambda: {"UTC": UTC})

    def agent_name(self, agent: UserId) -> str:
        known = self.agents.get(agent)
        return (known.name if known is not None else "") or agent

    def queue_name(self, queue: QueueId) -> str:
        known = self.queues.get(queue)
        return (known.name if known is not None else "") or queue

    def group_name(self, group: GroupId) -> str:
        return self.groups.get(group) or group
