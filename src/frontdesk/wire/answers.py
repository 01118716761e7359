"""The envelopes of answers.

Every success carries `statusCode: 0`; operations of the older pages carry the `status` those show as well, so that a
client of either generation finds its key. Every failure carries the same four keys and nothing else.
"""

from typing import Any, Final

from frontdesk.core.errors import FrontdeskError
from frontdesk.kit.codec import encode
from frontdesk.ports import Outcome

#: `status` of a success, by operation, where its page shows one (Interactions API Operations).
_STATUS: Final[dict[str, str | int]] = {
    "Accept": "ok",
    "Reject": "ok",
    "PlaceInQueue": "ok",
    "TakeAway": "ok",
    "AttachUserData": "ok",
    "UpdateUserData": "ok",
    "DeleteUserData": "ok",
    "PlaceInWorkbin": "ok",
    "GetWorkbinContent": "ok",
    "Cancel": 0,
}


def success(**members: Any) -> bytes:
    """`statusCode: 0` and the given members; those that are None are left out."""
    return encode({"statusCode": 0} | {name: value for name, value in members.items() if value is not None})


def done(operation: str, outcome: Outcome) -> bytes:
    """The answer to an operation."""
    return success(
        status=_STATUS.get(operation),
        referenceId=outcome.reference_id,
        referenceIds=outcome.references,
    )


def failure(error: FrontdeskError) -> bytes:
    """The answer that says what was wrong."""
    message = str(error)
    return encode(
        {
            "statusCode": error.status_code,
            "statusMessage": message,
            "status": "error",
            "errorDescription": message,
        }
    )
