"""
Recordings as they are meant to be: formats, rollouts, events, order.
"""

import gzip
import math
from decimal import Decimal

import pyarrow as pa
import pytest
from canarypolicy.documents.duration import SECOND_US
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
from canarypolicy.history.recording import read_recordings

from recorded import AT, MINUTE, admitted, jsonl, one, parquet


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
