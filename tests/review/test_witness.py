"""
Witnesses: found from a candidate, replayed with all rules, and as small as a search over a grid can make them.
"""

from itertools import product

import pytest
from canarypolicy.engine.sample import RawSample
from canarypolicy.review.candidate import Candidate
from canarypolicy.review.histories import Shape, Spacing, history
from canarypolicy.review.replaying import replayed
from canarypolicy.review.trial import shows
from canarypolicy.review.witness import beside, find_witness, witness_of
from hypothesis import given, settings
from hypothesis import strategies as st

from driver import PLAIN_PLAN, SIGNALS
from review_pairs import ADVANCE, HOLD, MINUTE, ROLLBACK, pair_of, question

WILD = {"canary.errors": 0.0271828, "baseline.errors": 0.777, "canary.requests": 12.5, "incident.data": True}


def candidate(step="canary-10", minutes=(3, 3), **rest):
    rest.setdefault("values", WILD)
    return Candidate(step=step, lasted_us=minutes[0] * MINUTE, elapsed_us=minutes[1] * MINUTE, **rest)


def story(witness):
    """Give what is off healthy, and the minutes it stood and in the step."""
    return dict(witness.off_healthy), witness.lasted_us / MINUTE, witness.new.elapsed_us / MINUTE


STORIES = [
    ("a limit is looser", ("errors >= 0.02", "errors >= 0.03"), ("canary-10", ROLLBACK, HOLD), candidate(), ({"canary.errors": 0.02}, 3, 3)),
    ("only above the limit", ("errors >= 0.02", "errors > 0.02"), ("canary-10", ROLLBACK, HOLD), candidate(values={"canary.errors": 0.02}),
     ({"canary.errors": 0.02}, 3, 3)),
    ("it takes longer", ("for: 3m", "for: 10m"), ("full", ROLLBACK, HOLD), candidate("full", (9, 9)), ({"canary.errors": 0.02}, 3, 3)),
    ("an SLO is looser", ("errors < 0.01", "errors < 0.015"), ("full", HOLD, ADVANCE), candidate("full", (9, 9), values={"canary.errors": 0.0123456}),
     ({"canary.errors": 0.01}, 0, 5)),
    ("min is shorter", ("min: 5m, max", "min: 4m, max"), ("canary-10", HOLD, ADVANCE), candidate(values={}, minutes=(0, 4)), ({}, 4, 4)),
    ("with its rule its missing data go", ("rollback: [{name: high, when: canary.errors >= 0.02, for: 3m}]", ""), ("canary-10", ROLLBACK, HOLD),
     candidate(), ({"canary.errors": 0.02}, 3, 3)),
    ("unknown is ignored", ("for: 3m}", "for: 3m, missing: ignore}"), ("canary-10", HOLD, ROLLBACK), candidate(), None),
    ("it does not time out", ("max: 20m", "max: 20m, on_timeout: rollback"), ("canary-10", HOLD, ROLLBACK),
     candidate(values={"canary.errors": 0.013}, minutes=(30, 30)), ({"canary.errors": 0.01}, 15, 21)),
    ("an approval is asked", ("min: 5m}", "min: 5m, approval: required}"), ("full", ADVANCE, HOLD), candidate("full", (5, 5), values={}, is_paused=False), ({}, 5, 5)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "asked", "found", "expected"), [each[1:] for each in STORIES], ids=[each[0] for each in STORIES]
)
def test_a_wild_candidate_becomes_a_small_witness(change, asked, found, expected):
    """Few signals off healthy, whole minutes, and the number next to the limit that moved; None where there is nothing to show."""
    pair = pair_of(change)
    witness = find_witness(pair, question(*asked), [found])
    if expected is None:
        assert witness is None
        return
    assert story(witness) == expected
    old, new = replayed(pair, witness.items)
    assert (old.decision, new.decision) == (witness.old, witness.new)
    assert (witness.old.verdict, witness.new.verdict) == asked[1:]


def test_a_witness_is_replayed_with_all_rules_at_the_spacing_of_a_live_rollout():
    pair = pair_of(("errors >= 0.02", "errors >= 0.03"))
    witness = find_witness(pair, question("canary-10", ROLLBACK, HOLD), [candidate()])
    times = [item.at_us for item in witness.items if isinstance(item, RawSample)]
    assert [later - earlier for earlier, later in zip(times, times[1:], strict=False)] == [MINUTE] * 3
    assert [each.rule for each in witness.old.reasons] == ["high"]


def test_what_the_rules_left_out_would_say_is_not_overlooked():
    """With what is missing all that lies before, a quiet rule is unknown; the search without it goes astray and is repeated with it."""
    rules = "slos: [{name: low, require: canary.errors < 0.01}]\nrollback: [{name: lost, when: incident.data, missing: rollback, after: 3m}]"
    pair = pair_of(("after: 3m", "after: 5m"), rules=rules)
    found = candidate(values={"incident.data": None}, minutes=(3, 3))
    witness = find_witness(pair, question("canary-10", ROLLBACK, HOLD), [found])
    assert story(witness) == ({"incident.data": None}, 3, 3)


