"""
What one policy says by itself, all together.
"""

from pathlib import Path

import pytest
from canarypolicy.cel import terms
from canarypolicy.documents.loading import load_policy
from canarypolicy.documents.pages import PAGES
from canarypolicy.engine.program import build
from canarypolicy.errors import Unavailable, Unsupported
from canarypolicy.review import own
from canarypolicy.review.findings import Certainty
from canarypolicy.review.remarks import remarks
from canarypolicy.review.validation import Mismatch

from remarked import program_with, shown

ROOT = Path(__file__).parents[2]
POLICIES = sorted((ROOT / "examples").glob("**/policy.yaml")) + sorted((ROOT / "examples" / "cloud").glob("*.yaml"))


def program_at(path):
    loaded = load_policy(path.read_bytes(), path.name)
    assert loaded.document is not None
    return build(loaded.document)


def test_of_a_policy_without_fault_nothing_is_said():
    assert remarks(program_with()) == ()


def test_the_storefront_keeps_its_invariants():
    """All four are proved, and beside them only one thing is remarked: between its limits the literal runbook waits for a person."""
    found = remarks(program_at(ROOT / "policies" / "storefront" / "policy.yaml"))
    assert [(remark.name, remark.certainty) for remark in found] == [
        ("endless-hold", Certainty.WITNESS),
        ("invariant-holds", Certainty.PROVED),
        ("invariant-holds", Certainty.PROVED),
        ("invariant-holds", Certainty.PROVED),
        ("invariant-holds", Certainty.PROVED),
    ]
    assert [remark.place.text for remark in found[1:]] == [
        "errors-never-advance",
        "errors-roll-back",
        "data-incident-rolls-back",
        "not-full-early",
    ]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_example_can_be_asked_about_and_has_no_fault(path):
    """Whatever a history shows replays, and every remark has a page."""
    program = program_at(path)
    found = remarks(program)
    assert not [remark.sentence for remark in found if remark.is_fault]
    assert {remark.name for remark in found} <= PAGES.keys()
    for remark in found:
        if remark.witness is not None and remark.name == "endless-hold":
            assert shown(program, remark) == remark.witness.new


def test_remarks_stand_in_the_order_of_the_text():
    found = remarks(
        program_with(
            "rollback: [{name: a, when: c.err < 0.5 && c.err > 0.6}]\nslos: [{name: s, require: c.err < 0.5 || c.err > 0.4}]"
        )
    )
    assert [remark.place.start for remark in found] == sorted(remark.place.start for remark in found)
    assert {"dead-rule", "effortless-slo"} <= {remark.name for remark in found}


def test_a_rule_of_which_something_worse_is_known_is_not_called_needless():
    found = remarks(program_with("rollback: [{name: a, when: c.err < 0.5 && c.err > 0.6}, {name: b, when: c.err >= 0.02}]"))
    assert [remark.name for remark in found if "`a`" in remark.sentence] == ["dead-rule"]


def asked(count):
    rules = ", ".join(
        f"{{name: r{index}, when: c.err >= 0.{index + 10} && c.lat > {59 - index}.0, for: 2m}}" for index in range(count)
    )
    program = program_with(f"rollback: [{rules}]")
    kept = []
    encode = own.encode_alone

    def keeping(*arguments, **options):
        kept.append(encode(*arguments, **options))
        return kept[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("canarypolicy.review.remarks.encode_alone", keeping)
        remarks(program)
    return kept[0].encoded.solver.queries


def test_the_number_of_questions_grows_with_the_rules_and_not_with_their_square():
    """Twice as many rules, no more than about twice as many questions."""
    assert asked(32) <= 2.2 * asked(16)


def test_without_the_solver_it_is_said_how_to_get_it(monkeypatch):
    def missing():
        raise ImportError("no module named z3")

    monkeypatch.setattr(terms, "z3", missing)
    with pytest.raises(Unavailable, match="z3-solver") as caught:
        remarks(program_with())
    assert caught.value.help == "pip install 'canarypolicy[prove]'"


def test_where_the_proof_reads_a_policy_otherwise_than_the_engine_nothing_is_said(monkeypatch):
    mismatch = Mismatch(what="rule `err-high`", point="`c.err` = 0.02", expected="true", found="false")
    monkeypatch.setattr(own, "rule_mismatches", lambda encoded: iter([mismatch]))
    with pytest.raises(Unsupported, match="the engine gives true, the proof false"):
        remarks(program_with())


def test_the_expressions_of_invariants_are_held_against_the_engine_too(monkeypatch):
    """A wrong reading of an invariant's expression is found before anything is said of it."""
    seen = []
    real = own.rule_mismatches
    monkeypatch.setattr(
        own, "rule_mismatches", lambda encoded: seen.extend(each.rule.when.text for each in encoded.new.rules) or real(encoded)
    )
    remarks(program_with("invariants: [{name: i, never: advance, while: c.lat >= 7.0}]"))
    assert "c.lat >= 7.0" in seen
