import pytest

STEPS = "  steps:\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("  canary.colour: {", "  app.in.x: {healthy: 1}\n  canary.colour: {",
                     ("reserved-name", "app.in.x", "`in` is a keyword of CEL and no part of a signal's name", None), id="a keyword in a name"),
        pytest.param("  canary.colour: {", "  double: {healthy: 1}\n  canary.colour: {",
                     ("reserved-name", "double", "the name of a signal does not begin with `double`, which has a meaning of its own", None),
                     id="a type for a name"),
        pytest.param("  errors.mean: {", "  result.mean: {",
                     ("reserved-name", "result.mean", "the name of a signal does not begin with `result`, which has a meaning of its own", None),
                     id="a derived signal named as a probe's result"),
        pytest.param("  errors.mean: {", "  canary.requests.mean: {",
                     ("prefix-clash", "canary.requests.mean",
                      "the signal `canary.requests` of line 6 is the beginning of the name `canary.requests.mean`",
                      "rename one of them: `canary.requests` is either a value or the beginning of names"), id="a name that begins another"),
        pytest.param("  canary.colour: {", "  canary: {healthy: 1}\n  canary.colour: {",
                     ("prefix-clash", "canary.error_rate", "the signal `canary` of line 7 is the beginning of the name `canary.error_rate`",
                      "rename one of them: `canary` is either a value or the beginning of names"), id="in either order"),
        pytest.param("  errors.mean: {mean: {of: canary.error_rate, over: 5m}}", "  canary.requests: {count: {of: canary.error_rate, over: 5m}}",
                     ("duplicate-name", "canary.requests", "`canary.requests` is derived here and measured in line 6", "rename one of them"),
                     id="measured and derived"),
        pytest.param("rollback:\n", "rollback:\n  - {name: errors, when: canary.error_rate > 0.5}\n",
                     ("duplicate-name", "errors", "the name `errors` stands already in line 13", "give each a name of its own"), id="two rules of a list"),
        pytest.param("max: 2h}", "max: 2h, rollback: [{name: errors, when: canary.error_rate > 0.5}]}",
                     ("duplicate-name", "errors", "the name `errors` stands already in line 13", "give each a name of its own"), id="a step's rule and the policy's"),
        pytest.param("max: 2h}", "max: 2h, hold: [{name: a, when: canary.error_rate > 0.5}, {name: a, when: canary.error_rate > 0.5}]}",
                     ("duplicate-name", "a", "the name `a` stands already in line 18", "give each a name of its own"), id="two rules of a step"),
        pytest.param("name: full", "name: canary-10",
                     ("duplicate-name", "canary-10", "the name `canary-10` stands already in line 17", "give each a name of its own"), id="two steps"),
        pytest.param(STEPS, "  gates:\n    before: [{name: a, probe: b, require: result.failed == 0}]\n"
                            "    after: [{name: a, probe: b, require: result.failed == 0}]\n" + STEPS,
                     ("duplicate-name", "a", "the name `a` stands already in line 17", "give each a name of its own"), id="gates before and after"),
        pytest.param(STEPS, "  checklist: [{name: a, text: b, manual: true}, {name: a, text: b, manual: true}]\n" + STEPS,
                     ("duplicate-name", "a", "the name `a` stands already in line 16", "give each a name of its own"), id="two checklist items"),
        pytest.param("plan:\n", "invariants:\n  - {name: a, never: {reach: full}, before: 5m}\n"
                                "  - {name: a, never: {reach: full}, before: 6m}\nplan:\n",
                     ("duplicate-name", "a", "the name `a` stands already in line 15", "give each a name of its own"), id="two invariants"),
    ],
)  # fmt: skip
def test_a_name_means_one_thing(findings, old, new, expected):
    """Name, underlined text, sentence and help, whole."""
    assert expected in findings(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("name: errors,", "name: error-rate,", id="rules of two lists"),
        pytest.param("max: 30m}", "max: 30m, slos: [{name: a, require: canary.error_rate < 0.5}]}", id="a step's rule of its own"),
        pytest.param("  canary.colour: {", "  canary.errors: {healthy: 1}\n  canary.colour: {", id="a name that begins with the letters of another"),
        pytest.param("  canary.colour: {", "  app.rollout: {healthy: 1}\n  canary.colour: {", id="a reserved word that is not first"),
    ],
)  # fmt: skip
def test_names_that_do_not_clash_are_no_findings(findings, old, new):
    """A name is unique where it is looked for, not everywhere."""
    assert findings(old, new) == []


def test_the_same_name_in_two_steps_is_no_finding(findings):
    """Each acts in its step."""
    rule = "slos: [{name: a, require: canary.error_rate < 0.5}]"
    two = f"    - {{name: canary-50, weight: 50, min: 1m, max: 2m, {rule}}}\n    - {{name: full, weight: 100, min: 60m, max: 2h, {rule}}}"
    assert findings("    - {name: full, weight: 100, min: 60m, max: 2h}", two) == []
