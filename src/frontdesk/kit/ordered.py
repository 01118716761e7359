"""A set kept in order, for things that come, go and are looked at from the front.

A list of short sorted lists: finding a place is a search by halves, in the list of their last members and then in one
of them, and what is moved to make room is one short list. Adding, removing and the first member cost about the same
with ten members and with a million.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import Any, Final, Generic, Protocol, TypeVar


class Comparable(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


T = TypeVar("T", bound=Comparable)

#: A list is cut in two when it has grown to twice this.
_MEMBERS: Final = 128


class Ordered(Generic[T]):
    """Its members differ from each other, and do not change their order while they are in it."""

    __slots__ = ("_lasts", "_lists", "_size")

    def __init__(self, members: Iterable[T] = ()) -> None:
        whole = sorted(members)
        self._lists = [whole[at : at + _MEMBERS] for at in range(0, len(whole), _MEMBERS)]
        self._lasts = [members[-1] for members in self._lists]
        self._size = len(whole)

    def __len__(self) -> int:
        return self._size

    def __bool__(self) -> bool:
        return self._size > 0

    def __iter__(self) -> Iterator[T]:
        """In order. It must not be changed meanwhile."""
        for members in self._lists:
            yield from members

    @property
    def first(self) -> T:
        """Raises IndexError when there is none."""
        return self._lists[0][0]

    @property
    def last(self) -> T:
        """Raises IndexError when there is none."""
        return self._lasts[-1]

    def add(self, member: T) -> None:
        """`member` is not in it."""
        self._size += 1
        at = bisect_left(self._lasts, member)
        if at < len(self._lasts):
            members = self._lists[at]
            insort(members, member)
        elif at:
            at -= 1
            members = self._lists[at]
            members.append(member)
            self._lasts[at] = member
        else:
            self._lists.append([member])
            self._lasts.append(member)
            return
        if len(members) > 2 * _MEMBERS:
            self._lists.insert(at, members[:_MEMBERS])
            self._lasts.insert(at, members[_MEMBERS - 1])
            del members[:_MEMBERS]

    def remove(self, member: T) -> None:
        """Raises KeyError if it is not in it."""
        at = bisect_left(self._lasts, member)
        if at == len(self._lasts):
            raise KeyError(member)
        members = self._lists[at]
        place = bisect_left(members, member)
        if members[place] != member:
            raise KeyError(member)
        del members[place]
        self._size -= 1
        if not members:
            del self._lists[at], self._lasts[at]
        elif place == len(members):
            self._lasts[at] = members[-1]
