"""
Pairs of policies that tests of the review share: an old text, and the same with a part replaced.
"""

from __future__ import annotations

from canarypolicy.engine.decision import Verdict
from canarypolicy.review.replaying import Pair
from canarypolicy.review.trial import Question

from driver import policy_text, program_of

SECOND = 1_000_000
MINUTE = 60 * SECOND
ADVANCE, HOLD, ROLLBACK = Verdict.ADVANCE, Verdict.HOLD, Verdict.ROLLBACK


def pair_of(*changes: tuple[str, str], **parts: str) -> Pair:
    """
    Give the tests' policy, and the same with each text replaced by another; a text that is not there fails the test.
    """
    old = new = policy_text(**parts)
    for before, after in changes:
        assert before in new, before
        new = new.replace(before, after)
    return Pair(old=program_of(old), new=program_of(new))


def question(step: str, old: Verdict, new: Verdict) -> Question:
    return Question(step=step, old=old, new=new)
