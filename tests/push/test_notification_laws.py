"""Laws of notifications, over random lives of interactions between three agents.

At each step chance picks one of the acts that are legal then. Every event takes its way through the event table: it is
written down and read again before messages are made of it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core import events, interactions
from frontdesk.core.errors import FrontdeskError
from frontdesk.core.events import BinChange, Committed, Event, InteractionChanged
from frontdesk.core.ids import ContactCentreId, OwnerId, UserId
from frontdesk.core.interactions import Change, Interaction
from frontdesk.kit import codec
from frontdesk.push.notifications import messages_for
from frontdesk.wire.interactions import media_shown, medium_of, shown
from tests.wire.examples import ADA, ADDRESSES, GRACE, IN_PROGRESS, LIMITS, LINUS, SALES, draft, seen, waiting

AGENTS = (ADA, GRACE, LINUS)
REFERENCE_ID = 17
#: What a client takes as the end of an interaction for its agent.
ENDS = {"Completed", "Canceled", "Sent", "Revoked", "InWorkbin"}

READER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)

user_data = st.dictionaries(
    st.sampled_from(["Subject", "Order", "Nachname", "ключ"]),
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=5), st.just({"number": 7})),
    max_size=3,
)


class Chance(msgspec.Struct, frozen=True):
    """What decides one step of a life: which of the legal acts, by which holder, towards whom, with what."""

    act: int
    holder: int
    other: UserId
    data: dict[str, Any]

    def agent(self, before: Interaction) -> UserId:
        return before.holders[self.holder % len(before.holders)] if before.holders else self.other

    def step(self, before: Interaction) -> Change | None:
        """The change, or None when nothing can happen any more."""
        agent, other = self.agent(before), self.other
        possible: list[Callable[[], Change]] = [
            lambda: interactions.accept(before, agent),
            lambda: interactions.reject(before, agent, round_ends_at_ms=1),
            lambda: interactions.withdraw(before, agent, round_ends_at_ms=1),
            lambda: interactions.expire(before, round_ends_at_ms=1),
            lambda: interactions.new_round(before),
            lambda: interactions.place_in_queue(before, agent, SALES, "sales", at_ms=1),
            lambda: interactions.transfer(before, agent, other, deadline_ms=1),
            lambda: interactions.place_in_workbin(before, agent, IN_PROGRESS, OwnerId(agent)),
            lambda: interactions.attach_user_data(before, agent, self.data, LIMITS),
            lambda: interactions.delete_user_data(before, agent, self.data),
            lambda: interactions.set_disposition(before, agent, "solved", "DISP_KEY", LIMITS),
            lambda: interactions.complete(before, agent),
            lambda: interactions.cancel(before, agent),
        ]
        if before.state == "Queued":
            invitees = tuple(dict.fromkeys((other, AGENTS[self.holder % 3])))
            possible.append(lambda: interactions.offer(before, invitees, deadline_ms=1))
        if before.state == "InWorkbin":
            possible.append(lambda: interactions.pull(before, agent))
        legal = [change for change in map(_unless_refused, possible) if change is not None]
        return legal[self.act % len(legal)] if legal else None


def _unless_refused(act: Callable[[], Change]) -> Change | None:
    try:
        return act()
    except FrontdeskError:
        return None


births = st.one_of(st.sampled_from(["email", "chat", "workitem", "fax"]).map(waiting), st.builds(draft))
chances = st.builds(Chance, st.integers(0, 999), st.integers(0, 5), st.sampled_from(AGENTS), user_data)
lives = st.tuples(births, st.lists(chances, min_size=5, max_size=30), st.sets(st.sampled_from(AGENTS)))


def lived(life: tuple[Interaction, list[Chance], set[UserId]]) -> Iterator[tuple[Change, Committed]]:
    """Every change of a life and the event of it; the third part of a life subscribes to the workbin."""
    now, what_happens, subscribers = life
    numbers: Counter[UserId] = Counter()
    change: Change | None = Change("Create", None, now)
    actor = ADA
    for seq, chance in enumerate(what_happens, start=1):
        if change is None:
            return
        touched = events.bin_left_or_entered(change)
        event = events.told(
            change,
            at_ms=seq,
            actor=actor,
            reference_id=REFERENCE_ID,
            bin_change=BinChange(*touched, tuple(sorted(subscribers))) if touched else None,
        )
        read = READER.decode(codec.encode(event))
        assert isinstance(read, InteractionChanged)
        numbers.update(read.hearers)
        hearers = tuple((hearer, numbers[hearer]) for hearer in read.hearers)
        yield change, Committed(ContactCentreId("centre"), seq, read, hearers)
        actor, change = chance.agent(change.after), chance.step(change.after)


def heard(committed: Committed, user_id: UserId) -> dict[str, Any]:
    """The data of the messages to one user, by channel. Who hears nothing of it gets none."""
    number = dict(committed.numbers).get(user_id, 0)
    messages = messages_for(committed, user_id, number, ADDRESSES, lambda _act: True)
    return {message.channel: codec.decode(message.payload) for message in messages}


@given(lives)
def test_for_a_holder_the_object_in_the_notification_is_what_get_showed(life: Any) -> None:
    for change, committed in lived(life):
        after = change.after
        medium = medium_of(after.media_type)
        for user_id in after.holders:
            data = heard(committed, user_id)
            assert data["/v2/me/interactions"]["interaction"] == seen(shown(after, user_id, ADDRESSES))
            assert data[medium.topic][medium.singular] == seen(media_shown(after, user_id, ADDRESSES))


@given(lives)
def test_what_an_agent_held_and_was_told_is_what_the_agent_holds(life: Any) -> None:
    """Old snapshot + messages = fresh snapshot, for a client that knows the states that end it."""
    desks: dict[UserId, dict[str, Any]] = {user_id: {} for user_id in AGENTS}
    for change, committed in lived(life):
        for user_id, desk in desks.items():
            told = heard(committed, user_id).get("/v2/me/interactions")
            if told is None:
                continue
            if told["interaction"]["state"] in ENDS:
                desk.pop(told["interaction"]["id"], None)
            else:
                desk[told["interaction"]["id"]] = told["interaction"]
        after = change.after
        for user_id, desk in desks.items():
            held = {after.id: seen(shown(after, user_id, ADDRESSES))} if after.is_held_by(user_id) else {}
            assert desk == held


@given(lives)
def test_who_does_not_hold_it_is_told_of_no_operations(life: Any) -> None:
    for change, committed in lived(life):
        for user_id in AGENTS:
            if change.after.is_held_by(user_id):
                continue
            for data in heard(committed, user_id).values():
                assert [value["capabilities"] for value in data.values() if isinstance(value, dict)] == [[]]


@given(lives)
def test_every_hearer_hears_something_and_nobody_else_anything(life: Any) -> None:
    for _, committed in lived(life):
        hearers = dict(committed.numbers)
        for user_id in AGENTS:
            messages = heard(committed, user_id)
            assert bool(messages) == (user_id in hearers)
            for data in messages.values():
                assert data["replayId"] == hearers[user_id]


@given(lives)
def test_only_the_actor_is_given_the_reference(life: Any) -> None:
    for _, committed in lived(life):
        for user_id in AGENTS:
            for data in heard(committed, user_id).values():
                assert ("referenceId" in data) == (committed.event.actor == user_id)
