"""Demo data: two small contact centres that the README's tour walks through, made only in an empty store."""

from frontdesk.app import App
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


async def furnish(app: App) -> None:
    """Make the demo contact centres, if the store is empty."""
    if await app.store.read_server(lambda tx: tx.contact_centres()):
        return
    centres = app.house.contact_centres
    founded = await centres.add("demo", "root", PASSWORD)
    root = founded.administrator
    await _people(app, root, _PEOPLE)
    now = app.clock.now_ms

    await app.house.groups.create(Caller(root, now()), GroupWish(name="Team", members=_AGENTS))
    for name, agents, addresses in (
        ("support", _AGENTS, ("support@frontdesk.example",)),
        ("sales", ("ada", "grace"), ("sales@frontdesk.example",)),
        ("vip", ("ada",), ("vip@frontdesk.example",)),
    ):
        await app.house.queues.create(
            Caller(root, now()), QueueWish(name=name, agents=agents, email_addresses=addresses)
        )
    await app.house.workbin_definitions.create(
        Caller(root, now()), WorkbinWish(name="Team", type=WorkbinType.AGENT_GROUP)
    )

    other = (await centres.add("other", "oscar", PASSWORD)).administrator
    await _people(app, other, (("eve", "Eve", "Curie", Role.AGENT),))
    await app.house.queues.create(Caller(other, now()), QueueWish(name="support", agents=("eve",)))


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

    await app.store.transact(ContactCentreId(admin.contact_centre), body)
