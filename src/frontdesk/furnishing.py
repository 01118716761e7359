"""Puts the services together over a store, a bus and a clock: for the server, and for tests that need no more of it."""

from typing import NamedTuple

from argon2 import PasswordHasher

from frontdesk.channels.email.inbox import read_attachment
from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.kit.ids import Ids
from frontdesk.ports import Bus, Store
from frontdesk.rest.house import House
from frontdesk.services.agent_states import AgentStates
from frontdesk.services.agents import Agents
from frontdesk.services.audit import Audit
from frontdesk.services.births import Births
from frontdesk.services.contact_centres import ContactCentres
from frontdesk.services.emails import Emails
from frontdesk.services.groups import Groups
from frontdesk.services.interactions import Interactions
from frontdesk.services.offers import Offers
from frontdesk.services.passwords import HASHER
from frontdesk.services.policies import Policies
from frontdesk.services.presence import Presence
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
from frontdesk.services.wrap_ups import WrapUps
from frontdesk.wire.addresses import Addresses


class Furnished(NamedTuple):
    """What requests use, and what only workers do."""

    house: House
    offers: Offers
    wrap_ups: WrapUps


def furnish(
    store: Store,
    bus: Bus,
    settings: Settings,
    *,
    clock: Clock,
    ids: Ids,
    addresses: Addresses,
    hasher: PasswordHasher = HASHER,
) -> Furnished:
    """Every service. `hasher` is what tests make quicker."""
    policies = Policies(store, settings)
    presence = Presence(settings.routing, policies.of_queue)
    sign_ins = SignIns(store, clock, ids, bus, settings.sign_in, settings.server.trusted_proxies, hasher=hasher)
    agents = Agents(store, clock, settings, presence)
    house = House(
        clock=clock,
        ids=ids,
        settings=settings,
        addresses=addresses,
        store=store,
        bus=bus,
        sign_ins=sign_ins,
        agents=agents,
        births=Births(store, clock, ids, settings),
        interactions=Interactions(store, presence, policies, settings),
        routing=Routing(store, clock, policies, settings),
        policies=policies,
        push_sessions=PushSessions(store, settings),
        workbins=Workbins(store, settings),
        emails=Emails(store, clock, ids, settings, read_attachment),
        users=Users(store, ids, settings, sign_ins, agents),
        queues=Queues(store, ids, settings),
        groups=Groups(store, ids, settings),
        skills=Skills(store, ids, settings),
        agent_states=AgentStates(store, ids, settings),
        settings_groups=SettingsGroups(store, ids),
        workbin_definitions=WorkbinDefinitions(store, ids, settings),
        tokens=Tokens(store, ids, settings, sign_ins),
        contact_centres=ContactCentres(store, clock, ids, sign_ins),
        audit=Audit(store, clock),
    )
    offers = Offers(store, clock, presence, policies, settings)
    return Furnished(house, offers, WrapUps(store, clock, presence))
