"""
Stories at the command line: the command, what it prints on both streams, and its exit status, in `tests/transcripts`.
"""

import json
import shlex
from pathlib import Path

import jsonschema
import pytest
from canarypolicy.reports.result_schemas import RESULT_SCHEMAS

from command_line import canarypolicy

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"

POLICY = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop, revision: 7}
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
  baseline.errors: {unit: ratio, range: [0, 1], healthy: 0.002}
slos:
  - {name: low, require: canary.errors < 0.01, for: 1m}
rollback:
  - {name: high, when: canary.errors >= 0.02, unless: baseline.errors >= 0.02, for: 2m}
plan:
  every: 1m
  gates: {before: [{name: ready, probe: p, require: result.failed == 0}]}
  steps:
    - {name: canary-10, weight: 10, min: 2m, max: 30m}
    - {name: full, weight: 100, min: 2m, max: 30m}
"""
TESTS = """\
apiVersion: canarypolicy/v1
kind: PolicyTest
metadata: {name: shop}
policy: policy.yaml
tests:
  - name: 'errors of ${rate} roll back'
    for_each: [{rate: 0.02}, {rate: 0.5}]
    series: {canary.errors: '0.002x1 ${rate}x3'}
    expect: [{first: rollback, at: 4m, because: [high]}]
  - name: a recorded rollout
    recording: bad.csv
    expect: [{at: 2026-05-01T10:03:00Z, decision: rollback}, {outcome: rolled-back}]
"""
FAILING = """\
apiVersion: canarypolicy/v1
kind: PolicyTest
metadata: {name: failing}
policy: policy.yaml
tests:
  - name: all that an expectation at a time can fail in
    series: {canary.errors: '0.002x1 0.03 _ 0.03x3', baseline.errors: '0.002x3 1.5x3'}
    expect:
      - {at: 2m, decision: rollback, step: full, because: [low, paused], missing: [baseline.errors], values: {canary.errors: 0.02}}
      - {at: 2m, values: {canary.errors: {value: 0.02, within: 0.005}, rollout.step: canary-10}}
      - {at: 3m, values: {canary.errors: 0.03}}
      - {at: 30s, decision: hold}
      - {at: 1h, decision: hold}
  - name: all that an expectation over an interval can fail in
    series: {canary.errors: '0.002x2 0.03x3'}
    expect:
      - {never: hold, step: canary-10, because: [low], between: [0m, 5m]}
      - {always: advance, after: 1m, before: 4m}
      - {always: hold}
      - {never: rollback, after: 10m}
      - {first: rollback, before: 2m}
      - {first: advance, at: 4m, because: [high]}
      - {first: advance, step: full}
      - {outcome: complete}
  - name: nothing is judged
    lasts: 5m
    start: 10m
    expect: [{at: 1m, decision: hold}]
  - name: after its end a rollout is not judged anew
    lasts: 3m
    events: [{at: 30s, event: abort, by: ann, reason: wrong build}]
    expect:
      - {at: 30s, decision: hold, values: {canary.errors: 0.002}}
      - {at: 2m, decision: advance, values: {rollout.weight: 10}}
  - name: a recording fails with its dates
    recording: good.csv
    expect: [{at: 2026-05-01T10:02:00Z, decision: rollback}, {at: 2026-05-01T12:00:00Z, decision: hold}]
