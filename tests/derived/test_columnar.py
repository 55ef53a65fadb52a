"""
Derived functions over columns give bit for bit what their folds give, over many rollouts at once.
"""

import math

import numpy as np
import pytest
from canarypolicy.cel.columns import column_of, texts_of
from canarypolicy.derived import DERIVED, columnar, columnar_sums
from canarypolicy.derived.columnar import COLUMNAR
from canarypolicy.derived.columnar_window import Stretches
from canarypolicy.derived.window import Missing
from hypothesis import given, settings
from hypothesis import strategies as st

from derived.histories import BOOL, DOUBLE, INT, STRING, fold, histories, history, minutes

TEXTS = texts_of(["ready", "busy"])
KINDS = [
    ("count", (BOOL,)), ("count", (STRING,)), ("delta", (DOUBLE,)), ("delta", (INT,)), ("max", (DOUBLE,)), ("max", (INT,)), ("mean", (DOUBLE,)),
    ("min", (DOUBLE,)), ("min", (INT,)), ("ratio", (DOUBLE, DOUBLE)), ("sum", (DOUBLE,)),
]  # fmt: skip


def columns(name, written, inputs, rollouts, max_gap_us):
    """Give the columnar values of all rollouts' samples, or None where they are left to the fold."""
    ticks = [tick for rollout in rollouts for tick, _ in rollout]
    rows = [[None if isinstance(value, Missing) else value for value in values] for rollout in rollouts for _, values in rollout]
    given_ = tuple(column_of([row[place] for row in rows], each.type, TEXTS) for place, each in enumerate(inputs))
    stretches = Stretches(
        times_us=np.array([tick.at_us for tick in ticks]),
        firsts=np.cumsum([0, *(len(rollout) for rollout in rollouts[:-1])]),
        max_gap_us=max_gap_us,
    )
    parameters = DERIVED[name].Parameters.model_validate(written)
    column = COLUMNAR[name](parameters, inputs, given_, stretches)
    if column is None:
        return None
    return [value if known else None for value, known in zip(column.values.tolist(), column.known.tolist(), strict=True)]


def bits(value):
    return None if value is None else (value, math.copysign(1, value), type(value))


@pytest.mark.parametrize(("name", "inputs"), KINDS)
@settings(deadline=None, derandomize=True, max_examples=200)
@given(data=st.data())
def test_columns_equal_the_fold(name, inputs, data):
    rollouts = data.draw(st.lists(histories(inputs), min_size=1, max_size=4))
    max_gap_us = rollouts[0][0][0].max_gap_us
    rollouts = [each for each in rollouts if each[0][0].max_gap_us == max_gap_us]
    written = {
        "of": "a",
        "over": data.draw(st.sampled_from(["1m", "2m", "3m30s", "5m"])),
        "min_samples": data.draw(st.integers(1, 4)),
    }
    if name == "ratio":
        written["to"] = "b"
    found = columns(name, written, inputs, rollouts, max_gap_us)
    if found is None:
        return
    expected = [
        None if isinstance(value, Missing) else value for rollout in rollouts for value in fold(name, written, inputs, rollout)
    ]
    assert list(map(bits, found)) == list(map(bits, expected))


def metrics(rng, length):
    """Draw values such as metrics have, so that none is left to the fold: every rounding is settled in columns."""
    return rng.choice(
        [rng.random(length), rng.random(length) / 1000, np.round(rng.random(length), 3), rng.integers(0, 9, length) / 8.0]
    )


@pytest.mark.parametrize("name", ["mean", "sum", "ratio"])
def test_sums_of_metrics_are_rounded_as_fractions_are(name):
    rng = np.random.default_rng(5)
    inputs = (DOUBLE, DOUBLE) if name == "ratio" else (DOUBLE,)
    for _ in range(20):
        series = [metrics(rng, 200).tolist() for _ in inputs]
        over = history([minute * 30_000_000 for minute in range(200)], list(zip(*series, strict=True)))
        written = {"of": "a", "over": "10m"} | ({"to": "b"} if name == "ratio" else {})
        found = columns(name, written, inputs, [over], 90_000_000)
        assert found is not None
        assert found == [None if isinstance(value, Missing) else value for value in fold(name, written, inputs, over)]


