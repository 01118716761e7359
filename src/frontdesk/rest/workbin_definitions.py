"""Making, changing and deleting workbins. Reading and working with them is `rest.workbins`."""

from frontdesk.rest.administration import Kind
from frontdesk.services.workbin_definitions import WorkbinWish
from frontdesk.wire import workbins
from frontdesk.wire.administration import NewWorkbin, WorkbinChanges, workbin_name
from frontdesk.wire.selection import Resource


def _wish(body: NewWorkbin | WorkbinChanges) -> WorkbinWish:
    return WorkbinWish(name=workbin_name(body), display_name=body.display_name, type=body.type)


KIND = Kind(
    singular="workbin",
    plural="workbins",
    tag="Workbins",
    service=lambda call: call.house.workbin_definitions,
    resource=Resource(workbins.PROPERTIES),
    shown=workbins.shown,
    new=NewWorkbin,
    changes=WorkbinChanges,
    wish=_wish,
)
ROUTES = KIND.writing
