"""
Constants that are written as ints and stand where a double is needed: they become doubles, once for all readings.

A constant is a literal, its sign, and arithmetic on constants; a branch of `?:` and an item of a list count as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from canarypolicy.cel import wording
from canarypolicy.cel.compiled import compile_tree
from canarypolicy.cel.expression import UNKNOWN, FellBack, Outcome
from canarypolicy.cel.fault import Fault
from canarypolicy.cel.tree import Arithmetic, Conditional, List, Literal, Negate, Node


def fits_double(node: Node) -> bool:
    """
    Tell whether a node of type int, or a list of such, can be a double instead.
    """
    match node:
        case Literal(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Negate(operand=operand):
            return fits_double(operand)
        case Arithmetic(operator="+" | "-" | "*" | "/", left=left, right=right):
            return fits_double(left) and fits_double(right)
        case Conditional(yes=yes, no=no):
            return fits_double(yes) and fits_double(no)
        case List(items=items):
            return all(fits_double(item) for item in items)
        case _:
            return False


def as_double(node: Node) -> Node:
    """
    Give a node that fits a double with doubles for its ints.
    """
    match node:
        case Literal(value=value, span=span):
            return Literal(value=float(value), span=span)
        case Negate(operand=operand):
            return replace(node, operand=as_double(operand))
        case Arithmetic(left=left, right=right):
            return replace(node, left=as_double(left), right=as_double(right))
        case Conditional(yes=yes, no=no):
            return replace(node, yes=as_double(yes), no=as_double(no))
        case _:
            assert isinstance(node, List)
            return replace(node, items=tuple(as_double(item) for item in node.items))


def doubles_that_differ(node: Node, text: str) -> Iterator[Fault]:
    """
    Warn of each constant in a node that is another number as a double than it is as an int.
    """
    match node:
        case Conditional(yes=yes, no=no):
            yield from doubles_that_differ(yes, text)
            yield from doubles_that_differ(no, text)
        case List(items=items):
            for item in items:
                yield from doubles_that_differ(item, text)
        case _:
            as_int, in_doubles = _value(node), _value(as_double(node))
            if in_doubles is not UNKNOWN and (as_int is UNKNOWN or as_int != in_doubles):
                yield wording.constant_in_doubles(text[slice(*node.span)], repr(in_doubles), node.span)


def _value(constant: Node) -> Outcome:
    if isinstance(constant, Literal):
        return constant.value
    reading = compile_tree(constant, {})
    assert not isinstance(reading, FellBack)
    return reading({})
