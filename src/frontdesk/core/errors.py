"""Every refusal that may cross the wire, named for what happened.

`status_code` is the number of the Genesys Web Services "Return Values" page and is published: it is never
renumbered. `http_status` follows from it, except where a transport refusal has an HTTP code of its own.
A message says what was wrong and what would be right, in words an operator or a client's developer can act on.
"""

from collections.abc import Iterable
from typing import ClassVar


class FrontdeskError(Exception):
    """Base of all refusals.

    Codes: 1 a required thing is absent · 2 not valid in the present state · 3 forbidden · 4 internal or "later" ·
    5 no permission · 6 unknown · 7 partial success · 8 change the password first · 10 malformed or out of bounds ·
    11 read-only · 18 exists already · 19 in use · 20 not signed in.
    """

    status_code: ClassVar[int] = 4
    http_status: ClassVar[int] = 500

    @property
    def retry_after_s(self) -> int | None:
        """Seconds after which trying again makes sense, or None when it never does by itself."""
        return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


# ── 1: absent ────────────────────────────────────────────────────────────────────────────────────


class ParameterMissing(FrontdeskError):
    """A required parameter or the `operationName` is absent."""

    status_code, http_status = 1, 400

    def __init__(self, name: str, hint: str = "") -> None:
        super().__init__(f"The required parameter '{name}' is missing." + (f" {hint}" if hint else ""))


# ── 2: not valid in the present state ────────────────────────────────────────────────────────────


class OperationUnknown(FrontdeskError):
    """There is no operation of this name on this resource."""

    status_code, http_status = 2, 400

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"The operation '{name}' is unknown here; known are: {_listed(known)}.")


class IllegalTransition(FrontdeskError):
    """The lifecycle table has no such step."""

    status_code, http_status = 2, 400

    def __init__(self, interaction_id: str, state: str, act: str, legal: Iterable[str]) -> None:
        legal = _listed(legal)
        also = f"legal now: {legal}" if legal else "nothing can be done with it now"
        super().__init__(f"Interaction {interaction_id} is {state}: {act} is not possible; {also}.")


class OfferGone(FrontdeskError):
    """The offer expired, was withdrawn, or somebody else took it."""

    status_code, http_status = 2, 400

    def __init__(self, interaction_id: str) -> None:
        super().__init__(
            f"The offer of interaction {interaction_id} is no longer open to you: "
            "it expired, was withdrawn, or somebody else took it."
        )


class ReceiverUnavailable(FrontdeskError):
    """A transfer needs a receiver who is logged in on the medium."""

    status_code, http_status = 2, 400

    def __init__(self, user_name: str, media_type: str) -> None:
        super().__init__(
            f"Agent {user_name} is not logged in on the channel '{media_type}'; "
            "the interaction stays with you. Choose a logged-in agent or a queue."
        )


class ChannelNotLoggedIn(FrontdeskError):
    """A state can only be set on a channel of a running contact-centre session."""

    status_code, http_status = 2, 400

    def __init__(self, channel: str) -> None:
        super().__init__(
            f"Nobody is logged in on the channel '{channel}' here; "
            "start a contact-centre session with it first (StartContactCenterSession)."
        )


class ReferenceInvalid(FrontdeskError):
    """A parameter names a thing that does not exist; the thing operated on does."""

    status_code, http_status = 2, 400

    def __init__(self, parameter: str, value: str, noun: str) -> None:
        super().__init__(f"The parameter '{parameter}' names no {noun} of this contact centre: '{value[:200]}'.")


# ── 3, 5, 8, 20: who may ─────────────────────────────────────────────────────────────────────────


class Forbidden(FrontdeskError):
    """The server does not do this for anybody in this situation."""

    status_code, http_status = 3, 403


class CsrfTokenInvalid(Forbidden):
    """The text is the documented one (CSRF Protection page); clients compare it."""

    def __init__(self) -> None:
        super().__init__("Missing or invalid Csrf token")


class PermissionMissing(FrontdeskError):
    """No role or token scope of the caller allows it."""

    status_code, http_status = 5, 403

    def __init__(self, act: str, allowed: Iterable[str]) -> None:
        super().__init__(f"You may not {act}; that takes one of: {_listed(allowed)}.")


class NotYours(FrontdeskError):
    """The thing exists and belongs to somebody else."""

    status_code, http_status = 5, 403

    def __init__(self, noun: str, thing_id: str) -> None:
        super().__init__(f"The {noun} {thing_id} is not yours to work on.")


class PasswordChangeRequired(FrontdeskError):
    """An administrator wants the user to choose a password before anything else."""

    status_code, http_status = 8, 403

    def __init__(self) -> None:
        super().__init__(
            "Your password has to be changed before anything else: post ChangePassword with oldPassword and "
            "newPassword to /me."
        )


class NotSignedIn(FrontdeskError):
    """Sent as 403 without a challenge, so that no browser shows a password dialog of its own."""

    status_code, http_status = 20, 403

    def __init__(self, why: str = "Access denied") -> None:
        super().__init__(why)


