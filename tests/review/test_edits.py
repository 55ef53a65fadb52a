"""
Edits between two policies: each named in plain words, and each taken back by itself.
"""

import pytest
import yaml
from canarypolicy.review.edits import edits, without
from canarypolicy.review.findings import Edit
from canarypolicy.review.matching import match_steps
from canarypolicy.review.written import apart, flow
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewed import BASE, changed, policy

OLD = policy(BASE)
E, S = (
    "{name: errors, when: canary.errors >= 0.02, for: 5m}",
    "{name: slow, when: canary.latency >= 2.0, unless: canary.requests < 100.0, for: {samples: 2, of: 3}}",
)
H = "{name: little-traffic, when: canary.requests < 500.0, steps: [tenth, half], missing: rollback, after: 5m}"

ONE = [
    ("another name", [("metadata: {name: shop}", "metadata: {name: store}")], "policy `shop` is called `store` now"),
    ("a threshold moved", [("canary.errors >= 0.02, for", "canary.errors >= 0.03, for")],
     "rollback rule `errors`: `when` was `canary.errors >= 0.02`, is `canary.errors >= 0.03`"),
    ("`for` changed", [("0.02, for: 5m", "0.02, for: 10m")], "rollback rule `errors`: `for` was `5m`, is `10m`"),
    ("`for` became samples", [("0.02, for: 5m", "0.02, for: {samples: 3, of: 5}")], "rollback rule `errors`: `for` was `5m`, is `3 of 5 samples`"),
    ("`for` dropped", [("canary.errors < 0.01, for: 5m}\n", "canary.errors < 0.01}\n")], "SLO `errors-low`: `for` was `5m`, is gone"),
    ("`for` added", [("{name: means, when: mean.errors > 0.5}", "{name: means, when: mean.errors > 0.5, for: 1m}")],
     "rollback rule `means` of step `half`: `for` is `1m`, there was none"),
    ("a rule added", [(f"  - {E}\n", f"  - {E}\n  - {{name: more, when: app.color == 'green', for: 1m}}\n")],
     "rollback rule `more` is new: `app.color == 'green' for 1m`"),
    ("a rule gone", [(f"  - {E}\n", "")], "rollback rule `errors` is gone, it was `canary.errors >= 0.02 for 5m`"),
    ("a list of rules gone", [(f"hold:\n  - {H}\n", "")], "hold rule `little-traffic` is gone, it was `canary.requests < 500.0`"),
    ("a rule renamed", [("{name: errors, when", "{name: errors-5xx, when")], "rollback rule `errors` is called `errors-5xx` now"),
    ("a rule limited to a step", [("0.02, for: 5m", "0.02, for: 5m, steps: [half]")],
     "rollback rule `errors`: `steps` was `all steps`, is `[half]`"),
    ("a rule limited to other steps", [("steps: [tenth, half]", "steps: [half]")],
     "hold rule `little-traffic`: `steps` was `[tenth, half]`, is `[half]`"),
    ("a rule put into a step", [(f"  - {E}\n", ""), ("rollback: [{name: means", f"rollback: [{E}, {{name: means")],
     "rollback rule `errors`: `steps` was `all steps`, is `only half`"),
    ("a limited rule put into one step", [(f"hold:\n  - {H}\n", ""), ("min: 20m", f"hold: [{H.replace('steps: [tenth, half], ', '')}], min: 20m")],
     "hold rule `little-traffic`: `steps` was `[tenth, half]`, is `only tenth`"),
    ("missing changed", [("missing: rollback, after: 5m", "missing: ignore")],
     "hold rule `little-traffic`: `missing` was `rollback after 5m`, is `ignore`"),
    ("missing at its default again", [(", missing: rollback, after: 5m", "")],
     "hold rule `little-traffic`: `missing` was `rollback after 5m`, is `hold`"),
    ("unless dropped", [(", unless: canary.requests < 100.0", "")], "rollback rule `slow`: `unless` was `canary.requests < 100.0`, is gone"),
    ("a message", [("0.02, for: 5m", "0.02, for: 5m, message: call us")], "rollback rule `errors`: `message` is `call us`, there was none"),
    ("a range", [("range: [0, 60]", "range: [0, 120]")], "signal `canary.latency`: `range` was `[0, 60]`, is `[0, 120]`"),
    ("a range given up", [(", range: [0, 60]", "")], "signal `canary.latency`: `range` was `[0, 60]`, is `[null, null]`"),
    ("worse", [("healthy: 0.2, worse: higher", "healthy: 0.2")], "signal `canary.latency`: `worse` was `higher`, is gone"),
    ("max_age", [("max_age: 90s", "max_age: 2m")], "signal `canary.errors`: `max_age` was `90s`, is `2m`"),
    ("values", [("[blue, green]", "[blue, green, red]")], "signal `app.color`: `values` was `[blue, green]`, is `[blue, green, red]`"),
    ("a type, which takes the rest with it",
     [("canary.requests: {unit: count, range: [0, null], healthy: 3000.0", "canary.requests: {type: int, range: [0, null], healthy: 3000"),
      ("when: canary.requests < 500.0", "when: canary.requests < 500"), ("unless: canary.requests < 100.0", "unless: canary.requests < 100")],
     "signal `canary.requests` was `{unit: count, range: [0, null], healthy: 3000.0, worse: lower}`, is `{type: int, range: [0, null], healthy: 3000, worse: lower}`"),
    ("a signal added", [("signals:\n", "signals:\n  a.b: {healthy: 1}\n")], "signal `a.b` is new: `{healthy: 1}`"),
    ("a signal gone", [("  app.color: {type: string, values: [blue, green], healthy: blue}\n", "")], "signal `app.color` is gone"),
    ("a derived signal changed", [("of: canary.errors, over: 5m", "of: canary.errors, over: 10m")],
     "derived signal `mean.errors` was `{mean: {of: canary.errors, over: 5m}}`, is `{mean: {of: canary.errors, over: 10m}}`"),
    ("a step added", [("    - {name: half,", "    - {name: third, weight: 30, min: 5m}\n    - {name: half,")],
     "step `third` is new: weight `30` for at least `5m`"),
    ("the first step gone", [("    - {name: tenth, weight: 10, min: 20m, max: 30m}\n", ""), ("steps: [tenth, half]", "steps: [half]"),
                             ("steps: [tenth]", "steps: [half]")], None),
    ("a step renamed everywhere", [("{name: half, weight", "{name: fifty, weight"), ("at: half", "at: fifty"), ("[tenth, half]", "[tenth, fifty]")],
     "step `half` is called `fifty` now"),
    ("a weight", [("weight: 50", "weight: 60")], "step `half`: `weight` was `50`, is `60`"),
    ("min", [("min: 20m", "min: 10m")], "step `tenth`: `min` was `20m`, is `10m`"),
    ("max given up", [("max: 30m}", "}")], "step `tenth`: `max` was `30m`, is gone"),
    ("on_timeout", [("max: 45m", "max: 45m, on_timeout: rollback")], "step `half`: `on_timeout` was `hold`, is `rollback`"),
    ("approval", [("min: 60m", "min: 60m, approval: required")], "step `full`: `approval` is `required`, there was none"),
    ("every", [("every: 30s", "every: 15s")], "plan: `every` was `30s`, is `15s`"),
    ("max_gap", [("every: 30s", "every: 30s\n  max_gap: 5m")], "plan: `max_gap` was `3 * every`, is `5m`"),
    ("a gate gone", [("    before: [{name: ready, probe: ready, require: result.failed == 0}]\n", "")], "before-gate `ready` is gone"),
    ("a gate's on_fail", [("on_fail: hold", "on_fail: rollback")], "after-gate `smoke`: `on_fail` was `hold`, is `rollback`"),
    ("a gate's require", [("probe: ready, require: result.failed == 0", "probe: ready, require: result.failed <= 1")],
     "before-gate `ready`: `require` was `result.failed == 0`, is `result.failed <= 1`"),
    ("a snapshot", [("every: 30s", "every: 30s\n  snapshot: {actuator: backup}")], "snapshot is new: `{actuator: backup}`"),
    ("freeze", [("freeze: true", "freeze: all")], "on_rollback: `freeze` was `true`, is `all`"),
    ("recovery within", [("within: 10m", "within: 20m")], "recovery: `within` was `10m`, is `20m`"),
    ("recovery gone", [("recovery: {require: canary.errors < 0.01, for: 5m, within: 10m}, ", "")],
     "recovery is gone, it was `{require: canary.errors < 0.01, for: 5m, within: 10m}`"),
    ("all that follows gone", [("  on_rollback: {recovery: {require: canary.errors < 0.01, for: 5m, within: 10m}, freeze: true}\n", "")], None),
    ("an invariant", [("before: 50m", "before: 40m")],
     "invariant `not-early` was `{name: not-early, never: {reach: full}, before: 50m}`, is `{name: not-early, never: {reach: full}, before: 40m}`"),
    ("an invariant's expression", [("while: canary.errors >= 0.02", "while: canary.errors >= 0.03")], None),
    ("an invariant's time", [("within: 6m", "within: 7m")], None),
    ("a derived signal added", [("derived:\n", "derived:\n  more.errors: {max: {of: canary.errors, over: 5m}}\n")],
     "derived signal `more.errors` is new: `{max: {of: canary.errors, over: 5m}}`"),
    ("an invariant added", [("invariants:\n", "invariants:\n  - {name: never-back, never: rollback, while: canary.errors < 0.001}\n")],
     "invariant `never-back` is new: `{name: never-back, never: rollback, while: canary.errors < 0.001}`"),
    ("a step's own rule gone", [(", rollback: [{name: means, when: mean.errors > 0.5}]", "")],
     "rollback rule `means` of step `half` is gone, it was `mean.errors > 0.5`"),
    ("the checklist", [("steps: [tenth]", "steps: [half]")], None),
]  # fmt: skip


