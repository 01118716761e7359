"""What a GET may ask for."""

from typing import Any

import pytest

from frontdesk.core.errors import ValueInvalid
from frontdesk.core.settings import Lists
from frontdesk.wire import selection
from frontdesk.wire.selection import Resource, Selection

USERS = Resource(
    ("id", "uri", "userName", "roles", "enabled", "age", "userData"),
    {"skills": ("name", "level"), "devices": ()},
    ("userData",),
)


def user(name: str, *skills: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "uri": f"https://desk.example.org/api/v2/users/{name}",
        "userName": name,
        "roles": ["ROLE_AGENT"],
        "enabled": True,
        "skills": [{"name": skill, "level": level} for skill, level in skills],
        **more,
    }


ADA = user("ada", ("Sales", "8"), ("Support", "10"), age=36, userData={"Team": "red"})
GRACE = user("grace", ("Support", "9"), age=85, enabled=False, roles=["ROLE_AGENT", "ROLE_ADMIN"])
LINUS = user("Linus")
EVERYBODY = [ADA, GRACE, LINUS]


def asked(query: dict[str, str], **more: Any) -> Selection:
    return selection.read(query, USERS, Lists(), **more)


def answer(query: dict[str, str]) -> dict[str, Any]:
    return selection.collection("users", EVERYBODY, asked(query))


def names(query: dict[str, str]) -> list[str]:
    return [shown["userName"] for shown in answer({"fields": "*", **query})["users"]]


# ── fields and sub-resources ─────────────────────────────────────────────────────────────────────


def test_without_fields_there_are_uris() -> None:
    assert answer({}) == {"statusCode": 0, "uris": [shown["uri"] for shown in EVERYBODY]}


def test_a_cut_list_of_uris_says_how_many_there_are() -> None:
    assert answer({"limit": "1"}) == {"statusCode": 0, "uris": [ADA["uri"]], "totalCount": 3}


def test_all_fields_are_everything_but_sub_collections_not_asked_for() -> None:
    shown = selection.collection("users", [user("ada")], asked({"fields": "*", "skills.name": "Sales"}))
    assert shown == {"statusCode": 0, "users": [], "totalCount": 0}
    shown = answer({"fields": "*", "skills.name": "Sales"})
    assert shown["users"] == [{name: value for name, value in ADA.items() if name != "skills"}]


def test_a_field_list_gives_objects_with_just_these() -> None:
    shown = answer({"fields": "id, userName,nickname", "subresources": "skills", "skills.name": "Sales"})
    assert shown["users"] == [{"id": "ada", "userName": "ada", "skills": ADA["skills"]}]


def test_sub_resources_imply_objects() -> None:
    assert answer({"subresources": "*"})["totalCount"] == 3


@pytest.mark.parametrize(
    ("query", "shown", "needed"),
    [
        ({"subresources": "*"}, ("skills", "devices"), ("skills", "devices")),
        ({"subresources": "skills,calls"}, ("skills",), ("skills",)),  # a name unknown here is no error
        ({"subresources": "devices", "skills.name": "Sales"}, ("devices",), ("devices", "skills")),
        ({"sortBy": "skills.level"}, (), ("skills",)),
        ({}, (), ()),
    ],
)
def test_a_handler_knows_which_sub_resources_to_load(
    query: dict[str, str], shown: tuple[str, ...], needed: tuple[str, ...]
) -> None:
    found = asked(query)
    assert (found.subresources, found.needed_subresources) == (shown, needed)


def test_a_collection_may_always_show_objects() -> None:
    shown = selection.collection("users", EVERYBODY, asked({}), objects=True)
    assert shown["users"] == EVERYBODY


def test_a_single_object_goes_by_its_own_name() -> None:
    found = asked({"fields": "id", "anything": "else"}, pages=False)
    assert selection.single("user", ADA, found) == {"statusCode": 0, "user": {"id": "ada"}}
    assert selection.single("user", ADA, asked({}))["user"] == ADA


