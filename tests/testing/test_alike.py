"""
Rules over derived signals that stand where one of them stands.

That what is left out changes no decision is the law of `tests/laws/test_slices.py`.
"""

from __future__ import annotations

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.testing.alike import AlikeRules

from driver import program_of

SIGNALS = """
signals: {a.x: {healthy: 1.0}, a.y: {healthy: 1.0}, a.z: {healthy: 5.0}}
derived:
  m.x: {mean: {of: a.x, over: 4m}}
  m.y: {mean: {of: a.y, over: 4m}}
  m.long: {mean: {of: a.y, over: 20m}}
  m.both: {ratio: {of: a.x, to: m.y, over: 4m}}
  m.step: {count: {of: a.x, over: 4m, within_step: true}}
  m.frozen: {frozen: {of: a.x, at: start, over: 4m}}
  m.of-frozen: {mean: {of: m.frozen, over: 4m}}
""".replace("m.of-frozen", "m.below")
RULES = """
slos: [{name: low, require: a.x < 9.0}]
hold:
  - {name: x, when: m.x > 9.0, for: 2m}
  - {name: y, when: m.y > 9.0, for: 2m}
  - {name: longer, when: m.y > 9.0, for: 3m}
  - {name: covered-later, when: m.long > 9.0, for: 2m}
  - {name: both, when: m.both > 9.0 && a.z > 9.0, for: 2m}
  - {name: by-step, when: m.step > 9, for: 2m}
  - {name: frozen, when: m.frozen > 9.0, for: 2m}
  - {name: of-frozen, when: m.below > 9.0, for: 2m}
  - {name: built-in, when: m.x > 9.0 && rollout.weight > 200.0, for: 2m}
  - {name: unhealthy, when: a.x > 0.5, for: 2m}
"""
PROGRAM = program_of(signals=SIGNALS, rules=RULES)
ALL = (*PROGRAM.slos, *PROGRAM.watches)


def alike():
    return AlikeRules(PROGRAM, ALL, [0])


def named(indices):
    return [ALL[index].name for index in sorted(indices)]


def test_what_depends_on_steps_is_left_out():
    """Windows within a step, frozen signals and what reads them, and built-in signals."""
    assert named(alike().indices) == ["x", "y", "longer", "covered-later", "both", "unhealthy"]


def test_rules_are_alike_that_ask_the_same_and_are_true_at_the_same_samples():
    groups = [named(group) for group in alike().groups(60 * SECOND_US, 8)]
    assert groups == [["x", "y"], ["longer"], ["covered-later"], ["both"], ["unhealthy"]]


def test_what_differs_later_is_alike_in_a_short_history():
    """With the first samples alone nothing is covered: all are unknown."""
    assert ["x", "y", "covered-later"] in [named(group) for group in alike().groups(60 * SECOND_US, 2)]


def test_a_rule_depends_on_all_that_its_derived_signals_read():
    found = alike()
    assert found.roots_of(next(index for index, rule in enumerate(ALL) if rule.name == "both")) == {"a.x", "a.y", "a.z"}


def test_groups_are_made_once_for_histories_of_about_one_length():
    found = alike()
    assert found.groups(60 * SECOND_US, 5) is found.groups(60 * SECOND_US, 8)
    assert found.groups(60 * SECOND_US, 0) == found.groups(60 * SECOND_US, 1)
