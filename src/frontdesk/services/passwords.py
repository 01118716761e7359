"""Passwords: how they are kept, and whether one is right.

What is kept is an argon2id hash. Hashing takes tens of milliseconds on purpose, so it happens in threads of its own,
never on the event loop, at most a few at once and a bounded number waiting. A credential that was right is remembered
for a short while under an HMAC with a key that only this process knows, so that clients that send it with every
request do not pay each time; the password itself is not remembered anywhere.

An unknown user, a disabled one and a wrong password take the same time and get the same answer.
"""

import asyncio
import base64
import hmac
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from frontdesk.core.errors import NotSignedIn, ServerBusy, ValueInvalid
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.sign_ins import BasicCredential
from frontdesk.core.users import User
from frontdesk.kit.log import get_logger
from frontdesk.ports import Clock, ServerTransaction, Store
from frontdesk.services.failures import Failures

log = get_logger(__name__)

T = TypeVar("T")

#: OWASP's second choice of parameters: about 20 ms, and 19 MiB for each that is at work.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

_LONGEST_PASSWORD_CHARACTERS = 200
_MOST_WAITING = 256
_MOST_REMEMBERED = 10_000
_THREADS = max(1, min(4, os.cpu_count() or 1))


class Account(msgspec.Struct, frozen=True):
    """A user whose password was right, and the hash that said so."""

    contact_centre: ContactCentreId
    user: User
    password_hash: str


def hashed(password: str, hasher: PasswordHasher = HASHER) -> str:
    """What is stored in place of a password. Takes its time. Raises ValueInvalid."""
    if not 1 <= len(password) <= _LONGEST_PASSWORD_CHARACTERS:
        raise ValueInvalid("password", f"it must have 1 to {_LONGEST_PASSWORD_CHARACTERS} characters")
    return hasher.hash(password)


class Passwords:
    """Hashes and verifies. `close` ends its threads."""

    def __init__(
        self, store: Store, clock: Clock, failures: Failures, *, remember_s: int, hasher: PasswordHasher = HASHER
    ) -> None:
        self._store = store
        self._clock = clock
        self._failures = failures
        self._remember_ms = remember_s * 1000
        self._hasher = hasher
        self._nobodys_hash = _hash_of_nobody(hasher)
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, tuple[Account, int]] = {}
        self._turn = 0  # counts what was forgotten: what was read before is not remembered after
        self._running: dict[tuple[bytes, str], asyncio.Task[Account]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="password")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Like `hashed`, in a thread. Raises ValueInvalid, ServerBusy."""
        return await self._in_thread(hashed, password, self._hasher)

    def digest(self, credential: BasicCredential) -> bytes:
        """What a credential is remembered by: useless to anybody but this process."""
        return hmac.digest(self._key, credential.raw, "sha256")

    def remembered(self, digest: bytes) -> Account | None:
        """The account, if this credential was right a moment ago."""
        found = self._right.get(digest)
        if found is None:
            return None
        account, until_ms = found
        if until_ms <= self._clock.now_ms():
            del self._right[digest]
            return None
        return account

    async def verified(self, credential: BasicCredential, digest: bytes, address: str) -> Account:
        """The account whose name and password these are.

        Requests that bring the same credential at the same time are one attempt: a browser that opens ten connections
        at once pays once, and fails once. Raises NotSignedIn, TooManySignIns, ServerBusy, StoreUnavailable.
        """
        account = self.remembered(digest)
        if account is not None:
            return account
        flight = (digest, address)
        running = self._running.get(flight)
        if running is None:
            self._failures.attempt(credential.user_name, address)
            running = asyncio.create_task(self._judged(credential, digest, address))
            self._running[flight] = running
            running.add_done_callback(lambda done: self._landed(flight, done))
        # Whoever asked may go away; the others still wait for the answer, and the attempt still counts.
        return await asyncio.shield(running)

    def forget(self, user_id: UserId) -> None:
        """No credential of this user is right until it is verified again."""
        self._turn += 1
        self._right = {digest: found for digest, found in self._right.items() if found[0].user.id != user_id}

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _judged(self, credential: BasicCredential, digest: bytes, address: str) -> Account:
        name, turn = credential.user_name, self._turn

        async def body(tx: ServerTransaction) -> Account | None:
            found = await tx.credentials(name)
            return None if found is None else Account(*found)

        try:
            account = await self._store.read_server(body)
            password_hash = self._nobodys_hash if account is None else account.password_hash
            is_right = await self._in_thread(self._is_right, password_hash, credential.password)
        except BaseException:
            self._failures.was_not_judged(name, address)
            raise
        if account is None or not is_right or not account.user.enabled:
            self._failures.count(address)
            raise NotSignedIn
        self._failures.succeeded(name, address)
        if turn == self._turn:
            self._remember(digest, account)
        return account

    def _remember(self, digest: bytes, account: Account) -> None:
        if len(self._right) >= _MOST_REMEMBERED:
            del self._right[next(iter(self._right))]
        self._right[digest] = (account, self._clock.now_ms() + self._remember_ms)

    def _landed(self, flight: tuple[bytes, str], done: asyncio.Task[Account]) -> None:
        del self._running[flight]
        if not done.cancelled():
            done.exception()  # looked at, though everybody who asked may be gone

    def _is_right(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except InvalidHashError:
            log.error("a stored password hash is not one; its user cannot sign in until it is set anew")
            return False
        except VerificationError:
            return False

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        if self._waiting >= _MOST_WAITING:
            raise ServerBusy("passwords to look at")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1


def _hash_of_nobody(hasher: PasswordHasher) -> str:
    """A hash that no password has, made without hashing: verifying against it takes as long as against any other."""

    def random(length: int) -> str:
        return base64.b64encode(secrets.token_bytes(length)).rstrip(b"=").decode("ascii")

    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${random(hasher.salt_len)}${random(hasher.hash_len)}"
