"""The history has no gap and no impossible step, and everybody heard what there was to hear, numbered one by one."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from frontdesk.core import lifecycle
from frontdesk.core.errors import IllegalTransition
from frontdesk.core.events import Event, InteractionChanged
from frontdesk.core.interactions import Interaction
from frontdesk.core.lifecycle import State, Trigger
from frontdesk.store import statements
from frontdesk.store.events import IMAGES
from frontdesk.store.findings import Finding, Law, Source, read

SQL: Final = statements.load("verify")


def events(source: Source) -> Iterator[Finding]:
    """Each event, those of one interaction in order; and that each of its hearers was given a number."""
    heard: Counter[str] = Counter()
    yield from _histories(source, heard)
    for contact_centre, seq, at_ms, body in source.walk(SQL.all_events_of_none):
        event = read(IMAGES, body, contact_centre, f"event {seq}")
        if isinstance(event, Finding):
            yield event
            continue
        yield from _columns(contact_centre, seq, event, None, at_ms)
        heard[contact_centre] += len(event.hearers)
    for contact_centre, numbers in source.rows(SQL.sums_of_counters):
        heard[contact_centre] -= numbers
    for contact_centre, missing in sorted(heard.items()):
        if missing:
            sentence = (
                f"its events were to be heard {abs(missing)} times {'more' if missing > 0 else 'less'} than heard."
            )
            yield Finding(Law.NUMBERS, "the event log", sentence, contact_centre)


def _histories(source: Source, heard: Counter[str]) -> Iterator[Finding]:
    last, before = None, None
    for contact_centre, interaction, seq, at_ms, body in source.walk(SQL.all_events_of_interactions):
        if (contact_centre, interaction) != last:
            last, before = (contact_centre, interaction), None
            if source.one(SQL.interaction, {"contact_centre": contact_centre, "id": interaction}) is None:
                sentence = f"has events from {seq} on, and is not there."
                yield Finding(Law.HISTORY, f"interaction {interaction}", sentence, contact_centre)
        event = read(IMAGES, body, contact_centre, f"event {seq}")
        if isinstance(event, Finding):
            yield event
            continue
        heard[contact_centre] += len(event.hearers)
        yield from _columns(contact_centre, seq, event, interaction, at_ms)
        if isinstance(event, InteractionChanged):
            for sentence in _step(before, event):
                yield Finding(Law.HISTORY, f"event {seq} of interaction {interaction}", sentence, contact_centre)
            before = event.after


def hearings(source: Source) -> Iterator[Finding]:
    """Each user's numbers: every one there from some number on (older ones may be gone), up to the counter."""
    last: tuple[str, str] | None = None
    previous = 0
    for contact_centre, user, number, seq, body in source.walk(SQL.all_hearings):
        thing = f"user {user}"
        if (contact_centre, user) != last:
            yield from _end(source, last, previous)
        elif number != previous + 1:
            sentence = f"what was heard goes from number {previous} to number {number}."
            yield Finding(Law.NUMBERS, thing, sentence, contact_centre)
        last, previous = (contact_centre, user), number
        if body is None:
            sentence = f"number {number} is event {seq}, which is not there."
            yield Finding(Law.NUMBERS, thing, sentence, contact_centre)
            continue
        event = read(IMAGES, body, contact_centre, f"event {seq}")
        if not isinstance(event, Finding) and user not in event.hearers:
            yield Finding(Law.NUMBERS, thing, f"number {number} is event {seq}, which is for others.", contact_centre)
    yield from _end(source, last, previous)


def _end(source: Source, last: tuple[str, str] | None, number: int) -> Iterator[Finding]:
    if last is None:
        return
    contact_centre, user = last
    row = source.one(SQL.counter, {"contact_centre": contact_centre, "user_id": user})
    counted = row[0] if row else 0
    if counted != number:
        sentence = f"the last number heard is {number}, and the counter is at {counted}."
        yield Finding(Law.NUMBERS, f"user {user}", sentence, contact_centre)


def _columns(contact_centre: str, seq: int, event: Event, interaction: str | None, at_ms: int) -> Iterator[Finding]:
    about = event.after.id if isinstance(event, InteractionChanged) else None
    for name, stored, said in (("interaction", interaction, about), ("at_ms", at_ms, event.at_ms)):
        if stored != said:
            sentence = f"the column '{name}' is {stored!r}, and the event says {said!r}."
            yield Finding(Law.COLUMNS, f"event {seq}", sentence, contact_centre)


def _step(before: Interaction | None, event: InteractionChanged) -> Iterator[str]:
    """What is wrong with the step from `before` to the event's after-image."""
    after = event.after
    version = before.version if before else 0
    if after.version != version + 1:
        yield f"version {version} is followed by version {after.version}."
        return
    try:
        expected = _state_after(before, event)
    except (IllegalTransition, ValueError) as error:
        yield f"the step is not one of the lifecycle: {error}"
        return
    if after.state is not expected:
        yield f"{event.trigger} leads to {expected.value}, and it is {after.state.value}."


def _state_after(before: Interaction | None, event: InteractionChanged) -> State:
    """Raises IllegalTransition, ValueError."""
    after = event.after
    if before is not None:
        return lifecycle.step(after.id, before.state, Trigger(event.trigger), before.kind)
    if event.trigger == "Submit":
        return State.QUEUED
    if event.trigger == "Create":
        return lifecycle.working_state(after.kind)
    raise ValueError(f"{event.trigger} is no birth.")
