"""
Translation validation: before anything is proved, the terms of this very policy are held against the engine.

Every rule on a grid of values next to its limits, against the reference; every step's decision on drawn standings, against
the fold. One difference, and no verdict is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from canarypolicy.cel.computation import Computation
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.interpreted import interpret_tree
from canarypolicy.cel.lowered import Truth, Unsupported, Variable
from canarypolicy.cel.rounding import OVERFLOW, Made, MadeKind
from canarypolicy.cel.terms import name_of
from canarypolicy.engine.observation import truth_of
from canarypolicy.engine.sample import admit
from canarypolicy.review.grid import points_of, raw_points

if TYPE_CHECKING:
    from canarypolicy.cel.encoding import Encoding
    from canarypolicy.cel.expression import Expression, Reading
    from canarypolicy.cel.terms import Exact
    from canarypolicy.cel.tree import Node
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import ProgramRule
    from canarypolicy.review.encoded import Encoded, Side
    from canarypolicy.review.windows import RuleTerms

MOST_EVALUATIONS: Final = 2_500
"""So many are made in all, shared out among the rules."""
_MOST_POINTS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """
    A point at which the proof's reading and the engine's part: nothing may be said then.
    """

    what: str
    """A rule's name, a signal's or a step's."""
    point: str
    expected: str
    found: str

    @property
    def sentence(self) -> str:
        return f"{self.what} at {self.point}: the engine gives {self.expected}, the proof {self.found}"


