"""The directory of whom an agent can turn to, and every filter that finds them."""

import pytest

from frontdesk.wire import contacts
from tests.desk import URL, Desk

EVERYBODY = ["ada", "grace", "linus", "root", "sam", "sales", "support", "vip"]


async def names(desk: Desk, query: str = "", user: str = "ada") -> list[str]:
    body = (await desk.get(f"/contacts{query}", user)).body
    assert body["statusCode"] == 0, body
    found = [one["name"] for one in body["contacts"]]
    if "limit" not in query and "offset" not in query:
        assert body["totalCount"] == len(found)
    return found


async def test_users_and_queues_are_contacts(desk: Desk) -> None:
    assert await names(desk) == EVERYBODY
    assert await names(desk, user="eve") == ["eve", "oscar", "support"]
    body = (await desk.get("/contacts?name=grace")).body
    grace = await desk.id_of("grace")
    assert body["contacts"] == [
        {
            "id": grace,
            "uri": f"{URL}/api/v2/contacts/{grace}",
            "path": f"/contacts/{grace}",
            "name": "grace",
            "type": "User",
            "userName": "grace",
            "firstName": "Grace",
            "lastName": "Hopper",
            "emailAddress": "grace@frontdesk.example",
            "roles": ["ROLE_AGENT"],
            "businessUnits": [],
        }
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?name=ada,vip,nobody", ["ada", "vip"]),
        ("?type=Queue", ["sales", "support", "vip"]),
        ("?type=User,Queue", EVERYBODY),
        ("?type=Custom", []),
        ("?roles=ROLE_SUPERVISOR,ROLE_ADMIN", ["root", "sam"]),
        ("?phoneNumber=5001", []),
        ("?phoneNumber=*", []),
        ("?channel=chat", []),
        ("?includeUsersInBusinessUnits=true", EVERYBODY),
        ("?includeUsersInBusinessUnits=Team&type=User", ["ada", "grace", "linus"]),
        ("?includeUsersInBusinessUnits=Nobody&type=User", []),
        ("?filterName=NamesOrPhoneNumberMatches&filterParameters=GRACE", ["grace"]),
        ("?filterName=NamesOrPhoneNumberMatches&filterParameters=hop*", ["grace"]),
        ("?filterName=NamesOrPhoneNumberMatches&filterParameters=*a*,*l*ce", ["ada"]),
        ("?filterName=NamesOrPhoneNumberMatches&filterParameters=s*", ["sam", "sales", "support"]),
        ("?filterName=NamesOrPhoneNumberMatches&filterParameters=ace", []),
        ("?sortBy=name&order=Descending&type=Queue", ["vip", "support", "sales"]),
        ("?sortBy=lastName&type=User&roles=ROLE_AGENT", ["grace", "ada", "linus"]),
        ("?limit=2&offset=1&type=User", ["grace", "linus"]),
        ("?userName=linus", ["linus"]),
    ],
)
async def test_contacts_are_found_by_every_filter(desk: Desk, query: str, found: list[str]) -> None:
    assert await names(desk, query) == found


async def test_a_page_says_how_many_there_are_in_all(desk: Desk) -> None:
    body = (await desk.get("/contacts?limit=3&type=User")).body
    assert (len(body["contacts"]), body["totalCount"]) == (3, 5)


async def test_who_is_logged_in_can_be_seen_and_found_by_channel(desk: Desk) -> None:
    await desk.becomes("grace", "Ready", "chat", "email", "voice")
    await desk.becomes("linus", "NotReady", "email")

    assert await names(desk, "?channel=chat") == ["grace"]
    assert await names(desk, "?channel=email,fax") == ["grace", "linus"]
    assert await names(desk, "?channel=voice") == []
    contact = (await desk.get("/contacts?name=grace")).body["contacts"][0]
    assert [(one["channel"], one["available"]) for one in contact["availability"]["channels"]] == [
        ("chat", True),
        ("email", True),
    ]
    linus = (await desk.get(f"/contacts/{await desk.id_of('linus')}?type=User")).body["contact"]
    [email] = linus["availability"]["channels"]
    assert (email["available"], email["userState"]["state"]) == (False, "NotReady")


async def test_who_has_no_room_is_not_available(desk: Desk) -> None:
    await desk.becomes("ada", "Ready", "chat")
    for _ in range(3):
        await desk.submits(media_type="chat")
    assert await available(desk, "ada") == [False]


async def test_room_is_what_the_policy_gives(desk: Desk) -> None:
    await desk.becomes("ada", "Ready", "chat")
    assert await available(desk, "ada") == [True]

    await desk.request("PUT", "/routing/policy", "root", {"agents": {"ada": {"chat": 0}}})

    assert await available(desk, "ada") == [False]


async def available(desk: Desk, user_name: str) -> list[bool]:
    """On each of the channels that the user is logged in on."""
    [contact] = (await desk.get(f"/contacts?name={user_name}")).body["contacts"]
    return [one["available"] for one in contact["availability"]["channels"]]


async def test_one_contact_is_a_user_or_a_queue(desk: Desk) -> None:
    ada = await desk.id_of("ada")
    queue = next(one["id"] for one in (await desk.get("/contacts?name=vip")).body["contacts"])
    assert (await desk.get(f"/contacts/{ada}?type=User")).body["contact"]["name"] == "ada"
    assert (await desk.get(f"/contacts/{ada}")).body["contact"]["name"] == "ada"
    assert (await desk.get(f"/contacts/{queue}")).body["contact"] == {
        "id": queue,
        "uri": f"{URL}/api/v2/contacts/{queue}",
        "path": f"/contacts/{queue}",
        "name": "vip",
        "type": "Queue",
    }
    for path in (f"/contacts/{ada}?type=Queue", f"/contacts/{queue}?type=User", "/contacts/none"):
        got = await desk.get(path)
        assert (got.status, got.body["statusCode"]) == (404, 6), path
    assert (await desk.get(f"/contacts/{ada}", "eve")).body["statusCode"] == 6


async def test_who_cannot_sign_in_is_no_contact(desk: Desk) -> None:
    linus = await desk.id_of("linus")
    await desk.request("PUT", f"/users/{linus}", "root", {"enabled": False})
    assert "linus" not in await names(desk)
    assert (await desk.get(f"/contacts/{linus}")).body["statusCode"] == 6


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?type=Robot", 10),
        ("?filterName=Other&filterParameters=x", 10),
        ("?filterName=NamesOrPhoneNumberMatches", 1),
        ("?filterName=NamesOrPhoneNumberMatches&filterParameters=" + ",".join("x" * 21), 10),
        ("?colour=blue", 10),
    ],
)
async def test_a_filter_that_cannot_be_is_refused(desk: Desk, query: str, code: int) -> None:
    got = await desk.get(f"/contacts{query}")
    assert (got.status, got.body["statusCode"]) == (400, code)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("grace", "Grace", True),
        ("g*e", "Grace", True),
        ("*", "", True),
        ("*rac*", "Grace", True),
        ("*a*a*", "Ada", True),
        ("*a*a*a*", "Ada", False),
        ("ab*bc", "abc", False),
        ("ab*bc", "abbc", True),
        ("g*r*c*", "Grace", True),
        ("g*z*", "Grace", False),
        ("", "Grace", False),
        ("ß", "SS", True),
    ],
)
def test_a_star_stands_for_anything(pattern: str, text: str, fits: bool) -> None:
    assert contacts.matches(pattern, text) is fits


def test_many_stars_cost_no_more_than_few() -> None:
    assert not contacts.matches("*a" * 5_000 + "b", "a" * 10_000)
