"""People at work, all at once, for tests that disturb the server: what they asked for, and what they were told.

Each agent works in two browsers. Every request has an Idempotency-Key, and everything that was asked for is written
down before it is sent, so that afterwards it is known what was acknowledged and what was not.
"""

import asyncio
import random
import smtplib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import count
from typing import Any

import aiohttp

from tests.clients.person import Person
from tests.desk import Got
from tests.server import Server

AGENTS = ("ada", "grace", "linus")
PATIENCE_S = 40.0

_MOST_WAITING = 12
_CUT = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass
class Attempt:
    """A request that was sent, and its answer if one came."""

    user: str
    path: str
    body: dict[str, Any]
    key: str
    answer: Got | None = None

    @property
    def is_acknowledged(self) -> bool:
        return self.answer is not None and self.answer.body["statusCode"] == 0

    @property
    def operation(self) -> str:
        return str(self.body.get("operationName", "Submit"))


@dataclass
class Mail:
    """A message that was sent, and whether the server took it."""

    number: int
    is_acknowledged: bool = False

    @property
    def subject(self) -> str:
        return f"Mail {self.number}"


class Load:
    """The work that goes on. `people` has the agents and root, all signed in."""

    def __init__(self, people: Mapping[str, Person], server: Server, chance: random.Random) -> None:
        self.server = server
        self.attempts: list[Attempt] = []
        self.mails: list[Mail] = []
        self.acknowledged = 0
        self.may_cut = False  # True while the server is about to stop: then it may break connections off
        self._people = people
        self._chance = chance
        self._keys = count(1)
        self._in_progress = ""
        self._progress = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_ending = False

    async def opens(self) -> None:
        """The agents come to work."""
        for name in AGENTS:
            await self._people[name].becomes("Ready", "email", "workitem")
        bins = (await self._people["ada"].get("/me/workbins?fields=*")).body["workbins"]
        self._in_progress = next(one["id"] for one in bins if one["workbinName"] == "In_Progress")

    def goes_on(self) -> None:
        """Begin, or begin again after a cut."""
        self._is_ending = False
        works = [self._agent(name) for name in AGENTS for _ in range(2)]
        self._tasks = [asyncio.create_task(work) for work in (*works, self._submitter(), self._customers())]

    async def has_come_to(self, acknowledged: int) -> None:
        """Return when so much has been acknowledged in all."""
        await self._until(lambda: self.acknowledged >= acknowledged)

    async def is_cut_off(self) -> None:
        """Return when everybody has noticed that the server is gone."""
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*self._tasks)

    async def ends(self) -> None:
        """Everybody finishes what was begun."""
        self._is_ending = True
        self._progress.set()
        await self.is_cut_off()

    async def sends(self, attempt: Attempt) -> Got | None:
        """Send it, or send it once more; the answer, or None when none came."""
        person = self._people[attempt.user]
        try:
            got = await person.post(attempt.path, attempt.body, key=attempt.key)
        except _CUT:
            self._server_must_be_gone()
            return None
        if attempt.answer is None:
            attempt.answer = got
            self._note(attempt.is_acknowledged)
        return got

    async def delivers(self, mail: Mail) -> None:
        """Hand it to the server, or hand it over once more."""
        if await asyncio.to_thread(_delivered, self.server, mail):
            mail.is_acknowledged = True
            self._note(True)

    # ── who does what ────────────────────────────────────────────────────────────────────────────

    async def _agent(self, name: str) -> None:
        person = self._people[name]
        try:
            while not self._is_over:
                held = (await person.get("/me/interactions?fields=*")).body["interactions"]
                attempt = self._chosen(name, held) if held else await self._pulled(person)
                if attempt is not None:
                    await self._asks(attempt)
                else:
                    await self._change()
        except _CUT:
            self._server_must_be_gone()

    async def _submitter(self) -> None:
        while not self._is_over:
            waiting = [one for one in self.attempts if one.operation == "Submit"]
            if len(waiting) * 6 > self.acknowledged + _MOST_WAITING * 6:
                await self._change()
                continue
            key = self._key()
            body = {"mediaType": "workitem", "queueName": "support", "subject": key, "userData": {"born": key}}
            if not await self._asks(Attempt("root", "/interactions", body, key)):
                return

    async def _customers(self) -> None:
        while not self._is_over:
            if len(self.mails) * 12 > self.acknowledged + 12:
                await self._change()
                continue
            mail = Mail(len(self.mails) + 1)
            self.mails.append(mail)
            await self.delivers(mail)
            if not mail.is_acknowledged:
                return

    async def _asks(self, attempt: Attempt) -> bool:
        """Write it down and send it; whether an answer came."""
        self.attempts.append(attempt)
        return await self.sends(attempt) is not None

    def _chosen(self, name: str, held: list[dict[str, Any]]) -> Attempt:
        """Something that can be done with one of what the agent holds."""
        one = self._chance.choice(held)
        key = self._key()
        receiver = self._chance.choice([other for other in AGENTS if other != name])
        acts: dict[str, tuple[int, dict[str, Any]]] = {
            "Accept": (6, {}),
            "Reject": (1, {}),
            "AttachUserData": (2, {"userData": {key: {"by": name}}}),
            "UpdateUserData": (6, {"userData": {"last": key}}),
            "PlaceInWorkbin": (2, {"workbin": "In_Progress"}),
            "PlaceInQueue": (1, {"queueName": "support"}),
            "Transfer": (2, {"userId": self._people[receiver].id}),
            "Reply": (1, {"queueName": "support"}),
            "Cancel": (3, {}),
            "Complete": (3, {}),
        }
        possible = [act for act in acts if act in one["capabilities"]]
        act = self._chance.choices(possible, [acts[act][0] for act in possible])[0]
        body = {"operationName": act, **acts[act][1]}
        return Attempt(name, f"/me/interactions/{one['id']}", body, key)

    async def _pulled(self, person: Person) -> Attempt | None:
        """Taking something out of one's workbin, if there is something."""
        got = await person.get(f"/me/workbins/{self._in_progress}/interactions?fields=id")
        parked = [one["id"] for one in got.body["interactions"]]
        if not parked:
            return None
        body = {"operationName": "PullInteraction", "id": self._chance.choice(parked)}
        return Attempt(person.name, f"/me/workbins/{self._in_progress}", body, self._key())

    def _key(self) -> str:
        return f"key-{next(self._keys)}"

    def _note(self, is_acknowledged: bool) -> None:
        self.acknowledged += is_acknowledged
        self._progress.set()

    async def _change(self) -> None:
        """Return when somebody has been answered, or after a moment: what an agent waits for may come by itself."""
        self._progress.clear()
        try:
            async with asyncio.timeout(0.05):
                await self._progress.wait()
        except TimeoutError:
            return

    @property
    def _is_over(self) -> bool:
        return self._is_ending or self.server.process.poll() is not None

    def _server_must_be_gone(self) -> None:
        assert self.server.process.poll() is not None or self.may_cut, "a connection broke while the server runs"

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await self._change()
                for task in self._tasks:
                    if task.done():
                        task.result()


def unanswered(attempts: Iterable[Attempt]) -> list[Attempt]:
    return [attempt for attempt in attempts if attempt.answer is None]


def _delivered(server: Server, mail: Mail) -> bool:
    message = EmailMessage()
    message["From"], message["To"] = "mary@customer.example", "support@frontdesk.example"
    message["Subject"], message["Message-ID"] = mail.subject, f"<{mail.number}@customer.example>"
    message.set_content("Please help.")
    try:
        with smtplib.SMTP(*server.mail, timeout=10) as smtp:
            smtp.send_message(message)
    except (smtplib.SMTPException, OSError):
        return False
    return True
