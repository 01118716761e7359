"""Queues: reading for everybody, changing for administrators."""

from frontdesk.rest.administration import Kind
from frontdesk.services.queues import QueueWish
from frontdesk.wire import directory
from frontdesk.wire.administration import NewQueue, QueueChanges, values
from frontdesk.wire.selection import Resource


def _wish(body: NewQueue | QueueChanges) -> QueueWish:
    addresses = body.email_addresses
    return QueueWish(
        name=body.name,
        description=body.description,
        agents=values(body.agents, parameter="agents"),
        groups=values(body.groups, parameter="groups"),
        email_addresses=None if addresses is None else tuple(addresses),
    )


KIND = Kind(
    singular="queue",
    plural="queues",
    tag="Queues",
    service=lambda call: call.house.queues,
    resource=Resource(directory.QUEUE_PROPERTIES),
    shown=directory.queue_shown,
    new=NewQueue,
    changes=QueueChanges,
    wish=_wish,
)
ROUTES = (*KIND.reading, *KIND.writing)
