"""Skill expressions, such as `billing >= 5 and (german or english >= 7)`: read once, asked often.

    expression  = conjunction { "or" conjunction }
    conjunction = claim { "and" claim }
    claim       = "not" claim | "(" expression ")" | name [ operator level ]
    operator    = ">=" | ">" | "<=" | "<" | "==" | "!="

A name alone claims a level of 1 or more. Names are letters, digits, `_`, `-` and `.`; any other, and the three words
of the grammar, stand in double quotes. A skill that somebody does not have is a level of 0.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from types import MappingProxyType
from typing import Final, NamedTuple

Levels = Mapping[str, int]
Claim = Callable[[Levels], bool]

LONGEST_CHARACTERS: Final = 2_000
DEEPEST_NESTING: Final = 30

_OPERATORS: Final = MappingProxyType({">=": ge, ">": gt, "<=": le, "<": lt, "==": eq, "!=": ne})
_WORDS: Final = frozenset({"and", "or", "not"})
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<operator>>=|<=|==|!=|>|<)
      | (?P<bracket>[()])
      | (?P<level>\d+(?![\w.-]))
      | (?P<name>\w[\w.-]*)
      | "(?P<quoted>[^"]+)"
    )""",
    re.VERBOSE,
)


class ExpressionInvalid(ValueError):
    """The text is no skill expression. `position` counts characters from 1."""

    def __init__(self, position: int, problem: str) -> None:
        self.position = position
        self.problem = problem
        super().__init__(f"at character {position}: {problem}")


class Expression:
    """A skill expression that was understood."""

    __slots__ = ("_claim", "skills", "text")

    def __init__(self, text: str, claim: Claim, skills: tuple[str, ...]) -> None:
        self.text = text
        self.skills = skills  # every name in it, in order of appearance
        self._claim = claim

    def holds(self, levels: Levels) -> bool:
        """True for somebody with these skills."""
        return self._claim(levels)

    def score(self, levels: Levels) -> int:
        """The sum of the levels of the skills that it names: who is better at it has more."""
        return sum(levels.get(skill, 0) for skill in self.skills)


@lru_cache(maxsize=1024)
def parsed(text: str) -> Expression | None:
    """The expression, or None for a blank text, which claims nothing. Raises ExpressionInvalid."""
    if not text.strip():
        return None
    if len(text) > LONGEST_CHARACTERS:
        raise ExpressionInvalid(LONGEST_CHARACTERS + 1, f"it is longer than {LONGEST_CHARACTERS} characters")
    return _Reader(text).whole()


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


_END: Final = "end"


class _Reader:
    """Recursive descent over the tokens; one method for each rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0
        self._skills: dict[str, None] = {}
        self._depth = 0

    def whole(self) -> Expression:
        claim = self._expression()
        left = self._here
        if left.kind != _END:
            raise ExpressionInvalid(left.position, f"'{left.text}' was not expected; 'and' or 'or' may come here")
        return Expression(self._text, claim, tuple(self._skills))

    @property
    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._here
        self._next += 1
        return token

    def _takes(self, kind: str, text: str) -> bool:
        if self._here.kind == kind and self._here.text == text:
            self._next += 1
            return True
        return False

    def _expression(self) -> Claim:
        claims = [self._conjunction()]
        while self._takes("word", "or"):
            claims.append(self._conjunction())
        return claims[0] if len(claims) == 1 else _any_of(tuple(claims))

    def _conjunction(self) -> Claim:
        claims = [self._claim()]
        while self._takes("word", "and"):
            claims.append(self._claim())
        return claims[0] if len(claims) == 1 else _all_of(tuple(claims))

    def _claim(self) -> Claim:
        token = self._take()
        if token.kind == "word" and token.text == "not":
            self._deeper(token)
            claim = _opposite(self._claim())
            self._depth -= 1
            return claim
        if token.kind == "bracket" and token.text == "(":
            self._deeper(token)
            claim = self._expression()
            self._depth -= 1
            if not self._takes("bracket", ")"):
                raise ExpressionInvalid(
                    self._here.position, f"the bracket of character {token.position} is not closed here"
                )
            return claim
        if token.kind != "name":
            found = "the expression ends" if token.kind == _END else f"'{token.text}' stands"
            raise ExpressionInvalid(token.position, f"{found} where the name of a skill, 'not' or '(' has to be")
        self._skills[token.text] = None
        if self._here.kind != "operator":
            return _compared(token.text, ">=", 1)
        operator, level = self._take(), self._take()
        if level.kind != "level":
            raise ExpressionInvalid(level.position, f"a level, a whole number, has to follow '{operator.text}'")
        return _compared(token.text, operator.text, int(level.text))

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST_NESTING:
            raise ExpressionInvalid(token.position, f"it is nested deeper than {DEEPEST_NESTING} levels")


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        kind = match.lastgroup
        assert kind is not None
        word = match[kind]
        position = match.start(kind) + (0 if kind == "quoted" else 1)
        if kind == "quoted":
            kind = "name"
        elif kind == "name" and word.lower() in _WORDS:
            kind, word = "word", word.lower()
        tokens.append(_Token(kind, word, position))
        at = match.end()
    tokens.append(_Token(_END, "", len(text) + 1))
    return tokens


def _unreadable(text: str, at: int) -> ExpressionInvalid:
    while text[at].isspace():
        at += 1
    if text[at] == '"':
        return ExpressionInvalid(at + 1, "the name in quotes is empty or not closed")
    if text[at] == "=":
        return ExpressionInvalid(at + 1, "'=' alone compares nothing; write '=='")
    return ExpressionInvalid(at + 1, f"'{text[at]}' means nothing here; names with such characters stand in quotes")


def _compared(skill: str, operator: str, level: int) -> Claim:
    compare = _OPERATORS[operator]
    return lambda levels: compare(levels.get(skill, 0), level)


def _any_of(claims: tuple[Claim, ...]) -> Claim:
    return lambda levels: any(claim(levels) for claim in claims)


def _all_of(claims: tuple[Claim, ...]) -> Claim:
    return lambda levels: all(claim(levels) for claim in claims)


def _opposite(claim: Claim) -> Claim:
    return lambda levels: not claim(levels)
