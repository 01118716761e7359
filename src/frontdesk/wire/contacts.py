"""The directory of whom an agent can turn to: users and queues as contacts, and the filters that find them.

Source: the Genesys Web Services v2 pages, Contacts. Telephone numbers are part of the wire and nobody has one here.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import msgspec

from frontdesk.core.agents import Agent
from frontdesk.core.directory import Queue
from frontdesk.core.policy import Policy
from frontdesk.core.users import User
from frontdesk.wire.addresses import Addresses
from frontdesk.wire.agents import user_state

USER, QUEUE, CUSTOM = "User", "Queue", "Custom"
TYPES: Final = (USER, QUEUE, CUSTOM)

PROPERTIES: Final = (
    *("id", "uri", "path", "name", "type", "userName", "firstName", "lastName", "emailAddress", "roles"),
    *("businessUnits", "availability"),
)
#: The only named filter that the pages know.
NAMES_OR_NUMBERS: Final = "NamesOrPhoneNumberMatches"

Contact = dict[str, Any]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What contacts are asked for; None means any. Of each list one has to fit, of `patterns` all."""

    names: Collection[str] | None = None
    phone_numbers: Collection[str] | None = None
    channels: Collection[str] | None = None
    types: Collection[str] | None = None
    roles: Collection[str] | None = None
    users: Collection[str] | None = None  # ids; queues are not touched by it
    patterns: tuple[str, ...] = ()

    def fit(self, contact: Contact) -> bool:
        return (
            (self.names is None or contact["name"] in self.names)
            and (self.types is None or contact["type"] in self.types)
            and (self.phone_numbers is None or _has_number(contact, self.phone_numbers))
            and (self.channels is None or bool(set(self.channels).intersection(_channels_of(contact))))
            and (self.roles is None or bool(set(self.roles).intersection(contact.get("roles", ()))))
            and (self.users is None or contact["type"] != USER or contact["id"] in self.users)
            and all(any(matches(pattern, text) for text in _texts(contact)) for pattern in self.patterns)
        )


def user_contact(user: User, agent: Agent | None, policy: Policy, addresses: Addresses) -> Contact:
    """A user; `availability` is there while the user is logged in somewhere: who could be offered one more."""
    shown = {
        **_common(user.id, user.user_name, USER, addresses),
        "userName": user.user_name,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "emailAddress": user.email_address,
        "roles": [role.value for role in user.roles],
        "businessUnits": [],
    }
    channels = agent.shown_channels if agent is not None else ()
    if agent is not None and channels:
        in_hand = {channel.channel: channel.load for channel in agent.channels}
        shown["availability"] = {
            "channels": [
                {
                    "channel": channel.channel,
                    "available": channel.is_ready and policy.has_room(user.id, channel.channel, in_hand),
                    "userState": user_state(channel.standing),
                }
                for channel in channels
            ]
        }
    return shown


def queue_contact(queue: Queue, addresses: Addresses) -> Contact:
    return _common(queue.id, queue.name, QUEUE, addresses)


def filtered(contacts: Iterable[Contact], filters: Filters) -> list[Contact]:
    return [contact for contact in contacts if filters.fit(contact)]


def matches(pattern: str, text: str) -> bool:
    """Whether all of `text` is like `pattern`, where "*" stands for anything and case makes no difference."""
    first, *parts = pattern.casefold().split("*")
    text = text.casefold()
    if not parts:
        return text == first
    *middle, last = parts
    if not (text.startswith(first) and text.endswith(last) and len(first) + len(last) <= len(text)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:  # the earliest place leaves most for the others
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _common(thing_id: str, name: str, kind: str, addresses: Addresses) -> Contact:
    path = f"/contacts/{thing_id}"
    return {"id": thing_id, "uri": addresses.uri(path), "path": path, "name": name, "type": kind}


def _channels_of(contact: Contact) -> Iterator[str]:
    for channel in contact.get("availability", {}).get("channels", ()):
        yield channel["channel"]


def _numbers_of(contact: Contact) -> Iterator[str]:
    for number in contact.get("phoneNumbers", ()):
        yield number["phoneNumber"]


def _has_number(contact: Contact, wanted: Collection[str]) -> bool:
    numbers = set(_numbers_of(contact))
    return bool(numbers) if "*" in wanted else bool(numbers.intersection(wanted))


def _texts(contact: Contact) -> Iterator[str]:
    """What a pattern is held against."""
    if contact["type"] == USER:
        yield from (contact["userName"], contact["firstName"], contact["lastName"])
    else:
        yield contact["name"]
    yield from _numbers_of(contact)
