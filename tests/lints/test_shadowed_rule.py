"""
A rule is told if all that it brings about is brought about by another, and only then.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, for: 5m}, {name: b, when: canary.error_rate >= 0.02, for: 5m}]",
            [("canary.error_rate >= 0.1", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="a weaker limit for as long",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, for: 5m}, {name: b, when: canary.error_rate >= 0.02}]",
            [("canary.error_rate >= 0.1", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="a weaker limit for less long",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1}, {name: b, when: canary.error_rate >= 0.02, for: 5m}]",
            [],
            id="a large excess at once, a small one for long",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.02}, {name: b, when: canary.error_rate >= 0.02}]",
            [("canary.error_rate >= 0.02", "rollback rule `b` adds nothing: whenever it fires, `a` fires too")],
            id="of two equal rules the later",
        ),
        pytest.param(
            "rollback: [{name: a, when: 0.1 <= canary.error_rate}, {name: b, when: canary.error_rate >= 0.02}]",
            [("0.1 <= canary.error_rate", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="the constant on the left",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1}, {name: b, when: baseline.error_rate >= 0.02}]",
            [],
            id="other signals",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1}, {name: b, when: canary.error_rate <= 0.02}]",
            [],
            id="opposite directions",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.02 && incident.data}, {name: b, when: canary.error_rate >= 0.02}]",
            [("canary.error_rate >= 0.02 && incident.data", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="an operand more",
        ),
        pytest.param(
            "rollback: [{name: a, when: incident.data}, {name: b, when: incident.data || canary.latency > 2.0}]",
            [("incident.data", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="an alternative more",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1}, {name: b, when: canary.error_rate >= 0.02, steps: [full]}]",
            [],
            id="the other acts in fewer steps",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, steps: [full]}, {name: b, when: canary.error_rate >= 0.02, steps: [full, canary-50]}]",
            [("canary.error_rate >= 0.1", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="the other acts in more steps",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1}, {name: b, when: canary.error_rate >= 0.02, unless: baseline.error_rate > 0.1}]",
            [],
            id="the other has an exemption",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, unless: baseline.error_rate > 0.1}, {name: b, when: canary.error_rate >= 0.02, unless: baseline.error_rate > 0.1}]",
            [("canary.error_rate >= 0.1", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="both have the same exemption",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, unless: baseline.error_rate > 0.1}, {name: b, when: canary.error_rate >= 0.02}]",
            [("canary.error_rate >= 0.1", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="only the shadowed one has an exemption",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, unless: baseline.error_rate > 0.1}, {name: b, when: canary.error_rate >= 0.02, unless: baseline.error_rate > 0.2}]",
            [],
            id="unlike exemptions",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1}, {name: b, when: canary.error_rate >= 0.02, missing: ignore}]",
            [],
            id="the other ignores missing values",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, missing: ignore}, {name: b, when: canary.error_rate >= 0.02, missing: ignore}]",
            [("canary.error_rate >= 0.1", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="both ignore missing values",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, missing: rollback, after: 5m}, {name: b, when: canary.error_rate >= 0.02}]",
            [],
            id="missing values roll back",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, missing: rollback, after: 5m}, {name: b, when: canary.error_rate >= 0.02, missing: rollback, after: 5m}]",
            [],
            id="missing values roll back with both, of unlike limits",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.02, missing: rollback, after: 5m}, {name: b, when: canary.error_rate >= 0.02, missing: rollback, after: 2m}]",
            [("canary.error_rate >= 0.02", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="missing values roll back with both, sooner with the other",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1}, {name: b, when: canary.error_rate >= 0.02, missing: rollback, after: 5m}]",
            [("canary.error_rate >= 0.1", "rollback rule `a` adds nothing: whenever it fires, `b` fires too")],
            id="missing values roll back with the other",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.02, for: {samples: 2, of: 3}}, {name: b, when: canary.error_rate >= 0.02, for: {samples: 2, of: 3}}]",
            [("canary.error_rate >= 0.02", "rollback rule `b` adds nothing: whenever it fires, `a` fires too")],
            id="k of n of equal rules",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, for: {samples: 2, of: 3}}, {name: b, when: canary.error_rate >= 0.02, for: {samples: 2, of: 3}}]",
            [],
            id="k of n of unlike limits is not compared",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1, for: {samples: 2, of: 3}}, {name: b, when: canary.error_rate >= 0.02}]",
            [],
            id="k of n and a duration are not compared",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate > 1.0}, {name: b, when: canary.error_rate >= 0.02}]",
            [],
            id="a rule that is never true is another lint's",
        ),
        pytest.param(
            "hold: [{name: a, when: canary.error_rate >= 0.1}, {name: b, when: canary.error_rate >= 0.02}]",
            [("canary.error_rate >= 0.1", "hold rule `a` adds nothing: whenever it holds, `b` holds too")],
            id="hold rules",
        ),
        pytest.param(
            "rollback: [{name: a, when: canary.error_rate >= 0.1}]\nhold: [{name: b, when: canary.error_rate >= 0.02}]",
            [],
            id="a hold rule beside a rollback rule",
        ),
        pytest.param(
            "slos: [{name: a, require: canary.error_rate < 0.05, for: 5m}, {name: b, require: canary.error_rate < 0.01, for: 5m}]",
            [("canary.error_rate < 0.05", "SLO `a` adds nothing: it is met whenever `b` is met")],
            id="an SLO with a looser limit",
        ),
        pytest.param(
            "slos: [{name: a, require: canary.error_rate < 0.05, for: 10m}, {name: b, require: canary.error_rate < 0.01, for: 5m}]",
            [],
            id="an SLO with a looser limit for longer",
        ),
        pytest.param(
            "slos: [{name: a, require: canary.error_rate < 0.05}]\nplan: {steps: [{name: s, weight: 10, min: 1m}, {name: full, weight: 100, min: 1m, slos: [{name: b, require: canary.error_rate < 0.01}]}]}",
            [],
            id="a stricter SLO in one step only",
        ),
        pytest.param(
            "slos: [{name: a, require: canary.error_rate < 0.01}]\nplan: {steps: [{name: s, weight: 10, min: 1m}, {name: full, weight: 100, min: 1m, slos: [{name: b, require: canary.error_rate < 0.05}]}]}",
            [("canary.error_rate < 0.05", "SLO `b` adds nothing: it is met whenever `a` is met")],
            id="a looser SLO in one step",
        ),
    ],
)
def test_shadowed_rule(said, fragment, expected):
    assert said("shadowed-rule", fragment) == expected
