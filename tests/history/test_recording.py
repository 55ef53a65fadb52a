"""
Recordings as they are meant to be: formats, rollouts, events, order.
"""

import gzip
import io
import json
import math
from decimal import Decimal

import pyarrow as pa
import pytest
from canarypolicy.documents.duration import SECOND_US, parse_instant
from canarypolicy.engine.event import (
    AbortEvent,
    ApproveEvent,
    DriftEvent,
    FreezeEvent,
    GateEvent,
    PauseEvent,
    ResumeEvent,
    SignalEvent,
    StepEvent,
    UnfreezeEvent,
)
from canarypolicy.engine.rollout import Follow
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.errors import InvalidInput
from canarypolicy.history.evaluation import Whereabouts, evaluate, recorded_entry, until
from canarypolicy.history.recorded_steps import RecordedSteps, in_recorded_order, recorded_entries
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.replay import Outcome, compare, replay
from pyarrow import parquet as pq

from driver import drive, program_of

AT = parse_instant("2026-05-01T10:00:00Z")
MINUTE = 60 * SECOND_US
HEADER = '{"recording": "canarypolicy/v1", "rollout": "shop"}'
SIGNALS = """
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.001, worse: higher}
  canary.restarts: {type: int, healthy: 0, range: [0, null]}
  canary.ready: {type: bool, healthy: true}
  canary.build: {type: string, healthy: '1', values: ['1', '1.0', 'true']}
"""
RULES = "slos: [{name: low, require: canary.errors < 0.01}]\nrollback: [{name: high, when: canary.errors >= 0.5}]"
PLAN = "plan:\n  every: 1m\n  steps: [{name: a, weight: 10, min: 2m}, {name: b, weight: 100, min: 2m}]"


@pytest.fixture(scope="module")
def program():
    return program_of(signals=SIGNALS, rules=RULES, plan=PLAN)


def jsonl(*lines):
    return "\n".join([HEADER, *(json.dumps(line) for line in lines), ""]).encode()


def one(data, path, **kwargs):
    (recording,) = read_recordings(data, path, **kwargs)
    return recording


def admitted(program, recording):
    return [admit_sample(item, program.signals) for item in recording.items if isinstance(item, RawSample)]


def test_cells_are_what_the_declared_type_reads_in_them(program):
    text = "time,canary.errors,canary.restarts,canary.ready,canary.build\n1777629600,1e-3,2,1,1\n1777629660, .5 ,3.0,TRUE,1.0\n1777629720,nan,-,no,true\n1777629780,,,,\n1777629840,-inf,1e999,0.0,2\n"
    first, second, third, fourth, fifth = admitted(program, one(text.encode(), "x.csv"))
    assert first.values == {"canary.errors": 0.001, "canary.restarts": 2, "canary.ready": True, "canary.build": "1"}
    assert second.values == {"canary.errors": 0.5, "canary.restarts": 3, "canary.ready": True, "canary.build": "1.0"}
    assert third.values == {"canary.build": "true"}
    assert third.missing["canary.errors"] == "not a number"
    assert fourth.values == {}
    assert fifth.values == {"canary.ready": False}
    assert fifth.missing["canary.errors"] == "infinite"


def test_a_blank_cell_and_a_very_long_number_say_nothing_of_a_double(program):
    (sample,) = admitted(program, one(f'time,canary.errors,canary.restarts\n1777629600,"  ",{"9" * 500}\n'.encode(), "x.csv"))
    assert sample.values == {}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_break_and_a_byte_order_mark(newline):
    data = (
        "\ufefftime,step,weight,canary.errors"
        + newline
        + f"2026-05-01T10:00:00Z,a,10,0.1{newline}{newline}2026-05-01T10:01:00+00:00,b,50.5,"
    ).encode()
    recording = one(data, "shop-2.5-1.csv")
    assert recording.rollout == "shop-2.5-1"
    assert [(item.at_us, item.step, item.weight) for item in recording.items] == [(AT, "a", 10.0), (AT + MINUTE, "b", 50.5)]
    assert list(recording.steps) == ["a", "b"]
    assert recording.steps["b"].line == 4


def test_compressed_is_the_same_as_plain():
    data = b"time,canary.errors\n2026-05-01T10:00:00Z,0.1\n"
    plain, packed = one(data, "a/x.csv"), one(gzip.compress(data), "a/x.csv.gz")
    assert (plain.items, plain.rollout) == (packed.items, packed.rollout)
    lines = jsonl({"t": 1777629600, "signals": {}})
    assert one(lines, "x.jsonl").items == one(gzip.compress(lines), "x.jsonl.gz").items


