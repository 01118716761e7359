"""What a request brings to say who is behind it, as plain values: its credentials and the address it comes from.

Nothing here decides whether a credential is good; that is the sign-in service's.
"""

import base64
import binascii
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

import msgspec

from frontdesk.core.ids import ContactCentreId, UserId

#: The session cookie's name is the one that existing clients know.
SESSION_COOKIE = "JSESSIONID"

Network = IPv4Network | IPv6Network

_IPV6_SITE_BITS = 64


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """`authorization` and `csrf_token` as sent, the cookie's value, and where the request came from."""

    authorization: str | None = None
    session: str | None = None
    csrf_token: str | None = None
    peer: str = ""
    forwarded_for: str | None = None
    is_safe: bool = True  # GET, HEAD, OPTIONS: changes nothing, so needs no CSRF token
    is_secure: bool = False


class BasicCredential(msgspec.Struct, frozen=True):
    """`raw` is "name:password" as it was sent: what a verified credential is remembered by."""

    user_name: str
    password: str
    raw: bytes


def basic_credential(authorization: str) -> BasicCredential | None:
    """The user name and password of an `Authorization: Basic …` header, or None if it is something else."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        raw = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # what older clients send
    user_name, colon, password = text.partition(":")
    return BasicCredential(user_name, password, raw) if colon else None


def bearer_secret(authorization: str) -> str | None:
    """The secret of an `Authorization: Bearer …` header, or None if it is something else."""
    scheme, _, secret = authorization.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def session_cookie(secret: str, *, same_site: Literal["lax", "none", "strict"], is_secure: bool) -> bytes:
    """The value of a Set-Cookie header. Without a lifetime of its own: the server alone decides how long it is good."""
    parts = [f"{SESSION_COOKIE}={secret}", "Path=/", "HttpOnly", f"SameSite={same_site.capitalize()}"]
    if is_secure or same_site == "none":  # browsers take SameSite=None only with Secure
        parts.append("Secure")
    return "; ".join(parts).encode("ascii")


def networks(entries: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks ("10.0.0.7", "10.0.0.0/8"). Raises ValueError for anything else."""
    return tuple(ip_network(entry.strip(), strict=False) for entry in entries)


def is_trusted(peer: str, trusted: Iterable[Network]) -> bool:
    """Whether this is the address of a proxy that is trusted."""
    hop = _address(peer)
    return hop is not None and any(hop in network for network in trusted)


def client_address(credentials: Credentials, trusted: Iterable[Network]) -> str:
    """Where a request really comes from: the peer, or whom trusted proxies name.

    X-Forwarded-For is read from its end, where the nearest proxy wrote, and only for as long as the one who wrote is
    trusted: what a client puts in front itself is never believed. One IPv6 site (/64) counts as one address, because
    one machine there has billions of them.
    """
    hop = _address(credentials.peer)
    if hop is None:
        return credentials.peer
    trusted = tuple(trusted)
    if trusted and credentials.forwarded_for:
        for named in reversed(credentials.forwarded_for.split(",")):
            before = _address(named)
            if before is None or not any(hop in network for network in trusted):
                break
            hop = before
    if isinstance(hop, IPv6Address):
        return str(ip_network((hop, _IPV6_SITE_BITS), strict=False))
    return str(hop)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Of "192.0.2.7", "192.0.2.7:4711", "2001:db8::7" or "[2001:db8::7]:4711"."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


class HttpSession(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that a cookie carries. The cookie's value is never kept, only its hash."""

    secret_hash: str
    contact_centre: ContactCentreId
    user_id: UserId
    csrf_token: str
    created_at_ms: int
    last_used_ms: int
