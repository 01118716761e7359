"""Addresses of resources, which are written in one form."""

import pytest

from frontdesk.wire.addresses import Addresses


@pytest.mark.parametrize(
    "public_url",
    ["https://desk.example.org", "https://desk.example.org/", "https://desk.example.org/api/v2"],
)
def test_a_uri_begins_with_the_public_url(public_url: str) -> None:
    assert Addresses(public_url).uri("/users/7") == "https://desk.example.org/api/v2/users/7"
