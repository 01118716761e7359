"""Whatever people ask for, in whatever order and however much at once: the promises of the design hold.

After each step everything that was committed is followed by rules that know nothing of the program, answers are held
against what was foreseen, rows against events; and what each client makes of its messages against a fresh snapshot.
"""

import asyncio
import itertools
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.properties.asking import CHANNELS, STATES, Dice, dice
from tests.properties.lives import Lives, lives
from tests.properties.world import ADMINISTRATORS, AGENTS, Home

T = TypeVar("T")

BINS = ("In_Progress", "Drafts", "Team")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("examples", "steps"), [(25, 30), pytest.param(150, 60, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_the_promises_hold_whatever_is_asked_for(home: Home, tmp_path: Path, examples: int, steps: int) -> None:
    names = itertools.count()

    class HereAndNow(Chance):
        def __init__(self) -> None:
            super().__init__(home, tmp_path / f"world-{next(names)}")

    run_state_machine_as_test(
        HereAndNow,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


class Chance(RuleBasedStateMachine):
    """What hypothesis may have happen in one world."""

    def __init__(self, home: Home, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self._runner = asyncio.Runner()
        self._opened = lives(home, directory)
        self.lived: Lives = self._do(self._opened.__aenter__())

    def _do(self, doing: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(doing)

    @initialize(ready=st.sets(st.sampled_from(AGENTS), min_size=3))
    def people_come_to_work(self, ready: set[str]) -> None:
        self._do(self.lived.begins(ready))

    @rule(user=st.sampled_from(AGENTS), channels=st.sets(st.sampled_from(CHANNELS), min_size=1))
    def an_agent_starts_a_session(self, user: str, channels: set[str]) -> None:
        self._do(self.lived.starts(user, sorted(channels)))

    @rule(user=st.sampled_from(AGENTS), state=st.sampled_from(STATES), channel=st.sampled_from((None, *CHANNELS)))
    def an_agent_changes_state(self, user: str, state: str, channel: str | None) -> None:
        self._do(self.lived.sets(user, state, channel))

    @rule(user=st.sampled_from(AGENTS))
    def an_agent_ends_the_session(self, user: str) -> None:
        self._do(self.lived.ends(user))

    @rule(user=st.sampled_from(AGENTS), held=st.sampled_from(BINS), wanted=st.booleans())
    def an_agent_watches_a_bin(self, user: str, held: str, wanted: bool) -> None:
        self._do(self.lived.watches(user, held, wanted=wanted))

    @rule(one_by_one=st.lists(dice, min_size=1, max_size=12), keyed=st.booleans())
    def people_work(self, one_by_one: list[Dice], keyed: bool) -> None:
        for thrown in one_by_one:
            self._do(self.lived.asks(thrown, keyed=keyed))

    @rule(several=st.lists(dice, min_size=2, max_size=6), same=st.booleans(), twice=st.booleans())
    def people_ask_at_once(self, several: list[Dice], same: bool, twice: bool) -> None:
        self._do(self.lived.ask_at_once(several, same=same, twice=twice))

    @rule(admin=st.sampled_from(ADMINISTRATORS), size=st.integers(3, 6))
    def chats_come_in_a_rush(self, admin: str, size: int) -> None:
        self._do(self.lived.a_rush_of_chats(admin, size))

    @precondition(lambda self: self.lived.keyed)
    @rule(which=st.integers(0, 20))
    def somebody_asks_again(self, which: int) -> None:
        self._do(self.lived.asks_again(which))

    @precondition(lambda self: self.lived.keyed)
    @rule(which=st.integers(0, 20))
    def somebody_uses_a_key_for_something_else(self, which: int) -> None:
        self._do(self.lived.uses_a_key_for_something_else(which))

    @rule(seconds=st.sampled_from((1, 10, 31, 61)))
    def time_passes(self, seconds: int) -> None:
        self._do(self.lived.world.time_passes(seconds))

    @rule()
    def everybody_looks(self) -> None:
        self._do(self.lived.everybody_sees_what_there_is())

    @invariant()
    def all_is_in_its_place(self) -> None:
        self._do(self.lived.all_is_in_its_place())

    def teardown(self) -> None:
        try:
            self._do(self._opened.__aexit__(None, None, None))
        finally:
            self._runner.close()
            shutil.rmtree(self._directory, ignore_errors=True)
