"""
What belongs to a window, what is covered of it, and why a value is missing.

`count` is asked, with one sample enough, unless the number of samples is what the case is about.
"""

from __future__ import annotations

import pytest
from canarypolicy.derived.window import Missing

from derived.histories import DOUBLE, GAP, MINUTE_US, SECOND_US, fold, history, minutes

V = 1.0
_ = None


def counted(series, *, entries=(), over="4m", max_gap="90s", **written):
    gap_us = {"90s": 90 * SECOND_US, "3m": 3 * MINUTE_US}[max_gap]
    parameters = {"of": "a", "over": over, "min_samples": 1, **written}
    return fold("count", parameters, (DOUBLE,), minutes(series, entries=entries, max_gap_us=gap_us))[-1]


@pytest.mark.parametrize(
    ("series", "more", "expected"),
    [
        pytest.param([V] * 9, {}, 4, id="a sample at the beginning of the window lies before it"),
        pytest.param([V, V, V], {}, 3, id="half of the window covered is enough"),
        pytest.param([V, V], {}, "1m of 4m covered, half is needed", id="less than half is not"),
        pytest.param([V], {}, "0s of 4m covered, half is needed", id="the first sample covers nothing before it"),
        pytest.param([V] * 5 + [GAP] * 3 + [V], {}, "1m30s of 4m covered, half is needed", id="a sample covers max_gap at most"),
        pytest.param([V] * 5 + [GAP] * 3 + [V], {"max_gap": "3m"}, 1, id="a wider max_gap covers more"),
        pytest.param([V] * 5 + [_, V, V], {}, 3, id="a missing sample is the one before all the same"),
        pytest.param([V, _, V, _, V, _, V, _, V], {}, 2, id="every other one missing leaves just half covered"),
        pytest.param([V] * 8 + [_, _, _, V], {}, "1m of 4m covered, half is needed", id="what misses covers nothing"),
        pytest.param([V] * 8 + [_], {}, "`a` is missing: no value", id="missing at this sample, however well covered"),
        pytest.param([V] * 9, {"over": "150s"}, 3, id="what is covered before the window does not count"),
        pytest.param([V, GAP, GAP, V], {"over": "2m", "max_gap": "3m"}, 1, id="the oldest sample's cover is cut at the edge"),
        pytest.param([V] * 9, {"min_samples": 4}, 4, id="as many samples as are needed"),
        pytest.param([V] * 9, {"min_samples": 5}, "4 of at least 5 samples in 4m", id="one too few"),
        pytest.param([V, _, V], {"min_samples": 3}, "1m of 4m covered, half is needed", id="cover is asked for first"),
    ],
)
def test_windows(series, more, expected):
    """A window is (t - over, t]; what it lacks is said in its own measure."""
    found = counted(series, **more)
    assert found == (Missing(why=expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("series", "entries", "expected"),
    [
        pytest.param([V] * 9, [], 4, id="without an entry nothing is cut"),
        pytest.param([V] * 9, [("start", 0)], 4, id="an entry before the window changes nothing"),
        pytest.param([V] * 9, [("start", 4), ("full", 6)], 2, id="a later step's entry is left out and half is left covered"),
        pytest.param([V] * 9, [("start", 6)], 3, id="the start's own sample belongs to its step"),
        pytest.param([V] * 9, [("start", 7)], "1m of 4m covered, half is needed", id="half of the whole window is asked for"),
        pytest.param([V] * 9, [("start", 0), ("full", 8)], "0s of 4m covered, half is needed", id="at the entry nothing is left"),
        pytest.param([V] * 9, [("start", 8)], "0s of 4m covered, half is needed", id="the start's own sample covers nothing yet"),
        pytest.param([V] * 9, [("start", 0), ("full", 5.5)], 3, id="an entry between samples cuts the cover of the next"),
        pytest.param([V] * 9, [("start", 0), ("full", 4)], 4, id="an entry at the window's beginning changes nothing"),
        pytest.param([V] * 9, [("start", 4)], 4, id="nor does a start there: its sample lies before the window"),
    ],
)
def test_windows_within_a_step(series, entries, expected):
    """With `within_step` only the present step's samples count, and only the time since its entry is covered."""
    found = counted(series, entries=entries, within_step=True)
    assert found == (Missing(why=expected) if isinstance(expected, str) else expected)


def test_an_entry_between_samples_cuts_to_the_microsecond():
    """Half of 4m is covered from an entry 2m before the sample, and not from one a microsecond later."""
    series, whole = [V] * 9, 6 * MINUTE_US
    times_us = [minute * MINUTE_US for minute in range(9)]
    for entered_us, expected in ((whole, 2), (whole + 1, Missing(why="1m59s999ms of 4m covered, half is needed"))):
        over = history(times_us, [(value,) for value in series], entries=[("start", 0), ("full", entered_us)])
        written = {"of": "a", "over": "4m", "min_samples": 1, "within_step": True}
        assert fold("count", written, (DOUBLE,), over)[-1] == expected


def test_without_within_step_a_window_reaches_back_across_steps():
    """As a PromQL range does."""
    assert counted([V] * 9, entries=[("start", 0), ("full", 7)]) == 4


def test_a_window_recovers_after_a_gap():
    """Silence empties the window, and samples fill it again."""
    found = fold("count", {"of": "a", "over": "2m"}, (DOUBLE,), minutes([V] * 4 + [GAP] * 10 + [V] * 3))
    covered = Missing(why="1 of at least 2 samples in 2m")
    assert found[3:] == [2, covered, 2, 2]
