"""Addresses of resources, made from the configured public URL alone, never from a request's Host header.

In which forms they come back is the business of `core.references`.
"""

from typing import Final

#: Where the API stands under the public URL.
API_PATH: Final = "/api/v2"


class Addresses:
    """The URIs of one server. `public_url` has no path of the API: `https://desk.example.org`."""

    __slots__ = ("prefix",)

    def __init__(self, public_url: str) -> None:
        self.prefix: Final = public_url.rstrip("/").removesuffix(API_PATH) + API_PATH

    def uri(self, path: str) -> str:
        """The absolute URI of a resource path such as "/interactions/ID"."""
        return self.prefix + path