def test_what_is_not_exact_in_columns_is_left_to_the_fold():
    least_doubles = [minutes([2.0**50, 5e-324, 5e-324])]
    assert columns("mean", {"of": "a", "over": "1m"}, (DOUBLE,), least_doubles, 90_000_000) is None
    far_apart = [minutes([1e-300, 1e300, 1.0])]
    assert columns("mean", {"of": "a", "over": "2m"}, (DOUBLE,), far_apart, 90_000_000) is None
    assert (
        columns(
            "ratio", {"of": "a", "to": "b", "over": "2m"}, (DOUBLE, DOUBLE), [minutes([1e-300, 1e300], [1.0, 1.0])], 90_000_000
        )
        is None
    )
    assert columns("mean", {"of": "a", "over": "2m"}, (INT,), [minutes([1, 2, 3])], 90_000_000) is None
    for name in COLUMNAR:
        written = {"of": "a", "over": "2m", "within_step": True} | ({"to": "b"} if name == "ratio" else {})
        inputs = (DOUBLE, DOUBLE) if name == "ratio" else (DOUBLE,)
        assert columns(name, written, inputs, [minutes(*[[1.0, 2.0]] * len(inputs))], 90_000_000) is None


def test_the_first_rounding_alone_would_be_wrong(monkeypatch):
    """The correction and the fractions are not idle."""
    rng = np.random.default_rng(5)
    values = rng.random(4000).tolist()

    over = history([minute * 30_000_000 for minute in range(4000)], [(value,) for value in values])
    expected = [None if isinstance(each, Missing) else each for each in fold("mean", {"of": "a", "over": "10m"}, (DOUBLE,), over)]
    monkeypatch.setattr(
        columnar_sums.Fixed, "pair", lambda self: (self.high * 1.0 + self.low * 2.0**-50, np.zeros(len(self.high)))
    )
    assert columns("mean", {"of": "a", "over": "10m"}, (DOUBLE,), [over], 90_000_000) != expected


def test_what_lies_in_the_middle_between_two_doubles_is_settled_by_exactness_or_by_fractions(monkeypatch):
    """Means of two neighbouring doubles lie in the very middle: rounding to even is right if all before it was exact."""
    over = minutes([1.0, math.nextafter(1.0, 2), 1.0, math.nextafter(1.0, 0)] * 5)
    expected = [None if isinstance(each, Missing) else each for each in fold("mean", {"of": "a", "over": "2m"}, (DOUBLE,), over)]
    asked = []
    right = columnar_sums.Fixed.whole
    monkeypatch.setattr(columnar_sums.Fixed, "whole", lambda self, place: asked.append(place) or right(self, place))
    assert columns("mean", {"of": "a", "over": "2m"}, (DOUBLE,), [over], 90_000_000) == expected
    assert not asked
    monkeypatch.setattr(columnar_sums.Fixed, "is_whole_pair", lambda self, places: np.zeros(len(places), dtype=bool))
    assert columns("mean", {"of": "a", "over": "2m"}, (DOUBLE,), [over], 90_000_000) == expected
    assert asked


def test_wrong_windows_are_caught(monkeypatch):
    right = columnar.windows_of

    def wide(parameters, present, stretches):
        windows = right(parameters, present, stretches)
        return type(windows)(
            rows=windows.rows, points=windows.points, low=np.maximum(windows.low - 1, 0), high=windows.high, enough=windows.enough
        )

    over = minutes([1.0, 5.0, 2.0, 3.0, 1.0])
    expected = [None if isinstance(each, Missing) else each for each in fold("max", {"of": "a", "over": "2m"}, (DOUBLE,), over)]
    assert columns("max", {"of": "a", "over": "2m"}, (DOUBLE,), [over], 90_000_000) == expected
    monkeypatch.setattr(columnar, "windows_of", wide)
    assert columns("max", {"of": "a", "over": "2m"}, (DOUBLE,), [over], 90_000_000) != expected


def test_where_a_rollout_begins_is_worked_out_once():
    stretches = Stretches(times_us=np.array([0, 1, 0, 1, 2]), firsts=np.array([0, 2]), max_gap_us=1)
    assert stretches.begins.tolist() == [0, 0, 2, 2, 2]
    assert stretches.begins is stretches.begins
