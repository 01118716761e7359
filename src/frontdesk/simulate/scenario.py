"""A scenario: what a simulated contact centre is like and what comes to it, as a TOML document.

Names stand for things throughout, and are their ids in the simulation. Every `[[agents]]` table is also a group of its
name. `[policy]` is the document that `PUT /api/v2/routing/policy` takes.
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from frontdesk.core import policy_checks
from frontdesk.core.agents import check_channel_name
from frontdesk.core.errors import FrontdeskError
from frontdesk.core.ids import GroupId, QueueId, UserId
from frontdesk.core.policy import Policy
from frontdesk.core.routing import AgentFacts, Facts, QueueFacts
from frontdesk.kit.zones import zone
from frontdesk.simulate import chance, traffic
from frontdesk.simulate.chance import Constant, Exponential, Times

_HOURS: Final = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")
_MINUTES_OF_DAY: Final = 24 * 60
_MOST_AGENTS: Final = 100_000
_HOURS_OF_DAY: Final = 24
_TOLD: Final = 10


class ScenarioWrong(Exception):
    """What is wrong with a scenario, in words for whoever wrote it."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the document; an unknown key in it is refused."""


class Queue(_Part, frozen=True):
    """Who serves it: groups (also the names of `[[agents]]` tables), single agents, or the policy's expressions."""

    name: str
    groups: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()


class Arrivals(_Part, frozen=True):
    """Customers who come to one queue by chance, at a rate per hour, or one rate for each of 24 hours of the day."""

    queue: str
    per_hour: float | tuple[float, ...]
    medium: str = "chat"
    priority: int = 0
    handle: Times = Exponential(mean_s=300)
    patience: Times | None = None


class Replay(_Part, frozen=True):
    """Customers who come as they came once: a file of lines `at_ms,queue,medium,priority`, counted from the start."""

    file: str
    handle: Times = Exponential(mean_s=300)
    patience: Times | None = None


class Agents(_Part, frozen=True):
    """So many alike. Without a shift they are always there; it may pass midnight, and comes every day."""

    name: str
    count: int = 1
    skills: dict[str, int] = {}
    groups: tuple[str, ...] = ()
    media: tuple[str, ...] = ("chat",)
    shift: str | None = None
    breaks: tuple[str, ...] = ()
    answer: Times = Constant(mean_s=0)
    """How long an agent takes to answer an offer."""
    accepts: float = 1.0
    """How likely an offer is accepted."""
    ignores: float = 0.0
    """How likely it is not answered at all; what is left of 1 is rejected."""
    back: Times = Constant(mean_s=300)
    """After how long an agent is Ready again who missed too many offers."""

    @property
    def names(self) -> tuple[UserId, ...]:
        if self.count == 1:
            return (UserId(self.name),)
        width = len(str(self.count))
        return tuple(UserId(f"{self.name}-{number:0{width}}") for number in range(1, self.count + 1))


class Scenario(_Part, frozen=True):
    """The document."""

    duration_s: int
    queues: tuple[Queue, ...]
    agents: tuple[Agents, ...]
    arrivals: tuple[Arrivals, ...] = ()
    replays: tuple[Replay, ...] = ()
    name: str = ""
    seed: int = 1
    warm_up_s: int = 0
    """What comes before that is served, and not counted."""
    start: datetime = datetime(2026, 1, 5, tzinfo=UTC)
    """With its offset from UTC; shifts and hours of the day are by that clock."""
    refused_pause_s: int = 60
    """After so long those who refused an interaction are asked again."""
    policy: Policy = Policy()
    folder: str = "."
    """Where the files of replays are; that of the scenario itself."""

    @property
    def start_ms(self) -> int:
        return int(self.start.timestamp()) * 1000

    @property
    def clock_ms(self) -> int:
        """The time of day at the start, by the clock of `start`."""
        return (self.start.hour * 3600 + self.start.minute * 60 + self.start.second) * 1000

    def replay_file(self, replay: Replay) -> Path:
        return Path(self.folder, replay.file)

    def facts(self) -> Facts:
        """The directory, as the router knows it."""
        agents: dict[UserId, AgentFacts] = {}
        groups: dict[GroupId, str] = {}
        for team in self.agents:
            of_team = frozenset(GroupId(group) for group in (team.name, *team.groups))
            groups.update({group: str(group) for group in sorted(of_team)})
            agents.update(
                {user: AgentFacts(name=str(user), skills=dict(team.skills), groups=of_team) for user in team.names}
            )
        queues = {
            QueueId(queue.name): QueueFacts(
                name=queue.name,
                agents=frozenset(UserId(agent) for agent in queue.agents),
                groups=frozenset(GroupId(group) for group in queue.groups),
            )
            for queue in self.queues
        }
        zones = {calendar.zone: zone(calendar.zone) for calendar in self.policy.calendars.values()}
        known = {name: found for name, found in zones.items() if found is not None}
        return Facts(agents=agents, queues=queues, groups=groups, zones={"UTC": UTC, **known})


def spans(text: str) -> tuple[int, int]:
    """Milliseconds of the day from when until when, the latter on the next day if it passes midnight. ValueError."""
    match = _HOURS.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' are no hours such as 08:00-16:30")
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    begins, ends = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if begins >= _MINUTES_OF_DAY or ends > _MINUTES_OF_DAY or begins == ends:
        raise ValueError(f"'{text}' are no hours such as 08:00-16:30")
    return begins * 60_000, (ends if ends > begins else ends + _MINUTES_OF_DAY) * 60_000


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def load(file: Path, *, over: Path | None = None, seed: int | None = None) -> Scenario:
    """From a file; what it leaves out is as in `over`. Raises ScenarioWrong."""
    tree = {**(_read(over) if over is not None else {}), **_read(file)}
    tree.setdefault("folder", str((over or file).parent))
    if seed is not None:
        tree["seed"] = seed
    return loaded(tree, str(file))


