"""The composition root: makes every part, ties them together, starts and stops them in order.

Everything that happens after a commit hangs on the bus: push, the matcher and the timers are its consumers.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from frontdesk.bus.in_process import InProcessBus
from frontdesk.channels.email.inbox import Inbox
from frontdesk.channels.email.listener import Listener, tls_context
from frontdesk.channels.email.session import ListenerLimits
from frontdesk.core.errors import FrontdeskError
from frontdesk.core.events import Committed
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.settings import Settings
from frontdesk.doorkeeper import Doorkeeper
from frontdesk.furnishing import furnish
from frontdesk.kit.clock import Clock, SystemClock
from frontdesk.kit.histogram import Histogram
from frontdesk.kit.ids import Ids
from frontdesk.kit.log import get_logger
from frontdesk.kit.tasks import Tasks
from frontdesk.push.limits import Limits
from frontdesk.push.long_polling import HttpManners
from frontdesk.push.notifications import RESYNC, May, Notifications
from frontdesk.push.policy import Refusal
from frontdesk.push.self_test import SelfTest
from frontdesk.push.server import NotificationServer
from frontdesk.push.user_history import Past, UserHistory, past_of
from frontdesk.rest.api import routes
from frontdesk.rest.cors import Cors
from frontdesk.rest.dispatch import PREFIX, Api, refusal, respond
from frontdesk.rest.docs import Docs
from frontdesk.rest.health import Reading, Spread, Watched
from frontdesk.rest.security_headers import SecurityHeaders
from frontdesk.services.origins import Origins
from frontdesk.store.server import ServerRows
from frontdesk.store.sqlite import SqliteStore
from frontdesk.store.transaction import StoreTransaction
from frontdesk.wire.addresses import Addresses
from frontdesk.wire.credentials import credentials_of
from frontdesk.workers.matcher import Matcher
from frontdesk.workers.pulse import Pulse
from frontdesk.workers.relay import Relay
from frontdesk.workers.sweeper import Sweeper
from frontdesk.workers.timers import Timers

log = get_logger(__name__)

NOTIFICATIONS = f"{PREFIX}/notifications"
PUSH_TEST = f"{PREFIX}/system/push-test"
SELF_TEST = "/selftest"
_TRY_AGAIN_LATER = 1013


class App:
    """One server on one data directory: an ASGI application with a life of its own."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        public_url: str,
        clock: Clock | None = None,
        ids: Ids | None = None,
        store: SqliteStore[StoreTransaction, ServerRows] | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.ids = ids or Ids()
        self.store = store or SqliteStore(
            directory, make_transaction=StoreTransaction, make_server_transaction=ServerRows
        )
        self.bus = InProcessBus()
        self.tasks = Tasks()
        self.is_stopping = False
        self.listener: Listener | None = None

        furnished = furnish(
            self.store, self.bus, settings, clock=self.clock, ids=self.ids, addresses=Addresses(public_url)
        )
        self.house = furnished.house
        self._inbox = Inbox(self.house.emails)

        table = routes()
        self.api = Api(self.house, table)
        self._origins = Origins(self.store, self.house.settings_groups)
        self._cors = Cors(self._inner, settings.server.allowed_origins, self._origins)
        self._outer = SecurityHeaders(self._cors)
        self._doorkeeper = Doorkeeper(self.house.sign_ins, self._origins, self._cors, public_url=public_url)
        self.push = self._push_server()
        self.direct = self.push.direct
        """Where the HTTP server may take polls."""
        self.house.push_sessions.attach(self.push)
        self._self_test = SelfTest(
            self.clock,
            hold_ms=settings.push.timeout_ms,
            public_url=public_url,
            page=SELF_TEST,
            is_believed=lambda scope: self.house.sign_ins.trusts(credentials_of(scope)),
        )
        self.notifications = Notifications(
            self.push, self.house.addresses, heard_by=self._heard_by, standing=self._standing
        )
        self.relay = Relay(self.bus)
        self.matcher = Matcher(self.house.routing, self.clock)
        self.timers = Timers((furnished.offers, furnished.wrap_ups), self.clock)
        self.pulse = Pulse()
        self.sweeper = Sweeper(self.store, self.house.agents, self.house.sign_ins, self.clock, settings)
        self._watched = Watched(problems=self.problems, readings=self._readings)
        self._docs = Docs(table)
        self._connect()

    # ── life ─────────────────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Open the store and begin to work. Raises StoreRefused, StoreUnavailable."""
        await self.store.open()
        self.tasks.start("push", self.push.run)
        self.tasks.start("matcher", self.matcher.run)
        self.tasks.start("timers", self.timers.run)
        self.tasks.start("sweeper", self.sweeper.run)
        self.tasks.start("pulse", self.pulse.run)

    async def start_listener(self) -> None:
        """Begin to take mail. Raises OSError if the address cannot be had."""
        email = self.settings.email
        if not email.enabled:
            return
        tls = None
        if email.certificate_file:
            tls = tls_context(Path(email.certificate_file), Path(email.key_file) if email.key_file else None)
        self.listener = Listener(
            accept_recipient=self._inbox.accepts,
            receive=self._inbox.receive,
            now_ms=self.clock.now_ms,
            hostname=email.hostname,
            tls=tls,
            require_tls=email.require_tls,
            limits=ListenerLimits(message_bytes=email.message_bytes, connections=email.connections),
        )
        await self.listener.start(email.host, email.port)

    async def drain(self) -> None:
        """Begin to stop: not ready any more, held connects answered, sockets closed. Requests still run."""
        self.is_stopping = True
        self.relay.flush()
        self._self_test.stop()
        await self.push.drain()

    async def stop(self) -> None:
        """Stop everything, last things last. What was acknowledged is on disk."""
        self.is_stopping = True
        if self.listener is not None:
            await self.listener.stop()
        await self.tasks.stop()
        await self.notifications.stop()
        await self.house.agents.close()
        await self.house.sign_ins.close()
        await self.store.close()

    def problems(self) -> dict[str, str]:
        """What keeps the server from being ready."""
        found = {f"task {name}": why for name, why in self.tasks.failing.items()}
        unready = self.store.unready_because
        if unready is not None:
            found["store"] = unready
        if self.house.routing.lost:
            found["routing"] = "another process on the same store took it over"
        if self.is_stopping:
            found["server"] = "it is stopping"
        return found

    # ── requests ─────────────────────────────────────────────────────────────────────────────────

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket" and scope["path"] == PUSH_TEST:
            await self._self_test(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._origins.up_to_date()
            try:
                await self.push(scope, receive, send)
            except FrontdeskError as error:  # before it was accepted, so that the client may try again or otherwise
                log.warning("a websocket was refused for now", reason=str(error))
                await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER})
        else:
            await self._outer(scope, receive, send)

    async def _inner(self, scope: Any, receive: Any, send: Any) -> None:
        path: str = scope["path"]
        if path == NOTIFICATIONS or path.startswith(f"{NOTIFICATIONS}/"):
            try:
                await self.push(scope, receive, send)
            except FrontdeskError as error:  # "later": clients come back by themselves after any status but 200
                await respond(send, refusal(error))
        elif path in (PUSH_TEST, SELF_TEST) or path.startswith(f"{SELF_TEST}/"):
            await self._self_test(scope, receive, send)
        elif path.startswith(("/health", "/metrics")):
            await self._watched(scope, receive, send)
        elif path == "/" or path.startswith("/docs") or path == f"{PREFIX}/openapi.json":
            await self._docs(scope, receive, send)
        else:
            await self.api(scope, receive, send)

    # ── what push asks ───────────────────────────────────────────────────────────────────────────

    def may_handshake(self, principal: str, ext: dict[str, Any]) -> Refusal | None:
        return Refusal("403::server_stopping", "handshake") if self.is_stopping else None

    def may_subscribe(self, principal: str, pattern: str) -> Refusal | None:
        """Every name: what a user hears is decided by whom an event is addressed to, never by the channel's name."""
        return None

    def may_publish(self, principal: str, channel: str) -> Refusal | None:
        """Nobody: clients act through REST."""
        return Refusal(f"403:{channel}:publish_denied")

    def _active(self, principal: str, sign_in: str) -> None:
        who = self._doorkeeper.principals.get(principal)
        if who is not None:
            self.house.agents.seen(who)
            self.house.sign_ins.note_use(sign_in)

    # ── putting together ─────────────────────────────────────────────────────────────────────────

    def _push_server(self) -> NotificationServer:
        push, sign_in = self.settings.push, self.settings.sign_in
        secure = "; Secure" if sign_in.cookie_secure or sign_in.cookie_same_site == "none" else ""
        attributes = f"; Path=/; HttpOnly; SameSite={sign_in.cookie_same_site.capitalize()}{secure}"
        return NotificationServer(
            self,
            self._doorkeeper,
            clock=self.clock,
            limits=Limits(
                timeout_ms=push.timeout_ms,
                max_interval_ms=push.max_interval_ms,
                queue_messages=push.queue_messages,
                queue_bytes=push.queue_bytes,
                polls_per_browser=push.polls_per_browser,
                handshakes_per_s=push.handshakes_per_s,
                handshake_burst=push.handshake_burst,
                inactive_ms=push.inactive_s * 1000,
                request_bytes=self.settings.server.body_bytes,
                request_ms=round(self.settings.server.body_s * 1000),
            ),
            history=UserHistory(self.house.addresses, read=self._past, standing=self._standing_here),
            resync_payload=RESYNC,
            on_activity=self._active,
            memory=self._doorkeeper,
            mount=NOTIFICATIONS,
            manners=HttpManners(cookie_attributes=attributes.encode(), callback_polling=push.callback_polling),
        )

    def _connect(self) -> None:
        self.store.on_commit = self.relay.committed
        for consumer in (self.notifications.hear, self.matcher.hear, self.timers.hear, self._origins.hear):
            self.bus.on_events(consumer)
        self.bus.on_answers(self.notifications.answer)
        # First forget, so that a client that comes back at once is not let in by what is remembered.
        self.bus.on_sign_ins_ended(self.house.sign_ins.forget)
        self.bus.on_sign_ins_ended(self.notifications.sign_in_ended)

    async def _heard_by(
        self, contact_centre: ContactCentreId, user_id: UserId, above: int, limit: int
    ) -> list[tuple[int, Committed]]:
        return await self.store.read(contact_centre, lambda tx: tx.events.heard_by(user_id, above=above, limit=limit))

    async def _past(self, user_id: UserId, above: int, most: int) -> Past:
        contact_centre = self._doorkeeper.principals[user_id].contact_centre
        return await self.store.read(contact_centre, lambda tx: past_of(tx, user_id, above, most))

    def _standing_here(self, user_id: UserId) -> May | None:
        who = self._doorkeeper.principals.get(user_id)
        return who.may if who is not None else None

    def _standing(self, contact_centre: ContactCentreId, user_id: UserId) -> May | None:
        """Who has a push session was authenticated here, and a change of roles ends the sessions."""
        who = self._doorkeeper.principals.get(user_id)
        return who.may if who is not None and who.contact_centre == contact_centre else None

    def _readings(self) -> Iterable[Reading | Spread]:
        store, push = self.store.statistics, self.push.counts
        for field in msgspec.structs.fields(store):
            yield Reading(f"store_{field.name}", f"Store: {field.name}", "gauge", float(getattr(store, field.name)))
        for field in msgspec.structs.fields(push):
            counted = getattr(push, field.name)
            if isinstance(counted, Histogram):
                spread = tuple(counted.up_to())
                yield Spread(f"push_{field.name}_ms", "Push: from delivery to writing", spread, counted.sum_ms)
            else:
                yield Reading(f"push_{field.name}", f"Push: {field.name}", "counter", float(counted))
        waiting = self.push.waiting()
        for transport, sessions in waiting.sessions.items():
            by = (("transport", transport),)
            yield Reading("push_sessions_by_transport", "Push: live sessions", "gauge", float(sessions), by)
        yield Reading("push_queued_messages", "Push: waiting for all sessions", "gauge", float(waiting.messages))
        yield Reading("push_queued_bytes", "Push: the same in bytes", "gauge", float(waiting.size))
        yield Reading("push_queue_deepest", "Push: waiting for one session", "gauge", float(waiting.deepest))
        for name, value in self.push.leftovers().items():
            yield Reading(f"push_{name}_now", f"Push: {name} now", "gauge", float(value))
        lateness = self.pulse.lateness
        yield Spread("loop_lateness_ms", "How late the event loop comes", tuple(lateness.up_to()), lateness.sum_ms)
        yield Reading("requests_running", "REST requests being served", "gauge", float(self.api.running))
        for (method, status), count in self.api.requests.items():
            labels = (("method", method), ("status", str(status)))
            yield Reading("requests", "REST requests answered", "counter", float(count), labels)
        yield Reading("sign_ins_refused", "Refused sign-ins", "counter", float(self.house.sign_ins.refused))
