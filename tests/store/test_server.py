"""What belongs to no contact centre: sign-ins that find theirs, and sweeps over all of them."""

import pytest
from msgspec.structs import replace

from frontdesk.core import agents
from frontdesk.core.agents import Agent
from frontdesk.core.errors import AlreadyExists
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.lifecycle import State
from frontdesk.core.users import ContactCentre
from frontdesk.ports import HttpSession, ServerTransaction
from tests.store.centres import ADA, GRACE, LINUS, NOON_MS, Centre, invited, later, queued, user


async def test_contact_centres_are_listed_by_name_and_each_name_is_taken_once(ours: Centre, theirs: Centre) -> None:
    found = await ours.sees_on_server(lambda tx: tx.contact_centres())
    assert found == [ContactCentre(id=ours.id, name="ours"), ContactCentre(id=theirs.id, name="theirs")]
    with pytest.raises(AlreadyExists, match="'ours'"):
        await ours.does_on_server(lambda tx: tx.add_contact_centre(ContactCentre(id=ContactCentreId("x"), name="ours")))


async def test_a_sign_in_finds_its_contact_centre(ours: Centre, theirs: Centre) -> None:
    ada, eve = user(ADA, "ada"), user(GRACE, "eve")
    await ours.does(lambda tx: tx.users.add(ada, "hash of ada"))
    await theirs.does(lambda tx: tx.users.add(eve, "hash of eve"))

    assert await ours.sees_on_server(lambda tx: tx.credentials("ada")) == (ours.id, ada, "hash of ada")
    assert await ours.sees_on_server(lambda tx: tx.credentials("eve")) == (theirs.id, eve, "hash of eve")
    assert await ours.sees_on_server(lambda tx: tx.credentials("nobody")) is None
    assert await ours.sees_on_server(lambda tx: tx.user(GRACE)) == (theirs.id, eve)
    assert await ours.sees_on_server(lambda tx: tx.user(LINUS)) is None


# ── HTTP sessions ────────────────────────────────────────────────────────────────────────────────


def session(name: str, centre: Centre, user_id: UserId = ADA, *, born: int = 0, used: int = 0) -> HttpSession:
    return HttpSession(
        secret_hash=name,
        contact_centre=centre.id,
        user_id=user_id,
        csrf_token=f"csrf of {name}",
        created_at_ms=NOON_MS + born,
        last_used_ms=NOON_MS + used,
    )


async def add(centre: Centre, *given: HttpSession) -> None:
    async def body(tx: ServerTransaction) -> None:
        for one in given:
            await tx.add_session(one)

    await centre.does_on_server(body)


async def alive(centre: Centre, names: str) -> str:
    async def body(tx: ServerTransaction) -> str:
        return "".join([name for name in names if await tx.session(name)])

    return await centre.sees_on_server(body)


async def test_a_session_is_found_by_the_hash_of_its_cookie(ours: Centre) -> None:
    await add(ours, session("a", ours))
    assert await ours.sees_on_server(lambda tx: tx.session("a")) == session("a", ours)
    assert await ours.sees_on_server(lambda tx: tx.session("b")) is None


async def test_the_last_use_of_a_session_only_gets_younger(ours: Centre) -> None:
    await add(ours, session("a", ours))
    await ours.does_on_server(lambda tx: tx.touch_session("a", NOON_MS + 9))
    await ours.does_on_server(lambda tx: tx.touch_session("a", NOON_MS + 3))
    assert await ours.sees_on_server(lambda tx: tx.session("a")) == session("a", ours, used=9)


