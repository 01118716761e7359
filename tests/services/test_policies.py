"""The policy in force, as transactions ask for it: the newest one, whether it was read before or not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.core.errors import Forbidden
from frontdesk.core.policy import Policy
from frontdesk.ports import Transaction
from tests.services.back_office import BackOffice, opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[BackOffice]:
    async with opened(tmp_path) as office:
        yield office


async def in_force(office: BackOffice) -> Policy:
    return await office.store.transact(office.root.contact_centre, office.house.policies.in_force)


async def test_the_newest_policy_is_in_force_though_another_is_remembered(office: BackOffice) -> None:
    await office.house.policies.snapshot(office.root.contact_centre)
    assert (await in_force(office)).version == 0

    await office.house.policies.replace(office.by_root, Policy(units=7))
    assert (await in_force(office)).units == 7

    await office.house.policies.snapshot(office.root.contact_centre)
    await office.house.policies.replace(office.by_root, Policy(units=9))
    assert (await in_force(office)).units == 9


async def test_a_policy_that_was_seen_is_not_read_again(office: BackOffice) -> None:
    await office.house.policies.replace(office.by_root, Policy(units=7))
    _, seen = await office.house.policies.snapshot(office.root.contact_centre)

    assert await in_force(office) is seen


async def test_a_policy_that_came_to_nothing_is_not_remembered(office: BackOffice) -> None:
    async def puts_one_in_force_and_fails(tx: Transaction) -> None:
        await tx.policies.add(Policy(version=1, units=7), actor=office.root.user_id, at_ms=0)
        assert (await office.house.policies.in_force(tx)).units == 7
        raise Forbidden("not today")

    with pytest.raises(Forbidden):
        await office.store.transact(office.root.contact_centre, puts_one_in_force_and_fails)
    assert (await in_force(office)).version == 0

    await office.house.policies.replace(office.by_root, Policy(units=9))
    assert (await in_force(office)).units == 9


async def test_each_contact_centre_has_its_own(office: BackOffice) -> None:
    await office.house.policies.replace(office.by_root, Policy(units=7))
    for who in (office.root, office.oscar):
        await office.house.policies.snapshot(who.contact_centre)

    theirs = await office.store.transact(office.oscar.contact_centre, office.house.policies.in_force)
    assert (await in_force(office)).units == 7
    assert theirs.units == Policy().units
