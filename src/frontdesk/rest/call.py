"""One request as a handler sees it, and what a handler gives back."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

from frontdesk.core.errors import BodyMalformed, NotSignedIn, ValueInvalid
from frontdesk.core.permissions import Principal
from frontdesk.core.settings import Settings
from frontdesk.kit.clock import Clock
from frontdesk.rest.house import House
from frontdesk.services.calls import Caller, Once
from frontdesk.services.sign_in import SignedIn
from frontdesk.wire import reading
from frontdesk.wire.addresses import Addresses

T = TypeVar("T")

JSON = b"application/json;charset=UTF-8"
_KEY_CHARACTERS = 200


class Answer(NamedTuple):
    """An HTTP answer, ready to be sent."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    content_type: bytes = JSON


class Call:
    """A request that was matched to a route: who asks, what for, and with which body."""

    __slots__ = ("_signed_in", "clock", "house", "method", "params", "path", "query_string", "raw", "scope", "settings")

    def __init__(
        self, house: House, scope: Any, params: Mapping[str, str], raw: bytes, signed_in: SignedIn | None
    ) -> None:
        self.house = house
        self.scope = scope
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.params = params
        self.raw = raw
        self.query_string: bytes = scope["query_string"]
        self.clock: Clock = house.clock
        self.settings: Settings = house.settings
        self._signed_in = signed_in

    @property
    def addresses(self) -> Addresses:
        return self.house.addresses

    @property
    def signed_in(self) -> SignedIn:
        if self._signed_in is None:
            raise NotSignedIn
        return self._signed_in

    @property
    def principal(self) -> Principal:
        return self.signed_in.principal

    @property
    def query(self) -> dict[str, str]:
        """Query parameters; of a repeated one the last counts."""
        if not self.query_string:
            return {}
        try:
            return dict(parse_qsl(self.query_string.decode(), keep_blank_values=True, errors="strict"))
        except (UnicodeDecodeError, ValueError):
            raise ValueInvalid("query", "it is not UTF-8 in percent encoding") from None

    def header(self, name: bytes) -> str | None:
        """A request header by its lower-case name."""
        for held, value in self.scope["headers"]:
            if held == name:
                text: str = value.decode("latin-1")
                return text
        return None

    def body(self, kind: type[T]) -> T:
        """The body as a `kind`."""
        return reading.read(self.raw, kind)

    def operation(self, operations: Mapping[str, type[Any]], otherwise: type[Any] | None = None) -> tuple[str, Any]:
        """(operation name, parameters) of the body; `otherwise` is the kind of one that is none of `operations`."""
        return reading.read_operation(self.raw, operations, otherwise)

    def caller(self) -> Caller:
        """Who asks for something to be done; with an Idempotency-Key it will be done once."""
        key = self.header(b"idempotency-key")
        once = None
        if key is not None:
            if not 0 < len(key) <= _KEY_CHARACTERS:
                raise BodyMalformed(f"An Idempotency-Key has 1 to {_KEY_CHARACTERS} characters.")
            digest = hashlib.sha256(b"\n".join((self.method.encode(), self.path.encode(), self.query_string, self.raw)))
            once = Once(key, digest.hexdigest())
        return Caller(self.principal, self.clock.now_ms(), once)
