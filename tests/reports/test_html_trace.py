"""
Traces: drawn where something was measured, broken where nothing was, and true to peaks and limits.
"""

import re

import pytest
from canarypolicy.reports.html_trace import Trace, trace_picture, traces_of
from canarypolicy.reports.time_scale import TimeScale
from hypothesis import given, settings
from hypothesis import strategies as st

from results import MINUTE_US, START_US, recording

SCALE = TimeScale(from_us=START_US, until_us=START_US + 10 * MINUTE_US)


def stretches(found):
    return [[value for _, value in stretch] for stretch in found.stretches]


def test_a_missing_value_and_a_long_silence_break_a_trace():
    (found,) = traces_of(recording(0, 1, 2, 3, 7, a__b=[1, None, 2, 3, 4]), 3 * MINUTE_US)
    assert stretches(found) == [[1.0], [2.0, 3.0], [4.0]]


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        (["1.5", "2"], [[1.5, 2.0]]),
        ([True, False], [[1.0, 0.0]]),
        (["true", "False"], [[1.0, 0.0]]),
        ([float("nan"), 1], [[1.0]]),
        ([float("inf"), 10**400], []),
        (["beta", [1]], []),
    ],
)
def test_numbers_and_truth_values_are_drawn_and_nothing_else(values, drawn):
    assert [stretches(found) for found in traces_of(recording(0, 1, a__b=values), 3 * MINUTE_US)] == ([drawn] if drawn else [])


def points(picture):
    return [tuple(map(float, point.split(","))) for line in re.findall(r'points="([^"]*)"', picture) for point in line.split()]


def test_a_picture_rises_with_the_value_and_keeps_to_its_frame():
    trace = Trace(signal="a.b", stretches=(((START_US, 0.0), (START_US + 10 * MINUTE_US, 1.0)),), limits=(2.0,))
    picture = trace_picture(trace, SCALE, [START_US + 5 * MINUTE_US])
    assert points(picture) == [(0.0, 36.0), (1000.0, 20.0)]
    assert '<path class="limit" d="M0,4.0H1000"/>' in picture
    assert "M500.0,0V40" in picture


def test_a_single_sample_is_a_dot_and_a_constant_lies_in_the_middle():
    picture = trace_picture(Trace(signal="a.b", stretches=(((START_US, 5.0),),)), SCALE, [])
    assert '<path class="dot" d="M0.0,20.0h0"/>' in picture
    assert 'aria-label="a.b: 5 throughout, last 5"' in picture


def test_a_peak_of_one_sample_stays_in_sight():
    """Ten thousand samples are thinned to some hundred points, and the one that matters is among them."""
    values = [0.0] * 10_000
    values[7_777] = 1.0
    (found,) = traces_of(recording(*range(10_000), a__b=values), 3 * MINUTE_US)
    drawn = points(trace_picture(found, TimeScale(from_us=START_US, until_us=START_US + 10_000 * MINUTE_US), []))
    assert len(drawn) <= 600
    assert min(height for _, height in drawn) == 4.0
    assert [time for time, _ in drawn] == sorted(time for time, _ in drawn)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_any_numbers_fit_into_the_picture(values):
    trace = Trace(signal="a.b", stretches=(tuple((START_US + minute * MINUTE_US, value) for minute, value in enumerate(values)),))
    for left, height in points(trace_picture(trace, SCALE, [])):
        assert 0 <= left <= 1000
        assert 4 <= height <= 36
