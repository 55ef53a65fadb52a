"""
A planted secret is nowhere in what operators are shown, nor in a run's log and metrics.
"""

from __future__ import annotations

import io
import os
import urllib.request
from contextlib import closing

import pytest
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import Told
from canarypolicy.store.database import open_store
from canarypolicy.telemetry.address import ListenAddress
from canarypolicy.telemetry.log import LogFormat, LogStyle, LogWatcher
from canarypolicy.telemetry.metrics import MetricsWatcher

from command_line import canarypolicy
from journals import JournalMaker

SECRET = "hunter2-planted"
COMMANDS = [
    ["status"], ["status", "shop"], ["status", "shop", "--format", "json"], ["status", "nothing"], ["approve", "shop"],
    ["pause", "shop", "--reason", "x"], ["resume", "shop"], ["abort", "shop", "--reason", "x"],
    ["signal", "shop", "incident.data=true"], ["freeze", "--all", "--reason", "x"], ["freeze", "--list"], ["unfreeze", "--all"],
]  # fmt: skip
ENVIRONMENT = "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {{name: e}}\nstore: '{store}'\nsignals: {{canary.errors: {{manual: 0.5}}}}\n"

PLANTED = {
    "a variable with a store that is there": "${env:PLANTED_STORE}",
    "a variable with a folder that is not there": "${env:PLANTED_NOWHERE}",
    "a variable with a password and nobody listening": "${env:PLANTED_SERVER}",
    "a variable with a URL of an unknown kind": "${env:PLANTED_KIND}",
    "a file with a password and nobody listening": "${file:planted.txt}",
    "a password in the URL itself": f"postgresql://shop:{SECRET}@127.0.0.1:1/shop",
    "a password beside a variable": f"postgresql://shop:{SECRET}@${{env:PLANTED_HOST}}/shop",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / SECRET).mkdir()
    store = f"sqlite:///{SECRET}/runs.db"
    with closing(open_store(store)) as opened:
        maker = JournalMaker(opened, lease_us=1)
        maker.enter(0)
        maker.samples(2)
    monkeypatch.setenv("PLANTED_STORE", store)
    monkeypatch.setenv("PLANTED_NOWHERE", f"sqlite:///nowhere/{SECRET}/runs.db")
    monkeypatch.setenv("PLANTED_SERVER", f"postgresql://shop:{SECRET}@127.0.0.1:1/shop")
    monkeypatch.setenv("PLANTED_KIND", f"redis://:{SECRET}@127.0.0.1/0")
    monkeypatch.setenv("PLANTED_HOST", "127.0.0.1:1")
    (tmp_path / "planted.txt").write_text(f"mysql://shop:{SECRET}@127.0.0.1:1/shop\n")
    return tmp_path


def by(arguments):
    return [] if arguments[0] == "status" else ["--by", "ann"]


@pytest.mark.parametrize("where", PLANTED)
def test_no_command_shows_the_stores_secret(where, folder):
    (folder / "env.yaml").write_text(ENVIRONMENT.format(store=PLANTED[where]))
    for arguments in COMMANDS:
        done = canarypolicy(*arguments, *by(arguments), "--environment", "env.yaml")
        assert SECRET not in done.output, arguments
        assert "internal error" not in done.output, done.output
        assert done.exit_code in (0, 1)


def test_the_variable_of_the_store_is_a_secret_as_well(folder, monkeypatch):
    for name in ("PLANTED_STORE", "PLANTED_NOWHERE", "PLANTED_SERVER", "PLANTED_KIND"):
        monkeypatch.setenv("CANARYPOLICY_STORE", os.environ[name])
        for arguments in COMMANDS:
            done = canarypolicy(*arguments, *by(arguments))
            assert done.exit_code in (0, 1)
            assert SECRET not in done.output, (name, arguments)


@pytest.mark.parametrize("form", LogFormat)
def test_log_and_metrics_hold_what_they_are_told_and_nothing_of_the_process(form, folder):
    stream = io.StringIO()
    log = LogWatcher(stream, lambda: 0, LogStyle(format=form))
    told = Told(level="error", event="act-failed", message="no answer", facts={"act": "weight", "attempt": 1})
    log.tell(told)
    log.close()
    assert "no answer" in stream.getvalue()
    assert SECRET not in stream.getvalue()
    with closing(MetricsWatcher(ListenAddress(host="127.0.0.1", port=0))) as metrics:
        metrics.tell(told)
        for path in ("/metrics", "/metrics?x=1"):
            with urllib.request.urlopen(f"http://{metrics.address}{path}", timeout=10) as answer:
                text = answer.read().decode()
        assert "act-failed" in text
        assert SECRET not in text
        with pytest.raises(Unavailable) as caught:
            MetricsWatcher(metrics.address)
        assert SECRET not in caught.value.message
