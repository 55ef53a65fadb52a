"""
The numbers that signals are held against.
"""

from canarypolicy.review.limits import limits_of

from driver import SIGNALS
from review_pairs import pair_of

RULES = """
slos: [{name: low, require: 'mean.both < 0.5 || incident.data == true'}]
rollback: [{name: high, when: canary.errors >= 0.02, unless: canary.requests < 100.0}]
"""
DERIVED = """
derived:
  mean.errors: {mean: {of: canary.errors, over: 5m}}
  mean.both: {ratio: {of: mean.errors, to: baseline.errors, over: 5m}}
"""


def test_literals_of_either_side_count_also_through_derived_signals():
    pair = pair_of(("errors >= 0.02", "errors >= 0.03"), rules=RULES, signals=SIGNALS + DERIVED)
    assert limits_of(pair) == {
        "canary.errors": {0.5, 0.02, 0.03, 100.0},
        "baseline.errors": {0.5},
        "incident.data": {0.5},
        "canary.requests": {0.02, 0.03, 100.0},
    }
