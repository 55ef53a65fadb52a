"""
What lowered expressions share: variables, rounded results, codes of texts, and what stays opaque.

Two policies that are compared share one `Encoding`: what both compute alike is rounded alike, and what neither reading
understands is at least the same riddle in both.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

from canarypolicy.cel import terms
from canarypolicy.cel.interval import MAX, Choices, Interval, calculate
from canarypolicy.cel.terms import Term, all_of, any_of, implies

if TYPE_CHECKING:
    from canarypolicy.cel.interval import Possible
    from canarypolicy.cel.tree import Node
    from canarypolicy.documents.signals import SignalType

Ends: TypeAlias = tuple[Fraction | None, Fraction | None]
"""Between which an exact result lies; None: no end."""

_HALF_ULP: Final = Fraction(1, 2**53)
_LEAST_STEP: Final = Fraction(1, 2**1075)
"""Half of the smallest double: how far a result below the normal ones can be off."""
_LEAST_NORMAL: Final = Fraction(1, 2**1022)
_OVERFLOW: Final = Fraction(2**1024 - 2**970)
"""From here on a result is rounded to an infinity."""
_MARGIN: Final = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """
    A signal: whether it is present, and its value if it is.
    """

    name: str
    type: SignalType
    present: Term
    value: Term
    """A real, a whole number, a truth, or the code of a text."""
    possible: Possible
    """What a present value can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """
    A bool: when it is true and when it is false; neither is unknown.
    """

    yes: Term
    no: Term

    @property
    def known(self) -> Term:
        return any_of((self.yes, self.no))

    @property
    def unknown(self) -> Term:
        return terms.negated(self.known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """
    A number: when it is known, and what it is then.
    """

    ok: Term
    value: Term
    within: Interval
    is_computed: bool = False
    """Whether a rounded result is in it."""
    is_safe: bool = True
    """Whether the value lies within its bounds even where it is not known."""

    @property
    def is_int(self) -> bool:
        return self.within.is_int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """
    A text: when it is known, and its code.
    """

    ok: Term
    code: Term


Lowered: TypeAlias = Truth | Number | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """
    What a proof cannot see into, and why: it may be true, false or unknown, as it likes.
    """

    text: str
    reason: str
    span: tuple[int, int]
    truth: Truth
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """
    One result in doubles: what was computed from what, and the name of what it was rounded to.
    """

    name: str
    operator: str
    """One of `+ - * /`, or `double` for an int that is made one."""
    left: Term
    right: Term


@dataclass(slots=True, kw_only=True)
class Encoding:
    """
    The tables that all lowered expressions of one question share.
    """

    definitions: list[Term] = field(default_factory=list)
    """What holds of the names that were made up here, whatever the signals are."""
    roundings: list[Rounding] = field(default_factory=list)
    margins: list[Term] = field(default_factory=list)
    """For each comparison of a computed number: that the two sides are clearly apart."""
    opaque: dict[object, Unsupported] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    _rounded: dict[tuple[str, int, int], Term] = field(default_factory=dict)

    def code_of(self, text: str) -> int:
        """
        Give the number that stands for a text.
        """
        return self.codes.setdefault(text, len(self.codes))

    def text_of(self, code: int) -> str:
        """
        Give the text that a number stands for; one that stands for none is a `KeyError`.
        """
        return {number: text for text, number in self.codes.items()}[code]

    def new_opaque(self, key: object, node: Node, reason: str, text: str, reads: tuple[str, ...]) -> Truth:
        """
        Give the truth of what is not understood: the same for the same key.
        """
        if key not in self.opaque:
            count = len(self.opaque)
            opaque = Truth(yes=terms.boolean(f"opaque#{count} true"), no=terms.boolean(f"opaque#{count} false"))
            self.definitions.append(terms.negated(all_of((opaque.yes, opaque.no))))
            self.opaque[key] = Unsupported(text=text, reason=reason, span=node.span, truth=opaque, reads=reads)
        return self.opaque[key].truth

    def calculated(self, operator: str, left: Number, right: Number) -> Number:
        """
        Give the result of `+ - * /` in doubles: a number next to the exact one, the same for the same operands.
        """
        exact = _exact(operator, left.value, right.value)
        ends = low, high = _corners(operator, left.within, right.within)
        checks: list[Term] = []
        if operator == "/" and right.within.low <= 0 <= right.within.high:
            checks.append(terms.negated(right.value == 0))
        if low is None or high is None or low <= -_OVERFLOW or high >= _OVERFLOW:
            checks.append(all_of((exact < terms.number(_OVERFLOW), exact > terms.number(-_OVERFLOW))))
        within = calculate(operator, left.within, right.within)
        if not isinstance(within, Interval):  # it has no value at all
            within = Interval(-MAX, MAX)
        are_safe = left.is_safe and right.is_safe
        operands = all_of((left.ok, right.ok))
        return Number(
            ok=all_of((operands, *checks)),
            value=self._round(operator, (left.value, right.value), ends, only_if=terms.truth(True) if are_safe else operands),
            within=within,
            is_computed=True,
            is_safe=are_safe and not checks,
        )

    def as_double(self, operand: Number) -> Number:
        """
        Give an int as the double next to it.
        """
        low, high = operand.within.low, operand.within.high
        within = Interval(float(low), float(high))
        if low >= -(2**53) and high <= 2**53:
            return replace(operand, value=terms.as_real(operand.value), within=within)
        value = terms.as_real(operand.value)
        only_if = terms.truth(True) if operand.is_safe else operand.ok
        result = self._round("double", (value, value), (Fraction(low), Fraction(high)), only_if=only_if)
        return replace(operand, value=result, within=within, is_computed=True)

    def _round(self, operator: str, sides: tuple[Term, Term], ends: Ends, *, only_if: Term) -> Term:
        """
        Give the name of a rounded result; what is said of it is said only where its operands lie within their bounds.
        """
        left, right = sides
        if operator in ("+", "*") and left.get_id() > right.get_id():
            left, right = right, left  # rounded alike, whatever stands first
        key = (operator, left.get_id(), right.get_id())
        if key not in self._rounded:
            name = f"rounded#{len(self.roundings)}"
            self._rounded[key] = terms.real(name)
            self.roundings.append(Rounding(name=name, operator=operator, left=left, right=right))
            exact = _exact(operator, left, right)
            is_scaled = operator in ("*", "/")  # sums below the normal numbers are exact
            said = envelope(self._rounded[key], exact, ends, is_scaled=is_scaled)
            self.definitions.append(implies(only_if, said))
        return self._rounded[key]

    def note_margin(self, left: Number, right: Number) -> None:
        """
        Note how far the sides of a comparison must be apart to be clearly so, if one of them is computed.
        """
        if left.is_computed or right.is_computed:
            far = terms.absolute(right.value) * terms.number(_MARGIN)
            self.margins.append(any_of((left.value - right.value >= far, right.value - left.value >= far)))


def envelope(rounded: Term, exact: Term, ends: Ends, *, is_scaled: bool) -> Term:
    """
    Say that a double is next to an exact number that lies between the ends.

    All that rounding keeps is said: how near it is, and the sign.
    """
    low, high = ends
    may_be_tiny = is_scaled and not ((low is not None and low >= _LEAST_NORMAL) or (high is not None and high <= -_LEAST_NORMAL))
    off = terms.number(_LEAST_STEP if may_be_tiny else Fraction(0))
    more, less = terms.number(1 + _HALF_ULP), terms.number(1 - _HALF_ULP)
    above = all_of((rounded >= 0, rounded >= exact * less - off, rounded <= exact * more + off))
    below = all_of((rounded <= 0, rounded >= exact * more - off, rounded <= exact * less + off))
    if low is not None and low >= 0:
        return above if low > 0 else all_of((above, implies(exact <= 0, rounded <= 0)))
    if high is not None and high <= 0:
        return below if high < 0 else all_of((below, implies(exact >= 0, rounded >= 0)))
    return all_of((implies(exact >= 0, above), implies(exact <= 0, below)))


def _exact(operator: str, left: Term, right: Term) -> Term:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
    return left


def _corners(operator: str, left: Interval, right: Interval) -> Ends:
    """
    Give the ends between which the exact result lies; None: no end.
    """
    a, b, c, d = (Fraction(end) for end in (left.low, left.high, right.low, right.high))
    match operator:
        case "+":
            return a + c, b + d
        case "-":
            return a - d, b - c
        case "*":
            found = [a * c, a * d, b * c, b * d]
            return min(found), max(found)
    if c <= 0 <= d:
        return (Fraction(0) if a >= 0 and c >= 0 else None), None
    found = [a / c, a / d, b / c, b / d]
    return min(found), max(found)


def possible_texts(possible: Possible) -> tuple[str, ...]:
    """
    Give the texts that a string signal can be, in order.
    """
    assert isinstance(possible, Choices)
    return tuple(sorted(str(value) for value in possible.values))
