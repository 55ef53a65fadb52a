"""
Recordings from text, and a small policy for them.
"""

import io
import json

from canarypolicy.documents.duration import SECOND_US, parse_instant
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.history.recorded_steps import recorded_entries
from canarypolicy.history.recording import read_recordings
from pyarrow import parquet as pq

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


def jsonl(*lines):
    return "\n".join([HEADER, *(json.dumps(line) for line in lines), ""]).encode()


def one(data, path, **kwargs):
    (recording,) = read_recordings(data, path, **kwargs)
    return recording


def admitted(program, recording):
    return [admit_sample(item, program.signals) for item in recording.items if isinstance(item, RawSample)]


def parquet(table):
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def steps_of(data):
    return [(entry.at_us, entry.step) for entry in recorded_entries(one(data, "x.csv").items)]
