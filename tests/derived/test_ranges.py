"""
Ranges and types before any value is known.
"""

from __future__ import annotations

import math

import pytest
from canarypolicy.derived import DERIVED
from canarypolicy.derived.ranges import bound, in_doubles
from canarypolicy.derived.window import Input
from canarypolicy.documents.signals import INT_MAX, SignalType

DOUBLE, INT, BOOL = SignalType.DOUBLE, SignalType.INT, SignalType.BOOL


def test_bounds_are_doubles():
    """A mean of ints is rounded, and so is its bound: the largest int is 2^63 as a double."""
    assert in_doubles((0, INT_MAX)) == (0.0, 2.0**63)
    assert all(type(each) is float for each in in_doubles((0, INT_MAX)))
    assert in_doubles((None, 1)) == (None, 1.0)


def test_a_bound_beyond_the_doubles_bounds_nothing():
    """An infinite bound is an open one."""
    assert bound(math.inf, DOUBLE) is None
    assert bound(-math.inf, DOUBLE) is None
    assert bound(3, INT) == 3


@pytest.mark.parametrize(
    ("name", "inputs", "result"),
    [
        pytest.param("mean", [(DOUBLE, (0, 1))], (DOUBLE, (0.0, 1.0)), id="a mean lies where its values do"),
        pytest.param("mean", [(INT, (0, 5))], (DOUBLE, (0.0, 5.0)), id="the mean of ints is a double"),
        pytest.param("min", [(INT, (0, 5))], (INT, (0, 5)), id="the least int is an int"),
        pytest.param("max", [(DOUBLE, (0, None))], (DOUBLE, (0, None)), id="the greatest value lies where its values do"),
        pytest.param("sum", [(DOUBLE, (0, 1))], (DOUBLE, (0.0, None)), id="a sum of ratios is not bounded by 1"),
        pytest.param("sum", [(INT, (3, 7))], (INT, (6, None)), id="two values of at least 3 make at least 6"),
        pytest.param("sum", [(INT, (-7, -3))], (INT, (None, -6)), id="two values of at most -3 make at most -6"),
        pytest.param("sum", [(DOUBLE, (-1, 1))], (DOUBLE, (None, None)), id="values of both signs can sum to anything"),
        pytest.param("sum", [(DOUBLE, (1e308, None))], (DOUBLE, (None, None)), id="a bound beyond the doubles is open"),
        pytest.param("delta", [(DOUBLE, (0, 1))], (DOUBLE, (-1.0, 1.0)), id="a ratio moves by 1 at most"),
        pytest.param("delta", [(INT, (2, 7))], (INT, (-5, 5)), id="a delta of ints is an int"),
        pytest.param("delta", [(DOUBLE, (0, None))], (DOUBLE, (None, None)), id="an open range can move by anything"),
        pytest.param("delta", [(DOUBLE, (None, 0))], (DOUBLE, (None, None)), id="so can one open below"),
        pytest.param("delta", [(DOUBLE, (-1e308, 1e308))], (DOUBLE, (None, None)), id="a move beyond the doubles is open"),
        pytest.param("count", [(BOOL, (None, None))], (INT, (0, None)), id="a count of bools is an int from 0"),
        pytest.param("quantile", [(INT, (0, 5))], (DOUBLE, (0.0, 5.0)), id="a quantile of ints is a double"),
        pytest.param("frozen", [(DOUBLE, (0, 60))], (DOUBLE, (0.0, 60.0)), id="a median lies where its values do"),
        pytest.param("growing", [(DOUBLE, (0, 60))], (BOOL, (None, None)), id="growing is true or false"),
        pytest.param("ratio", [(INT, (0, 5)), (DOUBLE, (0, 1))], (DOUBLE, (0.0, None)), id="no sign, no negative ratio"),
        pytest.param("ratio", [(INT, (-1, 5)), (DOUBLE, (0, 1))], (DOUBLE, (None, None)), id="a sign above the line"),
        pytest.param("ratio", [(INT, (0, 5)), (DOUBLE, (None, 1))], (DOUBLE, (None, None)), id="a sign below the line"),
    ],
)
def test_types_and_ranges_of_results(name, inputs, result):
    """What lints and proofs are told is as tight as is honest."""
    function = DERIVED[name]
    written = {"of": "a", "over": "5m"} | {"quantile": {"q": 0.5}, "ratio": {"to": "b"}, "frozen": {"at": "full"}}.get(name, {})
    given = tuple(Input(type=type_, range=range_) for type_, range_ in inputs)
    found = function.result(function.Parameters.model_validate(written), given)
    assert (found.type, found.range) == result
    assert list(map(type, found.range)) == list(map(type, result[1]))


def test_more_samples_bound_a_sum_more_tightly():
    """A sum over at least five values of at least 3 is at least 15."""
    function = DERIVED["sum"]
    parameters = function.Parameters.model_validate({"of": "a", "over": "5m", "min_samples": 5})
    assert function.result(parameters, (Input(type=INT, range=(3, None)),)).range == (15, None)
