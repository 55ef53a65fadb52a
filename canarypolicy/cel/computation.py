"""
Terms computed on given values in exact arithmetic, and nothing solved: how a proof's reading is held against the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from canarypolicy.cel import terms

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Exact, Term

_ZERO: Final = Fraction(0)


def _divide(left: Exact, right: Exact) -> Fraction:
    return Fraction(left) / Fraction(right) if right else _ZERO  # whoever divides asks whether it may


def _whole_quotient(left: Exact, right: Exact) -> int:
    return (int(left) - _modulo(left, right)) // int(right) if right else 0


def _modulo(left: Exact, right: Exact) -> int:
    return int(left) % abs(int(right)) if right else 0


def _product(*parts: Exact) -> Exact:
    result: Exact = 1
    for part in parts:
        result *= part
    return result


def _difference(first: Exact, *others: Exact) -> Exact:
    return first - sum(others)


@cache
def _operations() -> Mapping[int, Callable[..., Exact]]:
    kinds = terms.z3()
    return {
        kinds.Z3_OP_AND: lambda *parts: all(parts),
        kinds.Z3_OP_OR: lambda *parts: any(parts),
        kinds.Z3_OP_NOT: lambda part: not part,
        kinds.Z3_OP_ITE: lambda condition, yes, no: yes if condition else no,
        kinds.Z3_OP_EQ: lambda left, right: left == right,
        kinds.Z3_OP_LE: lambda left, right: left <= right,
        kinds.Z3_OP_LT: lambda left, right: left < right,
        kinds.Z3_OP_GE: lambda left, right: left >= right,
        kinds.Z3_OP_GT: lambda left, right: left > right,
        kinds.Z3_OP_ADD: lambda *parts: sum(parts),
        kinds.Z3_OP_SUB: _difference,
        kinds.Z3_OP_UMINUS: lambda part: -part,
        kinds.Z3_OP_MUL: _product,
        kinds.Z3_OP_DIV: _divide,
        kinds.Z3_OP_IDIV: _whole_quotient,
        kinds.Z3_OP_MOD: _modulo,
        kinds.Z3_OP_TO_REAL: Fraction,
        kinds.Z3_OP_TO_INT: lambda part: part.__floor__(),
        kinds.Z3_OP_TRUE: lambda: True,
        kinds.Z3_OP_FALSE: lambda: False,
    }


class Computation:
    """
    Terms made ready to be computed on given values, again and again, in exact arithmetic.

    A name without a value is a `KeyError`: no term is guessed at.
    """

    __slots__ = ("_nodes", "_places", "_roots")

    def __init__(self, formulas: Iterable[Term]) -> None:
        self._places: dict[int, int] = {}
        self._nodes: list[tuple[Callable[..., Exact] | None, tuple[int, ...], Any]] = []
        self._roots = [self._add(term) for term in formulas]

    def _add(self, term: Term) -> int:
        key = terms.identity(term)
        if key in self._places:
            return self._places[key]
        parts = tuple(self._add(part) for part in term.children())
        self._nodes.append(_node(term, parts))
        self._places[key] = len(self._nodes) - 1
        return self._places[key]

    @property
    def names(self) -> frozenset[str]:
        """
        The names whose values it needs.
        """
        return frozenset(what for operation, _, what in self._nodes if operation is None and isinstance(what, str))

    def on(self, values: Mapping[str, Exact]) -> list[Exact]:
        """
        Give the value of each term where the names have these values.
        """
        results: list[Any] = []
        for operation, parts, what in self._nodes:
            if operation is not None:
                results.append(operation(*[results[part] for part in parts]))
            else:
                results.append(values[what] if isinstance(what, str) else what)
        return [results[root] for root in self._roots]


def _node(term: Term, parts: tuple[int, ...]) -> tuple[Callable[..., Exact] | None, tuple[int, ...], Any]:
    declared = term.decl()
    kind = declared.kind()
    if kind == terms.z3().Z3_OP_ANUM:
        return None, (), terms.exact_value(term)
    if kind == terms.z3().Z3_OP_UNINTERPRETED:
        return None, (), str(declared.name())
    return _operations()[kind], parts, None
