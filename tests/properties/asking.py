"""What people ask for: chance picks numbers, and the world as it is then makes a request of them.

`foreseen` says which answers the documentation leaves open for a request, before it is sent.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.properties.floor import Told
from tests.properties.world import ADMINISTRATORS, AGENTS, World, centre_of

CHANNELS = ("email", "workitem", "chat")
MEDIA = ("chat", "email", "chat", "workitem", "chat")  # most are chats, of which an agent has the least room
STATES = ("Ready", "Ready", "Ready", "NotReady", "AuxWork", "Offline", "DoNotDisturbOn", "DoNotDisturbOff")
BINS = ("In_Progress", "Drafts", "Team")
QUEUES = {"demo": ("support", "support", "sales", "vip"), "other": ("support",)}
ACTS = (
    "Accept",
    "Accept",
    "Reject",
    "AttachUserData",
    "UpdateUserData",
    "DeleteUserData",
    "PlaceInWorkbin",
    "Pull",
    "Pull",
    "Transfer",
    "Transfer",
    "PlaceInQueue",
    "Complete",
    "Cancel",
    "Reply",
    "SetDisposition",
)


@dataclass(frozen=True)
class Dice:
    """The numbers that chance picked. With `sensible`, somebody asks who may, for something that can be."""

    act: int
    who: int
    which: int
    how: int
    sensible: bool


dice = st.builds(
    Dice,
    act=st.integers(0, 63),
    who=st.integers(0, 6),
    which=st.integers(0, 7),
    how=st.integers(0, 11),
    sensible=st.sampled_from((True, True, True, False)),
)


@dataclass(frozen=True)
class Request:
    """One request, and what it is about."""

    user: str
    path: str
    body: dict[str, Any] = field(hash=False)
    act: str
    interaction: str | None = None
    key: str | None = None


def request(world: World, thrown: Dice, key: str | None) -> Request:
    """What these numbers mean now."""
    lives = sorted(world.crew.floor.lives)
    if thrown.sensible:
        lives = [one for one in lives if _can_be_worked_on(world.crew.floor.now(one))]
    if not lives or thrown.act % 8 == 0:
        return _birth(thrown, key)
    interaction = lives[-1 - thrown.which % min(len(lives), 8)]
    told = world.crew.floor.now(interaction)
    user, act = (*AGENTS, *ADMINISTRATORS)[thrown.who], ACTS[thrown.act % len(ACTS)]
    if thrown.sensible:
        user, act = _sensible(world, told, thrown)
    return _act(world, user, act, told, thrown, key)


def foreseen(world: World, asked: Request) -> set[int]:
    """The codes that it may be answered with, by the state that everything is in now."""
    if asked.act == "Submit":
        return {0}
    if asked.act == "Create":
        return {0}
    if asked.user in ADMINISTRATORS:
        return {5}
    assert asked.interaction is not None
    told = world.crew.floor.now(asked.interaction)
    mine = world.people[asked.user].id
    if world.crew.centre[told.interaction] != world.home.centres[centre_of(asked.user)]:
        return {6}
    if asked.act == "Pull":
        return {0} if _may_pull(world, asked, told, mine) else {2, 5}
    if asked.act in ("Accept", "Reject"):
        return {0} if mine in told.invitees else {2, 5}
    if told.owner != mine:
        return {2, 5}
    return _foreseen_for_owner(world, asked, told, mine)


def data_after(asked: Request, before: dict[str, Any]) -> dict[str, Any]:
    """What the user data must be after this request: keys are set or go, objects merge, the rest stays."""
    given = asked.body.get("userData", {})
    match asked.act:
        case "AttachUserData" | "UpdateUserData":
            after = dict(before)
            for key, value in given.items():
                held = after.get(key)
                after[key] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
            return after
        case "DeleteUserData":
            return {key: value for key, value in before.items() if key not in asked.body["keys"]}
        case "SetDisposition":
            return {**before, "DISP_KEY": asked.body["disposition"]}
        case _:
            return before


def _foreseen_for_owner(world: World, asked: Request, told: Told, mine: str) -> set[int]:
    if asked.act == "Cancel":
        return {0} if told.is_draft else {2}
    if asked.act == "Complete":
        return {2} if told.is_draft else {0}
    if asked.act == "Reply":
        return {0} if told.medium == "email" and not told.is_draft else {2}
    if asked.act == "Transfer":
        receiver = asked.body["userId"]
        if receiver == mine:
            return {10}
        if centre_of(asked.user) != centre_of(world.name_of(receiver)):
            return {2}
        return {0} if told.medium in world.crew.logged_in.get(receiver, ()) else {2}
    return {0}


def _may_pull(world: World, asked: Request, told: Told, mine: str) -> bool:
    bins = world.home.bins[centre_of(asked.user)]
    in_team = told.workbin == bins.get("Team") and asked.user in ("ada", "grace", "linus", "sam")
    is_in = asked.path.startswith(f"/me/workbins/{told.workbin}?") or asked.path == f"/me/workbins/{told.workbin}"
    return told.state == "InWorkbin" and is_in and (told.workbin_owner == mine or in_team)


def _birth(thrown: Dice, key: str | None) -> Request:
    """Something new: submitted, or an agent's own."""
    medium = MEDIA[thrown.how % len(MEDIA)]
    if thrown.who < len(AGENTS) and thrown.which < 3:
        user = AGENTS[thrown.who]
        plural = ("emails", "workitems")[thrown.how % 2]
        body: dict[str, Any] = {"operationName": "Create", "queueName": "support", "subject": f"Own {thrown.which}"}
        return Request(user, f"/me/{plural}", body, "Create", key=key)
    user = "oscar" if thrown.who == 4 else "root"
    queues = QUEUES[centre_of(user)]
    body = {
        "mediaType": medium,
        "queueName": queues[thrown.which % len(queues)],
        "subject": f"Sent {thrown.how}",
        "priority": thrown.how % 3,
        "userData": {"born": {"how": thrown.how}},
    }
    return Request(user, "/interactions", body, "Submit", key=key)


