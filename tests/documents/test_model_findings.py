import pytest

STEP = "{name: full, weight: 100, min: 60m, max: 2h}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("healthy: 0.002", "healthy: 2", [("healthy-out-of-range", "2", "`healthy` is out of the range: 2", None)],
                     id="a model's own fault is placed where the model says"),
        pytest.param("max: 2h", "max: 2m", [("max-below-min", "2m", "`max` is shorter than `min`", None)], id="two values that do not fit"),
        pytest.param("  steps:\n", "  max_gap: 10s\n  steps:\n",
                     [("gap-below-every", "10s", "`max_gap` is shorter than `every`, so no run could ever last", None)], id="a gap below every"),
        pytest.param("every: 30s", "every: 0s", [("zero-duration", "0s", "`every` is longer than nothing", None)], id="no time at all"),
        pytest.param("  steps:\n", "  checklist: [{name: a, text: b}]\n  steps:\n",
                     [("not-one-evidence", "{name: a, text: b}", "a checklist item has one kind of evidence, found none",
                       "one of `gates: [...]`, `snapshot: true`, `steps: [...]`, `notified: true`, `manual: true`")],
                     id="a fault of a whole mapping underlines it"),
        pytest.param("for: 5m}\nrollback", "for: {samples: 5, of: 3}}\nrollback",
                     [("never-enough-samples", "5", "5 of 3 samples can never be reached", None)], id="in one of two forms, that form's fault alone"),
        pytest.param("for: 5m}\nrollback", "for: 5m, missing: ignore}\nrollback",
                     [("missing-on-slo", "ignore", "`missing: ignore` cannot stand on an SLO: without evidence it is not met",
                       "write a rollback or hold rule with it")], id="where the schema has a fault too, the model's words are told"),
        pytest.param("for: 5m}\nrollback", "for: 5 minutes}\nrollback",
                     [("invalid-duration", "5 minutes",
                       "`5 minutes` is not a duration: expected digits and units such as `30s`, `5m` or `1h30m`", "write `5m`")],
                     id="of the same fault, the schema's, which has a way out"),
        pytest.param("name: storefront", 'name: "storefront\\n"',
                     [("invalid-text", '"storefront\\n"', "`name` does not fit: string should match pattern '^[a-z0-9]+(-[a-z0-9]+)*$'", None)],
                     id="what only pydantic finds"),
        pytest.param("name: storefront", "name: storefront, revision: 3.0",
                     [("wrong-value", "3.0", "`revision` does not fit: input should be a valid integer", None)], id="an int written as a double"),
        pytest.param("for: 5m}\nrollback", "for: 5m, runbook: wiki}\nrollback",
                     [("invalid-url", "wiki", "`runbook` is a URL such as `https://wiki.example/errors`, found the text `wiki`", None)], id="no URL"),
        pytest.param("max: 2h}", "max: 2h, on_timeout: rollback, slos: [{name: a, require: canary.error_rate < 0.5, steps: [full]}]}",
                     [("steps-in-step", "[full]", "a rule inside a step acts in that step; `steps` cannot limit it", None)], id="steps inside a step"),
        pytest.param("min: 60m, max: 2h", "min: 60m, on_timeout: rollback",
                     [("timeout-without-max", "rollback", "`on_timeout` needs `max`", "add `max: 30m`")], id="a timeout without its time"),
        pytest.param("name: canary-10", "name: before",
                     [("reserved-name", "before", "`before` is no name for a step: it has a meaning of its own", None)], id="a step named as a state"),
        pytest.param("for: 5m}\nplan", "for: 5m, missing: rollback}\nplan",
                     [("rollback-without-after", "rollback", "`missing: rollback` needs `after`", "add `after: 5m`")], id="a rollback without its time"),
        pytest.param("for: 5m}\nplan", "for: 5m, after: 5m}\nplan",
                     [("after-without-rollback", "5m", "`after` stands only beside `missing: rollback`", None)], id="a time without its rollback"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_together_are_told(findings, old, new, expected):
    """Name, underlined text, sentence and help, whole."""
    assert findings(old, new) == expected


def test_a_models_faults_are_told_beside_those_of_the_structure(findings):
    """A wrong key elsewhere hides no fault of values."""
    found = findings(STEP, "{name: full, weight: 100, min: 60m, max: 2m}\n    - {name: x, weight: 1, min: 1m, mux: 1}")
    assert [(name, text) for name, text, _, _ in found] == [("max-below-min", "2m"), ("unknown-key", "mux")]
