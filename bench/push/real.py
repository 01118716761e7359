"""Frontdesk as it is, with users who are signed in, told what to say by lines.

Run as a child on a directory that `furnish` has made. Handshakes, connects and upgrades go the way of every client's:
HTTP server, origins, sign-in by cookie, sessions that belong to their user. An event for one goes to its user, as the
notifications of interactions do; one for all is broadcast.
"""

import gc
import sys
from pathlib import Path
from typing import Final

import msgspec
import uvicorn
import uvloop
from argon2 import PasswordHasher

from bench.push import what
from frontdesk.app import App
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.permissions import Role
from frontdesk.core.settings import Push, Settings
from frontdesk.core.users import ContactCentre, User
from frontdesk.kit import log
from frontdesk.ports import ServerTransaction, Transaction
from frontdesk.push.events import Encoded
from frontdesk.serving import bound_socket, http_config, settle_memory
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite import SqliteStore
from frontdesk.store.transaction import StoreTransaction

PASSWORD: Final = "benchmark"

#: Where each user hears what is for this user alone; the name is the same for everybody.
OWN: Final = "/v2/me/bench"

_CENTRE: Final = ContactCentreId("bench")
# Signing in is not what is measured.
_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def user_name(number: int) -> str:
    return f"user{number:05d}"


async def furnish(directory: Path, users: int) -> None:
    """A store with so many agents."""
    store = SqliteStore(directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows)
    await store.open()
    password_hash = _HASHER.hash(PASSWORD)

    async def found(tx: ServerTransaction) -> None:
        await tx.add_contact_centre(ContactCentre(id=_CENTRE, name="bench"))

    async def people(tx: Transaction) -> None:
        for number in range(users):
            user = User(id=_user_id(number), user_name=user_name(number), roles=(Role.AGENT,))
            await tx.users.add(user, password_hash)

    try:
        await store.transact_server(found)
        await store.transact(_CENTRE, people)
    finally:
        await store.close()


def _user_id(number: int) -> UserId:
    return UserId(f"{number:032x}")


class _Told:
    """Does what the lines say."""

    def __init__(self, app: App, users: int) -> None:
        self._push = app.push
        self._users = users

    def __call__(self, words: list[str]) -> None:
        if words[0] == what.ALL:
            self._push.broadcast(Encoded(f"/bench/all/{words[1]}", what.DATA))
        elif words[0] == what.ONE:
            self._push.deliver(_user_id(int(words[2]) % self._users), (Encoded(f"{OWN}-{words[1]}", what.DATA),))
        elif words[0] == what.SETTLE:
            gc.collect()
            print(what.SETTLED, flush=True)


async def _serve(directory: Path, users: int) -> None:
    push = Push(timeout_ms=55_000, max_interval_ms=60_000, handshakes_per_s=0)
    settings = msgspec.structs.replace(Settings(), push=push)
    sock = bound_socket("127.0.0.1", 0)
    port = sock.getsockname()[1]
    app = App(directory, settings, public_url=f"http://127.0.0.1:{port}")
    await app.start()
    try:
        await what.Orders.follow(_Told(app, users))
        settle_memory()
        print("ready", port, flush=True)
        await uvicorn.Server(http_config(app, settings.server)).serve(sockets=[sock])
    finally:
        await app.stop()


if __name__ == "__main__":
    log.configure("console", "warning")
    uvloop.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
