"""For those who watch the server."""

import pytest

from tests.desk import Desk


@pytest.mark.parametrize(("path", "state"), [("/health/live", "live"), ("/health/ready", "ready")])
async def test_a_server_that_works_says_so_to_anybody(desk: Desk, path: str, state: str) -> None:
    for written in (path, f"{path}/"):
        got = await desk.get(f"/{written}", None)
        assert (got.status, got.body) == (200, {"statusCode": 0, "status": state})


async def test_a_server_that_stops_is_not_ready(desk: Desk) -> None:
    await desk.app.drain()
    got = await desk.get("//health/ready", None)
    assert (got.status, got.body["problems"]) == (503, {"server": "it is stopping"})


async def test_a_task_that_fails_is_a_reason_not_to_be_ready(desk: Desk) -> None:
    desk.app.tasks.failing["matcher"] = "no disk"
    got = await desk.get("//health/ready", None)
    assert (got.status, got.body["problems"]) == (503, {"task matcher": "no disk"})


async def test_who_is_not_the_router_any_more_is_not_ready(desk: Desk) -> None:
    await desk.becomes("ada")
    centres = {one.name: one.id for one in await desk.app.store.read_server(lambda tx: tx.contact_centres())}
    await desk.app.store.transact(centres["demo"], lambda tx: tx.leases.take(at_ms=0))

    interaction = await desk.submits()
    assert await desk.state_of(interaction) == "Queued"
    got = await desk.get("//health/ready", None)
    assert (got.status, got.body["problems"]) == (503, {"routing": "another process on the same store took it over"})


async def test_requests_are_counted_by_how_they_were_answered(desk: Desk) -> None:
    for path, user in (("/me", "ada"), ("/me", "grace"), ("/me", None), ("/nothing", "ada")):
        await desk.get(path, user)
    await desk.post("/me", {"operationName": "Nothing"})

    metrics = (await desk.get("//metrics", None)).body["raw"].decode()

    assert 'frontdesk_requests_total{method="GET",status="200"} 2.0' in metrics
    assert 'frontdesk_requests_total{method="GET",status="403"} 1.0' in metrics
    assert 'frontdesk_requests_total{method="GET",status="404"} 1.0' in metrics
    assert 'frontdesk_requests_total{method="POST",status="400"} 1.0' in metrics


@pytest.mark.parametrize("name", ["store_waiting", "store_log_bytes", "push_sessions_now", "sign_ins_refused_total"])
async def test_what_is_worth_an_alarm_is_measured(desk: Desk, name: str) -> None:
    metrics = (await desk.get("//metrics", None)).body["raw"].decode()
    assert f"\nfrontdesk_{name} " in metrics


async def test_another_path_is_told_what_there_is(desk: Desk) -> None:
    got = await desk.get("//health/other", None)
    assert (got.status, got.body["statusCode"]) == (404, 6)


async def test_how_long_messages_take_to_leave_is_spread_over_bounds(desk: Desk) -> None:
    text = (await desk.get("//metrics")).body["raw"].decode()
    assert 'frontdesk_push_latency_ms_bucket{le="+Inf"}' in text
    assert "frontdesk_push_latency_ms_sum" in text