def test_a_run_that_survives_unknown_needs_the_second_form():
    """True for the time that is asked less a sample, and missing now: the run goes on, and ends in neither policy."""
    change = ("for: 3m}", "for: 3m, missing: ignore}")
    pair = pair_of(
        change,
        rules="slos: [{name: base, require: baseline.errors < 0.01}]\nrollback: [{name: high, when: canary.errors >= 0.02, for: 3m}]",
    )
    found = candidate(values={"canary.errors": None}, before={"canary.errors": 0.0271}, minutes=(2, 5))
    witness = find_witness(pair, question("canary-10", HOLD, ADVANCE), [found])
    assert story(witness) == ({"canary.errors": None}, 0, 5)


DERIVED = {
    "mean": ("mean.errors: {mean: {of: canary.errors, over: 4m}}", "mean.errors >= 0.02", "mean.errors >= 0.03", {"mean.errors": 0.0271}),
    "sum": ("all.errors: {sum: {of: canary.errors, over: 4m}}", "all.errors >= 0.08", "all.errors >= 0.2", {"all.errors": 0.1}),
    "delta": ("moved.errors: {delta: {of: canary.errors, over: 4m}}", "moved.errors > 0.01", "moved.errors > 0.02", {"moved.errors": 0.015, "canary.errors": 0.1}),
    "ratio": ("per.requests: {ratio: {of: canary.errors, to: canary.requests, over: 4m}}", "per.requests > 1e-5", "per.requests > 2e-5", {"per.requests": 1.5e-5}),
    "quantile": ("high.errors: {quantile: {of: canary.errors, q: 0.9, over: 4m}}", "high.errors > 0.01", "high.errors > 0.02", {"high.errors": 0.015}),
    "growing": ("errors.growing: {growing: {of: canary.errors, over: 9m}}", "errors.growing", "errors.growing && canary.errors < 0.0", {"errors.growing": True}),
    "missing": ("mean.errors: {mean: {of: canary.errors, over: 4m}}", "!has(mean.errors)", "!has(mean.errors) && !has(canary.errors)", {"mean.errors": None}),
}  # fmt: skip


@pytest.mark.parametrize(("derived", "old", "new", "wanted"), DERIVED.values(), ids=DERIVED)
def test_derived_signals_get_their_values_from_a_past(derived, old, new, wanted):
    """The candidate says only what the derived signal is; the engine computes it from the history that is made."""
    rules = f"slos: [{{name: base, require: baseline.errors < 0.01}}]\nrollback: [{{name: high, when: '{old}'}}]"
    pair = pair_of((f"when: '{old}'", f"when: '{new}'"), rules=rules, signals=f"{SIGNALS}\nderived:\n  {derived}")
    found = candidate(values=wanted, minutes=(0, 2))
    witness = find_witness(pair, question("canary-10", ROLLBACK, HOLD), [found])
    assert witness is not None
    assert witness.old.verdict is ROLLBACK


def test_an_int_rises_in_whole_steps():
    signals = (
        SIGNALS
        + "  canary.faults: {type: int, range: [0, null], healthy: 0}\nderived:\n  faults.growing: {growing: {of: canary.faults, over: 9m}}"
    )
    rules = "slos: [{name: base, require: baseline.errors < 0.01}]\nrollback: [{name: high, when: faults.growing}]"
    pair = pair_of(("when: faults.growing", "when: faults.growing && canary.faults < 0"), rules=rules, signals=signals)
    witness = find_witness(
        pair, question("canary-10", ROLLBACK, HOLD), [candidate(values={"faults.growing": True}, minutes=(0, 0))]
    )
    assert all(isinstance(item.signals["canary.faults"], int) for item in witness.items if isinstance(item, RawSample))


def test_the_step_before_may_carry_a_run():
    """A rule that acts in the last step only: its run began in the step before."""
    rules = "slos: [{name: low, require: baseline.errors < 0.01}]\nrollback: [{name: high, when: canary.errors >= 0.02, for: 3m, steps: [full]}]"
    pair = pair_of(("errors >= 0.02", "errors >= 0.03"), rules=rules)
    found = Candidate(step="full", values={"canary.errors": 0.025}, lasted_us=4 * MINUTE, elapsed_us=MINUTE, total_us=6 * MINUTE)
    witness = find_witness(pair, question("full", ROLLBACK, HOLD), [found])
    assert (witness.old.step, witness.old.verdict) == ("full", ROLLBACK)


