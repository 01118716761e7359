"""The demo's data are there, whole, after the first start that was not cut short."""

from pathlib import Path

import pytest

from frontdesk import demo
from frontdesk.app import App
from frontdesk.core.settings import Settings
from frontdesk.kit.clock import ManualClock
from tests.desk import URL, Desk


@pytest.mark.parametrize("done", [1, 2, 3, 5, 8])
async def test_a_first_start_that_was_cut_short_is_finished_by_the_next(tmp_path: Path, done: int) -> None:
    app = App(tmp_path / "data", Settings(), public_url=URL, clock=ManualClock())
    await app.start()
    try:
        committed = 0

        async def cut(*given: object) -> object:
            nonlocal committed
            committed += 1
            if committed > done:
                raise ConnectionAbortedError
            return await whole(*given)  # type: ignore[arg-type]

        whole = app.store.transact
        app.store.transact = cut  # type: ignore[method-assign, assignment]
        with pytest.raises(ConnectionAbortedError):
            await demo.furnish(app)
        app.store.transact = whole  # type: ignore[method-assign]

        await demo.furnish(app)
        await demo.furnish(app)

        desk = Desk(app, ManualClock())
        assert len((await desk.get("/users", "root")).body["uris"]) == 5
        assert len((await desk.get("/queues", "root")).body["uris"]) == 3
        names = {one["workbinName"] for one in (await desk.get("/workbins?fields=*", "root")).body["workbins"]}
        assert names == {"In_Progress", "Drafts", "Team"}
        assert len((await desk.get("/queues", "eve")).body["uris"]) == 1
    finally:
        await app.stop()
