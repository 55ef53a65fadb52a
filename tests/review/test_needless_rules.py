"""
Rules without which every decision would be the same.
"""

import pytest
from canarypolicy.review.findings import Certainty
from canarypolicy.review.needless_rules import needless_rules
from canarypolicy.review.own import encode_alone

from remarked import program_with


def remarked(fragment, budget=10_000_000):
    own = encode_alone(program_with(fragment), budget=budget)
    return list(needless_rules(own, own.rules))


NEEDED = [
    ("the policy as it is", ""),
    (
        "a large excess at once beside a small one for long",
        "rollback: [{name: long, when: c.err >= 0.02, for: 5m}, {name: large, when: c.err >= 0.1}]",
    ),
    (
        "rules that act in unlike steps",
        "rollback: [{name: one, when: c.err >= 0.02, steps: [full]}, {name: two, when: c.err >= 0.02, steps: [tenth]}]",
    ),
    (
        "a rule that is exempted and one that is not",
        "rollback: [{name: one, when: c.err >= 0.02, unless: b.err >= 0.02}, {name: two, when: c.err >= 0.02, for: 5m}]",
    ),
    (
        "a rule that holds while a signal is missing, beside a lower limit that ignores that",
        "rollback: [{name: one, when: c.lat > 2.0, missing: ignore}, {name: two, when: c.lat > 3.0}]",
    ),
    (
        "a rule that rolls back when a signal is missing for long, beside a lower limit that does not",
        "rollback: [{name: one, when: c.lat > 2.0}, {name: two, when: c.lat > 3.0, missing: rollback, after: 5m}]",
    ),
    (
        "a union of which each part waits for another signal",
        "rollback: [{name: low, when: c.lat < 1.0 && c.err > 0.5}, {name: high, when: c.lat >= 0.5 && c.err > 0.5}, {name: both, when: c.err > 0.6}]",
    ),
    (
        "a rule on the sum and rules on the parts",
        "rollback: [{name: a, when: c.err > 0.5}, {name: b, when: b.err > 0.5}, {name: sum, when: c.err + b.err > 0.9}]",
    ),
    (
        "two counts that are not alike",
        "rollback: [{name: a, when: c.err > 0.5, for: {samples: 2, of: 3}}, {name: b, when: c.err > 0.5, for: {samples: 3, of: 5}}]",
    ),
    ("a hold rule that acts where no SLO asks", "hold: [{name: lat, when: c.lat > 2.0}]"),
    (
        "an SLO that lasts longer than a stricter one",
        "slos: [{name: a, require: c.err < 0.01, for: 5m}, {name: b, require: c.err < 0.005}]",
    ),
]


@pytest.mark.parametrize("fragment", [text for _, text in NEEDED], ids=[claim for claim, _ in NEEDED])
def test_a_rule_that_does_something_of_its_own_is_left_alone(fragment):
    assert remarked(fragment) == []


NEEDLESS = [
    (
        "a higher limit for as long",
        "rollback: [{name: one, when: c.err >= 0.02, for: 5m}, {name: two, when: c.err >= 0.1, for: 5m}]",
        ["rollback rule `two` decides nothing that would not be decided without it: whenever it fires or holds, so does `one`"],
    ),
    (
        "a union of two",
        "rollback: [{name: low, when: c.err > 0.5 && c.err < 0.8}, {name: high, when: c.err >= 0.7}, {name: both, when: c.err > 0.6}]",
        [
            "rollback rule `both` decides nothing that would not be decided without it: whenever it fires or holds, so does `low` or `high`"
        ],
    ),
    (
        "three that are the same: all but the first",
        "rollback: [{name: a, when: c.err >= 0.02}, {name: b, when: c.err >= 0.02}, {name: c, when: c.err >= 0.02}]",
        [
            "rollback rule `b` decides nothing that would not be decided without it: whenever it fires or holds, so does `a`",
            "rollback rule `c` decides nothing that would not be decided without it: whenever it fires or holds, so does `a`",
        ],
    ),
    (
        "a hold rule that an SLO makes needless",
        "hold: [{name: err, when: c.err >= 0.015}]",
        ["hold rule `err` decides nothing that would not be decided without it: whenever it holds, SLO `err-low` is not met"],
    ),
    (
        "an SLO that a stricter one implies",
        "slos: [{name: a, require: c.err < 0.01, for: 5m}, {name: b, require: c.err < 0.02, for: 3m}]",
        ["SLO `b` decides nothing that would not be decided without it: it is met whenever `a` is"],
    ),
    (
        "an SLO that two imply",
        "slos: [{name: sum, require: c.err + b.err < 0.5}, {name: a, require: c.err < 0.2}, {name: b, require: b.err < 0.2}]",
        ["SLO `sum` decides nothing that would not be decided without it: it is met whenever `a` and `b` are"],
    ),
    (
        "the one of two that acts in fewer steps",
        "rollback: [{name: one, when: c.err >= 0.02, steps: [full]}, {name: two, when: c.err >= 0.02}]",
        ["rollback rule `one` decides nothing that would not be decided without it: whenever it fires or holds, so does `two`"],
    ),
    (
        "the one of two that minds less what is missing",
        "rollback: [{name: one, when: c.lat > 2.0}, {name: two, when: c.lat > 2.0, missing: rollback, after: 5m}]",
        ["rollback rule `one` decides nothing that would not be decided without it: whenever it fires or holds, so does `two`"],
    ),
    (
        "a count that a shorter one implies",
        "rollback: [{name: a, when: c.err > 0.5, for: {samples: 2, of: 3}}, {name: b, when: c.err > 0.5, for: {samples: 3, of: 3}}]",
        ["rollback rule `b` decides nothing that would not be decided without it: whenever it fires or holds, so does `a`"],
    ),
    (
        "a rollback rule that waits for as long, where an SLO holds meanwhile",
        "rollback: [{name: one, when: c.err >= 0.02, for: 5m, steps: [full]}, {name: two, when: c.err >= 0.02, for: 6m, steps: [full]}]",
        ["rollback rule `two` decides nothing that would not be decided without it: whenever it fires or holds, so does `one`"],
    ),
]


@pytest.mark.parametrize(("fragment", "sentences"), [each[1:] for each in NEEDLESS], ids=[each[0] for each in NEEDLESS])
def test_a_rule_whose_work_others_do_is_named_with_them(fragment, sentences):
    """What is said to be needless can be removed together, so it does nobody's work."""
    found = remarked(fragment)
    assert [remark.sentence for remark in found] == sentences
    assert {(remark.name, remark.certainty, remark.is_fault) for remark in found} == {("needless-rule", Certainty.PROVED, False)}


def test_without_a_proof_a_rule_is_not_called_needless():
    assert (
        remarked(
            "rollback: [{name: a, when: c.err * c.lat * c.req > 0.02}, {name: b, when: c.req * c.err * c.lat > 0.03}]", budget=1
        )
        == []
    )


def test_the_number_of_questions_grows_with_the_rules_and_not_with_their_square():
    """Twice as many rules, no more than about twice as many questions."""

    def queries(count):
        rules = ", ".join(
            f"{{name: r{index}, when: c.err >= 0.{index + 10} && c.lat > {59 - index}.0}}" for index in range(count)
        )
        own = encode_alone(program_with(f"rollback: [{rules}]"))
        before = own.encoded.solver.queries
        assert list(needless_rules(own, own.rules)) == []
        return own.encoded.solver.queries - before

    assert queries(24) <= 2.2 * queries(12)
