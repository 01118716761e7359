"""Signing in: by password, by cookie, by token, and what each is worth beside another."""

import asyncio
import uuid

import pytest

from frontdesk.core.errors import CsrfTokenInvalid, NotSignedIn, ValueInvalid
from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Act, Role, Scope
from frontdesk.core.settings import SignIn
from frontdesk.kit.ids import fingerprint
from tests.services.front_door import OURS, QUICK, Browser, FrontDoor, basic

# ── password, then cookie ────────────────────────────────────────────────────────────────────────


async def test_who_brings_nothing_is_nobody(door: FrontDoor) -> None:
    assert await Browser(door).asks() is None
    assert await Browser(door).asks("") is None


async def test_after_signing_in_the_cookie_alone_suffices(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    signed_in = await browser.signs_in("ada")
    again = await browser.asks()
    assert again is not None
    assert again.principal == signed_in.principal
    assert again.set_cookie is None
    assert signed_in.principal.user_id == ada
    assert signed_in.principal.contact_centre == OURS
    assert signed_in.principal.roles == {Role.AGENT}
    assert signed_in.principal.scopes is None


async def test_only_a_hash_of_the_cookie_is_stored(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    signed_in = await browser.signs_in("ada")
    assert browser.cookie is not None
    assert [secret_hash for secret_hash, _ in door.rows()] == [fingerprint(browser.cookie)]
    assert signed_in.principal.sign_in == f"session:{fingerprint(browser.cookie)}"
    files = b"".join(path.read_bytes() for path in door.store.directory.iterdir() if path.is_file())
    assert browser.cookie.encode() not in files


async def test_password_and_cookie_of_the_same_user_stay_in_one_session(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    first = await browser.signs_in("ada")
    for _ in range(3):
        again = await browser.signs_in("ada")
        assert again.principal == first.principal
        assert again.set_cookie is None
    assert len(door.rows()) == 1


async def test_a_password_beats_the_cookie_of_another_user(door: FrontDoor, ada: UserId) -> None:
    grace = await door.hires("grace")
    browser = Browser(door)
    await browser.signs_in("ada")
    cookie_of_ada = browser.cookie
    signed_in = await browser.signs_in("grace")
    assert signed_in.principal.user_id == grace
    assert browser.cookie != cookie_of_ada
    after = await browser.asks()
    assert after is not None
    assert after.principal.user_id == grace


async def test_a_wrong_password_is_not_saved_by_a_good_cookie(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    assert isinstance(await browser.is_refused("ada", "wrong"), NotSignedIn)
    assert await browser.is_signed_in()


async def test_password_and_dead_cookie_begin_a_new_session(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    first = await browser.signs_in("ada")
    await door.sign_ins.end(first.principal.sign_in)
    assert (await browser.signs_in("ada")).principal.sign_in != first.principal.sign_in


@pytest.mark.parametrize("cookie", ["", "node0abc.node0", "é" * 64, "0" * 64, "0" * 10_000])
async def test_a_cookie_that_is_not_ours_is_as_good_as_none(door: FrontDoor, ada: UserId, cookie: str) -> None:
    browser = Browser(door)
    browser.cookie = cookie
    assert await browser.asks() is None
    assert (await browser.signs_in("ada")).set_cookie is not None


async def test_unknown_disabled_and_wrong_get_the_same_answer(door: FrontDoor, ada: UserId) -> None:
    await door.disables(await door.hires("eve"))
    browser = Browser(door)
    refusals = [
        await browser.is_refused("ada", "wrong"),
        await browser.is_refused("eve", "demo"),
        await browser.is_refused("nobody", "demo"),
        await browser.is_refused("", ""),
    ]
    assert {(type(refusal), str(refusal)) for refusal in refusals} == {(NotSignedIn, "Access denied")}


@pytest.mark.parametrize("authorization", ["Basic", "Basic !!!", "Basic YWRh", "Digest ada", "Negotiate YII=", "x"])
async def test_an_authorization_that_cannot_be_read_is_refused(
    door: FrontDoor, ada: UserId, authorization: str
) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    with pytest.raises(NotSignedIn):
        await browser.asks(authorization)


async def test_a_password_may_have_any_letters_and_colons(door: FrontDoor) -> None:
    await door.hires("jörg", "pass:wörd: ✓")
    assert (await Browser(door).signs_in("jörg", "pass:wörd: ✓")).principal.user_name == "jörg"


async def test_ten_connections_of_one_browser_sign_in_at_once(door: FrontDoor, ada: UserId) -> None:
    tabs = [Browser(door) for _ in range(10)]
    await asyncio.gather(*(tab.signs_in("ada") for tab in tabs))
    assert all([await tab.is_signed_in() for tab in tabs])


# ── the cookie's attributes ──────────────────────────────────────────────────────────────────────


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    name, *attributes = browser.set_cookie.decode().split("; ")
    assert name == f"JSESSIONID={browser.cookie}"
    assert attributes == ["Path=/", "HttpOnly", "SameSite=Lax"]


async def test_the_cookie_of_a_secure_request_stays_on_secure_ones(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.asks(basic("ada", "demo"), is_secure=True)
    assert browser.set_cookie.endswith(b"; SameSite=Lax; Secure")


@pytest.mark.parametrize(
    ("sign_in_settings", "end"),
    [
        (SignIn(cookie_same_site="none"), b"; SameSite=None; Secure"),
        (SignIn(cookie_same_site="strict", cookie_secure=True), b"; SameSite=Strict; Secure"),
    ],
)
async def test_the_settings_decide_how_far_the_cookie_goes(door: FrontDoor, ada: UserId, end: bytes) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    assert browser.set_cookie.endswith(end)


# ── CSRF ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_change_with_nothing_but_the_cookie_needs_the_token(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    assert str(uuid.UUID(browser.csrf_token)) == browser.csrf_token
    assert await browser.asks(method="POST", csrf_token=browser.csrf_token) is not None
    for wrong in (None, "", "é", str(uuid.uuid4())):
        with pytest.raises(CsrfTokenInvalid, match=r"^Missing or invalid Csrf token$"):
            await browser.asks(method="POST", csrf_token=wrong)
    assert await browser.asks() is not None


async def test_a_change_with_an_authorization_needs_no_token(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    assert await browser.asks(basic("ada", "demo"), method="POST") is not None
    _, secret = await door.issues_token(ada, Scope.WORK)
    assert await browser.asks(f"Bearer {secret}", method="POST") is not None


async def test_the_token_of_another_session_does_not_do(door: FrontDoor, ada: UserId) -> None:
    browser, other = Browser(door), Browser(door)
    await browser.signs_in("ada")
    await other.signs_in("ada")
    with pytest.raises(CsrfTokenInvalid):
        await browser.asks(method="POST", csrf_token=other.csrf_token)


@pytest.mark.parametrize("sign_in_settings", [SignIn(csrf_protection=False)])
async def test_without_protection_no_token_is_shown_or_demanded(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    assert (await browser.signs_in("ada")).csrf_token is None
    assert await browser.asks(method="POST") is not None


# ── bearer tokens ────────────────────────────────────────────────────────────────────────────────


async def test_a_token_acts_for_its_user_within_its_scopes(door: FrontDoor, ada: UserId) -> None:
    token_id, secret = await door.issues_token(ada, Scope.SUBMIT)
    signed_in = await Browser(door).asks(f"bearer {secret}")
    assert signed_in is not None
    assert signed_in.principal.user_id == ada
    assert signed_in.principal.sign_in == f"token:{token_id}"
    assert signed_in.principal.may(Act.SUBMIT)
    assert not signed_in.principal.may(Act.WORK)
    assert (signed_in.set_cookie, signed_in.csrf_token) == (None, None)
    assert door.rows() == []


async def test_a_token_beats_any_cookie(door: FrontDoor, ada: UserId) -> None:
    browser = Browser(door)
    await browser.signs_in("ada")
    _, secret = await door.issues_token(await door.hires("robot"), Scope.READ)
    signed_in = await browser.asks(f"Bearer {secret}")
    assert signed_in is not None
    assert signed_in.principal.user_name == "robot"


async def test_a_removed_token_opens_nothing_any_more(door: FrontDoor, ada: UserId) -> None:
    token_id, secret = await door.issues_token(ada, Scope.READ)
    browser = Browser(door)
    assert await browser.asks(f"Bearer {secret}") is not None
    await door.removes_token(token_id)
    assert [ended.sign_in for ended in door.told] == [f"token:{token_id}"]
    with pytest.raises(NotSignedIn):
        await browser.asks(f"Bearer {secret}")


async def test_a_token_of_a_disabled_user_waits_for_better_days(door: FrontDoor, ada: UserId) -> None:
    _, secret = await door.issues_token(ada, Scope.READ)
    browser = Browser(door)
    assert await browser.asks(f"Bearer {secret}") is not None
    await door.disables(ada)
    with pytest.raises(NotSignedIn):
        await browser.asks(f"Bearer {secret}")
    await door.enables(ada)
    assert await browser.asks(f"Bearer {secret}") is not None


async def test_no_secret_is_guessed_or_empty(door: FrontDoor, ada: UserId) -> None:
    for authorization in ("Bearer", "Bearer ", f"Bearer {'0' * 64}", "Bearer é"):
        with pytest.raises(NotSignedIn):
            await Browser(door).asks(authorization)


# ── passwords at rest ────────────────────────────────────────────────────────────────────────────


async def test_a_password_is_kept_as_an_argon2id_hash(door: FrontDoor) -> None:
    kept = await door.sign_ins.hash_password("demo")
    assert kept.startswith("$argon2id$")
    assert QUICK.verify(kept, "demo")
    assert kept != await door.sign_ins.hash_password("demo")


@pytest.mark.parametrize("password", ["", "x" * 201])
async def test_a_password_has_1_to_200_characters(door: FrontDoor, password: str) -> None:
    with pytest.raises(ValueInvalid, match="1 to 200"):
        await door.sign_ins.hash_password(password)


async def test_a_stored_hash_that_is_none_lets_nobody_in(door: FrontDoor, ada: UserId) -> None:
    await door.store.transact(OURS, lambda tx: tx.users.set_password_hash(ada, "demo"))
    assert isinstance(await Browser(door).is_refused("ada", "demo"), NotSignedIn)
