"""ASGI, as far as push needs it: its types, what a header says, and sends that do not need a task.

A send hardly ever has to wait. `begin` runs one up to its first wait in the caller's turn, so that an event reaches a
thousand peers without a thousand tasks, and hands over the rest only where a peer is slow.
"""

import types
from collections.abc import Awaitable, Callable, Generator, Mapping, MutableMapping
from typing import Any, Generic, NamedTuple, TypeVar

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

T = TypeVar("T")


def peer_of(scope: Scope) -> str:
    """The address at the other end of the connection; empty if it has none."""
    client = scope.get("client")
    return client[0] if client else ""


def reads_seconds(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the client takes advised milliseconds for seconds: those that do all use the same HTTP library."""
    return b"aiohttp" in headers.get(b"user-agent", b"").lower()


class Begun(NamedTuple, Generic[T]):
    """What became of it: `rest` to be awaited for the result, or None when `result` is there already."""

    result: T | None
    rest: Awaitable[T] | None


_NOTHING: Begun[Any] = Begun(None, None)  # what becomes of nearly every send


def begin(awaitable: Awaitable[T]) -> Begun[T]:
    """Run it until it waits or ends. What it raises before it waits is raised here."""
    running = awaitable.__await__()
    try:
        waits_for = next(running)
    except StopIteration as end:
        return _NOTHING if end.value is None else Begun(end.value, None)
    return Begun(None, _rest(running, waits_for))


@types.coroutine
def _rest(running: Generator[Any, Any, T], waits_for: Any) -> Generator[Any, Any, T]:
    """Go on with what has begun, in the task that awaits this."""
    while True:
        try:
            yield waits_for
        except BaseException as error:  # also cancellation: it belongs to what is running
            try:
                waits_for = running.throw(error)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
        else:
            try:
                waits_for = next(running)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
