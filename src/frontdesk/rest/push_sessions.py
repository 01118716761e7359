"""Push sessions, for administrators: who is connected how, what waits for each, and ending one."""

from typing import Any, Final

from frontdesk.core.permissions import Act
from frontdesk.rest import lists
from frontdesk.rest.answers import ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, FIELDS, Route
from frontdesk.services.push_sessions import PushSession
from frontdesk.wire.push_sessions import PROPERTIES, shown
from frontdesk.wire.selection import Resource


async def list_all(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE)
    found = await call.house.push_sessions.all(call.principal)
    return lists.answer("sessions", [_shown(call, session) for session in found], wanted, objects=True)


async def get(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE, pages=False)
    found = await call.house.push_sessions.get(call.principal, call.params["id"])
    return lists.single("session", _shown(call, found), wanted)


async def end(call: Call) -> Answer:
    await call.house.push_sessions.end(call.principal, call.params["id"])
    return ok()


def _shown(call: Call, session: PushSession) -> dict[str, Any]:
    live = session.live
    return shown(
        client=live.client,
        user_id=live.principal,
        user_name=session.user_name,
        transport=live.transport,
        created_ms=live.created_ms,
        last_connect_ms=live.last_connect_ms,
        last_error=live.last_error,
        subscriptions=live.subscriptions,
        queued_messages=live.queued_messages,
        queued_bytes=live.queued_bytes,
        now_ms=call.clock.now_ms(),
        addresses=call.addresses,
    )


RESOURCE: Final = Resource(PROPERTIES)
_TAG = "Server"
ROUTES = (
    Route(
        "GET", "/system/sessions", list_all, Act.ADMINISTER, "Every push session of the contact centre", _TAG,
        query=COLLECTION, shows=("sessions", "totalCount"),
    ),
    Route(
        "GET", "/system/sessions/{id}", get, Act.ADMINISTER, "One push session", _TAG,
        query=(FIELDS,), shows=("session",),
    ),
    Route("DELETE", "/system/sessions/{id}", end, Act.ADMINISTER, "End a push session; its client stops", _TAG),
)  # fmt: skip
