import pytest

STEP = "{name: full, weight: 100, min: 60m, max: 2h}"
SLO = "{name: error-rate, require: canary.error_rate < 0.01, for: 5m}"
PLAN = "  steps:\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("{name: storefront}", "{name: a, ownr: b}",
                     [("unknown-key", "ownr", "unknown key `ownr`", "did you mean `owner`? allowed: `owner`, `name`, `revision`, `description`")],
                     id="an unknown key is underlined itself"),
        pytest.param("{name: storefront}", "{nane: a}",
                     [("unknown-key", "nane", "unknown key `nane`", "did you mean `name`? allowed: `name`, `revision`, `owner`, `description`")],
                     id="a misspelt key is not also missing"),
        pytest.param("{name: storefront}", "{name: a, owner:sre}",
                     [("unknown-key", "owner:sre", "unknown key `owner:sre`", "a key has a blank behind its colon: `owner: sre`")],
                     id="a colon without a blank"),
        pytest.param("{name: storefront}", "{owner: a}",
                     [("missing-key", "{owner: a}", "`metadata` lacks `name`", None)], id="a missing key"),
        pytest.param("metadata: {name: storefront}", "metadata:\n  owner: a",
                     [("missing-key", "metadata", "`metadata` lacks `name`", None)], id="a mapping without brackets is known by its key"),
        pytest.param(STEP, "{name: full, weight: heavy}",
                     [("missing-key", "{name: full, weight: heavy}", "item 2 of `steps` lacks `min`", None),
                      ("wrong-type", "heavy", "`weight` is a number, found the text `heavy`", None)], id="all faults at once"),
        pytest.param("min: 60m", "min: ", [("wrong-type", "min", "`min` has no value, expected a duration such as `5m`", None)],
                     id="a forgotten value"),
        pytest.param("weight: 100", "weight: '100'", [("wrong-type", "'100'", "`weight` is a number, found the text `100`", "leave the quotes out")],
                     id="a number in quotes"),
        pytest.param("weight: 100", "weight: -1", [("number-out-of-range", "-1", "`weight` is `-1`, expected at least 0", None)],
                     id="a number too small"),
        pytest.param("for: 5m}\nrollback", "for: [5m]}\nrollback",
                     [("wrong-type", "[5m]", "`for` is a duration such as `5m` or a mapping with `samples` and `of`, found a list", None)],
                     id="none of two forms"),
        pytest.param("for: 5m}\nrollback", "for: {samples: 1.5, of: 3}}\nrollback",
                     [("wrong-type", "1.5", "`samples` is an int, found the number `1.5`", None)], id="one of two forms"),
        pytest.param("canary.colour: {", "9colour: {",
                     [("invalid-name", "9colour", "`9colour` is not the name of a signal: expected parts of letters and digits with dots between them, underscores only in the last part", None)], id="a key that is no name"),
        pytest.param("canary.colour: {", "c" * 201 + ": {",
                     [("text-too-long", "c" * 201, f"`{'c' * 77}...` has 201 characters, expected at most 200 characters", None)], id="a key too long"),
        pytest.param("{mean: {", "{meen: {",
                     [("unknown-key", "meen", "there is no derived function `meen`",
                       "did you mean `mean`? allowed: `mean`, `count`, `delta`, `frozen`, `growing`, `max`, `min`, `quantile` and 2 more")],
                     id="an unknown member of a kind"),
        pytest.param("{mean: {of: canary.error_rate, over: 5m}}", "{}",
                     [("not-one-choice", "{}", "expected exactly one derived function, found none",
                       "one of `count`, `delta`, `frozen`, `growing`, `max`, `mean`, `min`, `quantile`, `ratio` or `sum`")], id="no member of a kind"),
        pytest.param("values: [blue, green]", "values: blue", [("wrong-type", "blue", "`values` is a list, found the text `blue`", None)],
                     id="a text for a list"),
        pytest.param("range: [0, 1]", "range: [0, 1, 2]",
                     [("wrong-count", "[0, 1, 2]", "`range` has 3 items, expected at most 2 items", None)], id="too many items"),
        pytest.param("range: [0, 1]", "range: [a, 1]",
                     [("wrong-type", "a", "item 1 of `range` is a number or null, found the text `a`", None)], id="an item of a list"),
        pytest.param("unit: ratio", "unit: 5", [("unknown-value", "5",
                     "`unit` is `ratio`, `percent`, `seconds`, `milliseconds`, `count`, `per_second`, `bytes` or `none`, found the int `5`", None)],
                     id="a number for a word"),
        pytest.param(PLAN, "  on_rollback: {freeze: maybe}\n" + PLAN,
                     [("unknown-value", "maybe", "`freeze` is `true` or `false` or `policy` or `all`, found the text `maybe`", None)],
                     id="all alternatives are named"),
    ],
)  # fmt: skip
def test_each_fault_of_the_structure_is_told(findings, old, new, expected):
    """Name, underlined text, sentence and help, whole."""
    assert findings(old, new) == expected


def test_two_unknown_members_are_told_as_such(findings):
    """That they are two is the lesser fault."""
    found = findings("{mean: {of: canary.error_rate, over: 5m}}", "{meen: {}, maxx: {}}")
    assert [(name, text) for name, text, _, _ in found] == [("unknown-key", "meen"), ("unknown-key", "maxx")]


def test_signals_must_be_there(valid, findings):
    """An empty mapping of signals is told once."""
    start, end = valid.index("signals:"), valid.index("derived:")
    assert findings(valid[start:end], "signals: {}\n") == [("empty-mapping", "{}", "`signals` is empty", None)]


def test_an_alternative_is_told_by_the_keys_that_are_there(findings):
    """Of three forms of invariants, the faults of the nearest."""
    assert findings("plan:\n", "invariants: [{name: a, never: {reach: full}}]\nplan:\n") == [
        ("missing-key", "{name: a, never: {reach: full}}", "item 1 of `invariants` lacks `before`", None)
    ]
