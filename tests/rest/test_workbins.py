"""Workbins as they are read: definitions, content embedded in them, mine, another user's, a group's."""

import pytest

from tests.desk import Desk, Got


async def bins(desk: Desk) -> dict[str, str]:
    """Name → id of every workbin."""
    return {one["name"]: one["id"] for one in (await desk.get("/workbins?fields=id,name")).body["workbins"]}


async def ada_parks(desk: Desk, workbin: str, media_type: str = "workitem") -> str:
    interaction = await desk.ada_works_on(media_type)
    await desk.did("ada", interaction, "PlaceInWorkbin", workbin=workbin)
    return interaction


def parked(got: Got, name: str) -> list[str]:
    """The ids of the work items in one of several bins."""
    [found] = [one for one in got.body["workbins"] if one["name"] == name]
    return [one["id"] for one in found["workitems"]]


async def test_a_list_of_workbins_has_their_content_where_it_is_asked_for(desk: Desk) -> None:
    interaction = await ada_parks(desk, "In_Progress")
    for path in ("/workbins", "/me/workbins"):
        got = await desk.get(f"{path}?subresources=*")
        assert parked(got, "In_Progress") == [interaction], path
        assert parked(got, "Drafts") == [], path
        assert "workitems" not in (await desk.get(f"{path}?fields=*")).body["workbins"][0]
        named = (await desk.get(f"{path}?subresources=workitems&fields=name")).body["workbins"]
        assert all(one.keys() == {"name", "workitems"} for one in named)


async def test_workbins_are_found_by_what_is_in_them(desk: Desk) -> None:
    interaction = await ada_parks(desk, "In_Progress")
    for query in (f"workitems.id={interaction}", "workitems.state=InWorkbin"):
        got = await desk.get(f"/me/workbins?fields=name&{query}")
        assert got.body["workbins"] == [{"name": "In_Progress"}], query


async def test_by_ids_they_are_an_object_keyed_by_id(desk: Desk) -> None:
    interaction = await ada_parks(desk, "In_Progress")
    ids = await bins(desk)
    wanted = [ids["In_Progress"], ids["Drafts"]]

    got = (await desk.get(f"/workbins?workbinIds={','.join(wanted)}&subresources=*")).body["workbins"]

    assert sorted(got) == sorted(wanted)
    assert [one["id"] for one in got[ids["In_Progress"]]["workitems"]] == [interaction]


async def test_a_bin_that_is_not_ones_own_to_read_is_listed_without_content(desk: Desk) -> None:
    await ada_parks(desk, "Team")
    groups = (await desk.get("/groups?fields=*&name=Team")).body["groups"]
    without_linus = [member for member in groups[0]["members"] if member != await desk.id_of("linus")]
    changed = await desk.request("PUT", groups[0]["path"], "root", {"members": without_linus})
    assert changed.body["statusCode"] == 0
    team = (await bins(desk))["Team"]

    assert parked(await desk.get("/workbins?subresources=*", "linus"), "Team") == []
    by_id = (await desk.get(f"/workbins?workbinIds={team}&subresources=*", "linus")).body["workbins"]
    assert by_id[team]["workitems"] == []
    assert (await desk.get(f"/workbins/{team}?subresources=*", "linus")).body["statusCode"] == 5


async def test_what_is_cut_off_of_a_bins_content_is_counted(desk: Desk) -> None:
    for _ in range(3):
        await ada_parks(desk, "In_Progress")
    path = f"/me/workbins/{(await bins(desk))['In_Progress']}"
    got = (await desk.get(f"{path}?subresources=*&limit=2")).body
    assert (len(got["workbin"]["workitems"]), got["totalCount"]) == (2, 3)


@pytest.mark.parametrize(("reader", "code"), [("sam", 0), ("root", 0), ("grace", 5), ("eve", 6)])
async def test_another_users_content_is_for_supervisors_and_administrators(desk: Desk, reader: str, code: int) -> None:
    interaction = await ada_parks(desk, "In_Progress", "email")
    workbin = (await bins(desk))["In_Progress"]
    path = f"/users/{await desk.id_of('ada')}/workbins/{workbin}"

    got = await desk.get(f"{path}?subresources=*", reader)
    listed = await desk.get(f"{path}/emails?fields=id", reader)
    email = await desk.get(f"/me/emails/{interaction}", reader)

    assert [one.body["statusCode"] for one in (got, listed, email)] == [code] * 3
    if code == 0:
        assert [one["id"] for one in got.body["workbin"]["emails"]] == [interaction]
        assert listed.body["emails"] == [{"id": interaction}]


async def test_what_one_has_parked_can_still_be_read_as_ones_own(desk: Desk) -> None:
    interaction = await ada_parks(desk, "In_Progress", "email")
    for path in ("interactions", "emails"):
        got = await desk.get(f"/me/{path}/{interaction}")
        assert got.body["statusCode"] == 0, path


@pytest.mark.parametrize("kind", ["Place", "PlaceGroup"])
async def test_a_bin_of_places_is_understood_and_stays_empty(desk: Desk, kind: str) -> None:
    made = (await desk.post("/workbins", {"workbinName": "Desk", "type": kind}, "root")).body["id"]
    interaction = await desk.ada_works_on()

    placed = await desk.operate("ada", interaction, "PlaceInWorkbin", workbin="Desk")
    added = await desk.post(f"/me/workbins/{made}", {"operationName": "AddInteraction", "id": interaction})

    for refused in (placed, added):
        assert (refused.status, refused.body["statusCode"]) == (403, 3)
    got = (await desk.get(f"/me/workbins/{made}?subresources=*&placeGroup=Hall")).body
    assert (got["workbin"]["type"], got["workbin"]["workitems"], got["totalCount"]) == (kind, [], 0)


async def test_the_content_told_over_push_is_asked_for_once(desk: Desk) -> None:
    interaction = await ada_parks(desk, "In_Progress")
    once = {"idempotency-key": "once"}
    body = {"operationName": "GetWorkbinContent", "workbin": "In_Progress"}

    first = await desk.post("/me/interactions/any", body, headers=once)
    again = await desk.post("/me/interactions/any", body, headers=once)
    other = await desk.post("/me/interactions/any", body | {"workbin": "Drafts"}, headers=once)

    assert first.body == again.body == {"statusCode": 0, "status": "ok", "referenceId": first.body["referenceId"]}
    assert (other.status, other.body["statusCode"]) == (400, 10)
    assert await desk.state_of(interaction) == "InWorkbin"
