"""The bus of a single node: whoever subscribed is called, in order, in the turn in which something is published.

Every consumer sees everything in the order of publication, also what another consumer publishes meanwhile. One that
fails is logged and hurts nobody else.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from frontdesk.core.events import Committed
from frontdesk.kit.log import get_logger
from frontdesk.ports import Answer, SignInEnded

log = get_logger(__name__)


class InProcessBus:
    """Keeps the promises of `frontdesk.ports.Bus`. Consumers return quickly and never wait."""

    def __init__(self) -> None:
        self._of_events: list[Callable[[Sequence[Committed]], None]] = []
        self._of_answers: list[Callable[[Answer], None]] = []
        self._of_sign_ins_ended: list[Callable[[SignInEnded], None]] = []
        self._waiting: deque[tuple[Sequence[Callable[[Any], None]], Any]] = deque()
        self._is_carrying = False

    def on_events(self, consumer: Callable[[Sequence[Committed]], None]) -> None:
        """Call `consumer` with every batch of committed events from now on."""
        self._of_events.append(consumer)

    def on_answers(self, consumer: Callable[[Answer], None]) -> None:
        self._of_answers.append(consumer)

    def on_sign_ins_ended(self, consumer: Callable[[SignInEnded], None]) -> None:
        self._of_sign_ins_ended.append(consumer)

    def publish(self, batch: Sequence[Committed]) -> None:
        self._carry(self._of_events, batch)

    def answer(self, answer: Answer) -> None:
        self._carry(self._of_answers, answer)

    def sign_in_ended(self, ended: SignInEnded) -> None:
        self._carry(self._of_sign_ins_ended, ended)

    def _carry(self, consumers: Sequence[Callable[[Any], None]], load: Any) -> None:
        self._waiting.append((consumers, load))
        if self._is_carrying:
            return  # a consumer published: it comes when everybody has the load before it
        self._is_carrying = True
        try:
            while self._waiting:
                consumers, load = self._waiting.popleft()
                for consumer in consumers:
                    try:
                        consumer(load)
                    except Exception:
                        log.exception("a consumer of the bus failed", consumer=repr(consumer))
        finally:
            self._is_carrying = False
