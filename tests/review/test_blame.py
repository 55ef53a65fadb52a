"""
Who is to blame: the edits that undo a witness when they are taken back.
"""

import pytest
from canarypolicy.review import blame as blame_module
from canarypolicy.review.blame import Accusation
from canarypolicy.review.candidate import Candidate
from canarypolicy.review.edits import edits
from canarypolicy.review.replaying import Pair
from canarypolicy.review.witness import find_witness

from driver import PLAIN_PLAN, policy_text, program_of
from review_pairs import ADVANCE, HOLD, MINUTE, ROLLBACK, pair_of, question

LOOSER = ("errors >= 0.02", "errors >= 0.03")


def blamed(pair, asked, values, minutes=(3, 3)):
    """Give the sentences of the edits that are blamed for a witness, and whether they do it together."""
    found = Candidate(step=asked[0], values=values, lasted_us=minutes[0] * MINUTE, elapsed_us=minutes[1] * MINUTE)
    witness = find_witness(pair, question(*asked), [found])
    assert witness is not None
    blame = Accusation(pair, edits(pair.old.checked, pair.new.checked)).blame(witness)
    return [edit.sentence for edit in blame.edits], blame.is_joint


def test_the_one_edit_that_does_it():
    """What has no part in it is not named."""
    pair = pair_of(LOOSER, ("weight: 10,", "weight: 20,"), ("min: 5m}", "min: 6m}"))
    sentences, is_joint = blamed(pair, ("canary-10", ROLLBACK, HOLD), {"canary.errors": 0.025})
    assert [each for each in sentences if "when" in each] == sentences
    assert len(sentences) == 1
    assert not is_joint


def test_each_edit_without_which_it_does_not_happen():
    """An advance that was a rollback needs the looser rule, the looser SLO and nothing else: each of the two undoes it."""
    pair = pair_of(LOOSER, ("errors < 0.01", "errors < 0.025"), ("weight: 10,", "weight: 20,"))
    sentences, is_joint = blamed(pair, ("canary-10", ROLLBACK, ADVANCE), {"canary.errors": 0.0233}, minutes=(3, 5))
    assert len(sentences) == 2
    assert not is_joint


TWICE = "slos: [{name: low, require: baseline.errors < 0.5}]\nhold: [{name: one, when: canary.errors >= 0.02}, {name: two, when: canary.errors >= 0.02}]"


def test_two_edits_that_do_it_together():
    """Either rule alone would still hold; only both taken back undo that it now holds."""
    pair = pair_of(
        ("one, when: canary.errors >= 0.02", "one, when: canary.errors >= 0.01"),
        ("two, when: canary.errors >= 0.02", "two, when: canary.errors >= 0.01"),
        rules=TWICE,
    )
    sentences, is_joint = blamed(pair, ("canary-10", ADVANCE, HOLD), {"canary.errors": 0.015}, minutes=(0, 5))
    assert len(sentences) == 2
    assert is_joint


def test_all_edits_where_no_two_are_enough():
    rules = "slos: [{name: low, require: baseline.errors < 0.5}]\nhold:\n" + "".join(
        f"  - {{name: {name}, when: canary.errors >= 0.02}}\n" for name in ("one", "two", "three")
    )
    changes = [
        (f"{name}, when: canary.errors >= 0.02", f"{name}, when: canary.errors >= 0.01") for name in ("one", "two", "three")
    ]
    sentences, is_joint = blamed(
        pair_of(*changes, rules=rules), ("canary-10", ADVANCE, HOLD), {"canary.errors": 0.015}, minutes=(0, 5)
    )
    assert len(sentences) == 3
    assert is_joint


def test_an_edit_that_cannot_be_taken_back_alone_is_not_blamed_alone():
    """Without the new signal the new rule has nothing to read."""
    old = policy_text()
    new = old.replace("signals:\n", "signals:\n  canary.slow: {range: [0, 9], healthy: 0.1}\n").replace(
        "when: canary.errors >= 0.02", "when: canary.slow >= 5.0"
    )
    pair = Pair(old=program_of(old), new=program_of(new))
    sentences, _ = blamed(pair, ("canary-10", ROLLBACK, HOLD), {"canary.errors": 0.025})
    assert all("canary.slow`" not in each or "when" in each for each in sentences)


def test_with_many_edits_those_on_the_reasons_are_taken_back(monkeypatch):
    monkeypatch.setattr(blame_module, "MOST_SUSPECTS", 1)
    pair = pair_of(LOOSER, ("weight: 10,", "weight: 20,"), ("min: 5m}", "min: 6m}"))
    sentences, is_joint = blamed(pair, ("canary-10", ROLLBACK, HOLD), {"canary.errors": 0.025})
    assert len(sentences) == 1
    assert "when" in sentences[0]
    assert not is_joint


def test_many_edits_of_which_no_couples_are_tried(monkeypatch):
    """Where there are too many couples, all edits are to blame together."""
    monkeypatch.setattr(blame_module, "_MOST_PAIRS", 0)
    pair = pair_of(
        ("one, when: canary.errors >= 0.02", "one, when: canary.errors >= 0.01"),
        ("two, when: canary.errors >= 0.02", "two, when: canary.errors >= 0.01"),
        rules=TWICE,
    )
    sentences, is_joint = blamed(pair, ("canary-10", ADVANCE, HOLD), {"canary.errors": 0.015}, minutes=(0, 5))
    assert len(sentences) == 2
    assert is_joint


@pytest.mark.parametrize("step", ["full", "canary-10"])
def test_a_step_that_has_a_new_name_is_found_again(step):
    """Taking the name back names the witness's step as before."""
    text = policy_text(plan=PLAIN_PLAN)
    new = text.replace("name: full", "name: everyone").replace("errors >= 0.02", "errors >= 0.03")
    pair = Pair(old=program_of(text), new=program_of(new), old_names={"everyone": "full"})
    sentences, _ = blamed(pair, ("everyone" if step == "full" else step, ROLLBACK, HOLD), {"canary.errors": 0.025})
    assert [each for each in sentences if "when" in each] == sentences
    assert sentences
