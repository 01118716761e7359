"""The command line: the operators' API.

Exit codes: 0 done · 1 it could not be done, and why is on standard error · 2 the command was wrong.
"""

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import frontdesk
from frontdesk import configuration
from frontdesk.configuration import SettingsWrong
from frontdesk.core.errors import FrontdeskError
from frontdesk.core.names import check_password
from frontdesk.core.settings import Settings
from frontdesk.kit import log
from frontdesk.store.faults import StoreRefused

DEFAULT_DIRECTORY = Path("frontdesk-data")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    given = _parser().parse_args(arguments)
    try:
        settings = configuration.load(given.config)
        log.configure(settings.log.format, settings.log.level)
        command: Callable[[argparse.Namespace, Settings], int] = given.command
        return command(given, settings)
    except (SettingsWrong, StoreRefused, FrontdeskError, OSError, Refused) as error:
        print(f"frontdesk: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


class Refused(Exception):
    """A command that cannot be carried out, in words for the operator."""


# ── the commands ─────────────────────────────────────────────────────────────────────────────────


def _serve(given: argparse.Namespace, settings: Settings) -> int:
    import uvloop

    from frontdesk import serving

    server = settings.server
    changes: dict[str, Any] = {"host": given.host or server.host}
    changes["port"] = server.port if given.port is None else given.port
    settings = _replaced(settings, server=_replaced(server, **changes))
    try:
        uvloop.run(serving.serve(given.data, settings, with_demo=given.demo, say=_say))
    except (serving.NotLoopback, serving.AddressUnavailable) as error:
        raise Refused(str(error)) from None
    return 0


def _migrate(given: argparse.Namespace, settings: Settings) -> int:
    from frontdesk.store.sqlite import migrate

    applied = migrate(given.data)
    _say("\n".join(f"applied {revision}" for revision in applied) or "The store is up to date.")
    return 0


def _check_config(given: argparse.Namespace, settings: Settings) -> int:
    _say("The settings are good.")
    if given.show:
        from frontdesk.kit import codec

        _say(codec.encode(settings).decode())
    return 0


def _backup(given: argparse.Namespace, settings: Settings) -> int:
    from frontdesk.store import backup
    from frontdesk.store.ownership import STORE_FILE

    progress = _Progress("backing up")
    backup.backup(given.data / STORE_FILE, given.file, overwrite=given.overwrite, progress=progress)
    progress.end()
    _say(f"The store of {given.data} is in {given.file}.")
    return 0


def _restore(given: argparse.Namespace, settings: Settings) -> int:
    from frontdesk.store import backup

    kept = backup.restore(given.file, given.data, overwrite=given.overwrite)
    _say(f"{given.file} is the store of {given.data} now." + (f" The one before is kept as {kept}." if kept else ""))
    return 0


def _verify(given: argparse.Namespace, settings: Settings) -> int:
    from frontdesk.store import verify

    progress = _Progress("verifying")
    findings = 0
    for finding in verify.verify(given.data, progress=progress):
        findings += 1
        progress.end()
        _say(f"  {finding}")
    progress.end()
    _say(f"{findings} findings: the store is damaged." if findings else "The store is sound.")
    return 1 if findings else 0


def _add_contact_centre(given: argparse.Namespace, settings: Settings) -> int:
    async def add(app: Any) -> str:
        password = check_password(_password(given), least=settings.sign_in.password_characters)
        founded = await app.house.contact_centres.add(given.name, given.admin, password)
        return f"Contact centre {given.name} ({founded.contact_centre.id}) has the administrator {given.admin}."

    _say(_offline(given, settings, add))
    return 0


def _add_user(given: argparse.Namespace, settings: Settings) -> int:
    from frontdesk.core.permissions import Role
    from frontdesk.services.calls import Caller
    from frontdesk.services.users import UserWish

    async def add(app: Any) -> str:
        admin = await app.house.contact_centres.operator(given.contact_centre)
        wish = UserWish(
            user_name=given.name,
            password=_password(given),
            roles=tuple(Role[role.upper()] for role in given.role or ["agent"]),
        )
        outcome = await app.house.users.create(Caller(admin, app.clock.now_ms()), wish)
        return f"User {given.name} ({outcome.id}) is in contact centre {given.contact_centre}."

    _say(_offline(given, settings, add))
    return 0


def _simulate(given: argparse.Namespace, settings: Settings) -> int:
    from frontdesk.simulate import ScenarioWrong, command

    try:
        for line in command.run(
            given.scenario, given.compare, seed=given.seed, report_file=given.report, progress_of=_Progress
        ):
            _say(line)
    except ScenarioWrong as error:
        raise Refused(str(error)) from None
    return 0


def _export(given: argparse.Namespace, settings: Settings) -> int:
    from frontdesk.simulate import traffic
    from frontdesk.store.traffic import recorded

    found = list(recorded(given.data, centre=given.contact_centre, from_ms=given.begin, until_ms=given.until))
    count = traffic.write(given.traffic, (traffic.Arrival(*one) for one in found))
    _say(f"{count} arrivals are in {given.traffic}.")
    return 0


# ── what they share ──────────────────────────────────────────────────────────────────────────────


def _offline(given: argparse.Namespace, settings: Settings, act: Callable[[Any], Any]) -> str:
    """Do something with the store of a server that is not running."""
    from frontdesk.app import App

    async def run() -> str:
        app = App(given.data, settings, public_url=settings.server.public_url or "http://localhost")
        await app.store.open()
        try:
            told: str = await act(app)
            return told
        finally:
            await app.house.sign_ins.close()
            await app.store.close()

    return asyncio.run(run())


def _password(given: argparse.Namespace) -> str:
    """From the environment, a pipe, or asked for twice; never from the command line, where others can read it."""
    from_environment = os.environ.get("FRONTDESK_PASSWORD")
    if from_environment is not None:
        return from_environment
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise Refused("The two passwords differ.")
    return first


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _moment(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("give the offset from UTC too, as in 2026-01-05T08:00:00+01:00")
    return int(moment.timestamp() * 1000)


def _replaced(struct: Any, **changes: Any) -> Any:
    from msgspec.structs import replace

    return replace(struct, **changes)


def _say(text: str) -> None:
    print(text, flush=True)


class _Progress:
    """A bar on standard error, if somebody looks at it."""

    _WIDTH = 30

    def __init__(self, label: str) -> None:
        self._label = label
        self._is_shown = sys.stderr.isatty()
        self._last = -1

    def __call__(self, done: int, total: int) -> None:
        part = done * 100 // total if total else 100
        if self._is_shown and part != self._last:
            self._last = part
            filled = self._WIDTH * part // 100
            bar = "#" * filled + "." * (self._WIDTH - filled)
            print(f"\r{self._label} [{bar}] {part:3d} %", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._is_shown and self._last >= 0:
            print(file=sys.stderr)
            self._last = -1


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=DEFAULT_DIRECTORY, metavar="DIR", help="holds everything")
    shared.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML")

    parser = argparse.ArgumentParser(prog="frontdesk", description="A contact-centre interactions server.")
    parser.add_argument("--version", action="version", version=f"frontdesk {frontdesk.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, act: Callable[[argparse.Namespace, Settings], int], text: str, under: Any = commands
    ) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = under.add_parser(name, help=text, description=text, parents=[shared])
        made.set_defaults(command=act)
        return made

    serve = command("serve", _serve, "Run the server.")
    serve.add_argument("--host", metavar="H")
    serve.add_argument("--port", type=_port, metavar="N", help="0 takes a free one")
    serve.add_argument("--demo", action="store_true", help="make demo data in an empty store; loopback only")

    command("migrate", _migrate, "Bring the store to this version's schema.")
    check = command("check-config", _check_config, "Say whether the settings are good.")
    check.add_argument("--show", action="store_true", help="print them all")

    backup = command("backup", _backup, "Copy the store while the server runs.")
    backup.add_argument("file", type=Path)
    backup.add_argument("--overwrite", action="store_true")
    restore = command("restore", _restore, "Put a backup in place of the store.")
    restore.add_argument("file", type=Path)
    restore.add_argument("--overwrite", action="store_true", help="the present store is kept aside")
    command("verify", _verify, "Check the store against its own history.")

    simulate = command("simulate", _simulate, "Try a routing policy on simulated time.")
    simulate.add_argument("scenario", type=Path, metavar="SCENARIO.toml")
    simulate.add_argument("--compare", type=Path, nargs="+", default=[], metavar="OTHER.toml", help="what differs")
    simulate.add_argument("--seed", type=int, metavar="N", help="another than the scenario's")
    simulate.add_argument("--report", type=Path, metavar="FILE.html", help="with plots")

    export = command("export", _export, "Write down what came in a period, for the simulator.")
    export.add_argument("--traffic", type=Path, required=True, metavar="FILE")
    export.add_argument("--contact-centre", metavar="NAME", help="needed where there are several")
    export.add_argument("--from", dest="begin", type=_moment, metavar="TIME", help="with its offset from UTC")
    export.add_argument("--until", type=_moment, metavar="TIME")

    centre = commands.add_parser("contact-centre", help="Contact centres.").add_subparsers(required=True)
    add_centre = command("add", _add_contact_centre, "Make a contact centre and its administrator.", centre)
    add_centre.add_argument("name")
    add_centre.add_argument("--admin", required=True, metavar="USER")
    user = commands.add_parser("user", help="Users.").add_subparsers(required=True)
    add_user = command("add", _add_user, "Make a user.", user)
    add_user.add_argument("name")
    add_user.add_argument("--contact-centre", required=True, metavar="NAME")
    add_user.add_argument("--role", action="append", choices=("agent", "supervisor", "admin"), default=None)
    return parser
