"""
Two timelines of one recording: stretches in which the decision or the step differs.
"""

from canarypolicy.engine.decision import Verdict
from canarypolicy.history.replay import compare
from canarypolicy.reports.comparison import differences
from hypothesis import given, settings
from hypothesis import strategies as st

from results import HELD, ROLLED_BACK, decision, reason, rolled_back, timeline


def minutes(found):
    return [((each.from_us // 60_000_000) % 60, (each.until_us // 60_000_000) % 60) for each in found]


def test_a_stretch_lasts_as_long_as_both_decide_on_in_their_own_ways():
    found = differences(rolled_back(), timeline(*HELD))
    assert minutes(found) == [(2, 2), (3, 3), (4, 4)]
    longer = differences(
        timeline(*ROLLED_BACK[:2], *HELD[2:]), timeline(*(decision(Verdict.ROLLBACK, minute=m) for m in range(5)))
    )
    assert minutes(longer) == [(0, 4)]


def test_other_reasons_alone_are_no_difference():
    other = tuple(decision(minute=minute, reasons=(reason("another"),)) for minute in range(5))
    assert differences(timeline(*HELD), timeline(*other)) == ()


def test_agreement_in_between_parts_two_stretches():
    other = tuple(decision(Verdict.ADVANCE if minute in (1, 3) else Verdict.HOLD, minute=minute) for minute in range(5))
    assert minutes(differences(timeline(*HELD), timeline(*other))) == [(1, 1), (3, 3)]


def test_a_sample_that_only_one_of_them_judged_is_a_difference():
    (found,) = differences(timeline(*HELD), timeline(*HELD[2:]))
    assert found.other is None
    assert minutes([found]) == [(0, 1)]


@settings(deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(Verdict), max_size=8), st.lists(st.sampled_from(Verdict), max_size=8))
def test_stretches_cover_exactly_the_samples_that_differ(left, right):
    """And the first one begins where `compare` says that the two part."""
    one = timeline(*(decision(verdict, minute=minute) for minute, verdict in enumerate(left)))
    other = timeline(*(decision(verdict, minute=minute) for minute, verdict in enumerate(right)))
    found = differences(one, other)
    covered = {minute for start, end in minutes(found) for minute in range(start, end + 1)}
    longest = max(len(left), len(right))
    assert covered == {minute for minute in range(longest) if left[minute : minute + 1] != right[minute : minute + 1]}
    assert (found[0].from_us if found else None) == compare(one, other)
