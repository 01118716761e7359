"""Running an application on a socket until it is told to stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from frontdesk import demo
from frontdesk.app import App
from frontdesk.core.settings import Settings
from frontdesk.kit.log import get_logger

log = get_logger(__name__)

_BACKLOG = 2048


class _Server(uvicorn.Server):
    """uvicorn, with the signals left to us: it would end the process by the signal again after a graceful stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class NotLoopback(Exception):
    """The demo was asked to listen where others can reach it; its passwords are known to everybody."""


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError if the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


async def serve(
    directory: Path, settings: Settings, *, with_demo: bool = False, say: Callable[[str], None] = print
) -> None:
    """Serve until SIGTERM or SIGINT, then drain and return. `say` gets the line that tells we are ready.

    Errors: OSError for an address that cannot be had, StoreRefused, StoreUnavailable, NotLoopback.
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
        await app.start_listener()
        await _serve_on(sock, app, lambda: say(_ready_line(app, url, with_demo=with_demo)))
    finally:
        await app.stop()
        sock.close()
    log.info("stopped")


async def _serve_on(sock: socket.socket, app: App, on_ready: Callable[[], None]) -> None:
    config = uvicorn.Config(
        app,
        loop="none",  # we run in one already
        http="httptools",
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        ws_max_size=app.settings.server.body_bytes,
        ws_ping_interval=20,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=max(1, int(app.settings.server.drain_s)),
        timeout_keep_alive=65,
        backlog=_BACKLOG,
    )
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
    return host in ("localhost", "::1") or host.startswith("127.")
