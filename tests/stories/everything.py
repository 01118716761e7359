"""Agents who do everything that the API can do, one thing after the other, and rarest things first.

What can be done comes from the server: the capabilities of what somebody holds, the content of workbins. What there is
to do comes from the route table, so an operation that is added is missed here until somebody does it.
"""

import random
from collections import Counter
from typing import Any, NamedTuple

from frontdesk.rest.api import routes
from frontdesk.wire.operations import ALIASES
from tests.clients.person import Person

AGENTS = ("ada", "grace", "linus")
CHANNELS = ("email", "chat", "workitem", "fax")
COLLECTIONS = {"email": "emails", "chat": "chats", "workitem": "workitems", "fax": "openmedia/fax"}
NOUNS = {"email": "Email", "chat": "Chat", "workitem": "Workitem", "fax": "Openmedia"}
#: A new password ends all other sign-ins for good, and has tests of its own.
ALL_OPERATIONS = {name for route in routes() for name in route.operations or ()} - {"ChangePassword"}

_MOST_WAITING = 10
_MOST_PARKED = 10


class Deed(NamedTuple):
    """Something that can be done now."""

    who: str
    path: str
    operation: str
    parameters: dict[str, Any]
    method: str = "POST"

    @property
    def is_plain(self) -> bool:
        """Whether the path says it all."""
        return self.operation in ("Submit", "Update")


