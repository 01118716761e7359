"""The agents beside the floor: who is Ready on what, who refused what, and what the router must do for them."""

from dataclasses import dataclass, field

from frontdesk.core.events import AgentChanged, Committed, InteractionChanged
from tests.properties.floor import Floor, Told

#: Triggers after which everybody may be asked again.
NEW_ROUND = {"Submit", "Create", "NewRound", "Accept", "PlaceInQueue", "Transfer", "Return"}


@dataclass
class Crew:
    """Everything that was committed, followed in order. `serves`: queue id → user ids."""

    serves: dict[str, set[str]]
    floor: Floor = field(default_factory=Floor)
    numbers: dict[str, int] = field(default_factory=dict)
    ready: dict[str, set[str]] = field(default_factory=dict)  # user → media
    logged_in: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, set[str]] = field(default_factory=dict)  # interaction → users
    queue: dict[str, str] = field(default_factory=dict)  # interaction → queue
    centre: dict[str, str] = field(default_factory=dict)  # interaction → contact centre
    heard: dict[tuple[str, int], Committed] = field(default_factory=dict)  # (user, number) → event
    watched: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # (bin, owner) → users

    def follow(self, one: Committed) -> None:
        for user, number in one.numbers:
            assert number == self.number_of(user) + 1, f"{user} had {self.number_of(user)} before {one}"
            self.numbers[user] = number
            self.heard[user, number] = one
        if isinstance(one.event, AgentChanged):
            self._follow_agent(one.event)
            assert [user for user, _ in one.numbers] == [one.event.agent]
        elif isinstance(one.event, InteractionChanged):
            self._follow_interaction(one, one.event)
        else:
            assert one.numbers == ()

    def number_of(self, user: str) -> int:
        return self.numbers.get(user, 0)

    def watches(self, user: str, workbin: str, owner: str, *, wanted: bool) -> None:
        """`user` subscribed to a part of a bin, or does no more."""
        watchers = self.watched.setdefault((workbin, owner), set())
        (watchers.add if wanted else watchers.discard)(user)

    def watches_nothing(self, user: str) -> None:
        for watchers in self.watched.values():
            watchers.discard(user)

    def nobody_is_kept_waiting(self) -> None:
        """Whatever waits, waits because nobody who may be asked for it is free."""
        for life in self.floor.lives.values():
            last = life[-1]
            if last.state == "Queued":
                free = self._free_for(last)
                assert not free, f"{last} waits, and free for it are {free}"

    def _follow_agent(self, event: AgentChanged) -> None:
        self.logged_in[event.agent] = {one.channel for one in event.channels if one.state != "Offline"}
        self.ready[event.agent] = {
            one.channel for one in event.channels if one.state == "Ready" and not one.do_not_disturb
        }

    def _follow_interaction(self, one: Committed, event: InteractionChanged) -> None:
        told = Told.of_event(one.seq, event)
        interaction = told.interaction
        life = self.floor.lives.get(interaction)
        before = life[-1] if life else None
        if told.trigger == "Offer":
            assert told.invitees <= self._free_for(told), told
        self.floor.follow(told)
        assert self.centre.setdefault(interaction, one.contact_centre) == one.contact_centre
        self.queue[interaction] = event.after.queue

        refused = self.refused.setdefault(interaction, set())
        if told.trigger in NEW_ROUND:
            refused.clear()
        else:
            refused |= set(told.ended)
        self._check_hearers(one, event, told, before)

    def _check_hearers(self, one: Committed, event: InteractionChanged, told: Told, before: Told | None) -> None:
        """Those who had it or have it, and whoever watches the bin that it came into or left."""
        expected = set(told.holders) | (set(before.holders) if before else set())
        if event.bin_change is not None:
            expected |= self.watched.get((event.bin_change.workbin, event.bin_change.owner), set())
        assert {user for user, _ in one.numbers} == expected, one
        moved = {told.workbin, before.workbin if before else None} - {None}
        if moved:
            assert told.trigger in ("PlaceInWorkbin", "Pull"), one
            assert event.bin_change is not None
            assert moved == {event.bin_change.workbin}, one
        else:
            assert event.bin_change is None, one

    def _free_for(self, told: Told) -> set[str]:
        """Who is Ready for it, serves its queue, has room and did not refuse it in this round."""
        return {
            user
            for user in self.serves[self.queue[told.interaction]] - self.refused.get(told.interaction, set())
            if told.medium in self.ready.get(user, ()) and self.floor.has_room(user, told.medium)
        }
