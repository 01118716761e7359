"""What must be true of any history of a contact centre, read from its events alone and told in plain rules.

The rules are written down here a second time, from the documentation and not from the program: a model that used the
program's own table would only find that the program agrees with itself.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from frontdesk.core.events import AgentChanged, Committed, InteractionChanged
from frontdesk.core.ids import UserId
from frontdesk.core.policy import Policy

#: What the demo's settings leave to an agent at once, per medium.
ROOM = {"chat": 3, "email": 5, "workitem": 5}
ROOM_OF_OTHERS = 3

FINAL = {"Completed", "Canceled", "Sent"}
WORKING = {"Processing", "Chatting", "Composing"}
KEEPS_STATE = {"AttachUserData", "UpdateUserData", "DeleteUserData", "SetDisposition"}

#: Trigger → (states before, who must have done it). `None` before is a birth.
RULES: dict[str, tuple[set[str | None], str]] = {
    "Submit": ({None}, "anybody"),
    "Create": ({None}, "anybody"),
    "Offer": ({"Queued"}, "server"),
    "NewRound": ({"Queued"}, "server"),
    "Expire": ({"Invited"}, "server"),
    "Withdraw": ({"Invited"}, "server"),
    "Decline": ({"Invited"}, "invitee or server"),
    "Accept": ({"Invited"}, "invitee"),
    "Reject": ({"Invited"}, "invitee"),
    "Pull": ({"InWorkbin", "Queued"}, "anybody"),
    "Transfer": (set(WORKING), "owner"),
    "PlaceInQueue": (set(WORKING), "owner"),
    "PlaceInWorkbin": (set(WORKING), "owner"),
    "Return": (set(WORKING), "server"),
    "Park": (set(WORKING), "server"),
    "Complete": ({"Processing", "Chatting"}, "owner"),
    "Cancel": ({"Composing"}, "owner"),
    **dict.fromkeys(KEEPS_STATE, (set(WORKING), "owner")),
}
LEADS_TO = {
    "Submit": "Queued",
    "Offer": "Invited",
    "NewRound": "Queued",
    "Expire": "Queued",
    "Withdraw": "Queued",
    "Decline": "Invited",
    "Reject": "Queued",
    "Transfer": "Invited",
    "PlaceInQueue": "Queued",
    "PlaceInWorkbin": "InWorkbin",
    "Return": "Queued",
    "Park": "InWorkbin",
    "Complete": "Completed",
    "Cancel": "Canceled",
}


@dataclass(frozen=True)
class Told:
    """One event of an interaction, as far as the rules look."""

    place: int  # in the log
    interaction: str
    trigger: str
    actor: str | None
    state: str
    version: int
    medium: str
    is_draft: bool
    owner: str | None
    invitees: frozenset[str]
    workbin: str | None
    workbin_owner: str | None  # unknown from outside
    ended: dict[str, str]
    user_data: dict[str, Any]

    @property
    def holders(self) -> frozenset[str]:
        return self.invitees if self.owner is None else frozenset({self.owner})

    @classmethod
    def of_event(cls, seq: int, event: InteractionChanged) -> Self:
        after = event.after
        return cls(
            place=seq,
            interaction=after.id,
            trigger=str(event.trigger),
            actor=event.actor,
            state=str(after.state),
            version=after.version,
            medium=after.media_type,
            is_draft=after.direction == "Outbound" and after.media_type == "email",
            owner=after.owner,
            invitees=frozenset(after.invitees),
            workbin=after.workbin,
            workbin_owner=after.workbin_owner,
            ended={str(user): str(state) for user, state in event.ended.items()},
            user_data=after.user_data,
        )

    @classmethod
    def of_answer(cls, shown: dict[str, Any]) -> Self:
        """One of `GET /interactions/{id}/events`."""
        after = shown["interaction"]
        return cls(
            place=shown["id"],
            interaction=after["id"],
            trigger=shown["event"],
            actor=_user(shown["actorUri"]) if "actorUri" in shown else None,
            state=after["state"],
            version=after["version"],
            medium=after["channel"],
            is_draft=after["interactionType"] == "Outbound" and after["channel"] == "email",
            owner=_user(after["ownerUri"]) if "ownerUri" in after else None,
            invitees=frozenset(_user(uri) for uri in shown.get("inviteeUris", ())),
            workbin=after.get("workbin"),
            workbin_owner=None,
            ended={_user(one["userUri"]): one["state"] for one in shown.get("ended", ())},
            user_data=after["userData"],
        )


@dataclass
class Floor:
    """Where everything is, by the events so far. `follow` fails when an event breaks a rule."""

    lives: dict[str, list[Told]] = field(default_factory=dict)
    loads: Counter[tuple[str, str]] = field(default_factory=Counter)  # (user, medium): offered or worked on
    policy: Policy | None = None  # by which room is counted; None means the demo's, where only numbers count

    def follow(self, told: Told) -> None:
        life = self.lives.setdefault(told.interaction, [])
        before = life[-1] if life else None
        self._check_step(before, told)
        _check_place(told)
        _check_who_lost_it(before, told)
        if told.trigger == "Offer":
            self._check_capacity(told)
        for user in before.holders if before else ():
            self.loads[user, told.medium] -= 1
        for user in told.holders:
            self.loads[user, told.medium] += 1
        life.append(told)

    def now(self, interaction: str) -> Told:
        return self.lives[interaction][-1]

    def held_by(self, user: str) -> dict[str, str]:
        """Id → state."""
        last = (life[-1] for life in self.lives.values())
        return {one.interaction: one.state for one in last if user in one.holders}

    def has_room(self, user: str, medium: str) -> bool:
        """For one more."""
        held = {one: count for (who, one), count in self.loads.items() if who == user and count}
        policy = self.policy
        if policy is None:
            return held.get(medium, 0) < ROOM.get(medium, ROOM_OF_OTHERS)
        units = sum(count * policy.medium(one).cost for one, count in held.items())
        interruptible = [policy.medium(one).interruptible_by for one in held if one != medium]
        return (
            held.get(medium, 0) < policy.agents.get(UserId(user), {}).get(medium, policy.medium(medium).limit)
            and units + policy.medium(medium).cost <= policy.units
            and all(by is None or medium in by for by in interruptible)
        )

    def acts_of(self, interaction: str) -> list[tuple[str, str]]:
        """(trigger, actor) of what people did, in order."""
        return [(one.trigger, one.actor) for one in self.lives[interaction] if one.actor is not None]

    def _check_step(self, before: Told | None, told: Told) -> None:
        states, actor = RULES[told.trigger]
        assert (before.state if before else None) in states, f"{told} after {before}"
        assert told.version == (before.version + 1 if before else 1), f"{told} after {before}"
        assert told.state == _leads_to(before, told), f"{told} after {before}"
        if actor == "server":
            assert told.actor is None, told
        elif actor == "owner":
            assert before is not None
            assert told.actor == before.owner, f"{told} after {before}"
        elif actor == "invitee":
            assert before is not None
            assert told.actor in before.invitees, f"{told} after {before}"
        if told.trigger in ("Accept", "Pull", "Create"):
            assert told.owner == told.actor, told
        if told.trigger in KEEPS_STATE:
            assert before is not None
            assert told.owner == before.owner, f"{told} after {before}"
        if before is not None and told.trigger not in KEEPS_STATE:
            assert told.user_data == before.user_data, f"{told} after {before}"

    def _check_capacity(self, told: Told) -> None:
        for user in told.invitees:
            assert self.has_room(user, told.medium), f"{user} has {self.held_by(user)} and is offered {told}"


def followed(told: Iterable[Told]) -> Floor:
    """The floor after all these events, in the order of the log."""
    floor = Floor()
    for one in sorted(told, key=lambda one: one.place):
        floor.follow(one)
    return floor


def in_order(log: Iterable[Committed]) -> list[Told]:
    """The events of interactions among these."""
    return [Told.of_event(one.seq, one.event) for one in log if isinstance(one.event, InteractionChanged)]


def check_numbers(log: Iterable[Committed], before: dict[str, int] | None = None) -> dict[str, int]:
    """Each user's numbers rise by one, in the order of the log; the last of each user."""
    last = dict(before or {})
    for one in log:
        assert [user for user, _ in one.numbers] == sorted({user for user, _ in one.numbers}), one
        if isinstance(one.event, AgentChanged):
            assert [user for user, _ in one.numbers] == [one.event.agent], one
        for user, number in one.numbers:
            assert number == last.get(user, 0) + 1, f"{user} had {last.get(user, 0)} before {one}"
            last[user] = number
    return last


