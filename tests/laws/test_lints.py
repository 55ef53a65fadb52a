"""
What lints claim is true of the engine: a shadowed rule is not missed, and an unreported divisor is never zero.
"""

import random

import yaml
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.lints import LINTS

from driver import ORIGIN_US, drive, sample, verdicts

HEAD = {
    "apiVersion": "canarypolicy/v1",
    "kind": "RolloutPolicy",
    "metadata": {"name": "law"},
    "signals": {
        "canary.errors": {"unit": "ratio", "range": [0, 1], "healthy": 0.0},
        "baseline.errors": {"unit": "ratio", "range": [0, 1], "healthy": 0.0},
        "incident.data": {"type": "bool", "healthy": False},
    },
    "plan": {
        "every": "1m",
        "max_gap": "2m",
        "steps": [{"name": "a", "weight": 10, "min": "2m"}, {"name": "b", "weight": 50, "min": "2m"}, {"name": "c", "weight": 100, "min": "9m"}],
    },
}  # fmt: skip
TIMES = [None, None, "1m", "2m", {"samples": 2, "of": 3}]
BAD = ["canary.errors >= 0.02", "canary.errors >= 0.1", "0.1 <= canary.errors", "canary.errors > 0.02", "incident.data"]
GOOD = ["canary.errors < 0.02", "canary.errors < 0.1", "0.1 > canary.errors", "!incident.data"]


def loaded(policy):
    found = load_policy(yaml.safe_dump(policy).encode(), "policy.yaml")
    assert found.document is not None, found.findings
    return found.document


def without_empty(rule):
    return {key: value for key, value in rule.items() if value is not None}


def watching(rng, name):
    """Draw a rollback or hold rule that is likely to overlap with another."""
    missing = rng.choice([None, None, "ignore", "rollback"])
    return without_empty(
        {
            "name": name,
            "when": rng.choice([rng.choice(BAD), f"{rng.choice(BAD)} {rng.choice(['&&', '||'])} {rng.choice(BAD)}"]),
            "unless": rng.choice([None, None, "baseline.errors >= 0.02"]),
            "for": rng.choice(TIMES),
            "steps": rng.choice([None, None, ["b"], ["b", "c"]]),
            "missing": missing,
            "after": rng.choice(["1m", "3m"]) if missing == "rollback" else None,
        }
    )


def required(rng, name):
    """Draw an SLO."""
    both = f"{rng.choice(GOOD)} {rng.choice(['&&', '||'])} {rng.choice(GOOD)}"
    return without_empty(
        {"name": name, "require": rng.choice([rng.choice(GOOD), both]), "for": rng.choice(TIMES), "steps": rng.choice([None, None, ["b", "c"]])}
    )  # fmt: skip


def alike(rng, make):
    """Draw two rules, the second often like the first but for one thing."""
    one, other = make(rng, "one"), make(rng, "two")
    key = rng.choice([key for key in other if key not in ("name", "missing", "after")])
    return [one, rng.choice([other, {**one, "name": "two", key: other[key]}])]


def history(rng, program):
    """Draw samples at a minute's distance, some later and some without a value; most of them are like the one before."""
    items, at_us = [], ORIGIN_US
    values = {"canary.errors": 0.0, "baseline.errors": 0.0, "incident.data": False}
    for _ in range(rng.randrange(4, 16)):
        at_us += rng.choice([60, 60, 60, 60, 150]) * SECOND_US
        if rng.random() < 0.5:
            values["canary.errors"] = rng.choice([0.0, 0.0, 0.02, 0.05, 0.1, 0.2, None])
        if rng.random() < 0.3:
            values["baseline.errors"] = rng.choice([0.0, 0.05, None])
        if rng.random() < 0.3:
            values["incident.data"] = rng.choice([False, False, True, None])
        items.append(sample(program, at_us, base=values))
    return items


def test_without_a_shadowed_rule_everything_is_decided_as_before():
    rng = random.Random(5)
    shadowed = differing = 0
    for _ in range(250):
        kind, make = rng.choice([("rollback", watching), ("hold", watching), ("slos", required)])
        policy = {**HEAD, "slos": [{"name": "base", "require": "canary.errors < 2.0"}]}
        policy[kind] = [*policy.get(kind, []), *alike(rng, make)]
        checked = loaded(policy)
        names = [finding.message.split("`")[1] for finding in LINTS["shadowed-rule"].find(checked)]
        shadowed += bool(names)
        for name in [each for each in ("one", "two") if not names or each in names[:1]]:
            program = build(checked)
            fewer = build(loaded({**policy, kind: [rule for rule in policy[kind] if rule["name"] != name]}))
            for _ in range(10 if names else 3):
                items = history(rng, program)
                same = verdicts(drive(program, items)) == verdicts(drive(fewer, items))
                assert same or not names, (policy[kind], name, items)
                differing += not same
    assert shadowed > 50
    assert differing > 50  # where the lint is silent, rules are missed


def test_where_no_divisor_is_reported_every_value_is_known():
    """All signals are present and no result is out of reach, so only a division by zero could be unknown."""
    rng = random.Random(6)
    guards = ["canary.errors > 0.0", "canary.errors != 0.0", "canary.errors >= 0.0", "incident.data", "0.0 < baseline.errors", "canary.errors - baseline.errors != 0.0", "baseline.errors == 0.0"]  # fmt: skip
    divisors = ["canary.errors", "baseline.errors", "(canary.errors - baseline.errors)", "(canary.errors + 1.0)", "(canary.errors * baseline.errors)", "2.0"]  # fmt: skip

    def part():
        return rng.choice([rng.choice(guards), f"1.0 / {rng.choice(divisors)} > 3.0", f"!(0.5 / {rng.choice(divisors)} < 0.7)"])

    def whole():
        shape = rng.choice(["{} && {}", "{} || {}", "{} && {} && {}", "({} || {}) && {}", "{} ? {} : {}", "!({} && {}) || {}", "({} && {}) ? {} : {}"])  # fmt: skip
        return shape.format(*(part() for _ in range(shape.count("{}"))))

    silent = unknown = 0
    for _ in range(300):
        checked = loaded({**HEAD, "slos": [{"name": "base", "require": whole()}]})
        expression = checked.expressions["slos", 0, "require"]
        is_reported = any(LINTS["division-by-zero"].find(checked))
        silent += not is_reported and "/" in expression.text
        for _ in range(15):
            values = {name: rng.choice([0.0, 0.0, 0.25, 0.5, 1.0]) for name in ("canary.errors", "baseline.errors")}
            values["incident.data"] = rng.choice([True, False])
            outcome = expression.evaluate(values)
            assert is_reported or outcome is not UNKNOWN, (expression.text, values)
            unknown += outcome is UNKNOWN
    assert silent > 20
    assert unknown > 100
