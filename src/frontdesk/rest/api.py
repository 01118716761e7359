"""The whole route table, put together from every noun's."""

from frontdesk.rest import (
    directory,
    groups,
    health,
    interactions,
    me,
    media,
    queues,
    settings,
    skills,
    tokens,
    users,
    workbin_definitions,
    workbins,
)
from frontdesk.rest.routes import Routes

_NOUNS = (
    me,
    interactions,
    media,
    workbins,
    workbin_definitions,
    users,
    queues,
    groups,
    skills,
    tokens,
    directory,
    settings,
    health,
)


def routes() -> Routes:
    """Every route under /api/v2."""
    return Routes(route for noun in _NOUNS for route in noun.ROUTES)
