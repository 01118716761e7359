"""The index keeps nothing of what is gone."""

from frontdesk.core.ids import InteractionId, QueueId, UserId
from frontdesk.core.policy import Policy, QueuePolicy, RelaxStep
from frontdesk.core.routing import AgentState, ChannelState, Facts, QueueFacts
from frontdesk.core.routing.index import Index
from frontdesk.core.routing.pools import Item
from tests.core.routing.floor import team

SUPPORT = QueueId("support")
NAMES = [f"agent-{number}" for number in range(20)]


def index_of(rules: QueuePolicy) -> Index:
    facts = Facts(agents=team(*NAMES), queues={SUPPORT: QueueFacts(agents=frozenset(UserId(name) for name in NAMES))})
    index = Index(facts, Policy(default=rules), 0)
    for name in NAMES:
        index.set_agent(AgentState(UserId(name), {"chat": ChannelState(ready=False)}))
    return index


def waiting(index: Index, number: int, *, last_agent: str | None = None) -> Item:
    item = index.items[InteractionId(str(number))] = Item(InteractionId(str(number)), "chat")
    item.queue = SUPPORT
    item.last_agent = UserId(last_agent) if last_agent is not None else None
    index.place(item)
    return item


def test_what_is_kept_for_somebody_leaves_no_pool_behind() -> None:
    index = index_of(QueuePolicy(last_agent_s=60))
    items = [waiting(index, number, last_agent=name) for number, name in enumerate(NAMES)]
    assert len(index.line(SUPPORT).pools) == len(index.audiences) == 20
    for item in items:
        index.unplace(item)
    assert not index.line(SUPPORT).pools
    assert not index.audiences
    assert not any(worker.audiences or worker.standings for worker in index.workers.values())
    assert len(index.item_timers) == 0
    assert not index.line(SUPPORT).order


def test_steps_and_queues_that_the_same_agents_serve_share_them() -> None:
    index = index_of(QueuePolicy(relax=(RelaxStep(after_s=0, requires=""), RelaxStep(after_s=9, requires="x"))))
    waiting(index, 1)
    index.now_ms = 9_000
    waiting(index, 2)
    assert len(index.line(SUPPORT).pools) == 2
    assert sorted(len(audience.kind.able) for audience in index.audiences.values()) == [0, 20]
    index.set_policy(Policy(version=2))
    assert not index.settle(1_000)
    assert [len(audience.pools) for audience in index.audiences.values()] == [1]
