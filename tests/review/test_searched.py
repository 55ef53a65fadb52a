"""
The search without a solver: what it finds is replayed, what it does not find is unknown.
"""

import pytest
from canarypolicy.engine.program import build
from canarypolicy.review.edits import decides_alike, edits
from canarypolicy.review.findings import Certainty
from canarypolicy.review.matching import match_steps
from canarypolicy.review.replaying import Pair, replayed
from canarypolicy.review.searched import NOT_PROVED, points, search

from reviewed import BASE, changed, policy

OLD = policy(BASE)


def pair_of(new, old=OLD):
    steps = match_steps(old, new)
    return Pair(old=build(old), new=build(new), old_names={after: before for before, after in steps.renamed.items()}), dict(
        steps.common
    )


def searched(new, old=OLD, only=None):
    pair, steps = pair_of(new, old)
    steps = steps if only is None else {only: only}
    found = search(pair, steps, edits(old, new))
    assert len(found) == 6 * len(steps)
    for each in found:
        if each.witness is not None:
            old_side, new_side = replayed(pair, each.witness.items)
            assert (old_side.decision.verdict, new_side.decision.verdict) == (each.old, each.new)
            assert each.certainty is Certainty.WITNESS
    return found


def shown(found):
    return {(each.step, each.old.value, each.new.value) for each in found if each.witness is not None}


LOOSER = [
    ("a threshold moved", [("canary.errors >= 0.02, for", "canary.errors >= 0.05, for")], ("half", "rollback", "hold")),
    ("`for` doubled", [("0.02, for: 5m", "0.02, for: 10m")], ("half", "rollback", "hold")),
    ("a rule limited", [("0.02, for: 5m", "0.02, for: 5m, steps: [half]")], ("tenth", "rollback", "hold")),
    ("an SLO moved", [("canary.errors < 0.01, for: 5m}\n", "canary.errors < 0.015, for: 5m}\n")], ("tenth", "hold", "advance")),
    ("min shortened", [("min: 20m", "min: 10m")], ("tenth", "hold", "advance")),
    ("unless moved", [("unless: canary.requests < 100.0", "unless: canary.requests < 1000.0")], ("tenth", "rollback", "hold")),
    ("what unknown does", [(", missing: rollback, after: 5m", "")], ("tenth", "rollback", "hold")),
    ("a hold rule gone", [("  - {name: little-traffic, when: canary.requests < 500.0, steps: [tenth, half], missing: rollback, after: 5m}\n", ""), ("hold:\n", "")],
     ("half", "hold", "advance")),
]  # fmt: skip


@pytest.mark.parametrize(("replacements", "expected"), [case[1:] for case in LOOSER], ids=[case[0] for case in LOOSER])
def test_what_is_looser_is_found_and_blamed(replacements, expected):
    """Each of these changes is shown by a history, and the edit named."""
    found = searched(changed(*replacements), only=expected[0])
    assert expected in shown(found)
    each = next(each for each in found if (each.step, each.old.value, each.new.value) == expected)
    assert len(each.blamed) == 1


def test_what_the_engine_does_not_confirm_is_not_shown(monkeypatch):
    """A history that only the reduced policies decide otherwise is no witness."""
    asked = []
    monkeypatch.setattr(
        "canarypolicy.review.searched.find_witness", lambda pair, question, candidates, most: asked.append(question)
    )
    found = searched(changed(("min: 20m", "min: 10m")), only="tenth")
    assert asked
    assert shown(found) == set()


def test_what_is_not_found_is_unknown():
    """Nothing is excluded by not having been found."""
    for each in searched(changed(("canary.errors >= 0.02, for", "canary.errors >= 0.05, for")), only="full"):
        if each.witness is None:
            assert (each.certainty, each.why) == (Certainty.UNKNOWN, NOT_PROVED)


SILENT = [
    [("metadata: {name: shop}", "metadata: {name: store}")],
    [("0.02, for: 5m", "0.02, for: 5m, message: call us")],
    [("within: 10m", "within: 20m")],
    [("{name: errors, when", "{name: errors-5xx, when")],
    [("within: 6m", "within: 7m"), ("steps: [tenth]}", "steps: [half]}")],
    [("healthy: 0.2,", "healthy: 0.25,"), ("unit: seconds", "unit: none")],
    [("every: 30s", "every: 30s\n  snapshot: {actuator: backup}"), ("probe: smoke", "probe: other")],
]


