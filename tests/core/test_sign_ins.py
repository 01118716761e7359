"""Reading credentials and addresses: what is taken at its word, and what is not."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.core.sign_ins import (
    BasicCredential,
    Credentials,
    basic_credential,
    bearer_secret,
    client_address,
    is_trusted,
    networks,
    session_cookie,
)

TRUSTED = networks(["10.0.0.0/24", "192.168.1.1", "fd00::/8"])


def address(peer: str, forwarded_for: str | None = None) -> str:
    return client_address(Credentials(peer=peer, forwarded_for=forwarded_for), TRUSTED)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        ("192.0.2.7", None, "192.0.2.7"),
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),  # not a proxy of ours: not believed
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the client wrote the first one itself
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),  # two proxies of ours
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::/64"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", None, "fe80::/64"),
        ("", None, ""),
        ("testclient", "203.0.113.9", "testclient"),
    ],
)
def test_the_address_is_the_peers_or_what_trusted_proxies_say(
    peer: str, forwarded_for: str | None, expected: str
) -> None:
    assert address(peer, forwarded_for) == expected


@pytest.mark.parametrize(
    ("peer", "expected"),
    [("10.0.0.1", True), ("::ffff:10.0.0.1", True), ("fd00::1", True), ("192.0.2.7", False), ("", False)],
)
def test_a_proxy_is_believed_if_its_address_is_named(peer: str, expected: bool) -> None:
    assert is_trusted(peer, TRUSTED) is expected


@given(st.text())
def test_nothing_that_a_stranger_forwards_changes_the_address(forwarded_for: str) -> None:
    assert address("192.0.2.7", forwarded_for) == "192.0.2.7"


@given(st.text())
def test_what_the_client_puts_in_front_is_never_believed(forwarded_for: str) -> None:
    assert address("10.0.0.1", f"{forwarded_for},203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize("entry", ["proxy.example.org", "10.0.0.0/33", ""])
def test_a_proxy_is_named_by_its_address(entry: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        networks([entry])


@given(st.text(st.characters(exclude_characters=":", codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_a_name_and_a_password_arrive_as_they_were_typed(name: str, password: str) -> None:
    raw = f"{name}:{password}".encode()
    sent = "Basic " + base64.b64encode(raw).decode()
    assert basic_credential(sent) == BasicCredential(name, password, raw)


def test_an_older_client_may_send_latin_1() -> None:
    found = basic_credential("basic " + base64.b64encode("jörg:wörd".encode("latin-1")).decode())
    assert found is not None
    assert (found.user_name, found.password) == ("jörg", "wörd")


@given(st.text())
def test_no_header_breaks_the_reading(header: str) -> None:
    assert basic_credential(header) is None or header.lower().startswith("basic ")
    assert bearer_secret(header) is None or header.lower().partition(" ")[0] == "bearer"


def test_the_cookie_has_no_lifetime_of_its_own() -> None:
    assert session_cookie("abc", same_site="lax", is_secure=False) == b"JSESSIONID=abc; Path=/; HttpOnly; SameSite=Lax"
