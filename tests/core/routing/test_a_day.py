"""A whole day with every rule at work, and the same day again elsewhere."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from frontdesk.core.policy import Choice
from frontdesk.core.routing import Offer, Overflow, OverflowCause, RoutingState, Rule
from tests.core.routing.day import FACTS, MONDAY_MS, POLICY, Day, fingerprint
from tests.core.routing.reference import Reference

ROOT = Path(__file__).resolve().parents[3]


def test_days_are_decided_as_by_looking_at_every_pair() -> None:
    seen: Counter[str] = Counter()
    for seed in range(4):
        router, reference = RoutingState(FACTS, POLICY, MONDAY_MS), Reference(FACTS, POLICY, MONDAY_MS)
        for decisions, expected in Day(seed, router, reference).run(500):
            offers = [one for one in decisions if isinstance(one, Offer)]
            assert offers == [one for one in expected if isinstance(one, Offer)]
            assert sorted(decisions, key=repr) == sorted(expected, key=repr)
            for one in decisions:
                seen[type(one).__name__] += 1
                if isinstance(one, Offer):
                    seen.update([one.record.choice, f"step {one.record.step}", *one.record.excluded])
                elif isinstance(one, Overflow):
                    seen[one.cause] += 1
    assert seen.keys() >= {"Offer", "Overflow", "AutoAnswer", "step 0", "step 1", "step 2"}
    assert seen.keys() >= {*Choice, *Rule, *OverflowCause}


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_the_same_day_is_decided_the_same_to_the_byte_in_another_interpreter(hash_seed: str) -> None:
    """Sets and hashes come in another order there."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.core.routing.day", "5", "500"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        check=True,
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert told.stdout == fingerprint(5, 500)