# ── filters ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"userName": "grace"}, ["grace"]),
        ({"userName": "GRACE"}, []),
        ({"enabled": "true"}, ["ada", "Linus"]),
        ({"age": "36"}, ["ada"]),
        ({"roles": "ROLE_ADMIN"}, ["grace"]),  # an element of a list
        ({"roles": "ROLE_AGENT", "enabled": "false"}, ["grace"]),
        ({"skills.name": "Support"}, ["ada", "grace"]),
        ({"skills.name": "Support", "skills.level": "9"}, ["grace"]),
        ({"userData.Team": "red"}, ["ada"]),
        ({"_": "1700000000000"}, ["ada", "grace", "Linus"]),  # a library's way round caches
    ],
)
def test_filters_keep_what_matches_all_of_them(query: dict[str, str], found: list[str]) -> None:
    assert names(query) == found


def test_parameters_that_the_handler_reads_itself_are_no_filters() -> None:
    assert asked({"agentGroup": "Team"}, also={"agentGroup"}).filters == ()


# ── order and page ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"sortBy": "userName"}, ["ada", "grace", "Linus"]),  # without regard to case
        ({"sortBy": "userName", "order": "Descending"}, ["Linus", "grace", "ada"]),
        ({"sortBy": "age", "order": "ascending"}, ["ada", "grace", "Linus"]),  # who has none comes last
        ({"sortBy": "age", "order": "descending"}, ["grace", "ada", "Linus"]),  # either way
        ({"sortBy": "skills.level", "order": "Descending"}, ["ada", "grace", "Linus"]),  # 10 is more than 9
        ({"sortBy": "skills.level"}, ["ada", "grace", "Linus"]),
        ({"order": "Descending"}, ["Linus", "grace", "ada"]),
        ({"limit": "2"}, ["ada", "grace"]),
        ({"limit": "2", "offset": "1"}, ["grace", "Linus"]),
        ({"limit": "0"}, []),
        ({"offset": "9"}, []),
        ({"limit": "", "sortBy": "", "order": ""}, ["ada", "grace", "Linus"]),
    ],
)
def test_order_and_page(query: dict[str, str], found: list[str]) -> None:
    assert names(query) == found


def test_the_total_counts_what_matches_not_what_is_shown() -> None:
    assert answer({"fields": "*", "skills.name": "Support", "limit": "1"})["totalCount"] == 2


def test_a_page_that_the_store_has_cut_is_not_cut_again() -> None:
    found = asked({"fields": "*", "limit": "2", "offset": "40"})
    assert not found.needs_all
    shown = selection.collection("users", EVERYBODY[:2], found, total=99)
    assert (shown["users"], shown["totalCount"]) == (EVERYBODY[:2], 99)


@pytest.mark.parametrize("query", [{"enabled": "true"}, {"sortBy": "age"}])
def test_filters_and_order_need_every_object(query: dict[str, str]) -> None:
    assert asked(query).needs_all


def test_the_default_limit_is_a_setting() -> None:
    assert asked({}).limit == 1000


# ── what is not understood ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"surname": "king"}, r"'surname'.*known are: id, uri, userName"),
        ({"skills.colour": "red"}, r"'skills.colour'.*skills.<property>, userData.<key>"),
        ({"calls.id": "1"}, "'calls.id'"),
        ({"userData.": "1"}, "'userData.'"),
        ({"sortBy": "surname"}, r"parameter 'sortBy'.*'surname'.*known are"),
        ({"order": "Sideways"}, "'Sideways' is neither Ascending nor Descending"),
        ({"limit": "-1"}, "'-1' is no whole number"),
        ({"limit": "5001"}, "5001 is more than 5000"),
        ({"limit": "٣"}, "is no whole number"),
        ({"offset": "ten"}, "parameter 'offset'"),
        ({"offset": "9" * 5000}, "is no whole number"),
    ],
)
def test_a_wrong_value_is_refused_and_the_right_ones_are_named(query: dict[str, str], told: str) -> None:
    with pytest.raises(ValueInvalid, match=told):
        asked(query)
