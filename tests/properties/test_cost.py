"""What an operation costs does not grow with what is stored: the same steps of SQLite's machine on ten times as much.

Steps are counted, not time: every instruction on every connection, the router's work after an operation included.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from frontdesk.core import interactions
from frontdesk.core.agents import Agent, Channel
from frontdesk.core.directory import Queue
from frontdesk.core.ids import ContactCentreId, InteractionId, OwnerId, QueueId, UserId
from frontdesk.core.interactions import Change
from frontdesk.core.user_data import UserDataLimits
from frontdesk.core.users import User
from frontdesk.kit.clock import ManualClock
from frontdesk.ports import HttpSession, Outcome, ServerTransaction, Transaction
from frontdesk.services import journal
from tests.desk import Desk, opened

FEW, MANY = 120, 1_200

#: So much more may come of bounds that FEW does not reach; what grows with the data would be ten times as much.
TOLERANCE = 1.1

FAR_MS = 10**14


class Counted(sqlite3.Connection):
    """A connection that counts its steps. A handler of others is not kept: there is one per connection."""

    steps = 0

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        super().set_progress_handler(self._count, 1)

    def set_progress_handler(self, *_arguments: Any, **_more: Any) -> None: ...

    @staticmethod
    def _count() -> int:
        Counted.steps += 1
        return 0


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection of this process counts."""
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: connect(*given, **{**more, "factory": Counted}))


async def test_no_operation_costs_more_when_ten_times_as_much_is_stored(tmp_path: Path) -> None:
    few, many = [await _costs(tmp_path / f"{stored}", stored) for stored in (FEW, MANY)]
    assert few.keys() == many.keys()
    assert min(few.values()) > 10, "steps were not counted"
    grown = {name: (few[name], many[name]) for name in few if many[name] > few[name] * TOLERANCE}
    assert not grown, grown


async def _costs(directory: Path, stored: int) -> dict[str, int]:
    """Steps by operation, of a life that touches every kind of place, among `stored` of everything."""
    costs: dict[str, int] = {}
    async with opened(directory, ManualClock()) as desk:
        await desk.becomes("ada", "Ready", "email")
        await desk.becomes("grace", "NotReady", "email")
        grace = await desk.id_of("grace")
        await desk.get("/interactions", "root")  # every reader has a connection now
        await fill(desk, stored)

        async def counts(name: str, doing: Callable[[], Awaitable[Any]]) -> Any:
            await desk.settled()
            before = Counted.steps
            found = await doing()
            await desk.settled()
            costs[name] = Counted.steps - before
            return found

        async def did(name: str, operation: str, user: str = "ada", **parameters: Any) -> None:
            await counts(name, lambda: desk.did(user, interaction, operation, **parameters))

        bins = (await desk.get("/me/workbins?fields=*")).body["workbins"]
        progress = next(one["id"] for one in bins if one["workbinName"] == "In_Progress")
        pull = {"operationName": "PullInteraction"}

        interaction = await counts("submit and offer", lambda: desk.submits("vip", "email"))
        await did("reject", "Reject")
        await counts("a round ends", lambda: desk.time_passes(seconds=61))
        await did("accept", "Accept")
        await did("attach", "AttachUserData", userData={"a": 1})
        await counts("read one", lambda: desk.get(f"/me/interactions/{interaction}"))
        await counts("read one's own", lambda: desk.get("/me/interactions?fields=*"))
        await counts("read everything of one's own", lambda: desk.get("/me?subresources=*"))
        await counts("read the history", lambda: desk.get(f"/interactions/{interaction}/events"))
        await did("park", "PlaceInWorkbin", workbin="In_Progress")
        await counts("read the bin", lambda: desk.get(f"/me/workbins/{progress}?subresources=*"))
        await counts("pull", lambda: desk.post(f"/me/workbins/{progress}", {**pull, "id": interaction}))
        await did("hand on", "Transfer", userId=grace)
        await did("take over", "Accept", "grace")
        await did("put back", "PlaceInQueue", "grace", queueName="vip")
        await counts("an offer expires", lambda: desk.time_passes(seconds=31))
        await counts("not ready", lambda: desk.becomes("ada", "NotReady", "email"))
        await counts("ready for what waits", lambda: desk.becomes("ada", "Ready", "workitem"))
        mine = next(one for one, state in (await desk.held_by("ada")).items() if state == "Invited")
        await counts("accept one of many that waited", lambda: desk.did("ada", mine, "Accept"))
        await counts("complete, and be offered the next", lambda: desk.did("ada", mine, "Complete"))
        headers = {"idempotency-key": "new"}
        body = {"mediaType": "chat", "queueName": "support", "externalId": "new"}
        for name in ("submit with a key", "submit it again"):
            await counts(name, lambda: desk.post("/interactions", body, "root", headers=headers))
        await counts("sweep", desk.app.sweeper.sweep)
        await counts("sign in", lambda: desk.get("/me", "sam"))
    return costs


