"""Whether a policy makes sense, told in sentences that say where the fault is and what would be right."""

from collections.abc import Iterator

from frontdesk.core.expressions import ExpressionInvalid, parsed
from frontdesk.core.policy import Policy, QueuePolicy
from frontdesk.core.routing.facts import Facts


def checked(policy: Policy, facts: Facts) -> list[str]:
    """Every problem; none means that the policy can be used."""
    found = list(_of_queue("default", policy.default))
    for queue, rules in policy.queues.items():
        if queue not in facts.queues:
            found.append(f"queues: there is no queue '{queue}'")
        found += _of_queue(f"queue {facts.queue_name(queue)}", rules)
    return found


def _of_queue(place: str, rules: QueuePolicy) -> Iterator[str]:
    for key, text in (("members", rules.members), ("requires", rules.requires)):
        try:
            parsed(text)
        except ExpressionInvalid as error:
            yield f"{place}: {key}: {error}"
