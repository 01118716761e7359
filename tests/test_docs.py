"""The documents say what is true: pages made from the code are current, and nothing is left without its words."""

import pytest

from tools.generate_docs import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_code_is_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("name", ["settings.md", "errors.md"])
def test_nothing_in_a_table_is_without_its_meaning(name: str) -> None:
    empty = [line for line in PAGES[name]().splitlines() if line.startswith("| ") and line.rstrip().endswith("|  |")]
    assert not empty
