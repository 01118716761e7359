"""The command line tells plainly what it cannot do, with the exit code that scripts rely on."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from frontdesk import configuration
from frontdesk.configuration import SettingsWrong
from tests.server import command, serving


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody else listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        yield taken.getsockname()[1]


def test_a_second_server_on_the_same_directory_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as first:
        second = command("serve", "--data", str(tmp_path / "data"), "--port", "0")
        assert second.exit_code == 1
        assert f"The data directory {tmp_path / 'data'} is in use by another Frontdesk process" in second.complained
        assert str(first.process.pid) in second.complained
        assert "Traceback" not in second.complained
        assert first.process.poll() is None
        assert first.stop() == 0
    with serving(tmp_path / "data") as again:
        assert again.stop() == 0


def test_a_port_that_is_taken_is_named(tmp_path: Path, taken_port: int) -> None:
    ran = command("serve", "--data", str(tmp_path / "data"), "--port", str(taken_port))
    assert ran.exit_code == 1
    assert f"127.0.0.1:{taken_port}" in ran.complained
    assert "--port" in ran.complained
    assert "Traceback" not in ran.complained


def test_a_mail_port_that_is_taken_is_named(tmp_path: Path, taken_port: int) -> None:
    environment = {"FRONTDESK_EMAIL_PORT": str(taken_port)}
    ran = command("serve", "--data", str(tmp_path / "data"), "--port", "0", environment=environment)
    assert ran.exit_code == 1
    assert f"127.0.0.1:{taken_port}" in ran.complained
    assert "FRONTDESK_EMAIL_PORT" in ran.complained
    assert "Traceback" not in ran.complained


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_is_none_is_told_by_its_setting(tmp_path: Path, content: str | None) -> None:
    certificate = tmp_path / "mail.pem"
    if content is not None:
        certificate.write_text(content)
    environment = {"FRONTDESK_EMAIL_CERTIFICATE_FILE": str(certificate)}
    ran = command("serve", "--data", str(tmp_path / "data"), "--port", "0", environment=environment)
    assert ran.exit_code == 1
    assert "email.certificate_file" in ran.complained
    assert "Traceback" not in ran.complained


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.example.com"])  # noqa: S104 - it is to be refused
def test_the_demo_listens_where_nobody_else_is_and_makes_nothing_otherwise(tmp_path: Path, host: str) -> None:
    ran = command("serve", "--demo", "--host", host, "--data", str(tmp_path / "data"), "--port", "0")
    assert ran.exit_code == 1
    assert f"it listens on loopback only, not on {host}" in ran.complained
    assert not (tmp_path / "data").exists()


def test_a_wrong_setting_stops_the_start_and_names_the_key(tmp_path: Path) -> None:
    environment = {"FRONTDESK_ROUTING_OFFER_S": "soon"}
    ran = command("serve", "--data", str(tmp_path / "data"), "--port", "0", environment=environment)
    assert ran.exit_code == 1
    assert "Setting 'routing.offer_s'" in ran.complained
    assert "Traceback" not in ran.complained
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("[server]\nport = 'x'", "'server.port'"),
        ("[server]\nport = 70000", "'server.port'"),
        ("[server]\nport = -1", "'server.port'"),
        ("[server]\nprot = 1", "`prot`"),
        ("[sevrer]\nport = 1", "`sevrer`"),
        ("server = 1", "'server'"),
        ("[server]\ntrusted_proxies = ['my proxy']", "'server.trusted_proxies'"),
        ("[routing]\noffer_s = 0", "'routing.offer_s'"),
        ("[routing]\ncapacity = { chat = -1 }", "'routing.capacity"),
        ("[sign_in]\ncookie_same_site = 'sometimes'", "'sign_in.cookie_same_site'"),
        ("[push]\nqueue_messages = 0", "'push.queue_messages'"),
        ("[log]\nlevel = 'loud'", "'log.level'"),
        ("[server", "is no TOML"),
    ],
)
def test_a_settings_file_that_is_wrong_is_told_by_its_key(tmp_path: Path, file: str, told: str) -> None:
    written = tmp_path / "frontdesk.toml"
    written.write_text(file)
    with pytest.raises(SettingsWrong) as refused:
        configuration.load(written, {})
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("FRONTDESK_SERVER_PORT", "eight", "'server.port'"),
        ("FRONTDESK_SERVER_PROT", "1", "FRONTDESK_SERVER_PORT"),
        ("FRONTDESK_ALL_AT_ONCE", "1", "FRONTDESK_ALL_AT_ONCE"),
        ("FRONTDESK_EMAIL_ENABLED", "perhaps", "'email.enabled'"),
        ("FRONTDESK_SERVER_ALLOWED_ORIGINS", "7", "'server.allowed_origins'"),
    ],
)
def test_an_environment_variable_that_is_wrong_is_told_by_its_key(variable: str, value: str, told: str) -> None:
    with pytest.raises(SettingsWrong) as refused:
        configuration.load(None, {variable: value})
    assert told in str(refused.value)


@pytest.mark.parametrize("port", ["70000", "-1", "eight"])
def test_a_port_that_is_none_is_a_wrong_command(tmp_path: Path, port: str) -> None:
    ran = command("serve", "--data", str(tmp_path / "data"), f"--port={port}")
    assert ran.exit_code == 2
    assert "--port" in ran.complained


@pytest.mark.parametrize(
    "arguments",
    [
        ("backup", "copy.db", "--data", "nowhere"),
        ("restore", "nothing.db", "--data", "nowhere"),
        ("verify", "--data", "nowhere"),
        ("check-config", "--config", "nothing.toml"),
        ("serve", "--port", "0", "--data", "/dev/null"),
        ("serve", "--port", "0", "--host", "no.such.host.invalid"),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(arguments: tuple[str, ...]) -> None:
    ran = command(*arguments)
    assert ran.exit_code == 1
    assert ran.complained.startswith("frontdesk: ")
    assert "Errno" not in ran.complained
    assert len(ran.complained.splitlines()) == 1
