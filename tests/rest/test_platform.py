"""What clients ask of the platform before they show anything: features, services, settings, places."""

import pytest

from tests.desk import URL, Desk


async def test_the_features_are_those_that_the_server_has(desk: Desk) -> None:
    features = (await desk.get("/features?fields=*")).body["features"]
    assert "api-multimedia-email" in [one["id"] for one in features]
    assert "api-voice" not in [one["id"] for one in features]
    for one in features:
        assert (await desk.get(f"/features/{one['id']}")).body["feature"] == one
        assert one["uri"] == f"{URL}/api/v2{one['path']}"
    assert (await desk.get("/system/features?fields=*", "root")).body["features"] == features
    assert (await desk.get("/features/api-voice")).body["statusCode"] == 6


async def test_the_services_are_active(desk: Desk) -> None:
    services = (await desk.get("/services?fields=*")).body["services"]
    assert {one["type"]: one["state"] for one in services} == {
        "Provisioning": "Active",
        "MultiMediaState": "Active",
        "MultiMediaContent": "Active",
    }
    for one in services:
        assert (await desk.get(f"/services/{one['id']}")).body["service"] == one
    assert (await desk.get("/services/other")).body["statusCode"] == 6


async def test_the_agent_states_are_the_five_constants(desk: Desk) -> None:
    body = (await desk.get("/settings/agent-states")).body
    assert [one["operationName"] for one in body["settings"]] == [
        "NotReady",
        "Ready",
        "AfterCallWork",
        "AuxWork",
        "Offline",
    ]
    assert body["settings"][1]["id"] == "9430250E-0A1B-421F-B372-F29E69366DED"
    assert body["key"] == "id"


async def test_settings_come_in_groups(desk: Desk) -> None:
    groups = (await desk.get("/settings", "root")).body["settings"]
    assert [(one["name"], one["displayName"], one["key"]) for one in groups] == [
        ("agent-states", "Agent States", "id"),
        ("general-settings", "General Settings", "name"),
        ("access-control", "Access Control", "name"),
        ("dispositions", "Dispositions", "name"),
    ]
    for one in groups:
        assert (await desk.get(one["uri"].removeprefix(f"{URL}/api/v2"), "root")).body["statusCode"] == 0
    assert (await desk.get("/settings/general-settings")).body == {"statusCode": 0, "settings": {}, "key": "name"}
    assert (await desk.get("/settings/voice")).body["statusCode"] == 6


@pytest.mark.parametrize(("user", "roles"), [("ada", "agent"), ("root", "admin")])
async def test_ones_own_settings_come_in_sections(desk: Desk, user: str, roles: str) -> None:
    sections = (await desk.get("/me/settings?fields=*", user)).body["settings"]
    htcc = next(one for one in sections if one["name"] == "htcc")
    assert htcc["settings"] == [{"name": "roles", "value": roles}]
    assert (await desk.get("/me/settings/htcc", user)).body == {"statusCode": 0, **htcc}
    assert (await desk.get("/me/settings/other", user)).body["statusCode"] == 6
    assert f"{URL}/api/v2/me/settings/htcc" in (await desk.get("/me/settings", user)).body["uris"]


async def test_there_are_no_places(desk: Desk) -> None:
    assert (await desk.get("/places")).body == {"statusCode": 0, "uris": []}
    assert (await desk.get("/places?fields=*")).body == {"statusCode": 0, "places": [], "totalCount": 0}
