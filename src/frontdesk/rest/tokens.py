"""Bearer tokens, for administrators."""

from frontdesk.core.ids import TokenId
from frontdesk.core.permissions import Act
from frontdesk.rest import lists
from frontdesk.rest.administration import created
from frontdesk.rest.answers import ok
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, FIELDS, Route
from frontdesk.services.tokens import TokenWish
from frontdesk.wire import tokens
from frontdesk.wire.administration import NewToken
from frontdesk.wire.selection import Resource


async def list_all(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE)
    found = await call.house.tokens.all(call.principal)
    return lists.answer("tokens", [tokens.shown(token, call.addresses) for token in found], wanted)


async def get(call: Call) -> Answer:
    wanted = lists.asked(call, RESOURCE, pages=False)
    found = await call.house.tokens.get(call.principal, TokenId(call.params["id"]))
    return lists.single("token", tokens.shown(found, call.addresses), wanted)


async def create(call: Call) -> Answer:
    """The only answer that has the secret in it."""
    body = call.body(NewToken)
    wish = TokenWish(name=body.name, scopes=body.scopes, user=body.user_id or body.user_uri)
    outcome = await call.house.tokens.create(call.caller(), wish)
    return created(call, "tokens", outcome.id, secret=outcome.secret)


async def delete(call: Call) -> Answer:
    await call.house.tokens.delete(call.caller(), TokenId(call.params["id"]))
    return ok()


RESOURCE = Resource(tokens.PROPERTIES)
_TAG = "Tokens"
ROUTES = (
    Route(
        "GET", "/tokens", list_all, Act.ADMINISTER, "All bearer tokens", _TAG,
        query=COLLECTION, shows=("uris", "tokens", "totalCount"),
    ),
    Route(
        "POST", "/tokens", create, Act.ADMINISTER, "Make a bearer token; its secret is shown once", _TAG,
        body=NewToken, shows=("id", "uri", "secret"),
    ),
    Route("GET", "/tokens/{id}", get, Act.ADMINISTER, "One bearer token", _TAG, query=(FIELDS,), shows=("token",)),
    Route("DELETE", "/tokens/{id}", delete, Act.ADMINISTER, "End a bearer token", _TAG),
)  # fmt: skip
