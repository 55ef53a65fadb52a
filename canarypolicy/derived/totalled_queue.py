"""
A first-in, first-out queue of points that knows the total of what is in it; nothing here knows of windows.

Two stacks: new points go onto `back`, old ones leave from `front`, and when `front` is empty `back` is turned over onto it.
Each link knows the total of itself and all below, so the total of the queue is that of two links, for any associative
`combine`, and nothing is ever subtracted. A step costs O(1), averaged over a history; every queue that ever was stays valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

Total = TypeVar("Total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Generic[Total]):
    """
    A sample at which all inputs are present, and the time that it covers: after `since_us`, up to `at_us`.
    """

    since_us: int
    at_us: int
    value: Total


@dataclass(frozen=True, slots=True, eq=False)
class Link(Generic[Total]):
    """
    A point on a stack, with the total of it and all below.
    """

    point: Point[Total]
    total: Total
    below: Link[Total] | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TotalledQueue(Generic[Total]):
    """
    Points, oldest first, and their total; queues of equal points are equal, however they came about.
    """

    combine: Callable[[Total, Total], Total]
    """The total of two neighbouring stretches, the older first; associative."""
    front: Link[Total] | None = field(default=None, repr=False)
    back: Link[Total] | None = field(default=None, repr=False)
    size: int = 0

    def __iter__(self) -> Iterator[Point[Total]]:
        yield from _downwards(self.front)
        yield from reversed(list(_downwards(self.back)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TotalledQueue) and self.size == other.size and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    @property
    def total(self) -> Total:
        """
        The combined values of a queue that is not empty.
        """
        if self.front is None:
            raise IndexError("an empty queue has no total")
        return self.front.total if self.back is None else self.combine(self.front.total, self.back.total)

    @property
    def oldest(self) -> Point[Total] | None:
        # INVARIANT: `front` is empty only if the queue is.
        return None if self.front is None else self.front.point

    def with_newest(self, point: Point[Total]) -> TotalledQueue[Total]:
        """
        Add a point.
        """
        if self.front is None:
            return replace(self, front=Link(point, point.value, None), size=1)
        total = point.value if self.back is None else self.combine(self.back.total, point.value)
        return replace(self, back=Link(point, total, self.back), size=self.size + 1)

    def without_oldest(self) -> TotalledQueue[Total]:
        """
        Take the oldest point away from a queue that is not empty.
        """
        if self.front is None:
            raise IndexError("an empty queue has no oldest point")
        if self.front.below is not None:
            return replace(self, front=self.front.below, size=self.size - 1)
        front: Link[Total] | None = None
        for point in _downwards(self.back):
            front = Link(point, point.value if front is None else self.combine(point.value, front.total), front)
        return replace(self, front=front, back=None, size=self.size - 1)


def _downwards(link: Link[Total] | None) -> Iterator[Point[Total]]:
    while link is not None:
        yield link.point
        link = link.below
