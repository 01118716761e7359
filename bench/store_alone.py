"""The store alone: the transaction of an AttachUserData, by so many callers at once, with no server around it.

Run as a child on a store of its own. The body reads the interaction, takes the next reference, saves the next version
and appends the event with its after-image: what the service's body asks of the store, without what the core decides.
"""

import asyncio
import sys
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import msgspec
import uvloop
from msgspec.structs import replace

from bench.agents import USER_DATA
from frontdesk.core.events import InteractionChanged
from frontdesk.core.ids import ContactCentreId, InteractionId, QueueId, UserId
from frontdesk.core.interactions import Direction, Interaction
from frontdesk.core.lifecycle import State, Trigger
from frontdesk.core.users import ContactCentre
from frontdesk.kit.clock import SystemClock
from frontdesk.kit.ids import Ids
from frontdesk.ports import ServerTransaction, Transaction
from frontdesk.serving import settle_memory
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite import SqliteStore
from frontdesk.store.transaction import StoreTransaction

_CENTRE: Final = ContactCentreId("alone")


class Alone(msgspec.Struct, frozen=True):
    """What came of one run."""

    operations: int
    seconds: float
    cpu_s: float


class _Callers:
    """Those who each change an interaction of their own, again and again."""

    def __init__(self, store: SqliteStore[StoreTransaction, ServerRows]) -> None:
        self._store = store
        self._ids = Ids()
        self._clock = SystemClock()
        self._held: list[tuple[UserId, InteractionId]] = []

    async def found(self) -> None:
        async def body(tx: ServerTransaction) -> None:
            await tx.add_contact_centre(ContactCentre(id=_CENTRE, name="alone"))

        await self._store.transact_server(body)

    async def run(self, callers: int, seconds: float) -> Alone:
        while len(self._held) < callers:
            self._held.append(await self._one_more())
        until_s = perf_counter() + seconds
        began_s, cpu_s = perf_counter(), process_time()
        done = await asyncio.gather(*(self._change(*held, until_s) for held in self._held[:callers]))
        return Alone(sum(done), perf_counter() - began_s, process_time() - cpu_s)

    async def _one_more(self) -> tuple[UserId, InteractionId]:
        owner, at_ms = UserId(self._ids.hexadecimal()), self._clock.now_ms()
        born = Interaction(
            id=InteractionId(self._ids.sortable(at_ms)),
            media_type="workitem",
            direction=Direction.OUTBOUND,
            subtype="OutboundNew",
            state=State.PROCESSING,
            version=1,
            received_at_ms=at_ms,
            queued_at_ms=at_ms,
            queue=QueueId(self._ids.uuid()),
            queue_name="bench",
            owner=owner,
            user_data=dict(USER_DATA),
        )

        async def body(tx: Transaction) -> None:
            await tx.interactions.add(born)

        await self._store.transact(_CENTRE, body)
        return owner, born.id

    async def _change(self, owner: UserId, interaction_id: InteractionId, until_s: float) -> int:
        turn = 0

        async def body(tx: Transaction) -> int:
            before = await tx.interactions.get(interaction_id)
            marked = {"Note": f"{turn:08d}", "Step": {"Name": "call back", "Turn": f"{turn:08d}"}}
            after = replace(before, version=before.version + 1, user_data={**before.user_data, **marked})
            reference_id = await tx.events.next_reference(owner)
            await tx.interactions.save(before, after)
            event = InteractionChanged(
                trigger=Trigger.ATTACH_USER_DATA,
                at_ms=self._clock.now_ms(),
                after=after,
                actor=owner,
                reference_id=reference_id,
            )
            await tx.events.append(event)
            return reference_id

        while perf_counter() < until_s:
            await self._store.transact(_CENTRE, body)
            turn += 1
        return turn


async def _obey(directory: Path) -> None:
    """Runs by the line: callers and seconds in, what came of it out."""
    store = SqliteStore(directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows)
    await store.open()
    callers = _Callers(store)
    await callers.found()
    settle_memory()
    print("ready", flush=True)
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            count, seconds = line.split()
            ran = await callers.run(int(count), float(seconds))
            print(msgspec.json.encode(ran).decode(), flush=True)
    finally:
        await store.close()


if __name__ == "__main__":
    uvloop.run(_obey(Path(sys.argv[1])))
