"""
The principle as laws (SPEC section 2.5): no evidence, no advance; and nothing that goes missing helps.
"""

from canarypolicy.documents.signals import Worse
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.rollout import Follow, begin
from hypothesis import given
from hypothesis import strategies as st

from driver import drive, program_of, verdicts
from laws.strategies import LAW, MEASURED_ALONE, SIGNALS, History, histories, policies

RANK = {Verdict.ROLLBACK: 0, Verdict.HOLD: 1, Verdict.ADVANCE: 2}


def judge(program, history):
    """Judge with the steps' entries given: what is decided, by time."""
    decisions = drive(program, history.items(program, with_steps=True), begin(program, follow=Follow.RECORDING))
    return {decision.at_us: decision for decision in decisions}


def pairs(before, after):
    """Give the decisions of two histories at the same samples; at a step's entry itself only a final one stands."""
    return [(before[at_us], after[at_us]) for at_us in sorted(before.keys() & after.keys())]


@LAW
@given(policies(), histories())
def test_no_evidence_no_advance(text, history):
    """In a history whose signals are all missing, nothing advances."""
    program = program_of(text)
    empty = History(rows=tuple((at, {}) for at, _ in history.rows), entries=history.entries)
    for follow in Follow:
        decisions = drive(program, empty.items(program, with_steps=True), begin(program, follow=follow))
        assert Verdict.ADVANCE not in {decision.verdict for decision in decisions}, verdicts(decisions)


@LAW
@given(policies(free=False), histories(), st.data())
def test_what_goes_missing_never_turns_hold_or_rollback_into_advance(text, history, data):
    program = program_of(text)
    taken = data.draw(
        st.sets(st.tuples(st.integers(0, len(history.rows) - 1), st.sampled_from(MEASURED_ALONE)), min_size=1, max_size=12)
    )
    rows = tuple(
        (at, {name: value for name, value in row.items() if (index, name) not in taken})
        for index, (at, row) in enumerate(history.rows)
    )
    before, after = judge(program, history), judge(program, History(rows=rows, entries=history.entries))
    for old, new in pairs(before, after):
        assert not (old.verdict is not Verdict.ADVANCE and new.verdict is Verdict.ADVANCE), (old, new)
        if old.verdict is Verdict.ROLLBACK:
            break


def worse_of(name, value, data):
    """Draw a value in range that is at least as bad."""
    signal = SIGNALS[name]
    if signal.get("type") == "bool":
        return True
    low, high = signal["range"]
    numbers = st.integers if signal.get("type") == "int" else st.floats
    if signal["worse"] == Worse.HIGHER.value:
        return data.draw(
            numbers(
                max(low, min(value, high if high is not None else value)), high if high is not None else max(value, 0) * 10 + 10
            )
        )
    return data.draw(numbers(low, max(low, value)))


@LAW
@given(policies(free=False, dark=False), histories(), st.data())
def test_a_worse_value_never_turns_rollback_into_hold_or_hold_into_advance(text, history, data):
    """
    Rules with `missing: rollback` are left out: a worse value can make an unknown rule true, which ends its time of being unknown.
    """
    program = program_of(text)
    chosen = data.draw(
        st.lists(st.tuples(st.integers(0, len(history.rows) - 1), st.sampled_from(MEASURED_ALONE[:4])), min_size=1, max_size=8)
    )
    rows = [(at, dict(row)) for at, row in history.rows]
    for index, name in chosen:
        if rows[index][1].get(name) is not None:
            rows[index][1][name] = worse_of(name, rows[index][1][name], data)
    before, after = judge(program, history), judge(program, History(rows=tuple(rows), entries=history.entries))
    for old, new in pairs(before, after):
        assert RANK[new.verdict] <= RANK[old.verdict], (old, new)
