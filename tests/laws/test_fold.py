"""
The fold's laws (SPEC section 2.5): time, finality, reasons, resuming.
"""

import json

from canarypolicy.documents.canonical import canonical
from canarypolicy.engine.decision import FIXED_REASONS, Verdict
from canarypolicy.engine.engine import decide
from canarypolicy.engine.rollout import Follow, begin
from hypothesis import given
from hypothesis import strategies as st

from driver import drive, program_of, reason_names
from laws.strategies import LAW, histories, minutes, policies


def seen(decision, shift_us=0):
    """Give all that a user sees of a decision, its times moved back."""
    return (
        decision.verdict, decision.step, decision.weight, decision.at_us - shift_us, decision.elapsed_us, decision.is_complete,
        None if decision.earliest_advance_us is None else decision.earliest_advance_us - shift_us,
        tuple((r.rule, r.state, r.message, r.lacking_us, None if r.since_us is None else r.since_us - shift_us, r.margin, tuple(r.values.items())) for r in decision.reasons),
        dict(decision.missing), dict(decision.clipped),
    )  # fmt: skip


@LAW
@given(policies(), histories(), st.sampled_from(list(Follow)), st.integers(-(10**15), 10**15))
def test_shifting_all_times_changes_nothing(text, history, follow, by_us):
    program = program_of(text)
    before = drive(program, history.items(program, with_steps=True), begin(program, follow=follow))
    after = drive(program, history.shifted(by_us).items(program, with_steps=True), begin(program, follow=follow))
    assert [seen(decision) for decision in before] == [seen(decision, by_us) for decision in after]


@LAW
@given(policies(), histories(), st.sampled_from(list(Follow)))
def test_rollback_and_completion_are_final_and_every_decision_has_a_reason(text, history, follow):
    program = program_of(text)
    decisions = drive(program, history.items(program, with_steps=True), begin(program, follow=follow))
    assert len(decisions) == len(history.rows) or follow is Follow.RECORDING
    for earlier, later in zip(decisions, decisions[1:], strict=False):
        if earlier.verdict is Verdict.ROLLBACK or earlier.is_complete:
            assert (later.verdict, later.reasons) == (earlier.verdict, earlier.reasons)
    assert all(decision.reasons for decision in decisions)
    assert all(reason.message for decision in decisions for reason in decision.reasons)
    rules = {rule.name for rule in (*program.slos, *program.watches)}
    assert {name for decision in decisions for name in reason_names(decision)} <= rules | set(FIXED_REASONS)


@LAW
@given(policies(), histories())
def test_never_before_min_and_steps_in_order(text, history):
    program = program_of(text)
    steps = [step.name for step in program.steps]
    decisions = drive(program, history.items(program, with_steps=False))
    for decision in decisions:
        if decision.verdict is Verdict.ADVANCE and "min-duration" in reason_names(decision):
            assert decision.elapsed_us >= program.step_named(decision.step).min_us
    visited = [steps.index(decision.step) for decision in decisions]
    assert all(0 <= after - before <= 1 for before, after in zip(visited, visited[1:], strict=False))


@LAW
@given(policies(), histories(regular=True))
def test_no_advance_comes_before_the_earliest_that_was_told(text, history):
    program = program_of(text)
    told = {}
    for decision in drive(program, history.items(program, with_steps=False)):
        if decision.verdict is Verdict.ADVANCE and not decision.is_complete:
            assert decision.at_us >= told.get(decision.step, 0)
        if decision.verdict is Verdict.HOLD:
            assert decision.earliest_advance_us >= decision.at_us + minutes("1m")
            told[decision.step] = decision.earliest_advance_us


@LAW
@given(policies(), histories(), st.sampled_from(list(Follow)), st.data())
def test_resuming_from_any_prefix_equals_never_having_stopped(text, history, follow, data):
    program = program_of(text)
    items = history.items(program, with_steps=True)
    cut = data.draw(st.integers(0, len(items)))
    state = begin(program, follow=follow)
    whole = drive(program, items, state)
    for item in items[:cut]:
        _, state = decide(program, state, item)
    head = drive(program, items[:cut], begin(program, follow=follow))
    # The fold has gone on from this state once already; it must not have changed it.
    drive(program, items[cut:], state)
    tail = drive(program_of(text), items[cut:], state) if data.draw(st.booleans()) else drive(program, items[cut:], state)
    assert [seen(decision) for decision in head + tail] == [seen(decision) for decision in whole]


@LAW
@given(policies(), histories())
def test_a_policy_and_its_canonical_form_decide_alike(text, history):
    program, written = program_of(text), program_of(canonical(json.loads(text)))
    assert written.checked.digest == program.checked.digest
    items = history.items(program, with_steps=False)
    assert [seen(d) for d in drive(program, items)] == [seen(d) for d in drive(written, items)]
