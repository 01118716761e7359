"""What is declared of resources and messages is what is shown: each key, each type, in every state.

The declarations are closed, so that reading what is shown with them finds keys that were not declared; and every key
that is declared has to be seen somewhere, so that none is left when it is not shown any more.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from frontdesk.core import agents as core_agents
from frontdesk.core import interactions as core
from frontdesk.core.agent_states import AGENT_STATES
from frontdesk.core.agents import Agent, Channel
from frontdesk.core.directory import Group, Queue, Skill
from frontdesk.core.emails import Email
from frontdesk.core.events import told
from frontdesk.core.ids import ContactCentreId, SettingsGroupId, SkillId, TokenId
from frontdesk.core.interactions import REVOKED, Interaction
from frontdesk.core.permissions import Role, Scope
from frontdesk.core.policy import Policy
from frontdesk.core.settings_groups import SettingsGroup
from frontdesk.core.users import ContactCentre, SkillLevel, User
from frontdesk.core.workbins import Workbin
from frontdesk.ports import Token
from frontdesk.wire import agents, contacts, directory, history, interactions, platform, shapes, tokens, users, workbins
from tests.wire.examples import (
    ADA,
    ADDRESSES,
    ARRIVED_MS,
    GRACE,
    IN_PROGRESS,
    LUNCH,
    SUPPORT,
    TEAM,
    accepted,
    draft,
    offered,
    parked,
    seen,
    waiting,
)

CENTRE = ContactCentreId("44444444-0000-4000-8000-000000000001")
BILLING = SkillId("55555555-0000-4000-8000-000000000001")
SKILL = Skill(id=BILLING, name="billing")
GROUP = Group(id=TEAM, name="Team", members=(ADA,))
USER = User(id=ADA, user_name="ada", roles=(Role.AGENT, Role.ADMIN), skills=(SkillLevel(BILLING, 8),))
TOKEN = Token(id=TokenId("t"), name="shop", user_id=ADA, scopes=(Scope.SUBMIT,), created_at_ms=ARRIVED_MS)
AT_WORK = core_agents.start(Agent(user_id=ADA), ["email", "voice"], place="", at_ms=1)
DISPOSITIONS = SettingsGroup(id=SettingsGroupId("dispositions"), name="dispositions", display_name="Dispositions")
BIN = Workbin(id=IN_PROGRESS, name="In_Progress")
MEDIA = ("email", "chat", "workitem", "fax")
DISPOSED = msgspec.structs.replace(accepted("email"), disposition="Resolved")
EMAIL = Email(from_address="customer@example.com", text="Hello", html="<p>Hello</p>")


def lives(media_type: str) -> Iterable[Interaction]:
    """An interaction in each of its states."""
    yield waiting(media_type)
    yield offered(media_type, ADA, GRACE)
    yield accepted(media_type)
    yield msgspec.structs.replace(accepted(media_type), disposition="Resolved", parent_id=draft().id)
    yield msgspec.structs.replace(parked(), media_type=media_type)
    if media_type == "email":
        yield draft()


def media_shown(media_type: str) -> list[dict[str, Any]]:
    shown = [interactions.media_shown(one, ADA, ADDRESSES) for one in lives(media_type)]
    if media_type == "email":
        shown.append(interactions.media_shown(DISPOSED, ADA, ADDRESSES, email=EMAIL))
    return shown


def channels() -> list[dict[str, Any]]:
    shown = [Channel(channel="email", state=name) for name in AGENT_STATES]
    shown.append(Channel(channel="email", state="NotReady", custom=LUNCH, reason=LUNCH.reason))
    return agents.channels_shown([*shown, Channel(channel="chat", state="Ready", do_not_disturb=True)])


def user_with_everything() -> dict[str, Any]:
    media = interactions.grouped([accepted(medium) for medium in MEDIA], ADA, ADDRESSES)
    media["interactions"] = [interactions.shown(accepted(), ADA, ADDRESSES)]
    skills = {"skills": users.skills_shown(USER, {BILLING: SKILL}, ADDRESSES)}
    groups = {"groups": users.groups_shown(USER, [GROUP], ADDRESSES)}
    return agents.me_shown(
        USER, CENTRE, ADDRESSES, subresources=agents.SUBRESOURCES, agent=AT_WORK, media=media, directory=skills | groups
    )


def workbin_with_everything() -> dict[str, Any]:
    content = interactions.grouped([accepted(medium) for medium in MEDIA], ADA, ADDRESSES)
    return workbins.shown(BIN, ADDRESSES) | content


def events() -> list[dict[str, Any]]:
    asked = told(core.offer(waiting("email"), (ADA, GRACE), deadline_ms=1), at_ms=1, actor=None, reference_id=None)
    taken = told(core.accept(offered("email", ADA, GRACE), ADA), at_ms=2, actor=ADA, reference_id=3)
    return [history.shown(number, event, ADDRESSES) for number, event in enumerate((asked, taken), start=1)]


SHOWN: dict[type[shapes.Shape], list[Any]] = {
    shapes.Interaction: [
        *(interactions.shown(one, ADA, ADDRESSES) for medium in MEDIA for one in lives(medium)),
        interactions.shown(waiting(), None, ADDRESSES),
        interactions.shown(waiting(), ADA, ADDRESSES, state=REVOKED),
    ],
    shapes.Email: media_shown("email"),
    shapes.Chat: media_shown("chat"),
    shapes.Workitem: media_shown("workitem"),
    shapes.Openmedia: media_shown("fax"),
    shapes.HistoryEvent: events(),
    shapes.Workbin: [workbins.shown(BIN, ADDRESSES), workbin_with_everything()],
    shapes.WorkbinDescription: [workbins.legacy_shown(BIN)],
    shapes.Channel: channels(),
    shapes.AgentState: [agents.agent_state_shown(one) for one in (*AGENT_STATES.values(), LUNCH)],
    shapes.User: [
        users.shown(USER, CENTRE, ADDRESSES),
        users.shown(USER, CENTRE, ADDRESSES)
        | {"skills": users.skills_shown(USER, {BILLING: SKILL}, ADDRESSES)}
        | {"groups": users.groups_shown(USER, [GROUP], ADDRESSES)}
        | {"channels": channels(), "devices": []},
    ],
    shapes.Contact: [
        contacts.user_contact(USER, AT_WORK, Policy(), ADDRESSES),
        contacts.user_contact(USER, None, Policy(), ADDRESSES),
        contacts.queue_contact(Queue(id=SUPPORT, name="support"), ADDRESSES),
    ],
    shapes.Availabilities: [contacts.user_contact(USER, AT_WORK, Policy(), ADDRESSES)["availability"]],
    shapes.Availability: contacts.user_contact(USER, AT_WORK, Policy(), ADDRESSES)["availability"]["channels"],
    shapes.Me: [agents.me_shown(USER, CENTRE, ADDRESSES), user_with_everything()],
    shapes.Queue: [directory.queue_shown(Queue(id=SUPPORT, name="support", agents=(ADA,)), ADDRESSES)],
    shapes.Group: [directory.group_shown(GROUP, ADDRESSES)],
    shapes.Skill: [directory.skill_shown(SKILL, ADDRESSES)],
    shapes.SkillOfUser: users.skills_shown(USER, {BILLING: SKILL}, ADDRESSES),
    shapes.ContactCenter: [directory.contact_centre_shown(ContactCentre(id=CENTRE, name="demo"), ADDRESSES)],
    shapes.Feature: agents.features_shown(ADDRESSES),
    shapes.Service: platform.services_shown(ADDRESSES),
    shapes.SettingsGroup: platform.settings_groups_shown([DISPOSITIONS], ADDRESSES),
    shapes.SettingsSection: platform.sections_shown(USER, ADDRESSES),
    shapes.Token: [
        tokens.shown(
            Token(id=TokenId("t"), name="shop", user_id=ADA, scopes=(Scope.SUBMIT,), created_at_ms=ARRIVED_MS),
            ADDRESSES,
        )
    ],
}
RESOURCES = list(SHOWN)


@pytest.mark.parametrize("shape", RESOURCES)
def test_what_is_shown_is_what_is_declared(shape: type[shapes.Shape]) -> None:
    for shown in SHOWN[shape]:
        msgspec.convert(seen(shown), shape)


@pytest.mark.parametrize("shape", RESOURCES)
def test_what_is_declared_is_shown(shape: type[shapes.Shape]) -> None:
    declared = {field.encode_name for field in msgspec.structs.fields(shape)}
    assert declared == {name for shown in SHOWN[shape] for name in shown}


@pytest.mark.parametrize(
    ("shape", "properties"),
    [
        (shapes.Interaction, interactions.PROPERTIES),
        (shapes.Channel, agents.CHANNEL_PROPERTIES),
        (shapes.AgentState, agents.AGENT_STATE_PROPERTIES),
        (shapes.User, (*users.PROPERTIES, *agents.USER_SUBRESOURCES)),
        (shapes.Contact, contacts.PROPERTIES),
        (shapes.Me, (*users.PROPERTIES, *agents.SUBRESOURCES)),
        (shapes.Workbin, (*workbins.PROPERTIES, *workbins.SUBRESOURCES)),
        (shapes.Queue, directory.QUEUE_PROPERTIES),
        (shapes.Group, directory.GROUP_PROPERTIES),
        (shapes.Skill, directory.SKILL_PROPERTIES),
        (shapes.ContactCenter, directory.CONTACT_CENTRE_PROPERTIES),
        (shapes.Feature, platform.FEATURE_PROPERTIES),
        (shapes.Service, platform.SERVICE_PROPERTIES),
        (shapes.SettingsGroup, platform.SETTINGS_GROUP_PROPERTIES),
        (shapes.SettingsSection, platform.SECTION_PROPERTIES),
        (shapes.Token, tokens.PROPERTIES),
    ],
)
def test_what_can_be_asked_for_is_what_is_declared(shape: type[shapes.Shape], properties: tuple[str, ...]) -> None:
    assert {field.encode_name for field in msgspec.structs.fields(shape)} == set(properties)


def test_every_resource_that_is_declared_is_held_to_it() -> None:
    declared = {value for value in vars(shapes).values() if isinstance(value, type) and issubclass(value, shapes.Shape)}
    inside = {shapes.Attachment, shapes.EmailObject, shapes.Ended, shapes.UserState, shapes.Setting}  # of the others
    assert {shape for shape in declared if not shape.__name__.startswith("_")} == {*SHOWN, *inside, shapes.Shape}
