"""The notification server: an ASGI app for a mount and all its sub-paths, and what the rest of the program tells it."""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from frontdesk.kit.clock import Clock, SystemClock
from frontdesk.push.asgi import Receive, Scope, Send
from frontdesk.push.authenticator import Authenticator, Memory
from frontdesk.push.bayeux import Bayeux
from frontdesk.push.direct import DirectPolls
from frontdesk.push.effects import Counts
from frontdesk.push.events import Encoded
from frontdesk.push.history import History
from frontdesk.push.limits import Limits
from frontdesk.push.long_polling import HttpManners, LongPolling
from frontdesk.push.policy import Policy
from frontdesk.push.runner import Runner
from frontdesk.push.sessions import CONNECTION_TYPES, KINDS, Sessions, SessionSummary, Waiting
from frontdesk.push.websocket import WebSocket


def _nobody_listens(_principal: str, _sign_in: str) -> None:
    """The activity listener of a server that has none."""


class NotificationServer:
    """Bayeux over long-polling and websocket. While `run` is not running, no hold ends and no session expires."""

    def __init__(
        self,
        policy: Policy,
        authenticator: Authenticator,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        sessions: Sessions | None = None,
        history: History | None = None,
        resync_payload: bytes = b'{"resync":true}',
        on_activity: Callable[[str, str], None] = _nobody_listens,
        manners: HttpManners | None = None,
        memory: Memory[Any] | None = None,
        mount: str = "",
    ) -> None:
        """`on_activity(principal, sign_in)` is called with requests and frames, often, so it must be quick.

        With the `memory` of the authenticator, an HTTP server may take the polls on `mount` to `direct`.
        """
        manners = manners if manners is not None else HttpManners()
        self._machine = Bayeux(
            policy,
            random_bytes=secrets.token_bytes,
            limits=limits,
            resync_payload=resync_payload,
            sessions=sessions,
            history=history,
            kinds=KINDS if manners.callback_polling else CONNECTION_TYPES,
        )
        self._runner = Runner(self._machine, clock if clock is not None else SystemClock(), history)
        self._long_polling = LongPolling(self._runner, authenticator, on_activity, manners)
        self.direct = DirectPolls(self._runner, memory, on_activity, manners, mount) if memory is not None else None
        self._websocket = WebSocket(self._runner, authenticator, on_activity)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve an HTTP request or a websocket, whatever the path below the mount: the messages say what is meant."""
        if scope["type"] == "http":
            await self._long_polling.serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket.serve(scope, receive, send)

    async def run(self) -> None:
        """Drive the deadlines until cancelled."""
        await self._runner.run()

    def deliver(self, principal: str, messages: Sequence[Encoded]) -> None:
        """Send to every subscribed session of the principal. What is given together leaves together."""
        self._runner.deliver(principal, messages)

    def broadcast(self, message: Encoded) -> None:
        """Send to every session of anyone who is subscribed."""
        self._runner.broadcast(message)

    def has_sessions(self, principal: str) -> bool:
        return self._machine.has_sessions(principal)

    def end_sign_in(self, sign_in: str, reason: str) -> None:
        """End every session last used with this sign-in: `401::reason`, and the advice not to come back."""
        self._runner.perform(self._machine.end_sign_in(sign_in, reason, self._runner.now_ms()))

    def end_principal(self, principal: str, reason: str) -> None:
        """End every session of the principal in the same way."""
        self._runner.perform(self._machine.end_principal(principal, reason, self._runner.now_ms()))

    def end_session(self, client: str, reason: str) -> None:
        """End the session whose summary has this `client`, if it still is: its client is told to stop."""
        self._runner.perform(self._machine.end_session(client, reason, self._runner.now_ms()))

    def sessions(self) -> Iterator[SessionSummary]:
        return self._machine.sessions()

    def waiting(self) -> Waiting:
        """How many sessions there are, and what waits for them."""
        return self._machine.waiting()

    @property
    def counts(self) -> Counts:
        """What has happened, for metrics."""
        return self._machine.counts

    def leftovers(self) -> dict[str, int]:
        """What is kept just now: all 0 when nobody is there."""
        return self._machine.leftovers()

    async def drain(self) -> None:
        """Stop gracefully: answer every held connect, close every websocket, refuse new sessions.

        What was written is on its way when this returns.
        """
        self._runner.perform(self._machine.drain(self._runner.now_ms()))
        await asyncio.sleep(0)
