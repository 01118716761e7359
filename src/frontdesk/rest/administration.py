"""The five requests that administer one kind of thing: list, get, create, update, delete.

A kind says how it is shown and what may be wished for; its service decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from frontdesk.core.permissions import Act
from frontdesk.rest import lists
from frontdesk.rest.answers import ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, FIELDS, Route
from frontdesk.wire.addresses import Addresses
from frontdesk.wire.administration import ReadOnly
from frontdesk.wire.selection import Resource


@dataclass(frozen=True)
class Kind:
    """One kind of thing. `wish` makes of a body of `new` or `changes` what the service understands."""

    singular: str
    plural: str
    tag: str
    service: Callable[[Call], Any]
    resource: Resource
    shown: Callable[[Any, Addresses], dict[str, Any]]
    new: type[msgspec.Struct]
    changes: type[ReadOnly]
    wish: Callable[[Any], Any]

    async def list_all(self, call: Call) -> Answer:
        wanted = lists.asked(call, self.resource)
        found = await self.service(call).all(call.principal)
        return lists.answer(self.plural, [self.shown(one, call.addresses) for one in found], wanted)

    async def get(self, call: Call) -> Answer:
        wanted = lists.asked(call, self.resource, pages=False)
        found = await self.service(call).get(call.principal, call.params["id"])
        return lists.single(self.singular, self.shown(found, call.addresses), wanted)

    async def create(self, call: Call) -> Answer:
        outcome = await self.service(call).create(call.caller(), self.wish(call.body(self.new)))
        return created(call, self.plural, outcome.id)

    async def update(self, call: Call) -> Answer:
        body = call.body(self.changes)
        thing_id = call.params["id"]
        body.must_be(f"/{self.plural}/{thing_id}", call.principal.contact_centre)
        await self.service(call).update(call.caller(), thing_id, self.wish(body), version=body.version)
        return ok()

    async def delete(self, call: Call) -> Answer:
        await self.service(call).delete(call.caller(), call.params["id"])
        return ok()

    @property
    def reading(self) -> tuple[Route, ...]:
        """The routes that everybody may take."""
        read, tag = Act.READ_DIRECTORY, self.tag
        return (
            Route(
                "GET", f"/{self.plural}", self.list_all, read, f"All {self.plural}", tag,
                query=COLLECTION, shows=("uris", self.plural, "totalCount"),
            ),
            Route(
                "GET", f"/{self.plural}/{{id}}", self.get, read, f"One {self.singular}", tag,
                query=(FIELDS,), shows=(self.singular,),
            ),
        )  # fmt: skip

    @property
    def writing(self) -> tuple[Route, ...]:
        """The routes for administrators."""
        administer, tag = Act.ADMINISTER, self.tag
        return (
            Route(
                "POST", f"/{self.plural}", self.create, administer, f"Make a {self.singular}", tag,
                body=self.new, shows=("id", "uri"),
            ),
            Route(
                "PUT", f"/{self.plural}/{{id}}", self.update, administer, f"Change a {self.singular}", tag,
                body=self.changes,
            ),
            Route(
                "DELETE", f"/{self.plural}/{{id}}", self.delete, administer,
                f"Delete a {self.singular} that nothing uses", tag,
            ),
        )  # fmt: skip


def created(call: Call, plural: str, thing_id: str | None, **members: Any) -> Answer:
    """The answer to the making of a thing."""
    return ok(id=thing_id, uri=call.addresses.uri(f"/{plural}/{thing_id}"), **members)
