"""What a client's reference points at, in every form that clients send."""

import pytest

from frontdesk.core.errors import ParameterMissing
from frontdesk.core.references import Reference, reference


@pytest.mark.parametrize(
    "written",
    [
        "/users/7f",
        "users/7f",
        "/users/7f/",
        "/api/v2/users/7f",
        " /api/v2/users/7f ",
        "https://desk.example.org/api/v2/users/7f",
        "http://10.0.0.1:8090/cloud-web/api/v2/users/7f?fields=*",
        "https://desk.example.org/api/v2/users/%37f",
    ],
)
def test_an_address_is_understood_in_every_form(written: str) -> None:
    assert reference(written, parameter="userUri") == Reference("users", "7f")


@pytest.mark.parametrize("written", ["7f", " 7f ", "/7f"])
def test_an_id_alone_is_one_of_no_collection(written: str) -> None:
    assert reference(written, parameter="userId") == Reference(None, "7f")


def test_the_innermost_resource_is_meant() -> None:
    assert reference("/users/7f/workbins/w", parameter="workbin") == Reference("workbins", "w")


def test_a_host_that_cannot_be_one_is_no_harm() -> None:
    assert reference("http://[x/users/7f", parameter="userUri") == Reference("users", "7f")


@pytest.mark.parametrize("written", ["", "  ", "/", "https://desk.example.org"])
def test_nothing_is_told_to_be_missing(written: str) -> None:
    with pytest.raises(ParameterMissing, match="userUri"):
        reference(written, parameter="userUri")
