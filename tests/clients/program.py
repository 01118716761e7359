"""A client that runs in a process of its own: told what to do line by line, it tells line by line what happens.

Commands are JSON objects with a `number` and an `act`; an answer has the number under `answer`. What comes from the
server is told under `message`, and what the client says of its connection under `meta`.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

PATIENCE_S = 30.0

_LONGEST_LINE = 2**22


class Program:
    """One running client. `messages` are those pushed to it, in order; `meta` what it said of its connection."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        self.name = name
        self.messages: list[dict[str, Any]] = []
        self.meta: list[dict[str, Any]] = []
        self._process = process
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def hears(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The data of the first message, past or coming, that is it."""
        data: dict[str, Any] = (await self._comes(self.messages, is_it))["data"]
        return data

    async def is_told(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What the client said of its connection, past or coming, that is it."""
        return await self._comes(self.meta, is_it)

    async def leaves(self) -> None:
        """End the program, without a word to the server."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    async def ask(self, act: str, **parameters: Any) -> dict[str, Any]:
        """Have it do something; its answer."""
        number = next(self._numbers)
        future = self._answers[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"number": number, "act": act, **parameters})
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer: dict[str, Any] = await future
        except TimeoutError:
            raise AssertionError(f"{self.name} never said what came of {act}; {self._heard_last}") from None
        assert "failure" not in answer, f"{self.name} could not {act}: {answer['failure']}"
        return answer

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
            raise AssertionError(f"{self.name} has waited in vain; {self._heard_last}") from None

    @property
    def _heard_last(self) -> str:
        """What the client said in the end, for whoever has to find out why it said no more."""
        told = [json.dumps(one)[:300] for one in (*self.messages[-3:], *self.meta[-6:])]
        return "\n".join(["what it told last:", *told])

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
        for future in self._answers.values():
            if not future.done():
                future.set_exception(AssertionError(f"{self.name} ended without an answer"))


@asynccontextmanager
async def running(*command: str | Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process of a program; whatever it is doing at the end, it is gone then."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
