"""All nouns of one contact centre on one transaction, and the outbox of what it has to tell."""

from frontdesk.core.agent_states import AgentState
from frontdesk.core.directory import Group, Queue, Skill
from frontdesk.core.events import Committed
from frontdesk.core.ids import ContactCentreId
from frontdesk.core.settings_groups import SettingsGroup
from frontdesk.core.workbins import Workbin
from frontdesk.ports import (
    Agents,
    Answers,
    Catalogue,
    Contacts,
    Emails,
    Events,
    Interactions,
    Leases,
    Policies,
    Tokens,
    Users,
    WorkbinSubscriptions,
)
from frontdesk.store.agents import AgentRows
from frontdesk.store.answers import AnswerRows
from frontdesk.store.catalogue import AgentStateRows, GroupRows, QueueRows, SettingsGroupRows, SkillRows, WorkbinRows
from frontdesk.store.connection import Connection
from frontdesk.store.contacts import ContactRows
from frontdesk.store.emails import EmailRows
from frontdesk.store.events import EventRows
from frontdesk.store.interactions import InteractionRows
from frontdesk.store.leases import LeaseRows
from frontdesk.store.policies import PolicyRows
from frontdesk.store.subscriptions import SubscriptionRows
from frontdesk.store.tokens import TokenRows
from frontdesk.store.users import UserRows


class StoreTransaction:
    """`ports.Transaction` over one connection. `outbox`: its events in order, to be carried on once committed."""

    __slots__ = (
        "agent_states",
        "agents",
        "answers",
        "contact_centre",
        "contacts",
        "emails",
        "events",
        "groups",
        "interactions",
        "leases",
        "outbox",
        "policies",
        "queues",
        "settings_groups",
        "skills",
        "subscriptions",
        "tokens",
        "users",
        "workbins",
    )

    def __init__(self, connection: Connection, contact_centre: ContactCentreId) -> None:
        self.outbox: list[Committed] = []
        self.contact_centre = contact_centre
        self.interactions: Interactions = InteractionRows(connection, contact_centre)
        self.events: Events = EventRows(connection, contact_centre, self.outbox)
        self.agents: Agents = AgentRows(connection, contact_centre)
        self.users: Users = UserRows(connection, contact_centre)
        self.queues: Catalogue[Queue] = QueueRows(connection, contact_centre)
        self.groups: Catalogue[Group] = GroupRows(connection, contact_centre)
        self.skills: Catalogue[Skill] = SkillRows(connection, contact_centre)
        self.agent_states: Catalogue[AgentState] = AgentStateRows(connection, contact_centre)
        self.settings_groups: Catalogue[SettingsGroup] = SettingsGroupRows(connection, contact_centre)
        self.workbins: Catalogue[Workbin] = WorkbinRows(connection, contact_centre)
        self.subscriptions: WorkbinSubscriptions = SubscriptionRows(connection, contact_centre)
        self.emails: Emails = EmailRows(connection, contact_centre)
        self.tokens: Tokens = TokenRows(connection, contact_centre)
        self.answers: Answers = AnswerRows(connection, contact_centre)
        self.contacts: Contacts = ContactRows(connection, contact_centre)
        self.leases: Leases = LeaseRows(connection, contact_centre)
        self.policies: Policies = PolicyRows(connection, contact_centre)