def test_many_rollouts_of_one_file_each_in_its_own_order():
    data = b"time,rollout,canary.errors\n1777629600,a,1\n1777629600,b,2\n1777629660,b,3\n1777629630,a,4\n"
    first, second = read_recordings(data, "x.csv")
    assert (first.rollout, [item.at_us for item in first.items]) == ("a", [AT, AT + 30 * SECOND_US])
    assert (second.rollout, len(second.items)) == ("b", 2)


def test_every_event_and_all_that_it_says():
    t = "2026-05-01T10:00:00Z"
    lines = [
        {"t": t, "event": "step", "step": "a", "weight": 10}, {"t": t, "event": "gate", "gate": "g", "result": {"failed": 0}, "passed": True},
        {"t": t, "event": "abort", "by": "ann", "reason": "x"}, {"t": t, "event": "pause", "by": "ann"}, {"t": t, "event": "resume"},
        {"t": t, "event": "approve", "step": "a"}, {"t": t, "event": "freeze", "until": "2026-05-01T11:00:00Z"}, {"t": t, "event": "unfreeze"},
        {"t": t, "event": "signal", "signals": {"incident.data": True}, "by": "bo"}, {"t": t, "event": "drift", "weight": None},
        {"t": t, "event": "freeze"}, {"t": t, "event": "step", "step": "b", "weight": math.nan},
    ]  # fmt: skip
    assert one(jsonl(*lines), "x.jsonl").items == (
        StepEvent(at_us=AT, step="a", weight=10.0), GateEvent(at_us=AT, gate="g", result={"failed": 0}, passed=True),
        AbortEvent(at_us=AT, by="ann", reason="x"), PauseEvent(at_us=AT, by="ann"), ResumeEvent(at_us=AT),
        ApproveEvent(at_us=AT, step="a"), FreezeEvent(at_us=AT, until_us=AT + 60 * MINUTE), UnfreezeEvent(at_us=AT),
        SignalEvent(at_us=AT, signals={"incident.data": True}, by="bo"), DriftEvent(at_us=AT),
        FreezeEvent(at_us=AT), StepEvent(at_us=AT, step="b"),
    )  # fmt: skip


def test_a_sample_and_all_that_it_says(program):
    line = {
        "t": "2026-05-01T10:00:00.25Z", "signals": {"canary.errors": math.nan, "canary.restarts": 10**500}, "why": {"canary.ready": "HTTP 503", "x": None},
        "times": {"canary.errors": 1777629599}, "step": "a", "weight": 10,
    }  # fmt: skip
    recording = one(jsonl(line), "x.jsonl")
    (item,) = recording.items
    assert (item.at_us, item.step, item.weight, item.times_us) == (
        AT + SECOND_US // 4,
        "a",
        10.0,
        {"canary.errors": AT - SECOND_US},
    )
    assert item.why == {"canary.ready": "HTTP 503"}
    (sample,) = admitted(program, recording)
    assert sample.missing["canary.ready"] == "HTTP 503"
    assert sample.missing["canary.restarts"] == "infinite"


def test_an_event_at_the_time_of_a_sample_comes_first_whatever_the_file_says():
    lines = [{"t": 1777629600, "signals": {}}, {"t": 1777629600, "event": "pause"}, {"t": 1777629660, "signals": {}}]
    assert [type(item).__name__ for item in one(jsonl(*lines), "x.jsonl").items] == ["PauseEvent", "RawSample", "RawSample"]


def test_json_is_one_sample_whole_or_bare():
    whole = one(b'{"t": "2026-05-01T10:00:00Z", "signals": {"canary.errors": 0.1}, "step": "a"}', "x.json")
    bare = one(b' {"canary.errors": 0.1} ', "x.json", now_us=AT)
    assert whole.items[0].signals == bare.items[0].signals == {"canary.errors": 0.1}
    assert whole.items[0].at_us == bare.items[0].at_us == AT
    assert list(whole.steps) == ["a"]


