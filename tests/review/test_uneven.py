"""
Changes that no snapshot which stands can show are shown by samples that come and go, by gaps and by values that are too old.
"""

from __future__ import annotations

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty

from review.handmade import SIGNALS, document, rule
from review.soundness import verdicts_of

pytest.importorskip("z3")

HOT = "c.err >= 0.5"


def counted(samples, of):
    return document(rollback=[{"name": "counted", "when": HOT, "for": {"samples": samples, "of": of}}])


def shown(old, new):
    return {(each.old, each.new) for each in verdicts_of((old, new)) if each.certainty is Certainty.WITNESS}


def test_more_samples_to_count_among_are_shown_by_a_signal_that_comes_and_goes():
    assert (Verdict.HOLD, Verdict.ROLLBACK) in shown(counted(2, 2), counted(2, 3))


def test_a_shorter_gap_is_shown_by_samples_that_only_one_policy_takes_for_a_row():
    old, new = (document(rollback=[rule(HOT, "4m")]) for _ in range(2))
    old["plan"]["max_gap"], new["plan"]["max_gap"] = "3m", "1m"
    assert (Verdict.ROLLBACK, Verdict.HOLD) in shown(old, new)


def test_a_shorter_age_is_shown_by_a_value_that_is_too_old():
    old = document(rollback=[rule(HOT)])
    new = document(rollback=[rule(HOT)], signals={**SIGNALS, "c.err": {**SIGNALS["c.err"], "max_age": "90s"}})
    assert (Verdict.ROLLBACK, Verdict.HOLD) in shown(old, new)


def test_a_computed_limit_that_is_no_longer_in_is_a_change_and_no_matter_of_rounding():
    old, new = (document(rollback=[rule(f"c.err / c.lat {sign} 1.2")]) for sign in (">=", ">"))
    certain = {each.certainty for each in verdicts_of((old, new)) if (each.old, each.new) == (Verdict.ROLLBACK, Verdict.HOLD)}
    assert certain == {Certainty.WITNESS}
