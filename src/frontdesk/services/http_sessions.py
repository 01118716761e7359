"""HTTP sessions: sign-ins that a cookie carries. They are rows, so they survive a restart; memory only saves reading.

What is kept is a hash of the cookie, with the CSRF token that goes with it. A session ends by log-out, after a time
without use, or after its life, whichever comes first. Its last use is noted in memory with every request and written
at most once a minute, so a crash makes a session at most that much older.

**Memory is right** because whatever ends or changes a session passes here and forgets it. What was read from the store
before something was forgotten is read again, never remembered.

**Clients that keep no cookies** sign in anew with every request; a row for each would grow without end and make each
request wait for the disk. So the cookies that have not come back yet are remembered, per user and address: up to
`MOST_SPARES` of them are new sessions, and from then on the last one is handed out again. Not the first one at once,
because two browsers of one user behind one address may sign in at the same moment, and a shared session would end for
both when one of them logs out: that now takes a client without cookies at the same address besides. A cookie that
comes back belongs to whoever brought it and is not handed out again. A session's row is durable before its cookie is
handed out, and is written only if the credential is still good in that very transaction.
"""

import asyncio
from dataclasses import dataclass

from frontdesk.core.errors import NotSignedIn
from frontdesk.core.ids import UserId
from frontdesk.core.permissions import Principal
from frontdesk.core.settings import SignIn
from frontdesk.core.users import User
from frontdesk.kit.ids import Ids, fingerprint
from frontdesk.ports import Clock, HttpSession, ServerTransaction, Store
from frontdesk.services.passwords import Account

#: How many new cookies one user gets at one address while none of them comes back.
MOST_SPARES = 4

_SECRET_CHARACTERS = 64
_MOST_HELD = 20_000
_MOST_CLIENTS = 10_000
_WRITE_EVERY_MS = 60_000
_ROWS_PER_TRANSACTION = 200
_SHORTEST_PAUSE_MS = 1_000

Client = tuple[UserId, str]


@dataclass(slots=True)
class LiveSession:
    """A session as memory holds it. `credential` is the digest of a Basic credential that was right for its user."""

    secret_hash: str
    principal: Principal
    csrf_token: str
    last_used_ms: int
    ends_ms: int
    credential: bytes | None = None


@dataclass(slots=True)
class _Spare:
    """A session whose cookie was handed out, or will be once it is `stored`, and has not come back."""

    secret: str
    secret_hash: str
    stored: asyncio.Task[None]


