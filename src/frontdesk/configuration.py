"""From a TOML file and the environment to the settings tree. A wrong one stops the start and names the key.

A key `port` of the section `server` is `[server] port = …` in the file and `FRONTDESK_SERVER_PORT` in the environment,
which wins. Lists are written as in TOML there: `FRONTDESK_SERVER_ALLOWED_ORIGINS='["https://desk.example.org"]'`.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from frontdesk.core.origins import AllowedOrigins
from frontdesk.core.settings import Settings
from frontdesk.core.sign_ins import networks

_PREFIX = "FRONTDESK_"
_NO_SETTINGS = frozenset({"FRONTDESK_PASSWORD"})  # read by commands that make users


class SettingsWrong(Exception):
    """What is wrong with the settings, by key, in words for the operator."""


def load(file: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings. Raises SettingsWrong."""
    tree = _read(file) if file is not None else {}
    for variable, text in environment.items():
        if variable.startswith(_PREFIX) and variable not in _NO_SETTINGS:
            section, key = _place(variable)
            held = tree.setdefault(section, {})
            if isinstance(held, dict):
                held[key] = _value(text)
    try:
        settings = msgspec.convert(tree, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsWrong(_explained(str(error), file)) from None
    for key, understood in (("trusted_proxies", networks), ("allowed_origins", AllowedOrigins)):
        try:
            understood(getattr(settings.server, key))
        except ValueError as error:
            raise SettingsWrong(_explained(f"{error} - at `$.server.{key}`", file)) from None
    return settings


def variables() -> dict[str, tuple[str, str]]:
    """Environment variable → (section, key), for every setting."""
    found = {}
    for section in msgspec.structs.fields(Settings):
        for key in msgspec.structs.fields(section.type):
            found[f"{_PREFIX}{section.name}_{key.name}".upper()] = (section.name, key.name)
    return found


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsWrong(f"The settings file {file} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsWrong(f"The settings file {file} is no TOML: {error}.") from None


def _place(variable: str) -> tuple[str, str]:
    place = variables().get(variable)
    if place is None:
        near = [name for name in variables() if name.startswith("_".join(variable.split("_")[:2]))]
        hint = f" Known ones near it: {', '.join(near)}." if near else ""
        raise SettingsWrong(f"The environment variable {variable} is no setting.{hint}")
    return place


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # an unquoted string, as one writes it in an environment


def _explained(problem: str, file: Path | None) -> str:
    what, _, path = problem.partition(" - at `$.")
    key = path.rstrip("`") or "the top level"
    where = f" (file {file} or the environment)" if file else ""
    return f"Setting '{key}'{where}: {what[:1].lower()}{what[1:]}."
