"""
Trying shapes: what answers a question, how sparse samples may be, and the rules that could tell.
"""

from dataclasses import replace

import pytest
from canarypolicy.review.histories import Shape, Spacing
from canarypolicy.review.trial import MOST_SAMPLES, Trial, every_of, reduced, spacing_of

from driver import PLAIN_PLAN, SIGNALS
from review_pairs import ADVANCE, HOLD, MINUTE, ROLLBACK, SECOND, pair_of, question

HOT = Shape(step="canary-10", now=(("canary.errors", 0.02),), lasted_us=3 * MINUTE, elapsed_us=3 * MINUTE, total_us=3 * MINUTE)
LOOSER = ("errors >= 0.02", "errors >= 0.03")


def test_a_shape_is_tried_once():
    """A shape known to show it, or not to, is no further try."""
    trial = Trial(pair_of(LOOSER), question("canary-10", ROLLBACK, HOLD), most=2)
    for _ in range(3):
        assert trial.shows(HOT)
        assert not trial.shows(replace(HOT, now=()))
    assert trial.is_spent
    assert not trial.shows(replace(HOT, now=(("canary.errors", 0.025),)))


def test_what_comes_too_late_or_in_another_step_does_not_show_it():
    pair = pair_of(LOOSER)
    late = replace(HOT, lasted_us=4 * MINUTE, elapsed_us=4 * MINUTE, total_us=4 * MINUTE)
    assert not Trial(pair, question("canary-10", ROLLBACK, HOLD), most=9).shows(late)
    assert not Trial(pair, question("full", ROLLBACK, HOLD), most=9).shows(HOT)
    assert not Trial(pair, question("canary-10", HOLD, ROLLBACK), most=9).shows(HOT)


def test_an_endless_history_is_not_tried():
    endless = replace(HOT, total_us=MOST_SAMPLES * 3 * MINUTE, elapsed_us=MOST_SAMPLES * 3 * MINUTE)
    trial = Trial(pair_of(LOOSER), question("canary-10", ROLLBACK, HOLD), most=1)
    assert not trial.shows(endless)
    assert not trial.is_spent


def test_clean_histories_can_be_asked_for():
    """Six minutes healthy: the step would have been left after five."""
    pair = pair_of(("errors < 0.01", "errors < 0.001"))
    trial = Trial(pair, question("canary-10", ADVANCE, HOLD), most=9)
    shape = replace(HOT, now=(), lasted_us=0, elapsed_us=6 * MINUTE, total_us=6 * MINUTE)
    assert trial.shows(shape)
    trial.ask_clean(wanted=True)
    assert not trial.shows(shape)
    assert trial.shows(replace(shape, elapsed_us=5 * MINUTE, total_us=5 * MINUTE))


SUMMED = SIGNALS + "derived:\n  all.requests: {sum: {of: canary.requests, over: 5m}}"


@pytest.mark.parametrize(("parts", "minutes"), [({}, 3), ({"signals": SUMMED}, 1)], ids=["plain", "summed"])
def test_samples_before_the_start_are_as_sparse_as_nothing_forbids(parts, minutes):
    """As far apart as no gap is, unless they are summed; in the rollout, as in a live one."""
    spacing = spacing_of(pair_of(**parts))
    assert (spacing.in_rollout_us, spacing.before_us) == (MINUTE, minutes * MINUTE)


def test_the_stricter_policys_times_count():
    pair = pair_of(("every: 1m", "every: 20s\n  max_gap: 50s"))
    assert every_of(pair) == 20 * SECOND
    assert spacing_of(pair) == Spacing(in_rollout_us=20 * SECOND, before_us=40 * SECOND)


RULES = """
slos:
  - {name: low, require: canary.errors < 0.01, for: 3m}
  - {name: base-low, require: baseline.errors < 0.01, for: 3m}
  - {name: base-lower, require: baseline.errors < 0.005, for: 3m}
  - {name: base-long, require: baseline.errors < 0.005, for: 4m}
  - {name: never, require: baseline.errors < 0.001}
  - {name: later, require: canary.errors < 0.01, steps: [full]}
rollback:
  - {name: high, when: canary.errors >= 0.02, for: 3m}
  - {name: base-high, when: baseline.errors >= 0.02}
  - {name: trend, when: growth.inner}
hold:
  - {name: always, when: baseline.errors >= 0.0}
  - {name: late, when: rollout.elapsed_seconds > 600.0}
"""
DERIVED = (
    SIGNALS
    + """
derived:
  mean.errors: {mean: {of: canary.errors, over: 5m}}
  growth.inner: {growing: {of: mean.errors, over: 5m}}
  unread.errors: {mean: {of: baseline.errors, over: 5m}}
"""
)


def test_rules_that_say_the_same_everywhere_are_left_out():
    """What reads only healthy signals is false or met throughout; of the met ones, one for each time asked is enough."""
    pair = pair_of(rules=RULES, signals=DERIVED)
    small = reduced(pair, "canary-10", frozenset({"canary.errors"}))
    assert [rule.name for rule in small.new.slos] == ["low", "base-low", "base-long", "never"]
    assert [rule.name for rule in small.old.watches] == ["high", "trend", "always", "late"]
    assert [each.name for each in small.new.derived] == ["mean.errors", "growth.inner"]
    assert small.healthy.keys() == {"canary.errors", "baseline.errors"}
    everything = reduced(pair, "full", frozenset(pair.healthy))
    assert len(everything.new.slos) == 6
    assert len(everything.new.watches) == 5


def test_policy_without_derived_signals_keeps_none():
    assert reduced(pair_of(plan=PLAIN_PLAN), "full", frozenset()).new.derived == ()
