"""Request bodies of `/settings`: agent states, groups of settings, and the settings in them.

Source: the Genesys Web Services v2 pages, Settings, which write a setting either as the body itself or under the key
`settings`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from frontdesk.core.agent_states import Counts
from frontdesk.core.errors import BodyMalformed
from frontdesk.core.names import NAME_CHARACTERS
from frontdesk.wire.administration import Name, ReadOnly
from frontdesk.wire.operations import Needs

OperationName = Annotated[
    str,
    Meta(description="What agents' clients post to take the state.", examples=["OutToLunch"]),
]
DisplayName = Annotated[str, Meta(max_length=NAME_CHARACTERS, examples=["Out to lunch"])]
CountsAs = Annotated[Counts, Meta(description="What routing takes it for.", examples=["NotReady"])]
WorkMode = Annotated[str, Meta(max_length=NAME_CHARACTERS, examples=["AuxWork"])]
Reason = Annotated[str, Meta(max_length=NAME_CHARACTERS, examples=["Lunch"])]


class NewAgentState(msgspec.Struct, rename="camel", kw_only=True):
    """`POST /settings/agent-states`. NotReady, unless it says otherwise."""

    operation_name: OperationName
    display_name: DisplayName | None = None
    state: CountsAs | None = None
    work_mode: WorkMode | None = None
    reason: Reason | None = None


class AgentStateChanges(ReadOnly, rename="camel", kw_only=True):
    """`PUT /settings/agent-states`, which finds it by `id`. An empty work mode or reason takes it away."""

    operation_name: OperationName | None = None
    display_name: DisplayName | None = None
    state: CountsAs | None = None
    work_mode: WorkMode | None = None
    reason: Reason | None = None


class NewSettingsGroup(msgspec.Struct, rename="camel", kw_only=True):
    """`POST /settings`. The name becomes part of the URI; `key` names the attribute that tells settings apart."""

    name: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64, examples=["my-settings"])]
    display_name: Name | None = None
    key: Annotated[str, Meta(min_length=1, max_length=64, examples=["name"])] | None = None


class GivenSetting(msgspec.Struct, rename="camel"):
    """A setting: an object of any attributes, with the group's key among them; or that under `settings`."""

    needs: ClassVar[Needs] = (("name", "settings"),)

    name: Annotated[str, Meta(description="Or whatever the group's key is.", examples=["Resolved"])] | None = None
    display_name: Annotated[str, Meta(examples=["Resolved"])] | None = None
    value: Any = None
    settings: Annotated[dict[str, Any], Meta(description="The setting, as other pages write it.")] | None = None


def setting_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The setting that a body holds, whichever way it is written. Raises BodyMalformed."""
    inner = body.get("settings") if len(body) == 1 else None
    if isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    if inner is None:
        return dict(body)
    if not isinstance(inner, dict):
        raise BodyMalformed("Under 'settings' there must be one setting: an object.")
    return inner
