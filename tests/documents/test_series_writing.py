"""
What is written as a series is read back as it was.
"""

import pytest
import yaml
from canarypolicy.documents.series import Absent, series_of
from canarypolicy.documents.series_writing import series_text, yaml_text
from canarypolicy.documents.signals import Signal
from hypothesis import given, settings
from hypothesis import strategies as st

DECLARED = ("up", "going down", "x3", "ax2", "_up")
SIGNALS = {
    "double": Signal(healthy=0.5),
    "int": Signal(type="int", healthy=1),
    "bool": Signal(type="bool", healthy=True),
    "string": Signal(type="string", healthy="up", values=DECLARED),
}
VALUES = {
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "int": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "string": st.sampled_from(DECLARED),
}


@pytest.mark.parametrize("kind", SIGNALS)
def test_reading_gives_back_what_was_written(kind):
    @given(st.lists(st.tuples(st.one_of(st.none(), VALUES[kind]), st.integers(1, 3)), min_size=1, max_size=5))
    @settings(deadline=None, derandomize=True)
    def law(runs):
        values = [value for value, count in runs for _ in range(count)]
        items, faults = series_of(series_text(values), SIGNALS[kind])
        assert not faults
        assert [None if isinstance(item, Absent) else item for item in items] == values

    law()


def test_how_it_looks():
    assert series_text([0.004, 0.004, 0.03, None, None, None]) == "0.004x1 0.03 _x3"
    assert series_text([False, True, True, None]) == "false truex1 _"
    assert series_text(["up", "up", "going down"]) == 'up up "going down"'


def test_quotes_are_doubled():
    assert yaml.safe_load(yaml_text("it's 5xx: #1")) == "it's 5xx: #1"
