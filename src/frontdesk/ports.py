"""What the services need from the outside, in our words, with the promises written down.

A transaction belongs to one contact centre: no method takes another, so isolation cannot be forgotten. The bodies that
use it await nothing but it, have no effect outside it, and may be run again.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from frontdesk.core.agent_states import AgentState
from frontdesk.core.agents import Agent
from frontdesk.core.directory import Group, Queue, Skill
from frontdesk.core.emails import Email
from frontdesk.core.events import Committed, Event
from frontdesk.core.ids import (
    AgentStateId,
    ContactCentreId,
    InteractionId,
    OwnerId,
    QueueId,
    TokenId,
    UserId,
    WorkbinId,
)
from frontdesk.core.interactions import Interaction
from frontdesk.core.outcomes import Outcome as Outcome
from frontdesk.core.policy import Policy
from frontdesk.core.policy import PolicyVersion as PolicyVersion
from frontdesk.core.settings_groups import SettingsGroup
from frontdesk.core.sign_ins import HttpSession as HttpSession
from frontdesk.core.tokens import Token as Token
from frontdesk.core.users import ContactCentre, User
from frontdesk.core.workbins import Workbin
from frontdesk.kit.clock import Clock as Clock

T = TypeVar("T")


class Page(msgspec.Struct, frozen=True):
    """A stretch of a list: at most `limit` from `offset` on."""

    limit: int
    offset: int = 0


class Interactions(Protocol):
    async def get(self, interaction_id: InteractionId) -> Interaction:
        """One, locked until the transaction ends. Raises NotFound."""
        ...

    async def find(self, interaction_id: InteractionId) -> Interaction | None: ...

    async def add(self, after: Interaction) -> None: ...

    async def save(self, before: Interaction, after: Interaction) -> None:
        """Raises StaleVersion if the stored version is not `before`'s."""
        ...

    async def by_external_id(self, media_type: str, external_id: str) -> InteractionId | None: ...

    async def held_by(self, user_id: UserId) -> list[Interaction]:
        """Those the user owns or is invited to, oldest first."""
        ...

    async def live(self, page: Page) -> tuple[list[Interaction], int]:
        """Those not final, by id, and how many there are in all."""
        ...

    async def in_workbin(self, workbin: WorkbinId, owner: OwnerId, page: Page) -> tuple[list[Interaction], int]: ...

    async def uses_of_queue(self, queue: QueueId) -> int:
        """How many live interactions call it their home."""
        ...

    async def uses_of_workbin(self, workbin: WorkbinId) -> int: ...


class Events(Protocol):
    async def append(self, event: Event) -> Committed:
        """Write an event, give every hearer the next number of its sequence, and put it in the outbox."""
        ...

    async def next_reference(self, user_id: UserId) -> int:
        """A positive 31-bit integer, one more than the last of this user."""
        ...

    async def number_of(self, user_id: UserId) -> int:
        """The number of the last event this user heard; 0 before the first."""
        ...

    async def oldest_of(self, user_id: UserId) -> int | None:
        """The number of the oldest event that `heard_by` still has of this user."""
        ...

    async def of_interaction(self, interaction_id: InteractionId, page: Page) -> tuple[list[tuple[int, Event]], int]:
        """(seq, event), oldest first, and how many there are in all."""
        ...

    async def heard_by(self, user_id: UserId, *, above: int, limit: int) -> list[tuple[int, Committed]]:
        """(number, event) of this user's sequence with numbers above `above`, in order."""
        ...


class Agents(Protocol):
    async def get(self, user_id: UserId) -> Agent:
        """The user's session and channels; an agent who never worked has none. Locked until the transaction ends."""
        ...

    async def all(self) -> list[Agent]:
        """Everybody who ever worked, by user id."""
        ...

    async def save(self, after: Agent) -> None:
        """Write session and channels, except loads and costs."""
        ...

    async def change_load(self, user_id: UserId, channel: str, by: int, *, at_ms: int, cost: int | None = None) -> None:
        """Add to a load and start the idle time anew.

        `cost`: units that each of the load takes from now on; None leaves it, and is 1 for a channel not seen before.
        """
        ...

    async def reserve(
        self,
        user_id: UserId,
        channel: str,
        *,
        cost: int,
        limit: int,
        units: int,
        epoch: int,
        at_ms: int,
        cost_of: Callable[[str], int] | None = None,
        may_interrupt: Callable[[str], bool] | None = None,
    ) -> bool:
        """Add one to the load of an agent who is Ready, undisturbed and has room; False adds nothing.

        Nor is anything added if the lease of routing is not at this `epoch` any more.

        Room: at most `limit` on the channel, and at most `units` over all channels, of which this one takes `cost`.
        Nothing that happens at the same time makes it more. What is in hand of other media counts as `cost_of` says,
        and without it as when it was last counted; nothing is added where something in hand is of a medium that
        may not be interrupted.
        """
        ...

    async def answered(self, user_id: UserId, channel: str) -> None:
        """An offer was accepted or rejected: offers missed before do not count any more."""
        ...

    async def uses_of_state(self, agent_state: AgentStateId) -> int:
        """How many channels are in a state that an administrator added."""
        ...

    async def touch(self, user_id: UserId, at_ms: int) -> None:
        """Remember a sign of life."""
        ...


