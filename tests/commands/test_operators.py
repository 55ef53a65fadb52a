"""
Operators at the command line, on a real store: what they type, what they see, and what the run finds.
"""

from __future__ import annotations

import json
import shlex
import shutil
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from canarypolicy.documents.duration import format_instant
from canarypolicy.engine.event import PauseEvent, ResumeEvent
from canarypolicy.live.entry import Draft, EntryKind, canonical_text
from canarypolicy.live.folding import item_of
from canarypolicy.store.database import open_store

from command_line import canarypolicy
from fake_runs import ABANDONED, ENDED, RUNNING, continued, fake_run, fill
from journals import MINUTE_US, START_US, JournalMaker

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"


NOW_US = START_US + 16 * MINUTE_US


ENVIRONMENT = "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: e}\nstore: 'sqlite:///runs.db'\nsignals: {a.b: {manual: 0.5}}\n"


STORIES = {
    "status": "status",
    "status-json": "status --format json",
    "status-nothing": "status --store sqlite:///empty.db",
    "status-environment": f"status {ENDED} --environment env.yaml --store ''",
    "status-running": f"status {RUNNING}",
    "status-of-a-prefix": "status cart",
    "status-ended": f"status {ENDED}",
    "status-run-json": f"status {RUNNING} --format json",
    "status-no-such-run": "status shop-20260501-9",
    "status-several-runs": "status shop",
    "status-no-store": "status --store sqlite:///nowhere/runs.db",
    "status-watch-without-terminal": f"status {RUNNING} --watch",
    "approve": f"approve {RUNNING}",
    "approve-left": f"approve {ABANDONED} --step canary-50",
    "approve-unknown-step": f"approve {RUNNING} --step canary-5",
    "approve-ended": f"approve {ENDED}",
    "approve-not-taken-in": f"approve {RUNNING} --wait 100ms --by nobody",
    "pause": f"pause {RUNNING} --reason 'look at the logs'",
    "pause-json": f"pause {RUNNING} --reason 'look at the logs' --format json",
    "pause-without-reason": f"pause {RUNNING}",
    "pause-not-waiting": f"pause {RUNNING} --reason lunch --wait 0s --by nobody",
    "pause-not-taken-in": f"pause {RUNNING} --reason lunch --wait 100ms --by nobody",
    "pause-ended": f"pause {ENDED} --reason lunch",
    "resume": f"resume {RUNNING}",
    "resume-not-taken-in": f"resume {RUNNING} --wait 100ms --by nobody",
    "resume-ended": f"resume {ENDED}",
    "resume-no-such-run": "resume nothing",
    "abort": f"abort {RUNNING} --reason 'wrong build'",
    "abort-left": "abort cart --reason 'wrong build'",
    "abort-not-taken-in": f"abort {RUNNING} --reason x --wait 100ms --by nobody",
    "abort-ended": f"abort {ENDED} --reason x",
    "signal": f"signal {RUNNING} incident.data=true canary.errors=null",
    "signal-undeclared": f"signal {RUNNING} incident.dat=true",
    "signal-inadmissible": f"signal {RUNNING} incident.data=maybe",
    "signal-twice": f"signal {RUNNING} incident.data=true incident.data=false",
    "signal-ended": f"signal {ENDED} incident.data=true",
    "signal-not-taken-in": f"signal {RUNNING} incident.data=true --wait 100ms --by nobody",
    "freeze": "freeze --policy shop --reason 'night of the sale' --for 2h",
    "freeze-all": "freeze --all --reason audit --until 2026-05-02T00:00:00Z",
    "freeze-unknown-policy": "freeze --policy shopp --reason audit",
    "freeze-list": "freeze --list",
    "freeze-list-and-reason": "freeze --list --reason audit",
    "freeze-nothing": "freeze --reason audit",
    "freeze-without-reason": "freeze --all",
    "freeze-two-ends": "freeze --all --reason audit --for 2h --until 2026-05-02T00:00:00Z",
    "freeze-in-the-past": "freeze --all --reason audit --until 2026-05-01T00:00:00Z",
    "freeze-no-store": "freeze --list --store sqlite:///nowhere/runs.db",
    "unfreeze": "unfreeze --policy cart",
    "unfreeze-all": "unfreeze --all",
    "unfreeze-nothing": "unfreeze --policy shop",
    "unfreeze-neither": "unfreeze",
    "unfreeze-no-store": "unfreeze --all --store sqlite:///nowhere/runs.db",
}


