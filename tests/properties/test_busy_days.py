"""Whole days of a busy contact centre, by seed: deeper than chance alone would go, and too long to be shrunk.

A day that fails is repeated by its number.
"""

import random
from pathlib import Path

import pytest

from tests.properties.asking import CHANNELS, Dice
from tests.properties.lives import Lives, lives
from tests.properties.world import ADMINISTRATORS, AGENTS, Home

BINS = ("In_Progress", "Drafts", "Team")

#: What happens, and how often.
HAPPENINGS = {
    "work": 60,
    "at once": 12,
    "rush": 5,
    "again": 3,
    "key": 1,
    "ready": 8,
    "not ready": 2,
    "gone": 1,
    "watch": 3,
    "time": 3,
    "look": 2,
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("day", "happenings"), [(day, 250) for day in range(5)] + [pytest.param(4, 10_000, marks=pytest.mark.slow)]
)
async def test_the_promises_hold_through_a_busy_day(home: Home, tmp_path: Path, day: int, happenings: int) -> None:
    chance = random.Random(day)
    async with lives(home, tmp_path / "world") as lived:
        await lived.begins(AGENTS)
        for number in range(happenings):
            await _happens(lived, chance)
            if number % 10 == 0:
                await lived.all_is_in_its_place()


async def _happens(lived: Lives, chance: random.Random) -> None:
    user = chance.choice(AGENTS)
    match chance.choices(list(HAPPENINGS), list(HAPPENINGS.values()))[0]:
        case "work":
            await lived.asks(_thrown(chance), keyed=chance.random() < 0.3)
        case "at once":
            several = [_thrown(chance) for _ in range(chance.randint(2, 8))]
            await lived.ask_at_once(several, same=chance.random() < 0.6, twice=chance.random() < 0.4)
        case "rush":
            await lived.a_rush_of_chats(chance.choice(ADMINISTRATORS), chance.randint(1, 4))
        case "again" if lived.keyed:
            await lived.asks_again(chance.randrange(1000))
        case "key" if lived.keyed:
            await lived.uses_a_key_for_something_else(chance.randrange(1000))
        case "ready":
            await lived.starts(user, CHANNELS)
            await lived.sets(user, "DoNotDisturbOff", None)
            await lived.sets(user, "Ready", None)
        case "not ready":
            state = chance.choice(("NotReady", "Offline", "DoNotDisturbOn", "AuxWork"))
            await lived.sets(user, state, chance.choice((None, *CHANNELS)))
        case "gone":
            await lived.ends(user)
        case "watch":
            await lived.watches(user, chance.choice(BINS), wanted=chance.random() < 0.8)
        case "time":
            await lived.world.time_passes(chance.choice((1, 5, 31, 61)))
        case "look":
            await lived.everybody_sees_what_there_is()


def _thrown(chance: random.Random) -> Dice:
    return Dice(
        act=chance.randrange(64),
        who=chance.randrange(7),
        which=chance.randrange(8),
        how=chance.randrange(12),
        sensible=chance.random() < 0.8,
    )
