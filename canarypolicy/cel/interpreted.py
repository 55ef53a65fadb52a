"""
The reference: celpy's InterpretedRunner, with the operators that SPEC section 2.2 asks for.

celpy's own operators invent infinities and refuse half of the comparisons of numbers, and an error in some of its macros
leaves `&&` and `||` no say; what it gives then is settled here. Its CompiledRunner is never used: it is wrong about `has`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias, assert_never

from celpy import InterpretedRunner
from celpy import celtypes as cel
from celpy.evaluation import CELEvalError, Evaluator

from canarypolicy.cel import arithmetic
from canarypolicy.cel.expression import UNKNOWN, Outcome, Reading, Values
from canarypolicy.cel.parse import environment, syntax_tree
from canarypolicy.cel.pattern import compile_pattern
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tree import Node
from canarypolicy.cel.types import CelType, ListOf, Record
from canarypolicy.cel.unparse import unparse
from canarypolicy.documents.signal_type import SignalType

_Operator: TypeAlias = Callable[..., Any]


def interpret_tree(tree: Node, types: Mapping[str, CelType]) -> Reading:
    """
    Give the reference reading of a typechecked tree that reads the signals in `types`.
    """
    with deep_stack():
        syntax = syntax_tree(unparse(tree))
        runner = _Runner(environment(), syntax, dict(_FUNCTIONS))

    def evaluate(values: Values) -> Outcome:
        activation = {name: _to_cel(values[name], type_) if name in values else _missing(name) for name, type_ in types.items()}
        try:
            with deep_stack():
                return _to_python(runner.evaluate(activation))
        except CELEvalError:
            return UNKNOWN

    return evaluate


class _Evaluator(Evaluator):  # type: ignore[misc]  # celpy is not typed here
    """
    celpy's evaluator, in which an error inside of `map`, `filter` and `exists_one` is a value like any other.
    """

    def sub_evaluator(self, ast: Any) -> _Evaluator:
        return _Evaluator(ast, activation=self.activation)

    def member_dot_arg(self, tree: Any) -> Any:
        try:
            return super().member_dot_arg(tree)
        except CELEvalError as error:
            return error


class _Runner(InterpretedRunner):  # type: ignore[misc]  # celpy is not typed here
    """
    celpy's runner with that evaluator.
    """

    def evaluate(self, context: Mapping[str, Any]) -> Any:
        return _Evaluator(self.ast, activation=self.new_activation()).evaluate(context)


def _missing(name: str) -> CELEvalError:
    # a name without a binding could still mean a function or a message of celpy's
    return CELEvalError(f"{name} is missing")


def _to_cel(value: Any, type_: CelType) -> Any:
    match type_:
        case SignalType.BOOL:
            return cel.BoolType(value)
        case SignalType.INT:
            return cel.IntType(value)
        case SignalType.DOUBLE:
            return cel.DoubleType(value)
        case SignalType.STRING:
            return cel.StringType(value)
        case ListOf(element=element):
            return cel.ListType([_to_cel(item, element) for item in value] if element is not None else [])
        case Record(fields=fields):
            return cel.MapType({cel.StringType(name): _to_cel(value[name], type_) for name, type_ in fields})
        case _:
            assert_never(type_)


def _to_python(value: Any) -> Outcome:
    match value:
        case cel.BoolType():
            return bool(value)
        case cel.IntType():
            return int(value)
        case cel.DoubleType():
            return float(value)
        case cel.StringType():
            return str(value)
        case cel.MapType():
            return {str(key): _to_python(item) for key, item in value.items()}
        case _:
            return [_to_python(item) for item in value]


def _total(function: _Operator) -> _Operator:
    """
    Give an operator whose operands may be errors and whose failures are errors, as celpy's logic expects them.
    """

    def checked(*operands: Any) -> Any:
        for operand in operands:
            if isinstance(operand, CELEvalError):
                return operand
        try:
            return function(*operands)
        except (ArithmeticError, ValueError, IndexError) as error:
            return CELEvalError(str(error))

    return checked


def _doubles_or_ints(on_doubles: _Operator, on_ints: _Operator) -> _Operator:
    def compute(left: Any, right: Any) -> Any:
        if isinstance(left, float):
            return cel.DoubleType(arithmetic.finite(on_doubles(float(left), float(right))))
        return cel.IntType(arithmetic.int64(on_ints(int(left), int(right))))

    return _total(compute)


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, list):
        return cel.ListType([*left, *right])
    return cel.StringType(str(left) + str(right))


def _add(left: Any, right: Any) -> Any:
    return _ADD_NUMBERS(left, right) if isinstance(left, int | float) else _ADD_OTHERS(left, right)


_ADD_NUMBERS: Final = _doubles_or_ints(operator.add, operator.add)
_ADD_OTHERS: Final = _total(_plus)


def _negate(operand: Any) -> Any:
    if isinstance(operand, float):
        return cel.DoubleType(-float(operand))
    return cel.IntType(arithmetic.int64(-int(operand)))


def _ordered(compare: _Operator) -> _Operator:
    def ordered(left: Any, right: Any) -> Any:
        return cel.BoolType(compare(_plain(left), _plain(right)))

    return _total(ordered)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else float(value) if isinstance(value, float) else int(value)


def _equal(left: Any, right: Any) -> bool:
    """
    Compare by value: numbers with numbers, lists and records part by part; unlike types are not equal.
    """
    if isinstance(left, cel.BoolType) or isinstance(right, cel.BoolType):
        return isinstance(left, cel.BoolType) and isinstance(right, cel.BoolType) and bool(left) == bool(right)
    match left, right:
        case list(), list():
            return len(left) == len(right) and all(map(_equal, left, right))
        case dict(), dict():
            return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
        case (int() | float(), int() | float()) | (str(), str()):
            return bool(_plain(left) == _plain(right))
        case _:
            return False


def _logical(left: Any, right: Any, *, settles: bool) -> Any:
    """
    Give `&&` (settled by false) or `||` (settled by true); celpy's own write out whole trees when both sides are errors.
    """
    for side in (left, right):
        if isinstance(side, cel.BoolType) and bool(side) is settles:
            return side
    return left if isinstance(left, CELEvalError) else right


def _chosen(condition: Any, yes: Any, no: Any) -> Any:
    # celpy evaluates one branch only, and takes an error for true
    return condition if isinstance(condition, CELEvalError) else yes if condition else no


def _contains(item: Any, container: Any) -> Any:
    return cel.BoolType(any(_equal(item, each) for each in container))


def _item(container: Any, index: Any) -> Any:
    if not 0 <= index < len(container):
        raise IndexError("no such item")
    return container[int(index)]


def _matches(text: Any, pattern: Any) -> Any:
    return cel.BoolType(compile_pattern(str(pattern)).search(str(text)) is not None)


_FUNCTIONS: Final[Mapping[str, _Operator]] = {
    "_&&_": partial(_logical, settles=False),
    "_||_": partial(_logical, settles=True),
    "!_": _total(lambda operand: cel.BoolType(not operand)),
    "_?_:_": _chosen,
    "_+_": _add,
    "_-_": _doubles_or_ints(operator.sub, operator.sub),
    "_*_": _doubles_or_ints(operator.mul, operator.mul),
    "_/_": _doubles_or_ints(operator.truediv, arithmetic.int_quotient),
    "_%_": _total(lambda left, right: cel.IntType(arithmetic.int_remainder(int(left), int(right)))),
    "-_": _total(_negate),
    "_<_": _ordered(operator.lt),
    "_<=_": _ordered(operator.le),
    "_>_": _ordered(operator.gt),
    "_>=_": _ordered(operator.ge),
    "_==_": _total(lambda left, right: cel.BoolType(_equal(left, right))),
    "_!=_": _total(lambda left, right: cel.BoolType(not _equal(left, right))),
    "_in_": _total(_contains),
    "_[_]": _total(_item),
    "double": _total(lambda value: cel.DoubleType(arithmetic.to_double(_plain(value)))),
    "int": _total(lambda value: cel.IntType(arithmetic.to_int(_plain(value)))),
    "bool": _total(lambda value: cel.BoolType(arithmetic.to_bool(str(value) if isinstance(value, str) else bool(value)))),
    "string": _total(
        lambda value: cel.StringType(arithmetic.to_string(bool(value) if isinstance(value, cel.BoolType) else _plain(value)))
    ),
    "matches": _total(_matches),
}
"""celpy's names of the operators -> what they give here."""
