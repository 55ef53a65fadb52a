"""
What is known of each question: proved, shown, within rounding, within so many samples, or open and why.
"""

import pytest
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.program import build
from canarypolicy.errors import Unsupported
from canarypolicy.review.edits import edits
from canarypolicy.review.findings import Certainty
from canarypolicy.review.matching import match_steps
from canarypolicy.review.proving import NOT_FOUND, prove
from canarypolicy.review.questions import Asked
from canarypolicy.review.replaying import Pair
from canarypolicy.review.solver import Answer
from canarypolicy.review.trace import Traced
from canarypolicy.review.validation import Mismatch

ADVANCE, HOLD, ROLLBACK = Verdict.ADVANCE, Verdict.HOLD, Verdict.ROLLBACK
TEXT = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop}
signals:
  a.b: {range: [0.1, 10], healthy: 0.5}
  a.c: {range: [0.1, 10], healthy: 0.5}
  a.text: {type: string, values: [ok, failing], healthy: ok}
slos: [{name: low, require: a.b < 9.0, for: 1m}]
rollback: [{name: high, when: WHEN}]
plan: {every: 1m, steps: [{name: full, weight: 100, min: 2m}]}
"""


def proved(before, after, *, text=TEXT):
    old, new = (load_policy(text.replace("WHEN", when).encode(), f"{when}.yaml").document for when in (before, after))
    assert old is not None
    assert new is not None
    pair = Pair(old=build(old), new=build(new))
    return prove(pair, match_steps(old, new).common, edits(old, new))


def known(before, after, **more):
    return {(each.old, each.new): each for each in proved(before, after, **more).transitions}


def test_what_is_impossible_is_proved():
    found = known("a.b >= 5.0", "a.b >= 5.0 && a.b >= 4.0")
    assert {each.certainty for each in found.values()} == {Certainty.PROVED}


def test_what_is_possible_is_shown_and_blamed():
    found = known("a.b >= 5.0", "a.b >= 6.0")
    lost = found[ROLLBACK, HOLD]
    assert (lost.certainty, lost.why) == (Certainty.WITNESS, "")
    assert lost.witness is not None
    assert (lost.witness.old.verdict, lost.witness.new.verdict) == (ROLLBACK, HOLD)
    assert [edit.sentence for edit in lost.blamed] == ["rollback rule `high`: `when` was `a.b >= 5.0`, is `a.b >= 6.0`"]
    assert found[HOLD, ROLLBACK].certainty is Certainty.PROVED


def test_what_only_rounding_could_do_is_told_apart():
    found = known("a.b / a.c >= 1.2", "a.b >= a.c * 1.2")
    certainties = {pair: each.certainty for pair, each in found.items() if each.certainty is not Certainty.PROVED}
    assert set(certainties.values()) == {Certainty.ROUNDING_ONLY}
    assert {ROLLBACK, HOLD, ADVANCE} >= {verdict for pair in certainties for verdict in pair}


def test_what_rests_on_a_closed_box_is_open_and_says_so():
    """An int in a string's size is nothing that a proof sees into."""
    box = "a.b >= 5.0 && string(a.c).size() > 3"
    found = known(box, "a.b >= 5.0 && string(a.c).size() > 4")
    unknown = [each for each in found.values() if each.certainty is Certainty.UNKNOWN]
    shown = [each for each in found.values() if each.certainty is Certainty.WITNESS]
    assert unknown or shown
    assert all("into which no proof sees" in each.why for each in unknown)


def test_no_common_step_is_no_question():
    document = load_policy(TEXT.replace("WHEN", "a.b >= 5.0").encode(), "policy.yaml").document
    assert document is not None
    found = prove(Pair(old=build(document), new=build(document)), {}, ())
    assert (found.transitions, found.queries) == ((), 0)


@pytest.mark.parametrize("check", ["rule_mismatches", "admission_mismatches", "decision_mismatches"])
def test_one_mismatch_and_nothing_is_said(monkeypatch, check):
    mismatch = Mismatch(what="step `full`", point="high fires", expected="rollback", found="hold")
    monkeypatch.setattr(f"canarypolicy.review.proving.{check}", lambda _: iter([mismatch]))
    with pytest.raises(Unsupported, match="step `full` at high fires: the engine gives rollback, the proof hold"):
        proved("a.b >= 5.0", "a.b >= 6.0")


def test_what_is_neither_shown_nor_excluded_is_open(monkeypatch):
    monkeypatch.setattr("canarypolicy.review.proving.find_witness", lambda *_, **__: None)
    monkeypatch.setattr("canarypolicy.review.proving.witness_of", lambda *_: None)
    assert known("a.b >= 5.0", "a.b >= 6.0")[ROLLBACK, HOLD].why == NOT_FOUND


def traced(monkeypatch, found):
    monkeypatch.setattr("canarypolicy.review.proving.find_witness", lambda *_, **__: None)
    monkeypatch.setattr("canarypolicy.review.proving.first_divergence", lambda *_: found)
    each = known("a.b >= 5.0", "a.b >= 6.0")[ROLLBACK, HOLD]
    return each.certainty, each.why


def test_no_short_history_is_no_proof(monkeypatch):
    found = traced(monkeypatch, Traced(answer=Answer.IMPOSSIBLE, length=6))
    assert found == (Certainty.NOT_WITHIN_K, "no 6 samples, 1m apart, do this")


def test_a_trace_without_an_answer_says_why(monkeypatch):
    found = traced(monkeypatch, Traced(answer=Answer.UNKNOWN, length=6, why="the budget is spent"))
    assert found == (Certainty.UNKNOWN, "the budget is spent")


def test_a_trace_shows_what_no_snapshot_does(monkeypatch):
    """Here it is only kept from being found sooner."""
    monkeypatch.setattr("canarypolicy.review.proving.find_witness", lambda *_, **__: None)
    lost = known("a.b >= 5.0", "a.b >= 6.0")[ROLLBACK, HOLD]
    assert lost.certainty is Certainty.WITNESS
    assert (lost.witness.old.verdict, lost.witness.new.verdict) == (ROLLBACK, HOLD)


def test_a_question_without_an_answer_is_open_and_says_why(monkeypatch):
    def ask_all(encoded):
        yield Asked(step="full", old_step="full", old=ROLLBACK, new=HOLD, answer=Answer.UNKNOWN, why="the budget is spent")

    monkeypatch.setattr("canarypolicy.review.proving.ask_all", ask_all)
    (only,) = proved("a.b >= 5.0", "a.b >= 6.0").transitions
    assert (only.certainty, only.why, only.witness) == (Certainty.UNKNOWN, "the budget is spent", None)
