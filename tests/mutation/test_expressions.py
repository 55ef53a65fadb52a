"""
Numbers that may stand for others by mistake.
"""

from math import inf, nextafter

from canarypolicy.mutation.expressions import numbers_near


def test_a_double_has_its_neighbours_ten_percent_and_digits():
    """Changed decimals are written as a person would, without the noise of a product."""
    assert list(numbers_near(0.02)) == [nextafter(0.02, -inf), nextafter(0.02, inf), 0.018, 0.022, 0.2, 2.0, 0.002, 0.0002]


def test_an_int_has_ints_only():
    assert list(numbers_near(3)) == [2, 4, 30, 300]
    assert list(numbers_near(200)) == [199, 201, 180, 220, 2000, 20000, 20, 2]


def test_what_no_number_holds_is_left_out():
    assert list(numbers_near(0)) == [-1, 1]
    assert inf not in list(numbers_near(1.7e308))
    assert max(numbers_near(2**63 - 1)) < 2**63
