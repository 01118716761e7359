"""The types of identifiers: strings on the wire, distinct to the type checker."""

from typing import NewType

ContactCentreId = NewType("ContactCentreId", str)  # dashed UUID
UserId = NewType("UserId", str)  # 32 lower-case hex digits, unique on the server
InteractionId = NewType("InteractionId", str)  # 16 upper-case alphanumerics, sortable by time
QueueId = NewType("QueueId", str)  # dashed UUID
WorkbinId = NewType("WorkbinId", str)  # dashed UUID
GroupId = NewType("GroupId", str)  # "<n>-<uuid>"
SkillId = NewType("SkillId", str)  # dashed UUID
AgentStateId = NewType("AgentStateId", str)  # dashed UUID
SettingsGroupId = NewType("SettingsGroupId", str)  # dashed UUID, or the name of a documented one
TokenId = NewType("TokenId", str)  # dashed UUID
OwnerId = NewType("OwnerId", str)  # of a workbin's content: a user id or a group id
