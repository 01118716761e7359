"""PUT /interactions/{id}: what may change does, everything else must be as it is."""

import asyncio
from typing import Any

import pytest

from tests.desk import Desk, Got


async def put(desk: Desk, interaction: str, body: Any, user: str = "ada", **headers: str) -> Got:
    return await desk.request("PUT", f"/interactions/{interaction}", user, body, headers=headers or None)


async def test_what_a_get_gave_can_be_changed_and_sent_back_whole(desk: Desk) -> None:
    interaction = await desk.ada_works_on("email", userData={"Segment": "gold"})
    shown = await desk.seen_by("ada", interaction)
    assert shown["capabilities"]

    got = await put(desk, interaction, shown | {"userData": {"Segment": "silver"}, "disposition": "Resolved"})

    assert got.body["statusCode"] == 0, got.body
    after = await desk.seen_by("ada", interaction)
    assert after == shown | {
        "version": shown["version"] + 1,
        "userData": {"Segment": "silver", "DISP_KEY": "Resolved"},
        "disposition": "Resolved",
    }


@pytest.mark.parametrize(
    "other",
    [
        {"state": "Completed"},
        {"capabilities": []},
        {"version": 1},
        {"ownerUri": None},
        {"email_object": {"subject": "Other"}},
        {"something": "else"},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_another_property_that_would_change_is_refused_by_name(desk: Desk, other: dict[str, Any]) -> None:
    interaction = await desk.ada_works_on("email")
    before = await desk.seen_by("ada", interaction)
    got = await put(desk, interaction, {"userData": {"Segment": "gold"}, **other})
    assert (got.status, got.body["statusCode"]) == (400, 11)
    assert next(iter(other)) in got.body["statusMessage"]
    assert await desk.seen_by("ada", interaction) == before


async def test_of_two_who_change_the_same_version_one_is_refused(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    version = (await desk.seen_by("ada", interaction))["version"]
    got = await asyncio.gather(
        *(put(desk, interaction, {"version": version, "userData": {"from": who}}) for who in ("one", "other"))
    )
    assert sorted(one.body["statusCode"] for one in got) == [0, 11]


async def test_a_repeated_request_gets_the_first_answer_though_the_version_is_another_now(desk: Desk) -> None:
    interaction = await desk.ada_works_on()
    body = {"version": (await desk.seen_by("ada", interaction))["version"], "userData": {"Segment": "gold"}}
    first = await put(desk, interaction, body, **{"idempotency-key": "once"})
    again = await put(desk, interaction, body, **{"idempotency-key": "once"})
    assert (again.status, again.body) == (200, first.body)


@pytest.mark.parametrize("user", ["grace", "root"])
async def test_only_the_owner_changes_it(desk: Desk, user: str) -> None:
    interaction = await desk.ada_works_on()
    got = await put(desk, interaction, {"userData": {"Segment": "gold"}}, user)
    assert (got.status, got.body["statusCode"]) == (403, 5)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"version": "\xff", "disposition": "x"}', 10),
        (b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b', "disposition": "x"}', 10),
        (b"[]", 10),
        (b"{}", 1),
        (b'{"userData": null}', 1),
    ],
    ids=["no UTF-8", "too deep", "no object", "empty", "null"],
)
async def test_what_cannot_be_read_is_told_so(desk: Desk, raw: bytes, code: int) -> None:
    interaction = await desk.ada_works_on()
    got = await desk.request("PUT", f"/interactions/{interaction}", "ada", raw=raw)
    assert (got.status, got.body["statusCode"]) == (400, code)
