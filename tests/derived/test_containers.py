"""
The two containers that windows are made of: values that never change, empty ones included.
"""

import operator

import pytest
from canarypolicy.derived.parameters import WindowParameters
from canarypolicy.derived.ranking import Ranking
from canarypolicy.derived.totalled_queue import TotalledQueue
from canarypolicy.documents.loading import load_policy
from hypothesis import given, settings
from hypothesis import strategies as st

from driver import policy_text


def test_an_empty_ranking_and_an_empty_queue_have_nothing_to_give():
    with pytest.raises(IndexError):
        Ranking()[0]
    queue = TotalledQueue(combine=operator.add)
    with pytest.raises(IndexError):
        _ = queue.total
    with pytest.raises(IndexError):
        queue.without_oldest()
    assert queue.oldest is None
    assert hash(queue) == hash(TotalledQueue(combine=operator.add))


@given(st.lists(st.integers(-5, 5), max_size=40))
@settings(deadline=None, derandomize=True)
def test_equal_rankings_are_equal_and_hash_alike(values):
    one, other = Ranking(), Ranking()
    for value in values:
        one = one.with_value(value)
    for value in sorted(values):
        other = other.with_value(value)
    assert one == other
    assert hash(one) == hash(other)
    assert one != other.with_value(0)
    assert list(one) == sorted(values)


def test_a_window_of_no_length_is_a_finding():
    text = policy_text(
        signals="signals:\n  canary.errors: {healthy: 0.0}\nderived:\n  x.mean: {mean: {of: canary.errors, over: 0s}}\n"
    )
    (finding,) = [each for each in load_policy(text.encode(), "p.yaml").findings if each.name == "empty-window"]
    assert "0s has no samples" in finding.message
    assert WindowParameters
