import pytest

STEPS = "  steps:\n"
GATE = "  gates: {before: [{name: readiness, probe: b, require: result.failed == 0}]}\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("for: 5m}\nrollback", "for: 5m, steps: [full, canary-1]}\nrollback",
                     [("unknown-step", "canary-1", "there is no step `canary-1`", "did you mean `canary-10`? steps: `canary-10`, `full`")], id="a rule's step"),
        pytest.param(STEPS, "  checklist: [{name: a, text: b, steps: [ful]}]\n" + STEPS,
                     [("unknown-step", "ful", "there is no step `ful`", "did you mean `full`? steps: `full`, `canary-10`")], id="a checklist item's step"),
        pytest.param("{mean: {", "{frozen: {at: ful, ",
                     [("unknown-step", "ful", "there is no step `ful`", "did you mean `full`? steps: `full`, `start`, `canary-10`")],
                     id="where a signal is frozen"),
        pytest.param("plan:\n", "invariants: [{name: a, never: {reach: zzz}, before: 5m}]\nplan:\n",
                     [("unknown-step", "zzz", "there is no step `zzz`", "steps: `canary-10`, `full`")], id="what must not be reached"),
        pytest.param(STEPS, GATE + "  checklist: [{name: a, text: b, gates: [readines]}]\n" + STEPS,
                     [("unknown-gate", "readines", "there is no gate `readines`", "did you mean `readiness`? gates: `readiness`")], id="a gate"),
        pytest.param(STEPS, "  checklist: [{name: a, text: b, gates: [smoke]}]\n" + STEPS,
                     [("unknown-gate", "smoke", "there is no gate `smoke`", "the plan has no gates")], id="a gate where there is none"),
        pytest.param(STEPS, "  checklist: [{name: a, text: b, snapshot: true}]\n" + STEPS,
                     [("unknown-snapshot", "true", "the plan takes no snapshot that could be the evidence", "add `snapshot: {actuator: ...}` to the plan")],
                     id="a snapshot that is not taken"),
    ],
)  # fmt: skip
def test_what_is_named_is_there(findings, old, new, expected):
    """Name, underlined text, sentence and help, whole."""
    assert findings(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("for: 5m}\nrollback", "for: 5m, steps: [full]}\nrollback"),
        ("{mean: {", "{frozen: {at: start, "),
        ("{mean: {", "{frozen: {at: full, "),
        ("plan:\n", "invariants: [{name: a, never: {reach: full}, before: 5m}]\nplan:\n"),
        (STEPS, GATE + "  checklist: [{name: a, text: b, gates: [readiness]}]\n" + STEPS),
        (STEPS, "  snapshot: {actuator: s}\n  checklist: [{name: a, text: b, snapshot: true}]\n" + STEPS),
    ],
)
def test_what_is_there_may_be_named(findings, old, new):
    """`start` is an instant that needs no step."""
    assert findings(old, new) == []
