"""
Slips in an expression: numbers, comparisons, connectives, negations and names.

Each is a change of characters, as a person makes it; the changed text is parsed and typechecked as any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isfinite, nextafter
from typing import TYPE_CHECKING

from canarypolicy.cel.tree import And, Compare, Conditional, Has, Literal, Node, Not, Or, Signal, walk
from canarypolicy.documents.signals import INT_MAX, INT_MIN
from canarypolicy.mutation.mutant import MutantKind

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.documents.checked import CheckedPolicy

TRACKS = {"canary": "baseline", "baseline": "canary"}
_FACTORS = (0.9, 1.1, 10, 100, 0.1, 0.01)
_DIGITS = 12
"""How many digits a changed number has: fewer than make two decimals of one double."""
_COMPARISONS = {
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "==": ("!=",),
    "!=": ("==",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """
    Other characters in a part of an expression's text.
    """

    kind: MutantKind
    span: tuple[int, int]
    text: str


def slips(checked: CheckedPolicy, expression: Expression) -> Iterator[Slip]:
    """
    Give all slips in an expression, in the order of its parts.
    """
    for node in walk(expression.tree):
        match node:
            case Literal(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
                for number in numbers_near(value):
                    yield Slip(kind=MutantKind.THRESHOLD, span=node.span, text=repr(number))
            case Compare(operator=operator, left=left, right=right):
                span = _between(expression.text, left, right, operator)
                for other in _COMPARISONS[operator]:
                    yield Slip(kind=MutantKind.COMPARISON, span=span, text=other)
            case And(left=left, right=right) | Or(left=left, right=right):
                yield from _of_connective(expression.text, node, left, right)
            case Not(operand=operand):
                yield Slip(kind=MutantKind.NEGATION, span=node.span, text=_whole(expression.text, operand))
            case Signal(name=name, span=span) | Has(name=name, name_span=span):
                if name in expression.types:  # a macro's variable is none
                    yield from _of_name(checked, name, span)


def numbers_near(value: float) -> Iterator[int | float]:
    """
    Give what may stand for a number by mistake: its neighbours, 10 % more and less, one and two digits too many and too few.
    """
    if isinstance(value, int):
        others: list[int | float] = [value - 1, value + 1]
        others += [
            round(value * factor) for factor in _FACTORS if value * factor == round(value * factor) or factor in (0.9, 1.1)
        ]
        yield from (each for each in dict.fromkeys(others) if each != value and INT_MIN <= each <= INT_MAX)
        return
    doubles = [nextafter(value, -inf), nextafter(value, inf)]
    doubles += [float(f"{value * factor:.{_DIGITS}g}") for factor in _FACTORS]
    yield from (each for each in dict.fromkeys(doubles) if each != value and isfinite(each))


def other_names(checked: CheckedPolicy, name: str) -> Iterator[tuple[MutantKind, str]]:
    """
    Give the names that may stand for a signal's by mistake: the other track's, and that of the next line like it.
    """
    track, dot, rest = name.partition(".")
    sibling = f"{TRACKS.get(track)}{dot}{rest}"
    declared = checked.declared
    if sibling in declared and declared[sibling].type is declared[name].type:
        yield MutantKind.TRACK, sibling
    signal = checked.policy.signals.get(name)
    if signal is None:
        return
    alike = [
        other
        for other, each in checked.policy.signals.items()
        if other.partition(".")[0] == track and (each.type, each.unit) == (signal.type, signal.unit)
    ]
    following = alike[(alike.index(name) + 1) % len(alike)]
    if following != name:
        yield MutantKind.SIGNAL, following


def _of_name(checked: CheckedPolicy, name: str, span: tuple[int, int]) -> Iterator[Slip]:
    if name in checked.declared:
        for kind, other in other_names(checked, name):
            yield Slip(kind=kind, span=span, text=other)


def _of_connective(text: str, node: Node, left: Node, right: Node) -> Iterator[Slip]:
    written, other = ("&&", "||") if isinstance(node, And) else ("||", "&&")
    yield Slip(kind=MutantKind.CONNECTIVE, span=_between(text, left, right, written), text=other)
    for side in (left, right):
        yield Slip(kind=MutantKind.CONNECTIVE, span=node.span, text=_whole(text, side))


def _between(text: str, left: Node, right: Node, operator: str) -> tuple[int, int]:
    """
    Find an operator between its sides, beside parentheses and blanks alone.
    """
    start = text.index(operator, left.span[1], right.span[0])
    return start, start + len(operator)


def _whole(text: str, node: Node) -> str:
    start, end = node.span
    is_loose = isinstance(node, And | Or | Conditional | Compare)
    return f"({text[start:end]})" if is_loose else text[start:end]
