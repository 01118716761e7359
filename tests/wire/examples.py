"""Values that the tests of what is shown are written with, and what their JSON looks like to a client."""

from typing import Any

import msgspec

from frontdesk.core import interactions
from frontdesk.core.agent_states import AgentState
from frontdesk.core.emails import AttachmentInfo, EmailSummary
from frontdesk.core.ids import AgentStateId, GroupId, InteractionId, OwnerId, QueueId, UserId, WorkbinId
from frontdesk.core.interactions import Direction, Interaction
from frontdesk.core.user_data import UserDataLimits
from frontdesk.wire.addresses import Addresses

ADA, GRACE, LINUS = UserId("a" * 32), UserId("b" * 32), UserId("c" * 32)
SUPPORT, SALES = QueueId("11111111-0000-4000-8000-000000000001"), QueueId("11111111-0000-4000-8000-000000000002")
IN_PROGRESS = WorkbinId("22222222-0000-4000-8000-000000000001")
TEAM = GroupId("3-33333333-0000-4000-8000-000000000001")
ADDRESSES = Addresses("https://desk.example.org")
API = "https://desk.example.org/api/v2"
ARRIVED_MS = 1_700_000_000_007  # 2023-11-14 22:13:20.007
DEADLINE_MS = ARRIVED_MS + 30_000
LIMITS = UserDataLimits()
LUNCH = AgentState(
    id=AgentStateId("66666666-0000-4000-8000-000000000001"),
    operation_name="OutToLunch",
    display_name="Out to lunch",
    state="NotReady",
    work_mode="AuxWork",
    reason="Lunch",
)

SUMMARY = EmailSummary(
    from_address="customer@example.com",
    to=("support@desk.example.org",),
    cc=("boss@example.com",),
    attachments=(AttachmentInfo(id="a1", name="bill.pdf", size_bytes=2048, mime="application/pdf", content_id="bill"),),
)


def waiting(media_type: str = "workitem", **given: Any) -> Interaction:
    """An interaction that has just come into the queue Support."""
    return interactions.submit(
        **{
            "interaction_id": InteractionId("0000AB12CD34EF56"),
            "media_type": media_type,
            "queue": SUPPORT,
            "queue_name": "support",
            "subject": "Refund",
            "priority": 2,
            "data": {"CustomerSegment": "gold", "Order": {"number": 7}},
            "external_id": None,
            "subtype": "InboundNew",
            "at_ms": ARRIVED_MS,
            "limits": LIMITS,
            "email": SUMMARY if media_type == "email" else None,
            **given,
        }
    ).after


def offered(media_type: str = "workitem", *invitees: UserId) -> Interaction:
    return interactions.offer(waiting(media_type), invitees or (ADA,), deadline_ms=DEADLINE_MS).after


def accepted(media_type: str = "workitem") -> Interaction:
    """One that Ada works on."""
    return interactions.accept(offered(media_type), ADA).after


def parked() -> Interaction:
    """One in Ada's In_Progress."""
    return interactions.place_in_workbin(accepted(), ADA, IN_PROGRESS, OwnerId(ADA)).after


def draft() -> Interaction:
    """Ada's answer to an e-mail."""
    return interactions.create(
        interaction_id=InteractionId("0000AB12CD34EF57"),
        media_type="email",
        direction=Direction.OUTBOUND,
        owner=ADA,
        queue=SUPPORT,
        queue_name="support",
        parent_id=InteractionId("0000AB12CD34EF56"),
        subject="Re: Refund",
        data={},
        subtype="OutboundReply",
        at_ms=ARRIVED_MS,
        limits=LIMITS,
        email=EmailSummary(from_address="support@desk.example.org", to=("customer@example.com",)),
    ).after


def seen(shown: Any) -> Any:
    """What a client reads: the value after its way over the wire as JSON."""
    return msgspec.json.decode(msgspec.json.encode(shown))
