"""The life of an HTTP session: how it is prolonged, survives, and ends, alone or with all others of its user."""

import asyncio

import pytest

from frontdesk.core.errors import NotSignedIn, StoreUnavailable
from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Role, Scope
from frontdesk.core.settings import SignIn
from frontdesk.kit.ids import fingerprint
from frontdesk.ports import SignInEnded
from frontdesk.services.http_sessions import MOST_SPARES
from tests.services.front_door import OFFICE, Browser, FrontDoor, basic

MINUTE_S, HOUR_S = 60, 3600


# ── use, idleness and old age ────────────────────────────────────────────────────────────────────


async def test_a_session_ends_after_half_an_hour_without_use(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    door.clock.advance(seconds=30 * MINUTE_S, ms=-1)
    assert await browser.is_signed_in()
    door.clock.advance(seconds=30 * MINUTE_S)
    assert not await browser.is_signed_in()


async def test_use_prolongs_a_session_but_not_beyond_twelve_hours(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    for _ in range(35):
        door.clock.advance(seconds=20 * MINUTE_S)
        assert await browser.is_signed_in()
    door.clock.advance(seconds=20 * MINUTE_S)
    assert not await browser.is_signed_in()


async def test_a_held_connect_counts_as_use_up_to_twelve_hours(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    sign_in = (await browser.signs_in("ada")).principal.sign_in
    for _ in range(71):
        door.clock.advance(seconds=10 * MINUTE_S)
        door.sign_ins.note_use(sign_in)
        await door.sign_ins.sweep()
        assert door.told == []
    assert await browser.is_signed_in()
    door.clock.advance(seconds=10 * MINUTE_S)
    door.sign_ins.note_use(sign_in)
    await door.sign_ins.sweep()
    assert door.told == [SignInEnded(reason="session expired", sign_in=sign_in)]
    assert not await browser.is_signed_in()


async def test_the_sweep_says_when_the_next_session_ends(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    sign_in = (await browser.signs_in("ada")).principal.sign_in
    born_ms = door.clock.now_ms()
    assert await door.sign_ins.sweep() == born_ms + MINUTE_S * 1000  # uses are written once a minute
    door.clock.advance(seconds=30 * MINUTE_S - 10)
    at_ms = await door.sign_ins.sweep()
    assert at_ms == born_ms + 30 * MINUTE_S * 1000
    assert door.told == []
    door.clock.advance(ms=at_ms - door.clock.now_ms())
    await door.sign_ins.sweep()
    assert [ended.sign_in for ended in door.told] == [sign_in]
    assert door.rows() == []


async def test_the_last_use_is_written_at_most_once_a_minute(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    born_ms = door.clock.now_ms()
    await door.sign_ins.sweep()
    for _ in range(5):
        door.clock.advance(seconds=10)
        assert await browser.is_signed_in()
        await door.sign_ins.sweep()
    assert [used_ms for _, used_ms in door.rows()] == [born_ms]
    door.clock.advance(seconds=10)
    await door.sign_ins.sweep()
    assert [used_ms for _, used_ms in door.rows()] == [born_ms + 50_000]


async def test_a_store_that_fails_costs_no_session_its_use(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    door.clock.advance(seconds=29 * MINUTE_S)
    assert await browser.is_signed_in()
    await door.store.close()
    door.clock.advance(seconds=2 * MINUTE_S)
    with pytest.raises(StoreUnavailable):
        await door.sign_ins.sweep()
    await door.store.open()
    await door.sign_ins.sweep()
    assert door.told == []
    assert [used_ms for _, used_ms in door.rows()] == [door.clock.now_ms() - 2 * MINUTE_S * 1000]


async def test_a_store_that_is_gone_does_not_keep_the_door_from_closing(door: FrontDoor, ada: UserId) -> None:
    await Browser(door).signs_in("ada")
    await door.store.close()
    await door.sign_ins.close()
    await door.opens()
    assert len(door.rows()) == 1


# ── restarts ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_survives_a_restart_with_its_token_and_its_age(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    before = await browser.signs_in("ada")
    door.clock.advance(seconds=25 * MINUTE_S)
    assert await browser.is_signed_in()
    await door.restarts()
    door.clock.advance(seconds=25 * MINUTE_S)
    after = await browser.asks(method="POST", csrf_token=before.csrf_token)
    assert after is not None
    assert after.principal == before.principal
    for _ in range(35):
        door.clock.advance(seconds=20 * MINUTE_S)
        await browser.asks()
    assert not await browser.is_signed_in()  # twelve hours from the first day on


async def test_a_cookie_that_was_handed_out_survives_a_crash(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    await door.crashes()
    assert await browser.is_signed_in()


async def test_a_session_that_ended_stays_ended_after_a_restart(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await door.sign_ins.end((await browser.signs_in("ada")).principal.sign_in)
    await door.restarts()
    assert not await browser.is_signed_in()


async def test_sessions_that_died_during_a_long_stop_are_swept(door: FrontDoor, ada: UserId) -> None:
    await Browser(door).signs_in("ada")
    await door.restarts()
    door.clock.advance(seconds=HOUR_S)
    await door.sign_ins.sweep()
    assert door.rows() == []


# ── log-out ──────────────────────────────────────────────────────────────────────────────────────


async def test_logging_out_ends_this_browser_and_no_other(door: FrontDoor, ada: UserId) -> None:
    here, there = Browser(door), Browser(door)
    sign_in = (await here.signs_in("ada")).principal.sign_in
    await there.signs_in("ada")
    await door.sign_ins.end(sign_in)
    assert not await here.is_signed_in()
    assert await there.is_signed_in()
    assert door.told == [SignInEnded(reason="logged out", sign_in=sign_in)]
    assert len(door.rows()) == 1


async def test_logging_out_twice_is_no_error(door: FrontDoor, ada: UserId) -> None:
    sign_in = (await Browser(door).signs_in("ada")).principal.sign_in
    await door.sign_ins.end(sign_in)
    await door.sign_ins.end(sign_in)
    door.sign_ins.note_use(sign_in)
    await door.sign_ins.sweep()
    assert door.rows() == []


async def test_a_request_that_races_the_log_out_cannot_bring_the_session_back(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    sign_in = (await browser.signs_in("ada")).principal.sign_in
    await door.restarts()  # so that requests have to read
    asked = [browser.asks() for _ in range(5)]
    await asyncio.gather(*asked[:2], door.sign_ins.end(sign_in), *asked[2:])
    assert not await browser.is_signed_in()


# ── what changes a user ──────────────────────────────────────────────────────────────────────────


async def test_a_disabled_user_is_out_everywhere_at_once(door: FrontDoor, ada: UserId) -> None:
    here, there = Browser(door), Browser(door, OFFICE)
    await here.signs_in("ada")
    await there.signs_in("ada")
    await door.disables(ada)
    assert door.told == [SignInEnded(reason="user disabled", user_id=ada)]
    assert not await here.is_signed_in()
    assert not await there.is_signed_in()
    assert isinstance(await here.is_refused("ada"), NotSignedIn)


async def test_another_users_sessions_live_on(door: FrontDoor, ada: UserId) -> None:
    await door.hires("grace")
    browser = Browser(door)
    await browser.signs_in("grace")
    await door.disables(ada)
    assert await browser.is_signed_in()


async def test_changing_the_own_password_ends_all_sessions_but_the_present_one(door: FrontDoor, ada: UserId) -> None:
    here, there = Browser(door), Browser(door)
    mine = (await here.signs_in("ada")).principal.sign_in
    other = (await there.signs_in("ada")).principal.sign_in
    await door.sets_password(ada, "better", but=mine)
    assert door.told == [SignInEnded(reason="password changed", sign_in=other)]
    assert await here.is_signed_in()
    assert not await there.is_signed_in()
    assert isinstance(await here.is_refused("ada", "demo"), NotSignedIn)
    assert (await here.signs_in("ada", "better")).principal.sign_in == mine


async def test_an_old_password_opens_no_session_even_before_anybody_is_told(door: FrontDoor, ada: UserId) -> None:
    await Browser(door).signs_in("ada")  # and is remembered
    await door.writes_password(ada, "better")
    assert isinstance(await Browser(door).is_refused("ada", "demo"), NotSignedIn)
    assert len(door.rows()) == 1


async def test_new_roles_hold_from_the_next_request_on(door: FrontDoor, ada: UserId) -> None:
    browser, script = Browser(door), Browser(door, keeps_cookies=False)
    _, secret = await door.issues_token(ada, Scope.WORK)
    for _ in range(MOST_SPARES + 1):
        await script.signs_in("ada")
    await browser.signs_in("ada")
    await browser.asks(f"Bearer {secret}")
    await door.promotes(ada, Role.AGENT, Role.SUPERVISOR)
    for authorization in (None, f"Bearer {secret}", basic("ada", "demo")):
        signed_in = await browser.asks(authorization)
        assert signed_in is not None
        assert signed_in.principal.roles == {Role.AGENT, Role.SUPERVISOR}
    assert (await script.signs_in("ada")).principal.roles == {Role.AGENT, Role.SUPERVISOR}
    assert door.told == []


async def test_what_another_node_ended_is_read_anew(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    sign_in = (await browser.signs_in("ada")).principal.sign_in
    assert browser.cookie is not None
    secret_hash = fingerprint(browser.cookie)
    await door.store.transact_server(lambda tx: tx.remove_session(secret_hash))
    door.sign_ins.forget(SignInEnded(reason="logged out", sign_in=sign_in))
    assert not await browser.is_signed_in()


# ── clients that keep no cookies ─────────────────────────────────────────────────────────────────


async def test_a_client_that_keeps_no_cookies_gets_a_bounded_number_of_sessions(door: FrontDoor, ada: UserId) -> None:
    script = Browser(door, keeps_cookies=False)
    sign_ins = [(await script.signs_in("ada")).principal.sign_in for _ in range(50)]
    assert len(door.rows()) == MOST_SPARES
    assert len(set(sign_ins[MOST_SPARES - 1 :])) == 1  # always the same one, so that what it opens has one name
    assert script.set_cookie


async def test_so_do_fifty_of_its_requests_at_once(door: FrontDoor, ada: UserId) -> None:
    scripts = [Browser(door, keeps_cookies=False) for _ in range(50)]
    await asyncio.gather(*(script.signs_in("ada") for script in scripts))
    assert len(door.rows()) == MOST_SPARES


async def test_the_session_of_such_a_client_is_replaced_when_it_is_over(door: FrontDoor, ada: UserId) -> None:
    script = Browser(door, keeps_cookies=False)
    for _ in range(24 * 6):
        door.clock.advance(seconds=10 * MINUTE_S)
        await script.signs_in("ada")
        await door.sign_ins.sweep()
        assert len(door.rows()) <= MOST_SPARES + 1


async def test_browsers_that_sign_in_at_once_at_one_address_share_nothing(door: FrontDoor, ada: UserId) -> None:
    browsers = [Browser(door) for _ in range(MOST_SPARES)]
    await asyncio.gather(*(browser.signs_in("ada") for browser in browsers))
    assert len({browser.cookie for browser in browsers}) == MOST_SPARES
    first, *others = browsers
    signed_in = await first.asks()
    assert signed_in is not None
    await door.sign_ins.end(signed_in.principal.sign_in)
    assert all([await browser.is_signed_in() for browser in others])


async def test_a_cookie_that_came_back_is_not_handed_out_again(door: FrontDoor, ada: UserId) -> None:
    script = Browser(door, keeps_cookies=False)
    for _ in range(MOST_SPARES):
        await script.signs_in("ada")
    browser = Browser(door)
    await browser.signs_in("ada")  # shares the script's last one, until it shows that it keeps it
    mine = await browser.asks()
    assert mine is not None
    assert (await script.signs_in("ada")).principal.sign_in != mine.principal.sign_in


async def test_the_other_address_gets_sessions_of_its_own(door: FrontDoor, ada: UserId) -> None:
    here, there = Browser(door, keeps_cookies=False), Browser(door, OFFICE)
    for _ in range(MOST_SPARES):
        await here.signs_in("ada")
    mine = await here.signs_in("ada")
    theirs = await there.signs_in("ada")
    assert theirs.principal.sign_in != mine.principal.sign_in
    await door.sign_ins.end(mine.principal.sign_in)
    assert await there.is_signed_in()
    assert (await here.signs_in("ada")).set_cookie is not None


async def test_a_session_that_cannot_be_stored_is_not_handed_out(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    await door.store.close()
    with pytest.raises(StoreUnavailable):
        await Browser(door).signs_in("ada")
    await door.store.open()
    assert len(door.rows()) == 1
    again = Browser(door)
    await again.signs_in("ada")
    assert await again.is_signed_in()


@pytest.mark.parametrize("sign_in_settings", [SignIn(session_idle_s=5, session_life_s=12)])
async def test_the_settings_decide_how_long_a_session_lives(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    for _ in range(2):
        door.clock.advance(seconds=4)
        assert await browser.is_signed_in()
    assert await door.sign_ins.sweep() == door.clock.now_ms() + 4_000
    door.clock.advance(seconds=4)
    assert not await browser.is_signed_in()
