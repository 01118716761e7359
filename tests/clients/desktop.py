"""An agent at a desktop: the official CometD JavaScript client in Node, driven from a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from frontdesk.demo import PASSWORD
from tests.clients.program import Program, running
from tests.desk import Got

_SCRIPT = Path(__file__).with_name("desktop.mjs")


class Desktop(Program):
    """One agent's client."""

    @property
    def user(self) -> str:
        return self.name

    async def signs_in(self) -> Got:
        """With name and password, once; everything after it goes by the cookie."""
        return await self._request("GET", "/me", basic=f"{self.user}:{PASSWORD}")

    async def connects(self, *channels: str) -> str:
        """Shake hands and subscribe; the transport that the client has chosen."""
        shaken = await self.ask("handshake")
        assert shaken["reply"]["successful"], shaken
        for channel in channels:
            subscribed = await self.ask("subscribe", channel=channel)
            assert subscribed["reply"]["successful"], subscribed
        return str(shaken["type"])

    async def disconnects(self) -> None:
        answer = await self.ask("disconnect")
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

    async def _request(self, method: str, path: str, **more: Any) -> Got:
        answer = await self.ask("request", method=method, path=path, **more)
        return Got(answer["status"], answer["body"], answer["headers"])


@asynccontextmanager
async def desktop(node: Path, url: str, transport: str, user: str) -> AsyncIterator[Desktop]:
    """A desktop that is switched on; whatever it is doing at the end, it is gone then."""
    async with running(node, _SCRIPT, url, transport) as process:
        opened = Desktop(process, user)
        yield opened
        await opened.leaves()
