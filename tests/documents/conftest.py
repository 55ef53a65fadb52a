"""
Policies to start from: a valid one, to be changed in one place.
"""

from __future__ import annotations

import pytest
from canarypolicy.documents.loading import load_policy

VALID = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: storefront}
signals:
  canary.error_rate: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
  canary.requests: {type: int, unit: count, range: [0, null], healthy: 3000, worse: lower}
  canary.colour: {type: string, values: [blue, green], healthy: blue}
derived:
  errors.mean: {mean: {of: canary.error_rate, over: 5m}}
slos:
  - {name: error-rate, require: canary.error_rate < 0.01, for: 5m}
rollback:
  - {name: errors, when: canary.error_rate >= 0.02, for: 5m}
plan:
  every: 30s
  steps:
    - {name: canary-10, weight: 10, min: 20m, max: 30m}
    - {name: full, weight: 100, min: 60m, max: 2h}
"""


@pytest.fixture
def valid():
    return VALID


@pytest.fixture
def findings():
    """
    Give name, underlined text, message and help of all that is found in the valid policy with a piece replaced.
    """

    def find(old: str, new: str) -> list[tuple[str, str, str, str | None]]:
        assert old in VALID
        loaded = load_policy(VALID.replace(old, new, 1).encode(), "policy.yaml")
        return [(found.name, found.span.text, found.message, found.help) for found in loaded.findings]

    return find
