"""How routing explains itself: policies by version, decisions as they were made, and why something waits now."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from frontdesk.core.events import Event, InteractionChanged
from frontdesk.core.ids import UserId
from frontdesk.core.routing import Explanation, Facts, Ranked, Record, Stuck, Unblocking
from frontdesk.ports import PolicyVersion
from frontdesk.wire.addresses import Addresses
from frontdesk.wire.interactions import date

STUCK_PROPERTIES = ("id", "uri", "queueName", "mediaType", "waitedSeconds", "blockedBy", "explanation")


def policy_shown(one: PolicyVersion, addresses: Addresses) -> dict[str, Any]:
    """A version: who put it in force and when, and the document. Version 0 is what the settings say."""
    shown: dict[str, Any] = {"version": one.policy.version, "document": one.policy}
    if one.actor is not None:
        shown["actorUri"] = addresses.uri(f"/users/{one.actor}")
        shown["timestamp"] = date(one.at_ms)
    return shown


def routing_shown(events: Iterable[tuple[int, Event]], now: Explanation | None, facts: Facts) -> dict[str, Any]:
    """The decisions so far, and for a waiting interaction what would unblock it."""
    shown: dict[str, Any] = {"decisions": decisions_shown(events, facts)}
    if now is not None:
        shown["waiting"] = explanation_shown(now, facts)
    return shown


def decisions_shown(events: Iterable[tuple[int, Event]], facts: Facts) -> list[dict[str, Any]]:
    """The offers that the router made of an interaction, oldest first, each with what became of it."""
    decisions: list[dict[str, Any]] = []
    for seq, event in events:
        if not isinstance(event, InteractionChanged):
            continue
        if event.record is not None:
            decisions.append(
                {
                    "id": seq,
                    "timestamp": datetime.fromtimestamp(event.at_ms / 1000, UTC).isoformat(timespec="milliseconds"),
                    "invitees": [facts.agent_name(user) for user in event.after.invitees],
                    **_record_shown(event.record, facts),
                }
            )
        elif decisions and "outcome" not in decisions[-1] and event.trigger in _OUTCOMES:
            decisions[-1]["outcome"] = event.trigger
    return decisions


_OUTCOMES = frozenset({"Accept", "Reject", "Expire", "Withdraw"})


def explanation_shown(why: Explanation, facts: Facts) -> dict[str, Any]:
    """Why an interaction waits, as things are now."""
    shown: dict[str, Any] = {
        "queueName": facts.queue_name(why.queue),
        "mediaType": why.medium,
        "policyVersion": why.policy,
        "step": why.step,
        "waitedSeconds": why.waited_ms / 1000,
        "priority": why.priority,
        "position": why.position,
        "isOpen": why.is_open,
        "eligible": _ranked_shown(why.eligible, facts),
        "excluded": {rule.value: list(names) for rule, names in why.excluded.items() if names},
        "wouldUnblock": [_unblocking_shown(one) for one in why.ways],
    }
    if why.held_for is not None:
        shown["heldFor"] = facts.agent_name(why.held_for)
    return shown


def stuck_shown(one: Stuck, facts: Facts, addresses: Addresses) -> dict[str, Any]:
    """An interaction that nobody can ever serve under the present policy, and the rule that blocks it."""
    return {
        "id": one.interaction,
        "uri": addresses.uri(f"/interactions/{one.interaction}"),
        "queueName": facts.queue_name(one.queue),
        "mediaType": one.medium,
        "waitedSeconds": one.waited_ms / 1000,
        "blockedBy": one.blocker.value,
        "explanation": one.sentence,
    }


def _unblocking_shown(one: Unblocking) -> dict[str, Any]:
    shown: dict[str, Any] = {"way": one.way.value, "explanation": one.sentence}
    if one.agents:
        shown["agents"] = list(one.agents)
    if one.at_ms is not None:
        shown["at"] = date(one.at_ms)
    return shown


def _record_shown(record: Record, facts: Facts) -> dict[str, Any]:
    return {
        "policyVersion": record.policy,
        "step": record.step,
        "choice": record.choice,
        "waitedSeconds": record.waited_ms / 1000,
        "eligibleCount": record.eligible,
        "candidates": _ranked_shown(record.candidates, facts),
        "excludedCounts": {rule.value: count for rule, count in record.excluded.items() if count},
    }


def _ranked_shown(candidates: Sequence[Ranked], facts: Facts) -> list[dict[str, Any]]:
    """In the order in which they are asked; equal values are ordered by user id, which is the tie-break."""
    return [
        {"userName": facts.agent_name(UserId(one.user)), "userId": one.user, "rank": list(one.value)}
        for one in candidates
    ]