def rule_mismatches(encoded: Encoded) -> Iterator[Mismatch]:
    """
    Hold the truth of every rule of both policies against the reference, each once.
    """
    rules = list(_distinct(encoded))
    most = max(8, min(_MOST_POINTS, MOST_EVALUATIONS // max(1, len(rules))))
    called = {id(side): named(side.lowering.variables) for side in (encoded.old, encoded.new)}
    for side, rule in rules:
        reading = TermReading(encoded.encoding, rule.truth, called[id(side)])
        for point in points_of(rule.rule, side.lowering.variables, side.program.signals, most):
            expected, found = _by_reference(rule.rule, point), reading.truth_at(point)
            if expected is not found:
                yield Mismatch(what=f"rule `{rule.rule.name}`", point=shown(point), expected=_said(expected), found=_said(found))
                break


def _distinct(encoded: Encoded) -> Iterator[tuple[Side, RuleTerms]]:
    seen: set[object] = set()
    for side in (encoded.old, encoded.new):
        for rule in side.rules:
            unless = None if rule.rule.unless is None else rule.rule.unless.tree
            key = (rule.rule.when.tree, unless, rule.truth.yes.get_id(), rule.truth.no.get_id())
            if key not in seen:
                seen.add(key)
                yield side, rule


def _by_reference(rule: ProgramRule, point: Mapping[str, Value]) -> Any:
    """
    Give the truth of a rule whose expressions are read by the reference.
    """
    unless = None if rule.unless is None else _referring(rule.unless, point)
    return truth_of(replace(rule, when=_referring(rule.when, point), unless=unless), point)


def _referring(expression: Expression, point: Mapping[str, Value]) -> Expression:
    """
    Give an expression that is read by the reference, at a point; what it reads there is worked out once.
    """
    given = tuple((name, repr(point[name]), point[name]) for name in expression.signals if name in point)  # -0.0 is not 0.0
    types = tuple(expression.types.items())
    return replace(expression, evaluate=lambda _: _outcome(expression.tree, types, given))


@lru_cache(maxsize=50_000)
def _outcome(tree: Node, types: tuple[tuple[str, Any], ...], given: tuple[tuple[str, str, Value], ...]) -> Any:
    return _reference(tree, types)({name: value for name, _, value in given})


@lru_cache(maxsize=2_000)
def _reference(tree: Node, types: tuple[tuple[str, Any], ...]) -> Reading:
    return interpret_tree(tree, dict(types))


def shown(point: Mapping[str, Value]) -> str:
    """
    Write a point as messages show it.
    """
    return ", ".join(f"`{name}` = {value!r}" for name, value in point.items()) or "all missing"


def _said(truth: Any) -> str:
    return "unknown" if truth is UNKNOWN else str(truth).lower()


Called: TypeAlias = "Sequence[tuple[str, Variable, str, str]]"
"""Variables by their signals' names, with the names of their presence and of their value in terms."""


def named(variables: Mapping[str, Variable]) -> Called:
    """
    Give what variables are called in terms.
    """
    return tuple((name, each, name_of(each.present), name_of(each.value)) for name, each in variables.items())


class TermReading:
    """
    The truth of an expression computed from its terms, where the signals have given values.

    Rounded results are what doubles give, and must be what the terms allow them to be; riddles are solved by the reference.
    """

    __slots__ = ("_codes", "_made", "_riddles", "_truth", "_variables")

    def __init__(self, encoding: Encoding, truth: Truth, called: Called) -> None:
        self._truth = Computation((truth.yes, truth.no))
        needed = set(self._truth.names)
        self._made: list[tuple[Made, Computation, Computation]] = []
        for made in reversed(encoding.doubles.made):
            if made.name in needed:
                operands = Computation((made.operation.left, made.operation.right))
                said = Computation((made.said,))
                needed |= operands.names | said.names
                self._made.insert(0, (made, operands, said))
        self._riddles = [each for each in encoding.opaque.values() if name_of(each.truth.yes) in needed]
        read = {name for riddle in self._riddles for name in riddle.reads}
        self._variables = [each for each in called if each[0] in read or each[2] in needed or each[3] in needed]
        self._codes = encoding.code_of

    def truth_at(self, point: Mapping[str, Value]) -> Any:
        """
        Give true, false or unknown; None if the terms do not allow what doubles give.
        """
        values: dict[str, Exact] = {}
        for name, variable, present, value in self._variables:
            values[present] = name in point
            values[value] = self._exact(variable, point.get(name))
        for riddle in self._riddles:
            values.update(_solved(riddle, point, {name: variable for name, variable, _, _ in self._variables}))
        for made, operands, said in self._made:
            left, right = operands.on(values)
            values[made.name] = value_of_made(made, left, right)
            if said.on(values) != [True]:
                return None
        yes, no = self._truth.on(values)
        if yes and no:
            return None
        return True if yes else False if no else UNKNOWN

    def _exact(self, variable: Variable, value: Value | None) -> Exact:
        if isinstance(value, str):
            return self._codes(value)
        if isinstance(value, float):
            return Fraction(value)
        if value is not None:
            return value
        low = getattr(variable.possible, "low", False)  # what a missing signal's value is must make no difference
        return Fraction(low) if isinstance(low, float) else low


def _solved(riddle: Unsupported, point: Mapping[str, Value], variables: Mapping[str, Variable]) -> dict[str, Exact]:
    types = {name: variables[name].type for name in riddle.reads}
    outcome = interpret_tree(riddle.node, types)({name: point[name] for name in riddle.reads if name in point})
    return {name_of(riddle.truth.yes): outcome is True, name_of(riddle.truth.no): outcome is False}


def value_of_made(made: Made, left: Exact, right: Exact) -> Exact:
    """
    Give what a made-up name stands for where its operands have these values.
    """
    exact = exact_result(made.operation.operator, Fraction(left), Fraction(right))
    match made.kind:
        case MadeKind.EXACT:
            return exact
        case MadeKind.ROUNDED:
            return rounded(exact)
    return abs(exact) >= OVERFLOW


def exact_result(operator: str, left: Fraction, right: Fraction) -> Fraction:
    """
    Give the exact result of an operation; a quotient by 0, for which nobody asks, is 0.
    """
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right if right else Fraction(0)
    return left


def rounded(exact: Fraction) -> Fraction:
    """
    Give the double next to a number; where there is none, the number.
    """
    try:
        return Fraction(exact.numerator / exact.denominator)  # Python divides ints with one rounding
    except OverflowError:
        return exact


def admission_mismatches(encoded: Encoded) -> Iterator[Mismatch]:
    """
    Hold what the policies make of raw values, where they differ in that, against how the engine admits them.
    """
    snapshot = encoded.snapshot
    for name, raw in snapshot.raw.items():
        for side, variables in ((encoded.old, snapshot.old), (encoded.new, snapshot.new)):
            signal, variable = side.program.signals[name], variables[name]
            admitted, became = snapshot.admitted[variable.value.get_id()]
            computed = Computation((admitted, became))
            for point in raw_points(signal, [each.program.signals[name] for each in (encoded.old, encoded.new)]):
                code = encoded.encoding.code_of(point) if isinstance(point, str) else point
                exact = Fraction(code) if isinstance(code, float) else code
                is_in, value = computed.on({name_of(raw.value): exact})
                expected, _ = admit(point, signal)
                wanted = encoded.encoding.code_of(expected) if isinstance(expected, str) else expected
                if is_in != (expected is not None) or (is_in and value != wanted):
                    yield Mismatch(
                        what=f"signal `{name}`",
                        point=repr(point),
                        expected="missing" if expected is None else repr(expected),
                        found=str(value) if is_in else "missing",
                    )