STATUSES = {
    "status": {0, 1, 2}, "approve": {0, 1, 2, 3}, "pause": {0, 1, 2, 3}, "resume": {0, 1, 3}, "abort": {0, 1, 3},
    "signal": {0, 1, 2, 3}, "freeze": {0, 1, 2}, "unfreeze": {0, 1, 2},
}  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    fill(folder)
    return folder


@pytest.fixture
def folder(template, tmp_path, monkeypatch):
    for path in template.iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / "env.yaml").write_text(ENVIRONMENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANARYPOLICY_STORE", "sqlite:///runs.db")
    monkeypatch.setenv("LOGNAME", "ann")
    for module in ("asking", "freeze", "status", "unfreeze"):
        monkeypatch.setattr(f"canarypolicy.commands.{module}.now_us", lambda: NOW_US)
    return tmp_path


@pytest.fixture
def store(folder):
    with closing(open_store("sqlite:///runs.db")) as opened:
        yield opened


@pytest.mark.parametrize("name", STORIES)
def test_story(name, folder, golden):
    arguments = shlex.split(STORIES[name])
    if name == "status-environment":
        arguments = arguments[:-2]
    with fake_run(folder):
        done = canarypolicy(*arguments)
    assert "Traceback" not in done.output
    assert "\x1b" not in done.output
    told = f"$ canarypolicy {shlex.join(arguments)}\n{done.stdout}"
    if done.stderr:
        told += f"--- on stderr\n{done.stderr}"
    golden(TRANSCRIPTS / f"{name}.txt", f"{told}--- exit status {done.exit_code}\n")


def test_every_exit_status_of_every_command_is_told():
    seen = {name: set() for name in STATUSES}
    for name, story in STORIES.items():
        lines = (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        seen[story.split()[0]].add(int(lines[-1].rsplit(" ", 1)[1]))
    assert seen == STATUSES


REQUESTS = [
    ("approve shop-20260501-2", {"event": "approve", "by": "ann"}),
    ("approve shop-20260501-2 --step canary-50", {"event": "approve", "step": "canary-50", "by": "ann"}),
    ("pause shop-20260501-2 --reason lunch --by bo", {"event": "pause", "by": "bo", "reason": "lunch"}),
    ("resume shop-20260501-2", {"event": "resume", "by": "ann"}),
    ("abort shop-20260501-2 --reason x", {"event": "abort", "by": "ann", "reason": "x"}),
    ("signal shop-20260501-2 incident.data=true", {"event": "signal", "signals": {"incident.data": True}, "by": "ann"}),
    ("signal shop-20260501-2 incident.data=null", {"event": "signal", "signals": {"incident.data": None}, "by": "ann"}),
]


@pytest.mark.parametrize(("line", "event"), REQUESTS)
def test_a_request_is_the_event_that_the_run_will_read(line, event, store):
    assert canarypolicy(*shlex.split(line), "--wait", "0s").exit_code == 0
    (request,) = store.requests(RUNNING)
    assert request.event == event
    assert request.at_us == NOW_US
    item_of(canonical_text({**request.event, "t": format_instant(NOW_US)}))


@pytest.mark.parametrize(
    "line", ["signal shop-20260501-2 incident.dat=true", "approve shop-20260501-2 --step x", "resume shop-20260501-1"]
)
def test_what_is_refused_leaves_no_request(line, store):
    assert canarypolicy(*shlex.split(line)).exit_code in (2, 3)
    assert not store.requests(RUNNING)
    assert not store.requests(ENDED)


def test_a_request_that_the_run_puts_aside_is_not_called_taken_in(folder, store):
    with closing(open_store("sqlite:///runs.db")) as opened:
        maker = continued(opened, RUNNING)
        asked = Event()

        def put_aside():
            while not (found := opened.requests(RUNNING)):
                asked.wait(0.01)
            note = Draft(kind=EntryKind.NOTE, at_us=maker.at_us, body={"note": "not-understood"})
            maker.journal.write([note], taken=[found[0].id])

        thread = Thread(target=put_aside)
        thread.start()
        done = canarypolicy("resume", RUNNING)
        thread.join()
    assert done.exit_code == 1
    assert done.stderr == f"canarypolicy: error: the run `{RUNNING}` put the request aside: see its journal\n"


def test_a_run_that_ends_while_it_is_waited_for_took_nothing_in(folder, store):
    maker = continued(store, RUNNING)

    def end():
        while not store.requests(RUNNING):
            Event().wait(0.01)
        maker.end("rolled-back")

    thread = Thread(target=end)
    thread.start()
    done = canarypolicy("pause", RUNNING, "--reason", "x")
    thread.join()
    assert done.exit_code == 3
    assert done.stderr == f"canarypolicy: error: the run `{RUNNING}` has ended (rolled-back): nothing can be asked of it\n"


def test_a_run_that_looks_late_is_waited_for(store):
    """What was taken in while the command slept is found, though the journal has gone on since."""
    maker = continued(store, RUNNING)

    def take_in_late():
        while not (found := store.requests(RUNNING)):
            Event().wait(0.01)
        Event().wait(0.3)
        maker.event(ResumeEvent, taken=[found[0].id], by="ann")
        maker.sample()

    thread = Thread(target=take_in_late)
    thread.start()
    done = canarypolicy("resume", RUNNING)
    thread.join()
    assert done.exit_code == 0, done.output
    assert "taken in at 2026-05-01T10:12:01Z" in done.stdout


def test_who_asks_must_be_known(folder, monkeypatch):
    def nobody():
        raise OSError("no login name")

    monkeypatch.setattr("getpass.getuser", nobody)
    done = canarypolicy("resume", RUNNING, "--wait", "0s")
    assert done.exit_code == 2
    assert "say with --by who asks for this" in done.stderr
    assert canarypolicy("resume", RUNNING, "--wait", "0s", "--by", "ann").exit_code == 0
    assert canarypolicy("freeze", "--all", "--reason", "x").exit_code == 2


def test_a_freeze_holds_its_policy_and_is_lifted_again(store):
    assert canarypolicy("freeze", "--policy", "shop", "--reason", "x", "--for", "1h").exit_code == 0
    (frozen,) = store.freezes("shop", NOW_US)
    assert (frozen.policy, frozen.by, frozen.reason) == ("shop", "ann", "x")
    assert frozen.until_us == NOW_US + 60 * MINUTE_US
    assert canarypolicy("unfreeze", "--policy", "shop").exit_code == 0
    assert not store.freezes("shop", NOW_US)
    assert [freeze.policy for freeze in store.freezes(None, NOW_US)] == ["cart"]


def test_lifting_the_freeze_of_a_policy_says_that_one_of_all_holds_it_still(folder):
    canarypolicy("freeze", "--all", "--reason", "audit")
    done = canarypolicy("unfreeze", "--policy", "cart")
    assert done.stdout.startswith("lifted: policy cart frozen")
    assert "note: still in force: all policies frozen" in done.stderr


def test_runs_that_ended_long_ago_are_left_out_and_counted(store):
    for number in range(12):
        JournalMaker(store, run=f"old-{number:02}", service=f"old-{number}").end("complete")
    done = canarypolicy("status")
    assert sum(line.startswith("old-") for line in done.stdout.splitlines()) == 10 - 1 * ("shop-20260501-1" in done.stdout)
    assert "and 3 older that ended; `--all` shows them" in done.stdout
    everything = canarypolicy("status", "--all").stdout
    assert sum(line.startswith("old-") for line in everything.splitlines()) == 12
    assert "older" not in everything


def test_a_journal_that_does_not_begin_with_its_policy_is_told(store, monkeypatch):
    monkeypatch.setattr(type(store), "entries", lambda self, run, after=0: [])
    for line in (("signal", RUNNING, "incident.data=true"), ("checklist", RUNNING)):
        done = canarypolicy(*line)
        assert done.exit_code == 1
        assert "does not begin with its policy" in done.stderr


def test_the_json_of_a_run_holds_what_scripts_need(folder):
    record = json.loads(canarypolicy("status", RUNNING, "--format", "json").stdout)
    assert record["step"] == "canary-50"
    assert record["weight"] == 50
    assert record["waits_for_approval"] is True
    assert record["decision"]["decision"] == "hold"
    assert {rule["state"] for rule in record["rules"]} <= {"quiet", "pending", "met", "not-met"}


def test_a_pause_is_seen_until_it_is_resumed(folder, store):
    maker = continued(store, RUNNING)
    maker.event(PauseEvent, by="ann", reason="lunch")
    assert "paused since" in canarypolicy("status", RUNNING).stdout
    with fake_run(folder):
        canarypolicy("resume", RUNNING)
    assert "paused since" not in canarypolicy("status", RUNNING).stdout


def test_the_docs_show_what_status_prints():
    shown = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    story = (TRANSCRIPTS / "status.txt").read_text(encoding="utf-8").partition("--- ")[0]
    assert f"```console\n{story}```" in shown
