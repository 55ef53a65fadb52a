"""
A recording played as if it happened now.
"""

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.secrets import Secret, World
from canarypolicy.documents.signals import SignalType
from canarypolicy.documents.source_parameters import RecordingParameters
from canarypolicy.errors import InvalidInput, Unavailable
from canarypolicy.history.window import Window
from canarypolicy.sources.protocol import Asked
from canarypolicy.sources.recording import RecordedSignals

from driver import ORIGIN_US, at

RECORDED = """\
{"recording": "canarypolicy/v1", "rollout": "shop"}
{"t": "2025-05-01T09:59:30Z", "signals": {"a.x": 0.5}}
{"t": "2025-05-01T10:00:00Z", "event": "step", "step": "canary", "weight": 10}
{"t": "2025-05-01T10:00:00Z", "signals": {"a.x": 1.5, "a.late": 3}, "times": {"a.late": "2025-05-01T09:59:50Z"}}
{"t": "2025-05-01T10:00:30Z", "signals": {"a.late": 4}, "why": {"a.x": "HTTP 503"}}
{"t": "2025-05-01T10:00:40Z", "event": "signal", "signals": {"a.hand": true}, "by": "ann"}
{"t": "2025-05-01T10:03:00Z", "signals": {"a.x": 2.5}}
{"t": "2025-05-01T10:03:10Z", "event": "signal", "signals": {"a.hand": null}}
"""
TABLE = "time,rollout,a.x,a.flag,a.text\n2025-05-01T10:00:00Z,one,1,1,1\n2025-05-01T10:00:00Z,two,2,0,2\n"
GAP_US = 60 * SECOND_US


@pytest.fixture
def source(tmp_path):
    def make(text=RECORDED, name="r.jsonl", started_us=ORIGIN_US, **parameters):
        (tmp_path / name).write_text(text)
        world = World(variables={}, read_file=lambda _: "", started_us=started_us)
        return RecordedSignals("old", RecordingParameters(file=str(tmp_path / name), **parameters), world)

    return make


def look(source, when, query="a.x", **asked):
    at_us = when if isinstance(when, int) else at(when)
    series = source.fetch(
        [Asked(signal="s", query=Secret(query), max_gap_us=GAP_US, **asked)], Window(start_us=at_us, end_us=at_us, every_us=1)
    )["s"]
    value = series.value_at(at_us)
    return (value, series.times_us.get(at_us)) if value is not None else series.why_missing(at_us)


@pytest.mark.parametrize(
    ("when", "query", "seen"),
    [
        pytest.param(ORIGIN_US - 31 * SECOND_US, "a.x", "the recording begins at 2025-12-31T23:59:30Z", id="before the first"),
        pytest.param(ORIGIN_US - SECOND_US, "a.x", (0.5, None), id="the past that was recorded is the past"),
        pytest.param("0s", "a.x", (1.5, None), id="its start is the start of the run"),
        pytest.param("29s", "a.x", (1.5, None), id="the last sample at or before"),
        pytest.param("30s", "a.x", "HTTP 503", id="missing, as it was"),
        pytest.param("1m30s", "a.late", (4, None), id="max_gap after the last sample"),
        pytest.param("1m31s", "a.late", "the recording has no sample for 1m1s", id="a hole is a hole"),
        pytest.param("39s", "a.hand", "no value", id="before it was set by hand"),
        pytest.param("2m50s", "a.hand", (True, None), id="set by hand it holds, however long"),
        pytest.param("3m10s", "a.hand", "no value", id="taken back by hand"),
        pytest.param("4m", "a.x", (2.5, None), id="the last sample stands for max_gap"),
        pytest.param("4m1s", "a.x", "the recording ends at 2026-01-01T00:03:00Z", id="then the recording has ended"),
        pytest.param("0s", "a.xx", "the recording has no signal `a.xx`; did you mean `a.x`?", id="a name that it does not know"),
    ],
)
def test_what_is_known_at_a_time(source, when, query, seen):
    found = look(source(), when, query)
    assert found.startswith(seen) if isinstance(seen, str) else found == seen


def test_the_age_of_a_value_is_that_of_its_sample_or_its_own(source):
    assert look(source(), "20s", is_timed=True) == (1.5, ORIGIN_US)
    assert look(source(), "20s", "a.late", is_timed=True) == (3, ORIGIN_US - 10 * SECOND_US)


def test_as_recorded_nothing_is_moved(source):
    """
    So it is without a run, too: there is nothing to start with.
    """
    recorded_us = 1_746_093_600 * SECOND_US  # 2025-05-01T10:00:00Z
    for each in (source(play="as-recorded"), source(started_us=None)):
        assert look(each, recorded_us, is_timed=True) == (1.5, recorded_us)
        assert look(each, "0s") == "the recording ends at 2025-05-01T10:03:00Z"


@pytest.mark.parametrize(
    ("signal", "type_", "value"),
    [("a.x", SignalType.DOUBLE, 2), ("a.flag", SignalType.BOOL, 0), ("a.text", SignalType.STRING, "2"), ("a.x", None, 2)],
)
def test_a_cell_is_read_by_the_type_of_its_signal(source, signal, type_, value):
    """
    What is written down of it later is what was judged: no cell is left in a sample.
    """
    played, _ = look(source(TABLE, "r.csv", rollout="two"), "0s", signal, type=type_)
    assert (played, type(played)) == (value, type(value))


def test_one_rollout_of_many_has_to_be_named(source):
    with pytest.raises(Unavailable) as wrong:
        source(TABLE, "r.csv")
    assert (wrong.value.message, wrong.value.help) == (
        "source `old`: the recording has 2 rollouts", "give `rollout`, one of `one` and `two`"
    )  # fmt: skip
    with pytest.raises(Unavailable, match="no rollout `three`"):
        source(TABLE, "r.csv", rollout="three")


def test_a_file_that_is_not_there_and_one_that_is_no_recording(source, tmp_path):
    with pytest.raises(Unavailable, match=r"source `old`: there is no file `.*nowhere\.csv`"):
        RecordedSignals("old", RecordingParameters(file=str(tmp_path / "nowhere.csv")), World(variables={}, read_file=str))
    with pytest.raises(Unavailable, match=r"source `old`: cannot read `.*`: is a directory"):
        RecordedSignals("old", RecordingParameters(file=str(tmp_path)), World(variables={}, read_file=str))
    with pytest.raises(InvalidInput) as wrong:
        source("nonsense", "r.jsonl")
    assert wrong.value.findings[0].span.line == 1
