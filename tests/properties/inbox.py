"""An agent's view as a client keeps it: a snapshot, and the messages pushed since. No clock, no network."""

from dataclasses import dataclass, field
from typing import Any

from tests.clients.bayeux import Message

INTERACTIONS, WORKBINS, CHANNELS = "/v2/me/interactions", "/v2/me/workbins", "/v2/me/channels"
MEDIA = {"emails": "email", "chats": "chat", "workitems": "workitem", "openmedia": "openmedia"}

Shown = dict[str, Any]


@dataclass
class Inbox:
    """What a user sees: own interactions, the same by medium, channels, and the watched bins' content."""

    interactions: dict[str, Shown] = field(default_factory=dict)
    media: dict[str, Shown] = field(default_factory=dict)
    channels: dict[str, Shown] = field(default_factory=dict)
    bins: dict[str, dict[str, Shown]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)  # part → the last event that is in it

    def apply(self, message: Message) -> None:
        """What a message tells, unless it is in the snapshot already."""
        channel, data = message["channel"], message["data"]
        number = data.get("replayId")
        if number is None:
            return
        if channel == INTERACTIONS and number > self.numbers["interactions"]:
            _take(self.interactions, data["interaction"])
        elif channel == CHANNELS and number > self.numbers["channels"]:
            for one in data["channels"]:
                self.channels[one["channel"]] = one
                if one["userState"]["state"] == "LoggedOut":
                    del self.channels[one["channel"]]
        elif channel == WORKBINS:
            self._apply_to_bin(data, number)
        elif channel.rpartition("/")[2] in MEDIA and number > self.numbers["media"]:
            _take(self.media, data[MEDIA[channel.rpartition("/")[2]]])

    def _apply_to_bin(self, data: Shown, number: int) -> None:
        content = self.bins.get(data["id"])
        if content is None or number <= self.numbers[data["id"]]:
            return
        [item] = [value for key, value in data.items() if key.endswith("StateResourceV2")]
        if data["action"] == "ItemAdded":
            content[item["id"]] = item
        else:
            assert data["action"] == "ItemRemoved", data
            del content[item["id"]]


def _take(held: dict[str, Shown], shown: Shown) -> None:
    """Who has no operation left on it, has lost it."""
    if shown["capabilities"]:
        held[shown["id"]] = shown
    else:
        held.pop(shown["id"], None)
