"""The outbox of a session: events that wait to be written, and, with the ack extension, those not yet acknowledged.

Nothing leaves it silently. What is taken and could not be written is put back at its head; what is acknowledged is
forgotten; when it overflows its owner drops everything at once and says so.
"""

from frontdesk.push.events import Parcel


class Outbox:
    """Events of one session, in order. `messages` and `size` count all that is kept, waiting or unacknowledged."""

    __slots__ = ("_unacknowledged", "_waiting", "batch", "messages", "size")

    def __init__(self) -> None:
        self._waiting: list[Parcel] = []
        self._unacknowledged: list[tuple[int, list[Parcel]]] | None = None
        self.batch = 0
        self.messages = 0
        self.size = 0

    def put(self, parcel: Parcel) -> None:
        self._waiting.append(parcel)
        self.messages += len(parcel.channels)
        self.size += len(parcel.frame)

    def put_back(self, parcels: list[Parcel]) -> None:
        """Return what was taken and not written to the head."""
        self._waiting[:0] = parcels
        for parcel in parcels:
            self.messages += len(parcel.channels)
            self.size += len(parcel.frame)

    @property
    def is_waiting(self) -> bool:
        """Whether something has not been written yet."""
        return bool(self._waiting)

    @property
    def is_owed(self) -> bool:
        """Whether a connect has something to bring: waiting, or written and not acknowledged."""
        return bool(self._waiting) or bool(self._unacknowledged)

    def take(self) -> list[Parcel]:
        """All that waits, to be written without acknowledgement."""
        taken, self._waiting = self._waiting, []
        for parcel in taken:
            self.messages -= len(parcel.channels)
            self.size -= len(parcel.frame)
        return taken

    def close_batch(self) -> tuple[int, list[Parcel], int]:
        """For one connect reply: its batch number, everything unacknowledged and then what waits, and how many of
        these parcels have been written before.

        Each batch remembers only what was new in it. A reply carries all that was unacknowledged when it was made, so
        the acknowledgement of a batch covers every earlier one.
        """
        self.batch += 1
        before = self._unacknowledged or []
        again = [parcel for _, parcels in before for parcel in parcels]
        if self._waiting:
            self._unacknowledged = [*before, (self.batch, self._waiting)]
            again_and_new = again + self._waiting
            self._waiting = []
            return self.batch, again_and_new, len(again)
        return self.batch, again, len(again)

    def acknowledge(self, batch: int) -> None:
        """Forget the batches up to and including `batch`."""
        if self._unacknowledged is None:
            return
        kept = [(number, parcels) for number, parcels in self._unacknowledged if number > batch]
        for number, parcels in self._unacknowledged:
            if number <= batch:
                for parcel in parcels:
                    self.messages -= len(parcel.channels)
                    self.size -= len(parcel.frame)
        self._unacknowledged = kept or None

    def drop_all(self) -> dict[str, None]:
        """Empty it and return the channels of what was in it, in order."""
        channels: dict[str, None] = {}
        for _, parcels in self._unacknowledged or ():
            for parcel in parcels:
                channels.update(dict.fromkeys(parcel.channels))
        for parcel in self._waiting:
            channels.update(dict.fromkeys(parcel.channels))
        self._waiting = []
        self._unacknowledged = None
        self.messages = self.size = 0
        return channels