@pytest.mark.parametrize("replacements", SILENT, ids=[str(case[0][1]) for case in SILENT])
def test_what_no_decision_depends_on_needs_no_search(replacements):
    """Names and words, and what follows a decision, change none."""
    new = changed(*replacements)
    assert edits(OLD, new)
    assert decides_alike(OLD, new)
    assert {each.certainty for each in searched(new)} == {Certainty.PROVED}


LOUD = [
    [("0.02, for: 5m", "0.02, for: 6m")],
    [("{name: half, weight", "{name: fifty, weight"), ("at: half", "at: fifty"), ("[tenth, half]", "[tenth, fifty]")],
    [("    before: [{name: ready, probe: ready, require: result.failed == 0}]\n", "")],
    [("max_age: 90s", "max_age: 2m")],
    [("every: 30s", "every: 15s")],
    [("derived:\n", "derived:\n  more.errors: {max: {of: canary.errors, over: 5m}}\n")],
]


@pytest.mark.parametrize("replacements", LOUD, ids=[str(case[0][1]) for case in LOUD])
def test_everything_else_may_change_decisions(replacements):
    """Of these nothing is claimed without a search."""
    assert not decides_alike(OLD, changed(*replacements))
    assert not decides_alike(changed(*replacements), OLD)


def test_a_name_that_is_also_a_key_hides_nothing():
    """A signal may be called `healthy`, a derived one `name`: what they are still counts."""
    text = TYPED.replace("c.open", "healthy").replace("slos:", "derived: {name: {mean: {of: healthy, over: 5m}}}\nslos:", 1)
    old = policy(text)
    assert not decides_alike(old, policy(text.replace("over: 5m", "over: 6m")))
    assert not decides_alike(
        old,
        policy(
            text.replace("healthy: {healthy: 1.0}", "healthy: {type: int, healthy: 1}").replace("healthy > 5.0", "healthy > 5")
        ),
    )
    assert not decides_alike(
        old, policy(text.replace("metadata: {name: typed}\nsignals:", "metadata: {name: typed}\nsignals:\n  unit: {healthy: 1}"))
    )


TYPED = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: typed}
signals:
  c.count: {type: int, healthy: 0, worse: higher}
  c.bad: {type: bool, healthy: false}
  c.color: {type: string, values: [blue, red], healthy: blue}
  c.open: {healthy: 1.0}
slos: [{name: few, require: c.count < 10}]
rollback:
  - {name: bad, when: c.bad && c.color == 'red'}
  - {name: high, when: c.open > 5.0}
plan:
  every: 1m
  steps: [{name: a, weight: 10, min: 2m, approval: required}]
"""


def test_points_go_round_every_type():
    """Ints, bools and texts have their own values, and open ranges an outside."""
    new = (
        TYPED.replace("c.count < 10", "c.count < 20")
        .replace("when: c.bad && c", "when: c")
        .replace("c.open > 5.0", "c.open > 7.0")
    )
    pair, _ = pair_of(policy(new), policy(TYPED))
    found = list(points(pair, "a"))
    assert found[0] == {}
    values = {name: {point[name] for point in found if name in point} for name in pair.healthy}
    assert all(isinstance(each, int | None) for each in values["c.count"])
    assert None in values["c.count"]
    assert values["c.color"] >= {None, "red"}
    assert max(each for each in values["c.open"] if each is not None) > 7.0
    assert {("a", "hold", "rollback"), ("a", "advance", "rollback"), ("a", "hold", "advance")} <= shown(
        searched(policy(new), policy(TYPED))
    )


def test_what_derived_signals_say_is_searched_too():
    """A limit on a mean: the constant history gives it."""
    found = searched(changed(("mean.errors > 0.5", "mean.errors > 0.7")), only="half")
    assert len(found) == 6
    new = changed(("of: canary.errors, over: 5m", "of: canary.errors, over: 10m"))
    assert len(searched(new, only="half")) == 6
    new = changed(
        ("    - {name: tenth, weight: 10, min: 20m, max: 30m}\n", ""),
        ("steps: [tenth, half]", "steps: [half]"),
        ("steps: [tenth]", "steps: [half]"),
    )
    pair, steps = pair_of(new)
    assert steps == {"half": "half", "full": "full"}
    assert {} in list(points(pair, "full"))
