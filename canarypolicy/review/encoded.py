"""
Two policies in terms, over one sample, with the facts that a solver may take for granted.

One solver answers all questions about them: what it has learnt from one serves the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.cel import terms
from canarypolicy.cel.encoding import Encoding
from canarypolicy.cel.lowered import Truth, Unsupported
from canarypolicy.cel.smt import Lowering, lower
from canarypolicy.cel.terms import all_of, any_of, negated
from canarypolicy.documents.rule import RuleKind
from canarypolicy.review.decisions import Flags, StepTerms, new_flags, step_terms
from canarypolicy.review.snapshot import Snapshot, declare
from canarypolicy.review.solver import DEFAULT_BUDGET, EXACT_BUDGET, MOST_NONLINEAR, Solver, require_solver
from canarypolicy.review.windows import Counted, RuleTerms, Run, Windows, lattice_facts

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Term
    from canarypolicy.engine.program import Program, ProgramRule

_MOST_PARTNERS = 6
"""With so many windows of the other policy that read the same signals each window is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """
    One policy in terms.
    """

    program: Program
    lowering: Lowering
    rules: tuple[RuleTerms, ...]
    """SLOs, rollback rules and hold rules, those of all steps."""
    steps: tuple[StepTerms, ...]
    """The decisions in the common steps, in the snapshot's order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """
    Both policies in terms, and the solver that knows the facts about them.
    """

    encoding: Encoding
    snapshot: Snapshot
    windows: Windows
    flags: Flags
    old: Side
    new: Side
    facts: tuple[Term, ...]
    """All that the solver takes for granted."""
    solver: Solver
    healthy: dict[str, Term] = field(default_factory=dict, repr=False)
    """For each measured signal that it is present and healthy, once that was asked for."""
    stood: dict[tuple[int, int, int], Term] = field(default_factory=dict, repr=False)
    """That one snapshot has stood for a while, by how many runs and counts there were to say it of."""
    _exact: list[Solver] = field(default_factory=list, repr=False)

    def exact_solver(self) -> Solver | None:
        """
        Give a solver that knows what the products and quotients are in which the policies differ; None if these are too many.

        To `solver`, they are but names. The exact one has a small budget, since it is so much slower.
        """
        nonlinear = self.encoding.doubles.nonlinear
        names = self.names_of_what_differs if len(nonlinear) > MOST_NONLINEAR else nonlinear.keys()
        telling = [nonlinear[name] for name in nonlinear if name in names]
        if not telling or len(telling) > MOST_NONLINEAR:
            return None
        if not self._exact:
            solver = Solver(budget=EXACT_BUDGET)
            solver.add((*self.facts, *telling))
            self._exact.append(solver)
        return self._exact[0]

    @property
    def names_of_what_differs(self) -> set[str]:
        """
        Name all that the rules are computed from which only one of the policies has.
        """
        differing = [rule.truth for rule in self._differing(lambda rule: rule.truth.identity)]
        return self.encoding.names_in(term for truth in differing for term in (truth.yes, truth.no))

    @property
    def read_by_what_differs(self) -> frozenset[str]:
        """
        The signals of the rules that only one of the policies has, or that ask for something else in the other one.
        """
        differing = self._differing(lambda rule: (rule.truth.identity, rule.rule.kind, rule.rule.asked, rule.rule.acts_in))
        return frozenset(name for rule in differing for name in rule.rule.reads)

    def _differing(self, identity: Callable[[RuleTerms], object]) -> list[RuleTerms]:
        rules = [{identity(rule): rule for rule in side.rules} for side in (self.old, self.new)]
        return [rule for key, rule in (rules[0] | rules[1]).items() if (key in rules[0]) != (key in rules[1])]

    @property
    def queries(self) -> int:
        """
        How many questions were asked so far.
        """
        return self.solver.queries + sum(each.queries for each in self._exact)

    @property
    def opaque(self) -> tuple[Unsupported, ...]:
        """
        What no proof sees into.
        """
        return tuple(self.encoding.opaque.values())


def encode(old: Program, new: Program, steps: Mapping[str, str], *, budget: int = DEFAULT_BUDGET) -> Encoded:
    """
    Put two policies into terms; `steps` gives the new name of each step that both have, one at least.

    For one policy by itself, give it twice. Without z3 this is `Unavailable`.
    """
    require_solver()
    encoding = Encoding()
    snapshot = declare(old, new, steps, encoding)
    windows, flags = Windows(clock=snapshot.clock), new_flags(snapshot.clock)
    lowerings = _lowerings(snapshot, encoding)
    first = _with_steps(_side(old, lowerings[0], windows), flags, tuple(steps.keys()))
    is_alone = old is new and all(before == after for before, after in steps.items())
    other = first if is_alone else _with_steps(_side(new, lowerings[1], windows), flags, tuple(steps.values()))
    sides = first, other
    solver = Solver(budget=budget)
    facts = (*snapshot.facts, *encoding.definitions, *windows.facts, *flags.facts)
    solver.add(facts)
    lattice = tuple(_proved_lattice(solver, sides[0], sides[1], given=()))
    solver.add(lattice)
    return Encoded(
        encoding=encoding,
        snapshot=snapshot,
        windows=windows,
        flags=flags,
        old=sides[0],
        new=sides[1],
        facts=(*facts, *lattice),
        solver=solver,
    )


def _lowerings(snapshot: Snapshot, encoding: Encoding) -> tuple[Lowering, Lowering]:
    """
    Give the lowering of each side: the same one if no name means two things.
    """
    if all(snapshot.new.get(name, variable) is variable for name, variable in snapshot.old.items()):
        shared = Lowering(encoding=encoding, variables={**snapshot.old, **snapshot.new})
        return shared, shared
    return Lowering(encoding=encoding, variables=snapshot.old), Lowering(encoding=encoding, variables=snapshot.new)


def rule_truth(lowering: Lowering, rule: ProgramRule) -> Truth:
    """
    Give when a rule is T and when it is F (SPEC section 2.3): an exemption needs proof, an unknown one exempts nobody.
    """
    when = lower(lowering, rule.when)
    if rule.unless is None:
        return when
    unless = lower(lowering, rule.unless)
    return Truth(yes=all_of((when.yes, negated(unless.yes))), no=any_of((when.no, unless.yes)))


def _side(program: Program, lowering: Lowering, windows: Windows) -> Side:
    rules = tuple(windows.rule(rule, rule_truth(lowering, rule)) for rule in (*program.slos, *program.watches))
    return Side(program=program, lowering=lowering, rules=rules, steps=())


def _with_steps(side: Side, flags: Flags, names: Sequence[str]) -> Side:
    steps = tuple(step_terms(side.program, side.program.step_named(name), side.rules, flags) for name in names)
    return Side(program=side.program, lowering=side.lowering, rules=side.rules, steps=steps)


def lattice_given(encoded: Encoded, given: Sequence[Term]) -> tuple[Term, ...]:
    """
    Give the facts that tie the windows of unlike predicates in every history at whose samples something is so throughout.
    """
    return tuple(_proved_lattice(encoded.solver, encoded.old, encoded.new, given=given))


def _proved_lattice(solver: Solver, old: Side, new: Side, *, given: Sequence[Term]) -> Iterator[Term]:
    """
    Give the facts that tie the windows of unlike predicates, each proved on all samples.
    """
    known: dict[tuple[int, ...], bool] = {}
    for one, other, is_unknown in tieable(old, new):
        for lattice in lattice_facts(one, other, is_unknown=is_unknown):
            if all(_is_impossible(solver, (*need, *given), known) for need in lattice.needs):
                yield lattice.fact


def _is_impossible(solver: Solver, need: tuple[Term, ...], known: dict[tuple[int, ...], bool]) -> bool:
    key = tuple(terms.identity(term) for term in need)
    if key not in known:
        known[key] = any(terms.z3().is_false(term) for term in need) or solver.is_impossible(*need)
    return known[key]


def tieable(old: Side, new: Side) -> Iterator[tuple[Run | Counted, Run | Counted, bool]]:
    """
    Give the windows that may be tied: those of one rule in both policies, and a few more that read the same signals.
    """
    partners: dict[tuple[object, ...], list[RuleTerms]] = {}
    named: dict[tuple[object, ...], RuleTerms] = {}
    for rule in new.rules:
        partners.setdefault(_likeness(rule), []).append(rule)
        named[rule.rule.kind, rule.rule.name] = rule
    seen: set[tuple[int, int]] = set()
    for rule in old.rules:
        like = partners.get(_likeness(rule), ())[:_MOST_PARTNERS]
        same = named.get((rule.rule.kind, rule.rule.name))
        for other in (*like, *(() if same is None else (same,))):
            for one, two, is_unknown in ((rule.window, other.window, False), (rule.unknown, other.unknown, True)):
                if one is not None and two is not None and one is not two and (id(one), id(two)) not in seen:
                    seen.add((id(one), id(two)))
                    yield one, two, is_unknown


def _likeness(rule: RuleTerms) -> tuple[object, ...]:
    return rule.rule.kind is RuleKind.SLO, frozenset(rule.rule.reads)
