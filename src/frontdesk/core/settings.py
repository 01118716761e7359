"""Every setting, typed, with its default and its unit in the name. A file or the environment overrides them.

Times are seconds unless the name says otherwise; sizes are bytes. docs/settings.md is generated from here.
"""

from typing import Annotated, Literal

import msgspec

from frontdesk.core.user_data import UserDataLimits

AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
NotNegative = Annotated[int, msgspec.Meta(ge=0)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the settings file; an unknown key in it stops the start."""


class Server(_Section, frozen=True):
    """Where the server listens and how it names itself."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Port = 8090
    """0 takes a free one."""
    public_url: str = ""
    """Prefix of every URI the server writes, e.g. "https://desk.example.org"; empty means the bound address."""
    trusted_proxies: tuple[str, ...] = ()
    """Peers whose X-Forwarded-For is believed."""
    allowed_origins: tuple[str, ...] = ()
    """Origins of browser clients on other sites; one "*" inside a host name is allowed."""
    body_bytes: AtLeastOne = 1_000_000
    """The largest request body."""
    body_s: Seconds = 10.0
    """The body of a request has to arrive within so long."""
    drain_s: Seconds = 5.0
    """How long a graceful stop waits for running requests."""


class SignIn(_Section, frozen=True):
    """Sessions, cookies and how failures are slowed down."""

    session_idle_s: AtLeastOne = 1800
    """An HTTP session ends when it was not used for so long."""
    session_life_s: AtLeastOne = 43_200
    """An HTTP session ends after so long in any case."""
    credential_cache_s: NotNegative = 60
    """Verified Basic credentials are remembered for so long, so that hashing is not paid per request."""
    csrf_protection: bool = True
    """Demand X-CSRF-TOKEN on PUT, POST and DELETE whose only credential is the cookie."""
    cookie_same_site: Literal["lax", "none", "strict"] = "lax"
    """"none" is for desktops on another site, and implies Secure."""
    cookie_secure: bool = False
    """Send cookies over https only; set it behind a proxy that speaks https."""
    password_characters: AtLeastOne = 8
    """The least that a password has when it is set over the API."""
    failures_before_delay: NotNegative = 5
    """Failed sign-ins of an account from one address before further ones are slowed down."""
    delay_s: NotNegative = 30
    """Then one attempt is let through in so long."""


class AgentSession(_Section, frozen=True):
    """Contact-centre sessions."""

    silence_s: AtLeastOne = 1800
    """A session ends when its user has had neither a request nor a live push session for so long."""
    voice: Literal["accept", "refuse"] = "accept"
    """"accept" keeps presence on `voice`, without a telephone; "refuse" starts a session on the other channels only."""


class Routing(_Section, frozen=True):
    """Offers."""

    offer_s: AtLeastOne = 30
    """How long an agent has to accept an offer."""
    refused_pause_s: NotNegative = 60
    """How long those who refused an interaction are left alone with it, when nobody else takes it."""
    capacity: dict[str, NotNegative] = msgspec.field(default_factory=lambda: {"chat": 3, "email": 5, "workitem": 5})
    """The most an agent has at once, per medium."""
    capacity_of_others: NotNegative = 3
    """The same for media that `capacity` does not name."""


class Country(_Section, frozen=True):
    """Where the contact centre is, for clients that ask (`/settings/general-settings`); what is empty is left out."""

    code: str = ""
    """Two letters, such as "GB"."""
    digits: str = ""
    """What telephone numbers of it begin with, such as "44"."""
    name: str = ""
    """What it is called."""


class Lists(_Section, frozen=True):
    """Bounds of collection answers."""

    default_items: AtLeastOne = 1000
    """`limit` when a request names none."""
    most_items: AtLeastOne = 5000
    """The largest `limit`, and the most that a filter or an order looks at."""
    workbin_items: AtLeastOne = 500
    """The most interactions in one WorkbinContentMessage."""
    report_s: Seconds = 10.0
    """A list that takes longer is given up."""


class Push(_Section, frozen=True):
    """The notifications server (CometD)."""

    timeout_ms: AtLeastOne = 25_000
    """A connect is held for so long; keep it below the idle limit of every proxy on the way."""
    max_interval_ms: AtLeastOne = 40_000
    """A session without a connect ends after so long."""
    queue_messages: AtLeastOne = 2_000
    """Messages waiting for one session; beyond, it is told to read its state again."""
    queue_bytes: AtLeastOne = 4_000_000
    """The same in bytes."""
    polls_per_browser: int = 3
    """Long polls that one browser holds at once over HTTP/1.1; one more is told to ask now and then. -1: no bound."""
    handshakes_per_s: NotNegative = 1_000
    """Handshakes of one user, and from one address, in the long run; more are told to wait. 0: no bound."""
    handshake_burst: AtLeastOne = 100_000
    """So many at once before that counts."""
    inactive_s: NotNegative = 0
    """A session over which nothing but heartbeats went for so long is ended. 0: never."""
    callback_polling: bool = False
    """Answer script tags too. Any site could read a signed-in user's notifications by one, so leave it off."""
    retention_hours: NotNegative = 24
    """A client that was away can be told again what it missed for so long; after that it is told of a gap."""


class Email(_Section, frozen=True):
    """The SMTP listener."""

    enabled: bool = True
    """Whether to take mail."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Port = 2525
    """0 takes a free one."""
    message_bytes: AtLeastOne = 25_000_000
    """A larger message is refused."""
    connections: AtLeastOne = 100
    """Senders at the same time."""
    hostname: str = "localhost"
    """What the listener calls itself."""
    certificate_file: str = ""
    """PEM file that turns on STARTTLS; empty means none."""
    key_file: str = ""
    """PEM file of its key, if that is not in the same file."""
    require_tls: bool = False
    """Take mail only after STARTTLS."""


class Keeping(_Section, frozen=True):
    """How long things are kept."""

    idempotency_hours: NotNegative = 24
    """How long the answer to a request with an Idempotency-Key is kept."""


class Log(_Section, frozen=True):
    """What is written to standard error."""

    format: Literal["console", "json"] = "console"
    """Lines for people, or one JSON object a line."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""


class Settings(_Section, frozen=True):
    """The whole tree."""

    server: Server = Server()
    sign_in: SignIn = SignIn()
    agent_session: AgentSession = AgentSession()
    routing: Routing = Routing()
    country: Country = Country()
    lists: Lists = Lists()
    user_data: UserDataLimits = UserDataLimits()
    push: Push = Push()
    email: Email = Email()
    keeping: Keeping = Keeping()
    log: Log = Log()