def loaded(tree: Mapping[str, Any], told_as: str = "scenario") -> Scenario:
    """From a document. Raises ScenarioWrong with every problem."""
    try:
        scenario = msgspec.convert(tree, Scenario)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        raise ScenarioWrong(f"{told_as}: {path.rstrip('`') or 'top level'}: {what}.") from None
    found = list(_problems(scenario))
    if found:
        more = f"; and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
        raise ScenarioWrong(f"{told_as}: {'; '.join(found[:_TOLD])}{more}.")
    return scenario


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioWrong(f"The scenario {file} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioWrong(f"The scenario {file} is no TOML: {error}.") from None


# ── what can be wrong ────────────────────────────────────────────────────────────────────────────


def _problems(scenario: Scenario) -> Iterator[str]:
    if not 1 <= scenario.duration_s <= policy_checks.YEAR_S:
        yield f"duration_s has to be from 1 to {policy_checks.YEAR_S}, not {scenario.duration_s}"
    if not 0 <= scenario.warm_up_s < max(1, scenario.duration_s):
        yield f"warm_up_s has to be less than duration_s, not {scenario.warm_up_s}"
    if scenario.start.tzinfo is None:
        yield "start needs an offset, such as 2026-01-05T08:00:00+01:00"
        return
    if not 0 <= scenario.refused_pause_s <= policy_checks.YEAR_S:
        yield f"refused_pause_s has to be from 0 to {policy_checks.YEAR_S}, not {scenario.refused_pause_s}"
    if sum(max(0, team.count) for team in scenario.agents) > _MOST_AGENTS:
        yield f"more than {_MOST_AGENTS} agents"
        return
    for team in scenario.agents:
        yield from (f"agents {team.name}: {text}" for text in _of_agents(team))
    names = [name for team in scenario.agents for name in team.names]
    yield from (f"there are two agents '{name}'" for name in _doubled(names))
    yield from (f"there are two queues '{name}'" for name in _doubled([queue.name for queue in scenario.queues]))
    facts = scenario.facts()
    for queue in scenario.queues:
        yield from (f"queue {queue.name}: there is no agent '{one}'" for one in queue.agents if one not in facts.agents)
        yield from (f"queue {queue.name}: there is no group '{one}'" for one in queue.groups if one not in facts.groups)
        if not (queue.agents or queue.groups or scenario.policy.of(QueueId(queue.name)).members):
            yield f"queue {queue.name}: nobody serves it; name groups, agents, or members in its policy"
    for number, arrivals in enumerate(scenario.arrivals, start=1):
        yield from (f"arrivals {number}: {text}" for text in _of_arrivals(arrivals, facts))
    for number, replay in enumerate(scenario.replays, start=1):
        yield from (f"replays {number}: {text}" for text in _of_replay(scenario, replay, facts))
    if not (scenario.arrivals or scenario.replays):
        yield "nobody comes; give arrivals or replays"
    yield from (f"policy: {text}" for text in policy_checks.checked(scenario.policy, facts))


def _of_agents(team: Agents) -> Iterator[str]:
    if not 1 <= team.count <= _MOST_AGENTS:
        yield f"count has to be from 1 to {_MOST_AGENTS}, not {team.count}"
    if not team.media:
        yield "media is empty"
    yield from (text for medium in team.media for text in _medium(medium))
    for text in (*([] if team.shift is None else [team.shift]), *team.breaks):
        try:
            spans(text)
        except ValueError as error:
            yield str(error)
    if not (0 <= team.accepts <= 1 and 0 <= team.ignores <= 1 and team.accepts + team.ignores <= 1):
        yield f"accepts ({team.accepts}) and ignores ({team.ignores}) are likelihoods, together at most 1"
    for name, times in (("answer", team.answer), ("back", team.back)):
        yield from _times(name, times)
    if isinstance(team.back, Constant) and team.back.mean_s == 0:
        yield "back has to take some time"


def _of_arrivals(arrivals: Arrivals, facts: Facts) -> Iterator[str]:
    if arrivals.queue not in facts.queues:
        yield f"there is no queue '{arrivals.queue}'"
    yield from _medium(arrivals.medium)
    rates = arrivals.per_hour if isinstance(arrivals.per_hour, tuple) else (arrivals.per_hour,)
    if isinstance(arrivals.per_hour, tuple) and len(rates) != _HOURS_OF_DAY:
        yield f"per_hour has {len(rates)} rates; give one, or 24"
    if not all(math.isfinite(rate) and 0 <= rate <= 10_000_000 for rate in rates):
        yield "per_hour has to be from 0 to 10000000"
    yield from _served(arrivals)


def _of_replay(scenario: Scenario, replay: Replay, facts: Facts) -> Iterator[str]:
    try:
        for line in traffic.read(scenario.replay_file(replay)):
            if line.queue not in facts.queues:
                yield f"there is no queue '{line.queue}', to which {replay.file} has something come"
                break
    except traffic.TrafficWrong as error:
        yield str(error)
    yield from _served(replay)


def _served(one: Arrivals | Replay) -> Iterator[str]:
    yield from _times("handle", one.handle)
    if one.patience is not None:
        yield from _times("patience", one.patience)


def _times(name: str, times: Times) -> Iterator[str]:
    text = chance.problem(times)
    if text is not None:
        yield f"{name}: {text}"


def _medium(name: str) -> Iterator[str]:
    try:
        check_channel_name(name, parameter="medium")
    except FrontdeskError as error:
        yield str(error)


def _doubled(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
