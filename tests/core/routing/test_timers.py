"""Moments at which something is looked at again."""

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core.routing.timers import Timers

THINGS = st.sampled_from("abcde")
ACTS = st.lists(
    st.tuples(THINGS, st.none() | st.integers(0, 20)) | st.integers(0, 20).map(lambda now: ("", now)), max_size=200
)


@given(ACTS)
def test_everything_is_due_once_at_the_moment_that_was_set_last(acts: list[tuple[str, int | None]]) -> None:
    timers: Timers[str] = Timers()
    model: dict[str, int] = {}
    for thing, at in acts:
        if thing:
            timers.set(thing, at)
            model.pop(thing, None)
            if at is not None:
                model[thing] = at
        else:
            assert at is not None
            due = sorted((moment, one) for one, moment in model.items() if moment <= at)
            assert timers.pop_due(at) == [one for _, one in due]
            model = {one: moment for one, moment in model.items() if moment > at}
        assert timers.next_ms == min(model.values(), default=None)
        assert len(timers) == len(model)


def test_setting_again_and_again_leaves_nothing_behind() -> None:
    timers: Timers[str] = Timers()
    for moment in range(10_000):
        timers.set(f"thing {moment % 3}", moment)
    assert len(timers._heap) < 200
    assert timers.pop_due(10_000) == ["thing 1", "thing 2", "thing 0"]
