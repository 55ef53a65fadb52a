"""
The queue against a list, with a `combine` for which order matters.
"""

from __future__ import annotations

import operator

import pytest
from canarypolicy.derived.totalled_queue import Point, TotalledQueue
from hypothesis import given, settings
from hypothesis import strategies as st

LAW = settings(deadline=None, derandomize=True, max_examples=100)
MOVES = st.lists(st.sampled_from(["in", "in", "out"]), max_size=60)
EMPTY = TotalledQueue(combine=operator.add)


def point(number):
    return Point(since_us=number - 1, at_us=number, value=(number,))


def walked(moves):
    """
    Give each queue on the way and the numbers that ought to be in it.
    """
    queue, numbers = EMPTY, []
    for count, move in enumerate(moves):
        if move == "in":
            queue, numbers = queue.with_newest(point(count)), [*numbers, count]
        elif numbers:
            queue, numbers = queue.without_oldest(), numbers[1:]
        yield queue, numbers


@LAW
@given(MOVES)
def test_it_is_a_queue_that_knows_its_total(moves):
    """Points leave in the order in which they came, and the total is combined in that order; no queue changes another."""
    for queue, numbers in list(walked(moves)):
        assert [each.at_us for each in queue] == numbers
        assert queue.size == len(numbers)
        assert queue.oldest == (point(numbers[0]) if numbers else None)
        if numbers:
            assert queue.total == tuple(numbers)


@LAW
@given(MOVES)
def test_queues_of_equal_points_are_equal_and_hash_alike(moves):
    """How a queue came about is no part of what it is."""
    for queue, numbers in walked(moves):
        other = EMPTY
        for number in numbers:
            other = other.with_newest(point(number))
        assert queue == other
        assert hash(queue) == hash(other)
        assert queue != other.with_newest(point(99))
    assert EMPTY.with_newest(point(1)) != EMPTY.with_newest(point(2))
    assert EMPTY != ()


def test_a_long_queue_can_be_shown_compared_and_let_go():
    """Nothing about a queue of a hundred thousand points recurses into it."""
    queue = other = EMPTY
    for number in range(100_000):
        queue, other = (each.with_newest(Point(since_us=0, at_us=number, value=number)) for each in (queue, other))
    assert queue == other
    assert len(repr(queue)) < 200
    assert queue.without_oldest().total == sum(range(100_000))


def test_an_empty_queue_has_nothing_to_give():
    """Neither a total nor an oldest point to take away; both are the caller's mistake."""
    with pytest.raises(IndexError, match="an empty queue has no total"):
        _ = EMPTY.total
    with pytest.raises(IndexError, match="an empty queue has no oldest point"):
        EMPTY.without_oldest()
    assert EMPTY.oldest is None
