"""Settings from a file and the environment: a wrong one stops the start and names the key."""

from pathlib import Path

import pytest

from frontdesk.configuration import SettingsWrong, load


def test_without_anything_there_are_defaults() -> None:
    assert load(None, {}).server.port == 8090


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.toml"
    file.write_text('[server]\nport = 1\nhost = "::1"\n', encoding="utf-8")
    server = load(file, {"FRONTDESK_SERVER_PORT": "2", "PATH": "/bin"}).server
    assert (server.host, server.port) == ("::1", 2)


@pytest.mark.parametrize(
    ("variable", "text", "key"),
    [
        ("SERVER_PORT", "70000", "server.port"),
        ("SERVER_PORT", "many", "server.port"),
        ("SERVER_TRUSTED_PROXIES", '["proxy"]', "server.trusted_proxies"),
        ("SERVER_ALLOWED_ORIGINS", '["desk"]', "server.allowed_origins"),
        ("SERVER_ALLOWED_ORIGINS", '["https://*"]', "server.allowed_origins"),
        ("ROUTING_OFFER_S", "-5", "routing.offer_s"),
        ("LOG_LEVEL", "loud", "log.level"),
    ],
)
def test_a_wrong_setting_is_named(variable: str, text: str, key: str) -> None:
    with pytest.raises(SettingsWrong, match=f"Setting '{key}'"):
        load(None, {f"FRONTDESK_{variable}": text})


def test_an_unknown_variable_is_told_which_there_are() -> None:
    with pytest.raises(SettingsWrong, match="FRONTDESK_SERVER_PORT"):
        load(None, {"FRONTDESK_SERVER_PRT": "1"})


@pytest.mark.parametrize("text", ["[server]\nprt = 1", "server = 1", "[servers]", "port = "])
def test_a_file_that_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "frontdesk.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsWrong):
        load(file, {})