@pytest.mark.parametrize(
    ("data", "samples"),
    [
        (jsonl({"t": 1777629600, "signals": {}}), 1),
        (b'{"canary.errors": 0.1}', 1),
        (b"time,canary.errors\n1777629600,1\n", 1),
    ],
    ids=["jsonl", "json", "csv"],
)
def test_standard_input_is_told_by_how_it_begins(data, samples):
    assert len(one(data, "-", now_us=AT).items) == samples


def parquet(table):
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_parquet_has_the_same_columns_typed(unit, program):
    scale = {"s": 1, "ms": 1000, "us": 10**6, "ns": 10**9}[unit]
    table = pa.table(
        {
            "time": pa.array([1777629600 * scale, 1777629660 * scale], type=pa.timestamp(unit, tz="UTC")),
            "step": pa.array(["a", None]).dictionary_encode(),
            "weight": [10, 10],
            "canary.errors": [0.1, None],
            "canary.restarts": pa.array([1, None], type=pa.int32()),
            "canary.ready": [True, None],
            "canary.build": ["1", None],
            "canary.cost": pa.array([Decimal("1.00"), Decimal("2.50")]),
            "canary.empty": pa.nulls(2),
        }
    )
    recording = one(parquet(table), "x.parquet")
    assert [item.at_us for item in recording.items] == [AT, AT + MINUTE]
    assert recording.items[0].step == "a"
    first, second = admitted(program, recording)
    assert first.values == {"canary.errors": 0.1, "canary.restarts": 1, "canary.ready": True, "canary.build": "1"}
    assert second.values == {}
    assert one(parquet(table), "-").items == recording.items


def test_parquet_times_may_be_text_or_seconds():
    for times in (["2026-05-01T10:00:00Z"], [1777629600], [1777629600.0]):
        assert one(parquet(pa.table({"time": times, "canary.errors": [0.1]})), "x.parquet").items[0].at_us == AT


def steps_of(data):
    return [(entry.at_us, entry.step) for entry in recorded_entries(one(data, "x.csv").items)]


def test_a_step_that_samples_begin_to_name_was_entered_at_the_sample_before():
    data = b"time,step,canary.errors\n1777629600,a,0\n1777629660,a,0\n1777629720,b,0\n1777629780,,0\n1777629840,b,0\n"
    assert steps_of(data) == [(AT, "a"), (AT + MINUTE, "b")]


def test_following_a_recording_judges_each_sample_in_its_recorded_step(program):
    data = b"time,step,canary.errors\n" + b"".join(
        b"%d,%s,0\n" % (1777629600 + 60 * n, b"a" if n < 3 else b"b") for n in range(6)
    )
    timeline = replay(program, one(data, "x.csv"), follow=Follow.RECORDING)
    assert [decision.step for decision in timeline.decisions] == ["a", "a", "a", "b", "b", "b"]
    assert timeline.outcome is Outcome.COMPLETE
    assert (timeline.first_divergence_us, timeline.counterfactual_from_us) == (None, None)


def test_a_recording_that_stays_longer_is_counterfactual_from_the_first_sample_elsewhere(program):
    data = b"time,step,canary.errors\n" + b"".join(b"%d,a,0\n" % (1777629600 + 60 * n) for n in range(6))
    timeline = replay(program, one(data, "x.csv"))
    assert (timeline.first_divergence_us, timeline.counterfactual_from_us) == (AT + 2 * MINUTE, AT + 3 * MINUTE)


def test_after_a_rollback_what_the_recording_goes_on_with_is_counterfactual(program):
    data = b"time,step,canary.errors\n1777629600,a,0.9\n1777629660,a,0.9\n"
    timeline = replay(program, one(data, "x.csv"))
    assert (timeline.outcome, timeline.counterfactual_from_us) == (Outcome.ROLLED_BACK, AT + MINUTE)


def test_after_an_abort_no_step_is_recorded(program):
    lines = [
        {"t": 1777629600, "event": "step", "step": "a"},
        {"t": 1777629600, "signals": {"canary.errors": 0.9}},
        {"t": 1777629630, "event": "abort"},
        {"t": 1777629660, "signals": {}},
    ]
    timeline = replay(program, one(jsonl(*lines), "x.jsonl"))
    assert timeline.counterfactual_from_us is None


