"""
A third reading of expressions for tests: a tiny tree walker, written from SPEC section 2.2 and nothing else.

It shares no line with the compiled reading and none with the reference.
"""

from __future__ import annotations

import math

from canarypolicy.cel import tree as t
from canarypolicy.cel.expression import UNKNOWN


class Undefined(Exception):
    """No value: unknown."""


def walk_tree(node, values):
    try:
        return _value(node, values)
    except Undefined:
        return UNKNOWN


def _settled(node, values):
    return walk_tree(node, values)


def _value(node, values):
    match node:
        case t.Literal(value=value):
            return value
        case t.List(items=items):
            return [_value(item, values) for item in items]
        case t.Signal(name=name):
            if name not in values:
                raise Undefined
            return values[name]
        case t.Has(name=name):
            return name in values
        case t.Not(operand=operand):
            return not _value(operand, values)
        case t.Negate(operand=operand):
            return _fit(-_value(operand, values))
        case t.And(left=left, right=right):
            return _logic(left, right, values, settles=False)
        case t.Or(left=left, right=right):
            return _logic(left, right, values, settles=True)
        case t.Conditional(condition=condition, yes=yes, no=no):
            return _value(yes if _value(condition, values) else no, values)
        case t.Compare(operator=operator, left=left, right=right):
            return _compare(operator, _value(left, values), _value(right, values))
        case t.Arithmetic(operator=operator, left=left, right=right):
            return _arithmetic(operator, _value(left, values), _value(right, values))
        case t.In(item=item, container=container):
            found = _value(item, values)
            return any(found == each for each in _value(container, values))
        case t.Call(function=function, target=target, arguments=arguments):
            parts = [_value(each, values) for each in ([] if target is None else [target]) + list(arguments)]
            return _call(function, parts)
    raise AssertionError(node)


def _logic(left, right, values, *, settles):
    sides = [_settled(left, values), _settled(right, values)]
    if any(side is settles for side in sides):
        return settles
    if any(side is UNKNOWN for side in sides):
        raise Undefined
    return not settles


def _compare(operator, left, right):
    return {
        "<": lambda: left < right, "<=": lambda: left <= right, ">": lambda: left > right,
        ">=": lambda: left >= right, "==": lambda: left == right, "!=": lambda: left != right,
    }[operator]()  # fmt: skip


def _fit(value):
    if isinstance(value, float) and not math.isfinite(value):
        raise Undefined
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise Undefined
    return value


def _arithmetic(operator, left, right):
    if operator in "/%" and right == 0:
        raise Undefined
    if isinstance(left, int) and operator in "/%":
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return _fit(quotient) if operator == "/" else left - quotient * right
    return _fit(
        {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right, "/": lambda: left / right}[operator]()
    )


def _call(function, parts):
    first = parts[0]
    match function:
        case "size":
            return len(first)
        case "contains":
            return parts[1] in first
        case "startsWith":
            return first[: len(parts[1])] == parts[1]
        case "endsWith":
            return first.endswith(parts[1])
        case "double" if isinstance(first, (int, float)):
            return float(first)
        case "int" if isinstance(first, (int, float)):
            return _fit(int(first))
    raise AssertionError(function)
