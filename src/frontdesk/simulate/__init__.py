"""The simulator: the production router and lifecycle over simulated time, without a database and without waiting."""

from frontdesk.simulate.floor import simulated
from frontdesk.simulate.results import Results
from frontdesk.simulate.scenario import Scenario, ScenarioWrong, load, loaded

__all__ = ["Results", "Scenario", "ScenarioWrong", "load", "loaded", "simulated"]
