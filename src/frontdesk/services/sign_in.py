"""Sign-ins: who is behind a request, and when that is over.

A sign-in is an HTTP session (`session:<hash of its cookie>`) or a bearer token (`token:<id>`); that name travels in
`Principal.sign_in`, and whatever was opened with it ends with it. Tried in this order, and the first that is there
decides alone:

1. `Authorization: Bearer`: the token, whatever cookie came along.
2. `Authorization: Basic`: with a live cookie of the same user that session, else a new one, whose cookie is set.
3. The cookie: its session. A cookie that is over is as good as none.

`Authorization` cannot be sent by another site's page without leave; a cookie can. So a request that changes something
with nothing but a cookie must bring the session's CSRF token as well.

An authenticated request is answered from memory. Everything that makes a sign-in worse than it was (log-out, a
disabled user, another password, other roles, a removed token) is told here, and from here on over the bus.
"""

import hmac
from collections.abc import Iterable
from typing import Final

import msgspec
from argon2 import PasswordHasher

from frontdesk.core.errors import CsrfTokenInvalid, NotSignedIn, StoreUnavailable
from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Principal
from frontdesk.core.settings import SignIn
from frontdesk.core.sign_ins import (
    BasicCredential,
    Credentials,
    basic_credential,
    bearer_secret,
    client_address,
    is_trusted,
    networks,
    session_cookie,
)
from frontdesk.kit.ids import Ids
from frontdesk.kit.log import get_logger
from frontdesk.ports import Bus, Clock, SignInEnded, Store
from frontdesk.services.bearers import Bearers
from frontdesk.services.failures import Failures
from frontdesk.services.http_sessions import HttpSessions, LiveSession
from frontdesk.services.passwords import HASHER, Passwords

log = get_logger(__name__)

_SESSION: Final = "session:"
_TOKEN: Final = "token:"  # noqa: S105 - the beginning of a name, no secret


class SignedIn(msgspec.Struct, frozen=True):
    """Who asks. `set_cookie` is to be sent back, and with answers to GET the `csrf_token` of the HTTP session.

    Without CSRF protection, and without an HTTP session, there is no token to show.
    """

    principal: Principal
    set_cookie: bytes | None = None
    csrf_token: str | None = None


