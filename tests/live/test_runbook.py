"""
The whole runbook on real parts: readiness and smoke, snapshot, 10/50/100, readiness and smoke again, notice, checklist.

And whatever is not ready refuses the rollout: nothing is released, and the reason is on the screen.
"""

import json
import os
import sys
import time

import pytest
from canarypolicy.documents.duration import parse_instant

from fake_service import FakeService
from live.rollout import LiveRun, rollout
from live.runbook import running_parts
from live.servers import program
from live.storefront import SHORT, environment_text, own_parts, policy_text
from store.database_servers import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="HAProxy has no twin on Windows")]

PARTS = own_parts(
    {
        "redis: {url: '${env:REDIS_URL}'}": "redis: {url: '${env:REDIS_URL}', timeout: 1s}",
        "mysql: {url: '${env:DATABASE_URL}'}": "mysql: {url: '${env:DATABASE_URL}', query: SELECT COUNT(*) FROM sales, timeout: 2s}",
        "mysqldump: {url: '${env:DATABASE_URL}', directory: '${env:BACKUP_DIRECTORY}'": "mysqldump: {url: '${env:DATABASE_URL}', directory: '${env:SNAPSHOT_DIRECTORY}'",
        "webhook: {url: '${env:HOOK_URL}'}": "webhook: {url: '${env:HOOK_URL}', template: slack}",
    }
)
"""Those of the repository, less patient, with a folder for snapshots that a test can take away, and Slack's template."""
POLICY = policy_text(SHORT).replace(
    "probe: smoke, require: result.failed == 0 && result.passed >= 3",
    "probe: smoke, require: result.failed == 0 && result.passed == 6",
)


@pytest.fixture(scope="module")
def hook():
    # The first two answers of every notice's receiver are refusals.
    answers = iter([500, 500])
    service = FakeService(lambda asked: (next(answers, 200), b"ok"))
    with service.serving() as url:
        service.url = url
        yield service


@pytest.fixture(scope="module")
def parts(hook, tmp_path_factory):
    for name in ("redis-server", "mariadbd", "mariadb-dump"):
        program(name)
    folder = tmp_path_factory.mktemp("runbook")
    backups = folder / "backups"
    backups.mkdir()
    with running_parts(folder, backups, f"{hook.url}/hook", patience="5s") as running:
        running.stage.wait_for_past(6)
        yield running


def sidecar(parts):
    """
    Give the sidecar of the newest backup.
    """
    return max(parts.backups.glob("*.json"), key=lambda path: path.stat().st_mtime)


@pytest.fixture
def ready(parts, tmp_path):
    """A rollout that could begin: a young backup is there, and all parts work."""
    parts.stage.mend()
    parts.redis.go_on()
    parts.redis.empty()
    for file in parts.backups.iterdir():
        file.unlink()
    variables = {**parts.variables, "SNAPSHOT_DIRECTORY": str(parts.backups)}
    with rollout(tmp_path, POLICY, environment_text(PARTS), variables) as run:
        run.command("backup", "create", "environment.yaml", "snapshot")
        yield run


def test_gates_to_checklist(parts, hook, ready):
    run: LiveRun = ready
    run.start("--name", "release-7", "--artefact", "shop-2.4.1+7")
    assert run.ended(120) == 0, run.stderr
    assert run.name == "release-7"
    assert "with `shop-2.4.1+7`" in run.stderr
    assert "  artefact: shop-2.4.1+7\n" in run.command("status", run.name).stdout
    assert parts.stage.percent() == 100
    done = run.command("checklist", run.name, "--format", "json", status=3)
    listing = json.loads(done.stdout)
    assert listing["artefact"] == "shop-2.4.1+7"
    assert abs(parse_instant(listing["started"]) - run.entries("begin")[0].at * 1e6) < 2, "the start of the window"
    items = {item["name"]: item for item in listing["items"]}
    assert [name for name, item in items.items() if not item["ticked"]] == ["go"]
    (snapshot,) = run.acts("confirm", "snapshot")
    assert snapshot.body["snapshot"] in items["snapshot-taken"]["evidence"][0]
    listed = run.command("backup", "list", "environment.yaml", "snapshot")
    assert snapshot.body["snapshot"] in listed.stdout
    assert [asked.json["text"] for asked in hook.asked if "is complete" in asked.json["text"]][2:], "refused twice, then taken"
    assert sum("is complete" in asked.json["text"] for asked in hook.asked) == 3
    run.command("approve", run.name, "--item", "go", "--by", "ann")
    assert "GO: every item is ticked" in run.command("checklist", run.name).stdout
    run.command("journal", "verify", run.name)
    written = b"".join(path.read_bytes() for path in run.folder.glob("store.db*"))
    assert PASSWORD.encode() not in written and PASSWORD not in run.stderr + run.stdout


def redis_killed(parts):
    parts.redis.process.kill()
    parts.redis.process.wait(10)


def redis_stopped(parts):
    parts.redis.stop()


def redis_full(parts):
    parts.redis.fill()


def database_stopped(parts):
    parts.database.stop()


def backup_too_old(parts):
    newest = sidecar(parts)
    record = json.loads(newest.read_text())
    past = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 25 * 3600))
    newest.write_text(json.dumps({**record, "started": past, "finished": past}))


def backup_truncated(parts):
    newest = sidecar(parts)
    backup = newest.with_name(newest.name.removesuffix(".json"))
    os.truncate(backup, backup.stat().st_size // 2)


def one_purchase_fails(parts):
    parts.stage.baseline.fault(sales=1)


def snapshot_fails(parts):
    pass


REFUSALS = [
    (redis_stopped, "gate `readiness` failed"),
    (redis_full, "gate `readiness` failed"),
    (database_stopped, "gate `readiness` failed"),
    (backup_too_old, "gate `readiness` failed"),
    (backup_truncated, "gate `readiness` failed"),
    (one_purchase_fails, "gate `smoke` failed"),
    (snapshot_fails, "the snapshot `snapshot` was not taken"),
    (redis_killed, "gate `readiness` failed"),  # the last: it does not come back
]


@pytest.mark.parametrize(("break_it", "reason"), REFUSALS, ids=[each.__name__ for each, _ in REFUSALS])
def test_whatever_is_not_ready_refuses_the_rollout(break_it, reason, parts, ready):
    run: LiveRun = ready
    if break_it is snapshot_fails:
        run.variables["SNAPSHOT_DIRECTORY"] = str(run.folder / "nowhere")
    break_it(parts)
    try:
        run.start()
        assert run.ended(60) == 4, run.stderr
    finally:
        if break_it is database_stopped:
            parts.database.go_on()
    assert reason in run.stdout + run.stderr
    assert parts.stage.percent() == 0
    assert run.steps() == [] and not run.acts("intend", "weight")
    assert run.notes() == ["refused"]
