"""Replays: sessions that ask for what they missed are told it, page by page, and then hear what is new.

A page is asked for when the outbox has room for it, so a replay of many events takes no more memory than one of few.
A number that is too old, or that nobody was given yet, still leads to a subscription, and is told in its answer. A
session that cannot be told what it missed, when it was promised, has to begin anew.
"""

from collections.abc import Callable, Iterable, Mapping

from frontdesk.push.deadlines import Deadlines
from frontdesk.push.delivery import Delivery
from frontdesk.push.effects import Effect, Recall
from frontdesk.push.history import Page
from frontdesk.push.limits import Limits
from frontdesk.push.messages import UNKNOWN, Message, refusal, subscription_reply
from frontdesk.push.replay import Asked, Replay
from frontdesk.push.sessions import Carrier, Session
from frontdesk.push.turns import Turn

UNREADABLE = "what it missed cannot be read"


class Replays:
    """The replays of all sessions. `finish` writes the replies of a turn when none of them is missing."""

    def __init__(
        self,
        limits: Limits,
        deadlines: Deadlines[Session | Carrier | Replay],
        delivery: Delivery,
        effects: list[Effect],
        finish: Callable[[Turn], None],
    ) -> None:
        self._limits = limits
        self._deadlines = deadlines
        self._delivery = delivery
        self._effects = effects
        self._finish = finish
        self.waiting: dict[Session, None] = {}  # those that have not asked for their next page yet

    def begin(self, session: Session, turn: Turn, message: Message, positions: Mapping[str, int]) -> None:
        """The session, which has the subscriptions by now, wants what came after these positions. The message is
        answered when it is known what there is.
        """
        before = session.replay
        replay = Replay(session, before, positions, self._delivery.heard_by(session))
        if before is not None:
            self._forget(session, before)
            if before.recall is not None:  # its page tells what is kept; if it begins too late it tells no more
                replay.recall = before.recall
                self._deadlines.set(replay, before.due_ms)
        replay.asked.append(Asked(turn, turn.defer(), message, positions))
        session.replay = replay
        if replay.recall is None:
            self.waiting[session] = None

    def subscribed(self, session: Session, patterns: Iterable[str]) -> None:
        """The session subscribed to patterns without wanting anything of the past."""
        if session.replay is not None:
            session.replay.subscribed(patterns, self._delivery.heard_by(session))

    def unsubscribed(self, session: Session, pattern: str) -> None:
        if session.replay is not None:
            session.replay.unsubscribed(pattern)

    def ended(self, session: Session) -> None:
        """The session is over; what still waits for an answer gets that of an unknown session."""
        replay, session.replay = session.replay, None
        if replay is not None:
            self._forget(session, replay)
            for asked in replay.asked:
                asked.turn.fill(asked.place, asked.message, refusal(asked.message, UNKNOWN))
                self._finish(asked.turn)

    def go_on(self, now_ms: int) -> None:
        """Ask for the next pages of the sessions that have room for them."""
        for session in list(self.waiting):
            replay = session.replay
            assert replay is not None
            if self._has_room(session, replay, now_ms):
                del self.waiting[session]
                heard = self._delivery.heard_by(session) or 0
                replay.recall = Recall(session, replay.cursor, self._limits.replay_events, heard)
                self._effects.append(replay.recall)
                self._deadlines.set(replay, now_ms + self._limits.replay_ms)

    def arrived(self, recall: Recall, page: Page | None, now_ms: int) -> None:
        """A page that was asked for is there, or cannot be had."""
        session = recall.session
        replay = session.replay
        if replay is None or replay.recall is not recall:
            return
        replay.recall = None
        self._deadlines.clear(replay)
        if page is None:
            self._give_up(session, replay)
            return
        self._answer(replay, page)
        replay.begin_at(page.newest)
        if page.oldest > replay.cursor + 1 and page.oldest > replay.oldest:
            self._break_off(session)  # the next ones were removed before it was their turn
            return
        assert page.is_last or page.last > recall.above, "a page that is not the last has something in it"
        if recall.above <= replay.cursor and self._take_in(session, replay, page, now_ms) and page.is_last:
            if recall.heard > page.last:
                self._break_off(session)  # what was delivered is not in the history
                return
            if replay.cursor >= (self._delivery.heard_by(session) or 0):
                replay.is_over = True
                self._delivery.release_brief(session, now_ms)
                return
        self.waiting[session] = None

    def overdue(self, replay: Replay) -> None:
        """The deadline of a replay has come: it does not wait for its page any longer, or for a sign of its client."""
        if replay.recall is not None:
            replay.recall = None
            self._give_up(replay.session, replay)
        else:
            replay.is_impatient = True

    def _answer(self, replay: Replay, page: Page) -> None:
        """Answer the subscriptions that have waited to know what is kept."""
        for asked in replay.asked:
            is_gap = any(
                number >= 0 and not page.oldest - 1 <= number <= page.newest for number in asked.positions.values()
            )
            told = {"replay": {"gap": True, "oldest": page.oldest}} if is_gap else None
            asked.turn.fill(asked.place, asked.message, subscription_reply(asked.message, ext=told))
            self._finish(asked.turn)
        if replay.asked:
            replay.asked = []
            replay.oldest = page.oldest

    def _take_in(self, session: Session, replay: Replay, page: Page, now_ms: int) -> bool:
        """Put as much of the page as there is room for into the outbox; whether that is all of it."""
        outbox = session.outbox
        for messages in page.events:
            number = messages[0].number
            assert number is not None, "what is in a history has numbers"
            if number > replay.cursor:
                if outbox.messages >= self._delivery.much_messages or outbox.size >= self._delivery.much_bytes:
                    return False
                if given := [message for message in messages if replay.gives(message)]:
                    self._delivery.put_replayed(session, given, now_ms)
                replay.cursor = number
        replay.cursor = max(replay.cursor, page.last)
        return True

    def _has_room(self, session: Session, replay: Replay, now_ms: int) -> bool:
        outbox = session.outbox
        if outbox.messages >= self._delivery.much_messages or outbox.size >= self._delivery.much_bytes:
            return False
        if session.socket is None or session.has_ack or not session.is_connected or replay.is_impatient:
            return True
        if not self._delivery.is_much_unproven(session):
            return True
        self._delivery.ask_for_a_sign(session, now_ms)
        if not replay.is_timed:
            self._deadlines.set(replay, now_ms + self._limits.replay_pause_ms)
        return False

    def _give_up(self, session: Session, replay: Replay) -> None:
        """The page cannot be had. Who has not been answered yet is told of a gap, and hears what is new."""
        is_answered = replay.oldest > 0
        told = {pattern for asked in replay.asked for pattern in asked.positions}
        has_passed_others = self._delivery.heard_by(session) != replay.heard and not replay.positions.keys() <= told
        if is_answered or has_passed_others:
            self._break_off(session)
            return
        session.replay = None
        self._forget(session, replay)
        for asked in replay.asked:
            reply = subscription_reply(asked.message, ext={"replay": {"gap": True}})
            asked.turn.fill(asked.place, asked.message, reply)
            self._finish(asked.turn)

    def _break_off(self, session: Session) -> None:
        self._delivery.hopeless.append((session, UNREADABLE))

    def _forget(self, session: Session, replay: Replay) -> None:
        self._deadlines.clear(replay)
        self.waiting.pop(session, None)