class Users(Protocol):
    async def get(self, user_id: UserId) -> User:
        """Raises NotFound."""
        ...

    async def find(self, user_id: UserId) -> User | None: ...

    async def named(self, user_name: str) -> User | None: ...

    async def all(self) -> list[User]: ...

    async def add(self, user: User, password_hash: str) -> None:
        """Raises AlreadyExists: user names are unique on the server."""
        ...

    async def save(self, user: User) -> None: ...

    async def set_password_hash(self, user_id: UserId, password_hash: str) -> None: ...

    async def remove(self, user_id: UserId) -> None: ...


class Catalogue(Protocol[T]):
    """Things with an id and a name that is unique among their kind in the contact centre."""

    async def get(self, thing_id: str) -> T:
        """Raises NotFound."""
        ...

    async def find(self, thing_id: str) -> T | None: ...

    async def named(self, name: str) -> T | None: ...

    async def all(self) -> list[T]:
        """By name."""
        ...

    async def add(self, thing: T) -> None:
        """Raises AlreadyExists."""
        ...

    async def save(self, thing: T) -> None:
        """Raises AlreadyExists when the new name is taken."""
        ...

    async def remove(self, thing_id: str) -> None: ...


class WorkbinSubscriptions(Protocol):
    async def subscribers(self, workbin: WorkbinId, owner: OwnerId) -> tuple[UserId, ...]: ...

    async def add(self, workbin: WorkbinId, owner: OwnerId, user_id: UserId) -> None: ...

    async def remove(self, workbin: WorkbinId, owner: OwnerId, user_id: UserId) -> None: ...

    async def remove_all_of(self, user_id: UserId) -> None: ...


class Emails(Protocol):
    async def add(
        self, interaction_id: InteractionId, email: Email, *, raw: bytes | None, digest: str | None
    ) -> None: ...

    async def find(self, interaction_id: InteractionId) -> Email | None: ...

    async def save(self, interaction_id: InteractionId, email: Email) -> None: ...

    async def raw(self, interaction_id: InteractionId) -> bytes | None:
        """The message as it came, or None for a draft."""
        ...

    async def by_digest(self, digest: str) -> InteractionId | None: ...


class Tokens(Protocol):
    async def get(self, token_id: TokenId) -> Token:
        """Raises NotFound."""
        ...

    async def all(self) -> list[Token]: ...

    async def add(self, token: Token, secret_hash: str) -> None: ...

    async def remove(self, token_id: TokenId) -> None: ...

    async def of_user(self, user_id: UserId) -> list[Token]: ...


class Contacts(Protocol):
    async def last_agent(self, contact: str) -> UserId | None:
        """Who had an interaction of this contact last."""
        ...

    async def had_by(self, contact: str, user_id: UserId, *, at_ms: int) -> None: ...


class Policies(Protocol):
    async def version(self) -> int:
        """The number of the newest version, 0 before the first."""
        ...

    async def current(self) -> Policy | None:
        """The newest version, or None before the first."""
        ...

    async def get(self, version: int) -> PolicyVersion:
        """Raises NotFound."""
        ...

    async def page(self, page: Page) -> tuple[list[PolicyVersion], int]:
        """Newest first, and how many there are in all."""
        ...

    async def add(self, policy: Policy, *, actor: UserId, at_ms: int) -> None:
        """Raises StaleVersion when there is this version already."""
        ...


class Leases(Protocol):
    """One at a time routes a contact centre: whoever took the lease last."""

    async def take(self, *, at_ms: int) -> int:
        """Take it from whoever has it; the epoch by which the new holder is known."""
        ...

    async def epoch(self) -> int:
        """Of the present holder; 0 before the first."""
        ...


class Answers(Protocol):
    async def find(self, user_id: UserId, key: str) -> tuple[str, Outcome] | None:
        """(digest of the request, outcome) of the first request with this key."""
        ...

    async def add(self, user_id: UserId, key: str, digest: str, outcome: Outcome, *, at_ms: int) -> None: ...


