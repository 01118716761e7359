"""Agents' loads count what the agents hold, and their channels' columns say what their states say."""

from collections.abc import Iterator
from typing import Final

from frontdesk.core.agent_states import AFTER_CALL_WORK
from frontdesk.store import statements
from frontdesk.store.agents import DETAILS, Detail
from frontdesk.store.catalogue import AGENT_STATE
from frontdesk.store.findings import Finding, Law, Source, read

SQL: Final = statements.load("verify")


def channels(source: Source) -> Iterator[Finding]:
    """Each channel: its load, whose it is, and its state."""
    for contact_centre, user, channel, load, state, deadline_ms, agent_state, image in source.walk(SQL.all_channels):
        thing = f"agent {user}"
        whose = {"contact_centre": contact_centre, "user_id": user}
        counted = source.one(SQL.holdings, {**whose, "media_type": channel})
        held = counted[0] if counted else 0
        if load != held:
            sentence = f"the load on {channel} is {load}, and the agent holds {held}."
            yield Finding(Law.LOADS, thing, sentence, contact_centre)
        if source.one(SQL.user, whose) is None:
            yield Finding(Law.LINKS, thing, f"has the channel {channel}, and there is no such user.", contact_centre)
        detail: Detail | Finding = Detail()
        if image is not None:
            detail = read(DETAILS, image, contact_centre, thing)
        if isinstance(detail, Finding):
            yield detail
            continue
        for sentence in _state(state, deadline_ms, agent_state, detail):
            yield Finding(Law.COLUMNS, thing, f"its state on {channel} {sentence}", contact_centre)
        if agent_state is not None:
            named = {"contact_centre": contact_centre, "noun": AGENT_STATE, "id": agent_state}
            if source.one(SQL.thing, named) is None:
                sentence = f"its state on {channel} is {agent_state}, which is not there."
                yield Finding(Law.LINKS, thing, sentence, contact_centre)


def _state(state: str, deadline_ms: int | None, agent_state: str | None, detail: Detail) -> Iterator[str]:
    said = detail.custom.id if detail.custom else None
    if agent_state != said:
        yield f"is {agent_state!r} by the column 'agent_state', and {said!r} by what it says."
    if detail.custom is not None and detail.custom.counts_as != state:
        yield f"counts as {detail.custom.counts_as}, and the column 'state' says {state}."
    if (deadline_ms is not None) != (detail.resumes is not None):
        yield f"ends at {deadline_ms}, and goes back to {detail.resumes}."
    if deadline_ms is not None and state != AFTER_CALL_WORK:
        yield f"has the end of a wrap-up and is {state}."
