"""
Planted secrets on a live rollout with failing parts: whatever is written anywhere is searched for them.
"""

import json
import re
import signal
import sys

import pytest

from live.rollout import rollout
from live.servers import fetch, free_port
from live.shops import until
from live.stage import running_stage
from live.storefront import SHORT, environment_text, policy_text

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="HAProxy has no twin on Windows")]

BY_VARIABLE, BY_FILE, IN_URL = "planted-by-variable-4711", "planted-by-file-0815", "planted-in-url-2342"
PLANTED = (BY_VARIABLE, BY_FILE, IN_URL)

TELLTALE = "import sys; print(sys.argv); print(sys.argv, file=sys.stderr); sys.exit(int(sys.argv[1]))"
"""A program that tells all that it was given, and ends in the status that it was given first."""

SHOUT = f"[{sys.executable}, -S, -c, '{TELLTALE}', '7', '${{env:PLANTED}}', '${{file:planted}}']"

SOURCES = f"""\
sources:
  dead: {{prometheus: {{url: 'http://reader:{IN_URL}@127.0.0.1:1/${{env:PLANTED}}', timeout: 500ms}}}}
  shouting: {{command: {{run: {SHOUT}, timeout: 500ms}}}}
"""

NOTIFY = f"""\
notify:
  - {{command: {{run: {SHOUT}, timeout: 5s}}}}
  - {{webhook: {{url: 'http://hook:{IN_URL}@127.0.0.1:1/${{file:planted}}', headers: {{Authorization: 'Bearer ${{env:PLANTED}}'}}, timeout: 1s}}}}
"""


def planted_environment():
    """
    Give every part a secret and a way to betray it: servers that are not there, programs that tell their arguments and fail.
    """
    text = environment_text()
    text = text.replace("sources:\n", SOURCES)
    text = re.sub(r"(?m)^notify:\n.*\n", lambda _: NOTIFY, text)
    text = re.sub(r"(?m)^  incident.login_blocked: .*$", "  incident.login_blocked: {source: dead, query: up}", text)
    text = re.sub(r"(?m)^  incident.sales_blocked: .*$", "  incident.sales_blocked: {source: shouting, query: x}", text)
    # A gate that passes and tells all the same, and a snapshot whose name is a secret.
    text = text.replace(
        """'print("passed=3 failed=0")']""", """'import sys; print("passed=3 failed=0", sys.argv)', '${env:PLANTED}']"""
    )
    return text.replace("""'print("shop-1.sql.gz")']""", """'import sys; print("shop", sys.argv[1])', '${file:planted}']""")


@pytest.fixture
def stage(tmp_path):
    (tmp_path / "stage").mkdir()
    with running_stage(tmp_path / "stage", per_second=60, most_seconds=60) as running:
        running.wait_for_past(5)
        yield running


def test_no_secret_is_written(stage, tmp_path):
    """
    Journal, log, errors, status, metrics, export, `--explain`: none has a secret in it.
    """
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "planted").write_text(BY_FILE + "\n", encoding="utf-8")
    listen = free_port()
    seen = {}
    with rollout(folder, policy_text(SHORT), planted_environment(), {**stage.variables, "PLANTED": BY_VARIABLE}) as run:
        run.start("--listen", f"127.0.0.1:{listen}", "--log-format", "json")
        run.entered("canary-10")
        until(run.decisions, 10, "a decision")
        stage.haproxy.stop()
        until(lambda: any("weight-drift" in each["reason_names"] for each in run.decisions()), 10, "a weight that cannot be read")
        stage.haproxy.go_on()
        seen["metrics"] = fetch(f"http://127.0.0.1:{listen}/metrics").decode()
        for arguments in (("status", run.name), ("status", run.name, "--format", "json"), ("status",)):
            done = run.command(*arguments)
            seen[" ".join(arguments)] = done.stdout + done.stderr
        run.command("signal", run.name, "incident.data=true")
        until(lambda: len(run.acts("abandon", "notify")) >= 2, 30, "notices that cannot be delivered")
        run.send(signal.SIGTERM)
        run.ended(30)
        run.command("journal", "export", run.name, "-o", "exported.jsonl")
        for arguments in (
            ("evaluate", "policy.yaml", "--environment", "environment.yaml", "--explain"),
            ("validate", "environment.yaml"),
            ("journal", "verify", run.name),
        ):
            done = run.command(*arguments, status=None)
            seen[" ".join(arguments)] = done.stdout + done.stderr
        missing = {each["signal"]: each["why"] for each in run.decisions()[-1]["missing"]}
        journal = json.dumps([each.body for each in run.entries()])
    for file in folder.rglob("*"):
        if file.is_file() and file.name not in ("environment.yaml", "planted"):
            seen[file.name] = file.read_bytes().decode("latin-1")
    assert {"store.db", "stderr", "stdout", "exported.jsonl", "metrics"} <= set(seen)
    assert [(name, secret) for name, text in seen.items() for secret in PLANTED if secret in text] == []
    # The parts did have something to betray, and it was blotted out.
    assert {"incident.login_blocked", "incident.sales_blocked"} <= set(missing)
    assert "***" in journal and "***" in seen["stderr"]
