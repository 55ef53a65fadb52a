"""
Changes of the plan that show in no decision: traffic that comes sooner, and gates.
"""

import pytest
from canarypolicy.documents.loading import load_policy
from canarypolicy.review.plan_changes import plan_changes

PLAN = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop}
signals: {a.b: {healthy: 0.0}}
slos: [{name: low, require: a.b < 1.0}]
plan:
  every: 1m
  gates: {before: [{name: ready, probe: p, require: result.failed == 0}], after: []}
  steps:
    - {name: canary-10, weight: 10, min: 20m, max: 40m}
    - {name: canary-50, weight: 50, min: 30m}
    - {name: full, weight: 100, min: 60m}
"""
GATE = "{name: ready, probe: p, require: result.failed == 0}"


def changes(*edits):
    text = PLAN
    for before, after in edits:
        assert text.count(before) == 1
        text = text.replace(before, after)
    old, new = (load_policy(each.encode(), path).document for each, path in ((PLAN, "old.yaml"), (text, "new.yaml")))
    return [(change.name, change.direction.value, change.sentence, change.place.line) for change in plan_changes(old, new)]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param([], [], id="the same plan"),
        pytest.param([("min: 20m", "min: 25m")], [], id="a longer step brings nothing sooner"),
        pytest.param([("min: 60m", "min: 10m")], [], id="after the last step comes nothing"),
        pytest.param([("weight: 10,", "weight: 5,")], [], id="less traffic"),
        pytest.param(
            [("min: 20m", "min: 10m")],
            [("50 %", "10m", "canary-50", "after 20m", 11)],
            id="the same gain in later steps is told once",
        ),
        pytest.param(
            [("min: 20m", "min: 10m"), ("min: 30m", "min: 20m")],
            [("50 %", "10m", "canary-50", "after 20m", 11), ("100 %", "30m", "full", "after 50m", 12)],
            id="another gain is told again",
        ),
        pytest.param([("weight: 10,", "weight: 30,")], [("30 %", "0s", "canary-10", "after 20m", 10)], id="more at once"),
        pytest.param(
            [("    - {name: canary-50, weight: 50, min: 30m}\n", "")],
            [("100 %", "20m", "full", "after 50m", 11)],
            id="a step is gone",
        ),
        pytest.param([("    - {name: full", "    - {name: canary-75, weight: 75, min: 5m}\n    - {name: full")],
            [], id="a step in between is no more traffic sooner"),
    ],
)  # fmt: skip
def test_traffic(edits, expected):
    sentences = [
        (
            "traffic-sooner",
            "looser",
            f"{weight} of the traffic can be on the canary after {now}, in step `{step}`; it was {was}",
            line,
        )
        for weight, now, step, was, line in expected
    ]
    assert changes(*edits) == sentences


def test_more_traffic_than_ever():
    text = PLAN.replace("weight: 100", "weight: 60")
    old, new = (load_policy(each.encode(), "policy.yaml").document for each in (text, PLAN))
    (change,) = plan_changes(old, new)
    assert change.sentence == "100 % of the traffic can be on the canary after 50m, in step `full`; it was never"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param(
            [(GATE, "")],
            ("gate-removed", "looser", "gate `ready` before the first step is no longer asked for", 6),
            id="removed",
        ),
        pytest.param(
            [("result.failed == 0", "result.failed <= 1")],
            ("gate-changed", "looser", "gate `ready` before the first step asks for something else; what that lets pass is not known", 8),
            id="changed",
        ),
        pytest.param(
            [("after: []", f"after: [{GATE.replace('ready', 'smoke')}]")],
            ("gate-added", "stricter", "gate `smoke` in the last step is new", 8),
            id="added",
        ),
    ],
)  # fmt: skip
def test_gates(edits, expected):
    assert changes(*edits) == [expected]
