"""Which agent is asked next."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from frontdesk.core import routing
from frontdesk.core.ids import UserId
from frontdesk.core.routing import Candidate
from tests.core.test_interactions import queued

USERS = st.sampled_from([UserId(name) for name in "abcde"])
CANDIDATES = st.lists(
    st.builds(Candidate, USERS, st.integers(0, 5), st.integers(0, 3), st.integers(1, 3)),
    unique_by=lambda one: one.user_id,
)


@given(CANDIDATES, st.sets(USERS))
def test_the_chosen_has_room_did_not_refuse_and_nobody_who_could_was_idle_longer(
    candidates: list[Candidate], refused: set[UserId]
) -> None:
    waiting = replace(queued(), refused_by=tuple(sorted(refused)))
    chosen = routing.choose(waiting, candidates)
    able = [one for one in candidates if one.load < one.room and one.user_id not in refused]
    if chosen is None:
        assert not able
    else:
        idle_since = {one.user_id: one.idle_since_ms for one in able}
        assert idle_since[chosen] == min(idle_since.values())


@given(CANDIDATES, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_makes_no_difference(candidates: list[Candidate], chance: Random) -> None:
    shuffled = sorted(candidates, key=lambda _: chance.random())
    assert routing.choose(queued(), candidates) == routing.choose(queued(), shuffled)
