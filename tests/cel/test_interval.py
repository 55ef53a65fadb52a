"""
Arithmetic on sets of values: nothing that can come out is left out.
"""

import math
import operator
from itertools import product

import pytest
from canarypolicy.cel.interval import (
    ANYTHING,
    COMPARISONS,
    DOUBLES,
    INT_MAX,
    INT_MIN,
    INTS,
    MAX,
    NOTHING,
    TRUTHS,
    Choices,
    Interval,
    above,
    below,
    calculate,
    compare,
    join,
    meet,
    negate,
    to_double,
    to_int,
    truths,
    truths_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

SMALL = [Interval(low, high) for low in range(-3, 4) for high in range(low, 4)]
FINITE = st.floats(allow_nan=False, allow_infinity=False)
LAW = settings(deadline=None, derandomize=True, max_examples=200)


def texts(*values):
    return Choices(frozenset(values))


def members(interval):
    return [n for n in range(interval.low, interval.high + 1) if n or not interval.is_nonzero]


def divided(a, b):
    return int(math.copysign(1, a * b)) * (abs(a) // abs(b))


def remainder(a, b):
    return a - b * divided(a, b)


INT_OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": divided, "%": remainder}


@pytest.mark.parametrize("sign", INT_OPERATIONS)
def test_arithmetic_on_small_ints_leaves_no_result_out_and_adds_little(sign):
    for left, right in product(SMALL, SMALL):
        results = [INT_OPERATIONS[sign](a, b) for a, b in product(members(left), members(right)) if b or sign not in "/%"]
        found = calculate(sign, left, right)
        if not results:
            assert found == NOTHING
        elif sign == "%":
            assert found.low <= min(results) <= max(results) <= found.high
            assert max(abs(found.low), abs(found.high)) < max(abs(right.low), abs(right.high))
        else:
            assert found == Interval(min(results), max(results))


@LAW
@given(
    sign=st.sampled_from("+-*/"),
    ends=st.tuples(FINITE, FINITE, FINITE, FINITE),
    parts=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_arithmetic_on_doubles_leaves_no_finite_result_out(sign, ends, parts):
    one, other = Interval(*sorted(ends[:2])), Interval(*sorted(ends[2:]))
    a, b = (min(max(i.low * (1 - p) + i.high * p, i.low), i.high) for i, p in zip((one, other), parts, strict=True))
    if sign == "/" and b == 0:
        return
    result = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign](a, b)
    found = calculate(sign, one, other)
    if math.isfinite(result):
        assert found.low <= result <= found.high
    else:
        assert found == NOTHING or -MAX <= found.low <= found.high <= MAX


@pytest.mark.parametrize(
    ("sign", "left", "right", "expected"),
    [
        pytest.param("+", Interval(INT_MAX, INT_MAX), Interval(1, 1), NOTHING, id="a sum over int64 is always unknown"),
        pytest.param("-", Interval(INT_MIN, 0), Interval(1, 1), Interval(INT_MIN, -1), id="a difference is cut at int64"),
        pytest.param(
            "*", Interval(MAX, MAX), Interval(2.0, 3.0), NOTHING, id="a product over the largest double is always unknown"
        ),
        pytest.param("*", Interval(-MAX, -MAX), Interval(2.0, 3.0), NOTHING, id="and one under the smallest"),
        pytest.param(
            "*", Interval(1.0, MAX), Interval(1.0, 2.0), Interval(1.0, MAX), id="a product is cut at the largest double"
        ),
        pytest.param("/", Interval(1.0, 1.0), Interval(0.0, 0.0), NOTHING, id="a division by zero is always unknown"),
        pytest.param("/", Interval(1.0, 1.0), Interval(0.0, 2.0), Interval(0.5, MAX), id="a divisor down to zero is open above"),
        pytest.param(
            "/", Interval(1.0, 1.0), Interval(-1.0, 2.0), Interval(-MAX, MAX), id="a divisor around zero is open on both sides"
        ),
        pytest.param("%", Interval(5, 7), Interval(0, 0), NOTHING, id="a remainder of zero is always unknown"),
        pytest.param("+", Interval(0, 1), Interval(0.0, 1.0), ANYTHING, id="an int and a double: no claim"),
        pytest.param("+", texts("a"), texts("b"), ANYTHING, id="joined strings: no claim"),
        pytest.param("+", NOTHING, Interval(0.0, 1.0), NOTHING, id="what is unknown stays unknown"),
        pytest.param("+", Interval(0.0, 1.0), NOTHING, NOTHING, id="on either side"),
        pytest.param("+", ANYTHING, Interval(0.0, 1.0), ANYTHING, id="no claim stays no claim"),
    ],
)
def test_arithmetic_at_the_edges(sign, left, right, expected):
    assert calculate(sign, left, right) == expected


@pytest.mark.parametrize("sign", COMPARISONS)
def test_comparisons_of_small_ints_are_exact(sign):
    for left, right in product([*SMALL, Interval(-1, 1, is_nonzero=True), Interval(0, 2, is_nonzero=True)], SMALL):
        outcomes = truths(*(COMPARISONS[sign](a, b) for a, b in product(members(left), members(right))))
        found = compare(sign, left, right)
        if left.is_nonzero or right.is_nonzero:
            assert outcomes.values <= found.values
        else:
            assert found == outcomes


def test_what_is_not_zero_never_equals_zero():
    """A guard such as `x != 0.0` cuts no interval in two, and is remembered all the same."""
    assert compare("==", Interval(-1.0, 1.0, is_nonzero=True), Interval(0.0, 0.0)) == truths(False)
    assert compare("!=", Interval(0.0, 0.0), Interval(-1.0, 1.0, is_nonzero=True)) == truths(True)


@pytest.mark.parametrize(
    ("sign", "left", "right", "expected"),
    [
        pytest.param("==", texts("a"), texts("a"), truths(True), id="one string and the same"),
        pytest.param("==", texts("a", "b"), texts("b", "c"), TRUTHS, id="some strings in common"),
        pytest.param("==", texts("a", "b"), texts("c"), truths(False), id="no string in common"),
        pytest.param("<", texts("a", "b"), texts("c"), truths(True), id="strings in order"),
        pytest.param("!=", TRUTHS, truths(True), TRUTHS, id="bools"),
        pytest.param("==", texts("a"), truths(True), TRUTHS, id="a string and a bool: no claim"),
        pytest.param("==", texts("a"), ANYTHING, TRUTHS, id="anything: no claim"),
        pytest.param("==", Interval(0, 1), texts("a"), TRUTHS, id="a number and a string: no claim"),
        pytest.param("==", NOTHING, texts("a"), NOTHING, id="what is unknown stays unknown"),
        pytest.param("==", texts(*map(str, range(101))), texts(*map(str, range(100))), TRUTHS, id="too many pairs: no claim"),
    ],
)
def test_comparisons_of_other_values(sign, left, right, expected):
    assert compare(sign, left, right) == expected


NONZERO = Interval(-1, 1, is_nonzero=True)


@pytest.mark.parametrize(
    ("one", "other", "joined", "met"),
    [
        pytest.param(Interval(0, 2), Interval(1, 3), Interval(0, 3), Interval(1, 2), id="intervals that overlap"),
        pytest.param(Interval(0, 1), Interval(2, 3), Interval(0, 3), NOTHING, id="intervals apart: the gap is filled"),
        pytest.param(
            Interval(0, 1), Interval(1.0, 2.0), ANYTHING, Interval(0, 1), id="ints and doubles: no claim, and the first"
        ),
        pytest.param(NONZERO, NONZERO, NONZERO, NONZERO, id="zero is left out of both"),
        pytest.param(NONZERO, Interval(-1, 1), Interval(-1, 1), NONZERO, id="zero is left out of one"),
        pytest.param(truths(True), truths(False), TRUTHS, NOTHING, id="bools"),
        pytest.param(texts("a"), Interval(0, 1), ANYTHING, texts("a"), id="unlike types"),
        pytest.param(Interval(0, 1), texts("a"), ANYTHING, Interval(0, 1), id="unlike types, the other way round"),
        pytest.param(ANYTHING, Interval(0, 1), ANYTHING, Interval(0, 1), id="anything"),
        pytest.param(Interval(0, 1), ANYTHING, ANYTHING, Interval(0, 1), id="anything on the other side"),
        pytest.param(NOTHING, Interval(0, 1), Interval(0, 1), NOTHING, id="nothing"),
        pytest.param(Interval(0, 1), NOTHING, Interval(0, 1), NOTHING, id="nothing on the other side"),
    ],
)
def test_join_holds_both_and_meet_what_is_in_both(one, other, joined, met):
    assert join(one, other) == joined
    assert meet(one, other) == met


def test_zero_is_in_an_interval_unless_it_is_left_out():
    assert Interval(-1, 1).has_zero
    assert Interval(0.0, 1.0).has_zero
    assert not NONZERO.has_zero
    assert not Interval(1, 2).has_zero


def test_neighbours_are_of_the_same_type():
    assert (above(1), below(1)) == (2, 0)
    assert above(0.0) == 5e-324
    assert below(1.0) == math.nextafter(1.0, 0)


def test_negation_turns_an_interval_round():
    assert negate(Interval(1.0, 2.0)) == Interval(-2.0, -1.0)
    assert negate(Interval(INT_MIN, 0)) == Interval(0, INT_MAX)
    assert negate(Interval(INT_MIN, INT_MIN)) == NOTHING
    assert negate(ANYTHING) is ANYTHING
    assert negate(NOTHING) == NOTHING


def test_conversions_hold_every_rounding():
    assert to_double(Interval(2**53, 2**53 + 1)) == Interval(2.0**53, 2.0**53)
    assert to_double(NONZERO) == Interval(-1.0, 1.0, is_nonzero=True)
    assert to_double(texts("a")) == DOUBLES
    assert to_double(NOTHING) == NOTHING
    assert to_int(Interval(0.5, 1.5)) == Interval(0, 2)
    assert to_int(Interval(-1.5, 1e300)) == Interval(-2, INT_MAX)
    assert to_int(Interval(1e300, 1e301)) == NOTHING
    assert to_int(ANYTHING) == INTS
    assert to_int(NOTHING) == NOTHING


def test_no_claim_about_a_truth_value_is_both():
    assert truths_of(ANYTHING) == {True, False}
    assert truths_of(truths(True)) == {True}
