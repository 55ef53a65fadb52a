"""
Witnesses as PolicyTests: the text, and that a policy followed by itself decides what it says.
"""

import yaml
from canarypolicy.documents.duration import microseconds, parse_duration
from canarypolicy.engine.rollout import Follow
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import replay
from canarypolicy.review.candidate import Candidate
from canarypolicy.review.policy_test import Named, policy_test_text
from canarypolicy.review.witness import find_witness

from driver import HEALTHY, PLAIN_PLAN, SIGNALS
from review_pairs import ADVANCE, HOLD, MINUTE, ROLLBACK, pair_of, question

NAMED = Named(test="witness", policy="policy.yaml")
LOOSER = ("errors >= 0.02", "errors >= 0.03")


def witness_for(pair, step, old, new, **rest):
    rest = {"values": {"canary.errors": 0.0271}, "lasted_us": 3 * MINUTE, "elapsed_us": 3 * MINUTE, **rest}
    found = find_witness(pair, question(step, old, new), [Candidate(step=step, **rest)])
    assert found is not None
    return found


def expanded(text):
    """Read promtool's notation: `axn` is a, n + 1 times."""
    for token in text.split():
        value, _, more = token.partition("x")
        yield from [None if value == "_" else yaml.safe_load(value)] * (int(more or 0) + 1)


def carried_out(text, program):
    """Read a test as the specification says, and give what is decided at the time it names."""
    (test,) = yaml.safe_load(text)["tests"]
    every_us, start_us = (microseconds(parse_duration(test[key])) for key in ("every", "start"))
    columns = {name: list(expanded(line)) for name, line in test["series"].items()}
    (length,) = {len(column) for column in columns.values()}
    rows = [{**HEALTHY, **{name: column[index] for name, column in columns.items()}} for index in range(length)]
    samples = [RawSample(at_us=index * every_us, signals=row) for index, row in enumerate(rows)]
    timeline = replay(program, Recording(rollout="r", source="s", items=tuple(samples)), follow=Follow.POLICY, start_us=start_us)
    (expected,) = test["expect"]
    at_us = microseconds(parse_duration(expected["at"]))
    (decision,) = [each for each in timeline.decisions if each.at_us == at_us]
    return expected, decision


def test_the_whole_text():
    pair = pair_of(LOOSER)
    witness = witness_for(pair, "canary-10", ROLLBACK, HOLD)
    assert policy_test_text(witness, pair.old, witness.old, NAMED) == (
        "apiVersion: canarypolicy/v1\n"
        "kind: PolicyTest\n"
        "metadata: {name: witness}\n"
        "policy: 'policy.yaml'\n"
        "tests:\n"
        "  - name: 'rollback in canary-10 after 3m'\n"
        "    every: 1m\n"
        "    start: 0s\n"
        "    series:\n"
        "      canary.errors: '0.02x3'\n"
        "    expect:\n"
        "      - {at: 3m, decision: rollback, because: [high]}\n"
    )


def test_a_test_says_what_its_policy_decides():
    """In the first step and in the last one, for the old policy and for the new one; bools and missing values are written out."""
    for step, old, new, rest in [
        ("canary-10", ROLLBACK, HOLD, {}),
        ("full", ROLLBACK, HOLD, {}),
        ("full", HOLD, ADVANCE, {"values": {"incident.data": None}, "elapsed_us": 5 * MINUTE, "lasted_us": 0}),
        ("canary-10", ROLLBACK, ADVANCE, {"values": {"incident.data": True}, "elapsed_us": 5 * MINUTE, "lasted_us": 0}),
    ]:
        rule = "rollback: [{name: data, when: incident.data}, "
        change = LOOSER if "values" not in rest else ("{name: data, when: incident.data}, ", "")
        rules = (
            f"slos: [{{name: low, require: canary.errors < 0.01}}]\n{rule}{{name: high, when: canary.errors >= 0.02, for: 3m}}]"
        )
        pair = pair_of(change, rules=rules)
        witness = witness_for(pair, step, old, new, **rest)
        for program, decided in ((pair.old, witness.old), (pair.new, witness.new)):
            expected, decision = carried_out(policy_test_text(witness, program, decided, NAMED), program)
            assert decision.verdict is decided.verdict
            assert decision.step == step
            assert expected["decision"] == decided.verdict.value
            assert set(expected["because"]) <= {reason.rule for reason in decision.reasons}


def test_a_history_before_the_start_is_part_of_it():
    signals = f"{SIGNALS}\nderived:\n  mean.errors: {{mean: {{of: canary.errors, over: 4m}}}}"
    rules = "slos: [{name: base, require: baseline.errors < 0.01}]\nrollback: [{name: high, when: mean.errors >= 0.02}]"
    pair = pair_of(("mean.errors >= 0.02", "mean.errors >= 0.03"), rules=rules, signals=signals)
    witness = witness_for(pair, "canary-10", ROLLBACK, HOLD, values={"mean.errors": 0.025}, elapsed_us=0, lasted_us=0)
    text = policy_test_text(witness, pair.old, witness.old, NAMED)
    assert "start: 0s" not in text
    expected, decision = carried_out(text, pair.old)
    assert decision.verdict is ROLLBACK
    assert expected["because"] == ["high"]


def test_an_all_healthy_history_still_has_a_length():
    pair = pair_of(("min: 5m, max", "min: 4m, max"))
    witness = witness_for(pair, "canary-10", HOLD, ADVANCE, values={}, elapsed_us=4 * MINUTE, lasted_us=0)
    text = policy_test_text(witness, pair.new, witness.new, NAMED)
    assert "'0.002x4'" in text
    assert carried_out(text, pair.new)[1].verdict is ADVANCE


def test_what_a_series_cannot_say_is_no_test():
    """An approval; a step into which the policy does not get by itself; samples at unequal distances."""
    approved = pair_of(
        ("min: 5m}", "min: 5m, approval: required}"), plan=PLAIN_PLAN.replace("min: 5m, max", "min: 5m, approval: required, max")
    )
    witness = witness_for(approved, "full", ADVANCE, HOLD, values={}, elapsed_us=5 * MINUTE, lasted_us=0)
    assert policy_test_text(witness, approved.old, witness.old, NAMED) is None
    pair = pair_of(LOOSER, plan=PLAIN_PLAN.replace("min: 5m, max", "min: 5m, approval: required, max"))
    witness = witness_for(pair, "full", ROLLBACK, HOLD)
    assert policy_test_text(witness, pair.old, witness.old, NAMED) is None
    paused = witness_for(pair, "canary-10", ROLLBACK, HOLD, is_paused=True)
    assert policy_test_text(paused, pair.old, paused.old, NAMED) is not None