def test_gates_and_operators_are_part_of_a_witness():
    plan = PLAIN_PLAN.replace("  steps:", "  gates: {after: [{name: smoke, probe: p, require: result.failed == 0}]}\n  steps:")
    pair = pair_of(("min: 5m}", "min: 5m, approval: required}"), plan=plan)
    found = candidate("full", (5, 5), values={}, gates={"smoke": True})
    witness = find_witness(pair, question("full", ADVANCE, HOLD), [found])
    assert [reason.rule for reason in witness.new.reasons] == ["approval"]
    halted = pair_of(("errors >= 0.02", "errors >= 0.03"), plan=plan)
    paused = find_witness(
        halted, question("full", ROLLBACK, HOLD), [candidate("full", is_paused=True, is_frozen=True, gates={"smoke": False})]
    )
    assert story(paused) == ({"canary.errors": 0.02}, 3, 3)


def test_candidates_that_lead_nowhere_give_no_witness():
    """What no history shows is not shown, nor what would take more tries than are allowed."""
    pair = pair_of(("errors >= 0.02", "errors >= 0.03"))
    assert find_witness(pair, question("canary-10", ADVANCE, HOLD), [candidate(minutes=(3, 3))], most=200) is None
    assert find_witness(pair, question("canary-10", ROLLBACK, HOLD), [candidate()], most=0) is None
    assert find_witness(pair, question("canary-10", ROLLBACK, HOLD), []) is None


def test_a_history_without_a_sample_is_no_witness():
    assert witness_of(pair_of(), question("full", HOLD, HOLD), ()) is None


def test_doubles_beside_a_candidate_are_tried_within_rounding():
    """The next two on either side of each measured double."""
    found = candidate(values={"canary.errors": 0.02, "incident.data": True, "mean.errors": 0.5})
    values = sorted(each.values["canary.errors"] for each in beside(found, pair_of()))
    assert len(set(values)) == 4
    assert values[1] < 0.02 < values[2]
    assert values[2] - values[1] < 1e-15


GRID = [0.002, 0.005, 0.01, 0.015, 0.02, 0.025]
LIMITS = st.sampled_from(["0.005", "0.01", "0.015", "0.02", "0.025"])


@given(
    limits=st.tuples(LIMITS, LIMITS, LIMITS, LIMITS),
    found=st.tuples(
        st.sampled_from(GRID), st.sampled_from([0.002, 0.01]), st.booleans(), st.sampled_from([0, 2]), st.sampled_from([2, 5])
    ),
    asked=st.sampled_from([(ROLLBACK, HOLD), (HOLD, ROLLBACK), (HOLD, ADVANCE), (ADVANCE, HOLD), (ROLLBACK, ADVANCE)]),
)
@settings(deadline=None, derandomize=True, max_examples=6)
def test_no_smaller_witness_is_on_a_grid(limits, found, asked):
    """A search over a grid of values and minutes finds none that has fewer signals off healthy; and finds none where it has found none."""
    rules = "slos: [{{name: low, require: canary.errors < {}}}, {{name: base, require: baseline.errors < {}}}]\nrollback: [{{name: high, when: canary.errors >= {}, for: 2m}}, {{name: data, when: incident.data}}]"  # fmt: skip
    old, new = rules.format(limits[0], "0.01", limits[1]), rules.format(limits[2], "0.01", limits[3])
    pair = pair_of((old, new), rules=old)
    first, second, third, lasted, elapsed = found
    values = {"canary.errors": first, "baseline.errors": second, "incident.data": third}
    ask = question("canary-10", *asked)
    witness = find_witness(pair, ask, [candidate(values=values, minutes=(lasted, elapsed))])
    fewest = min((len(shape.now) for shape in _on_grid() if _shows(pair, ask, shape)), default=None)
    if witness is not None:
        assert fewest is not None
        assert len(witness.off_healthy) == fewest
    elif fewest is not None:
        # The candidate itself was none: another one has to be proposed.
        assert not any(_shows(pair, ask, shape) for shape in _on_grid() if dict(shape.now) == _off(values))


def _off(values):
    healthy = {"canary.errors": 0.002, "baseline.errors": 0.002, "incident.data": False}
    return {name: value for name, value in values.items() if value != healthy[name]}


def _on_grid():
    for errors, base, data, lasted, elapsed in product(GRID, [0.002, 0.01], [False, True], [0, 2], [2, 5]):
        if lasted <= elapsed:
            off = tuple(sorted(_off({"canary.errors": errors, "baseline.errors": base, "incident.data": data}).items()))
            minutes = {"lasted_us": lasted * MINUTE, "elapsed_us": elapsed * MINUTE, "total_us": elapsed * MINUTE}
            yield Shape(step="canary-10", now=off, **minutes)


def _shows(pair, ask, shape):
    judgements = replayed(pair, history(shape, pair.healthy, Spacing(in_rollout_us=MINUTE, before_us=MINUTE)))
    return judgements is not None and shows(pair, ask, judgements)