@pytest.mark.parametrize(("replacements", "sentence"), [case[1:] for case in ONE], ids=[case[0] for case in ONE])
def test_an_edit_is_named_and_taken_back(replacements, sentence):
    """What is found between two texts names each change once; without all of them, the old policy is there again."""
    new = changed(*replacements)
    found = edits(OLD, new)
    assert found
    if sentence is not None:
        assert sentence in [edit.sentence for edit in found]
        assert len(found) == 1 or "type: int" in sentence
    if len(found) == 1:
        back = without(OLD, new, found[0])
        assert back is not None
        assert edits(OLD, back) == ()
        assert found[0].old is not None or found[0].new is not None


EQUAL = [
    ("rules in another order", [(f"  - {E}\n  - {S}\n", f"  - {S}\n  - {E}\n")]),
    ("a number written otherwise", [("canary.errors >= 0.02, for", "canary.errors >= 2.0e-2, for")]),
    ("blanks and parentheses", [("canary.errors < 0.01, for: 5m}\n", "'(canary.errors)   < 0.01', for: 300s}\n")]),
    ("defaults written out", [("0.02, for: 5m}", "0.02, for: 5m, missing: hold}"), ("max: 30m}", "max: 30m, on_timeout: hold}"), ("every: 30s", "every: 30s\n  max_gap: 90s")]),
    ("all steps named", [("0.02, for: 5m", "0.02, for: 5m, steps: [full, half, tenth]")]),
    ("values in another order", [("[blue, green]", "[green, blue]")]),
    ("what only describes", [("metadata: {name: shop}", "metadata: {name: shop, revision: 4, owner: us}"), ("healthy: 0.2,", "healthy: 0.2, description: p95,")]),
    ("freeze in words", [("freeze: true", "freeze: policy")]),
    ("a step's own rule as a limited one", [(", rollback: [{name: means, when: mean.errors > 0.5}]", ""), ("rollback:\n", "rollback:\n  - {name: means, when: mean.errors > 0.5, steps: [half]}\n")]),
]  # fmt: skip


