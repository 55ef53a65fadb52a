"""
Rollouts carried out by programs, by webhooks and by an HTTPRoute.

The programs are real; the service behind the webhooks and the Kubernetes API are fakes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from fake_kubernetes import FakeKubernetesApi
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


@contextmanager
def by_programs(at, edge, url):
    set_text = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + '\\n')"
    read_text = "import sys; print(open(sys.argv[1]).read().split()[-1])"
    weights = at / "weights"
    weights.write_text("0\n", encoding="utf-8")
    section = {"set": python(set_text, str(weights), "{weight}", "${env:SET_SECRET}"), "read": python(read_text, str(weights))}
    yield {"command": section}, lambda: [float(line) for line in weights.read_text(encoding="utf-8").split()]


@contextmanager
def by_webhooks(at, edge, url):
    headers = {"X-Key": "${env:SET_SECRET}"}
    section = {
        "set": {"url": url + "/split", "method": "PUT", "headers": headers, "json": {"canary": "{weight}"}},
        "read": {"url": url + "/split", "query": "canary"},
    }
    yield {"webhook": section}, lambda: edge.weights


@contextmanager
def by_a_route(at, edge, url):
    """Of a fake of the Kubernetes API."""
    path = "gateway.networking.k8s.io/v1/namespaces/shop/httproutes/shop"
    fake = FakeKubernetesApi(SECRETS["SET_SECRET"])
    fake.put(path, {"rules": [{"backendRefs": [{"name": "v1", "weight": 1}, {"name": "v2", "weight": 0}]}]})
    with fake.serving() as server:
        section = {
            "server": server,
            "token": "${env:SET_SECRET}",
            "namespace": "shop",
            "route": "shop",
            "canary": "v2",
            "baseline": "v1",
        }

        def weights():
            patches = [asked.json for asked in fake.asked if asked.method == "PATCH"]
            return [0, *(each["value"] for patch in patches for each in patch if each["path"].endswith("/1/weight"))]

        yield {"gateway_api": section}, weights


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


@pytest.mark.parametrize("traffic", [by_programs, by_webhooks, by_a_route])
@pytest.mark.parametrize(("is_bad", "status", "weights", "occurrence"), [
    (False, 0, [0, 10, 100], "complete"),
    (True, 5, [0, 10, 0], "rolled-back"),
])  # fmt: skip
def test_a_rollout(tmp_path, is_bad, status, weights, occurrence, traffic):
    """Gates, snapshot, weights and notices of a whole rollout and of a rolled back one; no secret in anything written."""
    edge = FakeEdge()
    (tmp_path / "app.json").write_text(json.dumps({"bad": is_bad}), encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    with edge.serving() as url, traffic(tmp_path, edge, url) as (section, set_weights):
        # JSON is YAML, too
        (tmp_path / "environment.yaml").write_text(json.dumps(environment(tmp_path, url, section)), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "canarypolicy", "run", "policy.yaml", "environment.yaml"],
            cwd=tmp_path, env={**os.environ, **SECRETS, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    assert set_weights() == weights
    assert [notice["occurrence"] for _, notice in edge.notices][:1] == [occurrence]
    assert all(key == notice["key"] for key, notice in edge.notices)
    written = [done.stdout, done.stderr, *(path.read_text(errors="replace") for path in tmp_path.iterdir())]
    assert any("shop.sql.gz" in text for text in written)
    assert not [text for text in written if any(secret in text for secret in SECRETS.values())]
