"""
Faulty recordings: each message pinned, whole, with its place; the folder `cases/recordings` is the list.
"""

import gzip
from pathlib import Path

import pytest
from canarypolicy.errors import InvalidInput
from canarypolicy.history import parquet_table, text_lines
from canarypolicy.history.recording import read_recordings
from canarypolicy.reports.finding_text import render_findings
from hypothesis import given, settings
from hypothesis import strategies as st

CASES = Path(__file__).parents[1] / "cases" / "recordings"
NOW_US = 1_777_629_600_000_000
GOOD = b"time,canary.errors\n2026-05-01T10:00:00Z,0.1\n2026-05-01T10:01:00Z,0.2\n"


def told(data, path, now_us=NOW_US):
    """Give all that is told of a recording, notes and errors."""
    try:
        return render_findings(note for recording in read_recordings(data, path, now_us=now_us) for note in recording.notes)
    except InvalidInput as invalid:
        return render_findings(invalid.findings)


@pytest.mark.parametrize("path", sorted(path.name for path in CASES.iterdir() if not path.name.endswith(".expected")))
def test_what_is_told(path, golden):
    golden(CASES / f"{path}.expected", told((CASES / path).read_bytes(), path) + "\n")


def test_a_bare_object_needs_a_present():
    assert "missing-time" in told(b'{"canary.errors": 0.1}', "x.json", now_us=None)


def test_a_damaged_gzip_file():
    assert "bad-gzip" in told(b"not gzip at all", "x.csv.gz")
    packed = bytearray(gzip.compress(GOOD * 50))
    packed[len(packed) // 2] ^= 0xFF
    assert "error[" in told(bytes(packed), "x.csv.gz")


def test_a_gzip_file_that_ends_early_gives_its_whole_lines():
    rows = b"".join(b"2026-05-01T%02d:%02d:00Z,%f\n" % (minute // 60, minute % 60, minute / 7) for minute in range(1400))
    packed = gzip.compress(b"time,canary.errors\n" + rows)
    (recording,) = read_recordings(packed[: len(packed) // 2], "x.csv.gz")
    assert 0 < len(recording.items) < 1400
    assert recording.notes[0].name == "torn-line"


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(text_lines, "MOST_BYTES", 100)
    assert "too-large" in told(gzip.compress(GOOD * 100), "x.csv.gz")


def parquet(**columns):
    import io

    import pyarrow as pa
    from pyarrow import parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_damaged_parquet_is_a_finding():
    assert "bad-parquet" in told(b"PAR1 and nothing else", "x.parquet")
    assert "bad-parquet" in told(parquet(time=[1], x=[1.0])[:-9], "x.parquet")


def test_a_parquet_table_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(parquet_table, "MOST_CELLS", 1)
    assert "too-large" in told(parquet(time=["2026-05-01T10:00:00Z"], x=[1.0]), "x.parquet")


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"x": [1.0]}, "missing-time"),
        ({"time": ["never"], "x": [1.0]}, "bad-time"),
        ({"time": [[1]], "x": [1.0]}, "wrong-type"),
        ({"time": [1], "x": [[1.0]]}, "wrong-type"),
        ({"time": [1, 1], "x": [1.0, 2.0]}, "falling-times"),
        ({"time": [1], "step": [7]}, "wrong-type"),
        ({"time": [1], "weight": [True]}, "wrong-type"),
        ({"time": [1], "rollout": [None]}, "missing-rollout"),
    ],
    ids=str,
)
def test_faults_in_parquet_tables(columns, name):
    text = told(parquet(**columns), "x.parquet")
    assert f"error[{name}]" in text


def test_times_of_parquet_out_of_all_years_and_absent_ones():
    import pyarrow as pa

    far = pa.array([2**60], type=pa.timestamp("ms"))
    none = pa.array([None], type=pa.timestamp("us"))
    assert "expected a year from 1 to 9999" in told(parquet(time=far, x=[1.0]), "x.parquet")
    assert "the row has no time" in told(parquet(time=none, x=[1.0]), "x.parquet")


def test_without_pyarrow_the_message_says_what_to_install(monkeypatch):
    import sys

    from canarypolicy.errors import Unavailable

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Unavailable) as absent:
        read_recordings(b"PAR1", "x.parquet")
    assert "canarypolicy[parquet]" in absent.value.help


@given(st.binary(max_size=300), st.sampled_from([".jsonl", ".csv", ".csv.gz", ".jsonl.gz", ".json", ".parquet"]))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_whatever_the_bytes_it_ends_in_recordings_or_findings(data, ending):
    assert isinstance(told(data, f"x{ending}"), str)
