"""
The terms of these very policies are held against the engine, and a lowering that is wrong is found before anything is said.
"""

from dataclasses import replace
from fractions import Fraction

import pytest
from canarypolicy.cel import operands, smt
from canarypolicy.review import decisions, windows
from canarypolicy.review.encoded import encode
from canarypolicy.review.fold_validation import decision_mismatches
from canarypolicy.review.validation import TermReading, admission_mismatches, named, rounded, rule_mismatches

from review.drawing import SIGNALS, program_of


def policy(**changes):
    document = {
        "apiVersion": "canarypolicy/v1",
        "kind": "RolloutPolicy",
        "metadata": {"name": "p"},
        "signals": dict(SIGNALS),
        "slos": [
            {"name": "low", "require": "c.err < 0.2 && c.lat / b.err <= 1.5", "for": "5m"},
            {"name": "often", "require": "c.mode.startsWith('o')", "for": {"samples": 2, "of": 3}},
        ],
        "rollback": [
            {"name": "high", "when": "c.err >= 0.3", "unless": "b.err >= 0.3", "for": "5m"},
            {"name": "lost", "when": "c.any > 2.0 && c.req < 500.0", "missing": "rollback", "after": "10m"},
            {"name": "riddle", "when": "string(c.lat) == '0.7' || c.login % 3 == 2", "missing": "ignore"},
        ],
        "hold": [{"name": "flag", "when": "c.flag || c.left > 5", "steps": ["a"]}],
        "plan": {
            "every": "1m",
            "gates": {
                "before": [{"name": "ready", "probe": "p", "require": "result.failed == 0"}],
                "after": [
                    {"name": "smoke", "probe": "p", "require": "result.failed == 0", "on_fail": "rollback"},
                    {"name": "soft", "probe": "p", "require": "result.passed > 1"},
                ],
            },
            "steps": [
                {"name": "a", "weight": 10, "min": "2m", "max": "20m", "on_timeout": "rollback"},
                {"name": "b", "weight": 100, "min": "0s", "approval": "required"},
            ],
        },
    }
    document.update(changes)
    return document


def encoded(old=None, new=None):
    old, new = program_of(old or policy()), program_of(new or policy())
    return encode(old, new, {"a": "a", "b": "b"})


def found(both):
    return [*rule_mismatches(both), *admission_mismatches(both), *decision_mismatches(both, most=4_000)]


def test_the_terms_are_right():
    """Rules, admissions and decisions of both policies agree with the engine, riddles and all."""
    signals = {
        **SIGNALS,
        "c.err": {"range": [0, 0.5], "healthy": 0.125},
        "c.mode": {"type": "string", "values": ["ok", "bad"], "healthy": "ok"},
    }
    signals["c.login"] = {"type": "int", "range": [1, 9], "healthy": 1, "worse": "lower", "max_age": "90s"}
    signals["c.flag"] = {**SIGNALS["c.flag"], "max_age": "5m"}
    assert not found(encoded(policy(), policy(signals=signals)))
    assert not found(encoded())


WRONG = {
    "`>=` as `>`": (smt, "_compared", lambda right: lambda low, op, *sides: right(low, ">" if op == ">=" else op, *sides)),
    "missing as present": (
        operands,
        "_signal",
        lambda right: lambda signal: right(replace(signal, present=smt.terms.truth(True))),
    ),
    "a literal times ten": (
        operands,
        "_constant",
        lambda right: lambda low, value: right(low, value * 10 if isinstance(value, float) else value),
    ),
    "a pending rollback rule lets advance": (windows.RuleTerms, "blocks", lambda _: property(lambda each: each.fires)),
    "no `min`": (decisions, "_waiting", lambda _: lambda step, flags: iter(())),
    "no gates": (decisions, "_gates", lambda _: lambda *_: iter(())),
}


@pytest.mark.parametrize("bug", WRONG)
def test_a_wrong_reading_is_found(bug, monkeypatch):
    """Each is a mismatch with its point, and the sentence says what the engine gives."""
    place, name, wrong = WRONG[bug]
    monkeypatch.setattr(place, name, wrong(getattr(place, name)))
    mismatches = found(encoded())
    assert mismatches
    assert ": the engine gives " in mismatches[0].sentence


def test_a_wrong_admission_is_found():
    """What two declarations make of one raw value is compared at their bounds."""
    signals = {**SIGNALS, "c.err": {"range": [0, 0.5], "healthy": 0.125}}
    both = encoded(policy(), policy(signals=signals))
    both.snapshot.admitted.update(
        dict.fromkeys(both.snapshot.admitted, (smt.terms.truth(True), both.snapshot.raw["c.err"].value))
    )
    assert {each.what for each in admission_mismatches(both)} == {"signal `c.err`"}
    assert rounded(Fraction(2**1030)) == 2**1030


def test_a_truth_that_is_both_is_no_reading():
    """Terms that allow true and false at once give nothing that could agree."""
    both = encoded()
    rule = both.old.rules[0]
    wrong = replace(rule.truth, no=rule.truth.yes)
    reading = TermReading(both.encoding, wrong, named(both.snapshot.old))
    assert reading.truth_at({"c.err": 0.1, "c.lat": 0.1, "b.err": 0.1}) is None
