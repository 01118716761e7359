"""The SQL of the store as named statements, read from the `.sql` files beside this module.

A file holds the statements of one noun. Each begins with a line `-- name --`, goes on with comment lines (why, params,
rows, index) and ends with exactly one statement whose parameters are written `:name`. That form is portable: SQLite
takes it as it is, another engine numbers the parameters. Mistakes in a file are told when it is loaded, not at night.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

import msgspec

SQL_FOLDER = Path(__file__).parent / "sql"

_HEADER = re.compile(r"^-- ([a-z][a-z0-9_]*) --[ \t]*$", re.MULTILINE)

# What has to be stepped over to see parameters and semicolons: strings, quoted names, comments, casts.
_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | :: | :(?P<param>[A-Za-z_]\w*) | (?P<end>;)""",
    re.VERBOSE | re.DOTALL,
)

# BEGIN, COMMIT, PRAGMA and their like would end or change the transaction that neighbours share.
_OF_ROWS = re.compile(r"(?:SELECT|INSERT|UPDATE|DELETE|WITH|VALUES)\b", re.IGNORECASE)


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement: `text` has `:name` parameters, `params` are their names in the order of first use."""

    name: str
    text: str
    params: tuple[str, ...] = ()
    comment: str = ""

    def numbered(self, mark: str) -> str:
        """`text` with parameters as `mark` and the position in `params`, counted from 1: `$1`, `?1`."""

        def number(token: re.Match[str]) -> str:
            param = token["param"]
            return token[0] if param is None else f"{mark}{self.params.index(param) + 1}"

        return _TOKEN.sub(number, self.text)


class StatementsMalformed(ValueError):
    """A `.sql` file is not a sequence of named single statements."""


class Statements:
    """The statements of one file, each an attribute: `SQL.claim_oldest_waiting`."""

    def __init__(self, source: str, statements: Mapping[str, Statement]) -> None:
        self._source = source
        self._statements = statements
        vars(self).update(statements)  # found at once; `__getattr__` is asked for what is not there

    def __getattr__(self, name: str) -> Statement:
        near = get_close_matches(name, self._statements, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise AttributeError(f"{self._source} has no statement '{name}'{hint}")

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._statements.values())


def load(noun: str, folder: Path = SQL_FOLDER) -> Statements:
    """The statements of `noun`, from `<noun>.sql` in `folder`."""
    path = folder / f"{noun}.sql"
    return parse(path.read_text(encoding="utf-8"), source=path.name)


def parse(text: str, *, source: str) -> Statements:
    """The statements of a file's text; `source` names it in errors."""
    preamble, *parts = _HEADER.split(text)
    if _without_comments(preamble):
        raise StatementsMalformed(f"{source} does not begin with comments or a line '-- name --'")
    statements: dict[str, Statement] = {}
    for name, block in zip(parts[::2], parts[1::2], strict=True):
        if name in statements:
            raise StatementsMalformed(f"{source} has two statements called '{name}'")
        statements[name] = statement(name, block, source=source)
    return Statements(source, statements)


def statement(name: str, block: str, *, source: str = "a statement made in code") -> Statement:
    """One statement from its comment lines and its SQL."""
    lines = block.strip().splitlines()
    first = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    sql = "\n".join(lines[first:]).strip()
    tokens = list(_TOKEN.finditer(sql))
    ends = [token.start() for token in tokens if token["end"]]
    if ends:
        if _without_comments(sql[ends[0] + 1 :]):
            raise StatementsMalformed(f"'{name}' in {source} is more than one statement")
        sql = sql[: ends[0]].rstrip()
    if not _without_comments(sql):
        raise StatementsMalformed(f"'{name}' in {source} has no SQL")
    if not _OF_ROWS.match(_without_comments(sql)):
        raise StatementsMalformed(f"'{name}' in {source} neither reads nor writes rows; a transaction is the engine's")
    return Statement(
        name=name,
        text=sql,
        params=tuple(dict.fromkeys(token["param"] for token in tokens if token["param"])),
        comment="\n".join(line.removeprefix("--").strip() for line in lines[:first]),
    )


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.DOTALL).strip()
