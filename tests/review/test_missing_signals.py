"""
Whether anything becomes an advance because a signal goes missing.
"""

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty
from canarypolicy.review.missing_signals import missing_signals
from canarypolicy.review.own import encode_alone

from remarked import program_with, shown

SAFE = [
    ("no rule that minds presence", ""),
    ("a rule that ignores what an SLO asks for", "rollback: [{name: r, when: c.err >= 0.02, missing: ignore}]"),
    ("presence as evidence", "slos: [{name: s, require: has(c.err) && c.err < 0.01, for: 5m}]"),
    ("a hold rule on absence", "hold: [{name: h, when: '!has(c.lat)'}]"),
    ("a guard that holds when the signal is missing", "hold: [{name: h, when: '!has(c.lat) || c.lat > 1.0'}]"),
    (
        "an SLO for a while that is only stricter without the signal",
        "slos: [{name: s, require: 'c.err < 0.01 && (has(c.lat) || c.err < 0.005)', for: 5m}]",
    ),
    (
        "a signal that a derived one reads",
        "derived: {d.mean: {mean: {of: c.lat, over: 5m}}}\nslos: [{name: s, require: d.mean < 1.0}]\nrollback: [{name: r, when: c.lat > 3.0, missing: ignore}]",
    ),
    (
        "a rule that ignores an SLO's own count",
        "slos: [{name: s, require: 'c.err < 0.01 && has(c.err)', for: {samples: 2, of: 3}}]",
    ),
]


@pytest.mark.parametrize("fragment", [text for _, text in SAFE], ids=[claim for claim, _ in SAFE])
def test_nothing_is_said_where_less_evidence_is_never_looser(fragment):
    assert list(missing_signals(encode_alone(program_with(fragment)))) == []


UNSAFE = [
    (
        "a rollback rule that ignores",
        "rollback: [{name: r, when: c.lat > 3.0, missing: ignore}]",
        "step `tenth` is left because `c.lat` is missing, and the rollout is rolled back while nothing is: see rollback rule `r`",
        Verdict.ROLLBACK,
        {"c.lat"},
    ),
    (
        "a hold rule that ignores",
        "hold: [{name: h, when: c.lat > 3.0, missing: ignore, steps: [full]}]",
        "step `full` is left because `c.lat` is missing, and the rollout is held while nothing is: see hold rule `h`",
        Verdict.HOLD,
        {"c.lat"},
    ),
    (
        "a guard",
        "rollback: [{name: r, when: has(c.lat) && c.lat > 3.0}]",
        "step `tenth` is left because `c.lat` is missing, and the rollout is rolled back while nothing is: see rollback rule `r`",
        Verdict.ROLLBACK,
        {"c.lat"},
    ),
    (
        "an exemption by absence",
        "rollback: [{name: r, when: c.err >= 0.005, unless: '!has(b.err)', for: 5m}]",
        None,
        Verdict.ROLLBACK,
        {"b.err", "c.err"},
    ),
    (
        "an SLO that absence meets",
        "slos: [{name: s, require: 'c.err < 0.01 && (!has(c.lat) || c.lat < 1.0)', for: 5m}]",
        "step `tenth` is left because `c.lat` is missing, and the rollout is rolled back while nothing is: see SLO `s`",
        Verdict.ROLLBACK,
        {"c.lat"},
    ),
]


@pytest.mark.parametrize(("fragment", "sentence", "was", "off"), [each[1:] for each in UNSAFE], ids=[each[0] for each in UNSAFE])
def test_a_decision_that_absence_makes_an_advance_is_shown_in_both_worlds(fragment, sentence, was, off):
    """What is shown is the history with the signal missing; what is decided with it stands beside."""
    program = program_with(fragment)
    (remark,) = missing_signals(encode_alone(program))
    assert (remark.name, remark.certainty, remark.is_fault) == ("looser-when-missing", Certainty.WITNESS, False)
    assert sentence is None or remark.sentence == sentence
    assert (remark.witness.old.verdict, remark.witness.new.verdict) == (was, Verdict.ADVANCE)
    assert set(remark.witness.off_healthy) == off
    assert shown(program, remark).verdict is Verdict.ADVANCE


def test_what_cannot_be_answered_is_said():
    fragment = "rollback: [{name: r, when: has(c.lat) && c.lat * c.err * c.req > 3.0}]"
    (remark,) = missing_signals(encode_alone(program_with(fragment), budget=1))
    assert (remark.name, remark.certainty) == ("looser-when-missing", Certainty.UNKNOWN)
    assert remark.sentence == "whether rollback rule `r` lets the rollout advance because a signal goes missing is not known"
    assert remark.why == "the budget of steps ran out"
