"""The official client in the tabs of a real browser, against the real server."""

import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.clients.browser import browser, executable
from tests.clients.person import people
from tests.push.proxy import Proxy
from tests.stories.steps import Ear, Steps, all_hear, restarting

CHROMIUM = executable()
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: npm brings one for Linux on x86-64 only, and none is installed here"
)

BOTH = ("websocket", "long-polling")


@pytest.mark.parametrize(
    ("transports", "is_refused", "found"),
    [
        (BOTH, False, "websocket"),
        (BOTH, True, "long-polling"),
        (("long-polling",), False, "long-polling"),
    ],
)
async def test_two_tabs_hear_everything(
    tmp_path: Path, demo_directory: Path, node: Path, transports: tuple[str, ...], is_refused: bool, found: str
) -> None:
    """Through a cut, a stall and a restart, over websockets, without them, and where a proxy refuses them."""
    assert CHROMIUM is not None
    shutil.copytree(demo_directory, tmp_path / "data")
    async with AsyncExitStack() as stack:
        running = stack.enter_context(restarting(tmp_path / "data"))
        persons = await stack.enter_async_context(people(running.server.api, "ada", "root"))
        proxy = await stack.enter_async_context(running.behind(Proxy(running.port, refuses_upgrades=is_refused)))
        chromium = await stack.enter_async_context(browser(node, f"http://127.0.0.1:{proxy.port}", CHROMIUM))
        steps = Steps(persons["ada"])
        await steps.begin(persons["root"])
        await chromium.opens(*transports, user="ada")
        await chromium.opens(*transports)
        tabs = [Ear(chromium, 0), Ear(chromium, 1)]
        await all_hear(tabs, await steps.go_on())
        assert [await chromium.transport(tab) for tab in (0, 1)] == [found, found]

        for break_off in (Proxy.cut, Proxy.stall):
            break_off(proxy)
            await steps.go_on()
            await all_hear(tabs, await steps.go_on())

        await running.restart()
        for person in persons.values():
            person.api = running.server.api
        await steps.go_on()
        running.is_back()
        await all_hear(tabs, await steps.go_on())

        assert not any("multiple-clients" in advice for tab in (0, 1) for advice in chromium.advice_of(tab))
        await chromium.disconnects(0)
        await tabs[1].hears(await steps.go_on())
        assert max(tabs[0].heard("/v2/me/workitems", "workitem")) == steps.taken - 1


async def test_a_tab_too_many_polls_now_and_then_until_another_is_closed(
    tmp_path: Path, demo_directory: Path, node: Path
) -> None:
    """A browser has few connections to a server, and the polls of its tabs must not take them all."""
    assert CHROMIUM is not None
    shutil.copytree(demo_directory, tmp_path / "data")
    async with AsyncExitStack() as stack:
        running = stack.enter_context(restarting(tmp_path / "data"))
        persons = await stack.enter_async_context(people(running.server.api, "ada", "root"))
        chromium = await stack.enter_async_context(browser(node, running.server.url, CHROMIUM))
        steps = Steps(persons["ada"])
        await steps.begin(persons["root"])
        await chromium.opens("long-polling", user="ada")
        for _ in range(3):
            await chromium.opens("long-polling")
        await chromium.is_told(lambda told: told.get("advice", {}).get("multiple-clients") is True)
        await all_hear([Ear(chromium, tab) for tab in range(4)], await steps.go_on())

        [too_many] = {tab for tab in range(4) if any("multiple-clients" in one for one in chromium.advice_of(tab))}
        [first, *_] = [one for one in chromium.advice_of(too_many) if "multiple-clients" in one]
        assert (first["reconnect"], first["interval"]) == ("retry", 2_000)
        assert first.keys() >= {"timeout", "maxInterval"}
        await chromium.closes(0 if too_many else 1)
        await chromium.is_told(
            lambda told: told.get("tab") == too_many and "multiple-clients" not in chromium.advice_of(too_many)[-1]
        )
