"""Things are understood by whatever name a client's generation has for them."""

import base64

import pytest

from tests.desk import URL, Desk

#: How a user may be written, with the id in place of `{}`.
FORMS = (
    "{}",
    "/users/{}",
    "users/{}",
    "/api/v2/users/{}/",
    f"{URL}/api/v2/users/{{}}",
    "http://x/y/api/v2/users/{}?a=b",
)


@pytest.mark.parametrize("key", ["userId", "userUri", "targetUri", "agentId"])
async def test_a_receiver_is_understood_under_every_key_and_in_every_form(desk: Desk, key: str) -> None:
    await desk.becomes("grace", "NotReady", "workitem")
    grace = await desk.id_of("grace")
    for form in ("grace", *(form.format(grace) for form in FORMS)):
        interaction = await desk.ada_works_on()
        await desk.did("ada", interaction, "Transfer", **{key: form})
        assert (await desk.held_by("grace"))[interaction] == "Invited", form


@pytest.mark.parametrize("key", ["queueName", "queueUri", "targetUri"])
async def test_a_queue_is_understood_under_every_key_and_in_every_form(desk: Desk, key: str) -> None:
    [vip] = (await desk.get("/queues?name=vip&fields=id")).body["queues"]
    addresses = [form.format(vip["id"]).replace("users", "queues") for form in FORMS[1:]]
    # What has no address in it is an agent's under targetUri.
    for number, form in enumerate(addresses if key == "targetUri" else ("vip", vip["id"], *addresses)):
        interaction = await desk.ada_works_on(f"fax-{number}")
        await desk.becomes("ada", "NotReady")
        await desk.did("ada", interaction, "Transfer", **{key: form})
        assert (await desk.seen_by("root", interaction))["currentQueue"] == "vip", form


async def test_a_workbin_is_understood_in_every_form(desk: Desk) -> None:
    [held] = (await desk.get("/workbins?name=In_Progress&fields=id,workbinId,uri,path")).body["workbins"]
    legacy = base64.b64encode(b"In_Progress/PrivateView").decode()
    assert held["workbinId"] == legacy
    forms = ["In_Progress", *held.values()]
    objects = [{"id": held["id"]}, {"workbinId": legacy}, {"workbinName": "In_Progress"}, {"name": "In_Progress"}]
    for form in [*forms, *objects]:
        interaction = await desk.ada_works_on()
        await desk.did("ada", interaction, "PlaceInWorkbin", workbin=form)
        assert (await desk.seen_by("root", interaction))["workbin"] == held["id"], form


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("Transfer", {}, 1),
        ("Transfer", {"userId": "/"}, 1),
        ("Transfer", {"userId": "nobody"}, 2),
        ("Transfer", {"userId": "eve"}, 2),
        ("Transfer", {"targetUri": "/queues/none"}, 2),
        ("Transfer", {"userId": "ada"}, 10),
        ("Transfer", {"userId": 7}, 10),
        ("PlaceInQueue", {}, 1),
        ("PlaceInQueue", {"queueName": ""}, 1),
        ("PlaceInQueue", {"queueName": "none"}, 2),
        ("PlaceInWorkbin", {}, 1),
        ("PlaceInWorkbin", {"workbin": "none"}, 2),
        ("PlaceInWorkbin", {"workbin": {"id": "none", "more": ["x" * 100_000]}}, 2),
        ("PlaceInWorkbin", {"workbin": {}}, 10),
        ("PlaceInWorkbin", {"workbin": 7}, 10),
    ],
)
async def test_what_points_at_nothing_is_refused_in_few_words(
    desk: Desk, operation: str, parameters: dict[str, object], code: int
) -> None:
    interaction = await desk.ada_works_on()
    got = await desk.operate("ada", interaction, operation, **parameters)
    assert (got.status, got.body["statusCode"]) == (400, code), got.body
    assert len(got.body["statusMessage"]) < 400
    assert await desk.held_by("ada") == {interaction: "Processing"}