class Work:
    """`people` has the agents, the supervisor sam and root, all signed in. `done` counts successes by operation."""

    def __init__(self, people: dict[str, Person], chance: random.Random) -> None:
        self.done: Counter[str] = Counter()
        self.bins: dict[str, str] = {}
        self._tried: Counter[str] = Counter()
        self._people = people
        self._chance = chance

    @property
    def missing(self) -> set[str]:
        """The operations that nobody has done yet."""
        return ALL_OPERATIONS - self.done.keys()

    async def opens(self) -> None:
        """The agents come to work."""
        root = self._people["root"]
        pulls = {"queues": {"support": {"pull": True, "parallel": 2}}}
        assert (await root.request("PUT", "/routing/policy", pulls)).body["statusCode"] == 0
        bins = (await root.get("/workbins?fields=*")).body["workbins"]
        self.bins = {one["name"]: one["id"] for one in bins}
        for name in AGENTS:
            await self._starts(name)

    async def does_something(self) -> None:
        """One operation of somebody, of those that can be done the one that was tried least."""
        deeds = await self._possible(self._chance.choice(AGENTS))
        if not deeds:
            return  # it is somebody else's turn
        self._chance.shuffle(deeds)
        deed = min(deeds, key=lambda one: self._tried[one.operation])
        self._tried[deed.operation] += 1
        body = deed.parameters if deed.is_plain else {"operationName": deed.operation, **deed.parameters}
        got = await self._people[deed.who].request(deed.method, deed.path, body)
        if got.body["statusCode"] == 0:  # others may have been faster
            self.done[deed.operation] += 1

    async def changes_shifts(self, name: str) -> None:
        """An agent goes and comes back, and subscribes to the bins, in all the ways there are."""
        person = self._people[name]
        own = f"/me/workbins/{self.bins['Drafts']}"
        for path, operation in (
            (own, "Unsubscribe"),
            (own, "SubscribeWorkbinEvents"),
            (own, "UnsubscribeWorkbinEvents"),
            ("/me", "EndContactCenterSession"),
        ):
            await self._did(person, path, {"operationName": operation})
        await person.signs_in()
        await self._starts(name)

    async def _starts(self, name: str) -> None:
        person = self._people[name]
        await self._did(person, "/me", {"operationName": "StartContactCenterSession", "channels": list(CHANNELS)})
        own = ",".join(self.bins[one] for one in ("Drafts", "In_Progress"))
        await self._did(person, f"/me/workbins?workbinIds={own}", {"operationName": "Subscribe"})
        team = f"/me/workbins/{self.bins['Team']}?agentGroup=Team"
        await self._did(person, team, {"operationName": "Subscribe"})
        await self._did(person, "/me", {"operationName": "Ready"})

    async def _did(self, person: Person, path: str, body: dict[str, Any]) -> None:
        await person.did(path, body)
        self.done[body["operationName"]] += 1

    async def _possible(self, name: str) -> list[Deed]:
        person = self._people[name]
        held = (await person.get("/me/interactions?fields=*")).body["interactions"]
        deeds = [*self._with_state(name, person.id), *self._new(name)]
        for one in held:
            deeds += self._with_one(name, one)
        for bin_name in ("In_Progress", "Drafts", "Team"):
            pulls = await self._out_of(person, bin_name)
            if len(pulls) > _MOST_PARKED:
                deeds = [deed for deed in deeds if not deed.operation.startswith(("PlaceInWorkbin", "Add"))]
            deeds += pulls
        waiting = (await person.get("/interactions?fields=*")).body["interactions"]
        queued = [one for one in waiting if one["state"] == "Queued"]
        deeds += [Deed(name, f"/me/interactions/{one['id']}", "Pull", {}) for one in queued]
        if len(waiting) > _MOST_WAITING:
            deeds = [deed for deed in deeds if deed.operation not in ("Submit", "Create")]
        return deeds

    def _with_state(self, name: str, user_id: str) -> list[Deed]:
        states = ("NotReady", "AfterCallWork", "AuxWork", "Offline", "DoNotDisturbOn", "DoNotDisturbOff", "Ready")
        channel = self._chance.choice(CHANNELS)
        places = ((name, "/me"), (name, f"/me/channels/{channel}"))
        supervised = (("sam", f"/users/{user_id}/channels"), ("sam", f"/users/{user_id}/channels/{channel}"))
        who, path = self._chance.choice((*places, *supervised))
        # Work comes only to those who are ready, so most of what is said is that.
        chosen = self._chance.choice((*states, *("Ready",) * 6))
        return [Deed(who, path, chosen, {})] if self._chance.random() < 0.3 else []

    def _new(self, name: str) -> list[Deed]:
        medium = self._chance.choice(CHANNELS)
        data = {"queueName": "support", "userData": {"born": {"by": name}}, "subject": f"A {medium}"}
        return [
            Deed("root", "/interactions", "Submit", {"mediaType": medium, **data}),
            Deed(name, f"/me/{self._chance.choice(('emails', 'workitems', 'openmedia/fax'))}", "Create", data),
        ]

    def _with_one(self, name: str, one: dict[str, Any]) -> list[Deed]:
        medium = one["channel"]
        path = self._chance.choice((f"/me/interactions/{one['id']}", f"/me/{COLLECTIONS[medium]}/{one['id']}"))
        other = self._people[self._chance.choice([each for each in AGENTS if each != name])].id
        key = f"key{self._chance.randrange(5)}"
        bins = ({"workbin": "In_Progress"}, {"workbin": "Team", "agentGroup": "Team"})
        given: dict[str, dict[str, Any]] = {
            "AttachUserData": {"userData": {key: {"by": name, "at": self._chance.random()}}},
            "UpdateUserData": {"userData": {key: self._chance.random()}},
            "DeleteUserData": {"keys": [key]},
            "SetDisposition": {"disposition": key},
            "PlaceInQueue": {"queueName": "support"},
            "PlaceInWorkbin": self._chance.choice(bins),
            "Transfer": self._chance.choice(({"userId": other}, {"queueName": "support"})),
            "Reply": {"queueName": "support"},
            "ReplyAll": {"queueName": "support"},
        }
        names = list(one["capabilities"])
        names += [alias for alias, means in ALIASES.items() if means in names]
        deeds = [Deed(name, path, each, given.get(ALIASES.get(each, each), {})) for each in names]
        deeds.append(Deed(name, path, "GetWorkbinContent", {"workbin": "In_Progress"}))
        if "PlaceInQueue" in names:
            deeds.append(Deed(self._chance.choice(("sam", "root")), f"/interactions/{one['id']}", "TakeAway", {}))
        if "AttachUserData" in names:
            deeds.append(Deed(name, f"/interactions/{one['id']}", "Update", {"userData": {key: "put"}}, "PUT"))
            deeds.append(Deed("sam", f"/interactions/{one['id']}", "TakeAway", {}))
        if "PlaceInWorkbin" in names:
            own = f"/me/workbins/{self.bins['In_Progress']}"
            acts = ("AddInteraction", "AddInteractionToWorkbin", f"Add{NOUNS[medium]}")
            deeds += [Deed(name, own, act, {"id": one["id"]}) for act in acts]
        return deeds

    async def _out_of(self, person: Person, bin_name: str) -> list[Deed]:
        group = "agentGroup=Team" if bin_name == "Team" else ""
        path = f"/me/workbins/{self.bins[bin_name]}"
        parked = (await person.get(f"{path}/interactions?fields=*&{group}")).body["interactions"]
        return [
            Deed(person.name, f"{path}?{group}", act, {"id": one["id"]})
            for one in parked
            for act in ("PullInteraction", f"Pull{NOUNS[one['channel']]}")
        ]