class Transaction(Protocol):
    """One contact centre's rows, all or nothing. Reads see the writes before them."""

    contact_centre: ContactCentreId
    interactions: Interactions
    events: Events
    agents: Agents
    users: Users
    queues: Catalogue[Queue]
    groups: Catalogue[Group]
    skills: Catalogue[Skill]
    agent_states: Catalogue[AgentState]
    settings_groups: Catalogue[SettingsGroup]
    workbins: Catalogue[Workbin]
    subscriptions: WorkbinSubscriptions
    emails: Emails
    tokens: Tokens
    answers: Answers
    leases: Leases
    policies: Policies
    contacts: Contacts


class ServerTransaction(Protocol):
    """The few rows that must be found before the contact centre is known, and what sweeps over all of them."""

    async def contact_centres(self) -> list[ContactCentre]: ...

    async def add_contact_centre(self, contact_centre: ContactCentre) -> None:
        """Raises AlreadyExists."""
        ...

    async def credentials(self, user_name: str) -> tuple[ContactCentreId, User, str] | None:
        """(contact centre, user, password hash) of a user name."""
        ...

    async def user(self, user_id: UserId) -> tuple[ContactCentreId, User] | None: ...

    async def token(self, secret_hash: str) -> tuple[ContactCentreId, Token] | None: ...

    async def session(self, secret_hash: str) -> HttpSession | None: ...

    async def add_session(self, session: HttpSession) -> None: ...

    async def touch_session(self, secret_hash: str, at_ms: int) -> None: ...

    async def remove_session(self, secret_hash: str) -> None: ...

    async def remove_sessions_of(self, user_id: UserId, *, but: str | None = None) -> list[str]:
        """The hashes of the sessions that ended."""
        ...

    async def remove_dead_sessions(self, *, unused_since_ms: int, born_before_ms: int) -> list[str]:
        """Remove those idle or alive too long; their hashes."""
        ...

    async def mail_address(self, address: str) -> tuple[ContactCentreId, QueueId] | None: ...

    async def due(self, now_ms: int, limit: int) -> list[tuple[ContactCentreId, InteractionId]]:
        """Interactions whose deadline has passed, in order of deadline."""
        ...

    async def next_deadline(self) -> int | None: ...

    async def due_wrap_ups(self, now_ms: int, limit: int) -> list[tuple[ContactCentreId, UserId, str]]:
        """(contact centre, user, channel) where the time to wrap up has passed, in order of deadline."""
        ...

    async def next_wrap_up(self) -> int | None:
        """The earliest end of a wrap-up."""
        ...

    async def silent_agents(self, before_ms: int, limit: int) -> list[tuple[ContactCentreId, UserId]]:
        """Agents in session without a sign of life since `before_ms`."""
        ...

    async def hearers(
        self, above: tuple[ContactCentreId, UserId], limit: int
    ) -> list[tuple[ContactCentreId, UserId, int | None]]:
        """The next users, in a fixed order, with the time of the oldest event that can be told to each again."""
        ...

    async def forget_heard(self, contact_centre: ContactCentreId, user_id: UserId, before_ms: int) -> int:
        """Remove what the user heard before then, oldest first, but never the last; a bounded number; how many."""
        ...

    async def forget_answers(self, before_ms: int) -> int:
        """Remove the oldest of the answers given before then, a bounded number; how many. 0: none is left."""
        ...


class Store(Protocol):
    """Group-committed transactions and consistent reads. Raises StoreUnavailable when it cannot."""

    async def transact(self, contact_centre: ContactCentreId, body: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `body` in a transaction and return its value once that is durable. A refusal undoes it."""
        ...

    async def transact_server(self, body: Callable[[ServerTransaction], Awaitable[T]]) -> T: ...

    async def read(self, contact_centre: ContactCentreId, body: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `body`, which only reads, on one snapshot that holds every acknowledged write."""
        ...

    async def read_server(self, body: Callable[[ServerTransaction], Awaitable[T]]) -> T: ...

    async def report(
        self, contact_centre: ContactCentreId, body: Callable[[Transaction], Awaitable[T]], *, limit_s: float
    ) -> T:
        """Like `read`, off the event loop, for lists and reports; ended after `limit_s`."""
        ...


class Answer(msgspec.Struct, frozen=True):
    """What travels to a user over push without being an event: no row, no number, no replay."""

    contact_centre: ContactCentreId
    user_id: UserId
    channel: str
    data: dict[str, Any]


class SignInEnded(msgspec.Struct, frozen=True):
    """An HTTP session, token or credential that is no longer good, or (with `user_id`) all of a user's."""

    reason: str
    sign_in: str | None = None
    user_id: UserId | None = None


class Bus(Protocol):
    """Carries what was committed, and the few things that are not events, to whoever listens on any node."""

    def publish(self, batch: Sequence[Committed]) -> None:
        """In commit order."""
        ...

    def answer(self, answer: Answer) -> None: ...

    def sign_in_ended(self, ended: SignInEnded) -> None: ...