class TooManySignIns(FrontdeskError):
    """Failed sign-ins slow down further ones from the same address."""

    status_code, http_status = 3, 429

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Too many failed sign-ins; try again in {wait_s} s.")
        self._wait_s = wait_s

    @property
    def retry_after_s(self) -> int | None:
        return self._wait_s


# ── 4: internal, or later ────────────────────────────────────────────────────────────────────────


class InternalError(FrontdeskError):
    """A bug. What happened is in the log under the same reference, never in the answer."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"Internal error; the server's log tells more under reference {reference}.")


class StoreUnavailable(FrontdeskError):
    """The store cannot take or answer this now; nothing was changed."""

    status_code, http_status = 4, 503

    def __init__(self, why: str, *, retry_after_s: int = 1) -> None:
        super().__init__(f"The store is not available: {why}. Nothing was changed; try again.")
        self._retry_after_s = retry_after_s

    @property
    def retry_after_s(self) -> int | None:
        return self._retry_after_s


class ServerBusy(FrontdeskError):
    """A bound of ours is reached; nothing was begun."""

    status_code, http_status = 4, 503

    def __init__(self, what: str, *, retry_after_s: int = 1) -> None:
        super().__init__(
            f"The server has too many {what} at once. Nothing was changed; try again in {retry_after_s} s."
        )
        self._retry_after_s = retry_after_s

    @property
    def retry_after_s(self) -> int | None:
        return self._retry_after_s


# ── 6: unknown ───────────────────────────────────────────────────────────────────────────────────


class NotFound(FrontdeskError):
    """Also the answer for a thing of another contact centre, which must look exactly the same."""

    status_code, http_status = 6, 404

    def __init__(self, noun: str, thing_id: str) -> None:
        super().__init__(f"There is no {noun} '{thing_id}'.")


class ResourceUnknown(FrontdeskError):
    """The path is none of the API."""

    status_code, http_status = 6, 404

    def __init__(self, path: str) -> None:
        super().__init__(f"There is no resource at {path}; /api/v2/openapi.json lists them.")


# ── 10, 11: malformed ────────────────────────────────────────────────────────────────────────────


class BodyMalformed(FrontdeskError):
    """The body is no JSON, or not an object."""

    status_code, http_status = 10, 400


class ValueInvalid(FrontdeskError):
    """A parameter has a wrong type or a value that cannot be."""

    status_code, http_status = 10, 400

    def __init__(self, parameter: str, problem: str) -> None:
        self.parameter = parameter
        super().__init__(f"The parameter '{parameter}' is not valid: {problem}.")


class LimitExceeded(FrontdeskError):
    """A bound of the settings is exceeded."""

    status_code, http_status = 10, 400

    def __init__(self, what: str, found: int, limit: int) -> None:
        super().__init__(f"{what}: {found} is more than the limit of {limit}.")


class KeyReused(FrontdeskError):
    """An Idempotency-Key was used for another request."""

    status_code, http_status = 10, 400

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request; take a new key for a new request.")


class PropertyReadOnly(FrontdeskError):
    """An update names a property that cannot be changed, with another value."""

    status_code, http_status = 11, 400

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"These properties cannot be changed: {_listed(names)}.")


# ── 18, 19: conflicts ────────────────────────────────────────────────────────────────────────────


class AlreadyExists(FrontdeskError):
    """The name is taken."""

    status_code, http_status = 18, 409

    def __init__(self, noun: str, name: str) -> None:
        super().__init__(f"There is a {noun} '{name}' already.")


class InUse(FrontdeskError):
    """What is to be deleted is in use; the message says by what."""

    status_code, http_status = 19, 409

    def __init__(self, noun: str, name: str, by: str) -> None:
        super().__init__(f"The {noun} '{name}' is in use by {by}; remove that use first.")


# ── refusals of the transport, with HTTP codes of their own ──────────────────────────────────────


class MethodNotAllowed(FrontdeskError):
    """The path does not take this HTTP method."""

    status_code, http_status = 3, 405

    def __init__(self, method: str, path: str, allowed: Iterable[str]) -> None:
        self.allowed = tuple(sorted(allowed))
        super().__init__(f"{method} is not possible on {path}; possible are: {', '.join(self.allowed)}.")


class BodyTooLarge(FrontdeskError):
    """The request body is larger than the settings allow."""

    status_code, http_status = 10, 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The request body is larger than {limit_bytes} bytes.")


class BodyTooSlow(FrontdeskError):
    """The request body does not arrive."""

    status_code, http_status = 10, 408

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"The request body did not arrive within {limit_s:g} s.")


class MediaTypeUnsupported(FrontdeskError):
    """The body is declared as something other than JSON."""

    status_code, http_status = 10, 415

    def __init__(self, given: str, wanted: str = "application/json") -> None:
        super().__init__(f"The body must be {wanted}, not '{given}'.")


class StaleVersion(Exception):
    """Someone else wrote the row since it was read; the engine runs the body again. It never crosses the wire."""
