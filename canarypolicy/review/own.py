"""
One policy in terms, with the expressions of its invariants beside its rules.

The encoding is that of two policies, given the same one twice; here is what questions about a single policy share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain, product
from typing import TYPE_CHECKING, Final

from canarypolicy.cel.terms import all_of, any_of, implies, number
from canarypolicy.cel.tree import Literal, walk
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.policy import AlwaysWithin, NeverWhile
from canarypolicy.documents.rule import RuleKind
from canarypolicy.errors import Unsupported
from canarypolicy.lints.healthy import health_of
from canarypolicy.review.encoded import encode
from canarypolicy.review.fold_validation import decision_mismatches
from canarypolicy.review.marker import marker
from canarypolicy.review.proposals import after_health, as_healthy_as_can_be, as_many_as_can_be, constants, plain_terms, soon
from canarypolicy.review.questions import Form, candidate_of, steady
from canarypolicy.review.snapshot import ELAPSED, STEP_ELAPSED
from canarypolicy.review.solver import DEFAULT_BUDGET, Answer
from canarypolicy.review.trial import reduced_alone
from canarypolicy.review.validation import rule_mismatches

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Term
    from canarypolicy.documents.signals import Value
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.program import Program, ProgramRule, ProgramStep
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.decisions import StepTerms
    from canarypolicy.review.encoded import Encoded
    from canarypolicy.review.solver import Answered, Model
    from canarypolicy.review.windows import RuleTerms

_WORDS = {RuleKind.SLO: "SLO", RuleKind.ROLLBACK: "rollback rule", RuleKind.HOLD: "hold rule"}
_MICROSECOND: Final = Fraction(1, SECOND_US)
_LONGEST_SECONDS: Final = 1e9
NOT_FOUND: Final = "the proof does not exclude it, and no history that was tried does it"


@dataclass(slots=True, kw_only=True)
class Own:
    """
    A policy, its terms, and what the solver has been told of them.
    """

    program: Program
    encoded: Encoded
    """Of the policy with one more rule, which acts in no step, for each invariant's expression."""
    rules: tuple[RuleTerms, ...]
    """SLOs, rollback rules and hold rules."""
    marks: Mapping[int, RuleTerms]
    """The expression of each invariant that has one, by the invariant's place in the list."""
    at_health: Mapping[str, Value]
    """The values of its signals where all is well."""
    _told: list[int] = field(init=False)
    _healthy_before: dict[int, Term] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._told = [len(table) for table in self._tables()]

    @property
    def steps(self) -> tuple[StepTerms, ...]:
        """
        The decisions in each step.
        """
        return self.encoded.new.steps

    def here(self, index: int) -> Term:
        """
        Say that the sample lies in a step.
        """
        return self.encoded.snapshot.in_step[index]

    def acting(self, rule: ProgramRule) -> Term:
        """
        Say that the sample lies in a step in which a rule acts.
        """
        return any_of(self.here(step.index) for step in self.program.steps if step.name in rule.acts_in)

    def present(self, names: Iterable[str]) -> Term:
        """
        Say that signals have values.
        """
        return all_of(self.encoded.snapshot.new[name].present for name in names)

    def everything_present(self) -> Term:
        return self.present(self.encoded.snapshot.new)

    def ask(self, *asked: Term) -> Answered:
        """
        Ask whether all this can be so at one sample.
        """
        self.tell()
        return self.encoded.solver.ask(asked)

    def answer(self, *asked: Term) -> Answered:
        """
        Ask the same, and for no values.
        """
        self.tell()
        return self.encoded.solver.answer(asked)

    def tell(self) -> None:
        """
        Tell the solver of what was made up since it was told last.
        """
        for place, table in enumerate(self._tables()):
            self.encoded.solver.add(table[self._told[place] :])
            self._told[place] = len(table)

    def _tables(self) -> tuple[list[Term], ...]:
        return self.encoded.encoding.definitions, self.encoded.windows.facts, self.encoded.flags.facts

    def candidates(
        self, index: int, asked: tuple[Term, ...], *, near: Iterable[str] = (), is_steady: bool = False
    ) -> Iterator[Candidate]:
        """
        Propose moments at which something possible is so: those that are mostly healthy first and, if wanted, any.

        Signals that are not `near` what is asked for are put to health together.
        """
        return (candidate for candidate, _ in self.candidates_and_models(index, asked, near=near, is_steady=is_steady))

    def candidates_and_models(
        self, index: int, asked: tuple[Term, ...], *, near: Iterable[str] = (), is_steady: bool = False
    ) -> Iterator[tuple[Candidate, Model]]:
        """
        Propose the same moments, each with the model that it comes from.
        """
        self.tell()
        step, stood, clear = self.program.steps[index].name, steady(self.encoded), tuple(self.encoded.encoding.doubles.margins)
        if clear and self.answer(*asked, *clear).answer is not Answer.POSSIBLE:
            clear = ()
        finite = tuple(self.encoded.encoding.doubles.finite())
        clear += (
            finite if self.answer(*asked, *clear, *finite).answer is Answer.POSSIBLE else ()
        )  # what overflows is hard to show
        times = (stood,) if is_steady else (self._after_health(), stood)
        for time, past in product(times, dict.fromkeys((tuple(constants(self.encoded)), ()))):
            model = self._mostly_healthy(index, (*asked, *clear, time, *past), frozenset(near))
            if model is not None:
                yield candidate_of(self.encoded, step, model, Form.STEADY, has_margin=bool(clear)), model
        for extra in ((stood,), ())[: 1 if is_steady else 2]:
            model = self.ask(*asked, *extra).model
            if model is not None:
                form = Form.STEADY if extra else Form.ABSTRACT
                yield candidate_of(self.encoded, step, model, form, has_margin=False), model

    def _mostly_healthy(self, index: int, wanted: tuple[Term, ...], near: frozenset[str]) -> Model | None:
        if self.answer(*wanted).answer is not Answer.POSSIBLE:
            return None
        healthy = as_healthy_as_can_be(self.encoded, wanted, near)
        plain = as_many_as_can_be(self.encoded, [*wanted, *healthy], list(plain_terms(self.encoded)))
        short = soon(self.encoded, [*wanted, *healthy, *plain], [self.program.steps[index]])
        return self.ask(*wanted, *healthy, *plain, *short).model

    def _after_health(self) -> Term:
        count = len(self.encoded.windows.runs)
        if count not in self._healthy_before:  # another world may have brought more runs
            self._healthy_before[count] = after_health(self.encoded, {"old": self.at_health, "new": self.at_health})
        return self._healthy_before[count]

    def why_unknown(self, answered: Answered) -> str:
        """
        Say why something that is not excluded was not shown either.
        """
        if answered.why:
            return answered.why
        if self.encoded.opaque:
            texts = ", ".join(f"`{each.text}`" for each in self.encoded.opaque)
            return f"it may depend on {texts}, into which no proof sees"
        return NOT_FOUND


