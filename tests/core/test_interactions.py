"""Decisions about one interaction."""

import pytest

from frontdesk.core import interactions
from frontdesk.core.errors import IllegalTransition, NotYours, OfferGone, ValueInvalid
from frontdesk.core.ids import InteractionId, OwnerId, QueueId, UserId, WorkbinId
from frontdesk.core.interactions import REVOKED, Interaction
from frontdesk.core.lifecycle import State
from frontdesk.core.user_data import UserDataLimits

ADA, GRACE, LINUS = UserId("ada"), UserId("grace"), UserId("linus")
QUEUE, BIN = QueueId("support"), WorkbinId("in-progress")
LIMITS = UserDataLimits()


def queued(media_type: str = "email") -> Interaction:
    return interactions.submit(
        interaction_id=InteractionId("I1"),
        media_type=media_type,
        queue=QUEUE,
        queue_name="support",
        subject="Hello",
        priority=0,
        data={"key": 1},
        external_id=None,
        subtype="InboundNew",
        at_ms=1000,
        limits=LIMITS,
    ).after


def invited(*invitees: UserId) -> Interaction:
    return interactions.offer(queued(), invitees or (ADA,), deadline_ms=31_000).after


def owned() -> Interaction:
    return interactions.accept(invited(ADA), ADA).after


def test_every_decision_raises_the_version_by_one() -> None:
    assert [one.version for one in (queued(), invited(), owned())] == [1, 2, 3]


def test_an_accepted_interaction_has_one_owner_and_no_deadline() -> None:
    after = owned()
    assert (after.state, after.owner, after.invitees, after.deadline_ms) == (State.PROCESSING, ADA, (), None)


def test_the_first_to_accept_gets_it_and_the_others_are_revoked() -> None:
    change = interactions.accept(invited(ADA, GRACE), GRACE)
    assert (change.after.owner, change.ended) == (GRACE, {ADA: REVOKED})
    with pytest.raises(OfferGone):
        interactions.accept(change.after, ADA)


def test_it_cannot_be_accepted_by_who_was_never_asked() -> None:
    for before in (queued(), invited(ADA), owned()):
        with pytest.raises(NotYours):
            interactions.accept(before, LINUS)


def test_who_owns_it_already_is_told_that_the_state_is_in_the_way() -> None:
    with pytest.raises(IllegalTransition):
        interactions.accept(owned(), ADA)


def test_a_rejected_one_waits_as_old_as_before_and_does_not_come_back_to_who_refused() -> None:
    change = interactions.reject(invited(ADA), ADA, round_ends_at_ms=61_000)
    after = change.after
    assert (after.state, after.queued_at_ms, after.refused_by) == (State.QUEUED, 1000, (ADA,))
    assert (after.deadline_ms, change.ended) == (61_000, {ADA: State.COMPLETED})
    with pytest.raises(OfferGone):
        interactions.accept(after, ADA)


def test_one_of_several_says_no_and_the_others_are_still_asked() -> None:
    change = interactions.reject(invited(ADA, GRACE), ADA, round_ends_at_ms=61_000)
    after = change.after
    assert (after.state, after.invitees, after.deadline_ms) == (State.INVITED, (GRACE,), 31_000)
    assert change.ended == {ADA: State.COMPLETED}


def test_an_expired_offer_is_revoked_for_everybody_it_was_made_to() -> None:
    change = interactions.expire(invited(ADA, GRACE), round_ends_at_ms=61_000)
    assert change.ended == {ADA: REVOKED, GRACE: REVOKED}
    assert (change.after.state, change.after.refused_by) == (State.QUEUED, (ADA, GRACE))


def test_in_a_new_round_everybody_may_be_asked_again() -> None:
    waiting = interactions.expire(invited(ADA), round_ends_at_ms=61_000).after
    after = interactions.new_round(waiting).after
    assert (after.refused_by, after.deadline_ms, after.queued_at_ms) == ((), None, 1000)


def test_a_transfer_asks_the_receiver_and_ends_it_for_the_giver() -> None:
    change = interactions.transfer(owned(), ADA, GRACE, deadline_ms=5000)
    assert (change.after.invitees, change.after.owner, change.ended) == ((GRACE,), None, {ADA: State.COMPLETED})
    refused = interactions.reject(change.after, GRACE, round_ends_at_ms=9000).after
    assert (refused.state, refused.queue, refused.queued_at_ms) == (State.QUEUED, QUEUE, 1000)


def test_a_transfer_to_oneself_is_refused() -> None:
    with pytest.raises(ValueInvalid):
        interactions.transfer(owned(), ADA, ADA, deadline_ms=5000)


def test_it_is_in_the_workbin_and_nowhere_else_until_it_is_pulled() -> None:
    change = interactions.place_in_workbin(owned(), ADA, BIN, OwnerId(ADA))
    parked = change.after
    assert (parked.owner, parked.workbin, parked.workbin_owner) == (None, BIN, OwnerId(ADA))
    assert change.ended == {ADA: State.IN_WORKBIN}
    with pytest.raises(IllegalTransition):
        interactions.complete(parked, ADA)
    with pytest.raises(NotYours):
        interactions.complete(parked, GRACE)

    pulled = interactions.pull(parked, GRACE).after
    assert (pulled.owner, pulled.workbin, pulled.workbin_owner) == (GRACE, None, None)


def test_only_the_owner_acts_and_after_the_end_nobody_does() -> None:
    with pytest.raises(NotYours):
        interactions.complete(owned(), GRACE)
    finished = interactions.complete(owned(), ADA).after
    assert finished.owner is None
    for agent in (ADA, GRACE):
        with pytest.raises(IllegalTransition):
            interactions.attach_user_data(finished, agent, {"a": 1}, LIMITS)


def test_an_invitee_does_not_change_user_data_yet() -> None:
    with pytest.raises(IllegalTransition):
        interactions.attach_user_data(invited(ADA), ADA, {"a": 1}, LIMITS)


def test_a_disposition_is_written_to_the_user_data_too() -> None:
    after = interactions.set_disposition(owned(), ADA, "solved", "DISP_KEY", LIMITS).after
    assert (after.disposition, after.user_data) == ("solved", {"key": 1, "DISP_KEY": "solved"})


def test_what_an_agent_leaves_behind_waits_as_old_as_before_for_everybody() -> None:
    refused = interactions.reject(invited(LINUS), LINUS, round_ends_at_ms=61_000).after
    taken = interactions.accept(interactions.offer(refused, (ADA,), deadline_ms=5000).after, ADA).after
    change = interactions.give_back(taken)
    after = change.after
    assert (after.state, after.owner, after.queued_at_ms, after.refused_by) == (State.QUEUED, None, 1000, ())
    assert change.ended == {ADA: REVOKED}


def test_what_an_agent_leaves_behind_can_be_parked() -> None:
    change = interactions.park(owned(), BIN, OwnerId(ADA))
    assert (change.after.state, change.after.workbin, change.after.owner) == (State.IN_WORKBIN, BIN, None)
    assert change.ended == {ADA: State.IN_WORKBIN}


def test_only_what_is_worked_on_can_be_left_behind() -> None:
    for before in (queued(), invited(ADA), interactions.complete(owned(), ADA).after):
        with pytest.raises(IllegalTransition):
            interactions.give_back(before)
        with pytest.raises(IllegalTransition):
            interactions.park(before, BIN, OwnerId(ADA))
