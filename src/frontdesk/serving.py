"""Running an application on a socket until it is told to stop."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn

from frontdesk import demo
from frontdesk.app import App
from frontdesk.core.settings import Server, Settings
from frontdesk.http_server import HttpProtocol, WebSocketProtocol
from frontdesk.kit.log import get_logger

log = get_logger(__name__)

_BACKLOG = 2048

#: Allocations not yet undone before the youngest objects are looked at, and how many of such looks make one at the
#: next older ones.
_COLLECTED_AFTER = (2_000, 10, 100)


class _Server(uvicorn.Server):
    """uvicorn, with the signals left to us: it would end the process by the signal again after a graceful stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class NotLoopback(Exception):
    """The demo was asked to listen where others can reach it; its passwords are known to everybody."""


class AddressUnavailable(Exception):
    """An address to listen on cannot be had. `remedy` says what the operator can do."""

    def __init__(self, what: str, host: str, port: int, error: OSError, remedy: str) -> None:
        # asyncio puts a sentence of its own where the reason should be; those of a name server have no number of ours.
        why = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error.strerror or str(error)
        super().__init__(f"{what} cannot listen on {host}:{port} ({why}); {remedy}.")


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket. Raises AddressUnavailable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise AddressUnavailable("The server", host, port, error, "take others with --host and --port") from None
    sock.setblocking(False)
    return sock


async def serve(
    directory: Path, settings: Settings, *, with_demo: bool = False, say: Callable[[str], None] = print
) -> None:
    """Serve until SIGTERM or SIGINT, then drain and return. `say` gets the line that tells we are ready.

    Errors: AddressUnavailable, NotLoopback, StoreRefused, StoreUnavailable.
    """
    server = settings.server
    if with_demo and not _is_loopback(server.host):
        raise NotLoopback(
            f"The demo's passwords are known to everybody, so it listens on loopback only, not on {server.host}."
        )
    sock = bound_socket(server.host, server.port)
    host, port = sock.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    app = App(directory, settings, public_url=server.public_url or url)
    await app.start()
    try:
        if with_demo:
            await demo.furnish(app)
        await _start_listener(app)
        await _serve_on(sock, app, lambda: say(_ready_line(app, url, with_demo=with_demo)))
    finally:
        await app.stop()
        sock.close()
    log.info("stopped")


async def _start_listener(app: App) -> None:
    email = app.settings.email
    try:
        await app.start_listener()
        settle_memory()
    except OSError as error:
        remedy = "take another port with FRONTDESK_EMAIL_PORT, or do without mail with FRONTDESK_EMAIL_ENABLED=false"
        if isinstance(error, ssl.SSLError | FileNotFoundError):
            remedy = "look at email.certificate_file and email.key_file"
        raise AddressUnavailable("The mail listener", email.host, email.port, error, remedy) from None


def http_config(app: Any, settings: Server) -> uvicorn.Config:
    """How the HTTP server is set up, whatever application it serves."""
    return uvicorn.Config(
        app,
        loop="none",  # we run in one already
        http=HttpProtocol,
        ws=WebSocketProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        ws_max_size=settings.body_bytes,
        ws_ping_interval=20,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=max(1, int(settings.drain_s)),
        timeout_keep_alive=65,
        backlog=_BACKLOG,
    )


def settle_memory() -> None:
    """Have the garbage collector leave alone what has come to stay: modules, tables, everything made at the start.

    What comes later and stays (sessions, waiting interactions) is looked at seldom. With many requests under way, all
    that belongs to them grows old enough to have everything looked at again and again: under a thousand agents at full
    speed a quarter of the time, in pauses of more than a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


async def _serve_on(sock: socket.socket, app: App, on_ready: Callable[[], None]) -> None:
    config = http_config(app, app.settings.server)
    uvicorn_server = _Server(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving = asyncio.create_task(uvicorn_server.serve(sockets=[sock]), name="http server")
    stopping = asyncio.create_task(stop.wait())
    try:
        while not uvicorn_server.started and not serving.done():
            await asyncio.wait({serving}, timeout=0.005)
        if not serving.done():
            on_ready()
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        await app.drain()
        uvicorn_server.should_exit = True
        await serving
    finally:
        stopping.cancel()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _ready_line(app: App, url: str, *, with_demo: bool) -> str:
    mail = ""
    if app.listener is not None:
        mail = f", mail on {app.settings.email.host}:{app.listener.port}"
    line = f"Frontdesk is ready on {url}{mail}"
    return f"{line}\n{demo.WELCOME.format(url=url)}" if with_demo else line


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
