"""
Recordings of what sources say: live, killed in the middle, and of the past.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from canarypolicy.history.recording import read_recordings

from command_line import canarypolicy
from http_fakes import FakePrometheus, everywhere
from raw_fakes import FakeHungServer

POLICY = """
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop}
signals: {a.x: {healthy: 1.0}, a.y: {healthy: 1.0}}
slos: [{name: low, require: a.x < 9.0 && a.y < 9.0}]
plan: {every: 100ms, steps: [{name: full, weight: 100, min: 1s}]}
"""


def write(folder, url, more=""):
    text = f"apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {{name: production}}\nsources: {{prom: {{prometheus: {{url: '{url}', timeout: 5s}}}}}}\n"
    signals = f"signals:\n  a.x: {{source: prom, query: x, measured: at}}\n  b.hand: {{manual: true}}\n{more}"
    (folder / "env.yaml").write_text(text + signals)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def prometheus(**answers):
    return FakePrometheus({"x": everywhere("0.5"), "at": everywhere("1700000000"), **answers})


def recorded(path):
    (recording,) = read_recordings(Path(path).read_bytes(), path)
    return recording


def test_live_every_signal_of_the_environment_with_its_own_time(folder):
    with prometheus().serving() as url:
        write(folder, url)
        done = canarypolicy("record", "env.yaml", "-o", "out.jsonl", "--every", "200ms", "--for", "1500ms", "--format", "json")
    assert done.exit_code == 0, done.output
    recording = recorded("out.jsonl")
    assert recording.rollout == "production"
    assert 2 <= len(recording.items) <= 8
    for sample in recording.items:
        assert dict(sample.signals) == {"a.x": 0.5, "b.hand": True}
        assert dict(sample.times_us) == {"a.x": 1_700_000_000_000_000}
    told = json.loads(done.stdout)
    assert told["samples"] == len(recording.items)
    assert told["signals"][0] == {"signal": "a.x", "missing": 0, "why": None}


def test_with_a_policy_its_signals_as_often_as_it_judges(folder):
    (folder / "policy.yaml").write_text(POLICY)
    with prometheus().serving() as url:
        write(folder, url)
        done = canarypolicy(
            "record", "env.yaml", "-o", "out.jsonl", "--policy", "policy.yaml", "--for", "250ms", "--rollout", "r7", "--no-color"
        )
    assert done.exit_code == 0, done.output
    recording = recorded("out.jsonl")
    assert recording.rollout == "r7"
    assert recording.items[0].signals == {"a.x": 0.5}
    assert recording.items[0].why == {"a.y": "`production` does not say where it comes from"}
    assert "canarypolicy: `a.y` is missing: `production` does not say where it comes from" in done.stderr
    assert "`a.y` is missing in" in done.stdout


def test_a_recording_is_never_overwritten_unless_one_says_so(folder):
    with prometheus().serving() as url:
        write(folder, url)
        (folder / "out.jsonl").write_text("precious")
        refused = canarypolicy("record", "env.yaml", "-o", "out.jsonl", "--for", "100ms", "--every", "100ms")
        assert refused.exit_code == 1
        assert "`out.jsonl` is already there" in refused.stderr
        assert (folder / "out.jsonl").read_text() == "precious"
        forced = canarypolicy("record", "env.yaml", "-o", "out.jsonl", "--for", "100ms", "--every", "100ms", "--force")
    assert forced.exit_code == 0, forced.output
    assert recorded("out.jsonl").items


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_the_past_in_one_request_and_sources_without_a_past_missing_with_why(folder, ending):
    fake = prometheus()
    with fake.serving() as url:
        write(folder, url)
        with (folder / "env.yaml").open("a") as file:
            file.write("  c.now: {source: health, query: a.b}\n")
        text = (folder / "env.yaml").read_text().replace("sources: {", "sources: {health: {http: {url: 'http://127.0.0.1:9'}}, ")
        (folder / "env.yaml").write_text(text)
        done = canarypolicy(
            "record", "env.yaml", "-o", f"out.{ending}", "--every", "1m",
            "--start", "2026-05-01T10:00:00Z", "--end", "2026-05-01T10:03:30Z",
        )  # fmt: skip
    assert done.exit_code == 0, done.output
    recording = recorded(f"out.{ending}")
    assert [item.at_us // 1_000_000 % 600 for item in recording.items] == [0, 60, 120, 180]
    assert {float(item.signals["a.x"]) for item in recording.items} == {0.5}
    assert sorted(form["query"] for form in fake.asked) == ["at", "x"]
    assert "`c.now` is missing in 4 of 4, last: `health` knows only the present" in done.stdout
    if ending == "jsonl":
        assert recording.items[0].why == {"c.now": "`health` knows only the present"}
    else:
        assert "a table does not say when values were measured" in done.stderr


def test_a_past_of_which_nobody_says_anything_leaves_no_file(folder):
    write(folder, "http://127.0.0.1:9")
    done = canarypolicy(
        "record", "env.yaml", "-o", "out.jsonl", "--start", "2026-05-01T10:00:00Z", "--end", "2026-05-01T10:03:00Z"
    )
    assert done.exit_code == 1
    assert "no source says anything of the time between --start and --end" in done.stderr
    assert "help: no connection to `prom`: connection refused" in done.stderr
    assert not (folder / "out.jsonl").exists()


def test_more_of_the_past_than_a_server_answers_is_refused(folder):
    write(folder, "http://127.0.0.1:9")
    done = canarypolicy("record", "env.yaml", "-o", "out.jsonl", "--start", "2020-05-01T10:00:00Z", "--every", "1s")
    assert done.exit_code == 1
    assert "100000 at most are read" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("-o", "out.parquet"), "`out.parquet` does not end in `.jsonl` or `.csv`"),
        (("-o", "x.csv", "--end", "2026-05-01T10:00:00Z"), "--end needs --start"),
        (("-o", "x.csv", "--start", "2026-05-01T10:00:00Z", "--end", "2026-05-01T09:00:00Z"), "--start lies behind --end"),
        (("-o", "x.csv", "--start", "2026-05-01T10:00:00Z", "--for", "1m"), "--for ends a live recording"),
        (("-o", "x.csv", "--every", "1ms"), "a sample is taken every 100ms at most"),
        ((), "Missing option '-o'"),
    ],
)
def test_what_cannot_be_meant(folder, arguments, why):
    write(folder, "http://127.0.0.1:9")
    done = canarypolicy("record", "env.yaml", *arguments)
    assert (done.exit_code, why in done.stderr) == (2, True), done.output


def test_a_folder_that_is_not_there(folder):
    write(folder, "http://127.0.0.1:9")
    done = canarypolicy("record", "env.yaml", "-o", "nowhere/out.jsonl", "--for", "1s")
    assert done.exit_code == 1
    assert "cannot write `nowhere/out.jsonl`: no such file or directory" in done.stderr


def recording(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "canarypolicy", "record", "env.yaml", "-o", "out.jsonl", "--every", "100ms", *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for_lines(path, count, process):
    for _ in range(600):
        if path.exists() and path.read_bytes().count(b"\n") >= count:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("no line was written")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_however_it_ends_what_was_recorded_is_there(folder, number):
    """
    A process that is killed leaves every whole line; one that is asked to stop says what it has, and ends in 0.
    """
    with prometheus().serving() as url:
        write(folder, url)
        process = recording()
        try:
            wait_for_lines(folder / "out.jsonl", 4, process)
            process.send_signal(number)
            stdout, stderr = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait(10)
    assert len(recorded("out.jsonl").items) >= 3
    if number is signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 0, stderr
        assert stdout.startswith("out.jsonl: ")


def test_a_hung_source_does_not_delay_the_others(folder):
    with prometheus().serving() as url, FakeHungServer().serving() as hung:
        write(folder, url, "  c.hung: {source: hung, query: x}\n")
        text = (folder / "env.yaml").read_text().replace("sources: {", f"sources: {{hung: {{prometheus: {{url: '{hung}'}}}}, ")
        (folder / "env.yaml").write_text(text)
        done = canarypolicy("record", "env.yaml", "-o", "out.jsonl", "--every", "1s", "--for", "2s", "--quiet")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    samples = recorded("out.jsonl").items
    assert len(samples) >= 2
    for sample in samples:
        assert sample.signals["a.x"] == 0.5
        assert sample.why["c.hung"] == "no answer from `hung` within 640ms"
