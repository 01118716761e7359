"""Several agents ask for the same things at the same moment, over HTTP: one gets each, and everybody sees the same.

Each has a client of the official kind of connections and listens by long-polling; at the end what each made of the
messages is held against a fresh snapshot, the histories against the rules, and acknowledgements against the histories.
"""

import asyncio
import random
from collections import Counter
from typing import Any

from tests.clients.bayeux import Listener, Message
from tests.clients.person import Person, people
from tests.desk import Got
from tests.properties.floor import Told, followed
from tests.properties.inbox import Inbox
from tests.server import Server

AGENTS = ("ada", "grace", "linus")
ROUNDS = 25


async def listening(person: Person) -> Listener:
    async def exchange(messages: list[Message]) -> list[Message]:
        async with person.http.post(f"{person.api}/notifications", json=messages) as answer:
            received: list[Message] = await answer.json()
            return received

    listener = Listener(exchange)
    await listener.listens("/v2/me/*")
    return listener


async def snapshot(person: Person) -> Inbox:
    got = await person.get("/me/interactions?fields=*")
    channels = await person.get("/me/channels")
    return Inbox(
        interactions={one["id"]: one for one in got.body["interactions"]},
        channels={one["channel"]: one for one in channels.body["channels"]},
        numbers={"interactions": number(got), "media": 2**31, "channels": number(channels)},
    )


def number(got: Got) -> int:
    return int(got.headers["x-frontdesk-replay"])


async def test_of_many_who_want_the_same_one_gets_it_and_all_see_what_came_of_it(server: Server) -> None:
    chance = random.Random(3)
    async with people(server.api, *AGENTS, "root") as persons:
        listeners = {name: await listening(persons[name]) for name in AGENTS}
        inboxes = {name: await snapshot(persons[name]) for name in AGENTS}
        for name in AGENTS:
            await persons[name].becomes("Ready", "workitem")

        answered: list[tuple[str, str, str, Got]] = []  # user, operation, interaction, answer
        known: list[str] = []
        for _ in range(ROUNDS):
            body = {"mediaType": "workitem", "queueName": "support"}
            known += [(await persons["root"].did("/interactions", body)).body["id"] for _ in range(2)]
            wanted = [(name, *_wish(chance, persons, chance.choice(known[-6:]))) for name in AGENTS for _ in range(4)]
            answers = await asyncio.gather(
                *(persons[name].operates(one, operation, **more) for name, one, operation, more in wanted)
            )
            for (name, one, operation, _), got in zip(wanted, answers, strict=True):
                assert got.body["statusCode"] in (0, 2, 5, 10), got
                answered.append((name, operation, one, got))

        await all_have_heard(persons, listeners)
        for name in AGENTS:
            for message in listeners[name].messages:
                inboxes[name].apply(message)
            fresh = await snapshot(persons[name])
            assert inboxes[name].interactions == fresh.interactions
            assert inboxes[name].channels == fresh.channels
            numbers = [message["data"]["replayId"] for message in listeners[name].messages]
            assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
            assert numbers == sorted(numbers)

        told = [
            Told.of_answer(event)
            for one in known
            for event in (await persons["root"].get(f"/interactions/{one}/events")).body["events"]
        ]
        floor = followed(told)
        users = {person.id: name for name, person in persons.items()}
        acts = Counter((users[one.actor], one.trigger, one.interaction) for one in told if one.actor is not None)
        acknowledged = Counter(
            (name, operation, one) for name, operation, one, got in answered if got.body["statusCode"] == 0
        )
        acknowledged.update(("root", "Submit", one) for one in known)
        assert acts == acknowledged
        assert sum(got.body["statusCode"] != 0 for *_, got in answered) > 50, "there were no races"
        for name in AGENTS:
            assert inboxes[name].interactions.keys() == floor.held_by(persons[name].id).keys()
            await listeners[name].leaves()


async def all_have_heard(persons: dict[str, Person], listeners: dict[str, Listener]) -> None:
    """Return when nothing is said any more, and all that was said has been heard."""
    before: dict[str, int] = {}
    while True:
        now = {name: number(await persons[name].get("/me/interactions")) for name in listeners}
        for name, listener in listeners.items():
            await listener.has_heard(now[name])
        if now == before:
            return
        before = now


def _wish(chance: random.Random, persons: dict[str, Person], interaction: str) -> tuple[str, str, dict[str, Any]]:
    operation = chance.choice(
        (
            "Accept",
            "Accept",
            "Accept",
            "Reject",
            "AttachUserData",
            "Transfer",
            "PlaceInWorkbin",
            "PlaceInQueue",
            "Complete",
        )
    )
    parameters: dict[str, dict[str, Any]] = {
        "AttachUserData": {"userData": {f"k{chance.randrange(3)}": chance.randrange(9)}},
        "Transfer": {"userId": persons[chance.choice(AGENTS)].id},
        "PlaceInWorkbin": {"workbin": "In_Progress"},
        "PlaceInQueue": {"queueName": "support"},
    }
    return interaction, operation, parameters.get(operation, {})
