"""
Laws of reading recordings and of replaying them.

What is written comes back; a file cut anywhere loses its end and nothing else; damage ends in a finding, never in a traceback.
"""

import gzip
import io
import json
import math
import random
from dataclasses import replace

import pyarrow as pa
from canarypolicy.documents.duration import SECOND_US, format_instant
from canarypolicy.engine.rollout import Follow
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.errors import InvalidInput
from canarypolicy.history.recording import Recording, read_recordings
from canarypolicy.history.replay import Outcome, replay
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq

from driver import ORIGIN_US, program_of

PROGRAM = program_of(
    signals="""
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.001, worse: higher}
  canary.restarts: {type: int, healthy: 0}
  canary.ready: {type: bool, healthy: true}
  canary.build: {type: string, healthy: '1', values: ['1', '1.0', 'true', 'nan', 'a,"b"', ' x']}
""",
    rules="slos: [{name: low, require: canary.errors < 0.01}]\nrollback: [{name: high, when: canary.errors >= 0.5, for: 1m}]",
    plan="plan: {every: 1m, steps: [{name: a, weight: 10, min: 2m}, {name: b, weight: 50, min: 3m}, {name: c, weight: 100, min: 1m}]}",
)
VALUES = {
    "canary.errors": st.floats() | st.floats(0, 1) | st.integers(-2, 2) | st.none(),
    "canary.restarts": st.integers(-(2**63), 2**63 - 1) | st.none(),
    "canary.ready": st.booleans() | st.none(),
    "canary.build": st.sampled_from(["1", "1.0", "true", "nan", 'a,"b"', " x", None]),
}
ROWS = st.lists(st.tuples(st.integers(1, 10**10), st.fixed_dictionaries(VALUES)), min_size=1, max_size=8)
GENTLE = settings(deadline=None, derandomize=True, max_examples=150)


def raws_of(rows):
    at_us, raws = ORIGIN_US, []
    for ahead_us, values in rows:
        at_us += ahead_us
        raws.append(RawSample(at_us=at_us, signals={name: value for name, value in values.items() if value is not None}))
    return raws


def cell(value):
    text = {True: "true", False: "false", None: ""}.get(value) if isinstance(value, bool | None) else str(value)
    return '"' + text.replace('"', '""') + '"' if '"' in text or "," in text else text


def csv_of(raws, rollouts=None):
    names = list(VALUES)
    head = ["time", *(["rollout"] if rollouts else []), *names]
    lines = [",".join(head)]
    for index, raw in enumerate(raws):
        of = [rollouts[index]] if rollouts else []
        lines.append(",".join([format_instant(raw.at_us), *of, *(cell(raw.signals.get(name)) for name in names)]))
    return ("\n".join(lines) + "\n").encode()


def jsonl_of(raws):
    lines = [{"recording": "canarypolicy/v1", "rollout": "x"}]
    lines += [{"t": format_instant(raw.at_us), "signals": dict(raw.signals)} for raw in raws]
    return ("\n".join(json.dumps(line) for line in lines) + "\n").encode()


def parquet_of(raws):
    kinds = dict(zip(VALUES, (pa.float64(), pa.int64(), pa.bool_(), pa.string()), strict=True))
    columns = {
        name: pa.array([raw.signals.get(name) for raw in raws], type=kind, from_pandas=False) for name, kind in kinds.items()
    }
    sink = io.BytesIO()
    pq.write_table(pa.table({"time": pa.array([raw.at_us for raw in raws], type=pa.timestamp("us", tz="UTC")), **columns}), sink)
    return sink.getvalue()


def admitted(items):
    """Give samples without why: each format has its own words for what it does not say."""
    samples = [admit_sample(item, PROGRAM.signals) for item in items]
    return [(sample.at_us, sample.values, sample.missing.keys(), sample.clipped) for sample in samples]


@given(ROWS)
@GENTLE
def test_what_is_written_comes_back_from_every_format(rows):
    raws = raws_of(rows)
    for data, path in ((csv_of(raws), "x.csv"), (jsonl_of(raws), "x.jsonl"), (parquet_of(raws), "x.parquet")):
        (recording,) = read_recordings(data, path)
        assert recording.rollout == "x"
        assert admitted(recording.items) == admitted(raws), path


@given(ROWS)
@GENTLE
def test_compressed_is_plain(rows):
    data = csv_of(raws_of(rows))
    (plain,), (packed,) = read_recordings(data, "x.csv"), read_recordings(gzip.compress(data), "x.csv.gz")
    assert plain.items == packed.items


@given(st.lists(ROWS, min_size=1, max_size=3), st.randoms(use_true_random=False))
@GENTLE
def test_however_the_rows_of_rollouts_are_shuffled_together_each_rollout_is_the_same(many, rng):
    """Only the order within a rollout says anything."""
    courses = {f"r{index}": raws_of(rows) for index, rows in enumerate(many)}
    turns = [name for name, raws in courses.items() for _ in raws]
    rng.shuffle(turns)
    left = {name: iter(raws) for name, raws in courses.items()}
    recordings = read_recordings(csv_of([next(left[name]) for name in turns], turns), "x.csv")
    assert [recording.rollout for recording in recordings] == list(dict.fromkeys(turns))
    for recording in recordings:
        (alone,) = read_recordings(csv_of(courses[recording.rollout]), "x.csv")
        assert recording.items == alone.items