@pytest.mark.parametrize("replacements", [case[1] for case in EQUAL], ids=[case[0] for case in EQUAL])
def test_what_means_the_same_is_no_edit(replacements):
    """Order, writing, defaults and descriptions make no edit."""
    assert edits(OLD, changed(*replacements)) == ()


def test_edits_stand_in_the_order_of_the_new_file():
    """Of several edits, each can be taken back and leaves the others."""
    new = changed(
        ("healthy: 0.2,", "healthy: 0.3,"),
        ("0.02, for: 5m", "0.03, for: 10m"),
        ("weight: 50", "weight: 40"),
        (f"  - {H}\n", ""),
        ("hold:\n", ""),
    )
    found = edits(OLD, new)
    assert [edit.sentence for edit in found] == [
        "signal `canary.latency`: `healthy` was `0.2`, is `0.3`",
        "rollback rule `errors`: `when` was `canary.errors >= 0.02`, is `canary.errors >= 0.03`",
        "rollback rule `errors`: `for` was `5m`, is `10m`",
        "step `half`: `weight` was `50`, is `40`",
        "hold rule `little-traffic` is gone, it was `canary.requests < 500.0`",
    ]
    for edit in found:
        back = without(OLD, new, edit)
        assert [each.sentence for each in edits(OLD, back)] == [each.sentence for each in found if each is not edit]


