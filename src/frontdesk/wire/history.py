"""An interaction's history as it is read: one object per event, the newest state of things in each."""

from datetime import UTC, datetime
from typing import Any, Final

from frontdesk.core.events import Event, InteractionChanged
from frontdesk.wire.addresses import Addresses
from frontdesk.wire.interactions import shown as interaction_shown

PROPERTIES: Final = ("id", "event", "timestamp", "actorUri", "ended", "inviteeUris", "interaction")


def shown(seq: int, event: Event, addresses: Addresses) -> dict[str, Any]:
    """`id` is the event's place in the log; `actorUri` is absent when the server itself acted."""
    told: dict[str, Any] = {
        "id": seq,
        "event": event.trigger,
        "timestamp": datetime.fromtimestamp(event.at_ms / 1000, UTC).isoformat(timespec="milliseconds"),
    }
    if isinstance(event, InteractionChanged):
        if event.actor is not None:
            told["actorUri"] = addresses.uri(f"/users/{event.actor}")
        if event.ended:
            told["ended"] = [
                {"userUri": addresses.uri(f"/users/{user_id}"), "state": state}
                for user_id, state in sorted(event.ended.items())
            ]
        if event.after.invitees:
            told["inviteeUris"] = [addresses.uri(f"/users/{user_id}") for user_id in event.after.invitees]
        told["interaction"] = interaction_shown(event.after, None, addresses)
    return told
