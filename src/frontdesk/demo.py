"""Demo data: two small contact centres that the README's tour walks through, made only in an empty store."""

from collections.abc import Awaitable
from contextlib import suppress

from frontdesk.app import App
from frontdesk.core.errors import AlreadyExists
from frontdesk.core.ids import ContactCentreId, UserId
from frontdesk.core.permissions import Principal, Role
from frontdesk.core.users import User
from frontdesk.core.workbins import WorkbinType
from frontdesk.ports import Transaction
from frontdesk.services.calls import Caller
from frontdesk.services.groups import GroupWish
from frontdesk.services.queues import QueueWish
from frontdesk.services.workbin_definitions import WorkbinWish

PASSWORD = "demo"  # noqa: S105 - known to everybody, which is why the demo listens on loopback only

WELCOME = """
  Demo log-ins (password "demo"):
    ada, grace, linus   agents         sam   supervisor         root  Contact Center Admin
    eve, oscar          agent and admin of another contact centre, to try isolation
  API    {url}/api/v2        docs  {url}/docs
  Queues support, sales, vip; mail to support@frontdesk.example becomes an interaction."""

_PEOPLE = (
    ("ada", "Ada", "Lovelace", Role.AGENT),
    ("grace", "Grace", "Hopper", Role.AGENT),
    ("linus", "Linus", "Pauling", Role.AGENT),
    ("sam", "Samuel", "Morse", Role.SUPERVISOR),
)
_AGENTS = ("ada", "grace", "linus")
_LAST = "support"  # of the other contact centre: when this queue is there, everything is


async def furnish(app: App) -> None:
    """Make the demo contact centres, if the store is empty; or what is missing, if the last start was cut short."""
    present = {one.name: one.id for one in await app.store.read_server(lambda tx: tx.contact_centres())}
    if present.keys() - {"demo", "other"}:
        return
    if "other" in present:
        last = await app.store.read(present["other"], lambda tx: tx.queues.named(_LAST))
        if last is not None:
            return
    house, now = app.house, app.clock.now_ms
    root = await _founded(app, "demo", "root")
    await _people(app, root, _PEOPLE)
    await _unless_there(house.groups.create(Caller(root, now()), GroupWish(name="Team", members=_AGENTS)))
    for name, agents in (("support", _AGENTS), ("sales", ("ada", "grace")), ("vip", ("ada",))):
        wish = QueueWish(name=name, agents=agents, email_addresses=(f"{name}@frontdesk.example",))
        await _unless_there(house.queues.create(Caller(root, now()), wish))
    team = WorkbinWish(name="Team", type=WorkbinType.AGENT_GROUP)
    await _unless_there(house.workbin_definitions.create(Caller(root, now()), team))

    other = await _founded(app, "other", "oscar")
    await _people(app, other, (("eve", "Eve", "Curie", Role.AGENT),))
    await _unless_there(house.queues.create(Caller(other, now()), QueueWish(name=_LAST, agents=("eve",))))


async def _founded(app: App, name: str, admin: str) -> Principal:
    """The contact centre's administrator."""
    try:
        return (await app.house.contact_centres.add(name, admin, PASSWORD)).administrator
    except AlreadyExists:
        return await app.house.contact_centres.operator(name)


async def _unless_there(made: Awaitable[object]) -> None:
    with suppress(AlreadyExists):
        await made


async def _people(app: App, admin: Principal, people: tuple[tuple[str, str, str, Role], ...]) -> None:
    # Past the service, whose rules for passwords "demo" does not keep.
    password_hash = await app.house.sign_ins.hash_password(PASSWORD)
    users = [
        User(
            id=UserId(app.ids.hexadecimal()),
            user_name=user_name,
            first_name=first_name,
            last_name=last_name,
            email_address=f"{user_name}@frontdesk.example",
            roles=(role,),
        )
        for user_name, first_name, last_name, role in people
    ]

    async def body(tx: Transaction) -> None:
        for user in users:
            await tx.users.add(user, password_hash)

    await _unless_there(app.store.transact(ContactCentreId(admin.contact_centre), body))
