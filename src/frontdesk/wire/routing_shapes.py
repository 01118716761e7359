"""What routing shows, declared for the API description; `wire.routing` shows it, and tests hold the two together."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from frontdesk.core.policy import Policy
from frontdesk.wire.shapes import Date, InteractionId, MediumName, Name, Shape, Uri, UserId, UserUri

Seconds = Annotated[float, Meta(description="In seconds.", examples=[12.5])]
Sentence = Annotated[str, Meta(description="For people.")]


class PolicyVersion(Shape, kw_only=True):
    version: Annotated[int, Meta(description="0 is what the settings say.", ge=0, examples=[3])]
    document: Annotated[Policy, Meta(description="With names of queues, groups and users.")]
    actorUri: UserUri | UnsetType = UNSET
    timestamp: Date | UnsetType = UNSET


class Candidate(Shape, kw_only=True):
    userName: Name
    userId: UserId
    rank: Annotated[list[int], Meta(description="Smaller comes first; of equal ones the smaller user id.")]


class Decision(Shape, kw_only=True):
    id: Annotated[int, Meta(description="Of the event in the history.")]
    timestamp: Annotated[str, Meta(examples=["2031-03-14T09:26:53.589+00:00"])]
    invitees: list[Name]
    policyVersion: int
    step: Annotated[int, Meta(description="Steps of relaxation that had passed.")]
    choice: Annotated[str, Meta(examples=["longest_idle"])]
    waitedSeconds: Seconds
    eligibleCount: int
    candidates: Annotated[list[Candidate], Meta(description="The first in order.")]
    excludedCounts: Annotated[dict[str, int], Meta(description="Agents that each rule kept out.")]
    outcome: str | UnsetType = UNSET


class Unblocking(Shape, kw_only=True):
    way: Annotated[str, Meta(examples=["ready"])]
    explanation: Sentence
    agents: list[Name] | UnsetType = UNSET
    at: Date | UnsetType = UNSET


class Waiting(Shape, kw_only=True):
    queueName: Name
    mediaType: MediumName
    policyVersion: int
    step: int
    waitedSeconds: Seconds
    priority: Annotated[int, Meta(description="With ageing and boost.")]
    position: Annotated[int, Meta(description="In its queue, from 1.")]
    isOpen: bool
    eligible: list[Candidate]
    excluded: Annotated[dict[str, list[Name]], Meta(description="By rule.")]
    wouldUnblock: list[Unblocking]
    heldFor: Name | UnsetType = UNSET


class Routing(Shape, kw_only=True):
    decisions: Annotated[list[Decision], Meta(description="Oldest first.")]
    waiting: Annotated[Waiting, Meta(description="Why it waits now.")] | UnsetType = UNSET


class Stuck(Shape, kw_only=True):
    id: InteractionId
    uri: Uri
    queueName: Name
    mediaType: MediumName
    waitedSeconds: Seconds
    blockedBy: Annotated[str, Meta(examples=["skills"])]
    explanation: Sentence
