"""
Rollouts carried out by programs and webhooks alone: everything that canarypolicy does not ship.

The programs are real; the service behind the webhooks is a fake.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fake_service import FakeService
from programs import python

ROOT = Path(__file__).parents[2]
SECRETS = {"SET_SECRET": "hunter-set", "HOOK_SECRET": "hunter-hook"}
POLICY = """
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: programs}
signals:
  app.bad: {type: bool, healthy: false, worse: higher}
slos: [{name: fine, require: '!app.bad'}]
rollback: [{name: bad, when: app.bad}]
plan:
  every: 1s
  snapshot: {actuator: snapshot}
  gates:
    before: [{name: ready, probe: ready, require: result.failed == 0 && result.passed == 12}]
  steps:
    - {name: canary-10, weight: 10, min: 1s, max: 1m}
    - {name: full, weight: 100, min: 1s}
"""
READY = {
    "run": python("print('PASS=11 FAIL=0')"),
    "captures": {name: {"regex": rf"{name.upper()[:4]}=(\d+)", "type": "int"} for name in ("passed", "failed")},
}


class FakeEdge(FakeService):
    """
    Keeps the canary's share, and the notices that it gets; a fake.
    """

    def __init__(self):
        super().__init__(self.answered)
        self.weights = [0]
        self.notices = []

    def answered(self, asked):
        if asked.path == "/notices":
            self.notices.append((asked.headers["idempotency-key"], asked.json))
        elif asked.method == "PUT":
            self.weights.append(asked.json["canary"])
        return 200, {"canary": self.weights[-1]}


def by_programs(at, url):
    set_text = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + '\\n')"
    read_text = "import sys; print(open(sys.argv[1]).read().split()[-1])"
    weights = str(at / "weights")
    Path(weights).write_text("0\n", encoding="utf-8")
    return {"command": {"set": python(set_text, weights, "{weight}", "${env:SET_SECRET}"), "read": python(read_text, weights)}}


def by_webhooks(at, url):
    return {
        "webhook": {
            "set": {
                "url": url + "/split",
                "method": "PUT",
                "headers": {"X-Key": "${env:SET_SECRET}"},
                "json": {"canary": "{weight}"},
            },
            "read": {"url": url + "/split", "query": "canary"},
        }
    }


def environment(at, url, traffic):
    return {
        "apiVersion": "canarypolicy/v1",
        "kind": "Environment",
        "metadata": {"name": "programs"},
        "store": f"sqlite:///{at / 'store.db'}",
        "sources": {"app": {"command": {"run": python("import sys; print(open(sys.argv[1]).read())", str(at / "app.json"))}}},
        "signals": {"app.bad": {"source": "app", "query": "bad"}},
        "probes": {
            "ready": {"all": ["legacy", "plain"]},
            "legacy": {"command": READY},
            "plain": {"command": {"run": python("pass")}},
        },
        "actuators": {"traffic": traffic, "snapshot": {"command": {"create": python("print('dumping'); print('shop.sql.gz')")}}},
        "notify": [{"webhook": {"url": url + "/notices", "headers": {"Authorization": "Bearer ${env:HOOK_SECRET}"}}}],
    }


def carried_out(at, *, is_bad, traffic):
    edge = FakeEdge()
    with edge.serving() as url:
        (at / "app.json").write_text(json.dumps({"bad": is_bad}), encoding="utf-8")
        (at / "policy.yaml").write_text(POLICY, encoding="utf-8")
        # JSON is YAML, too
        (at / "environment.yaml").write_text(json.dumps(environment(at, url, traffic(at, url))), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "canarypolicy", "run", "policy.yaml", "environment.yaml"],
            cwd=at, env={**os.environ, **SECRETS, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip
    return done, edge


@pytest.mark.parametrize("traffic", [by_programs, by_webhooks])
@pytest.mark.parametrize(("is_bad", "status", "weights", "occurrence"), [
    (False, 0, [0, 10, 100], "complete"),
    (True, 5, [0, 10, 0], "rolled-back"),
])  # fmt: skip
def test_a_rollout(tmp_path, is_bad, status, weights, occurrence, traffic):
    """Gates, snapshot, weights and notices of a whole rollout and of a rolled back one; no secret in anything written."""
    done, edge = carried_out(tmp_path, is_bad=is_bad, traffic=traffic)
    assert done.returncode == status, done.stdout + done.stderr
    set_weights = edge.weights
    if traffic is by_programs:
        set_weights = [float(line) for line in (tmp_path / "weights").read_text(encoding="utf-8").split()]
    assert set_weights == weights
    assert [notice["occurrence"] for _, notice in edge.notices][:1] == [occurrence]
    assert all(key == notice["key"] for key, notice in edge.notices)
    written = [done.stdout, done.stderr, *(path.read_text(errors="replace") for path in tmp_path.iterdir())]
    assert any("shop.sql.gz" in text for text in written)
    assert not [text for text in written if any(secret in text for secret in SECRETS.values())]
