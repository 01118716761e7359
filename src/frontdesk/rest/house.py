"""The services that handlers call, in one bundle, put together by the application."""

from dataclasses import dataclass

from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.kit.ids import Ids
from frontdesk.ports import Bus, Store
from frontdesk.services.agent_states import AgentStates
from frontdesk.services.agents import Agents
from frontdesk.services.audit import Audit
from frontdesk.services.births import Births
from frontdesk.services.contact_centres import ContactCentres
from frontdesk.services.emails import Emails
from frontdesk.services.groups import Groups
from frontdesk.services.interactions import Interactions
from frontdesk.services.policies import Policies
from frontdesk.services.push_sessions import PushSessions
from frontdesk.services.queues import Queues
from frontdesk.services.routing import Routing
from frontdesk.services.settings_groups import SettingsGroups
from frontdesk.services.sign_in import SignIns
from frontdesk.services.skills import Skills
from frontdesk.services.tokens import Tokens
from frontdesk.services.users import Users
from frontdesk.services.workbin_definitions import WorkbinDefinitions
from frontdesk.services.workbins import Workbins
from frontdesk.wire.addresses import Addresses


@dataclass(frozen=True, slots=True)
class House:
    """Everything a request may need."""

    clock: Clock
    ids: Ids
    settings: Settings
    addresses: Addresses
    store: Store
    bus: Bus
    sign_ins: SignIns
    agents: Agents
    births: Births
    interactions: Interactions
    routing: Routing
    policies: Policies
    push_sessions: PushSessions
    workbins: Workbins
    emails: Emails
    users: Users
    queues: Queues
    groups: Groups
    skills: Skills
    agent_states: AgentStates
    settings_groups: SettingsGroups
    workbin_definitions: WorkbinDefinitions
    tokens: Tokens
    contact_centres: ContactCentres
    audit: Audit
