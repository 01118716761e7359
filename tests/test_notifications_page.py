"""The page for those who write clients says what is true: its conversation is had, and it leaves nothing out."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from frontdesk.core.settings import Push
from tests.clients.person import people
from tests.desk import Desk
from tests.push.serving import until
from tests.server import serving
from tests.stories.proxies import reserved_port

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "notifications.md").read_text(encoding="utf-8")
PUSH = ROOT / "src" / "frontdesk" / "push"
CLIENT = ROOT / "tests" / "clients" / "page_client.mjs"
PATIENCE_S = 30.0


def lines() -> Iterator[tuple[str, str]]:
    """The conversation: (→, message), (←, message), (*, what happens)."""
    block = "\n".join(re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    for line in re.findall(r"^([→←*] .*(?:\n {3}.*)*)", block, re.MULTILINE):
        yield line[0], line[2:]


class Conversation:
    """What is said, in this run. Client ids are others than on the page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._clients: dict[str, str] = {}
        self._asking: asyncio.Task[Any] | None = None
        self._answers: list[dict[str, Any]] = []

    async def sends(self, message: str) -> None:
        assert not self._answers, "all that came was told before"
        for told, true in self._clients.items():
            message = message.replace(told, true)
        asking = self._desk.post("/notifications", None, "ada", raw=message.encode())
        self._asking = asyncio.create_task(asking)
        await until(lambda: bool(self._asking and self._asking.done()) or bool(self._desk.app.push.leftovers()["held"]))

    async def receives(self, message: str) -> None:
        if self._asking is not None:
            self._answers, self._asking = (await self._asking).body, None
        told, came = json.loads(message), self._answers.pop(0)
        if "clientId" in told:
            self._clients[told["clientId"]] = came["clientId"]
            came["clientId"] = told["clientId"]
        data, told_data = came.pop("data", None), told.pop("data", None)
        assert came == told
        assert is_part(told_data, data), (told_data, data)


def is_part(told: Any, true: Any) -> bool:
    """Whether all that is told is so."""
    if isinstance(told, dict):
        return isinstance(true, dict) and all(key in true and is_part(told[key], true[key]) for key in told)
    return bool(told == true)


async def test_the_conversation_is_had_as_it_is_told(desk: Desk) -> None:
    await desk.becomes("ada", "Ready", "workitem")
    assert (await desk.get("/me/interactions?fields=*")).headers["x-frontdesk-replay"] == "2"
    conversation = Conversation(desk)

    async def happens(what: str) -> None:
        if what == "a work item is offered":
            await desk.submits()
        else:
            assert what == "fifty seconds pass"
            await desk.time_passes(seconds=50)

    said = {"→": conversation.sends, "←": conversation.receives, "*": happens}
    for kind, text in lines():
        await said[kind](text)
    assert desk.app.push.counts.replayed_events == 2


class Program:
    """The program of the page, running."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        assert line, "it ended"
        told: dict[str, Any] = json.loads(line)
        return told

    async def applies(self, *states: str) -> None:
        """Wait until it has applied an event that made this of a work item, in both of its messages. What tells of
        channels goes before.
        """
        for state in states:
            while (first := await self.next())["applied"]["messageType"] == "ChannelStateChangeMessageV2":
                pass
            told = [first["applied"], (await self.next())["applied"]]
            assert [data["messageType"] for data in told] == ["InteractionStateMessage", "WorkitemStateChangeMessage"]
            assert {data["replayId"] for data in told} == {told[0]["replayId"]}
            assert (told[0]["interaction"]["state"], told[1]["workitem"]["state"]) == (state, state)


@asynccontextmanager
async def running(node: Path, url: str) -> AsyncIterator[Program]:
    [program] = re.findall(r"^```js\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    process = await asyncio.create_subprocess_exec(
        *(node, CLIENT, url, "ada:demo", program), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Program(process)
    finally:
        process.kill()
        await process.wait()


async def test_the_program_of_the_page_misses_nothing(node: Path, tmp_path: Path) -> None:
    """Nor applies anything twice, over the death of the server."""
    with reserved_port() as port:
        arguments = (tmp_path / "data", "--demo", "--port", str(port))
        with serving(*arguments) as server:
            async with people(server.api, "ada", "root") as persons, running(node, server.url) as program:
                assert await program.next() == {"read": 0}
                await persons["ada"].becomes("Ready", "workitem")
                body = {"mediaType": "workitem", "queueName": "support", "subject": "Told"}
                item = (await persons["root"].did("/interactions", body)).body["id"]
                await program.applies("Invited")
                server.kill()
                with serving(*arguments):
                    async with people(server.api, "ada") as again:
                        await again["ada"].operates(item, "Accept")
                        await again["ada"].operates(item, "AttachUserData", userData={"seen": "yes"})
                        await program.applies("Processing", "Processing")


def test_every_refusal_is_on_the_page() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in PUSH.glob("*.py"))
    named = set(re.findall(r"\b[1-5]\d\d:[^:\"\n]*:([a-z_]+_[a-z_]+)\b", source))
    assert len(named) > 15
    assert not {text for text in named if f":{text}`" not in PAGE}


def test_every_setting_of_push_is_on_the_page() -> None:
    assert not {field for field in Push.__struct_fields__ if f"`push.{field}`" not in PAGE}