def part_of(own: Own, step: ProgramStep, near: Iterable[str]) -> Own:
    """
    Give a policy with those of its rules, in one step, that could tell if only some signals are not healthy.

    Of a part nothing is proved, and it is held against nothing: there a witness is looked for, which the whole policy judges.
    """
    program = reduced_alone(own.program, step.name, frozenset(near), own.at_health)
    encoded = encode(program, program, {each.name: each.name for each in program.steps}, budget=own.encoded.solver.budget)
    encoded.solver.add(_times(encoded))
    return Own(program=program, encoded=encoded, rules=encoded.new.rules, marks={}, at_health=own.at_health)


def encode_alone(program: Program, *, budget: int = DEFAULT_BUDGET) -> Own:
    """
    Put one policy into terms and hold these against the engine.

    Without z3 this is `Unavailable`; where the proof does not read the policy as the engine does, `Unsupported`.
    """
    markers = _markers(program)
    marked = replace(program, watches=(*program.watches, *markers.values()))
    encoded = encode(marked, marked, {step.name: step.name for step in program.steps}, budget=budget)
    mismatch = next(chain(rule_mismatches(encoded), decision_mismatches(encoded)), None)
    if mismatch is not None:
        raise Unsupported(
            f"nothing is said of this policy, since the proof does not read it as the engine does: {mismatch.sentence}",
            help="this is a fault in canarypolicy; please report it with the policy",
        )
    encoded.solver.add(_times(encoded))
    rules = encoded.new.rules
    count = len(rules) - len(markers)
    marks = dict(zip(markers, rules[count:], strict=True))
    return Own(program=program, encoded=encoded, rules=rules[:count], marks=marks, at_health=health_of(program.checked).values)


def _times(encoded: Encoded) -> Iterator[Term]:
    """
    Say that a time is on the same side of a number in the policy before and after it was rounded: rounding keeps order.

    Times are whole microseconds, and a microsecond is more than rounding makes of any time that is asked for.
    """
    clock, variables = encoded.snapshot.clock, encoded.snapshot.new
    for name, microseconds in ((STEP_ELAPSED, clock.elapsed), (ELAPSED, clock.total)):
        seconds = microseconds * number(_MICROSECOND)
        for limit in sorted(_numbers_beside(encoded.new.program, name)):
            rounded, exact = variables[name].value, number(limit)
            yield implies(seconds >= exact, rounded >= exact)
            yield implies(seconds <= exact, rounded <= exact)
            if abs(limit) < _LONGEST_SECONDS:
                yield implies(seconds >= exact + number(_MICROSECOND), rounded > exact)
                yield implies(seconds <= exact - number(_MICROSECOND), rounded < exact)


def _numbers_beside(program: Program, name: str) -> set[float]:
    """
    Give the doubles in the expressions that read a signal.
    """
    rules = [rule for rule in (*program.slos, *program.watches) if name in rule.reads]
    expressions = [each for rule in rules for each in (rule.when, rule.unless) if each is not None]
    literals = (node.value for each in expressions for node in walk(each.tree) if isinstance(node, Literal))
    return {value for value in literals if isinstance(value, float)}


def _markers(program: Program) -> dict[int, ProgramRule]:
    """
    Give each invariant's expression as a rule that acts in no step.
    """
    found = {}
    for index, invariant in enumerate(program.checked.policy.invariants):
        if isinstance(invariant, NeverWhile | AlwaysWithin):
            key = "while" if isinstance(invariant, NeverWhile) else "when"
            found[index] = marker(program, program.checked.expressions["invariants", index, key])
    return found


def label(rule: ProgramRule) -> str:
    """
    Give what messages call a rule: its kind and its name.
    """
    return f"{_WORDS[rule.kind]} `{rule.name}`"


def place_of(rule: ProgramRule) -> Span:
    """
    Give the place of what a rule asks.
    """
    return rule.when.place.place(*rule.when.tree.span)
