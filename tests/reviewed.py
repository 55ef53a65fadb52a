"""
A policy to change, and what a change of its text makes of it.
"""

from canarypolicy.documents.loading import load_policy

BASE = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop}
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher, max_age: 90s}
  canary.latency: {unit: seconds, range: [0, 60], healthy: 0.2, worse: higher}
  canary.requests: {unit: count, range: [0, null], healthy: 3000.0, worse: lower}
  app.color: {type: string, values: [blue, green], healthy: blue}
derived:
  reference.latency: {frozen: {of: canary.latency, at: half, over: 10m}}
  mean.errors: {mean: {of: canary.errors, over: 5m}}
slos:
  - {name: errors-low, require: canary.errors < 0.01, for: 5m}
  - {name: latency-low, require: canary.latency < 0.5 && canary.requests > 10, for: 2m}
rollback:
  - {name: errors, when: canary.errors >= 0.02, for: 5m}
  - {name: slow, when: canary.latency >= 2.0, unless: canary.requests < 100.0, for: {samples: 2, of: 3}}
hold:
  - {name: little-traffic, when: canary.requests < 500.0, steps: [tenth, half], missing: rollback, after: 5m}
plan:
  every: 30s
  gates:
    before: [{name: ready, probe: ready, require: result.failed == 0}]
    after: [{name: smoke, probe: smoke, require: result.failed == 0, on_fail: hold}]
  steps:
    - {name: tenth, weight: 10, min: 20m, max: 30m}
    - {name: half, weight: 50, min: 30m, max: 45m, rollback: [{name: means, when: mean.errors > 0.5}]}
    - {name: full, weight: 100, min: 60m}
  on_rollback: {recovery: {require: canary.errors < 0.01, for: 5m, within: 10m}, freeze: true}
  checklist: [{name: clean, text: No incident at ten, steps: [tenth]}, {name: told, text: Told, notified: true}]
invariants:
  - {name: not-early, never: {reach: full}, before: 50m}
  - {name: no-advance, never: advance, while: canary.errors >= 0.02}
  - {name: back, when: canary.errors >= 0.5, always: rollback, within: 6m}
"""


def policy(text, path="policy.yaml"):
    loaded = load_policy(text.encode(), path)
    assert loaded.document is not None, loaded.findings
    return loaded.document


def changed(*replacements, base=BASE, path="policy.yaml"):
    """Give the base with texts in it replaced, each of which must stand there once."""
    for was, now in replacements:
        assert base.count(was) == 1, f"{was!r} stands {base.count(was)} times in the policy"
        base = base.replace(was, now)
    return policy(base, path)
