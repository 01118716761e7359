"""What is asked of the contact centre as a whole: itself, its features and services, and places, of which it has none.

Source: the Genesys Web Services v2 pages, Features and Services.
"""

from collections.abc import Collection
from typing import Any

from frontdesk.core.errors import NotFound
from frontdesk.core.permissions import Act
from frontdesk.core.users import User
from frontdesk.rest import lists, users
from frontdesk.rest.call import Answer, Call
from frontdesk.rest.routes import COLLECTION, FIELDS, Route
from frontdesk.wire import agents, directory, platform
from frontdesk.wire.selection import Resource


async def list_contact_centres(call: Call) -> Answer:
    """The caller's own."""
    wanted = lists.asked(call, _CONTACT_CENTRE)
    found = await call.house.contact_centres.all(call.principal)
    return lists.answer(
        "contactCenters", [directory.contact_centre_shown(one, call.addresses) for one in found], wanted
    )


async def get_contact_centre(call: Call) -> Answer:
    wanted = lists.asked(call, _CONTACT_CENTRE, pages=False)
    found = await call.house.contact_centres.get(call.principal, call.params["id"])
    return lists.single("contactCenter", directory.contact_centre_shown(found, call.addresses), wanted)


async def list_features(call: Call) -> Answer:
    """Every contact centre has every feature of the server."""
    return lists.answer("features", agents.features_shown(call.addresses), lists.asked(call, _FEATURE))


async def get_feature(call: Call) -> Answer:
    return _one(call, "feature", agents.features_shown(call.addresses), _FEATURE)


async def list_services(call: Call) -> Answer:
    return lists.answer("services", platform.services_shown(call.addresses), lists.asked(call, _SERVICE))


async def get_service(call: Call) -> Answer:
    return _one(call, "service", platform.services_shown(call.addresses), _SERVICE)


async def list_places(call: Call) -> Answer:
    return lists.answer("places", [], lists.asked(call, _PLACE))


async def subresources_of(call: Call, user: User, names: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """What the directory has of a user: `skills` and `groups`, as far as they are among `names`."""
    return await users.subresources_of(call, user, names)


def _one(call: Call, singular: str, items: list[dict[str, Any]], resource: Resource) -> Answer:
    wanted = lists.asked(call, resource, pages=False)
    thing_id = call.params["id"]
    for item in items:
        if item["id"] == thing_id:
            return lists.single(singular, item, wanted)
    raise NotFound(singular, thing_id)


_CONTACT_CENTRE = Resource(directory.CONTACT_CENTRE_PROPERTIES)
_FEATURE = Resource(platform.FEATURE_PROPERTIES)
_SERVICE = Resource(platform.SERVICE_PROPERTIES)
_PLACE = Resource(("id", "uri", "path", "name"))
_TAG = "Contact center"
_READ = Act.READ_DIRECTORY
_FEATURES = ("uris", "features", "totalCount")
ROUTES = (
    Route(
        "GET", "/contact-centers", list_contact_centres, _READ, "One's own contact center", _TAG,
        query=COLLECTION, shows=("uris", "contactCenters", "totalCount"),
    ),
    Route(
        "GET", "/contact-centers/{id}", get_contact_centre, _READ, "One's own contact center", _TAG,
        query=(FIELDS,), shows=("contactCenter",),
    ),
    Route(
        "GET", "/features", list_features, _READ, "Features of the contact center", _TAG,
        query=COLLECTION, shows=_FEATURES,
    ),
    Route("GET", "/features/{id}", get_feature, _READ, "One feature", _TAG, query=(FIELDS,), shows=("feature",)),
    Route(
        "GET", "/system/features", list_features, Act.ADMINISTER, "All features that the server knows", _TAG,
        query=COLLECTION, shows=_FEATURES,
    ),
    Route(
        "GET", "/services", list_services, _READ, "Services of the server", _TAG,
        query=COLLECTION, shows=("uris", "services", "totalCount"),
    ),
    Route("GET", "/services/{id}", get_service, _READ, "One service", _TAG, query=(FIELDS,), shows=("service",)),
    Route(
        "GET", "/places", list_places, _READ, "Places: none here", _TAG,
        query=COLLECTION, shows=("uris", "places", "totalCount"),
    ),
)  # fmt: skip
