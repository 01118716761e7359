"""Interactions are where they say, once."""

from collections.abc import Iterator
from typing import Final

from frontdesk.core import lifecycle
from frontdesk.core.events import InteractionChanged
from frontdesk.core.interactions import Interaction
from frontdesk.core.lifecycle import State
from frontdesk.store import statements
from frontdesk.store.catalogue import QUEUE, WORKBIN
from frontdesk.store.events import IMAGES as EVENTS
from frontdesk.store.findings import Finding, Law, Source, read, unlike
from frontdesk.store.interactions import IMAGES, all_columns

SQL: Final = statements.load("verify")

_COLUMNS: Final = (
    *("id", "version", "state", "is_live", "media_type", "queue", "priority", "queued_at_ms"),
    *("owner", "workbin", "workbin_owner", "deadline_ms", "external_id"),
)

_WAITS: Final = frozenset({State.QUEUED, State.INVITED})


def interactions(source: Source) -> Iterator[Finding]:
    """Each row: its columns, its place, its last event, and those who hold it."""
    for contact_centre, image, *values in source.walk(SQL.all_interactions):
        stored = dict(zip(_COLUMNS, values, strict=True))
        thing = f"interaction {stored['id']}"
        one = read(IMAGES, image, contact_centre, thing)
        if isinstance(one, Finding):
            yield one
            continue
        yield from unlike(stored, all_columns(one), contact_centre, thing)
        for law, sentence in (
            *((Law.ONE_PLACE, sentence) for sentence in _place(one)),
            *((Law.HISTORY, sentence) for sentence in _last_event(source, contact_centre, one)),
            *_surroundings(source, contact_centre, one),
        ):
            yield Finding(law, thing, sentence, contact_centre)


def invitations(source: Source) -> Iterator[Finding]:
    """Each row: it is one that the interaction knows of."""
    for contact_centre, user, interaction in source.walk(SQL.all_invitations):
        row = source.one(SQL.interaction, {"contact_centre": contact_centre, "id": interaction})
        if row is None:
            said = "there is no such interaction"
        else:
            one = read(IMAGES, row[0], contact_centre, f"interaction {interaction}")
            if isinstance(one, Finding) or user in one.invitees:
                continue
            said = "the interaction does not say so"
        sentence = f"user {user} has an invitation to it, and {said}."
        yield Finding(Law.ONE_PLACE, f"interaction {interaction}", sentence, contact_centre)


def _place(one: Interaction) -> Iterator[str]:
    has = {
        "an owner": one.owner is not None,
        "invitees": bool(one.invitees),
        "a workbin": one.workbin is not None,
        "a workbin's owner": one.workbin_owner is not None,
    }
    needs = _needs(one.state)
    for what, is_there in has.items():
        if is_there and what not in needs:
            yield f"it is {one.state.value} and has {what}."
        if not is_there and what in needs:
            yield f"it is {one.state.value} and has not {what}."
    if len(set(one.invitees)) != len(one.invitees):
        yield "it is offered to one user twice."
    if one.deadline_ms is not None and one.state not in _WAITS:
        yield f"it is {one.state.value} and has a deadline."
    if one.deadline_ms is None and one.state is State.INVITED:
        yield f"it is {one.state.value} and has no deadline."


def _needs(state: State) -> frozenset[str]:
    """What an interaction in this state has to have of the things that say where it is; it may have no other."""
    if lifecycle.is_working(state):
        return frozenset({"an owner"})
    if state is State.INVITED:
        return frozenset({"invitees"})
    if state is State.IN_WORKBIN:
        return frozenset({"a workbin", "a workbin's owner"})
    return frozenset()  # Queued: the queue is always set; final: nowhere


def _last_event(source: Source, contact_centre: str, one: Interaction) -> Iterator[str]:
    row = source.one(SQL.last_event, {"contact_centre": contact_centre, "interaction": one.id})
    if row is None:
        yield "it has no event."
        return
    event = read(EVENTS, row[1], contact_centre, f"event {row[0]}")
    if isinstance(event, InteractionChanged) and event.after != one:
        yield f"it is not as its last event ({row[0]}, {event.trigger}) left it."


def _surroundings(source: Source, contact_centre: str, one: Interaction) -> Iterator[tuple[Law, str]]:
    """What has to be in other tables because of it."""
    if one.is_final:
        return
    named = [(QUEUE, one.queue)] + ([(WORKBIN, one.workbin)] if one.workbin is not None else [])
    for noun, thing in named:
        if source.one(SQL.thing, {"contact_centre": contact_centre, "noun": noun, "id": thing}) is None:
            yield Law.ONE_PLACE, f"it is in the {noun} {thing}, which is not there."
    for user in one.holders:
        whose = {"contact_centre": contact_centre, "user_id": user}
        if source.one(SQL.user, whose) is None:
            yield Law.ONE_PLACE, f"it is with the user {user}, who is not there."
        if source.one(SQL.channel, {**whose, "channel": one.media_type}) is None:
            yield Law.LOADS, f"it is with the user {user}, whose load on {one.media_type} counts nothing."
    for user in one.invitees:
        invitation = {"contact_centre": contact_centre, "user_id": user, "interaction": one.id}
        if source.one(SQL.invitation, invitation) is None:
            yield Law.ONE_PLACE, f"it is offered to the user {user}, who has no invitation to it."
