"""
A policy with one of everything that a slip can change, and what tests of mutants share.
"""

from canarypolicy.mutation.killing import cases_of
from canarypolicy.mutation.mutants import mutants
from canarypolicy.testing.loading import load_policy_test

from driver import program_of

EVERYTHING = """
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop}
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
  baseline.errors: {unit: ratio, range: [0, 1], healthy: 0.002}
  canary.restarts: {type: int, range: [0, null], healthy: 0}
  canary.crashes: {type: int, range: [0, null], healthy: 0}
  incident.data: {type: bool, healthy: false}
derived:
  errors.mean: {mean: {of: canary.errors, over: 10m}}
  errors.before: {frozen: {of: baseline.errors, at: full, over: 10m}}
slos:
  - {name: low, require: canary.errors < 0.01 && errors.mean <= errors.before * 1.2 + 0.1, for: 4m}
  - {name: sound, require: '!incident.data', steps: [full]}
rollback:
  - {name: high, when: canary.errors >= 0.02, unless: baseline.errors >= 0.02, for: 4m}
  - {name: dark, when: canary.restarts > 3, for: {samples: 2, of: 3}, missing: rollback, after: 6m}
hold:
  - {name: crashing, when: canary.crashes > 0 || incident.data}
plan:
  every: 1m
  gates:
    before: [{name: ready, probe: ready, require: result.failed == 0}]
    after: [{name: smoke, probe: smoke, require: result.failed == 0, on_fail: rollback}]
  steps:
    - {name: canary-10, weight: 10, min: 10m, max: 20m, on_timeout: rollback, approval: required}
    - {name: full, weight: 100, min: 10m, max: 30m}
  checklist:
    - {name: smoked, text: it works, gates: [smoke]}
"""

SMALL = """
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: small}
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
slos: [{name: low, require: canary.errors < 0.01}]
rollback: [{name: high, when: canary.errors >= 0.02, for: 2m}]
plan: {every: 1m, steps: [{name: full, weight: 100, min: 5m, max: 10m}]}
"""

WEAK = """
apiVersion: canarypolicy/v1
kind: PolicyTest
metadata: {name: weak}
policy: policy.yaml
tests:
  - {name: a healthy rollout is complete, lasts: 6m, expect: [{outcome: complete}]}
"""


def mutants_of(text):
    """Give the mutants of a policy as a dict, by their sentences."""
    return {each.sentence: each for each in mutants(program_of(text).checked)}


def test_of(text):
    """Read a PolicyTest that has no fault."""
    loaded = load_policy_test(text.encode(), "weak.test.yaml")
    assert loaded.document is not None, loaded.findings
    return loaded.document


test_of.__test__ = False


def cases(text):
    return cases_of([test_of(text)])
