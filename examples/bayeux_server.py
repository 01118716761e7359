"""A Bayeux (CometD) server of its own: Frontdesk's push package and HTTP connections, and less than 150 lines around.

    python examples/bayeux_server.py --port 8080

Clients find it at /bayeux. They may subscribe to anything but /denied/**, and publish on /bx/**, whose last 10,000
events can be had again by their numbers (`ext.replay`). `POST /push {"channel": …, "data": …, "count": 1}` makes the
server publish. Who is who is told by the BAYEUX_BROWSER cookie, so script tags and forms of other sites do no harm.
"""

import argparse
import asyncio
import re
import secrets
from typing import Any

import msgspec
import uvicorn

from frontdesk.http_server import HttpProtocol, WebSocketProtocol
from frontdesk.kit.clock import SystemClock
from frontdesk.push.authenticator import Recalled, SignIn
from frontdesk.push.channels import is_meta, is_name
from frontdesk.push.events import Encoded
from frontdesk.push.limits import Limits
from frontdesk.push.long_polling import HttpManners
from frontdesk.push.policy import Refusal
from frontdesk.push.recent import Recent
from frontdesk.push.server import NotificationServer
from frontdesk.push.sessions import Sessions

COOKIE = re.compile(r"(?:^|;\s*)BAYEUX_BROWSER=([A-Za-z0-9]{16,64})(?:;|$)")
OURS = re.compile(rb"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")  # pages from this machine
MANNERS = HttpManners(callback_polling=True, forms=True)
CORS = (b"access-control-allow-methods", b"POST, GET"), (b"access-control-allow-headers", b"content-type")


class Wish(msgspec.Struct):  # what POST /push asks for
    channel: str
    data: msgspec.Raw
    count: int = 1


class Rules:  # who may do what, and who is who
    def may_handshake(self, principal: str, ext: dict[str, Any]) -> Refusal | None:
        return Refusal("403::handshake_denied") if ext.get("deny") is True else None

    def may_subscribe(self, principal: str, pattern: str) -> Refusal | None:
        return Refusal(f"403:{pattern}:subscribe_denied") if pattern.startswith("/denied/") else None

    def may_publish(self, principal: str, channel: str) -> Refusal | None:
        return None if channel.startswith(("/bx/", "/service/")) else Refusal(f"403:{channel}:publish_denied")

    async def authenticate(self, scope: Any) -> SignIn:
        nobody = "none" if scope["type"] == "websocket" else ""  # many clients keep no cookies there
        return self.recall((self.browser_of(scope) or nobody, b"")).who

    def asker(self, scope: Any) -> tuple[str, bytes] | None:  # and what the answer says to a page of that origin
        origin = dict(scope["headers"]).get(b"origin")
        cors = b"".join(b"%b: %b\r\n" % header for header in self.cors(origin)) if origin else b""
        return (self.browser_of(scope), cors) if self.is_origin_allowed(scope) else None

    def recall(self, asker: tuple[str, bytes]) -> Recalled:
        name = asker[0] or secrets.token_hex(16)
        cookie = f"BAYEUX_BROWSER={name}; Path=/; HttpOnly; SameSite=Lax".encode()
        return Recalled(SignIn(principal=name, sign_in=name, set_cookies=() if asker[0] else (cookie,)), asker[1])

    def browser_of(self, scope: Any) -> str:
        found = COOKIE.search(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        return found.group(1) if found else ""

    def cors(self, origin: bytes) -> tuple[tuple[bytes, bytes], ...]:
        allow = (b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")
        return ((b"vary", b"origin"), *(allow if OURS.fullmatch(origin) else ()))

    def is_origin_allowed(self, scope: Any) -> bool:
        origin = dict(scope["headers"]).get(b"origin")
        return origin is None or OURS.fullmatch(origin) is not None


class App:  # by ASGI: Bayeux at /bayeux and below, POST /push, and what browsers ask before they ask
    def __init__(self, limits: Limits) -> None:
        self.rules = rules = Rules()
        self.recent = Recent(10_000, is_kept=lambda channel: channel.startswith("/bx/"))
        http: dict[str, Any] = {"manners": MANNERS, "memory": rules, "mount": "/bayeux"}
        kept: dict[str, Any] = {"clock": SystemClock(), "sessions": Sessions(), "history": self.recent}
        self.server = NotificationServer(rules, rules, limits=limits, **kept, **http)
        self.direct = self.server.direct

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start" and (origin := dict(scope["headers"]).get(b"origin")):
                message["headers"] = [*message["headers"], *self.rules.cors(origin)]
            await send(message)

        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            await answer(sent, 204 if self.rules.is_origin_allowed(scope) else 403, b"", *CORS)
        elif scope["path"].startswith("/bayeux"):
            await self.server(scope, receive, sent)
        elif scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", "/push"):
            await self.push(receive, sent)
        elif scope["type"] == "http":
            await answer(sent, 404, b'{"error":"known are /bayeux and POST /push"}')

    async def push(self, receive: Any, send: Any) -> None:
        body, has_more = b"", True
        while has_more and len(body) < 10_000_000:
            message = await receive()
            body, has_more = body + message.get("body", b""), message.get("more_body", False)
        try:
            wish = msgspec.json.decode(body, type=Wish)
        except msgspec.MsgspecError as error:
            return await answer(send, 400, msgspec.json.encode({"error": str(error)}))
        if not is_name(wish.channel) or is_meta(wish.channel) or not 0 < wish.count <= 100_000:
            return await answer(send, 400, b'{"error":"no such channel, or too many events"}')
        count = wish.count if self.rules.may_subscribe("", wish.channel) is None else 0  # also for those who hear /**
        for number in range(count):
            self.server.broadcast(self.recent.keep(Encoded(wish.channel, bytes(wish.data))))
            if number % 100 == 99:
                await asyncio.sleep(0)  # let sockets breathe
        return await answer(send, 200, msgspec.json.encode({"published": count, "newest": self.recent.newest}))


async def answer(send: Any, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


class Server(uvicorn.Server):  # says good-bye to clients before it closes their connections
    async def serve(self, sockets: Any = None) -> None:
        running = asyncio.create_task(app.server.run())
        await super().serve(sockets)
        running.cancel()

    async def shutdown(self, sockets: Any = None) -> None:
        await app.server.drain()
        await super().shutdown(sockets)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    for flag, default in (("--timeout-ms", 25_000), ("--max-interval-ms", 40_000), ("--sweep-ms", 20)):
        parser.add_argument(flag, type=int, default=default)
    flags = vars(parser.parse_args())
    how: dict[str, Any] = {"port": flags.pop("port"), "http": HttpProtocol, "ws": WebSocketProtocol}
    how |= {"timeout_keep_alive": 65, "timeout_graceful_shutdown": 5, "lifespan": "off", "access_log": False}
    app = App(Limits(**flags, polls_per_browser=1))
    Server(uvicorn.Config(app, ws_per_message_deflate=False, **how)).run()