"""
ROWS = {
    "good.csv": [0.002] * 6,
    "bad.csv": [0.002, 0.03, 0.03, 0.03, 0.03, 0.002],
    "clipped.csv": [2.0],
    "dark.csv": [0.002, "", "", "", "", ""],
}
FILES = {
    "policy.yaml": POLICY,
    "stricter.yaml": POLICY.replace("0.02, unless", "0.005, unless")
    .replace("for: 2m", "for: 1m")
    .replace("revision: 7", "revision: 8"),
    "looser.yaml": POLICY.replace("0.02, unless", "0.03, unless").replace("weight: 10, min: 2m", "weight: 10, min: 1m"),
    "promising.yaml": POLICY
    + "invariants:\n  - {name: bad-rolls-back, when: canary.errors >= 0.02, always: rollback, within: 3m}\n",
    "warned.yaml": POLICY.replace(
        "range: [0, 1], healthy: 0.002}", "range: [0, 1], healthy: 0.002}\n  canary.unused: {healthy: 1.0}"
    ),
    "broken.yaml": POLICY.replace("canary.errors < 0.01", "canary.eror < 0.01").replace("every: 1m", "evry: 1m"),
    "macro.yaml": POLICY.replace("result.failed == 0", "'result.checks.all(c, c.ok)'"),
    "test.yaml": TESTS,
    "failing.yaml": FAILING,
    "wrong.yaml": TESTS.replace("canary.errors", "canary.eror").replace("[high]", "[hihg]"),
    "lost.yaml": TESTS.replace("policy.yaml", "gone.yaml"),
    "misled.yaml": TESTS.replace("policy.yaml", "broken.yaml"),
    "env.yaml": "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: e}\nsignals: {canary.errors: {manual: 0.5}, baseline.errors: {manual: 0.0}}\n",
    "env-bad.yaml": "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: e}\nsignals: {canary.errors: {source: prom, query: x}}\n",
    "env-unset.yaml": "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: e}\nsources: {prom: {prometheus: {url: '${env:CANARYPOLICY_TEST_UNSET}'}}}\nsignals: {canary.errors: {source: prom, query: x}, baseline.errors: {manual: 0.0}}\n",
    "env-played.yaml": "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: played}\nsources: {old: {recording: {file: good.csv, play: as-recorded}}, now: {command: {run: [never-run]}}}\nsignals: {canary.errors: {source: old, query: canary.errors}, baseline.errors: {source: now, query: errors.baseline}, canary.flag: {manual: true}}\n",
    "env-bad-query.yaml": "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: e}\nsources: {status: {http: {url: 'http://shop.example/status'}}}\nsignals: {canary.errors: {source: status, query: 'canary.[errors', measured: 'at..'}}\n",
    "many.csv": "time,rollout,canary.errors\n2026-05-01T10:00:00Z,one,0.1\n2026-05-01T10:00:00Z,two,0.2\n",
    "stepped.csv": "time,step,canary.errors,baseline.errors\n2026-05-01T10:00:00Z,canary-10,0.002,0.002\n2026-05-01T10:01:00Z,full,0.002,0.002\n",
    "torn.csv": "time,canary.errors\n2026-05-01T10:00:00Z,0.1\n2026-05-01T1",
    "falling.csv": "time,canary.errors\n2026-05-01T10:01:00Z,0.1\n2026-05-01T10:00:00Z,0.1\n",
    "refused.jsonl": '{"recording": "canarypolicy/v1"}\n{"t": "2026-05-01T10:00:00Z", "event": "gate", "gate": "ready", "result": {"failed": 1}}\n{"t": "2026-05-01T10:01:00Z", "signals": {}}\n',
    "gated.jsonl": '{"recording": "canarypolicy/v1"}\n{"t": "2026-05-01T10:00:00Z", "signals": {}}\n{"t": "2026-05-01T10:00:30Z", "event": "abort", "by": "ann", "reason": "wrong build"}\n',
    "misspelt.json": '{"t": "2026-05-01T10:00:00Z", "signals": {"canary.error": 0.1, "baseline.errors": 0.0}}',
    "hostile.csv": "time,step,canary.errors\n2026-05-01T10:00:00Z,\x1b[31mred,0.1\n",
}

STORIES = {
    "no-command": "",
    "unknown-command": "evalute policy.yaml",
    "unknown-option": "evaluate policy.yaml --metric x",
    "version": "--version",
    "validate-valid": "validate policy.yaml",
    "validate-broken": "validate broken.yaml",
    "validate-warned": "validate warned.yaml",
    "validate-strict": "validate --strict warned.yaml",
    "validate-reference-reading": "validate macro.yaml",
    "validate-policytest": "validate test.yaml wrong.yaml lost.yaml misled.yaml",
    "test-passed": "test test.yaml",
    "test-failed": "test failing.yaml",
    "test-wrong": "test test.yaml wrong.yaml lost.yaml misled.yaml",
    "test-selected": "test test.yaml -k 0.5 -k recorded",
    "test-none-selected": "test test.yaml -k nothing",
    "test-no-tests": "test empty",
    "test-no-file": "test nowhere.yaml",
    "test-coverage": "test test.yaml --coverage --fail-under 90",
    "test-covered-enough": "test test.yaml --coverage --fail-under 10 --quiet",
    "test-fail-under-alone": "test test.yaml --fail-under 90",
    "test-json": "test test.yaml failing.yaml -k interval -k roll --coverage --format json",
    "test-junit": "test test.yaml failing.yaml wrong.yaml --format junit",
    "test-github": "test test.yaml failing.yaml wrong.yaml --format github",
    "test-lcov": "test test.yaml --format lcov",
    "validate-environment": "validate env.yaml env-bad.yaml",
    "validate-folder": "validate .",
    "validate-empty-folder": "validate empty",
    "validate-not-there": "validate nowhere.yaml",
    "validate-json": "validate broken.yaml --format json",
    "validate-junit": "validate broken.yaml policy.yaml --format junit",
    "validate-github": "validate broken.yaml --format github",
    "validate-sarif": "validate broken.yaml --format sarif",
    "evaluate-hold": "evaluate policy.yaml --metrics good.csv --at 2026-05-01T10:01:00Z",
    "evaluate-advance": "evaluate policy.yaml --metrics good.csv --at 2026-05-01T10:02:00Z",
    "evaluate-complete": "evaluate policy.yaml --metrics good.csv",
    "evaluate-rollback": "evaluate policy.yaml --metrics bad.csv",
    "evaluate-rollback-exit-zero": "evaluate policy.yaml --metrics bad.csv --exit-zero --quiet",
    "evaluate-dark": "evaluate policy.yaml --metrics dark.csv",
    "evaluate-clipped": "evaluate policy.yaml --metrics clipped.csv",
    "evaluate-explain": "evaluate policy.yaml --metrics bad.csv --at 2026-05-01T10:02:00Z --explain",
    "evaluate-step": "evaluate policy.yaml --metrics good.csv --step full --since 2026-05-01T10:03:00Z",
    "evaluate-unknown-step": "evaluate policy.yaml --metrics good.csv --step ful",
    "evaluate-since-without-step": "evaluate policy.yaml --metrics good.csv --since 2026-05-01T10:03:00Z",
    "evaluate-given-signal": "evaluate policy.yaml --metrics good.csv --signal canary.errors=0.5",
    "evaluate-unknown-signal": "evaluate policy.yaml --metrics good.csv --signal canary.eror=0.5",
    "evaluate-impossible-signal": "evaluate policy.yaml --metrics good.csv --signal canary.errors=high",
    "evaluate-bad-signal": "evaluate policy.yaml --metrics good.csv --signal canary.errors",
    "evaluate-bad-time": "evaluate policy.yaml --metrics good.csv --at noon",
    "evaluate-before-the-first": "evaluate policy.yaml --metrics good.csv --at 2026-05-01T09:00:00Z",
    "evaluate-many": "evaluate policy.yaml --metrics many.csv",
    "evaluate-one-of-many": "evaluate policy.yaml --metrics many.csv --rollout two",
    "evaluate-none-of-many": "evaluate policy.yaml --metrics many.csv --rollout tow",
    "evaluate-misspelt": "evaluate policy.yaml --metrics misspelt.json",
    "evaluate-refused": "evaluate policy.yaml --metrics refused.jsonl",
    "evaluate-aborted": "evaluate policy.yaml --metrics gated.jsonl --explain",
    "evaluate-torn": "evaluate policy.yaml --metrics torn.csv",
    "evaluate-falling": "evaluate policy.yaml --metrics falling.csv",
    "evaluate-broken-policy": "evaluate broken.yaml --metrics good.csv",
    "evaluate-nothing-given": "evaluate policy.yaml",
    "evaluate-json": "evaluate policy.yaml --metrics bad.csv --format json",
    "evaluate-github": "evaluate policy.yaml --metrics bad.csv --format github",
    "evaluate-environment-manual": "evaluate policy.yaml --environment env.yaml --at 2026-05-01T10:00:00Z",
    "evaluate-environment-since": "evaluate policy.yaml --environment env.yaml --step canary-10 --since 2026-05-01T09:59:00Z --at 2026-05-01T10:00:00Z --signal canary.errors=0.001",
    "evaluate-environment-past": "evaluate policy.yaml --environment env-played.yaml --at 2026-05-01T10:05:00Z --step canary-10 --since 2026-05-01T10:00:00Z",
    "evaluate-environment-broken": "evaluate policy.yaml --environment env-bad.yaml --at 2026-05-01T10:00:00Z",
    "evaluate-environment-unset": "evaluate policy.yaml --environment env-unset.yaml --at 2026-05-01T10:00:00Z",
    "record-past": "record env-played.yaml -o out.jsonl --start 2026-05-01T10:00:00Z --end 2026-05-01T10:05:00Z --every 1m",
    "record-past-json": "record env-played.yaml -o out.csv --policy policy.yaml --start 2026-05-01T10:00:00Z --end 2026-05-01T10:07:00Z --format json",
    "record-of-nothing": "record env-played.yaml -o out.jsonl --start 2025-05-01T10:00:00Z --end 2025-05-01T10:05:00Z",
    "record-over-a-file": "record env-played.yaml -o good.csv",
    "record-of-no-format": "record env-played.yaml -o out.parquet",
    "record-bad-query": "record env-bad-query.yaml -o out.jsonl",
    "replay": "replay policy.yaml good.csv bad.csv dark.csv",
    "minimise": "minimise bad.csv --policy policy.yaml --name 'errors of 3 % roll back'",
    "minimise-hold": "minimise dark.csv --policy policy.yaml --at 2026-05-01T10:01:00Z",
    "minimise-refused": "minimise refused.jsonl --policy policy.yaml",
    "minimise-json": "minimise bad.csv --policy policy.yaml --format json",
    "minimise-file": "minimise bad.csv --policy policy.yaml -o bad.test.yaml",
    "minimise-over-a-file": "minimise bad.csv --policy policy.yaml -o test.yaml",
    "minimise-not-there": "minimise nowhere.csv --policy policy.yaml",
    "minimise-falling": "minimise falling.csv --policy policy.yaml",
    "minimise-before-the-first": "minimise bad.csv --policy policy.yaml --at 2026-04-01T10:00:00Z",
    "minimise-broken-policy": "minimise bad.csv --policy broken.yaml",
    "minimise-many": "minimise many.csv --policy policy.yaml",
    "minimise-no-policy": "minimise bad.csv",
    "replay-all": "replay policy.yaml bad.csv --all",
    "replay-against": "replay policy.yaml good.csv bad.csv --against stricter.yaml",
    "replay-expected": "replay policy.yaml bad.csv --expect rolled-back --quiet",
    "replay-unexpected": "replay policy.yaml bad.csv --expect complete",
    "replay-one-bad-recording": "replay policy.yaml good.csv falling.csv",
    "replay-follow-some": "replay policy.yaml good.csv stepped.csv --follow recording",
    "replay-follow-nothing": "replay policy.yaml good.csv --follow recording",
    "replay-refused": "replay policy.yaml refused.jsonl",
    "replay-hostile": "replay policy.yaml hostile.csv --follow recording",
    "replay-late-start": "replay policy.yaml good.csv --start 2027-01-01T00:00:00Z",
    "replay-not-there": "replay policy.yaml nowhere.csv",
    "replay-json": "replay policy.yaml bad.csv --against stricter.yaml --format json",
    "replay-jsonl": "replay policy.yaml bad.csv --format jsonl",
    "replay-csv": "replay policy.yaml bad.csv --format csv",
    "replay-junit": "replay policy.yaml good.csv bad.csv falling.csv --expect complete --format junit",
    "review": "review policy.yaml looser.yaml",
    "review-stricter": "review looser.yaml policy.yaml",
    "review-unchanged": "review policy.yaml policy.yaml --quiet",
    "review-any": "review looser.yaml policy.yaml --fail-on any --format markdown",
    "review-github": "review policy.yaml looser.yaml --format github",
    "review-recordings": "review policy.yaml looser.yaml --recordings bad.csv --recordings good.csv --headroom --fail-on never",
    "review-witnesses": "review policy.yaml looser.yaml --witness-dir witnesses",
    "review-invalid": "review policy.yaml broken.yaml",
    "review-not-there": "review policy.yaml nowhere.yaml",
    "review-one-policy": "review policy.yaml",
    "validate-proved": "validate --prove policy.yaml",
    "validate-proved-fault": "validate --prove promising.yaml",
    "explain-unknown": "explain unguarded",
    "explain-finding": "explain merge-key",
    "explain-list": "explain",
    "schema-unknown": "schema Polcy",
    "output-to-a-folder-that-is-not-there": "evaluate policy.yaml --metrics bad.csv --output json=nowhere/x.json",
    "output-of-no-format": "evaluate policy.yaml --metrics bad.csv --output yaml=x.yaml",
    "output-without-file": "evaluate policy.yaml --metrics bad.csv --output json",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    for name, values in ROWS.items():
        rows = [f"2026-05-01T10:0{minute}:00Z,{value},{'' if value == '' else 0.002}" for minute, value in enumerate(values)]
        (tmp_path / name).write_text("\n".join(["time,canary.errors,baseline.errors", *rows, ""]), encoding="utf-8", newline="\n")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", STORIES)
def test_story(name, folder, golden):
    done = canarypolicy(*shlex.split(STORIES[name]))
    assert "Traceback" not in done.output
    assert "\x1b" not in done.output
    told = f"$ canarypolicy {STORIES[name]}\n{done.stdout}"
    if done.stderr:
        told += f"--- on stderr\n{done.stderr}"
    golden(TRANSCRIPTS / f"{name}.txt", f"{told}--- exit status {done.exit_code}\n")


def test_every_exit_status_of_every_command_is_told():
    """Each command has a story for each status that it can end in."""
    seen = {
        name: set() for name in ("validate", "evaluate", "record", "replay", "review", "explain", "schema", "test", "minimise")
    }
    for path in TRANSCRIPTS.glob("*.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        words = lines[0].split()
        if len(words) > 2 and words[2] in seen:
            seen[words[2]].add(int(lines[-1].rsplit(" ", 1)[1]))
    assert seen["validate"] >= {0, 1, 3}
    assert seen["evaluate"] >= {0, 1, 2, 3, 4, 5}
    assert seen["record"] >= {0, 1, 2, 3}
    assert seen["replay"] >= {0, 1, 3}
    assert seen["review"] >= {0, 1, 2, 3}
    assert seen["explain"] >= {0, 2}
    assert seen["schema"] >= {2}
    assert seen["test"] >= {0, 1, 2, 3}
    assert seen["minimise"] >= {0, 1, 2, 3}


def test_decisions_and_replays_fit_their_published_schemas(folder):
    from referencing import Registry, Resource

    schemas = {name: make() for name, make in RESULT_SCHEMAS.items()}
    registry = Registry().with_resources([(schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()])
    decision = json.loads(canarypolicy("evaluate", "policy.yaml", "--metrics", "bad.csv", "--format", "json").stdout)
    jsonschema.Draft202012Validator(schemas["decision"], registry=registry).validate(decision)
    replayed = json.loads(
        canarypolicy("replay", "policy.yaml", "good.csv", "bad.csv", "--against", "stricter.yaml", "--format", "json").stdout
    )
    jsonschema.Draft202012Validator(schemas["replay"], registry=registry).validate(replayed)
    tested = canarypolicy("test", "test.yaml", "failing.yaml", "wrong.yaml", "--coverage", "--format", "json")
    jsonschema.Draft202012Validator(schemas["test"], registry=registry).validate(json.loads(tested.stdout))
    assert list(decision) == [
        "decision",
        "step",
        "weight",
        "at",
        "elapsed_seconds",
        "complete",
        "earliest_advance",
        "reasons",
        "missing",
        "policy",
        "engine",
    ]


@pytest.mark.parametrize(
    "kind", ["RolloutPolicy", "rollout-policy", "Environment", "decision", "replay", "recording", "PolicyTest", "test"]
)
def test_schemas_are_printed(kind):
    schema = json.loads(canarypolicy("schema", kind).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_several_outputs_in_one_run(folder):
    done = canarypolicy(
        "replay",
        "policy.yaml",
        "bad.csv",
        "--output",
        "json=a.json",
        "--output",
        "junit=b.xml",
        "--output",
        "csv=c.csv",
        "--html",
        "d.html",
    )
    assert done.exit_code == 0
    assert json.loads((folder / "a.json").read_text())["rollouts"][0]["outcome"] == "rolled-back"
    assert (folder / "b.xml").read_text().startswith("<?xml")
    assert (folder / "c.csv").read_text().startswith("rollout,")
    page = (folder / "d.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert not list(folder.glob(".*.tmp"))


def test_stdin_is_a_file_like_any_other(folder):
    done = canarypolicy("evaluate", "policy.yaml", "--metrics", "-", stdin=(folder / "bad.csv").read_bytes())
    assert done.exit_code == 5
    done = canarypolicy("validate", "-", stdin=POLICY.encode())
    assert done.exit_code == 0
