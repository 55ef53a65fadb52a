"""
The ranking against a sorted list.
"""

from __future__ import annotations

import random

import pytest
from canarypolicy.derived.ranking import LONGEST, Ranking
from hypothesis import given, settings
from hypothesis import strategies as st

LAW = settings(deadline=None, derandomize=True, max_examples=100)


def ranking_of(values):
    ranking = Ranking()
    for value in values:
        ranking = ranking.with_value(value)
    return ranking


def assert_is(ranking, ranked, asked):
    """
    The ranking answers every question as the sorted list does.
    """
    assert list(ranking) == ranked
    assert len(ranking) == len(ranked)
    assert [ranking[place] for place in range(len(ranked))] == ranked
    for value in asked:
        assert ranking.below(value) == sum(each < value for each in ranked)
        assert ranking.up_to(value) == sum(each <= value for each in ranked)
    assert all(0 < len(part) <= LONGEST for part in ranking.parts)


@LAW
@given(st.lists(st.integers(-5, 5), max_size=40), st.integers(-7, 7))
def test_it_orders_and_counts_as_a_sorted_list_does(values, asked):
    """Places, counts below and counts up to a value are those of the sorted values, ties and absent values included."""
    assert_is(ranking_of(values), sorted(values), [asked, *values])


@pytest.mark.parametrize("order", ["rising", "falling", "shuffled", "a few values again and again"])
def test_many_values_come_and_go(order):
    """A thousand values in several parts, then every one taken away again: at each size the order is right."""
    count = 8 * LONGEST
    values = {
        "rising": list(range(count)),
        "falling": list(range(count, 0, -1)),
        "shuffled": random.Random(1).sample(range(count), count),
        "a few values again and again": [index % 3 for index in range(count)],
    }[order]
    ranking, ranked = Ranking(), []
    for index, value in enumerate(values):
        ranking, ranked = ranking.with_value(value), sorted([*ranked, value])
        if index % 97 == 0:
            assert_is(ranking, ranked, values[:50])
    assert len(ranking.parts) > 4
    for index, value in enumerate(values):
        ranking = ranking.without_value(value)
        ranked.remove(value)
        if index % 97 == 0:
            assert_is(ranking, ranked, values[:50])
    assert ranking == Ranking()


@LAW
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=40), st.data())
def test_a_ranking_stays_as_it_was(values, data):
    """What is made from a ranking leaves it alone."""
    ranking = ranking_of(values)
    ranking.with_value(data.draw(st.integers(-7, 7)))
    ranking.without_value(data.draw(st.sampled_from(values)))
    assert_is(ranking, sorted(values), values)


@LAW
@given(st.lists(st.integers(-5, 5), max_size=40), st.randoms(use_true_random=False))
def test_rankings_of_equal_numbers_are_equal_and_hash_alike(values, shuffler):
    """How a ranking came about is no part of what it is."""
    one = ranking_of(values)
    shuffled = list(values)
    shuffler.shuffle(shuffled)
    other = ranking_of([*shuffled, 9]).without_value(9)
    assert one == other
    assert hash(one) == hash(other)
    assert one != other.with_value(0)
    assert ranking_of([1, 2]) != ranking_of([1, 3])
    assert one != tuple(values)


def test_a_place_that_is_not_there_is_an_index_error():
    """No place beyond the last has a value."""
    with pytest.raises(IndexError, match="no value at that place"):
        ranking_of([1, 2])[2]