def test_a_sample_at_the_very_time_of_a_step_event_still_belongs_to_the_old_step(program):
    lines = [
        {"t": 1777629600, "event": "step", "step": "a"}, {"t": 1777629600, "signals": {"canary.errors": 0}}, {"t": 1777629660, "event": "pause"},
        {"t": 1777629660, "event": "step", "step": "b"}, {"t": 1777629660, "event": "resume"}, {"t": 1777629660, "signals": {"canary.errors": 0}},
        {"t": 1777629690, "event": "step", "step": "a"}, {"t": 1777629700, "event": "pause"}, {"t": 1777629720, "signals": {"canary.errors": 0}}, {"t": 1777629780, "event": "step", "step": "b"},
    ]  # fmt: skip
    items = one(jsonl(*lines), "x.jsonl").items
    entries = recorded_entries(items)
    steps = RecordedSteps(entries, items)
    assert [steps.at(AT + n * MINUTE) for n in (-1, 0, 1, 2)] == [None, "a", "a", "a"]
    decisions = [decision.step for decision in replay(program, one(jsonl(*lines), "x.jsonl"), follow=Follow.RECORDING).decisions]
    assert decisions == ["a", "a", "a"]
    assert len(in_recorded_order(items, entries)) == len(items)


def test_steps_that_the_policy_does_not_have_and_no_steps_at_all(program):
    with pytest.raises(InvalidInput) as unknown:
        replay(program, one(b"time,step,canary.errors\n1777629600,aa,0\n", "x.csv"), follow=Follow.RECORDING)
    (finding,) = unknown.value.findings
    assert (finding.name, finding.span.line, finding.help) == (
        "unknown-step",
        2,
        "did you mean `a`? the policy's steps: `a`, `b`",
    )
    with pytest.raises(InvalidInput) as none:
        replay(program, one(b"time,canary.errors\n1777629600,0\n", "x.csv"), follow=Follow.RECORDING)
    assert none.value.findings[0].name == "no-recorded-steps"


def test_a_start_behind_the_end_judges_nothing_and_says_so(program):
    recording = one(b"time,canary.errors\n1777629600,0\n", "x.csv")
    timeline = replay(program, recording, start_us=AT + MINUTE)
    assert (timeline.outcome, timeline.decisions, timeline.notes[0].name) == (Outcome.HOLDING, (), "nothing-judged")
    assert replay(program, one(jsonl({"t": 1777629600, "event": "pause"}), "x.jsonl")).notes[0].name == "nothing-judged"


def test_two_timelines_are_compared_by_decision_and_step(program):
    stricter = program_of(signals=SIGNALS, rules=RULES.replace("0.5", "0.02"), plan=PLAN)
    recording = one(b"time,canary.errors\n1777629600,0\n1777629660,0.1\n", "x.csv")
    mine, other = replay(program, recording), replay(stricter, recording)
    assert compare(mine, other) == AT + MINUTE
    assert compare(mine, mine) is None


def test_evaluating_knows_where_the_rollout_is_from_outside_or_from_the_recording(program):
    data = b"time,step,canary.errors\n" + b"".join(
        b"%d,%s,0\n" % (1777629600 + 60 * n, b"a" if n < 2 else b"b") for n in range(4)
    )
    recording = one(data, "x.csv")
    assert recorded_entry(recording, "b") == AT + MINUTE
    assert recorded_entry(recording, "c") is None
    assert evaluate(program, recording, Whereabouts()).decision.elapsed_us == 2 * MINUTE
    assert evaluate(program, recording, Whereabouts(step="b")).decision.elapsed_us == 2 * MINUTE
    told = evaluate(program, recording, Whereabouts(step="b", since_us=AT + 2 * MINUTE))
    assert told.decision.elapsed_us == MINUTE
    assert told.observation.values["canary.errors"] == 0
    assert evaluate(program, until(recording, AT - 1), Whereabouts(step="a")) is None


def test_a_final_decision_keeps_what_it_was_made_from_and_an_event_has_no_observation(program):
    rolled_back = evaluate(program, one(b"time,canary.errors\n1777629600,0.9\n1777629660,0\n", "x.csv"), Whereabouts())
    assert rolled_back.observation.values["canary.errors"] == 0.9
    aborted = evaluate(
        program, one(jsonl({"t": 1777629600, "signals": {}}, {"t": 1777629610, "event": "abort"}), "x.jsonl"), Whereabouts()
    )
    assert aborted.observation is None


def test_the_fold_of_a_recording_is_the_fold_of_its_items(program):
    recording = one(b"time,canary.errors\n1777629600,0\n1777629660,0.9\n", "x.csv")
    assert list(replay(program, recording).decisions) == drive(program, admitted(program, recording))
