"""What every bus promises, and how the one in process keeps it."""

from frontdesk.bus.in_process import InProcessBus
from frontdesk.core.events import Committed, DirectoryChanged
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.ports import Answer, Bus, SignInEnded

ANSWER = Answer(ContactCentreId("centre"), UserId("ada"), "/v2/me/workbins", {})
ENDED = SignInEnded(reason="logged out", sign_in="cookie")


def happened(seq: int) -> Committed:
    event = DirectoryChanged(trigger="Created", at_ms=1, noun="queue", id="1", name="vip")
    return Committed(ContactCentreId("centre"), seq, event, ())


def test_every_consumer_gets_every_batch_in_order() -> None:
    bus = InProcessBus()
    first: list[int] = []
    second: list[int] = []
    bus.on_events(lambda batch: first.extend(one.seq for one in batch))
    bus.on_events(lambda batch: second.extend(one.seq for one in batch))
    bus.publish([happened(1), happened(2)])
    bus.publish([happened(3)])
    assert first == second == [1, 2, 3]


def test_each_kind_goes_to_those_who_want_it() -> None:
    bus = InProcessBus()
    answers: list[Answer] = []
    ends: list[SignInEnded] = []
    bus.on_answers(answers.append)
    bus.on_sign_ins_ended(ends.append)
    bus.publish([happened(1)])
    bus.answer(ANSWER)
    bus.sign_in_ended(ENDED)
    assert (answers, ends) == ([ANSWER], [ENDED])


def test_a_consumer_that_fails_hurts_nobody_else() -> None:
    bus = InProcessBus()
    seen: list[int] = []

    def fails(batch: object) -> None:
        raise RuntimeError("a bug")

    bus.on_events(fails)
    bus.on_events(lambda batch: seen.extend(one.seq for one in batch))
    bus.publish([happened(1)])
    bus.publish([happened(2)])
    assert seen == [1, 2]


def test_what_a_consumer_publishes_comes_to_all_after_what_it_was_told() -> None:
    bus = InProcessBus()
    seen: list[object] = []

    def answers_the_first(batch: object) -> None:
        if not seen:
            bus.answer(ANSWER)
            bus.publish([happened(2)])

    bus.on_events(answers_the_first)
    bus.on_events(lambda batch: seen.extend(one.seq for one in batch))
    bus.on_answers(seen.append)
    bus.publish([happened(1)])
    assert seen == [1, ANSWER, 2]


def test_nobody_has_to_listen() -> None:
    bus: Bus = InProcessBus()
    bus.publish([happened(1)])
    bus.answer(ANSWER)
    bus.sign_in_ended(ENDED)
