"""
The judges are judged: wrong readings are put into the proof, and each must be caught.

By translation validation, which then says nothing at all, or by the soundness test: a proof that is refuted, a witness that
does not replay, or something equal that is no longer proved equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from canarypolicy.cel import operands, rounding, smt, terms
from canarypolicy.cel.lowered import Truth
from canarypolicy.cel.terms import all_of, any_of, negated
from canarypolicy.cel.tree import And, Or
from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.errors import Unsupported
from canarypolicy.review import encoded, snapshot, windows
from canarypolicy.review.findings import Certainty

from review.drawing import program_of
from review.handmade import NASTY, document, roll, rule, slo
from review.happenings import confirm
from review.soundness import Tally, judge_pair, verdicts_of

pytest.importorskip("z3")

MINUTE_US = 60_000_000

CHOSEN = "c.flag ? b.err >= 0.3 : false"
PAIRS = {
    "a threshold": (document(), document(rollback=[rule("c.err > 0.5")])),
    "evidence of two": (document(hold=[rule("c.flag && b.err >= 0.5")]), document(hold=[rule("b.err >= 0.5 && c.flag")])),
    "evidence": (roll(rule("b.err >= 0.5")), roll(rule("b.err >= 0.5", missing="ignore"))),
    "a number": (slo("c.err < 0.2"), slo("c.err < 0.02")),
    "a window": (roll(rule("b.err >= 0.3", "2m")), roll(rule("b.err >= 0.5", "2m"))),
    "a window that unknown keeps": (roll(rule(CHOSEN, "2m")), roll(rule("b.err >= 0.3", "2m"))),
    "the shortest time": NASTY["an SLO's run and the shortest time"],
    "an exemption": NASTY["an exemption that may be unknown"],
    "a quotient": (slo("c.err / b.err < 1.2 || c.flag"), slo("(b.err != 0.0 && c.err / b.err < 1.2) || c.flag")),
    "rounding": NASTY["a quotient made a product, within rounding"],
    "a range": NASTY["a range narrowed on the bad side"],
    "a gap": NASTY["a longer gap"],
    "a count": NASTY["a count of more"],
    "a timeout": NASTY["a timeout only without evidence"],
    "missing for a while": (
        roll(rule("b.err >= 0.5", missing="rollback", after="1m")),
        roll(rule("b.err >= 0.5", missing="rollback", after="3m")),
    ),
}
EQUAL = {"evidence of two", "the shortest time"}


def at_least_as_more(patch):
    compared = smt._compared
    patch.setattr(smt, "_compared", lambda low, operator, *sides: compared(low, ">" if operator == ">=" else operator, *sides))


def unknown_in_and_as_false(patch):
    read = smt._truth

    def wrong(lowering, node):
        if not isinstance(node, And):
            return read(lowering, node)
        left, right = lowering.truth(node.left), lowering.truth(node.right)
        yes = all_of((left.yes, right.yes))
        return Truth(yes=yes, no=negated(yes))

    patch.setattr(smt, "_truth", wrong)


def unknown_in_or_as_true(patch):
    read = smt._truth

    def wrong(lowering, node):
        if not isinstance(node, Or):
            return read(lowering, node)
        left, right = lowering.truth(node.left), lowering.truth(node.right)
        no = all_of((left.no, right.no))
        return Truth(yes=negated(no), no=no)

    patch.setattr(smt, "_truth", wrong)


def missing_as_present(patch):
    read = operands._signal
    patch.setattr(operands, "_signal", lambda signal: read(replace(signal, present=terms.truth(True))))


def a_literal_times_ten(patch):
    read = operands._constant
    patch.setattr(operands, "_constant", lambda low, value: read(low, value * 10 if isinstance(value, float) else value))


def a_window_axiom_reversed(patch):
    def wrong(x, y, *, is_unknown):
        for each in tied(x, y, is_unknown=is_unknown):
            yield replace(each, fact=y.held <= x.held)

    tied = windows._of_runs
    patch.setattr(windows, "_of_runs", wrong)


def a_rollback_run_ended_by_unknown(patch):
    def wrong(x, y, *, is_unknown):
        for each in tied(x, y, is_unknown=is_unknown):
            yield each if x.is_slo or is_unknown else replace(each, needs=each.needs[:1])

    tied = windows._of_runs
    patch.setattr(windows, "_of_runs", wrong)


def an_slo_run_that_goes_on_across_steps(patch):
    make = windows.Windows._run

    def wrong(self, truth, asked, *, is_slo):
        clock = self.clock
        self.clock = replace(clock, elapsed=clock.total) if is_slo else clock
        try:
            return make(self, truth, asked, is_slo=is_slo)
        finally:
            self.clock = clock

    patch.setattr(windows.Windows, "_run", wrong)


def a_rollback_run_that_begins_anew_in_each_step(patch):
    make = windows.Windows._run

    def wrong(self, truth, asked, *, is_slo):
        clock = self.clock
        self.clock = replace(clock, total=clock.elapsed)
        try:
            return make(self, truth, asked, is_slo=is_slo)
        finally:
            self.clock = clock

    patch.setattr(windows.Windows, "_run", wrong)


def ignored_evidence_treated_as_hold(patch):
    def wrong(self):
        return negated(self.fires) if self.rule.kind is RuleKind.SLO else negated(self.truth.no)

    patch.setattr(windows.RuleTerms, "blocks", property(wrong))


def a_pending_rollback_that_lets_an_advance_pass(patch):
    def wrong(self):
        if self.rule.kind is RuleKind.SLO:
            return negated(self.fires)
        quiet = any_of((self.truth.no, all_of((self.truth.yes, negated(self.lasted)))))
        return all_of((negated(quiet), negated(self.truth.unknown))) if self.rule.ignores_unknown else negated(quiet)

    patch.setattr(windows.RuleTerms, "blocks", property(wrong))


def an_unknown_exemption_that_exempts(patch):
    def wrong(lowering, each):
        when = smt.lower(lowering, each.when)
        if each.unless is None:
            return when
        unless = smt.lower(lowering, each.unless)
        return Truth(yes=all_of((when.yes, unless.no)), no=any_of((when.no, unless.yes)))

    patch.setattr(encoded, "rule_truth", wrong)


def a_divisor_that_is_never_zero(patch):
    patch.setattr(rounding.Doubles, "_checks", lambda *_: [])


def reals_for_doubles(patch):
    patch.setattr(rounding, "envelope", lambda rounded, exact, *_, **__: rounded == exact)


def a_value_beyond_its_range_taken_as_missing(patch):
    admitted = snapshot._Declaring._admitted
    patch.setattr(
        snapshot._Declaring, "_admitted", lambda self, raw, signal: admitted(self, raw, signal.model_copy(update={"worse": None}))
    )


def counts_that_imply_one_another(patch):
    patch.setattr(windows, "asks_more", lambda *_: True)


def gaps_the_wrong_way_round(patch):
    def wrong(self, run, same):
        self.facts += [other.held >= run.held for other in same if other.max_gap_us < run.max_gap_us]
        self.facts += [other.held <= run.held for other in same if other.max_gap_us > run.max_gap_us]

    patch.setattr(windows.Windows, "_order_by_gap", wrong)


BUGS = [
    at_least_as_more,
    unknown_in_and_as_false,
    unknown_in_or_as_true,
    missing_as_present,
    a_literal_times_ten,
    a_window_axiom_reversed,
    a_rollback_run_ended_by_unknown,
    an_slo_run_that_goes_on_across_steps,
    a_rollback_run_that_begins_anew_in_each_step,
    ignored_evidence_treated_as_hold,
    a_pending_rollback_that_lets_an_advance_pass,
    an_unknown_exemption_that_exempts,
    a_divisor_that_is_never_zero,
    reals_for_doubles,
    a_value_beyond_its_range_taken_as_missing,
    counts_that_imply_one_another,
    gaps_the_wrong_way_round,
]


def across_steps():
    """
    A rule that can fire in the second step only by a run that began in the first, and a history on which it does.
    """
    limited = rule("b.err >= 0.5", "2m", unless='rollout.step == "b" && rollout.step_elapsed_seconds > 60.0', steps=["b"])
    old, new = document(rollback=[limited]), document(rollback=None)
    row = {"c.err": 0.125, "b.err": 0.75, "c.lat": 0.25, "c.any": 1.0, "c.left": 7, "c.login": 0, "c.flag": False, "c.mode": "ok"}
    items = (
        StepEvent(at_us=0, step="a"),
        *(RawSample(at_us=at * MINUTE_US, signals=row) for at in range(3)),
        StepEvent(at_us=2 * MINUTE_US, step="b"),
        RawSample(at_us=3 * MINUTE_US, signals=row),
    )
    return old, new, items, ("b", Verdict.ROLLBACK, Verdict.ADVANCE)


def caught() -> Iterator[str]:
    """
    Say what catches something, and where.
    """
    for name, pair in PAIRS.items():
        tally = Tally()
        judge_pair(tally, pair, name, Random(5), 2_000)
        yield from (f"{name}: {each.what}" for each in tally.violations)
        if name in EQUAL and set(tally.verdicts) - {"proved", "mismatch"}:
            yield f"{name}: no longer proved equal"
    yield from _caught_across_steps()


def _caught_across_steps() -> Iterator[str]:
    old, new, items, cell = across_steps()
    confirm((program_of(old), program_of(new)), items, cell)
    try:
        verdicts = verdicts_of((old, new))
    except Unsupported as mismatch:
        yield f"across steps: {mismatch}"
        return
    if any((each.step, each.old, each.new) == cell and each.certainty is Certainty.PROVED for each in verdicts):
        yield "across steps: said to be proved, and reached"


def test_without_a_bug_nothing_is_caught():
    assert not list(caught())


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_it_is_caught(bug, monkeypatch, record_property):
    bug(monkeypatch)
    first = next(caught(), None)
    assert first is not None, "a wrong reading has slipped through"
    record_property("caught by", first)
