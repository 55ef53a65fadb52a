"""
Whether a worse value of a signal makes anything looser.

Each rule is asked about each signal that says which way is bad, in two worlds that differ in that signal alone. If all pass,
no worse value in any history turns a rollback into a hold or a hold into an advance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import all_of, any_of, negated
from canarypolicy.documents.rule import RuleKind
from canarypolicy.documents.wording import code
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.observation import truth_of
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.own import label, part_of, place_of
from canarypolicy.review.own_search import Sought, find_own_witness
from canarypolicy.review.questions import value_in
from canarypolicy.review.solver import Answer
from canarypolicy.review.worlds import changed, judge, world_with_worse

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Truth as Truthful
    from canarypolicy.cel.lowered import Truth
    from canarypolicy.cel.terms import Term
    from canarypolicy.documents.signals import Value, Worse
    from canarypolicy.engine.program import ProgramRule, ProgramStep
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.histories import Shape
    from canarypolicy.review.own import Own
    from canarypolicy.review.solver import Answered, Model
    from canarypolicy.review.windows import RuleTerms
    from canarypolicy.review.worlds import JudgedWorld, World

_MOST_TRIES = 40
_MOST_CANDIDATES = 4
"""So many moments are tried for one rule and signal."""
MOST_SOUGHT = 8
"""For so many rules and signals a history is sought: enough to see what is wrong, and no more however many rules there are."""
_LOOSER = (
    (Verdict.ROLLBACK, frozenset({Verdict.HOLD, Verdict.ADVANCE})),
    (Verdict.HOLD, frozenset({Verdict.ADVANCE})),
)


def worse_values(own: Own) -> Iterator[Remark]:
    """
    Give, for each signal with `worse`, what becomes looser as it gets worse.
    """
    left = MOST_SOUGHT
    for name, signal in own.program.signals.items():
        reading = [rule for rule in own.rules if name in rule.rule.reads]
        if signal.worse is None or not reading:
            continue
        worse = world_with_worse(own, name, signal.worse)
        search = _Search(own=own, name=name, worse=signal.worse)
        for rule, answered in _looser(own, worse, reading):
            if left > 0:
                yield _remark(search, rule, answered, worse)
                left -= 1
            else:
                yield _unshown(search, rule, answered, worse, f"a history was sought for {MOST_SOUGHT} others")


def _looser(own: Own, worse: World, reading: list[RuleTerms]) -> Iterator[tuple[RuleTerms, Answered]]:
    """
    Give the rules that are looser in the other world, or of which that is not excluded: one question if none is.
    """
    asked = []
    for rule in reading:
        is_slo = rule.rule.kind is RuleKind.SLO
        looser = _is_looser(rule.truth, worse.truth(rule.rule), is_slo=is_slo)
        asked.append((rule, all_of((own.acting(rule.rule), looser))))
    if own.ask(*worse.facts, any_of(each for _, each in asked)).answer is Answer.IMPOSSIBLE:
        return
    for rule, each in asked:
        answered = own.ask(*worse.facts, each)
        if answered.answer is not Answer.IMPOSSIBLE:
            yield rule, answered


def _is_looser(here: Truth, there: Truth, *, is_slo: bool) -> Term:
    """
    Say that a rule is looser there than here: an SLO that becomes true, another rule that ends being so or becomes false.
    """
    if is_slo:
        return all_of((there.yes, negated(here.yes)))
    return any_of((all_of((here.yes, negated(there.yes))), all_of((there.no, negated(here.no)))))


def _remark(search: _Search, rule: RuleTerms, answered: Answered, world: World) -> Remark:
    own, name = search.own, search.name
    witness = None if answered.model is None else search.shown(rule.rule)
    if witness is not None:
        value = witness.off_healthy.get(name, own.program.signals[name].healthy)
        return Remark(
            name="looser-when-worse",
            sentence=(
                f"{_DECIDED[witness.old.verdict]} becomes {_DECIDED[witness.new.verdict]} in step {code(witness.step)} "
                f"as {code(name)} gets worse, at {code(_written(value))}: see {label(rule.rule)}"
            ),
            place=place_of(rule.rule),
            certainty=Certainty.WITNESS,
            witness=witness,
            is_fault=True,
        )
    return _unshown(search, rule, answered, world, "no history was found in which no other rule takes over")


def _unshown(search: _Search, rule: RuleTerms, answered: Answered, world: World, why: str) -> Remark:
    is_so = answered.model is not None and _is_so(search.own, search.name, rule, answered.model, world)
    verb = "is" if is_so else "may be"
    return Remark(
        name="not-monotone",
        sentence=f"{label(rule.rule)} {verb} looser at a worse value of {code(search.name)}",
        place=place_of(rule.rule),
        certainty=Certainty.UNKNOWN,
        why=why if is_so else search.own.why_unknown(answered),
    )


_DECIDED = {Verdict.ROLLBACK: "a rollback", Verdict.HOLD: "a hold", Verdict.ADVANCE: "an advance"}


def _written(value: Value | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(slots=True, kw_only=True)
class _Search:
    """
    The search for histories in which something becomes looser as one signal gets worse.
    """

    own: Own
    name: str
    worse: Worse
    _parts: dict[str, tuple[Own, JudgedWorld]] = field(default_factory=dict)

    def shown(self, rule: ProgramRule) -> Witness | None:
        """
        Show, in a step in which a rule acts, that the whole policy is looser on a history with worse values.
        """
        left = _MOST_CANDIDATES
        for step in self.own.program.steps:
            if step.name not in rule.acts_in:
                continue
            part, judged = self._part(step)
            for was, becomes in _LOOSER:
                verdict = any_of(judged.steps[step.index].of(each) for each in becomes)
                asked = (*judged.world.facts, part.here(step.index), part.steps[step.index].of(was), verdict)
                for candidate, model in part.candidates_and_models(step.index, asked, is_steady=True):
                    if left <= 0:
                        return None
                    left -= 1
                    value = value_in(part.encoded, model, judged.world.variables[self.name])
                    witness = self._tried(candidate, value, was, becomes)
                    if witness is not None:
                        return witness
        return None

    def _tried(self, candidate: Candidate, value: Value | None, was: Verdict, becomes: frozenset[Verdict]) -> Witness | None:
        def twin(shape: Shape) -> Shape:
            return changed(shape, {self.name: value})

        sought = Sought(
            step=candidate.step,
            decided=becomes,
            twin=twin,
            without_twin=frozenset({was}),
            moved=frozenset({self.name}),
        )
        return find_own_witness(self.own.program, sought, [candidate], most=_MOST_TRIES)

    def _part(self, step: ProgramStep) -> tuple[Own, JudgedWorld]:
        """
        Give the rules of a step that read the signal, or another one that such rules read.
        """
        if step.name not in self._parts:
            near = {each for rule in self.own.rules if self.name in rule.rule.reads for each in rule.rule.reads}
            part = part_of(self.own, step, near)
            self._parts[step.name] = part, judge(part, world_with_worse(part, self.name, self.worse))
        return self._parts[step.name]


def _is_so(own: Own, name: str, rule: RuleTerms, model: Model, world: World) -> bool:
    """
    Evaluate the rule in both worlds, at the values of a model.
    """
    snapshot = own.encoded.snapshot.new
    here = {each: value_in(own.encoded, model, snapshot[each]) for each in rule.rule.reads}
    there = {**here, name: value_in(own.encoded, model, world.variables[name])}
    truths = [truth_of(rule.rule, {key: value for key, value in values.items() if value is not None}) for values in (here, there)]
    return _was_looser(*truths, is_slo=rule.rule.kind is RuleKind.SLO)


def _was_looser(here: Truthful, there: Truthful, *, is_slo: bool) -> bool:
    if is_slo:
        return there is True and here is not True
    return (here is True and there is not True) or (there is False and here is not False)
