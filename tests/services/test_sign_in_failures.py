"""Guessing passwords: it becomes slow for whoever does it, and for nobody else."""

import asyncio

import pytest

from frontdesk.core.errors import FrontdeskError, NotSignedIn, StoreUnavailable, TooManySignIns
from frontdesk.core.ids import UserId
from frontdesk.core.settings import SignIn
from frontdesk.services.failures import Failures
from tests.services.front_door import HOME, OFFICE, Browser, FrontDoor


async def fails(browser: Browser, times: int, user_name: str = "ada") -> list[FrontdeskError]:
    return [await browser.is_refused(user_name, f"guess {number}") for number in range(times)]


async def test_after_five_failures_the_next_attempt_has_to_wait(door: FrontDoor, ada: UserId) -> None:
    guesser = Browser(door)
    assert {type(refusal) for refusal in await fails(guesser, 5)} == {NotSignedIn}
    refusal = await guesser.is_refused("ada", "demo")  # though this one is right
    assert isinstance(refusal, TooManySignIns)
    assert (refusal.http_status, refusal.retry_after_s) == (429, 30)
    door.clock.advance(seconds=30)
    await guesser.signs_in("ada")


async def test_then_one_failure_is_forgotten_every_thirty_seconds(door: FrontDoor, ada: UserId) -> None:
    guesser = Browser(door)
    await fails(guesser, 5)
    for _ in range(3):
        door.clock.advance(seconds=30)
        first, second = await fails(guesser, 2)
        assert (type(first), type(second)) == (NotSignedIn, TooManySignIns)
    door.clock.advance(seconds=150)
    assert {type(refusal) for refusal in await fails(guesser, 5)} == {NotSignedIn}


async def test_an_account_is_never_locked_for_another_address(door: FrontDoor, ada: UserId) -> None:
    await fails(Browser(door, OFFICE), 20)
    await Browser(door, HOME).signs_in("ada")


async def test_who_is_signed_in_does_not_notice_the_guesser_next_door(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    await fails(Browser(door), 20)
    assert await browser.is_signed_in()
    await browser.signs_in("ada")
    await Browser(door).signs_in("ada")  # remembered, so there is nothing to guess


async def test_a_success_makes_up_for_the_failures_before_it(door: FrontDoor, ada: UserId) -> None:
    for _ in range(5):
        await fails(Browser(door), 4)
        await Browser(door).signs_in("ada")
        door.clock.advance(seconds=door.settings.credential_cache_s)


async def test_trying_many_accounts_slows_the_address_down(door: FrontDoor, ada: UserId) -> None:
    guesser = Browser(door)
    for number in range(50):
        assert isinstance(await guesser.is_refused(f"user{number}"), NotSignedIn)
    refusal = await guesser.is_refused("ada", "demo")
    assert isinstance(refusal, TooManySignIns)
    assert refusal.retry_after_s == 3
    await Browser(door, OFFICE).signs_in("ada")


async def test_one_good_password_does_not_pay_for_guessing_others(door: FrontDoor, ada: UserId) -> None:
    guesser = Browser(door, keeps_cookies=False)
    for number in range(50):
        await guesser.is_refused(f"user{number}")
        if number < 49:
            await guesser.signs_in("ada")
            door.sign_ins.refresh(ada)  # so that the password is looked at each time
    assert isinstance(await guesser.is_refused("grace"), TooManySignIns)


async def test_one_mistaken_program_does_not_slow_its_whole_office_down(door: FrontDoor, ada: UserId) -> None:
    await door.hires("grace")
    await fails(Browser(door), 500)
    await Browser(door).signs_in("grace")


async def test_a_thousand_guesses_at_once_are_not_judged_by_the_same_empty_bucket(door: FrontDoor, ada: UserId) -> None:
    guesser = Browser(door)
    refusals = await asyncio.gather(*(guesser.is_refused("ada", f"guess {number}") for number in range(1000)))
    assert sum(isinstance(refusal, NotSignedIn) for refusal in refusals) == 5
    assert sum(isinstance(refusal, TooManySignIns) for refusal in refusals) == 995


async def test_many_connections_with_one_wrong_password_are_one_failure(door: FrontDoor, ada: UserId) -> None:
    refusals = await asyncio.gather(*(Browser(door).is_refused("ada", "old one") for _ in range(100)))
    assert {type(refusal) for refusal in refusals} == {NotSignedIn}
    await Browser(door).signs_in("ada")


async def test_what_the_store_could_not_answer_is_no_failure(door: FrontDoor, ada: UserId) -> None:
    await door.store.close()
    for number in range(20):
        assert isinstance(await Browser(door).is_refused("ada", f"demo {number}"), StoreUnavailable)
    await door.store.open()
    await Browser(door).signs_in("ada")


async def test_who_goes_away_while_being_judged_has_still_tried(door: FrontDoor, ada: UserId) -> None:
    for number in range(5):
        impatient = asyncio.create_task(Browser(door).is_refused("ada", f"guess {number}"))
        await asyncio.sleep(0)
        impatient.cancel()
    assert isinstance(await Browser(door).is_refused("ada", "demo"), TooManySignIns)


# ── where a request comes from ───────────────────────────────────────────────────────────────────


async def test_behind_a_trusted_proxy_the_client_counts(door: FrontDoor, ada: UserId) -> None:
    await fails(Browser(door, OFFICE, behind="10.0.0.1"), 6)
    await Browser(door, HOME, behind="10.0.0.1").signs_in("ada")
    refusal = await Browser(door, OFFICE).is_refused("ada", "demo, but typed wrong")
    assert isinstance(refusal, TooManySignIns)


async def test_who_is_no_trusted_proxy_cannot_name_another_address(door: FrontDoor, ada: UserId) -> None:
    for number in range(5):
        await Browser(door, f"203.0.113.{number}", behind=OFFICE).is_refused("ada", "wrong")
    assert isinstance(await Browser(door, HOME, behind=OFFICE).is_refused("ada", "x"), TooManySignIns)


async def test_one_ipv6_site_is_one_address(door: FrontDoor, ada: UserId) -> None:
    for number in range(5):
        await Browser(door, f"2001:db8::{number}").is_refused("ada", "wrong")
    assert isinstance(await Browser(door, "2001:db8::ffff:1").is_refused("ada", "x"), TooManySignIns)
    assert isinstance(await Browser(door, "2001:db8:0:1::1").is_refused("ada", "x"), NotSignedIn)


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sign_in_settings", [SignIn(failures_before_delay=1, delay_s=10)])
async def test_the_settings_decide_how_patient_we_are(door: FrontDoor, ada: UserId) -> None:
    first, second = await fails(Browser(door), 2)
    assert isinstance(first, NotSignedIn)
    assert isinstance(second, TooManySignIns)
    assert second.retry_after_s == 10


async def test_refusals_are_counted_not_kept(door: FrontDoor, ada: UserId) -> None:
    await fails(Browser(door), 7)
    assert door.sign_ins.refused == 7


def test_the_memory_of_failures_is_bounded(door: FrontDoor) -> None:
    failures = Failures(door.clock, failures_before_delay=1, delay_s=30)
    failures.attempt("ada", HOME)
    for number in range(30_000):
        failures.attempt("x" * 10_000, f"address {number}")
    assert failures.remembered <= 40_000
    failures.attempt("ada", HOME)  # forgotten, for it was the earliest
