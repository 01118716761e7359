"""The rules of the house, as tests: what a reader may rely on in every file.

A rule is a function from one file's text to the faults it finds there. Each rule is shown a bad example
first, so that it cannot pass by finding nothing.
"""

import ast
import io
import json
import os
import re
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

Rule = Callable[[Path, str], list[str]]

# --- the files ---------------------------------------------------------------------------------------------

CODE_FOLDERS = ("src", "tests", "bench", "examples")
HIDDEN_BUT_OURS = {".ci"}
MADE_HERE = {"node_modules", "frontdesk-data", "__pycache__", "dist"}
TEXT_SUFFIXES = {
    *(".py", ".sql", ".js", ".mjs", ".ts", ".html", ".css", ".sh"),
    *(".md", ".toml", ".json", ".yml", ".yaml", ".in", ".lock", ".txt", ".ini", ".cfg"),
}
TEXT_NAMES = {"Makefile", "run", ".npmrc", ".gitignore", ".gitattributes", ".editorconfig"}


def our_files() -> Iterator[Path]:
    """Every text file of the checkout that somebody wrote or that `make lock` made, relative to its root."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            name for name in folders if name not in MADE_HERE and (not name.startswith(".") or name in HIDDEN_BUT_OURS)
        )
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix in TEXT_SUFFIXES or name in TEXT_NAMES:
                yield path.relative_to(ROOT)


def modules() -> list[Path]:
    return [path for path in our_files() if path.suffix == ".py" and path.parts[0] in CODE_FOLDERS]


def pure_modules() -> list[Path]:
    package = Path("src/frontdesk")
    return [
        path
        for path in modules()
        if path.is_relative_to(package / "core") or (path.parent == package / "kit" and path.stem in PURE_KIT)
    ]


def story_modules() -> list[Path]:
    return [path for path in modules() if path.parts[0] == "tests" and path.name.startswith("test_")]


def pages() -> list[Path]:
    return [path for path in our_files() if path.suffix == ".md"]


def faults(rule: Rule, paths: list[Path]) -> list[str]:
    assert paths, f"{rule.__name__} was given no file to look at"
    texts = ((path, (ROOT / path).read_text(encoding="utf-8")) for path in paths)
    return [f"{path}: {fault}" for path, text in texts for fault in rule(path, text)]


# --- rules of every module ---------------------------------------------------------------------------------

LONGEST_MODULE_LINES = 450
WORDS_THAT_NAME_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "info"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def opens_with_a_docstring(_path: Path, text: str) -> list[str]:
    return [] if ast.get_docstring(ast.parse(text)) else ["does not open by saying what it owns and promises"]


def is_short_enough(_path: Path, text: str) -> list[str]:
    lines = len(text.splitlines())
    return [] if lines <= LONGEST_MODULE_LINES else [f"has {lines} lines: there is a second noun inside"]


def has_a_name_that_says_something(path: Path, _text: str) -> list[str]:
    return [
        f"is called {name!r}, which could hold anything"
        for name in path.with_suffix("").parts
        if name == "data" or WORDS_THAT_NAME_NOTHING & set(name.split("_"))
    ]


def leaves_nothing_unfinished(_path: Path, text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [
        f"line {token.start[0]}: unfinished work is an issue, not a comment"
        for token in tokens
        if token.type == tokenize.COMMENT and UNFINISHED.search(token.string)
    ]


def waits_for_what_happens(_path: Path, text: str) -> list[str]:
    """A story waits on events and conditions, with a time limit. `asyncio.sleep(0)` only lets others run."""
    return [
        f"line {call.lineno}: sleeps"
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] == "sleep"
        and not (len(call.args) == 1 and ast.unparse(call.args[0]) == "0")
    ]


# --- the core decides and does nothing else ----------------------------------------------------------------

# What the core may import. Each of these computes: none reads a clock, a file, a socket or chance. What of
# the kit is among them keeps the core's rule itself.
PURE_KIT = ("codec", "markup", "ordered")
PURE = {
    *("__future__", "abc", "dataclasses", "enum", "functools", "operator", "types", "typing"),
    *("collections", "itertools"),
    *("base64", "binascii", "hashlib", "json", "re", "string", "struct", "textwrap", "unicodedata", "html"),
    *("bisect", "decimal", "fractions", "heapq", "math", "datetime"),
    *("email.utils", "urllib.parse", "ipaddress"),
    *("msgspec", "frontdesk.core", *(f"frontdesk.kit.{noun}" for noun in PURE_KIT)),
}
# Beside those: what is always at hand, and the clock inside a module that is otherwise plain values.
IMPURE_CALLS = {
    *("open", "print", "input", "exec", "eval", "__import__"),
    *("now", "utcnow", "today", "localtime", "formatdate", "make_msgid"),
}


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), names=names):
            return [f"{module}.{alias.name}" for alias in names]
        case _:
            return []


def _is_pure(name: str) -> bool:
    return any(name == pure or name.startswith(f"{pure}.") for pure in PURE)


def only_decides(_path: Path, text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        found += [(node, f"imports {name}") for name in _imported(node) if not _is_pure(name)]
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            found.append((node, "waits"))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in IMPURE_CALLS:
            found.append((node, f"calls {ast.unparse(node.func)}"))
    return [f"line {getattr(node, 'lineno', 0)}: {fault}, and should only decide" for node, fault in found]


# --- rules of every text -----------------------------------------------------------------------------------

# Folders that only one machine has, and the hosts of registries: a clone must work anywhere, with any index.
OF_ONE_MACHINE = re.compile(r"(?<![\w.:/-])/(?:root|work|Users|home/\w+)(?:/|\b(?!\w))")
REGISTRY_HOST = re.compile(r"\b(?:pypi|pythonhosted|npmjs)\.(?:org|com)\b")


def belongs_to_no_machine(_path: Path, text: str) -> list[str]:
    return [
        f"line {number}: {found.group()!r} is known to one machine only"
        for number, line in enumerate(text.splitlines(), start=1)
        for found in (*OF_ONE_MACHINE.finditer(line), *REGISTRY_HOST.finditer(line))
    ]


def carries_hashes_and_no_address(path: Path, text: str) -> list[str]:
    if path.suffix == ".json":
        packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
        return [
            f"{name} {fault}"
            for name, package in packages.items()
            if name  # the nameless one is this checkout
            for fault, is_so in (
                ("has an address", "resolved" in package),
                ("has no hash", "integrity" not in package),
            )
            if is_so
        ]
    pins = [block for block in re.split(r"\n(?=\S)", text.strip()) if not block.startswith("#")]
    return [
        f"{block.split(maxsplit=1)[0]} {fault}"
        for block in pins
        for fault, is_so in (
            ("has an address", "://" in block or block.startswith("-")),
            ("has no hash", "--hash=sha256:" not in block),
        )
        if is_so
    ]


# --- rules of every page -----------------------------------------------------------------------------------

FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
HEADING = re.compile(r"^#+\s+(.+?)\s*#*$", re.MULTILINE)


def _anchors(page: str) -> set[str]:
    titles = (heading.lower() for heading in HEADING.findall(FENCE.sub("", page)))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def links_lead_somewhere(path: Path, text: str) -> list[str]:
    found = []
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    for target in (inline or defined for inline, defined in LINK.findall(prose)):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue  # another site: not ours to promise
        name, _, anchor = unquote(target).partition("#")
        page = (ROOT / path).parent / name if name else ROOT / path
        if not page.exists():
            found.append(f"links to {target}, which is not there")
        elif anchor and anchor not in _anchors(text if not name else page.read_text(encoding="utf-8")):
            found.append(f"links to {target}, where no such heading is")
    return found


# --- each rule finds what it looks for, and nothing in our files -------------------------------------------

HERE = Path("tests/test_house.py")

BAD_EXAMPLES: list[tuple[Rule, Path, str]] = [
    (opens_with_a_docstring, HERE, "import json\n"),
    (is_short_enough, HERE, "\n" * (LONGEST_MODULE_LINES + 1)),
    (has_a_name_that_says_something, Path("src/frontdesk/core/data.py"), ""),
    (has_a_name_that_says_something, Path("src/frontdesk/rest/mail_helpers.py"), ""),
    (leaves_nothing_unfinished, HERE, "x = 1  # TO" + "DO: one day\n"),
    (waits_for_what_happens, HERE, "import time\ntime.sleep(0.1)\n"),
    (waits_for_what_happens, HERE, "async def test() -> None:\n    await asyncio.sleep(delay)\n"),
    (only_decides, HERE, "import time\n"),
    (only_decides, HERE, "from frontdesk.kit import clock\n"),
    (only_decides, HERE, "from frontdesk.store.sqlite import Engine\n"),
    (only_decides, HERE, "async def decide() -> None: ...\n"),
    (only_decides, HERE, "import datetime\nat = datetime.datetime.now(datetime.UTC)\n"),
    (only_decides, HERE, "def read(path: str) -> str:\n    return open(path).read()\n"),
    (belongs_to_no_machine, HERE, "see /ro" + "ot/notes.txt"),
    (belongs_to_no_machine, HERE, "cd /ho" + "me/ada/frontdesk"),
    (belongs_to_no_machine, HERE, "--index-url https://py" + "pi.org/simple"),
    (carries_hashes_and_no_address, Path("requirements.lock"), "msgspec==0.20.0\n"),
    (
        carries_hashes_and_no_address,
        Path("requirements.lock"),
        "--index-url https://index.example/simple\nmsgspec==0.20.0 \\\n    --hash=sha256:00\n",
    ),
    (
        carries_hashes_and_no_address,
        Path("package-lock.json"),
        '{"packages": {"": {}, "ws": {"integrity": "sha512-0", "resolved": "https://npm.example/ws.tgz"}}}',
    ),
    (links_lead_somewhere, Path("README.md"), "Read [the map](docs/no-such-page.md).\n"),
    (links_lead_somewhere, Path("README.md"), "Read [the map][].\n\n[the map]: docs/no-such-page.md\n"),
    (links_lead_somewhere, Path("README.md"), "# A title\n\nSee [above](#another-title).\n"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD_EXAMPLES, ids=lambda value: getattr(value, "__name__", None))
def test_the_rule_finds_its_bad_example(rule: Rule, path: Path, text: str) -> None:
    assert rule(path, text)


@pytest.mark.parametrize(
    "text",
    ["GET /api/v2/me/workitems", "/workbins/{id}", "https://example.org/work/", "[one](#a-title)\n# A title"],
)
def test_the_rules_of_texts_let_ordinary_words_pass(text: str) -> None:
    assert not belongs_to_no_machine(HERE, text)
    assert not links_lead_somewhere(HERE, text)


@pytest.mark.parametrize(
    "rule",
    [opens_with_a_docstring, is_short_enough, has_a_name_that_says_something, leaves_nothing_unfinished],
)
def test_every_module_keeps_the_rule(rule: Rule) -> None:
    assert not faults(rule, modules())


def test_tests_never_sleep() -> None:
    assert not faults(waits_for_what_happens, story_modules())


def test_the_core_only_decides() -> None:
    assert not faults(only_decides, pure_modules())


def test_nothing_written_here_belongs_to_one_machine() -> None:
    assert not faults(belongs_to_no_machine, list(our_files()))


def test_every_link_of_every_page_leads_somewhere() -> None:
    assert not faults(links_lead_somewhere, pages())


# --- single promises ---------------------------------------------------------------------------------------


def test_the_locks_carry_hashes_and_no_address() -> None:
    locks = ["requirements-build.lock", "requirements.lock", "requirements-dev.lock", "package-lock.json"]
    assert not faults(carries_hashes_and_no_address, [Path(lock) for lock in locks])


@pytest.mark.parametrize(
    ("lock", "groups"),
    [
        ("requirements.lock", []),
        ("requirements-dev.lock", ["dev", "build"]),
        ("requirements-build.lock", ["build"]),
    ],
)
def test_the_lock_has_what_pyproject_asks_for(lock: str, groups: list[str]) -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    texts = [text for group in groups for text in asked["dependency-groups"][group] if isinstance(text, str)]
    if lock != "requirements-build.lock":
        texts += asked["project"]["dependencies"]
    pins = (ROOT / lock).read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", pins, re.MULTILINE))

    for wanted in (Requirement(text) for text in texts):
        pinned = locked.get(canonicalize_name(wanted.name))
        assert pinned is not None, f"{wanted} is not in {lock}: run `make lock`"
        assert wanted.specifier.contains(pinned), f"{lock} has {pinned} for {wanted}: run `make lock`"


def test_ci_runs_what_everyone_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").rstrip().endswith("exec make test")


def test_decisions_are_numbered_from_one_without_gaps() -> None:
    names = sorted(path.name for path in pages() if path.parts[:2] == ("docs", "decisions"))
    if names:  # until the first decision is recorded
        assert [name for name in names if not re.fullmatch(r"\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md", name)] == []
        assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
