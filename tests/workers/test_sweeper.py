"""The sweeper: what is over ends, and one thing that fails keeps nothing else from being swept."""

import pytest

from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.services.agents import Agents
from frontdesk.workers.sweeper import Sweeper
from tests.desk import Desk

HOUR_S = 3600


async def test_a_key_is_known_for_a_day(desk: Desk) -> None:
    body = {"mediaType": "workitem", "queueName": "support"}
    once = {"idempotency-key": "once"}
    first = (await desk.post("/interactions", body, "root", headers=once)).body["id"]

    desk.clock.advance(seconds=23 * HOUR_S)
    await desk.app.sweeper.sweep()
    assert (await desk.post("/interactions", body, "root", headers=once)).body["id"] == first

    desk.clock.advance(seconds=2 * HOUR_S)
    await desk.app.sweeper.sweep()
    assert (await desk.post("/interactions", body, "root", headers=once)).body["id"] != first


class WithOneWhoStays(Agents):
    """Agents of whom one cannot be logged out, as a bug might have it."""

    stays: UserId

    async def end_silent(self, contact_centre: ContactCentreId, user_id: UserId) -> None:
        assert user_id != self.stays, "a load that cannot be"
        await super().end_silent(contact_centre, user_id)


async def test_what_cannot_be_ended_keeps_nothing_else_from_ending(desk: Desk) -> None:
    for user in ("ada", "grace"):
        await desk.becomes(user)
    app = desk.app
    agents = WithOneWhoStays(app.store, app.clock, app.settings)
    agents.stays = (await desk.agent("ada")).user_id
    await app.tasks.stop()  # the sweeper of the server itself would end everybody
    sweeper = Sweeper(app.store, agents, app.house.sign_ins, app.clock, app.settings)

    body = {"mediaType": "workitem", "queueName": "support"}
    once = {"idempotency-key": "once"}
    first = (await desk.post("/interactions", body, "root", headers=once)).body["id"]

    desk.clock.advance(seconds=25 * HOUR_S)
    with pytest.raises(AssertionError, match="a load that cannot be"):
        await sweeper.sweep()

    assert await desk.is_in_session("ada")
    assert not await desk.is_in_session("grace")
    again = (await desk.post("/interactions", body, "root", headers=once)).body["id"]
    assert again != first, "what comes after it was done as well"
