"""How channels, states and `/me` are shown."""

import pytest

from frontdesk.core import agents as core
from frontdesk.core.agent_states import AGENT_STATES
from frontdesk.core.agents import Agent, Channel, Standing
from frontdesk.core.directory import Group, Skill
from frontdesk.core.ids import ContactCentreId, SkillId
from frontdesk.core.permissions import Role
from frontdesk.core.users import SkillLevel, User
from frontdesk.wire import agents, users
from tests.wire.examples import ADA, ADDRESSES, API, LUNCH, TEAM, seen

CENTRE = ContactCentreId("44444444-0000-4000-8000-000000000001")
BILLING = SkillId("55555555-0000-4000-8000-000000000001")
USER = User(
    id=ADA,
    user_name="ada",
    first_name="Ada",
    last_name="King",
    roles=(Role.AGENT, Role.SUPERVISOR),
    skills=(SkillLevel(BILLING, 8),),
)
SESSION = core.start(Agent(user_id=ADA), ["voice", "email", "chat"], place="", at_ms=1)
READY = core.set_state(SESSION, "chat", "Ready", at_ms=2)


@pytest.mark.parametrize(
    ("operation", "state"),
    [
        ("Ready", {"id": "9430250E-0A1B-421F-B372-F29E69366DED", "displayName": "Ready", "state": "Ready"}),
        (
            "NotReady",
            {"id": "900D55CC-2BB0-431F-8BF9-D3525B383BE6", "displayName": "Not Ready", "state": "NotReady"},
        ),
        (
            "AuxWork",
            {
                "id": "2B36138D-C564-4562-A8CB-3C32D564F296",
                "displayName": "AuxWork",
                "state": "NotReady",
                "workMode": "AuxWork",
            },
        ),
        (
            "Offline",
            {"id": "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", "displayName": "Offline", "state": "LoggedOut"},
        ),
    ],
)
def test_the_state_of_a_user_has_the_id_that_clients_know(operation: str, state: dict[str, str]) -> None:
    """Also of somebody who is offline."""
    assert agents.user_state(Standing(state=operation)) == state


def test_an_added_state_shows_its_own_id_words_and_reason() -> None:
    """`reason` of custom states."""
    out = core.set_state(SESSION, "chat", LUNCH.name, at_ms=2, custom=LUNCH)
    channel = out.channel("chat")
    assert channel is not None
    assert agents.channel_shown(channel)["userState"] == {
        "id": LUNCH.id,
        "displayName": "Out to lunch",
        "state": "NotReady",
        "workMode": "AuxWork",
        "reason": "Lunch",
    }


def test_who_answered_no_offers_is_not_ready_for_that_reason() -> None:
    missed = core.offer_missed(READY, "chat", limit=1, at_ms=3).channel("chat")
    assert missed is not None
    assert agents.channel_shown(missed)["userState"] == {
        "id": "900D55CC-2BB0-431F-8BF9-D3525B383BE6",
        "displayName": "Not Ready",
        "state": "NotReady",
        "reason": "MissedOffers",
    }


def test_a_channel_shows_its_state_and_whether_it_is_disturbed() -> None:
    """`dndState` is what the pages of the media call it."""
    shown = agents.channel_shown(Channel(channel="chat", state="Ready", do_not_disturb=True))
    assert shown == {
        "channel": "chat",
        "userState": agents.user_state(Standing(state="Ready")),
        "doNotDisturb": "On",
        "dndState": "On",
    }
    assert shown.keys() == set(agents.CHANNEL_PROPERTIES)


def test_voice_is_no_channel() -> None:
    """Voice belongs to devices."""
    assert [channel["channel"] for channel in agents.channels_shown(READY.shown_channels)] == ["chat", "email"]
    assert [channel["channel"] for channel in agents.change_message(READY.channels)["channels"]] == ["chat", "email"]


