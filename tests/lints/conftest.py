"""
A policy to start from, and what one lint or all of them say of it when a fragment is laid over it.
"""

from __future__ import annotations

import pytest
import yaml
from canarypolicy.documents.loading import load_policy
from canarypolicy.lints import LINTS

BASE = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: base}
signals:
  canary.error_rate: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
  canary.latency: {unit: seconds, range: [0, 60], healthy: 0.2, worse: higher}
  canary.requests: {unit: count, range: [0, null], healthy: 3000.0, worse: lower}
  canary.failures: {type: int, unit: count, range: [0, null], healthy: 0, worse: higher}
  baseline.error_rate: {unit: ratio, range: [0, 1], healthy: 0.002}
  app.color: {type: string, values: [blue, green], healthy: blue}
  incident.data: {type: bool, healthy: false}
slos:
  - {name: error-rate, require: canary.error_rate < 0.01, for: 5m}
plan:
  every: 30s
  steps:
    - {name: canary-10, weight: 10, min: 20m, max: 30m}
    - {name: canary-50, weight: 50, min: 30m, max: 45m}
    - {name: full, weight: 100, min: 60m}
"""


def laid_over(base, fragment):
    """Lay a fragment over a mapping: mappings are merged, everything else is replaced."""
    if not isinstance(base, dict) or not isinstance(fragment, dict):
        return fragment
    return {**base, **{key: laid_over(base.get(key), value) for key, value in fragment.items()}}


def policy_with(fragment):
    text = yaml.safe_dump(laid_over(yaml.safe_load(BASE), yaml.safe_load(fragment) or {}), sort_keys=False, width=1000)
    loaded = load_policy(text.encode(), "policy.yaml")
    assert loaded.document is not None, loaded.findings
    return loaded.document


@pytest.fixture
def checked():
    """Give the base policy with a fragment laid over it, as it is loaded."""
    return policy_with


@pytest.fixture
def said():
    """Give the underlined text and the sentence of each finding of one lint, in the order of the file."""

    def say(lint, fragment):
        found = sorted(LINTS[lint].find(policy_with(fragment)), key=lambda finding: finding.span.start)
        assert all(finding.name == lint and finding.severity is LINTS[lint].severity for finding in found)
        return [(finding.span.text, finding.message) for finding in found]

    return say
