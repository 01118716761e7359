"""Origins of browser pages: how they are written, and lists of those that are allowed."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class AllowedOrigins:
    """The entries of the setting. Raises ValueError that names the first one that is none."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._exact: set[str] = set()
        self._patterns: list[re.Pattern[str]] = []
        for entry in entries:
            origin = normal_origin(entry)
            if origin is None:
                raise ValueError(f"'{entry}' is no origin, like https://desk.example.org or https://*.example.org")
            if "*" not in origin:
                self._exact.add(origin)
                continue
            before, _, after = origin.partition("*")
            if "*" in after or not re.match(r"\.[^:]", after):  # "https://*example.org" would admit evilexample.org
                raise ValueError(f"'{entry}' may have one '*', followed by a dot and the rest of the host name")
            self._patterns.append(re.compile(re.escape(before) + r"[a-z0-9.-]+" + re.escape(after)))

    def __contains__(self, origin: str) -> bool:
        """`origin` as browsers write it, which is the normal form."""
        return origin in self._exact or any(pattern.fullmatch(origin) for pattern in self._patterns)


def normal_origin(text: str) -> str | None:
    """Scheme, host and a port that is not the scheme's own, in lower case; None for what is no origin, like "null"."""
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    if parts.path.strip("/") or parts.query or parts.fragment:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")