async def test_sessions_end_one_by_one_or_all_of_a_user_but_one(ours: Centre) -> None:
    await add(ours, *(session(name, ours) for name in "abcd"), session("e", ours, GRACE))

    await ours.does_on_server(lambda tx: tx.remove_session("a"))
    assert await alive(ours, "abcde") == "bcde"
    assert sorted(await ours.does_on_server(lambda tx: tx.remove_sessions_of(ADA, but="c"))) == ["b", "d"]
    assert await alive(ours, "abcde") == "ce"
    assert await ours.does_on_server(lambda tx: tx.remove_sessions_of(ADA)) == ["c"]
    assert await ours.does_on_server(lambda tx: tx.remove_sessions_of(ADA)) == []
    assert await alive(ours, "abcde") == "e"


async def test_sessions_die_of_idleness_or_of_age(ours: Centre) -> None:
    await add(
        ours,
        session("a", ours, born=-100, used=-1),
        session("b", ours, born=-50, used=-30),
        session("c", ours, born=-100, used=-30),
        session("d", ours, born=-50, used=-29),
    )
    dead = await ours.does_on_server(
        lambda tx: tx.remove_dead_sessions(unused_since_ms=NOON_MS - 29, born_before_ms=NOON_MS - 99)
    )
    assert sorted(dead) == ["a", "b", "c"]
    assert await alive(ours, "abcd") == "d"


# ── sweeps ───────────────────────────────────────────────────────────────────────────────────────


async def test_deadlines_are_found_in_order_across_contact_centres(ours: Centre, theirs: Centre) -> None:
    assert await ours.sees_on_server(lambda tx: tx.next_deadline()) is None
    late = invited("A", ADA, deadline_ms=NOON_MS + 20)
    await ours.does(lambda tx: tx.interactions.add(late))
    await theirs.does(lambda tx: tx.interactions.add(queued("B", deadline_ms=NOON_MS + 10)))
    await ours.does(lambda tx: tx.interactions.add(queued("C", deadline_ms=NOON_MS + 20)))
    await ours.does(lambda tx: tx.interactions.add(queued("D")))

    assert await ours.sees_on_server(lambda tx: tx.next_deadline()) == NOON_MS + 10
    assert await ours.sees_on_server(lambda tx: tx.due(NOON_MS + 9, 10)) == []
    assert await ours.sees_on_server(lambda tx: tx.due(NOON_MS + 10, 10)) == [(theirs.id, "B")]
    everything = [(theirs.id, "B"), (ours.id, "A"), (ours.id, "C")]
    assert await ours.sees_on_server(lambda tx: tx.due(NOON_MS + 20, 10)) == everything
    assert await ours.sees_on_server(lambda tx: tx.due(NOON_MS + 20, 2)) == everything[:2]

    accepted = later(late, state=State.PROCESSING, owner=ADA, invitees=(), deadline_ms=None)
    await ours.does(lambda tx: tx.interactions.save(late, accepted))
    assert await ours.sees_on_server(lambda tx: tx.due(NOON_MS + 99, 10)) == [everything[0], everything[2]]


async def test_silent_agents_are_those_in_session_without_a_sign_of_life(ours: Centre, theirs: Centre) -> None:
    def in_session(user_id: UserId, at_ms: int) -> Agent:
        return agents.start(Agent(user_id=user_id), ["chat"], place="", at_ms=at_ms)

    gone = replace(in_session(LINUS, NOON_MS - 99), is_in_session=False)
    await ours.does(lambda tx: tx.agents.save(gone))
    await ours.does(lambda tx: tx.agents.save(in_session(ADA, NOON_MS)))
    await theirs.does(lambda tx: tx.agents.save(in_session(GRACE, NOON_MS - 5)))

    assert await ours.sees_on_server(lambda tx: tx.silent_agents(NOON_MS, 10)) == [(theirs.id, GRACE)]
    assert await ours.sees_on_server(lambda tx: tx.silent_agents(NOON_MS + 1, 10)) == [
        (theirs.id, GRACE),
        (ours.id, ADA),
    ]
    assert await ours.sees_on_server(lambda tx: tx.silent_agents(NOON_MS + 1, 1)) == [(theirs.id, GRACE)]
