"""
Whether anything becomes an advance because a signal goes missing.

For rules without `has` and `missing: ignore` it cannot: what is known with less is the same with more. Only the others are
asked about, each in two worlds, of which the one has all values of the other and some more.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import all_of, any_of
from canarypolicy.cel.tree import Has, walk
from canarypolicy.documents.rule import RuleKind
from canarypolicy.documents.wording import code, listed
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.own import label, part_of, place_of
from canarypolicy.review.own_search import Sought, find_own_witness
from canarypolicy.review.questions import value_in
from canarypolicy.review.solver import Answer
from canarypolicy.review.worlds import changed, judge, measured_alone, tie, world_without

if TYPE_CHECKING:
    from canarypolicy.engine.program import ProgramRule
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.histories import Shape
    from canarypolicy.review.own import Own
    from canarypolicy.review.solver import Answered, Model
    from canarypolicy.review.windows import RuleTerms
    from canarypolicy.review.worlds import JudgedWorld

_MOST_TRIES = 40


def missing_signals(own: Own) -> Iterator[Remark]:
    """
    Give each rule that keeps an advance away, or rolls back, only as long as a signal is present.
    """
    suspects = [rule for rule in own.rules if _minds_presence(rule.rule)]
    names = measured_alone(own.program)
    read = {name for rule in suspects for name in rule.rule.reads if name in names}
    if not read:
        return
    less = judge(own, world_without(own, sorted(read)))
    by_rule = {id(there.rule): there for there in less.rules}
    for rule in suspects:
        if rule.rule.kind is RuleKind.SLO:
            tie(own, less.world, by_rule[id(rule.rule)], rule)
        yield from _remarks(own, rule, less)


def _minds_presence(rule: ProgramRule) -> bool:
    expressions = [rule.when] if rule.unless is None else [rule.when, rule.unless]
    reads_presence = any(isinstance(node, Has) for each in expressions for node in walk(each.tree))
    return reads_presence or (rule.ignores_unknown and rule.kind is not RuleKind.SLO)


def _remarks(own: Own, rule: RuleTerms, less: JudgedWorld) -> Iterator[Remark]:
    steps = [step.index for step in own.program.steps if step.name in rule.rule.acts_in]
    advances = {index: all_of((own.here(index), less.steps[index].of(Verdict.ADVANCE))) for index in steps}
    answered = own.ask(*less.world.facts, rule.blocks, any_of(advances.values()))
    if answered.answer is Answer.IMPOSSIBLE:
        return
    witness, gone = (None, ()) if answered.model is None else _shown(own, rule.rule)
    yield _remark(own, rule, answered, witness, gone)


def _shown(own: Own, rule: ProgramRule) -> tuple[Witness | None, tuple[str, ...]]:
    """
    Show that a step is left with less, and with more rolled back or, if that cannot be shown, held.
    """
    steps = [step for step in own.program.steps if step.name in rule.acts_in]
    parts: dict[str, Own] = {}
    for was, step in product((Verdict.ROLLBACK, Verdict.HOLD), steps):
        if step.name not in parts:
            parts[step.name] = part_of(own, step, rule.reads)
        part = parts[step.name]
        here = next(each for each in part.rules if each.rule is rule)
        less = judge(part, world_without(part, sorted(measured_alone(part.program).intersection(rule.reads))))
        decided = part.steps[step.index].of(was), less.steps[step.index].of(Verdict.ADVANCE)
        asked = (*less.world.facts, here.blocks, part.here(step.index), *decided)
        for candidate, model in part.candidates_and_models(step.index, asked):
            gone = _gone(part, less, model, candidate)

            def twin(shape: Shape, gone: tuple[str, ...] = gone) -> Shape:
                return changed(shape, dict.fromkeys(gone))

            sought = Sought(
                step=step.name,
                decided=frozenset({Verdict.ADVANCE}),
                twin=twin,
                without_twin=frozenset({was}),
                moved=frozenset(gone),
            )
            witness = find_own_witness(own.program, sought, [candidate], most=_MOST_TRIES)
            if witness is not None:
                return witness, gone
    return None, ()


def _gone(own: Own, less: JudgedWorld, model: Model, candidate: Candidate) -> tuple[str, ...]:
    """
    Name the signals that are present in the policy's own world and not in the other.
    """
    there = less.world.variables
    present = [name for name, value in candidate.values.items() if value is not None and name in there]
    return tuple(sorted(name for name in present if value_in(own.encoded, model, there[name]) is None))


def _remark(own: Own, rule: RuleTerms, answered: Answered, witness: Witness | None, gone: tuple[str, ...]) -> Remark:
    if witness is None:
        return Remark(
            name="looser-when-missing",
            sentence=f"whether {label(rule.rule)} lets the rollout advance because a signal goes missing is not known",
            place=place_of(rule.rule),
            certainty=Certainty.UNKNOWN,
            why=own.why_unknown(answered),
        )
    was = "rolled back" if witness.old.verdict is Verdict.ROLLBACK else "held"
    names = [name for name in gone if name in witness.off_healthy] or list(gone)
    verb = "is" if len(names) == 1 else "are"
    return Remark(
        name="looser-when-missing",
        sentence=(
            f"step {code(witness.step)} is left because {listed(names)} {verb} missing, "
            f"and the rollout is {was} while nothing is: see {label(rule.rule)}"
        ),
        place=place_of(rule.rule),
        certainty=Certainty.WITNESS,
        witness=witness,
    )
