"""The `.sql` files: how they are cut into statements, and what is said about a file that is wrong."""

from pathlib import Path

import pytest

from frontdesk.store.statements import Statement, StatementsMalformed, load, parse, statement

FILE = """\
-- The letters of a post office.

-- find_letter --
-- One letter.
-- Params: id. Rows: 0 or 1.
SELECT body FROM letters WHERE id = :id;

-- move_letter --
UPDATE letters SET box = :box, moved = moved + 1 -- it's counted: for :nobody
 WHERE id = :id AND box <> :box AND note <> 'at 12:30; :never' AND "odd:name" = :id::text;
"""


def test_a_file_is_cut_into_its_named_statements() -> None:
    letters = parse(FILE, source="letters.sql")
    assert [each.name for each in letters] == ["find_letter", "move_letter"]
    assert letters.find_letter == Statement(
        name="find_letter",
        text="SELECT body FROM letters WHERE id = :id",
        params=("id",),
        comment="One letter.\nParams: id. Rows: 0 or 1.",
    )


def test_parameters_are_not_found_in_strings_comments_names_and_casts() -> None:
    assert parse(FILE, source="letters.sql").move_letter.params == ("box", "id")


def test_parameters_can_be_numbered_for_engines_that_want_it() -> None:
    assert parse(FILE, source="letters.sql").move_letter.numbered("$") == (
        "UPDATE letters SET box = $1, moved = moved + 1 -- it's counted: for :nobody\n"
        " WHERE id = $2 AND box <> $1 AND note <> 'at 12:30; :never' AND \"odd:name\" = $2::text"
    )


def test_a_file_is_found_by_its_noun(tmp_path: Path) -> None:
    (tmp_path / "letters.sql").write_text(FILE, encoding="utf-8")
    assert load("letters", tmp_path).find_letter.params == ("id",)


def test_an_unknown_name_is_told_with_the_nearest_known_one() -> None:
    letters = parse(FILE, source="letters.sql")
    with pytest.raises(AttributeError, match="did you mean 'find_letter'"):
        _ = letters.find_leter


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- a --\nSELECT 1;\n-- a --\nSELECT 2;", "two statements called 'a'"),
        ("-- a --\nSELECT 1; SELECT 2;", "'a' in x.sql is more than one statement"),
        ("-- a --\n-- only words\n", "'a' in x.sql has no SQL"),
        ("-- a --\n;", "'a' in x.sql has no SQL"),
        ("-- a --\nCOMMIT;", "'a' in x.sql neither reads nor writes rows"),
        ("SELECT 1;\n-- a --\nSELECT 1;", "does not begin with comments"),
    ],
)
def test_a_file_that_is_wrong_is_told_so(text: str, fault: str) -> None:
    with pytest.raises(StatementsMalformed, match=fault):
        parse(text, source="x.sql")


def test_a_trailing_comment_is_no_second_statement() -> None:
    assert statement("a", "SELECT 1; -- the end\n").text == "SELECT 1"
