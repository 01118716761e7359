"""An agent at a desktop: the official CometD JavaScript client in Node, driven from a test."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from frontdesk.demo import PASSWORD
from tests.desk import Got

PATIENCE_S = 30.0

_SCRIPT = Path(__file__).with_name("desktop.mjs")
_LONGEST_LINE = 2**22


class Desktop:
    """One agent's client. `messages` are those pushed to it, in order; `meta` what it said of its connection."""

    def __init__(self, process: asyncio.subprocess.Process, user: str) -> None:
        self.user = user
        self.messages: list[dict[str, Any]] = []
        self.meta: list[dict[str, Any]] = []
        self._process = process
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def signs_in(self) -> Got:
        """With name and password, once; everything after it goes by the cookie."""
        return await self._request("GET", "/me", basic=f"{self.user}:{PASSWORD}")

    async def connects(self, *channels: str) -> str:
        """Shake hands and subscribe; the transport that the client has chosen."""
        shaken = await self._ask("handshake")
        assert shaken["reply"]["successful"], shaken
        for channel in channels:
            subscribed = await self._ask("subscribe", channel=channel)
            assert subscribed["reply"]["successful"], subscribed
        return str(shaken["type"])

    async def disconnects(self) -> None:
        answer = await self._ask("disconnect")
        assert answer["reply"]["successful"], answer

    async def get(self, path: str) -> Got:
        got = await self._request("GET", path)
        assert got.status == 200, got.body
        return got

    async def posts(self, path: str, body: Any) -> Got:
        """A request that has to succeed."""
        got = await self._request("POST", path, body=body)
        assert (got.status, got.body["statusCode"]) == (200, 0), f"{self.user}: {got.body}"
        return got

    async def operates(self, interaction: str, operation: str, **parameters: Any) -> Got:
        return await self.posts(f"/me/interactions/{interaction}", {"operationName": operation, **parameters})

    async def hears(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The data of the first message, past or coming, that is it."""
        data: dict[str, Any] = (await self._comes(self.messages, is_it))["data"]
        return data

    async def is_told(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What the client said of its connection, past or coming, that is it."""
        return await self._comes(self.meta, is_it)

    async def leaves(self) -> None:
        """Close the desktop, without a word to the server."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    async def _comes(self, told: list[dict[str, Any]], is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        seen = 0
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    for one in told[seen:]:
                        if is_it(one):
                            return one
                    seen = len(told)
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{self.user} has waited in vain; what came: {told}") from None

    async def _request(self, method: str, path: str, **more: Any) -> Got:
        answer = await self._ask("request", method=method, path=path, **more)
        return Got(answer["status"], answer["body"], answer["headers"])

    async def _ask(self, act: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        future = self._answers[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"number": number, "act": act, **parameters})
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            answer: dict[str, Any] = await future
        assert "failure" not in answer, f"{self.user} could not {act}: {answer['failure']}"
        return answer

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            if "answer" in told:
                self._answers.pop(told["answer"]).set_result(told)
            elif "message" in told:
                self.messages.append(told["message"])
            else:
                self.meta.append(told["meta"])
            self._changed.set()


@asynccontextmanager
async def desktop(node: Path, url: str, transport: str, user: str) -> AsyncIterator[Desktop]:
    """A desktop that is switched on; whatever it is doing at the end, it is gone then."""
    process = await asyncio.create_subprocess_exec(
        str(node),
        str(_SCRIPT),
        url,
        transport,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    running = Desktop(process, user)
    try:
        yield running
    finally:
        await running.leaves()