def test_the_order_of_steps_is_an_edit():
    """Steps are carried out in their order."""
    tenth, full = "    - {name: tenth, weight: 10, min: 20m, max: 30m}\n", "    - {name: full, weight: 100, min: 60m}\n"
    new = changed((tenth, ""), (full, full + tenth))
    (edit,) = edits(OLD, new)
    assert edit.sentence == "the order of the steps was `tenth`, `half` and `full`, is `half`, `full` and `tenth`"
    assert edits(OLD, without(OLD, new, edit)) == ()


def test_what_others_lean_on_is_not_taken_back_alone():
    """A signal that is read cannot go by itself."""
    new = changed(
        ("signals:\n", "signals:\n  a.b: {healthy: 1}\n"), ("canary.latency >= 2.0", "canary.latency >= 2.0 && a.b > 1.0")
    )
    signal, rule = edits(OLD, new)
    assert without(OLD, new, signal) is None
    assert [edit.sentence for edit in edits(OLD, without(OLD, new, rule))] == ["signal `a.b` is new: `{healthy: 1}`"]


def test_steps_are_matched():
    """Renamed steps are known by their content."""
    new = changed(("{name: half, weight", "{name: fifty, weight"), ("at: half", "at: fifty"), ("[tenth, half]", "[tenth, fifty]"),
                  ("    - {name: full, weight: 100, min: 60m}\n", "    - {name: all, weight: 100, min: 50m}\n"), ("reach: full", "reach: all"))  # fmt: skip
    steps = match_steps(OLD, new)
    assert steps.common == {"tenth": "tenth", "half": "fifty"}
    assert steps.renamed == {"half": "fifty"}
    assert (steps.added, steps.removed) == (("all",), ("full",))
    sentences = {edit.sentence: edit for edit in edits(OLD, new)}
    assert set(sentences) == {
        "step `half` is called `fifty` now",
        "step `full` is gone, it was weight `100` for at least `60m`",
        "step `all` is new: weight `100` for at least `50m`",
        "invariant `not-early` was `{name: not-early, never: {reach: full}, before: 50m}`, is `{name: not-early, never: {reach: all}, before: 50m}`",
    }
    assert without(OLD, new, sentences["step `all` is new: weight `100` for at least `50m`"]) is None
    back = without(OLD, new, sentences["step `half` is called `fifty` now"])
    assert match_steps(OLD, back).renamed == {}


def test_a_removed_rule_comes_back_with_the_new_names_of_its_steps():
    """Taking an edit back leaves the other edits as they are."""
    new = changed(("{name: half, weight", "{name: fifty, weight"), ("at: half", "at: fifty"), (f"hold:\n  - {H}\n", ""))
    gone = next(edit for edit in edits(OLD, new) if "is gone" in edit.sentence)
    assert [edit.sentence for edit in edits(OLD, without(OLD, new, gone))] == ["step `half` is called `fifty` now"]


def test_an_edit_of_others_is_refused():
    """An edit belongs to its two policies."""
    with pytest.raises(ValueError, match="no such edit"):
        without(OLD, OLD, Edit(sentence="nothing", old=None, new=None))


