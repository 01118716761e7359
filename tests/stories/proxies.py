"""Real proxies in front of a server, set up with the files of docs/proxies.md.

Nothing in a file is changed but what names a place: the address to listen on, that of the server, the certificate.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "proxies.md"
CERTIFICATE: Final = Path(__file__).parent.parent / "channels" / "localhost.pem"
PATIENCE_S: Final = 20.0

#: What each is called, and the language that its file on the page is marked with.
PROXIES: Final = {"nginx": "nginx", "haproxy": "haproxy", "caddy": "caddyfile"}

#: Where distributions put servers is not on everybody's path.
_PATH: Final = os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/opt/homebrew/bin"))


def file_of(proxy: str) -> str:
    """The proxy's file on the page."""
    [block] = re.findall(rf"^```{PROXIES[proxy]}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(block)


def is_installed(proxy: str) -> bool:
    return shutil.which(proxy, path=_PATH) is not None


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port that nobody else is given: it is bound. A proxy can listen on it nevertheless, for we do not."""
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        yield int(reserved.getsockname()[1])


@contextmanager
def in_front_of(server: str, proxy: str, directory: Path, port: int, *, file: str | None = None) -> Iterator[None]:
    """Run the proxy on `port` with its file on the page, or with another, for the server at `server`."""
    directory.mkdir()
    arranged = {"nginx": _nginx, "haproxy": _haproxy, "caddy": _caddy}[proxy]
    said = _replaced(file if file is not None else file_of(proxy), {"127.0.0.1:8090": server})
    executable = shutil.which(proxy, path=_PATH)
    assert executable is not None
    complaints = directory / "complaints"
    with complaints.open("wb") as stderr:
        process = subprocess.Popen(
            [executable, *arranged(said, directory, port)],
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env={"HOME": str(directory), "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)},
        )
    try:
        until_s = time.monotonic() + PATIENCE_S
        while not _listens(port):
            assert process.poll() is None, complaints.read_text()
            assert time.monotonic() < until_s, f"it does not listen: {complaints.read_text()}"
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _nginx(said: str, directory: Path, port: int) -> list[str]:
    """The page's file is one of those that the distribution's nginx.conf includes."""
    site = directory / "frontdesk.conf"
    certificates = {
        "/etc/ssl/desk.example.org.pem": str(CERTIFICATE),
        "/etc/ssl/desk.example.org.key": str(CERTIFICATE),
    }
    site.write_text(_replaced(said, {"listen 443 ": f"listen 127.0.0.1:{port} ", **certificates}))
    temporary = "".join(
        f"    {kind}_temp_path {directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (directory / "nginx.conf").write_text(
        f"daemon off;\npid {directory}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\n    access_log off;\n{temporary}    include {site};\n}}\n"
    )
    return ["-p", str(directory), "-c", str(directory / "nginx.conf"), "-e", "stderr"]


def _haproxy(said: str, directory: Path, port: int) -> list[str]:
    placed = _replaced(said, {"bind :443 ": f"bind 127.0.0.1:{port} ", "/etc/haproxy/desk.pem": str(CERTIFICATE)})
    if os.geteuid() != 0:  # only root can become somebody else
        placed = _replaced(placed, {"    user haproxy\n": "", "    group haproxy\n": ""})
    (directory / "haproxy.cfg").write_text(placed)
    return ["-f", str(directory / "haproxy.cfg"), "-db"]


def _caddy(said: str, directory: Path, port: int) -> list[str]:
    """It asks the world for a certificate and listens for http as well, unless it is told not to."""
    site = f"https://127.0.0.1:{port} {{\n    tls {CERTIFICATE} {CERTIFICATE}\n"
    (directory / "Caddyfile").write_text(
        "{\n    admin off\n    auto_https disable_redirects\n    default_bind 127.0.0.1\n}\n"
        + _replaced(said, {"desk.example.org {\n": site})
    )
    return ["run", "--config", str(directory / "Caddyfile"), "--adapter", "caddyfile"]


def _replaced(text: str, places: dict[str, str]) -> str:
    for place, ours in places.items():
        assert text.count(place) == 1, f"{place!r} has to be there once:\n{text}"
        text = text.replace(place, ours)
    return text


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
