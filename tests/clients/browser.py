"""A real browser with the official client in its tabs: the one in node_modules, or one of the machine."""

import base64
import platform
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from frontdesk.demo import PASSWORD
from tests.clients.program import Program, running

_ON_THE_MACHINE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """Which browser there is: "" means the one that npm brings, None that there is none."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        return ""
    return next(filter(None, map(shutil.which, _ON_THE_MACHINE)), None)


class Browser(Program):
    """One browser of one user. Tabs are numbered from 0."""

    async def opens(self, *transports: str, user: str | None = None) -> None:
        """A tab in which the client has subscribed; `user` signs in."""
        credentials = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        authorization = f"Basic {credentials}" if user else None
        answer = await self.ask("open", transports=transports, authorization=authorization)
        assert answer["status"] == 200, answer

    async def closes(self, tab: int) -> None:
        """As a user does: without a word to the page."""
        await self.ask("close", tab=tab)

    async def disconnects(self, tab: int) -> None:
        assert (await self.ask("disconnect", tab=tab))["successful"]

    async def transport(self, tab: int) -> str:
        return str((await self.ask("transport", tab=tab))["type"])

    async def is_advised(self, tab: int, **advice: Any) -> None:
        """Return when the tab has been given this advice, among other."""
        await self.is_told(lambda told: told["tab"] == tab and advice.items() <= told.get("advice", {}).items())

    def advice_of(self, tab: int) -> list[dict[str, Any]]:
        return [told["advice"] for told in self.meta if told.get("tab") == tab and "advice" in told]


@asynccontextmanager
async def browser(node: Path, origin: str, executable: str) -> AsyncIterator[Browser]:
    async with running(node, Path(__file__).with_name("browser.mjs"), origin, executable) as process:
        opened = Browser(process, "the browser")
        yield opened
        await opened.leaves()
