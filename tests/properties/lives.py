"""What people do in a world, one thing after the other or at once, and everything that is looked at after each.

Chance decides elsewhere: for hypothesis in `test_working_lives`, for a seeded day in `test_busy_days`.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from frontdesk.core.events import InteractionChanged
from frontdesk.core.ids import ContactCentreId, InteractionId
from frontdesk.core.interactions import Interaction
from frontdesk.ports import Transaction
from frontdesk.store.verify import verify
from tests.desk import Got
from tests.properties.asking import CHANNELS, Dice, Request, data_after, foreseen, request
from tests.properties.floor import followed, in_order
from tests.properties.inbox import MEDIA, Inbox
from tests.properties.world import EVERYBODY, Home, World, centre_of, world
from tests.stories.history import log_of

TRIGGERS = {"Reply": "Create"}


class Lives:
    """One world, and everything that was asked for in it."""

    def __init__(self, running: World) -> None:
        self.world = running
        self.keyed: list[tuple[Request, Got]] = []  # acknowledged ones that can be sent again
        self._inboxes: dict[str, Inbox] = {}
        self._keys = itertools.count(1)
        self._references: Counter[tuple[str, int]] = Counter()
        self._looked_at = 0  # so much of the log

    async def begins(self, ready: Iterable[str]) -> None:
        """These agents come to work, and everybody takes a first look."""
        for user in sorted(ready):
            await self.starts(user, CHANNELS)
            await self.sets(user, "Ready", None)
        for user in EVERYBODY:
            self._inboxes[user] = await self._snapshot(user)

    # ── what people do ───────────────────────────────────────────────────────────────────────────

    async def starts(self, user: str, channels: Iterable[str]) -> None:
        body = {"operationName": "StartContactCenterSession", "channels": list(channels)}
        got = await self.world.request(user, "POST", "/me", body)
        assert got.body["statusCode"] == 0, got
        await self.world.settled()

    async def sets(self, user: str, state: str, channel: str | None) -> None:
        """Set the state of a channel, or of all."""
        logged_in = self.world.crew.logged_in.get(self.world.people[user].id, set())
        path = "/me" if channel is None else f"/me/channels/{channel}"
        got = await self.world.request(user, "POST", path, {"operationName": state})
        is_possible = bool(logged_in) if channel is None else channel in logged_in
        assert got.body["statusCode"] == (0 if is_possible else 2), got
        await self.world.settled()

    async def ends(self, user: str) -> None:
        """End the session, which logs out, and come back without one."""
        got = await self.world.request(user, "POST", "/me", {"operationName": "EndContactCenterSession"})
        assert got.body["statusCode"] == 0, got
        self.world.crew.watches_nothing(self.world.people[user].id)
        await self.world.settled()
        await self.world.signs_in_again(user)
        self._inboxes[user] = await self._snapshot(user)

    async def asks(self, thrown: Dice, *, keyed: bool) -> None:
        """One request, answered as was foreseen."""
        asked = request(self.world, thrown, self._key() if keyed else None)
        possible = foreseen(self.world, asked)
        got = await self._sent(asked)
        assert got.body["statusCode"] in possible, f"{asked} was answered {got}, foreseen was {possible}"
        await self._accounted([(asked, got)])

    async def ask_at_once(self, several: Sequence[Dice], *, same: bool, twice: bool) -> None:
        """All at the same time; with `same` for the same thing, with `twice` each request is sent by a retry too."""
        if same:
            several = [replace(one, which=several[0].which) for one in several]
        asked = [request(self.world, one, self._key()) for one in several]
        answers = await asyncio.gather(*(self._sent(one) for one in (asked * 2 if twice else asked)))
        firsts, seconds = answers[: len(asked)], answers[-len(asked) :]
        for one, first, second in zip(asked, firsts, seconds, strict=True):
            if first.body["statusCode"] == 0:
                assert (first.status, first.body) == (second.status, second.body), one
        # What was refused at first may have become possible in between.
        done = [
            first if first.body["statusCode"] == 0 else second for first, second in zip(firsts, seconds, strict=True)
        ]
        await self._accounted(list(zip(asked, done, strict=True)))

    async def asks_again(self, which: int) -> None:
        """A request that was acknowledged, with the same key: the same answer, and no effect."""
        asked, first = self.keyed[which % len(self.keyed)]
        committed = len(self.world.log)
        again = await self._sent(asked)
        assert (again.status, again.body) == (first.status, first.body)
        assert len(self.world.log) == committed

    async def uses_a_key_for_something_else(self, which: int) -> None:
        asked, _ = self.keyed[which % len(self.keyed)]
        committed = len(self.world.log)
        got = await self._sent(replace(asked, body={**asked.body, "comment": "another"}))
        assert (got.status, got.body["statusCode"]) == (400, 10), got
        assert len(self.world.log) == committed

    async def watches(self, user: str, held: str, *, wanted: bool) -> None:
        """Subscribe to a bin of one's own or of the team, or no more."""
        person, bins = self.world.people[user], self.world.home.bins[centre_of(user)]
        if held not in bins or (held == "Team" and user == "sam"):
            return
        workbin, owner, group = bins[held], person.id, ""
        if held == "Team":
            owner, group = self.world.home.team, "?agentGroup=Team"
        operation = {"operationName": "Subscribe" if wanted else "Unsubscribe"}
        got = await self.world.request(user, "POST", f"/me/workbins/{workbin}{group}", operation)
        assert got.body["statusCode"] == 0, got
        self._references[user, got.body["referenceId"]] += 1
        self.world.crew.watches(person.id, workbin, owner, wanted=wanted)
        inbox = self._inboxes[user]
        if wanted:
            inbox.bins[workbin], inbox.numbers[workbin] = await self._content(user, workbin)
        else:
            inbox.bins.pop(workbin, None)
            inbox.numbers.pop(workbin, None)

    async def a_rush_of_chats(self, admin: str, size: int) -> None:
        """For the one agent of a queue, who has room for three."""
        for _ in range(size):
            body = {"mediaType": "chat", "queueName": "vip" if admin == "root" else "support"}
            asked = Request(admin, "/interactions", body, "Submit")
            await self._accounted([(asked, await self._sent(asked))])

    # ── what holds ───────────────────────────────────────────────────────────────────────────────

    async def all_is_in_its_place(self) -> None:
        """Rows are what the events say, and nobody waits whom somebody could be asked for."""
        await self.world.settled()
        self.world.crew.nobody_is_kept_waiting()
        store, crew = self.world.app.store, self.world.crew
        new = self.world.log[self._looked_at :]
        self._looked_at = len(self.world.log)
        told = [one.event.after for one in new if isinstance(one.event, InteractionChanged)]
        for interaction, after in {one.id: one for one in told}.items():

            async def body(tx: Transaction, wanted: InteractionId = interaction) -> Interaction:
                return await tx.interactions.get(wanted)

            assert await store.read(ContactCentreId(crew.centre[interaction]), body) == after

    async def everybody_sees_what_there_is(self) -> None:
        """Snapshot + the messages since = a fresh snapshot; and nobody heard what is not theirs to hear."""
        await self.world.settled()
        for user in EVERYBODY:
            await self._heard_all_and_only_its_own(user)
            inbox = self._inboxes[user]
            for message in self.world.people[user].listener.messages:
                inbox.apply(message)
            fresh = await self._snapshot(user)
            for held in inbox.bins:
                fresh.bins[held], fresh.numbers[held] = await self._content(user, held)
            inbox.numbers = fresh.numbers
            assert inbox == fresh, user
            self._inboxes[user] = fresh

    async def _heard_all_and_only_its_own(self, user: str) -> None:
        person, crew = self.world.people[user], self.world.crew
        last = crew.number_of(person.id)
        if last > person.heard_from:
            await person.listener.has_heard(last)
        heard = []
        for message in person.listener.messages:
            number = message["data"].get("replayId")
            if number is None:
                assert self._references[user, message["data"]["referenceId"]], f"{user} never asked for {message}"
                continue
            heard.append(number)
            one = crew.heard[person.id, number]
            assert one.contact_centre == self.world.home.centres[person.centre]
            if isinstance(one.event, InteractionChanged):
                [shown] = [part for part in message["data"].values() if isinstance(part, dict)]
                assert (shown["id"], shown["version"]) == (one.event.after.id, one.event.after.version)
        assert heard == sorted(heard), f"{user} heard things out of order"
        assert set(heard) == set(range(person.heard_from + 1, last + 1)), f"{user} missed something"

    # ── asking and looking ───────────────────────────────────────────────────────────────────────

    def _key(self) -> str:
        return f"key-{next(self._keys)}"

    async def _sent(self, asked: Request) -> Got:
        return await self.world.request(asked.user, "POST", asked.path, asked.body, key=asked.key)

    async def _accounted(self, answered: Sequence[tuple[Request, Got]]) -> None:
        """Each acknowledged request is exactly one event of its actor, and there are no others."""
        before = self.world.followed
        await self.world.settled()
        told = [one.event for one in self.world.log[before:] if isinstance(one.event, InteractionChanged)]
        acts = Counter((event.actor, event.trigger, event.after.id) for event in told if event.actor is not None)
        caused = {
            (str(event.actor), event.reference_id): event.after for event in told if event.reference_id is not None
        }
        expected: Counter[tuple[str | None, str, str]] = Counter()
        for asked, got in answered:
            if got.body["statusCode"] != 0:
                continue
            if asked.key is not None:
                self.keyed.append((asked, got))
            user = self.world.people[asked.user].id
            expected[user, TRIGGERS.get(asked.act, asked.act), str(got.body.get("id") or asked.interaction)] += 1
            if asked.act != "Submit":
                after = caused[user, got.body["referenceId"]]
                if after.version > 1:
                    before_it = self.world.crew.floor.lives[after.id][after.version - 2]
                    assert after.user_data == data_after(asked, before_it.user_data), asked
        assert acts == expected

    async def _snapshot(self, user: str) -> Inbox:
        generic = await self.world.get(user, "/me/interactions?fields=*")
        mine = await self.world.get(user, "/me?subresources=*")
        channels = await self.world.get(user, "/me/channels")
        return Inbox(
            interactions={one["id"]: one for one in generic.body["interactions"]},
            media={one["id"]: one for plural in MEDIA for one in mine.body["user"][plural]},
            channels={one["channel"]: one for one in channels.body["channels"]},
            numbers={"interactions": _number(generic), "media": _number(mine), "channels": _number(channels)},
        )

    async def _content(self, user: str, held: str) -> tuple[dict[str, Any], int]:
        group = "&agentGroup=Team" if held == self.world.home.bins["demo"]["Team"] else ""
        got = await self.world.get(user, f"/me/workbins/{held}?subresources=*{group}")
        return {one["id"]: one for plural in MEDIA for one in got.body["workbin"][plural]}, _number(got)


@asynccontextmanager
async def lives(home: Home, directory: Path) -> AsyncIterator[Lives]:
    """A world to live in. At its end the store is verified, and the log is what was followed."""
    async with world(home, directory) as running:
        lived = Lives(running)
        yield lived
        await lived.all_is_in_its_place()
        await lived.everybody_sees_what_there_is()
    assert [str(finding) for finding in verify(directory)] == []
    log = [one for one in log_of(directory) if one.seq > home.last_event]
    assert [(one.seq, one.event, one.numbers) for one in log] == [
        (one.seq, one.event, one.numbers) for one in running.log
    ]
    assert followed(in_order(log)).lives == running.crew.floor.lives


def _number(got: Got) -> int:
    return int(got.headers["x-frontdesk-replay"])