class SignIns:
    """The one place that says whether a request is signed in. `close` makes noted uses durable and ends threads."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        bus: Bus,
        settings: SignIn,
        trusted_proxies: Iterable[str] = (),
        *,
        hasher: PasswordHasher = HASHER,
    ) -> None:
        self._bus = bus
        self._settings = settings
        self._trusted = networks(trusted_proxies)
        self._failures = Failures(clock, failures_before_delay=settings.failures_before_delay, delay_s=settings.delay_s)
        self._passwords = Passwords(store, clock, self._failures, remember_s=settings.credential_cache_s, hasher=hasher)
        self._sessions = HttpSessions(store, clock, ids, settings)
        self._bearers = Bearers(store)

    @property
    def refused(self) -> int:
        """How many attempts to sign in were refused since the start."""
        return self._failures.refused

    async def authenticate(self, credentials: Credentials) -> SignedIn | None:
        """Who asks; None if the request brings nothing, or only a cookie that is over.

        Raises NotSignedIn for a credential that is not good, TooManySignIns, CsrfTokenInvalid, ServerBusy.
        """
        if credentials.authorization:
            return await self._by_authorization(credentials, credentials.authorization)
        if not credentials.session:
            return None
        live = await self._sessions.find(credentials.session)
        if live is None:
            return None
        if self._settings.csrf_protection and not credentials.is_safe:
            _demand_token(credentials, live)
        return self._signed_in(live)

    def recall(self, secret_hash: str) -> Principal | None:
        """Who asks by the cookie with this fingerprint, as far as memory tells at once, whatever it is asked for.

        None is no refusal: `authenticate` knows more.
        """
        live = self._sessions.recall(secret_hash)
        return live.principal if live is not None else None

    async def hash_password(self, password: str) -> str:
        """What to store in place of a password, made in a thread. Raises ValueInvalid for one that breaks the rules."""
        return await self._passwords.hash(password)

    async def is_password_of(self, who: Principal, password: str) -> bool:
        """Whether this is the password of who is signed in. Guessing it so is slowed down. Raises TooManySignIns."""
        basic = BasicCredential(who.user_name, password, f"{who.user_name}:{password}".encode())
        try:
            account = await self._passwords.verified(basic, self._passwords.digest(basic), f"user {who.user_id}")
        except NotSignedIn:
            return False
        return account.user.id == who.user_id

    def note_use(self, sign_in: str) -> None:
        """A held connect or a websocket shows that its sign-in is in use; no use prolongs its life."""
        if sign_in.startswith(_SESSION):
            self._sessions.note_use(sign_in.removeprefix(_SESSION))

    async def end(self, sign_in: str, *, reason: str = "logged out") -> None:
        """Log out: end an HTTP session and whatever was opened with it. Ending it again is no error.

        Of a token only what was opened with it ends, and memory of it; the token itself is removed by who manages it.
        """
        if sign_in.startswith(_SESSION):
            await self._sessions.end(sign_in.removeprefix(_SESSION))
        elif sign_in.startswith(_TOKEN):
            self._bearers.forget(sign_in.removeprefix(_TOKEN))
        self._bus.sign_in_ended(SignInEnded(reason=reason, sign_in=sign_in))

    async def end_all_of(self, user_id: UserId, *, reason: str, but: str | None = None) -> None:
        """End all HTTP sessions of a user who was disabled or removed, or has another password; `but` one lives on.

        Without `but`, whatever was opened with the user's tokens ends too.
        """
        spared = but.removeprefix(_SESSION) if but is not None and but.startswith(_SESSION) else None
        ended = await self._sessions.end_all_of(user_id, but=spared)
        self.refresh(user_id)
        if but is None:
            self._bus.sign_in_ended(SignInEnded(reason=reason, user_id=user_id))
            return
        for secret_hash in ended:
            self._bus.sign_in_ended(SignInEnded(reason=reason, sign_in=_SESSION + secret_hash))

    def refresh(self, user_id: UserId) -> None:
        """The user has other roles, another name or another password: read them anew at the next request."""
        self._passwords.forget(user_id)
        self._sessions.forget_user(user_id)
        self._bearers.forget_user(user_id)

    def forget(self, ended: SignInEnded) -> None:
        """Another node ended this: have no memory of it."""
        if ended.user_id is not None:
            self.refresh(ended.user_id)
        if ended.sign_in is not None and ended.sign_in.startswith(_SESSION):
            self._sessions.forget(ended.sign_in.removeprefix(_SESSION))
        elif ended.sign_in is not None:
            self._bearers.forget(ended.sign_in.removeprefix(_TOKEN))

    async def sweep(self) -> int:
        """End the sessions that are over and write down the uses. The moment (ms) at which to sweep again."""
        ended, again_at_ms = await self._sessions.sweep()
        for secret_hash in ended:
            self._bus.sign_in_ended(SignInEnded(reason="session expired", sign_in=_SESSION + secret_hash))
        return again_at_ms

    async def close(self) -> None:
        self._passwords.close()
        try:
            await self._sessions.write_uses()
        except StoreUnavailable as error:  # no reason to stop half-way: the sessions only look a minute older
            log.warning("last uses of sessions were not written", reason=str(error))

    # ── below: one kind of credential each ───────────────────────────────────────────────────────

    async def _by_authorization(self, credentials: Credentials, authorization: str) -> SignedIn:
        secret = bearer_secret(authorization)
        if secret is not None:
            return await self._by_token(credentials, secret)
        basic = basic_credential(authorization)
        if basic is not None:
            return await self._by_password(credentials, basic)
        self._failures.count(self.address_of(credentials))
        raise NotSignedIn("Access denied: 'Authorization' must be Basic or Bearer")

    async def _by_token(self, credentials: Credentials, secret: str) -> SignedIn:
        principal = await self._bearers.find(secret)
        if principal is None:
            self._failures.count(self.address_of(credentials))
            raise NotSignedIn
        return SignedIn(principal)

    async def _by_password(self, credentials: Credentials, basic: BasicCredential) -> SignedIn:
        digest = self._passwords.digest(basic)
        live = await self._sessions.find(credentials.session) if credentials.session else None
        if live is not None and live.credential == digest:
            return self._signed_in(live)
        address = self.address_of(credentials)
        account = await self._passwords.verified(basic, digest, address)
        if live is not None and live.principal.user_id == account.user.id:
            live.credential = digest
            return self._signed_in(live)
        try:
            live, secret = await self._sessions.open(account, address)
        except NotSignedIn:  # the password was changed or the user disabled since it was found right
            self._passwords.forget(account.user.id)
            raise
        live.credential = digest
        is_secure = self._settings.cookie_secure or credentials.is_secure
        cookie = session_cookie(secret, same_site=self._settings.cookie_same_site, is_secure=is_secure)
        return self._signed_in(live, cookie)

    def _signed_in(self, live: LiveSession, set_cookie: bytes | None = None) -> SignedIn:
        return SignedIn(live.principal, set_cookie, live.csrf_token if self._settings.csrf_protection else None)

    def address_of(self, credentials: Credentials) -> str:
        """Where a request comes from, if need be by the word of a proxy that is trusted."""
        return client_address(credentials, self._trusted)

    def trusts(self, credentials: Credentials) -> bool:
        """Whether the peer of a request is a proxy that may say where it comes from."""
        return is_trusted(credentials.peer, self._trusted)


def _demand_token(credentials: Credentials, live: LiveSession) -> None:
    given = credentials.csrf_token or ""
    if not hmac.compare_digest(given.encode(), live.csrf_token.encode()):
        raise CsrfTokenInvalid