class HttpSessions:
    """Opens, finds and ends sessions. Sessions are named by the hash of their cookie."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, settings: SignIn) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._idle_ms = settings.session_idle_s * 1000
        self._life_ms = settings.session_life_s * 1000
        self._held: dict[str, LiveSession] = {}
        self._turn = 0
        self._used: dict[str, int] = {}
        self._written_at_ms = 0
        self._spares = _Spares()

    async def find(self, secret: str) -> LiveSession | None:
        """The session of a cookie, which counts as use; None if there is none or it is over."""
        if len(secret) != _SECRET_CHARACTERS:  # another program's cookie of the same name
            return None
        secret_hash = fingerprint(secret)
        self._spares.came_back(secret_hash)
        return await self._used_now(secret_hash)

    def recall(self, secret_hash: str) -> LiveSession | None:
        """The session with this name, which counts as use; None also if it would have to be read."""
        live = self._held.get(secret_hash)
        if live is None:
            return None
        self._spares.came_back(secret_hash)
        return self._use(live)

    async def open(self, account: Account, address: str) -> tuple[LiveSession, str]:
        """A session for a client without one, and its cookie. Raises NotSignedIn if the credential is good no more."""
        client = (account.user.id, address)
        spare = self._spares.to_hand_out_again(client)
        if spare is not None:
            await asyncio.shield(spare.stored)
            live = await self._used_now(spare.secret_hash)
            if live is not None:
                return live, spare.secret
            self._spares.drop(spare.secret_hash)
        spare = self._new_spare(account)
        self._spares.add(client, spare)
        await asyncio.shield(spare.stored)  # whoever asked may go away; then the next one gets it
        live = await self._used_now(spare.secret_hash)
        if live is None:
            raise NotSignedIn
        return live, spare.secret

    def note_use(self, secret_hash: str) -> None:
        """Somebody is still there, though no request came."""
        now_ms = self._clock.now_ms()
        live = self._held.get(secret_hash)
        if live is not None:
            if self._is_over(live, now_ms):
                return
            live.last_used_ms = now_ms
        self._used[secret_hash] = now_ms

    async def end(self, secret_hash: str) -> None:
        async def body(tx: ServerTransaction) -> None:
            await tx.remove_session(secret_hash)

        await self._store.transact_server(body)
        self._forget([secret_hash])

    async def end_all_of(self, user_id: UserId, *, but: str | None) -> list[str]:
        """End a user's sessions, except one; the hashes of those that ended."""

        async def body(tx: ServerTransaction) -> list[str]:
            return await tx.remove_sessions_of(user_id, but=but)

        ended = await self._store.transact_server(body)
        self._forget(ended)
        self.forget_user(user_id)
        return ended

    def forget_user(self, user_id: UserId) -> None:
        """Read the user anew at the next request of each of the user's sessions."""
        self._turn += 1
        self._held = {
            secret_hash: live for secret_hash, live in self._held.items() if live.principal.user_id != user_id
        }

    def forget(self, secret_hash: str) -> None:
        """Read the session anew at its next request."""
        self._forget([secret_hash])

    async def sweep(self) -> tuple[list[str], int]:
        """End what is over. The hashes of what ended, and the moment (ms) at which to sweep again."""
        now_ms = self._clock.now_ms()
        over = [secret_hash for secret_hash, live in self._held.items() if self._is_over(live, now_ms)]
        for some in _slices(over):
            await self._remove(some)
        ended = dict.fromkeys(over)
        if now_ms - self._written_at_ms >= _WRITE_EVERY_MS:
            await self.write_uses()  # first, or a session that is in use would look idle in the store
            ended |= dict.fromkeys(await self._remove_dead(now_ms))
            self._written_at_ms = now_ms
        if ended:
            self._forget(list(ended))
        ends_ms = (min(live.ends_ms, live.last_used_ms + self._idle_ms) for live in self._held.values())
        pause_ms = min(_WRITE_EVERY_MS, self._idle_ms, self._life_ms)
        again_ms = min(ends_ms, default=now_ms + pause_ms)
        return list(ended), max(now_ms + _SHORTEST_PAUSE_MS, min(again_ms, now_ms + pause_ms))

    async def write_uses(self) -> None:
        """Make every use that was noted durable."""
        used, self._used = self._used, {}
        try:
            for some in _slices(list(used)):
                await self._write({secret_hash: used[secret_hash] for secret_hash in some})
        except BaseException:
            self._used = {**used, **self._used}
            raise

    # ── below: one step each ─────────────────────────────────────────────────────────────────────

    def _is_over(self, live: LiveSession, now_ms: int) -> bool:
        return now_ms >= live.ends_ms or now_ms - live.last_used_ms >= self._idle_ms

    async def _used_now(self, secret_hash: str) -> LiveSession | None:
        live = self._held.get(secret_hash) or await self._read(secret_hash)
        return self._use(live) if live is not None else None

    def _use(self, live: LiveSession) -> LiveSession | None:
        now_ms = self._clock.now_ms()
        if self._is_over(live, now_ms):
            return None
        live.last_used_ms = self._used[live.secret_hash] = now_ms
        return live

    async def _read(self, secret_hash: str) -> LiveSession | None:
        async def body(tx: ServerTransaction) -> tuple[HttpSession, User] | None:
            session = await tx.session(secret_hash)
            found = None if session is None else await tx.user(session.user_id)
            return None if session is None or found is None else (session, found[1])

        while True:
            turn = self._turn
            found = await self._store.read_server(body)
            if turn == self._turn:
                break
        if found is None or not found[1].enabled:
            return None
        session, user = found
        live = LiveSession(
            secret_hash=secret_hash,
            principal=Principal(
                user_id=user.id,
                user_name=user.user_name,
                contact_centre=session.contact_centre,
                roles=frozenset(user.roles),
                sign_in=f"session:{secret_hash}",
                must_change_password=user.change_password_on_first_login,
            ),
            csrf_token=session.csrf_token,
            last_used_ms=max(session.last_used_ms, self._used.get(secret_hash, 0)),
            ends_ms=session.created_at_ms + self._life_ms,
        )
        if len(self._held) >= _MOST_HELD:
            del self._held[next(iter(self._held))]
        self._held[secret_hash] = live
        return live

    def _new_spare(self, account: Account) -> _Spare:
        secret, now_ms = self._ids.secret(), self._clock.now_ms()
        session = HttpSession(
            secret_hash=fingerprint(secret),
            contact_centre=account.contact_centre,
            user_id=account.user.id,
            csrf_token=self._ids.uuid(),
            created_at_ms=now_ms,
            last_used_ms=now_ms,
        )
        stored = asyncio.create_task(self._add(session, account))
        stored.add_done_callback(lambda done: self._was_stored(session.secret_hash, done))
        return _Spare(secret, session.secret_hash, stored)

    async def _add(self, session: HttpSession, account: Account) -> None:
        async def body(tx: ServerTransaction) -> bool:
            found = await tx.credentials(account.user.user_name)
            if found is None:
                return False
            _, user, password_hash = found
            if user.id != account.user.id or not user.enabled or password_hash != account.password_hash:
                return False
            await tx.add_session(session)
            return True

        if not await self._store.transact_server(body):
            raise NotSignedIn

    def _was_stored(self, secret_hash: str, done: asyncio.Task[None]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._spares.drop(secret_hash)

    async def _remove(self, secret_hashes: list[str]) -> None:
        async def body(tx: ServerTransaction) -> None:
            for secret_hash in secret_hashes:
                await tx.remove_session(secret_hash)

        await self._store.transact_server(body)

    async def _remove_dead(self, now_ms: int) -> list[str]:
        async def body(tx: ServerTransaction) -> list[str]:
            return await tx.remove_dead_sessions(
                unused_since_ms=now_ms - self._idle_ms + 1, born_before_ms=now_ms - self._life_ms + 1
            )

        return await self._store.transact_server(body)

    async def _write(self, used: dict[str, int]) -> None:
        async def body(tx: ServerTransaction) -> None:
            for secret_hash, at_ms in used.items():
                await tx.touch_session(secret_hash, at_ms)

        await self._store.transact_server(body)

    def _forget(self, secret_hashes: list[str]) -> None:
        self._turn += 1
        for secret_hash in secret_hashes:
            self._held.pop(secret_hash, None)
            self._used.pop(secret_hash, None)
            self._spares.drop(secret_hash)


class _Spares:
    """The cookies that have not come back, by client. Of too many clients the earliest are forgotten."""

    def __init__(self) -> None:
        self._of_client: dict[Client, list[_Spare]] = {}
        self._client_of: dict[str, Client] = {}

    def to_hand_out_again(self, client: Client) -> _Spare | None:
        spares = self._of_client.get(client)
        return spares[-1] if spares is not None and len(spares) >= MOST_SPARES else None

    def add(self, client: Client, spare: _Spare) -> None:
        if client not in self._of_client and len(self._of_client) >= _MOST_CLIENTS:
            for forgotten in self._of_client.pop(next(iter(self._of_client))):
                del self._client_of[forgotten.secret_hash]
        self._of_client.setdefault(client, []).append(spare)
        self._client_of[spare.secret_hash] = client

    def came_back(self, secret_hash: str) -> None:
        if secret_hash in self._client_of:
            self.drop(secret_hash)

    def drop(self, secret_hash: str) -> None:
        client = self._client_of.pop(secret_hash, None)
        if client is not None:
            left = [spare for spare in self._of_client[client] if spare.secret_hash != secret_hash]
            if left:
                self._of_client[client] = left
            else:
                del self._of_client[client]


def _slices(hashes: list[str]) -> list[list[str]]:
    return [hashes[at : at + _ROWS_PER_TRANSACTION] for at in range(0, len(hashes), _ROWS_PER_TRANSACTION)]
