"""Addresses: written in one form, read in all."""

import pytest

from frontdesk.core.errors import ParameterMissing, ValueInvalid
from frontdesk.wire.addresses import Addresses, Target, id_in, target


@pytest.mark.parametrize(
    "public_url",
    ["https://desk.example.org", "https://desk.example.org/", "https://desk.example.org/api/v2"],
)
def test_a_uri_begins_with_the_public_url(public_url: str) -> None:
    assert Addresses(public_url).uri("/users/7") == "https://desk.example.org/api/v2/users/7"


@pytest.mark.parametrize(
    "written",
    [
        "7f",
        " 7f ",
        "/users/7f",
        "users/7f",
        "/users/7f/",
        "/api/v2/users/7f",
        "/api/v2/user/7f",  # some pages write a collection in the singular
        "https://desk.example.org/api/v2/users/7f",
        "http://10.0.0.1:8090/cloud-web/api/v2/users/7f?fields=*",
        "https://desk.example.org/api/v2/users/%37f",
        "/users/7f/workbins/w",
    ],
)
def test_an_id_is_found_in_every_form(written: str) -> None:
    assert id_in(written, "users") == "7f"


def test_the_innermost_resource_is_meant() -> None:
    assert id_in("/users/7f/workbins/w", "workbins") == "w"
    assert target("/users/7f/workbins/w") == Target("workbins", "w")
    assert target("w") == Target(None, "w")


@pytest.mark.parametrize("written", ["/queues/7f", "https://desk.example.org/api/v2/queues/7f", "http://[x/"])
def test_the_address_of_something_else_is_refused(written: str) -> None:
    with pytest.raises(ValueInvalid, match="targetUri"):
        id_in(written, "users", parameter="targetUri")


@pytest.mark.parametrize("written", ["", "  ", "/", "https://desk.example.org"])
def test_nothing_is_told_to_be_missing(written: str) -> None:
    with pytest.raises(ParameterMissing, match="userUri"):
        id_in(written, "users", parameter="userUri")
