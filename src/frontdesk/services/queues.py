"""Queues: who serves them, and which mail addresses lead to them."""

from typing import Any

import msgspec
from msgspec.structs import replace

from frontdesk.core.directory import Queue
from frontdesk.core.errors import ParameterMissing
from frontdesk.core.ids import QueueId
from frontdesk.core.names import check_address, check_name, check_text
from frontdesk.ports import Catalogue, Transaction
from frontdesk.services import references
from frontdesk.services.administration import Administration, check_count, counted, user_ids


class QueueWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be so of a queue. Agents and groups by id, name or URI; None leaves as it is."""

    name: str | None = None
    description: str | None = None
    agents: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    email_addresses: tuple[str, ...] | None = None


class Queues(Administration[Queue, QueueWish]):
    """Use-cases of queues."""

    noun = "queue"

    def _catalogue(self, tx: Transaction) -> Catalogue[Queue]:
        return tx.queues

    def _blank(self) -> Queue:
        return Queue(id=QueueId(self._ids.uuid()), name="")

    async def _granted(self, tx: Transaction, before: Queue, wish: QueueWish) -> Queue:
        changes: dict[str, Any] = {}
        if wish.name is not None:
            changes["name"] = check_name(wish.name)
        if wish.description is not None:
            changes["description"] = check_text(wish.description, parameter="description")
        if wish.agents is not None:
            changes["agents"] = await user_ids(tx, wish.agents, parameter="agents")
        if wish.groups is not None:
            check_count(wish.groups, parameter="groups")
            groups = [await references.group(tx, value, parameter="groups") for value in wish.groups]
            changes["groups"] = tuple(dict.fromkeys(group.id for group in groups))
        if wish.email_addresses is not None:
            changes["email_addresses"] = _addresses(wish.email_addresses)
        return replace(before, **changes)

    async def _uses(self, tx: Transaction, thing: Queue) -> list[str]:
        return counted(await tx.interactions.uses_of_queue(thing.id), "live interaction")


def _addresses(values: tuple[str, ...]) -> tuple[str, ...]:
    """In lower case, each once, in the order given."""
    check_count(values, parameter="emailAddresses")
    for value in values:
        if not value:
            raise ParameterMissing("emailAddresses", "An address in it is empty.")
        check_address(value, parameter="emailAddresses")
    return tuple(dict.fromkeys(value.lower() for value in values))
