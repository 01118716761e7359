"""Writes the pages of docs/ that are made from the code: the lifecycle, the settings, the error codes.

`make docs` runs it; a test holds the pages against what it would write.
"""

import ast
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, get_args, get_origin

import msgspec

from frontdesk import configuration
from frontdesk.core import errors, lifecycle, settings
from frontdesk.core.errors import FrontdeskError
from frontdesk.core.lifecycle import Kind, State

DOCS = Path(__file__).parent.parent / "docs"
_NOTE = "<!-- Made by `make docs` from {source}; edit that instead. -->\n"


def lifecycle_page() -> str:
    """The table as a diagram for each kind of interaction, and the operations of each state."""
    lines = [
        "# The life of an interaction",
        "",
        _NOTE.format(source="src/frontdesk/core/lifecycle.py"),
        "Every state, every trigger, every legal step. A client never needs to know this table: each interaction",
        "carries its `capabilities`, the operations that whoever holds it may post now.",
        "",
    ]
    titles = {
        Kind.EMAIL: "Inbound e-mail",
        Kind.DRAFT: "Outbound e-mail (draft)",
        Kind.CHAT: "Chat",
        Kind.ITEM: "Work item and open media",
    }
    for kind, title in titles.items():
        lines += [f"## {title}", "", *_diagram(kind), "", *_capabilities(kind), ""]
    return "\n".join(lines).rstrip() + "\n"


def _diagram(kind: Kind) -> list[str]:
    steps = [one for one in lifecycle.STEPS if kind in one.kinds]
    moves: dict[tuple[State, State], list[str]] = {}
    for one in steps:
        if one.before is not one.after:
            moves.setdefault((one.before, one.after), []).append(one.trigger.value)
    lines = ["```mermaid", "stateDiagram-v2"]
    lines.append(f"    [*] --> {State.COMPOSING if kind is Kind.DRAFT else State.QUEUED}")
    lines += [f"    {before} --> {after}: {', '.join(triggers)}" for (before, after), triggers in moves.items()]
    reached = {after for _, after in moves}
    lines += [f"    {state} --> [*]" for state in State if state in reached and lifecycle.is_final(state)]
    return [*lines, "```"]


def _capabilities(kind: Kind) -> list[str]:
    lines = ["| state | capabilities of its holder |", "| --- | --- |"]
    for state in State:
        capable = lifecycle.capabilities(state, kind)
        if capable:
            lines.append(f"| `{state}` | {', '.join(capable)} |")
    return lines


def settings_page() -> str:
    """Every setting with its type, default and meaning."""
    lines = [
        "# Settings",
        "",
        _NOTE.format(source="src/frontdesk/core/settings.py"),
        "A TOML file (`frontdesk serve --config FILE`) and environment variables, which win. A wrong setting stops the",
        "start and names the key; `frontdesk check-config --show` prints them all. Times are seconds and sizes bytes",
        "unless the name says otherwise.",
        "",
    ]
    variables = {place: name for name, place in configuration.variables().items()}
    for section in msgspec.structs.fields(settings.Settings):
        kind = section.type
        lines += [f"## [{section.name}]", "", inspect.getdoc(kind) or "", ""]
        lines += ["| key | environment | type | default | meaning |", "| --- | --- | --- | --- | --- |"]
        meanings = _meanings(kind)
        default = kind()
        for field in msgspec.structs.fields(kind):
            value = msgspec.json.encode(getattr(default, field.name)).decode()
            name = variables[section.name, field.name]
            lines.append(
                f"| `{field.name}` | `{name}` | {_type_name(field.type)} | `{value}` | {meanings.get(field.name, '')} |"
            )
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _meanings(kind: type) -> dict[str, str]:
    """The strings that stand below the fields of a class."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(text.value.value).split())
    return found


def _type_name(kind: object) -> str:
    if get_origin(kind) is Annotated:
        kind, bounds = get_args(kind)
        upper = "" if bounds.le is None else f" to {bounds.le}"
        return f"{_type_name(kind)} from {bounds.ge}{upper}"
    arguments = get_args(kind)
    if arguments and all(isinstance(argument, str) for argument in arguments):
        return " or ".join(f'`"{argument}"`' for argument in arguments)
    origin = get_origin(kind)
    if origin is tuple:
        return "list"
    return {dict: "table", str: "text", int: "whole number", float: "number", bool: "yes or no"}.get(
        origin or kind,  # type: ignore[arg-type]
        str(kind),
    )


def errors_page() -> str:
    """Every refusal with its numbers."""
    lines = [
        "# Errors",
        "",
        _NOTE.format(source="src/frontdesk/core/errors.py"),
        'Every failed request answers with JSON: `statusCode` (above 0), `statusMessage`, `status: "error"` and',
        "`errorDescription` (the same text), and nothing else. Nothing was changed then. A message says what was wrong",
        "and what would be right; clients decide by the numbers, never by the text.",
        "",
        "| `statusCode` | HTTP | error | when |",
        "| --- | --- | --- | --- |",
    ]
    found = sorted(_refusals(FrontdeskError), key=lambda one: (one.status_code, one.http_status, one.__name__))
    for one in found:
        first_line = (inspect.getdoc(one) if "__doc__" in vars(one) and one.__doc__ else "") or ""
        lines.append(f"| {one.status_code} | {one.http_status} | `{one.__name__}` | {' '.join(first_line.split())} |")
    return "\n".join(lines) + "\n"


def _refusals(base: type[FrontdeskError]) -> list[type[FrontdeskError]]:
    own = [one for one in base.__subclasses__() if one.__module__ == errors.__name__]
    return [found for one in own for found in (one, *_refusals(one))]


PAGES: dict[str, Callable[[], str]] = {
    "lifecycle.md": lifecycle_page,
    "settings.md": settings_page,
    "errors.md": errors_page,
}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")


if __name__ == "__main__":
    main()
