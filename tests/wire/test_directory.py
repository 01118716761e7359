"""How queues, groups, skills and contact centres are shown."""

from frontdesk.core.directory import Group, Queue, Skill
from frontdesk.core.ids import ContactCentreId, SkillId
from frontdesk.core.users import ContactCentre
from frontdesk.wire import directory
from tests.wire.examples import ADA, ADDRESSES, API, SUPPORT, TEAM, seen


def test_a_queue_tells_who_serves_it_and_where_its_mail_comes_from() -> None:
    queue = Queue(id=SUPPORT, name="support", agents=(ADA,), groups=(TEAM,), email_addresses=("support@example.org",))
    shown = seen(directory.queue_shown(queue, ADDRESSES))
    assert shown == {
        "id": SUPPORT,
        "uri": f"{API}/queues/{SUPPORT}",
        "path": f"/queues/{SUPPORT}",
        "name": "support",
        "version": 1,
        "description": "",
        "agents": [ADA],
        "groups": [TEAM],
        "emailAddresses": ["support@example.org"],
    }
    assert shown.keys() == set(directory.QUEUE_PROPERTIES)


def test_a_group_tells_what_it_contains() -> None:
    shown = seen(directory.group_shown(Group(id=TEAM, name="Team", members=(ADA,)), ADDRESSES))
    assert shown == {
        "id": TEAM,
        "uri": f"{API}/groups/{TEAM}",
        "path": f"/groups/{TEAM}",
        "name": "Team",
        "version": 1,
        "type": "AgentGroup",
        "contains": ["users"],
        "members": [ADA],
    }
    assert shown.keys() == set(directory.GROUP_PROPERTIES)


def test_a_skill_and_a_contact_centre_have_a_name_and_an_address() -> None:
    skill = directory.skill_shown(Skill(id=SkillId("s"), name="billing"), ADDRESSES)
    centre = directory.contact_centre_shown(ContactCentre(id=ContactCentreId("c"), name="demo"), ADDRESSES)
    assert (skill["name"], skill["path"]) == ("billing", "/skills/s")
    assert (centre["name"], centre["uri"]) == ("demo", f"{API}/contact-centers/c")
    assert skill.keys() == set(directory.SKILL_PROPERTIES)
    assert centre.keys() == set(directory.CONTACT_CENTRE_PROPERTIES)