def test_blocks_come_go_and_change():
    """A snapshot is compared as a whole; a recovery that is nowhere is none."""
    one = changed(
        ("every: 30s", "every: 30s\n  snapshot: {actuator: backup}"),
        ("recovery: {require: canary.errors < 0.01, for: 5m, within: 10m}, ", ""),
    )
    two = changed(
        ("every: 30s", "every: 30s\n  snapshot: {actuator: other}"),
        ("recovery: {require: canary.errors < 0.01, for: 5m, within: 10m}, ", ""),
    )
    (edit,) = edits(one, two)
    assert edit.sentence == "snapshot was `{actuator: backup}`, is `{actuator: other}`"
    assert edits(one, without(one, two, edit)) == ()
    gone = next(edit for edit in edits(one, OLD) if edit.sentence.startswith("snapshot"))
    assert gone.sentence == "snapshot is gone, it was `{actuator: backup}`"
    assert without(one, OLD, gone).policy.plan.snapshot.actuator == "backup"


def test_a_renamed_step_goes_back_wherever_it_is_named():
    """Derived signals, invariants and the checklist name steps, too."""
    new = changed(("{name: full, weight", "{name: all, weight"), ("reach: full", "reach: all"))
    (edit,) = edits(OLD, new)
    assert edit.sentence == "step `full` is called `all` now"
    assert edits(OLD, without(OLD, new, edit)) == ()


def test_a_rule_leaves_its_step():
    """Out of a step into the policy, for all steps: taken back, it is in its step again."""
    new = changed(
        (", rollback: [{name: means, when: mean.errors > 0.5}]", ""),
        ("rollback:\n", "rollback:\n  - {name: means, when: mean.errors > 0.5}\n"),
    )
    (edit,) = edits(OLD, new)
    assert edit.sentence == "rollback rule `means` of step `half`: `steps` was `only half`, is `all steps`"
    assert edits(OLD, without(OLD, new, edit)) == ()


def test_rules_come_and_go_with_their_step():
    """A step that is new is one edit, with its own rules."""
    new = changed(
        (
            "    - {name: half,",
            "    - {name: third, weight: 30, min: 5m, hold: [{name: x, when: canary.errors > 0.1}]}\n    - {name: half,",
        )
    )
    assert len(edits(OLD, new)) == len(edits(new, OLD)) == 1


def test_where_long_texts_part_is_seen():
    """The text that differs is shown, however far back it stands."""
    old, new = ("x" * 200 + each for each in ("1", "2"))
    assert apart(old, new) == (f"`...{'x' * 20}1`", f"`...{'x' * 20}2`")
    assert apart("y" * 100, "z") == (f"`{'y' * 77}...`", "`z`")
    assert flow(yaml.safe_load("{a: [1, 2.5, null, true, 'x  y']}")) == "{a: [1, 2.5, null, true, x y]}"


_VARIATIONS = (
    ("canary.errors >= 0.02, for", "canary.errors >= 0.05, for"), ("canary.latency < 0.5", "canary.latency < 0.6"), ("min: 20m", "min: 25m"),
    ("weight: 50", "weight: 40"), ("every: 30s", "every: 20s"), (f"  - {S}\n", ""), ("after: 5m", "after: 7m"), ("range: [0, 1]", "range: [0, 0.9]"),
    ("within: 6m", "within: 7m"), ("steps: [tenth, half]", "steps: [tenth]"), ("at: half", "at: full"), ("on_fail: hold", "on_fail: rollback"),
)  # fmt: skip


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.sets(st.sampled_from(_VARIATIONS), min_size=1))
def test_taking_all_edits_back_in_turn_gives_the_old_policy(chosen):
    """Edits are whole: nothing is left of a change when each has been taken back, and each taken back is one less."""
    new = changed(*sorted(chosen))
    left = len(edits(OLD, new))
    assert left == len(chosen)
    while left:
        new = without(OLD, new, edits(OLD, new)[0])
        assert new is not None
        assert len(edits(OLD, new)) == left - 1
        left -= 1
