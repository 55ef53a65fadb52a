"""
The trend test against published and hand-made examples; that it follows its definition is a law in `test_derived.py`.
"""

from __future__ import annotations

import pytest
from canarypolicy.derived.growing import Trend
from canarypolicy.derived.window import Missing

from derived.histories import DOUBLE, INT, fold, last, minutes

PUBLISHED = [12.9, 14.8, 13.2, 15.7, 13.8, 15.6, 12.9, 11.0, 17.3, 15.9, 19.0, 18.3, 20.1, 21.7]
"""
J. B. Little, A Mann-Kendall Example ("By Hand"), College of the Holy Cross: 72 rising pairs, 18 falling ones and one tie,
S = 54, Var(S) = 14 * 13 * 33 / 18 - 2 * 1 * 9 / 18, Z = 2.9058, p = .0018.
https://mathcs.holycross.edu/~little/Montserrat/MannKendallByHand.txt
"""


def trend_of(values):
    trend = Trend()
    for value in values:
        trend = trend.with_newest(value)
    return trend


def test_the_published_example():
    """Score, ties and chance are those that were worked out by hand."""
    trend = trend_of(PUBLISHED)
    assert trend.score == 54
    assert trend.ties == 2 * 1 * 9
    assert trend.p_value() == pytest.approx(0.00183, abs=5e-6)


@pytest.mark.parametrize(
    ("values", "score", "ties", "p"),
    [
        # n = 6: Var(S) = 6 * 5 * 17 / 18 = 28.33, z = 14 / 5.3229 = 2.6302
        pytest.param([1, 2, 3, 4, 5, 6], 15, 0, 0.004267, id="six that rise"),
        # n = 5: Var(S) = 5 * 4 * 15 / 18 = 16.67, z = 9 / 4.0825 = 2.2045
        pytest.param([1, 2, 3, 4, 5], 10, 0, 0.013743, id="five that rise"),
        # two ties of two: Var(S) = (510 - 2 * 18) / 18 = 26.33, z = 12 / 5.1316 = 2.3385
        pytest.param([1, 1, 2, 3, 3, 4], 13, 36, 0.009681, id="ties take votes and variance away"),
        # a tie of three: 3 * 2 * 11 = 66, Var(S) = (510 - 66) / 18 = 24.67, z = 11 / 4.9666 = 2.2148
        pytest.param([1, 2, 2, 2, 3, 4], 12, 66, 0.013387, id="a tie of three"),
        pytest.param([1, 3, 2], 1, 0, 0.5, id="a score of one is no evidence"),
        pytest.param([2, 1, 1, 2], 0, 36, 1.0, id="as much falling as rising"),
        pytest.param([6, 5, 4, 3, 2, 1], -15, 0, 1.0, id="falling is not growing"),
        pytest.param([7, 7, 7, 7], 0, 4 * 3 * 13, 1.0, id="all equal"),
        pytest.param([7], 0, 0, 1.0, id="a single value"),
        pytest.param([], 0, 0, 1.0, id="none"),
    ],
)
def test_hand_made_examples(values, score, ties, p):
    """One-sided, with corrections for ties and for continuity."""
    trend = trend_of(values)
    assert (trend.score, trend.ties) == (score, ties)
    assert trend.p_value() == pytest.approx(p, abs=2e-6)


def test_votes_are_taken_back():
    """What has left a window is as if it had never voted."""
    trend = trend_of([5, 1, 5, *PUBLISHED])
    for value in (5, 1, 5):
        trend = trend.without_oldest(value)
    assert trend == trend_of(PUBLISHED)


@pytest.mark.parametrize(
    ("series", "more", "expected"),
    [
        pytest.param([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], {}, True, id="six that rise are enough for 0.99"),
        pytest.param([None, 2.0, 3.0, 4.0, 5.0, 6.0], {}, False, id="five are not"),
        pytest.param([None, 2.0, 3.0, 4.0, 5.0, 6.0], {"confidence": 0.98}, True, id="five are for 0.98"),
        pytest.param([None, 2.0, 3.0, 4.0, 5.0, 6.0], {"min_samples": 6}, None, id="too few of min_samples give no answer"),
        pytest.param(PUBLISHED[-6:], {}, False, id="the last six of the published example are not sure"),
        pytest.param([0.0] * 20 + [100.0], {"over": "20m"}, False, id="one leap at the end is a spike"),
        pytest.param([0.0] * 10 + [100.0] * 10, {"over": "20m"}, True, id="a leap that lasts is growth"),
        pytest.param([6.0, 5.0, 4.0, 3.0, 2.0, 1.0], {}, False, id="falling is not growing"),
        pytest.param([3.0] * 6, {}, False, id="standing still is not growing"),
        pytest.param([1e308, -1e308, *[float(each) for each in range(6)]], {}, True, id="what has left the window is forgotten"),
        pytest.param([1, 2, 3, 4, 5, 6], {"like": INT}, True, id="ints grow too"),
        pytest.param([-0.0, 0.0] * 10, {"over": "20m"}, False, id="zero is not more than minus zero"),
    ],
)
def test_growing(series, more, expected):
    """True where the trend is too strong to be chance, else false; too little is neither."""
    found = last("growing", series, **{"over": "6m", **more})
    assert found is expected if expected is not None else found == Missing(why="5 of at least 6 samples in 6m")


def test_a_slow_leak_is_seen_when_it_lasts():
    """Noise for half an hour, then a rise of a tenth of the noise a minute: found within the half hour that follows."""
    noise = [((index * 7919) % 101) / 101 for index in range(60)]
    leak = [value + max(index - 30, 0) * 0.1 for index, value in enumerate(noise)]
    calm = fold("growing", {"of": "a", "over": "15m"}, (DOUBLE,), minutes(noise))
    leaking = fold("growing", {"of": "a", "over": "15m"}, (DOUBLE,), minutes(leak))
    assert True not in calm
    assert True not in leaking[:31]
    assert all(leaking[45:])