@given(ROWS, st.floats(0, 1))
@GENTLE
def test_a_jsonl_file_cut_anywhere_behind_its_header_keeps_every_whole_line(rows, part):
    """A cut object is never a whole one: no half of a sample is taken for a sample."""
    data = jsonl_of(raws_of(rows))
    first = data.index(b"\n", data.index(b"\n") + 1) + 1
    cut = data[: first + math.floor((len(data) - first) * part)]
    (whole,), (torn,) = read_recordings(data, "x.jsonl"), read_recordings(cut, "x.jsonl")
    assert len(torn.items) in (cut.count(b"\n") - 1, cut.count(b"\n"))
    assert len(torn.notes) == (0 if cut.endswith((b"\n", b"}}")) else 1)
    shown = [repr(item) for item in torn.items]  # NaN is not equal to itself
    assert shown == [repr(item) for item in whole.items[: len(shown)]]


@given(ROWS, st.floats(0, 1))
@GENTLE
def test_a_csv_file_cut_anywhere_behind_its_first_row_keeps_every_row_before(rows, part):
    """The last row may be cut within a value, which nobody can see."""
    data = csv_of(raws_of(rows))
    first = data.index(b"\n", data.index(b"\n") + 1) + 1
    cut = data[: first + math.floor((len(data) - first) * part)]
    (whole,), (torn,) = read_recordings(data, "x.csv"), read_recordings(cut, "x.csv")
    kept = cut.count(b"\n") - 1
    assert torn.items[:kept] == whole.items[:kept]
    assert len(torn.items) in (kept, kept + 1)


@given(ROWS, st.integers(1, 200))
@GENTLE
def test_a_compressed_file_cut_anywhere_gives_a_beginning_or_a_finding(rows, lost):
    data = gzip.compress(csv_of(raws_of(rows)))
    (whole,) = read_recordings(data, "x.csv.gz")
    read, findings = read_or_found(data[: max(2, len(data) - lost)], "x.csv.gz")
    assert {finding.name for finding in findings} == ({"torn-line"} if read else {"torn-line", "empty-recording"})
    for torn in read:
        assert torn.items == whole.items[: len(torn.items)]


def read_or_found(data, path):
    """Give the recordings and their notes, or no recordings and the findings."""
    try:
        read = read_recordings(data, path, now_us=ORIGIN_US)
    except InvalidInput as refused:
        return (), refused.findings
    return read, [note for recording in read for note in recording.notes]


def damaged(data, rng):
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                data[at : at + rng.choice([1, 3, 20])] = b""
            case 1:
                data[at:at] = rng.choice(
                    [b'"', b",", b"\n", b"{", b"}", b"\x00", b"\xff", b"9" * 500, b"nan", b"[" * 2000, b"\\ud800"]
                )
            case 2:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 3:
                lines = data.splitlines(keepends=True)
                lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines or [b"\n"]))
                data = bytearray(b"".join(lines))
            case _:
                data[at:at] = data[: rng.randrange(60)]
    return bytes(data)


@given(ROWS, st.sampled_from(["csv", "csv.gz", "jsonl", "json", "parquet"]), st.integers(0, 2**32))
@settings(deadline=None, derandomize=True, max_examples=400)
def test_whatever_is_done_to_a_file_it_ends_in_recordings_that_rise_or_in_findings(rows, ending, seed):
    raws = raws_of(rows)
    whole = {
        "csv": csv_of,
        "csv.gz": lambda raws: gzip.compress(csv_of(raws), mtime=0),
        "jsonl": jsonl_of,
        "json": lambda raws: jsonl_of(raws[:1]).split(b"\n")[1],
        "parquet": parquet_of,
    }[ending](raws)
    recordings, findings = read_or_found(damaged(whole, random.Random(seed)), f"x.{ending}")
    assert bool(recordings) is not any(finding.is_error for finding in findings)
    for recording in recordings:
        times = [item.at_us for item in recording.items]
        assert times == sorted(set(times))
        replay(PROGRAM, recording)


@given(st.lists(st.sampled_from([0.001, 0.001, 0.001, 0.001, 0.02, 0.6, None]), min_size=1, max_size=20))
@GENTLE
def test_a_recording_of_the_policys_own_course_replays_to_it_whether_followed_or_not(values):
    """Each sample tells the step it was judged in; then the two ways to follow are one, and the courses never part."""
    samples = [
        RawSample(at_us=ORIGIN_US + 60 * SECOND_US * index, signals={} if value is None else {"canary.errors": value})
        for index, value in enumerate(values)
    ]
    bare = replay(PROGRAM, Recording(rollout="x", source="x.csv", items=tuple(samples)))
    ends = next((index for index, each in enumerate(bare.decisions) if bare.outcome is Outcome.ROLLED_BACK and each.verdict.value == "rollback"), len(samples))  # fmt: skip
    items = tuple(replace(raw, step=each.step) for raw, each in zip(samples, bare.decisions, strict=True))[: ends + 1]
    recording = Recording(rollout="x", source="x.csv", items=items)
    own, followed = replay(PROGRAM, recording), replay(PROGRAM, recording, follow=Follow.RECORDING)
    assert own.decisions == followed.decisions == bare.decisions[: ends + 1]
    for timeline in (own, followed):
        assert (timeline.first_divergence_us, timeline.counterfactual_from_us) == (None, None)