def _can_be_worked_on(told: Told) -> bool:
    return bool(told.holders) or told.state == "InWorkbin"


def _sensible(world: World, told: Told, thrown: Dice) -> tuple[str, str]:
    """Who could do something with it, and what."""
    if told.invitees:
        return world.name_of(min(told.invitees)), "Reject" if thrown.how == 0 else "Accept"
    if told.state == "InWorkbin":
        is_teams = told.workbin == world.home.bins["demo"]["Team"] or thrown.how == 1  # or linus tries his luck
        return "linus" if is_teams else world.name_of(told.workbin_owner or ""), "Pull"
    assert told.owner is not None
    acts = [act for act in ACTS if act not in ("Accept", "Reject", "Pull")]
    return world.name_of(told.owner), acts[thrown.act % len(acts)]


def _act(world: World, user: str, act: str, told: Told, thrown: Dice, key: str | None) -> Request:
    centre = centre_of(user)
    bins = world.home.bins[centre]
    held = list(bins)[thrown.how % len(bins)]
    group = "?agentGroup=Team" if held == "Team" else ""
    if act == "Pull":
        is_near = thrown.sensible or thrown.who % 2 == 0
        where = told.workbin if is_near and told.workbin is not None else bins[held]
        group = "?agentGroup=Team" if where == bins.get("Team") else ""
        body: dict[str, Any] = {"operationName": "PullInteraction", "id": told.interaction}
        return Request(user, f"/me/workbins/{where}{group}", body, act, told.interaction, key)
    receivers = AGENTS if thrown.how % 4 == 0 else ("ada", "grace", "linus")
    queues = QUEUES[centre]
    parameters: dict[str, dict[str, Any]] = {
        "AttachUserData": {"userData": {f"k{thrown.how % 4}": {"by": user, f"n{thrown.which}": thrown.how}}},
        "UpdateUserData": {"userData": {f"k{thrown.how % 4}": thrown.which}},
        "DeleteUserData": {"keys": [f"k{thrown.how % 4}", "born"]},
        "PlaceInWorkbin": {"workbin": held, **({"agentGroup": "Team"} if held == "Team" else {})},
        "Transfer": {"userId": world.home.users[receivers[thrown.which % len(receivers)]]},
        "PlaceInQueue": {"queueName": queues[thrown.how % len(queues)]},
        "Reply": {"queueName": "support"},
        "SetDisposition": {"disposition": f"d{thrown.how}"},
    }
    body = {"operationName": act, **parameters.get(act, {})}
    return Request(user, f"/me/interactions/{told.interaction}", body, act, told.interaction, key)