async def test_a_list_of_what_is_live_does_not_look_at_what_is_finished(tmp_path: Path) -> None:
    few, many = [await _costs_of_a_list(tmp_path / f"{stored}", stored) for stored in (FEW, MANY)]
    assert many <= few * TOLERANCE, (few, many)


async def _costs_of_a_list(directory: Path, stored: int) -> int:
    async with opened(directory, ManualClock()) as desk:
        await desk.submits("vip")
        await desk.get("/interactions", "root")
        await fill(desk, stored, only_finished=True)
        before = Counted.steps
        got = await desk.get("/interactions?fields=*&limit=10", "root")
        assert got.body["totalCount"] == 1
        return Counted.steps - before


async def fill(desk: Desk, stored: int, *, only_finished: bool = False) -> None:
    """So many of everything: waiting, worked on and parked by linus, finished; agents, sessions and answers."""
    found = await desk.app.store.read_server(lambda tx: tx.credentials("linus"))
    assert found is not None
    centre, linus, password_hash = found

    async def interactions_of_all_kinds(tx: Transaction) -> None:
        for number in range(stored):
            await _finished(tx, linus.id, number)
            if not only_finished:
                await _live(tx, linus.id, number)

    async def agents(tx: Transaction) -> None:
        ids = tuple(UserId(f"{number:032x}") for number in range(stored))
        for number, user_id in enumerate(ids):
            await tx.users.add(User(id=user_id, user_name=f"agent-{number}"), password_hash)
            channels = tuple(
                Channel(channel=name, state="Ready", idle_since_ms=number) for name in ("email", "workitem")
            )
            await tx.agents.save(Agent(user_id=user_id, is_in_session=True, last_seen_ms=FAR_MS, channels=channels))
            await tx.answers.add(user_id, "key", "digest", Outcome(), at_ms=FAR_MS)
        await tx.queues.add(Queue(id=QueueId("elsewhere"), name="elsewhere", agents=ids))

    async def sessions(tx: ServerTransaction) -> None:
        for number in range(stored):
            await tx.add_session(_session(centre, linus.id, number))

    await desk.app.store.transact(centre, interactions_of_all_kinds)
    if not only_finished:
        await desk.app.store.transact(centre, agents)
        await desk.app.store.transact_server(sessions)
    await _all_is_heard(desk)


async def _all_is_heard(desk: Desk) -> None:
    """So much was committed at once that it takes turns until the router has heard of it all."""
    before = -1
    while before != desk.app.store.statistics.reads:
        before = desk.app.store.statistics.reads
        for _ in range(10):
            await desk.settled()


async def _live(tx: Transaction, linus: UserId, number: int) -> None:
    await _recorded(tx, _submitted("vip", await _queue(tx, "vip"), number, "waiting"))
    for kind in ("held", "parked"):
        change = await _recorded(tx, _submitted("sales", await _queue(tx, "sales"), number, kind))
        change = await _recorded(tx, interactions.offer(change.after, (linus,), deadline_ms=FAR_MS))
        change = await _recorded(tx, interactions.accept(change.after, linus))
        if kind == "parked":
            workbin = await tx.workbins.named("In_Progress")
            assert workbin is not None
            await _recorded(tx, interactions.place_in_workbin(change.after, linus, workbin.id, OwnerId(linus)))


async def _finished(tx: Transaction, linus: UserId, number: int) -> None:
    change = await _recorded(tx, _submitted("vip", await _queue(tx, "vip"), number, "finished"))
    change = await _recorded(tx, interactions.offer(change.after, (linus,), deadline_ms=FAR_MS))
    change = await _recorded(tx, interactions.accept(change.after, linus))
    await _recorded(tx, interactions.complete(change.after, linus))


async def _queue(tx: Transaction, name: str) -> QueueId:
    queue = await tx.queues.named(name)
    assert queue is not None
    return queue.id


async def _recorded(tx: Transaction, change: Change) -> Change:
    await journal.record(tx, change, at_ms=change.after.received_at_ms)
    return change


def _submitted(name: str, queue: QueueId, number: int, kind: str) -> Change:
    return interactions.submit(
        interaction_id=InteractionId(f"{kind[0].upper()}{number:015d}"),
        media_type="workitem",
        queue=queue,
        queue_name=name,
        subject=kind,
        priority=0,
        data={"number": number},
        external_id=f"{kind} {number}",
        subtype="InboundNew",
        at_ms=1_700_000_000_000,
        limits=UserDataLimits(),
    )


def _session(centre: ContactCentreId, user: UserId, number: int) -> HttpSession:
    return HttpSession(
        secret_hash=f"hash {number}",
        contact_centre=centre,
        user_id=user,
        csrf_token="token",
        created_at_ms=1_700_000_000_000,
        last_used_ms=FAR_MS,
    )
