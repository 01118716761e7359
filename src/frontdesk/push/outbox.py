"""The outbox of a session: events that wait to be written, and those written of which nobody knows that they arrived.

Nothing leaves it silently. With the ack extension what was written stays until it is acknowledged. Without, it stays
until the client shows that it has arrived, so that it can be written again to one that comes back from a cut. What
could not be written goes back to the head; what overflows is dropped by its owner, all at once, who says so.
"""

from frontdesk.push.events import Parcel


class Outbox:
    """Events of one session, in order. `messages` and `size` count what waits or is unacknowledged.

    Every parcel that is taken has a position: the first is 0, each next one more. What was written is kept from
    `_first` on.
    """

    __slots__ = (
        "_first",
        "_forgotten",
        "_unacknowledged",
        "_waiting",
        "_written",
        "batch",
        "messages",
        "proven",
        "size",
        "written_messages",
        "written_size",
    )

    def __init__(self) -> None:
        self._waiting: list[Parcel] = []
        self._unacknowledged: list[tuple[int, list[Parcel]]] | None = None
        self._written: list[Parcel] = []
        self._first = 0
        self._forgotten: dict[str, None] | None = None
        self.batch = 0
        self.messages = 0
        self.size = 0
        self.written_messages = 0
        self.written_size = 0
        self.proven = 0
        """The position up to which the client's next plain connect shows that all has arrived."""

    def put(self, parcel: Parcel) -> None:
        self._waiting.append(parcel)
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

    # --- without acknowledgement ---

    @property
    def position(self) -> int:
        """Of the parcel that is taken next."""
        return self._first + len(self._written)

    def take(self) -> list[Parcel]:
        """All that waits, to be written. It is kept until it is confirmed."""
        taken, self._waiting = self._waiting, []
        self._written += taken
        self.written_messages += self.messages
        self.written_size += self.size
        self.messages = self.size = 0
        return taken

    def confirm(self, position: int) -> None:
        """What was written before `position` has arrived."""
        arrived = position - self._first
        if arrived > 0:
            for parcel in self._written[:arrived]:
                self.written_messages -= len(parcel.channels)
                self.written_size -= len(parcel.frame)
            del self._written[:arrived]
            self._first = position
            self._forgotten = None

    def take_back(self, position: int) -> None:
        """What was written from `position` on did not arrive: return it to the head of what waits."""
        at = position - self._first
        if 0 <= at < len(self._written):
            again = self._written[at:]
            del self._written[at:]
            if at == 0:
                self._first += len(again)  # so that no write of before is taken for one to come
            self._waiting[:0] = again
            for parcel in again:
                self.messages += len(parcel.channels)
                self.size += len(parcel.frame)
                self.written_messages -= len(parcel.channels)
                self.written_size -= len(parcel.frame)

    def take_all_back(self) -> int:
        """The client was cut off: return all that may not have arrived to the head of what waits; how many messages."""
        again = self.written_messages
        self.take_back(self._first)
        return again

    @property
    def is_lacking(self) -> bool:
        """Whether more may be missing at the client than can be written again."""
        return self._forgotten is not None

    def forget_written(self) -> None:
        """Make room: keep the newer half of what was written."""
        half = (len(self._written) + 1) // 2
        forgotten = self._forgotten
        if forgotten is None:
            forgotten = self._forgotten = {}
        for parcel in self._written[:half]:
            forgotten.update(dict.fromkeys(parcel.channels))
            self.written_messages -= len(parcel.channels)
            self.written_size -= len(parcel.frame)
        del self._written[:half]
        self._first += half

    # --- with acknowledgement ---

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
        channels: dict[str, None] = self._forgotten or {}
        for _, parcels in self._unacknowledged or ():
            for parcel in parcels:
                channels.update(dict.fromkeys(parcel.channels))
        for parcel in (*self._written, *self._waiting):
            channels.update(dict.fromkeys(parcel.channels))
        self._first += len(self._written)
        self._written = []
        self._waiting = []
        self._unacknowledged = None
        self._forgotten = None
        self.messages = self.size = self.written_messages = self.written_size = 0
        return channels
