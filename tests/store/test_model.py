"""Law: whatever is decided about interactions, the store agrees with plain dicts that were told the same."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.core.errors import FrontdeskError
from frontdesk.core.events import Committed, InteractionChanged
from frontdesk.core.ids import InteractionId, OwnerId, UserId
from frontdesk.core.interactions import Change, Interaction
from frontdesk.ports import Page, Transaction
from frontdesk.services import journal
from frontdesk.store.verify import verify
from tests.store.centres import ADA, NOON_MS, Centre, sqlite_store
from tests.store.floor import ACTS, DRAFTS, PEOPLE, QUEUES, Act, create, furnish, submit

NAMES = ("A", "B", "C", "D", "E")
MEDIA = ("workitem", "email")


class Step(NamedTuple):
    """Which interaction something happens to, and what: the n-th of all legal acts, in its n-th way.

    `is_regretted`: the body fails after all was written.
    """

    name: str
    act: int
    way: int
    is_regretted: bool


steps = st.builds(
    Step,
    name=st.sampled_from(NAMES),
    act=st.integers(0, len(ACTS)),
    way=st.integers(0, 8),
    is_regretted=st.sampled_from([False] * 9 + [True]),
)


class Regret(Exception):
    """A body that wrote everything and then fails."""


class Model:
    """What the store should hold."""

    def __init__(self) -> None:
        self.interactions: dict[str, Interaction] = {}
        self.histories: dict[str, list[InteractionChanged]] = defaultdict(list)
        self.heard: dict[UserId, list[InteractionChanged]] = defaultdict(list)

    def decide(self, step: Step, at_ms: int) -> Change | None:
        """What the step leads to, or None if nothing can happen to it any more."""
        one = self.interactions.get(step.name)
        if one is None:
            return _born(step, at_ms)
        legal = [ways for act in ACTS.values() if (ways := list(_ways(act, one, at_ms)))]
        if not legal:
            return None
        ways = legal[step.act % len(legal)]
        return ways[step.way % len(ways)]

    def remember(self, committed: Committed) -> None:
        event = committed.event
        assert isinstance(event, InteractionChanged)
        self.interactions[event.after.id] = event.after
        self.histories[event.after.id].append(event)
        for hearer in event.hearers:
            self.heard[hearer].append(event)
        assert committed.numbers == tuple((hearer, len(self.heard[hearer])) for hearer in event.hearers)

    def where(self, **given: object) -> list[Interaction]:
        """Those with these attributes, by id."""
        return [
            one
            for _, one in sorted(self.interactions.items())
            if all(getattr(one, name) == value for name, value in given.items())
        ]


def _born(step: Step, at_ms: int) -> Change:
    if step.act % 3 == 0:
        return create(step.name, list(PEOPLE.values())[step.way % 3], at_ms=at_ms)
    media_type = MEDIA[step.act % 2]
    return submit(step.name, media_type=media_type, priority=step.way % 2, at_ms=at_ms, external_id=f"crm-{step.name}")


def _ways(act: Act, one: Interaction, at_ms: int) -> Iterator[Change]:
    """Every way in which something can be done by one of the agents with another."""
    for who, other in product(PEOPLE.values(), repeat=2):
        with suppress(FrontdeskError):
            yield act(one, who, other, at_ms)


@pytest.mark.timeout(300)  # it opens a store for each example, which takes long beside other work
@settings(max_examples=40)
@given(st.lists(steps, min_size=20, max_size=60))
def test_the_store_agrees_with_plain_dicts(taken: list[Step]) -> None:
    with TemporaryDirectory() as directory:
        asyncio.run(live_through(Path(directory), taken))


async def live_through(directory: Path, taken: list[Step]) -> None:
    store = sqlite_store(directory)
    await store.open()
    try:
        centre = await Centre.founded(store, "ours")
        await centre.does(furnish)
        model = Model()
        # All at once, so that they share commits; they are run in the order in which they were asked for.
        await asyncio.gather(*(take(centre, model, step, NOON_MS + number) for number, step in enumerate(taken)))
        await centre.sees(lambda tx: agree(tx, model))
        assert await centre.sees_on_server(lambda tx: tx.next_deadline()) == soonest(model)
        findings = [str(one) for one in verify(directory)]
        assert findings == []
    finally:
        await store.close()


async def take(centre: Centre, model: Model, step: Step, at_ms: int) -> None:
    async def body(tx: Transaction) -> None:
        assert await tx.interactions.find(InteractionId(step.name)) == model.interactions.get(step.name)
        change = model.decide(step, at_ms)
        if change is not None:
            committed = await journal.record(tx, change, at_ms=at_ms, actor=ADA)
            if step.is_regretted:
                raise Regret
            model.remember(committed)

    with suppress(Regret):
        await centre.does(body)


def soonest(model: Model) -> int | None:
    return min((one.deadline_ms for one in model.interactions.values() if one.deadline_ms), default=None)


async def agree(tx: Transaction, model: Model) -> None:
    """Everything that can be asked is as the model says."""
    everything = Page(100)
    live = [one for one in model.where() if not one.is_final]
    assert await tx.interactions.live(everything) == (live, len(live))
    for name in NAMES:
        one = model.interactions.get(name)
        assert await tx.interactions.find(InteractionId(name)) == one
        history = model.histories[name]
        found, total = await tx.events.of_interaction(InteractionId(name), everything)
        assert ([event for _, event in found], total) == (history, len(history))
        if one is not None and one.external_id is not None:
            assert await tx.interactions.by_external_id(one.media_type, one.external_id) == name
    for user in PEOPLE.values():
        held = [one for one in model.where() if one.is_held_by(user)]
        assert await tx.interactions.held_by(user) == held
        agent = await tx.agents.get(user)
        assert {channel.channel: channel.load for channel in agent.channels} == {
            media_type: sum(one.media_type == media_type for one in held) for media_type in MEDIA
        }
        heard = [(number, committed.event) for number, committed in await tx.events.heard_by(user, above=0, limit=999)]
        assert heard == list(enumerate(model.heard[user], start=1))
        assert await tx.events.number_of(user) == len(heard)
        parked = model.where(workbin=DRAFTS, workbin_owner=OwnerId(user))
        assert await tx.interactions.in_workbin(DRAFTS, OwnerId(user), everything) == (parked, len(parked))
    for queue in QUEUES:
        assert await tx.interactions.uses_of_queue(queue) == sum(one.queue == queue for one in live)
