"""
A third reading of expressions for tests: a tiny tree walker, written from SPEC section 2.2 and nothing else.

It shares no line with the compiled reading and none with the reference.
"""

from __future__ import annotations

import math
import re

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
            return _read(name, values)
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
        case t.Index(operand=operand, index=index):
            items, position = _value(operand, values), _value(index, values)
            if position < 0 or position >= len(items):
                raise Undefined
            return items[position]
        case t.Macro(function=function, target=target, variable=variable, body=body):
            return _macro(function, _value(target, values), variable, body, values)
        case t.Call(function=function, target=target, arguments=arguments):
            parts = [_value(each, values) for each in ([] if target is None else [target]) + list(arguments)]
            return _call(function, parts)
    raise AssertionError(node)


def _read(name, values):
    root, _, field = name.partition(".")
    if name not in values and root not in values:
        raise Undefined
    return values[name] if name in values else values[root][field]


def _macro(function, items, variable, body, values):
    scopes = [{**values, variable: item} for item in items]
    match function:
        case "all":
            return _combined([walk_tree(body, scope) for scope in scopes], settles=False)
        case "exists":
            return _combined([walk_tree(body, scope) for scope in scopes], settles=True)
        case "exists_one":
            return [_value(body, scope) for scope in scopes].count(True) == 1
        case "filter":
            return [item for item, scope in zip(items, scopes, strict=True) if _value(body, scope)]
        case "map":
            return [_value(body, scope) for scope in scopes]
    raise AssertionError(function)


def _logic(left, right, values, *, settles):
    return _combined([_settled(left, values), _settled(right, values)], settles=settles)


def _combined(sides, *, settles):
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
        case "matches":
            return re.search(parts[1], first) is not None
        case "string":
            return str(first).lower() if isinstance(first, bool) else str(first)
        case "bool":
            return _spelt(first, {"true": True, "false": False})
        case "double":
            return _fit(float(_spelt_number(first, r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")))
        case "int":
            return _fit(int(_spelt_number(first, r"[-+]?\d+")))
    raise AssertionError(function)


def _spelt(text, spellings):
    if isinstance(text, bool):
        return text
    for short in list(spellings):
        spellings |= {short.upper(): spellings[short], short.capitalize(): spellings[short], short[0]: spellings[short]}
    spellings |= {"1": True, "0": False}
    if text not in spellings:
        raise Undefined
    return spellings[text]


def _spelt_number(value, spelling):
    if isinstance(value, str) and not (value.isascii() and re.fullmatch(spelling, value)):
        raise Undefined
    return value
