"""
What is written is read back: samples and every event, bit for bit.
"""

import json
from math import inf, nan

import jsonschema
import pytest
from canarypolicy.documents.duration import parse_instant
from canarypolicy.engine import event as events
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.history.event_object import EVENTS
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.recording_text import event_line, header_line, sample_line, text_of_line
from canarypolicy.reports.result_schemas import recording_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from driver import ORIGIN_US, program_of

LAW = settings(deadline=None, derandomize=True, max_examples=200)
AT = st.integers(parse_instant("0001-01-02T00:00:00Z"), parse_instant("9999-12-30T00:00:00Z"))
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NAME = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
WEIGHT = st.none() | st.floats(0, 100)
BY = st.none() | TEXT
VALUE = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30) | st.booleans() | TEXT
JSON = st.recursive(
    st.none() | VALUE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
SAMPLES = st.builds(
    RawSample,
    at_us=AT,
    signals=st.dictionaries(NAME, VALUE | st.none(), max_size=4),
    why=st.dictionaries(NAME, TEXT, max_size=2),
    times_us=st.dictionaries(NAME, AT, max_size=2),
    step=st.none() | TEXT,
    weight=WEIGHT,
)
RESULT = st.dictionaries(TEXT, JSON, max_size=3)
EACH = {
    "step": st.builds(events.StepEvent, at_us=AT, step=NAME, weight=WEIGHT),
    "gate": st.builds(events.GateEvent, at_us=AT, gate=NAME, result=RESULT, passed=st.none() | st.booleans())
    | st.builds(events.GateEvent, at_us=AT, gate=NAME, result=st.none() | RESULT, passed=st.booleans()),
    "abort": st.builds(events.AbortEvent, at_us=AT, by=BY, reason=BY),
    "pause": st.builds(events.PauseEvent, at_us=AT, by=BY, reason=BY),
    "resume": st.builds(events.ResumeEvent, at_us=AT, by=BY),
    "approve": st.builds(events.ApproveEvent, at_us=AT, step=BY, by=BY),
    "freeze": st.builds(events.FreezeEvent, at_us=AT, by=BY, reason=BY, until_us=st.none() | AT),
    "unfreeze": st.builds(events.UnfreezeEvent, at_us=AT, by=BY),
    "signal": st.builds(events.SignalEvent, at_us=AT, signals=st.dictionaries(NAME, VALUE | st.none(), max_size=3), by=BY),
    "drift": st.builds(events.DriftEvent, at_us=AT, weight=WEIGHT),
}
VALIDATOR = jsonschema.Draft202012Validator(recording_schema())


def read_back(*lines):
    text = "".join(text_of_line(line) for line in (header_line("shop", by="a test"), *lines))
    (recording,) = read_recordings(text.encode(), "x.jsonl")
    assert recording.rollout == "shop"
    assert not recording.notes
    return recording.items


@given(SAMPLES)
@LAW
def test_a_sample_is_read_back_as_it_was(raw):
    assert repr(read_back(sample_line(raw))) == repr((raw,))  # -0.0 is not 0.0, and 1 is not 1.0


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_read_back_as_it_was(name):
    @given(EACH[name])
    @LAW
    def law(event):
        line = event_line(event)
        assert line["event"] == name
        VALIDATOR.validate(line)
        assert repr(read_back(line)) == repr((event,))

    law()


@pytest.mark.parametrize("value", [nan, inf, -inf], ids=repr)
def test_what_json_cannot_say_is_judged_alike(value):
    """
    A live decision and the replay of its journal see the same missing signal for the same reason.
    """
    program = program_of()
    raw = RawSample(at_us=ORIGIN_US, signals=dict.fromkeys(program.signals, value), why={"canary.errors": "its source is down"})
    (again,) = read_back(sample_line(raw))
    assert admit_sample(again, program.signals) == admit_sample(raw, program.signals)


def test_what_json_cannot_say_in_an_event():
    """
    Set by hand, NaN stays a value that is none; null would take a value back.
    """
    signal, gate = read_back(
        event_line(events.SignalEvent(at_us=ORIGIN_US, signals={"a.b": nan, "a.c": None})),
        event_line(events.GateEvent(at_us=ORIGIN_US, gate="g", result={"deep": [{"worst": inf}, (1, 2)]})),
    )
    assert signal.signals == {"a.b": "nan", "a.c": None}
    assert gate.result == {"deep": [{"worst": None}, [1, 2]]}
    drift = event_line(events.DriftEvent(at_us=ORIGIN_US, weight=nan))
    assert drift == {"t": "2026-01-01T00:00:00Z", "event": "drift"}


def test_a_gate_without_an_outcome_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="a result, an outcome or both"):
        event_line(events.GateEvent(at_us=ORIGIN_US, gate="g"))


def test_a_line_is_one_line_of_plain_json():
    text = text_of_line(sample_line(RawSample(at_us=ORIGIN_US, signals={"a.b": "x\ny\u2028é"})))
    assert text.count("\n") == 1
    assert json.loads(text) == {"t": "2026-01-01T00:00:00Z", "signals": {"a.b": "x\ny\u2028é"}}
    assert "é" in text
