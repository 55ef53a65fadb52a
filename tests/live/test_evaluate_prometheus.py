"""
`evaluate --environment` against a real Prometheus that scrapes a real shop: rollback, no rollback, and hold when it is silent.
"""

import json
import os
import subprocess
import sys
import time

import pytest

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="SIGSTOP has no twin on Windows")]

POLICY = """
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: live-shop}
signals:
  canary.error_rate_5xx: {unit: ratio, range: [0, 1], healthy: 0.0, worse: higher}
  baseline.error_rate_5xx: {unit: ratio, range: [0, 1], healthy: 0.0}
  canary.latency_p95: {unit: seconds, range: [0, 60], healthy: 0.01, worse: higher}
  canary.requests: {unit: per_second, range: [0, null], healthy: 40.0, worse: lower}
  canary.nothing: {unit: ratio, range: [0, 1], healthy: 0.0}
  canary.several: {unit: ratio, range: [0, 1], healthy: 0.0}
  canary.nan: {unit: ratio, range: [0, 1], healthy: 0.0}
  canary.wrong: {unit: ratio, range: [0, 1], healthy: 0.0}
slos:
  - {name: low, require: canary.error_rate_5xx < 0.01, for: 5s}
  - {name: fast, require: canary.latency_p95 < 1.0}
  - {name: busy, require: canary.requests > 5.0}
rollback:
  - {name: errors, when: canary.error_rate_5xx >= 0.02, unless: baseline.error_rate_5xx >= 0.02, for: 5s}
  - {name: others, when: canary.nothing > 0.5 && canary.several > 0.5 && canary.nan > 0.5 && canary.wrong > 0.5, missing: ignore}
plan:
  every: 1s
  max_gap: 3s
  steps: [{name: full, weight: 100, min: 1s}]
"""

ENVIRONMENT = """
apiVersion: canarypolicy/v1
kind: Environment
metadata: {name: live}
sources:
  prom: {prometheus: {url: '${env:LIVE_PROMETHEUS_URL}', timeout: 3s}}
signals:
  canary.error_rate_5xx: {source: prom, query: 'sum(rate(http_requests_total{version="canary",code=~"5.."}[5s])) / sum(rate(http_requests_total{version="canary"}[5s]))'}
  baseline.error_rate_5xx: {source: prom, query: 'sum(rate(http_requests_total{version="baseline",code=~"5.."}[5s])) / sum(rate(http_requests_total{version="baseline"}[5s]))'}
  canary.latency_p95: {source: prom, query: 'histogram_quantile(0.95, sum by (le)(rate(http_request_duration_seconds_bucket{version="canary"}[5s])))'}
  canary.requests: {source: prom, query: 'sum(rate(http_requests_total{version="canary"}[5s]))'}
  canary.nothing: {source: prom, query: 'no_such_metric'}
  canary.several: {source: prom, query: 'rate(http_requests_total[5s])'}
  canary.nan: {source: prom, query: 'sum(http_requests_total) * 0 / 0'}
  canary.wrong: {source: prom, query: 'sum(rate('}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "environment.yaml").write_text(ENVIRONMENT, encoding="utf-8")
    return folder


@pytest.fixture
def evaluate(files, prometheus):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "canarypolicy", "evaluate", "policy.yaml", "--environment", "environment.yaml", "--format", "json", *arguments],
            cwd=files, env={**os.environ, "LIVE_PROMETHEUS_URL": prometheus.url, "PYTHONPATH": os.getcwd()}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def decided(done):
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def until(evaluate, status, seconds, *arguments):
    """Ask again for at most so many seconds, as a pipeline would."""
    for _ in range(seconds):
        done = evaluate(*arguments)
        if done.returncode == status:
            return done
        time.sleep(1)
    return done


def test_the_whole_story(evaluate, shop, prometheus):
    """
    One minute of real scrapes: healthy, then 5xx injected, then Prometheus stopped.
    """
    started = time.time()
    since = ("--step", "full", "--since", f"{started:.3f}")
    healthy = until(evaluate, 0, 30, *since)
    decision = decided(healthy)
    assert healthy.returncode == 0, healthy.stdout + healthy.stderr
    assert decision["complete"]
    assert {reason["rule"] for reason in decision["reasons"]} == {"low", "fast", "busy", "min-duration"}
    why = {each["signal"]: each["why"] for each in decision["missing"]}
    assert set(why) == {"canary.nothing", "canary.several", "canary.nan", "canary.wrong"}
    assert len(set(why.values())) == 4  # each absence has its own reason
    assert "parse error" in why["canary.wrong"]

    shop.fail("canary", 0.3)
    broken = until(evaluate, 5, 40)  # without --step and --since: a rollback needs neither
    decision = decided(broken)
    assert broken.returncode == 5, broken.stdout + broken.stderr
    (reason,) = decision["reasons"]
    assert (decision["decision"], reason["rule"]) == ("rollback", "errors")
    assert reason["values"]["canary.error_rate_5xx"] > 0.02
    assert reason["for_seconds"] == 5

    shop.fail("baseline", 0.3)
    time.sleep(max(0.0, 60 - (time.time() - started)))
    spared = until(evaluate, 4, 30)
    assert spared.returncode == 4, spared.stdout  # a shared incident spares the canary, and does not let it advance
    shop.fail("baseline", 0.0)

    prometheus.stop()
    try:
        silent = evaluate()
    finally:
        prometheus.go_on()
    decision = decided(silent)
    assert silent.returncode == 4, silent.stdout + silent.stderr
    assert decision["decision"] == "hold"
    assert all("3s" in each["why"] for each in decision["missing"])
    assert {each["signal"] for each in decision["missing"]} >= {"canary.error_rate_5xx", "canary.requests"}
