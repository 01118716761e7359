"""The front door as tests meet it: people with browsers, programs with tokens, and the clock that they grow old by."""

import base64
import sqlite3
from pathlib import Path
from typing import Literal

from argon2 import PasswordHasher
from msgspec.structs import replace

from frontdesk.bus.in_process import InProcessBus
from frontdesk.core.errors import FrontdeskError
from frontdesk.core.ids import ContactCentreId, TokenId, UserId
from frontdesk.core.permissions import Role, Scope
from frontdesk.core.settings import SignIn
from frontdesk.core.sign_ins import Credentials
from frontdesk.core.users import ContactCentre, User
from frontdesk.kit.clock import ManualClock
from frontdesk.kit.ids import Ids, fingerprint
from frontdesk.ports import SignInEnded, Token, Transaction
from frontdesk.services.passwords import hashed
from frontdesk.services.sign_in import SignedIn, SignIns
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite import SqliteStore
from frontdesk.store.transaction import StoreTransaction

#: The weakest argon2id there is: the rules are the same, and the tests are quick.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

OURS = ContactCentreId("centre-ours")
HOME, OFFICE = "192.0.2.7", "198.51.100.1"


def basic(user_name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user_name}:{password}".encode()).decode()


class FrontDoor:
    """A store on disk, the bus, and the sign-ins in front of them."""

    def __init__(self, directory: Path, settings: SignIn, trusted_proxies: tuple[str, ...] = ()) -> None:
        self.clock = ManualClock()
        self.ids = Ids()
        self.settings = settings
        self.told: list[SignInEnded] = []
        self._directory = directory
        self._trusted_proxies = trusted_proxies

    async def opens(self) -> None:
        """Begin, as the server's start does."""
        self.store = SqliteStore(self._directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows)
        await self.store.open()
        bus = InProcessBus()
        bus.on_sign_ins_ended(self.told.append)
        self.sign_ins = SignIns(
            self.store, self.clock, self.ids, bus, self.settings, self._trusted_proxies, hasher=QUICK
        )

    async def closes(self) -> None:
        await self.sign_ins.close()
        await self.store.close()

    async def restarts(self) -> None:
        await self.closes()
        await self.opens()

    async def crashes(self) -> None:
        """What was only in memory is gone."""
        await self.store.close()
        await self.opens()

    async def founds_contact_centre(self) -> None:
        await self.store.transact_server(lambda tx: tx.add_contact_centre(ContactCentre(id=OURS, name="Ours")))

    async def hires(self, user_name: str, password: str = "demo") -> UserId:
        user = User(id=UserId(self.ids.hexadecimal()), user_name=user_name)
        await self.store.transact(OURS, lambda tx: tx.users.add(user, hashed(password, QUICK)))
        return user.id

    async def promotes(self, user_id: UserId, *roles: Role) -> None:
        await self._saves(user_id, roles=roles)
        self.sign_ins.refresh(user_id)

    async def disables(self, user_id: UserId) -> None:
        await self._saves(user_id, enabled=False)
        await self.sign_ins.end_all_of(user_id, reason="user disabled")

    async def enables(self, user_id: UserId) -> None:
        await self._saves(user_id, enabled=True)

    async def sets_password(self, user_id: UserId, password: str, *, but: str | None = None) -> None:
        await self.writes_password(user_id, password)
        await self.sign_ins.end_all_of(user_id, reason="password changed", but=but)

    async def writes_password(self, user_id: UserId, password: str) -> None:
        """Only the row: the moment before anybody is told."""
        await self.store.transact(OURS, lambda tx: tx.users.set_password_hash(user_id, hashed(password, QUICK)))

    async def issues_token(self, user_id: UserId, *scopes: Scope) -> tuple[TokenId, str]:
        token = Token(
            id=TokenId(self.ids.uuid()),
            name="import",
            user_id=user_id,
            scopes=scopes,
            created_at_ms=self.clock.now_ms(),
        )
        secret = self.ids.secret()
        await self.store.transact(OURS, lambda tx: tx.tokens.add(token, fingerprint(secret)))
        return token.id, secret

    async def removes_token(self, token_id: TokenId) -> None:
        await self.store.transact(OURS, lambda tx: tx.tokens.remove(token_id))
        await self.sign_ins.end(f"token:{token_id}", reason="token deleted")

    def rows(self) -> list[tuple[str, int]]:
        """(hash, last use) of every session in the file."""
        file = sqlite3.connect(f"file:{self.store.path}?mode=ro", uri=True)
        try:
            return file.execute("SELECT secret_hash, last_used_ms FROM http_sessions ORDER BY 1").fetchall()
        finally:
            file.close()

    async def _saves(self, user_id: UserId, **changes: object) -> None:
        async def body(tx: Transaction) -> None:
            before = await tx.users.get(user_id)
            await tx.users.save(replace(before, version=before.version + 1, **changes))

        await self.store.transact(OURS, body)


class Browser:
    """Keeps the cookie and the CSRF token that it is given, and brings them along. `keeps_cookies` may be no."""

    def __init__(
        self, door: FrontDoor, address: str = HOME, *, keeps_cookies: bool = True, behind: str | None = None
    ) -> None:
        self._door = door
        self._keeps_cookies = keeps_cookies
        self._at = Credentials(
            peer=behind or address, forwarded_for=address if behind is not None else None, is_secure=False
        )
        self.cookie: str | None = None
        self.set_cookie = b""
        self.csrf_token: str | None = None

    async def asks(
        self,
        authorization: str | None = None,
        *,
        method: Literal["GET", "POST"] = "GET",
        csrf_token: str | None = None,
        is_secure: bool = False,
    ) -> SignedIn | None:
        """One request. Raises what the server refuses with."""
        signed_in = await self._door.sign_ins.authenticate(
            replace(
                self._at,
                authorization=authorization,
                session=self.cookie,
                csrf_token=csrf_token,
                is_safe=method == "GET",
                is_secure=is_secure,
            )
        )
        if signed_in is not None and signed_in.set_cookie is not None:
            self.set_cookie = signed_in.set_cookie
            if self._keeps_cookies:
                self.cookie = signed_in.set_cookie.split(b";")[0].split(b"=")[1].decode()
        if signed_in is not None and signed_in.csrf_token is not None:
            self.csrf_token = signed_in.csrf_token
        return signed_in

    async def signs_in(self, user_name: str, password: str = "demo") -> SignedIn:
        """With name and password. Raises what the server refuses with."""
        signed_in = await self.asks(basic(user_name, password))
        assert signed_in is not None
        return signed_in

    async def is_refused(self, user_name: str, password: str = "demo") -> FrontdeskError:
        """The refusal of a sign-in."""
        try:
            await self.signs_in(user_name, password)
        except FrontdeskError as refusal:
            return refusal
        raise AssertionError(f"{user_name} was let in")

    async def is_signed_in(self) -> bool:
        """Whether the cookie alone suffices."""
        return await self.asks() is not None