def _leads_to(before: Told | None, told: Told) -> str:
    if told.trigger in LEADS_TO:
        return LEADS_TO[told.trigger]
    if told.trigger in KEEPS_STATE:
        assert before is not None
        return before.state
    if told.is_draft:
        return "Composing"
    return "Chatting" if told.medium == "chat" else "Processing"


def _check_place(told: Told) -> None:
    """Exactly one place, and it is the one that the state names."""
    places = {
        "offer": bool(told.invitees),
        "owner": told.owner is not None,
        "workbin": told.workbin is not None,
    }
    expected = {"Invited": "offer", "InWorkbin": "workbin", **dict.fromkeys(WORKING, "owner")}.get(told.state)
    assert {name for name, is_there in places.items() if is_there} == ({expected} if expected else set()), told


def _check_who_lost_it(before: Told | None, told: Told) -> None:
    """Whoever had it and has it no more is told how it ended, and nobody else is."""
    lost = (before.holders if before else frozenset()) - told.holders
    assert set(told.ended) == lost, f"{told} after {before}"
    for user, state in told.ended.items():
        if told.trigger in ("PlaceInWorkbin", "Park"):
            assert state == "InWorkbin", told
        elif told.trigger == "Cancel":
            assert state == "Canceled", told
        elif user != told.actor:
            assert state == "Revoked", told
        else:
            assert state == "Completed", told


def _user(uri: str) -> str:
    return uri.rpartition("/")[2]
