"""
A row that is written is read back: each value means to its signal what it meant.
"""

import json

from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.recording_csv import csv_header, csv_row
from hypothesis import given, settings
from hypothesis import strategies as st

from driver import ORIGIN_US, program_of

TEXTS = ["1", "true", "nan", 'a,"b"', " x", "x y"]
SIGNALS = f"""
signals:
  a.double: {{healthy: 0.001, range: [0, 1], worse: higher}}
  a.int: {{type: int, healthy: 0}}
  a.bool: {{type: bool, healthy: true}}
  a.string: {{type: string, healthy: '1', values: {json.dumps(TEXTS)}}}
"""
PROGRAM = program_of(signals=SIGNALS, rules="slos: [{name: low, require: a.double < 0.01}]")
NAMES = tuple(PROGRAM.signals)
VALUES = st.fixed_dictionaries(
    {
        "a.double": st.floats() | st.none(),
        "a.int": st.integers(-(2**63), 2**63 - 1) | st.none(),
        "a.bool": st.booleans() | st.none(),
        "a.string": st.sampled_from([*TEXTS, None]),
    }
)


@given(st.lists(VALUES, min_size=1, max_size=4))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_what_is_written_comes_back(rows):
    raws = [RawSample(at_us=ORIGIN_US + index, signals=row) for index, row in enumerate(rows)]
    text = csv_header(NAMES) + "".join(csv_row(NAMES, raw) for raw in raws)
    (recording,) = read_recordings(text.encode(), "x.csv")
    for read, raw in zip(recording.items, raws, strict=True):
        again, before = admit_sample(read, PROGRAM.signals), admit_sample(raw, PROGRAM.signals)
        assert (again.at_us, again.values, again.missing.keys(), again.clipped) == (
            before.at_us, before.values, before.missing.keys(), before.clipped
        )  # fmt: skip


def test_a_text_of_two_lines_stays_in_its_row():
    assert csv_row(["a.string"], RawSample(at_us=ORIGIN_US, signals={"a.string": "x\ny"})) == "2026-01-01T00:00:00Z,x y\n"
