"""JSON in and out, one encoder for everything. What comes from outside is bounded in depth."""

from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()

#: Encode any value of ours to UTF-8 JSON.
encode = _ENCODER.encode


class NotJson(ValueError):
    """The bytes are no JSON, or JSON nested too deeply to be read."""


def decode(raw: bytes) -> Any:
    """Any JSON value. Raises NotJson."""
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise NotJson(str(error)) from None
    except RecursionError:
        raise NotJson("JSON is nested too deeply") from None
    except UnicodeDecodeError:
        raise NotJson("JSON is not valid UTF-8") from None
