"""A contact centre at work: who and what is there, and everything that can be decided about an interaction."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from frontdesk.core import agents, interactions
from frontdesk.core.agent_states import AgentState
from frontdesk.core.agents import Agent
from frontdesk.core.directory import Group, Queue, Skill
from frontdesk.core.ids import (
    AgentStateId,
    GroupId,
    InteractionId,
    OwnerId,
    QueueId,
    SkillId,
    TokenId,
    UserId,
    WorkbinId,
)
from frontdesk.core.interactions import Change, Direction, Interaction
from frontdesk.core.permissions import Scope
from frontdesk.core.user_data import UserDataLimits
from frontdesk.core.workbins import Workbin
from frontdesk.ports import Token, Transaction
from tests.store.centres import ADA, GRACE, LINUS, NOON_MS, SALES, SUPPORT, user

PEOPLE: Mapping[str, UserId] = MappingProxyType({"ada": ADA, "grace": GRACE, "linus": LINUS})
QUEUES = (SUPPORT, SALES)
TEAM = GroupId("1-team")
DRAFTS = WorkbinId("bin-drafts")
LUNCH = AgentState(
    id=AgentStateId("state-lunch"),
    operation_name="OutToLunch",
    display_name="Out to lunch",
    state="NotReady",
    reason="Lunch",
)
LIMITS = UserDataLimits()


async def furnish(tx: Transaction) -> None:
    """Three agents at work, two queues served by one group, a workbin that two watch, a skill, a token.

    Grace wraps up an e-mail, and Linus is out to lunch.
    """
    await tx.agent_states.add(LUNCH)
    for name, user_id in PEOPLE.items():
        await tx.users.add(user(user_id, name), f"hash of {name}")
        agent = agents.start(Agent(user_id=user_id), ["workitem", "email"], place="", at_ms=NOON_MS)
        agent = agents.set_state_everywhere(agent, "Ready", at_ms=NOON_MS)
        if user_id == GRACE:
            agent = agents.wrap_up(agent, "email", seconds=20, at_ms=NOON_MS)
        if user_id == LINUS:
            agent = agents.set_state(agent, "email", LUNCH.name, at_ms=NOON_MS, custom=LUNCH)
        await tx.agents.save(agent)
    await tx.groups.add(Group(id=TEAM, name="Team", members=(GRACE, LINUS)))
    await tx.queues.add(
        Queue(
            id=SUPPORT,
            name="Support",
            agents=(ADA,),
            groups=(TEAM,),
            email_addresses=("help@example.org", "support@example.org"),
        )
    )
    await tx.queues.add(Queue(id=SALES, name="Sales", groups=(TEAM,)))
    await tx.workbins.add(Workbin(id=DRAFTS, name="Drafts"))
    await tx.skills.add(Skill(id=SkillId("skill-german"), name="German"))
    for watcher in (ADA, LINUS):
        await tx.subscriptions.add(DRAFTS, OwnerId(GRACE), watcher)
    token = Token(id=TokenId("token"), name="script", user_id=ADA, scopes=(Scope.READ,), created_at_ms=NOON_MS)
    await tx.tokens.add(token, "hash of token")


def submit(
    name: str,
    *,
    media_type: str = "workitem",
    queue: QueueId = SUPPORT,
    priority: int = 0,
    external_id: str | None = None,
    at_ms: int = NOON_MS,
) -> Change:
    """A new one that waits."""
    return interactions.submit(
        interaction_id=InteractionId(name),
        media_type=media_type,
        queue=queue,
        queue_name=queue,
        subject=f"Concerning {name}",
        priority=priority,
        data={"Order": {"number": 7}},
        external_id=external_id,
        subtype="InboundNew",
        at_ms=at_ms,
        limits=LIMITS,
    )


def create(name: str, owner: UserId, *, at_ms: int = NOON_MS) -> Change:
    """A new draft of one's own."""
    return interactions.create(
        interaction_id=InteractionId(name),
        media_type="email",
        direction=Direction.OUTBOUND,
        owner=owner,
        queue=SUPPORT,
        queue_name="Support",
        parent_id=None,
        subject=f"Concerning {name}",
        data={},
        subtype="OutboundNew",
        at_ms=at_ms,
        limits=LIMITS,
    )


#: (the interaction, who acts, who else is meant, when) to what follows. Each refuses what is not legal.
Act = Callable[[Interaction, UserId, UserId, int], Change]

ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "offer to one": lambda one, who, _other, at_ms: interactions.offer(one, (who,), deadline_ms=at_ms + 9),
        "offer to two": lambda one, who, other, at_ms: interactions.offer(
            one, tuple(dict.fromkeys((who, other))), deadline_ms=at_ms + 9
        ),
        "accept": lambda one, who, _other, _at_ms: interactions.accept(one, who),
        "reject": lambda one, who, _other, at_ms: interactions.reject(one, who, round_ends_at_ms=at_ms + 9),
        "withdraw": lambda one, who, _other, at_ms: interactions.withdraw(one, who, round_ends_at_ms=at_ms + 9),
        "expire": lambda one, _who, _other, at_ms: interactions.expire(one, round_ends_at_ms=at_ms + 9),
        "new round": lambda one, _who, _other, _at_ms: interactions.new_round(one),
        "attach": lambda one, who, _other, at_ms: interactions.attach_user_data(one, who, {"At": at_ms}, LIMITS),
        "complete": lambda one, who, _other, _at_ms: interactions.complete(one, who),
        "cancel": lambda one, who, _other, _at_ms: interactions.cancel(one, who),
        "requeue": lambda one, who, _other, at_ms: interactions.place_in_queue(one, who, SALES, "Sales", at_ms=at_ms),
        "transfer": lambda one, who, other, at_ms: interactions.transfer(one, who, other, deadline_ms=at_ms + 9),
        "park": lambda one, who, other, _at_ms: interactions.place_in_workbin(one, who, DRAFTS, OwnerId(other)),
        "return": lambda one, _who, _other, _at_ms: interactions.give_back(one),
        "park for policy": lambda one, _who, other, _at_ms: interactions.park(one, DRAFTS, OwnerId(other)),
        "pull": lambda one, who, _other, _at_ms: interactions.pull(one, who),
    }
)
