"""Who comes to the notifications: sign-ins and origins together, as push asks for them.

Every request is looked at. `authenticate` knows everybody who may come in; `recall` tells at once, from memory, of
those who come with a cookie that was seen before, and of nobody else.
"""

from typing import Any

import msgspec

from frontdesk.core.errors import NotSignedIn, TooManySignIns
from frontdesk.core.permissions import Act, Principal
from frontdesk.core.sign_ins import Credentials
from frontdesk.kit.ids import fingerprint
from frontdesk.push.authenticator import Recalled, SignIn
from frontdesk.rest.cors import CONTACT_CENTRE, Cors, Headers
from frontdesk.rest.security_headers import EVERYWHERE
from frontdesk.services.origins import Origins
from frontdesk.services.sign_in import SignIns
from frontdesk.wire.credentials import credentials_of


class Asker(msgspec.Struct):
    """What the head of a request tells of who asks, and what was made of it the last time.

    `cookie` is the fingerprint of the session's cookie.
    """

    cookie: str
    address: str
    origin: str | None
    is_everybodys: bool
    principal: Principal | None = None
    edition: int = -1
    recalled: Recalled | None = None


class Doorkeeper:
    """Lets users in, and remembers as whom. `principals` has everybody who was let in, by user id."""

    def __init__(self, sign_ins: SignIns, origins: Origins, cors: Cors, *, public_url: str) -> None:
        self._sign_ins = sign_ins
        self._origins = origins
        self._cors = cors
        self._public_url = public_url
        self.principals: dict[str, Principal] = {}

    async def authenticate(self, scope: Any) -> SignIn | None:
        """Whoever is behind a request to the notifications; CSRF is not asked for there."""
        credentials = _credentials(scope)
        try:
            signed_in = await self._sign_ins.authenticate(credentials)
        except (NotSignedIn, TooManySignIns):
            return None
        if signed_in is None or not _may_come(signed_in.principal):
            return None
        principal = signed_in.principal
        scope[CONTACT_CENTRE] = principal.contact_centre
        if not self._is_everybodys(scope) and not self._is_of(principal, _origin(scope) or ""):
            return None
        # Sessions belong to the user, whichever of the user's sign-ins came last; a token's bounds are its own.
        self.principals[principal.user_id] = msgspec.structs.replace(principal, scopes=None)
        cookies = () if signed_in.set_cookie is None else (signed_in.set_cookie,)
        return SignIn(
            principal=principal.user_id,
            sign_in=principal.sign_in,
            address=self._sign_ins.address_of(credentials),
            set_cookies=cookies,
        )

    def is_origin_allowed(self, scope: Any) -> bool:
        """Also one that only some contact centre allows: whether it is the user's is looked at with the sign-in."""
        return self._is_everybodys(scope) or self._origins.is_known(_origin(scope) or "")

    def asker(self, scope: Any) -> Asker | None:
        """What the head of a request tells of who asks; None if `recall` would not know them."""
        credentials = _credentials(scope)
        if credentials.authorization or not credentials.session:
            return None
        address = self._sign_ins.address_of(credentials)
        return Asker(fingerprint(credentials.session), address, _origin(scope), self._is_everybodys(scope))

    def recall(self, asker: Asker) -> Recalled | None:
        """The one who asks, from memory. None is no refusal: `authenticate` may know more."""
        principal = self._sign_ins.recall(asker.cookie)
        if principal is None:
            return None
        if asker.origin is not None and not self._origins.is_up_to_date:
            return None
        if principal is not asker.principal or self._origins.edition != asker.edition:
            if not _may_come(principal):
                return None
            if not asker.is_everybodys and not self._is_of(principal, asker.origin or ""):
                return None
            asker.principal, asker.edition = principal, self._origins.edition
            asker.recalled = self._recalled(principal, asker)
        self.principals[principal.user_id] = principal
        return asker.recalled

    def _recalled(self, principal: Principal, asker: Asker) -> Recalled:
        headers: Headers = EVERYWHERE
        if asker.origin is not None:
            headers += self._cors.headers_for(asker.origin.encode("latin-1"), principal.contact_centre)
        who = SignIn(principal=principal.user_id, sign_in=principal.sign_in, address=asker.address)
        return Recalled(who, b"".join(b"%b: %b\r\n" % header for header in headers))

    def _is_of(self, principal: Principal, origin: str) -> bool:
        return self._origins.is_allowed(principal.contact_centre, origin)

    def _is_everybodys(self, scope: Any) -> bool:
        """A page of ours has the public URL, or the address that the request itself was sent to."""
        origin, headers = _origin(scope), dict(scope["headers"])
        if origin is None:
            return True
        scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
        asked = f"{scheme}://{headers.get(b'host', b'').decode('latin-1')}"
        return any(self._cors.is_origin_allowed(origin, own) for own in (self._public_url, asked))


def _credentials(scope: Any) -> Credentials:
    return msgspec.structs.replace(credentials_of(scope), is_safe=True)


def _may_come(principal: Principal) -> bool:
    return principal.may(Act.HEAR) and not principal.must_change_password


def _origin(scope: Any) -> str | None:
    """The site whose page a browser's request comes from."""
    for name, value in scope["headers"]:
        if name == b"origin":
            text: str = value.decode("latin-1")
            return text
    return None
