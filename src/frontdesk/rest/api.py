"""The whole route table, put together from every noun's."""

from frontdesk.rest import (
    agent_states,
    contacts,
    directory,
    groups,
    health,
    interactions,
    me,
    media,
    presence,
    push_sessions,
    queues,
    routing,
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
    presence,
    queues,
    groups,
    skills,
    tokens,
    routing,
    directory,
    contacts,
    agent_states,
    settings,
    push_sessions,
    health,
)


def routes() -> Routes:
    """Every route under /api/v2."""
    return Routes(route for noun in _NOUNS for route in noun.ROUTES)
