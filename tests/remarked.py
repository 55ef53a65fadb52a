"""
A policy to start from, and what is remarked on it when a fragment is laid over it.
"""

from __future__ import annotations

import yaml
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.engine.rollout import Follow
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import replay
from canarypolicy.review.own import encode_alone

BASE = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: base}
signals:
  c.err: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
  c.lat: {unit: seconds, range: [0, 60], healthy: 0.2, worse: higher}
  c.req: {unit: count, range: [0, null], healthy: 3000.0, worse: lower}
  c.fails: {type: int, unit: count, range: [0, null], healthy: 0, worse: higher}
  b.err: {unit: ratio, range: [0, 1], healthy: 0.002}
  b.lat: {unit: seconds, range: [0, 60], healthy: 0.2}
  c.mode: {type: string, values: [ok, odd, bad], healthy: ok}
  c.flag: {type: bool, healthy: false, worse: higher}
slos:
  - {name: err-low, require: c.err < 0.01, for: 5m}
rollback:
  - {name: err-high, when: c.err >= 0.02, for: 5m}
plan:
  every: 1m
  steps:
    - {name: tenth, weight: 10, min: 10m, max: 20m, on_timeout: rollback}
    - {name: full, weight: 100, min: 10m, max: 20m, on_timeout: rollback}
"""
"""Nothing is to be said of it."""


def laid_over(base, fragment):
    """Lay a fragment over a mapping: mappings are merged, everything else is replaced."""
    if not isinstance(base, dict) or not isinstance(fragment, dict):
        return fragment
    return {**base, **{key: laid_over(base.get(key), value) for key, value in fragment.items()}}


def policy_with(fragment=""):
    text = yaml.safe_dump(laid_over(yaml.safe_load(BASE), yaml.safe_load(fragment) or {}), sort_keys=False, width=1000)
    loaded = load_policy(text.encode(), "policy.yaml")
    assert loaded.document is not None, loaded.findings
    return loaded.document


def program_with(fragment=""):
    return build(policy_with(fragment))


def said(question, fragment=""):
    """Give the name and the sentence of all that one question remarks."""
    return [(remark.name, remark.sentence) for remark in question(encode_alone(program_with(fragment)))]


def shown(program, remark):
    """Give what the policy decides, by itself, at the last sample of a remark's witness, each step as it is recorded."""
    recording = Recording(rollout="shown", source="shown", items=remark.witness.items)
    return replay(program, recording, follow=Follow.RECORDING).decisions[-1]
