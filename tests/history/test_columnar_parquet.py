"""
A Parquet table replayed in columns ends as the same table read row by row, whatever its columns are; and what is amiss is not guessed.
"""

import io
import json
import random

import pyarrow as pa
import pytest
from canarypolicy.engine.columnar_fold import VERDICTS
from canarypolicy.history import columnar_parquet
from canarypolicy.history.columnar_parquet import NotColumnar, batches_of
from canarypolicy.history.columnar_replay import ColumnarReplay
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.replay import replay
from pyarrow import parquet

from driver import ORIGIN_US, program_of

POLICY = {
    "apiVersion": "canarypolicy/v1",
    "kind": "RolloutPolicy",
    "metadata": {"name": "lake"},
    "signals": {
        "canary.errors": {"range": [0, 1], "healthy": 0.001, "worse": "higher"},
        "canary.restarts": {"type": "int", "range": [0, None], "healthy": 0, "worse": "higher"},
        "canary.load": {"range": [0, 9], "healthy": 1.0},
        "incident.data": {"type": "bool", "healthy": False, "worse": "higher"},
        "zone.state": {"type": "string", "values": ["ready", "busy", "down"], "healthy": "ready"},
        "zone.other": {"type": "string", "values": ["x"], "healthy": "x"},
        "canary.absent": {"type": "bool", "healthy": False},
    },
    "derived": {
        "errors.mean": {"mean": {"of": "canary.errors", "over": "4m"}},
        "errors.middle": {"quantile": {"of": "canary.errors", "q": 0.5, "over": "4m"}},
        "zone.seen": {"count": {"of": "zone.state", "over": "4m"}},
    },
    "slos": [
        {"name": "low", "require": "canary.errors < 0.02 && canary.load < 8.0", "for": "2m"},
        {"name": "calm", "require": "errors.mean < 0.3 || canary.restarts < 3", "for": {"samples": 2, "of": 3}},
    ],
    "rollback": [
        {"name": "high", "when": "canary.errors >= 0.5", "unless": "incident.data", "for": "1m"},
        {"name": "down", "when": 'zone.state == "down"', "for": {"samples": 2, "of": 4}},
        {"name": "silent", "when": "canary.restarts > 7", "missing": "rollback", "after": "6m"},
    ],
    "hold": [
        {"name": "busy", "when": 'zone.state.startsWith("bu")', "missing": "ignore", "steps": ["b"]},
        {"name": "middle", "when": "errors.middle > 0.4 && zone.seen > 1", "missing": "ignore"},
        {"name": "early", "when": "rollout.elapsed_seconds < 100.0"},
        {"name": "other", "when": 'zone.other == "x" && canary.absent', "missing": "ignore"},
    ],
    "plan": {
        "every": "1m",
        "steps": [{"name": "a", "weight": 10, "min": "3m"}, {"name": "b", "weight": 50, "min": "2m", "max": "9m", "on_timeout": "rollback"}, {"name": "c", "weight": 100, "min": "2m"}],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def program():
    return program_of(json.dumps(POLICY))


def rows(rng, rollouts, steps):
    """Draw rows with every kind of cell."""
    table = {
        name: []
        for name in (
            "time",
            "rollout",
            "step",
            "canary.errors",
            "canary.restarts",
            "canary.load",
            "incident.data",
            "zone.state",
            "not.declared",
        )
    }
    for rollout in range(rollouts):
        calm = rng.random() < 0.4
        at_us, trouble, late = ORIGIN_US + rollout, rng.random() < 0.4, rng.randrange(4)
        for index in range(rng.randrange(1, 30)):
            at_us += rng.choice([60, 60, 60, 60, 30, 200]) * 1_000_000
            bad = trouble and not calm and index % 11 > 6
            table["time"].append(at_us)
            table["rollout"].append(f"r{rollout}")
            table["step"].append(rng.choice(["a", None, ""]) if steps and index >= late else None)
            table["canary.errors"].append(
                rng.choice([0.6, 2.0, None])
                if bad
                else rng.choice([0.001, 0.001, 0.01, -1.0, float("nan"), float("inf")][: 3 if calm else 6])
            )
            table["canary.restarts"].append(rng.choice([0, 0, 1, 8, -1, None][: 3 if calm else 6]))
            table["canary.load"].append(rng.choice([1, 1, 2, 8, 10][: 3 if calm else 5]))
            table["incident.data"].append(rng.choice([False, False, False, True, None]))
            table["zone.state"].append(rng.choice(["down", "busy", "lost", None]) if bad else "ready")
            table["not.declared"].append(1.0)
    return table


def written(table, **options):
    sink = io.BytesIO()
    columns = {
        name: pa.array(values, pa.timestamp("us")) if name == "time" else pa.array(values) for name, values in table.items()
    }
    columns |= {name: columns[name].cast(type_) for name, type_ in options.pop("cast", {}).items()}
    parquet.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def in_columns(program, data, start_us=None):
    ready = ColumnarReplay(program)
    found = {}
    for batch in batches_of(io.BytesIO(data), ready, start_us=start_us):
        replayed = ready.replay(batch.samples)
        assert "errors.middle" in replayed.folded
        for name, outcome in zip(batch.rollouts, replayed.outcomes, strict=True):
            found[name] = (outcome, [])
        for place, (row, rollout) in enumerate(zip(replayed.changes.rows, replayed.changes.rollouts, strict=True)):
            what = (
                int(batch.samples.times_us[row]), VERDICTS[replayed.changes.verdicts[place]],
                program.steps[replayed.changes.steps[place]].name, replayed.changes.reasons_of(program, place),
            )  # fmt: skip
            found[batch.rollouts[rollout]][1].append(what)
    return found


def row_by_row(program, data, start_us=None):
    found = {}
    for recording in read_recordings(data, "lake.parquet"):
        timeline = replay(program, recording, start_us=start_us)
        changes = [
            (d.at_us, d.verdict, d.step, frozenset((r.rule, r.kind, r.state) for r in d.reasons)) for d in timeline.changes
        ]
        found[recording.rollout] = (timeline.outcome, changes)
    return found


@pytest.mark.parametrize("pieces", [7, 64, 1 << 16])
@pytest.mark.parametrize("steps", [False, True])
def test_columns_end_as_rows_do(program, pieces, steps, monkeypatch):
    """Rollouts that go on over row groups and pieces are whole again."""
    monkeypatch.setattr(columnar_parquet, "ROWS_AT_ONCE", pieces)
    rng = random.Random(3)
    outcomes = set()
    for _ in range(4):
        table = rows(rng, 60, steps)
        if not steps:
            del table["step"]
        data = written(table, row_group_size=rng.choice([5, 50, 5000]))
        expected = row_by_row(program, data)
        assert in_columns(program, data) == expected
        outcomes |= {outcome.value for outcome, _ in expected.values()}
    assert outcomes == {"complete", "rolled-back", "holding"}


CASTS = {
    "32-bit floats": {"canary.load": pa.float32()}, "whole floats for ints": {"canary.restarts": pa.float64()}, "times in seconds": {"time": pa.timestamp("s")},
    "numbers for bools": {"incident.data": pa.int8()}, "bools for numbers": {"canary.load": pa.bool_()}, "texts for numbers": {"canary.load": pa.string()},
    "numbers for texts": {"zone.state": pa.float64()}, "dictionaries": {"zone.state": pa.dictionary(pa.int32(), pa.string())}, "nulls": {"zone.state": pa.null()},
    "large texts": {"zone.state": pa.large_string()}, "floats for bools": {"incident.data": pa.float64()},
}  # fmt: skip


@pytest.mark.parametrize("case", CASTS)
def test_cells_of_another_type_are_taken_as_rows_take_them(program, case):
    table = rows(random.Random(5), 30, steps=False)
    del table["step"]
    if case in ("numbers for texts", "nulls"):
        table["zone.state"] = [None] * len(table["time"])
    if "seconds" in case:
        table["time"] = [at_us // 1_000_000 * 1_000_000 for at_us in table["time"]]
    if "bools" in case and "incident.data" in CASTS[case]:
        table["incident.data"] = [None if each is None else int(each) for each in table["incident.data"]]
    data = written(table, cast=CASTS[case])
    assert in_columns(program, data) == row_by_row(program, data)


def test_a_start_that_is_given_counts_for_all(program):
    table = rows(random.Random(5), 30, steps=True)
    data = written(table)
    start_us = ORIGIN_US + 5 * 60_000_000
    assert in_columns(program, data, start_us) == row_by_row(program, data, start_us)


def test_a_table_without_rollouts_is_one(program):
    table = rows(random.Random(8), 1, steps=False)
    del table["rollout"], table["step"]
    data = written(table)
    (found,), (expected,) = in_columns(program, data).values(), row_by_row(program, data).values()
    assert found == expected


def broken(**changes):
    table = rows(random.Random(5), 3, steps=False)
    return written(
        {**table, **{name.replace("_", "."): change(table[name.replace("_", ".")]) for name, change in changes.items()}}
    )


AMISS = {
    "no time": lambda: written({"x": [1.0]}),
    "no Parquet": lambda: b"PAR1",
    "a row without a time": lambda: broken(time=lambda cells: [None, *cells[1:]]),
    "times that fall": lambda: broken(time=lambda cells: [cells[1], cells[0], *cells[2:]]),
    "a row without a rollout": lambda: broken(rollout=lambda cells: [*cells[:-1], None]),
    "a rollout with an empty name": lambda: broken(rollout=lambda cells: [*cells[:-1], ""]),
    "rollouts that are mixed": lambda: broken(rollout=lambda cells: ["b", *cells[1:-1], "b"]),
    "rollouts that are numbers": lambda: broken(rollout=lambda cells: [1.0 for _ in cells]),
    "times that are text": lambda: written({"x": [1.0]} | {"time": [0]}, cast={"time": pa.int64()}),
    "times far away": lambda: written({"time": [0], "x": [1.0]}, cast={"time": pa.timestamp("us")}) if False else _far(),
    "unsigned numbers": lambda: written({"time": [0], "canary.restarts": [1]}, cast={"canary.restarts": pa.uint64()}),
    "lists": lambda: written({"time": [0], "canary.load": [[1.0]]}),
}  # fmt: skip


def _far():
    sink = io.BytesIO()
    parquet.write_table(pa.table({"time": pa.array([2**61], pa.timestamp("ms"))}), sink)
    return sink.getvalue()


@pytest.mark.parametrize("case", AMISS)
def test_a_table_with_something_amiss_is_left_to_the_reader_of_rows(program, case):
    with pytest.raises(NotColumnar):
        list(batches_of(io.BytesIO(AMISS[case]()), ColumnarReplay(program)))


def test_an_empty_table_has_no_rollouts(program):
    assert list(batches_of(io.BytesIO(written({"time": []})), ColumnarReplay(program))) == []


def test_only_the_columns_that_are_referenced_are_read(program, monkeypatch):
    read = []
    right = parquet.ParquetFile.iter_batches

    def watched(self, **options):
        read.extend(options["columns"])
        return right(self, **options)

    monkeypatch.setattr(parquet.ParquetFile, "iter_batches", watched)
    list(batches_of(io.BytesIO(written(rows(random.Random(5), 2, steps=False))), ColumnarReplay(program)))
    assert "not.declared" not in read
    assert "canary.errors" in read


def test_a_policy_that_decides_by_its_own_steps_is_evaluated_once_a_step():
    by_step = POLICY | {
        "derived": {
            "errors.mean": {"mean": {"of": "canary.errors", "over": "4m", "within_step": True}},
            "errors.middle": {"frozen": {"of": "canary.errors", "at": "b", "over": "4m"}},
            "zone.seen": {"count": {"of": "canary.load", "over": "4m", "within_step": True}},
        },
        "hold": [
            {"name": "early", "when": 'rollout.step == "a" && rollout.step_elapsed_seconds < 260.0'},
            {"name": "middle", "when": "errors.middle > 0.4 && zone.seen > 1", "missing": "ignore"},
            {"name": "heavy", "when": "rollout.weight >= 50.0 && canary.load >= 2.0"},
        ],
    }
    program = program_of(json.dumps(by_step))
    assert ColumnarReplay(program).passes == 3
    data = written(rows(random.Random(11), 120, steps=True))
    assert in_columns(program, data) == row_by_row(program, data)
