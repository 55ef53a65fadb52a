"""
No proof is refuted by the independent judge, every witness replays, and what is equal is proved equal.
"""

from __future__ import annotations

from copy import deepcopy
from random import Random

import pytest
from canarypolicy.review.findings import Certainty

from review.drawing import draw_policy
from review.handmade import NASTY, document, rule
from review.soundness import Tally, judge, judge_pair, verdicts_of

pytest.importorskip("z3")

pytestmark = pytest.mark.no_cover  # smaller tests cover the same lines; measuring here takes longer than the test

CHUNKS, MUTANTS = 10, 52


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_random_mutants(seed, record_property):
    tally = judge(seed, MUTANTS)
    record_property("soundness", str(tally))
    assert not tally.violations, "\n\n".join(str(each) for each in tally.violations[:3])
    assert tally.share_unknown <= 0.05, tally
    assert tally.verdicts["witness"] > 20, tally


@pytest.mark.parametrize("name", NASTY)
def test_pairs_made_by_hand(name):
    tally = Tally()
    judge_pair(tally, NASTY[name], name, Random(3), 4_000)
    assert not tally.violations, "\n\n".join(str(each) for each in tally.violations)


EQUAL = (
    "a sum turned round",
    "a range at its end",
    "a number in a list",
    "a choice of numbers",
    "presence alone",
    "what settles comes second",
    "a text by its pattern",
    "a text by its values",
    "an int's quotient",
    "an int's negative quotient",
    "an int's remainder",
    "a double cut to an int",
    "asked for nothing",
    "a count of one",
    "the longer of two is dropped",
    "a stricter predicate is covered",
    "an SLO's run and the shortest time",
    "missing evidence at once",
    "ignored evidence and presence",
    "one rule for two",
    "the name of the step",
    "steps in another order",
    "another healthy value",
)


@pytest.mark.parametrize("name", EQUAL)
def test_what_is_equal_is_proved_equal(name):
    assert {each.certainty for each in verdicts_of(NASTY[name])} == {Certainty.PROVED}


@pytest.mark.parametrize("seed", range(4))
def test_other_names_and_another_order_are_proved_equal(seed):
    random = Random(seed)
    for _ in range(10):
        old = draw_policy(random)
        new = turned_round(old, random)
        assert {each.certainty for each in verdicts_of((old, new))} == {Certainty.PROVED}, (old, new)


def turned_round(old, random):
    """
    Give a document with its rules renamed and reordered, its signals in another order, and its defaults written out.
    """
    new = deepcopy(old)
    new["signals"] = dict(reversed(new["signals"].items()))
    for owner in (new, *new["plan"]["steps"]):
        for key in ("slos", "rollback", "hold"):
            if key in owner:
                random.shuffle(owner[key])
                owner[key] = [
                    {**each, "name": f"turned-{owner.get('name', 'all')}-{index}"} for index, each in enumerate(owner[key])
                ]
        for each in (*owner.get("rollback", ()), *owner.get("hold", ())):
            each.setdefault("missing", "hold")
    new["plan"].setdefault("max_gap", "3m")
    return new


def test_an_unrelated_comparison_that_is_never_clear_makes_nothing_a_matter_of_rounding():
    unclear = {"name": "unclear", "when": "c.err * 1.0 > c.err"}
    old = document(hold=[unclear])
    new = document(hold=[unclear], rollback=[rule("c.err >= 0.9")])
    lost = [each for each in verdicts_of((old, new)) if each.old.value == "rollback" and each.new.value == "hold"]
    assert [each.certainty for each in lost] == [Certainty.WITNESS, Certainty.WITNESS]
