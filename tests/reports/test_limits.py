"""
Which limits of a policy are constants of one signal.
"""

from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.reports.limits import limits_of

POLICY = b"""
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: x}
signals:
  a.b: {healthy: 0.0}
  a.c: {healthy: 0.0}
  a.n: {type: int, healthy: 0}
  a.s: {type: string, values: [x, y], healthy: x}
slos:
  - {name: low, require: a.b < 0.5 && a.c < a.b * 1.2}
rollback:
  - {name: high, when: 0.25 <= a.b || a.n > 3}
  - {name: high-again, when: a.b >= 0.5}
hold:
  - {name: other, when: a.s == 'y' || a.b + 1.0 > 2.0}
plan: {every: 1m, steps: [{name: full, weight: 100, min: 1m, max: 2m}]}
"""


def test_constants_on_either_side_count_once_and_computed_limits_do_not():
    loaded = load_policy(POLICY, "policy.yaml")
    assert limits_of(build(loaded.document)) == {"a.b": (0.25, 0.5), "a.n": (3.0,)}
