"""
SPEC section 2.3, sample by sample: a rule's truths in time against where it must stand.
"""

import pytest
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.rule import Missing
from canarypolicy.engine.sustained import NO_STREAK, Asked, Moment, Standing, gather, gathered, watch, watched

MINUTE = 60 * SECOND_US
TRUTHS = {"T": True, "F": False, "U": UNKNOWN}


def stand(read, judge, asked, script):
    """
    Fold a script such as `0T 1T 5U` (minute and truth); the standing at each sample.
    """
    streak, previous, standings = NO_STREAK, None, []
    for word in script.split():
        at_us, truth = round(float(word[:-1]) * MINUTE), TRUTHS[word[-1]]
        silent = None
        if previous is not None and at_us - previous > asked.max_gap_us:
            silent = previous + asked.max_gap_us
        streak = read(asked, streak, truth, Moment(at_us=at_us, previous_us=previous, silent_since_us=silent))
        standings.append(judge(asked, streak, truth, at_us).value)
        previous = at_us
    return " ".join(standings)


def ask(**kwargs):
    return Asked(**{"max_gap_us": 3 * MINUTE, **kwargs})


WATCHED = [
    ("without `for`, true fires at once", ask(), "0F 1T 2F", "quiet fires quiet"),
    ("true and not that long is pending, at exactly D it fires", ask(for_us=2 * MINUTE), "0T 1T 2T", "pending pending fires"),
    ("false ends a run", ask(for_us=2 * MINUTE), "0T 1F 2T 3T 4T", "pending quiet pending pending fires"),
    ("unknown does not end a run", ask(for_us=2 * MINUTE), "0T 1U 2T", "pending unknown fires"),
    ("a run does not fire at an unknown sample", ask(for_us=2 * MINUTE), "0T 1T 2U 3T", "pending pending unknown fires"),
    ("true samples just max_gap apart are one run", ask(for_us=3 * MINUTE), "0T 3T", "pending fires"),
    ("true samples over max_gap apart begin anew at the later", ask(for_us=3 * MINUTE), "0T 3.1T 6.1T", "pending pending fires"),
    ("the gap is between true samples, unknown ones between them do not bridge", ask(for_us=3 * MINUTE), "0T 2U 4T 7T", "pending unknown pending fires"),
    ("a run fires on while true", ask(for_us=MINUTE), "0T 1T 2T 3F", "pending fires fires quiet"),
    ("k of n: too few is pending", ask(samples=2, of=3), "0T 1F 2T", "pending quiet fires"),
    ("k of n: only at a true sample", ask(samples=2, of=3), "0T 1T 2F", "pending fires quiet"),
    ("k of n: an older one than n is forgotten", ask(samples=2, of=3), "0T 1F 2F 3T", "pending quiet quiet pending"),
    ("k of n: unknown samples are not counted among n", ask(samples=2, of=3), "0T 1F 2U 3U 4T", "pending quiet unknown unknown fires"),
    ("k of n: none older than n * max_gap", ask(samples=2, of=2), "0T 6T 12.1T", "pending fires pending"),
    ("k of n: old ones leave also when the newest is young", ask(samples=2, of=3), "0T 5F 9.5T", "pending quiet pending"),
    ("missing: rollback is due after D of unknown", ask(missing=Missing.ROLLBACK, after_us=2 * MINUTE), "0U 1U 2U", "unknown unknown unknown-too-long"),
    ("true or false ends the unknown", ask(missing=Missing.ROLLBACK, after_us=2 * MINUTE), "0U 1F 2U 3U 4U", "unknown quiet unknown unknown unknown-too-long"),
    ("true ends the unknown", ask(missing=Missing.ROLLBACK, after_us=2 * MINUTE, for_us=9 * MINUTE), "0U 1T 2U 3U 4U", "unknown pending unknown unknown unknown-too-long"),
    ("silence counts from max_gap into it", ask(missing=Missing.ROLLBACK, after_us=2 * MINUTE), "0F 5U", "quiet unknown-too-long"),
    ("silence just too short", ask(missing=Missing.ROLLBACK, after_us=2 * MINUTE), "0F 4.9U 5U", "quiet unknown unknown-too-long"),
    ("an unknown that began before a silence goes on through it", ask(missing=Missing.ROLLBACK, after_us=4 * MINUTE), "0U 4U", "unknown unknown-too-long"),
    ("missing: hold is never due", ask(after_us=None), "0U 9U 99U", "unknown unknown unknown"),
    ("missing: ignore is never due", ask(missing=Missing.IGNORE), "0U 99U", "unknown unknown"),
]  # fmt: skip

GATHERED = [
    ("without `for`, true is met", ask(), "0F 1T 2U", "not-met met unknown"),
    ("at exactly D it is met", ask(for_us=2 * MINUTE), "0T 1T 2T", "pending pending met"),
    ("false ends the evidence", ask(for_us=2 * MINUTE), "0T 1F 2T 3T 4T", "pending not-met pending pending met"),
    ("unknown ends the evidence", ask(for_us=2 * MINUTE), "0T 1U 2T 3T 4T", "pending unknown pending pending met"),
    ("a gap of max_gap is bridged", ask(for_us=3 * MINUTE), "0T 3T", "pending met"),
    ("a gap over max_gap ends the evidence", ask(for_us=3 * MINUTE), "0T 3.1T 6T 6.1T", "pending pending pending met"),
    ("k of n: unknown counts as not true", ask(samples=2, of=2), "0T 1U 2T 3T", "pending unknown pending met"),
    ("k of n: one bad one is forgiven", ask(samples=2, of=3), "0T 1F 2T", "pending not-met met"),
    ("k of n: older than n is forgotten", ask(samples=2, of=3), "0T 1F 2F 3T", "pending not-met not-met pending"),
    ("k of n: a gap over max_gap starts anew", ask(samples=2, of=3), "0T 4T 5T", "pending pending met"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "script", "expected"), [case[1:] for case in WATCHED], ids=[case[0] for case in WATCHED])
def test_rollback_and_hold_rules_in_time(asked, script, expected):
    assert stand(watch, watched, asked, script) == expected


@pytest.mark.parametrize(("asked", "script", "expected"), [case[1:] for case in GATHERED], ids=[case[0] for case in GATHERED])
def test_slos_in_time(asked, script, expected):
    assert stand(gather, gathered, asked, script) == expected


def test_a_standing_that_needs_no_time_has_no_since():
    """A false sample leaves nothing behind, so that nothing can be said to have lasted."""
    moment = Moment(at_us=0, previous_us=None, silent_since_us=None)
    assert watch(ask(for_us=MINUTE), NO_STREAK, False, moment) is NO_STREAK
    assert gather(ask(for_us=MINUTE), NO_STREAK, UNKNOWN, moment) is NO_STREAK
    assert Standing.QUIET.value == "quiet"
