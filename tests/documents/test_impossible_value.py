"""
A string signal, or the rollout's step, compared with a text that it never is: a warning, with the nearest one.
"""

from canarypolicy.documents.loading import load_policy

from driver import policy_text

SIGNALS = "signals:\n  a.b: {healthy: 0.0}\n  a.colour: {type: string, values: [blue, green], healthy: blue}\n"


def found(text):
    return [
        (finding.message, finding.help)
        for finding in load_policy(text.encode(), "p.yaml").findings
        if finding.name == "impossible-value"
    ]


def test_a_slip_in_a_value_or_in_a_step_is_told_with_the_nearest():
    rules = 'slos: [{name: low, require: a.b < 1.0}]\nhold: [{name: x, when: \'a.colour == "gren" || rollout.step in ["ful", "canary-10"]\'}]'
    assert found(policy_text(signals=SIGNALS, rules=rules)) == [
        ("`gren` is not one of the values of `a.colour`", "did you mean `green`? values: `green`, `blue`"),
        ("`ful` is not one of the values of `rollout.step`", "did you mean `full`? values: `full`, `canary-10`"),
    ]


def test_right_values_are_silent_and_wrongly_written_ones_are_told_as_such():
    rules = 'slos: [{name: low, require: a.b < 1.0}]\nhold: [{name: x, when: \'a.colour == "green" && rollout.step == "full"\'}]'
    assert found(policy_text(signals=SIGNALS, rules=rules)) == []
    for wrong in (SIGNALS.replace("[blue, green]", "[1, green]"), "signals: 7\n", SIGNALS.replace("{healthy: 0.0}", "7")):
        assert found(policy_text(signals=wrong, rules=rules)) == []
    assert found(policy_text(signals=SIGNALS, rules=rules, plan="plan: 7")) == []
