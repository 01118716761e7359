"""Shortcuts from a service's result to an HTTP answer."""

from typing import Any

from frontdesk.ports import Outcome
from frontdesk.rest.call import Answer
from frontdesk.wire import answers


def ok(**members: Any) -> Answer:
    """`statusCode: 0` and the given members."""
    return Answer(answers.success(**members))


def as_of(number: int, answer: Answer) -> Answer:
    """The same answer, telling which events of the reader are in it already: apply pushed ones above `number`."""
    return answer._replace(headers=(*answer.headers, (b"x-frontdesk-replay", b"%d" % number)))


def done(operation: str, outcome: Outcome) -> Answer:
    """The answer to an operation."""
    return Answer(answers.done(operation, outcome))