def test_the_definitions_of_states_are_a_list_with_a_key() -> None:
    shown = seen(agents.agent_states([*AGENT_STATES.values(), LUNCH]))
    assert [definition["operationName"] for definition in shown["settings"]] == [
        *("NotReady", "Ready", "AfterCallWork", "AuxWork", "Offline", "OutToLunch")
    ]
    assert shown["settings"][5] == {
        "id": LUNCH.id,
        "operationName": "OutToLunch",
        "displayName": "Out to lunch",
        "state": "NotReady",
        "workMode": "AuxWork",
        "reason": "Lunch",
    }
    assert shown["settings"][4] == {
        "id": "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB",
        "operationName": "Offline",
        "displayName": "Offline",
        "state": "Logout",
    }
    assert shown["key"] == "id"


def test_a_user_without_sub_collections() -> None:
    shown = seen(users.shown(USER, CENTRE, ADDRESSES))
    assert shown == {
        "id": ADA,
        "uri": f"{API}/users/{ADA}",
        "path": f"/users/{ADA}",
        "version": 1,
        "userName": "ada",
        "firstName": "Ada",
        "lastName": "King",
        "emailAddress": "",
        "roles": ["ROLE_AGENT", "ROLE_SUPERVISOR"],
        "enabled": True,
        "changePasswordOnFirstLogin": False,
        "contactCenterId": CENTRE,
    }
    assert shown.keys() == set(users.PROPERTIES)


def test_the_level_of_a_skill_is_a_string() -> None:
    skills = {BILLING: Skill(id=BILLING, name="billing")}
    assert users.skills_shown(USER, skills, ADDRESSES) == [
        {
            "id": BILLING,
            "uri": f"{API}/skills/{BILLING}",
            "path": f"/skills/{BILLING}",
            "name": "billing",
            "version": 1,
            "level": "8",
        }
    ]


def test_a_user_has_the_groups_the_user_is_in() -> None:
    mine, others = Group(id=TEAM, name="Team", members=(ADA,)), Group(id=TEAM, name="Other")
    assert [group["name"] for group in users.groups_shown(USER, [others, mine], ADDRESSES)] == ["Team"]


def test_me_shows_channels_twice() -> None:
    """`channelStates` is for old clients."""
    shown = seen(agents.me_shown(USER, CENTRE, ADDRESSES, subresources=["channels"], agent=READY))
    assert [channel["userState"]["state"] for channel in shown["channels"]] == ["Ready", "NotReady"]
    assert shown["channelStates"] == shown["channels"]


def test_me_has_whatever_was_asked_for_even_if_empty() -> None:
    asked = ["devices", "channels", "calls", "interactions", "chats"]  # what the vendor's desktop asks
    shown = seen(agents.me_shown(USER, CENTRE, ADDRESSES, subresources=asked))
    assert [shown[name] for name in asked] == [[], [], [], [], []]


def test_me_embeds_what_is_given() -> None:
    given = {"skills": [{"name": "billing"}]}
    shown = agents.me_shown(USER, CENTRE, ADDRESSES, subresources=["skills", "emails"], directory=given, media={})
    assert (shown["skills"], shown["emails"]) == ([{"name": "billing"}], [])


def test_settings_are_sections_of_strings() -> None:
    """A client requires every section to be an object."""
    shown = agents.me_shown(USER, CENTRE, ADDRESSES, subresources=["settings"])
    assert shown["settings"] == {"htcc": {"roles": "agent,supervisor"}, "interaction-workspace": {}, "tasks": {}}


def test_features_say_which_media_there_are() -> None:
    shown = agents.me_shown(USER, CENTRE, ADDRESSES, subresources=["features"])
    assert shown["features"][0] == {
        "id": "api-multimedia",
        "displayName": "Multimedia API",
        "description": "Multimedia API",
        "autoAssignOnContactCenterCreate": True,
        "uri": f"{API}/features/api-multimedia",
        "path": "/features/api-multimedia",
    }
