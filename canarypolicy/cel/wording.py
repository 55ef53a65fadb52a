"""
The sentences of the typecheck: names, types, and constants that have no value.

Each function gives the fault for one situation; whether the situation is there is decided by its callers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from canarypolicy.cel.fault import Fault
from canarypolicy.cel.nearest import did_you_mean
from canarypolicy.cel.tree import Range as Span
from canarypolicy.cel.types import CelType, a_type, type_name

_TAKEN: Final = {
    "+": "two numbers, strings or lists of one type",
    "-": "two numbers of one type",
    "*": "two numbers of one type",
    "/": "two numbers of one type",
    "%": "two ints",
    "in": "an item and a list of items of its type",
}

_REFUSED_FUNCTIONS: Final = {
    "dyn": "types are settled before anything runs",
    "type": "types are settled before anything runs",
    "timestamp": "expressions have no times; use `rollout.elapsed_seconds` or a rule's `for`",
    "duration": "expressions have no times; use seconds, or a rule's `for`",
    "uint": "write `int(...)`",
    "bytes": "write a string",
}


def variable_hides(variable: str, span: Span) -> Fault:
    """
    A macro's variable is called like a signal.
    """
    return Fault(
        name="variable-hides-signal",
        message=f"variable `{variable}` has the name, or the first part of the name, of a signal",
        span=span,
        help="choose another name, such as `x`",
    )


def macro_range(function: str, span: Span) -> Fault:
    """
    A macro goes over something other than a literal list or a probe's checks.
    """
    return Fault(
        name="wrong-arguments",
        message=f"`{function}` goes over a list that is written out, or over `result.checks`",
        span=span,
    )


def macro_over_nothing(function: str, span: Span) -> Fault:
    """
    A macro goes over `[]`.
    """
    return Fault(name="wrong-arguments", message=f"`{function}` over a list without items says nothing", span=span)


def nested_macros(most: int, span: Span) -> Fault:
    """
    Macros lie too deep in one another.
    """
    return Fault(name="nested-macros", message=f"macros may be nested {most} deep, this one lies deeper", span=span)


def undeclared(name: str, span: Span, declared: Iterable[str], *, is_result: bool) -> Fault:
    """
    A name is no declared signal.
    """
    if is_result:
        return Fault(
            name="undeclared-signal",
            message=f"`{name}` is a probe's result, which only the `require` of a gate can read",
            span=span,
        )
    return Fault(
        name="undeclared-signal",
        message=f"signal `{name}` is not declared",
        span=span,
        help=did_you_mean(name, declared, nothing="no signals are declared"),
    )


def no_such_field(name: str, span: Span, type_: CelType, fields: Iterable[str]) -> Fault:
    """
    A macro's variable is read with a field that its type does not have.
    """
    return Fault(
        name="undeclared-signal",
        message=f"`{name}` does not exist: the variable is {a_type(type_)}",
        span=span,
        help=did_you_mean(name, fields, nothing=None),
    )


def has_of_variable(name: str, span: Span) -> Fault:
    """
    `has` is asked of a macro's variable.
    """
    return Fault(name="has-of-expression", message=f"`has` takes the name of a signal, `{name}` is a variable", span=span)


def unknown_function(function: str, span: Span, known: Iterable[str], *, is_method: bool) -> Fault:
    """
    There is no such function, or it is one that policies do not have.
    """
    why = _REFUSED_FUNCTIONS.get(function)
    if why is not None and not is_method:
        return Fault(
            name="unsupported-construct",
            message=f"`{function}` cannot stand in a policy's expression",
            span=span,
            help=why,
        )
    shown = f".{function}" if is_method else function
    return Fault(
        name="unknown-function",
        message=f"there is no function `{shown}`",
        span=span,
        help=did_you_mean(shown, known, nothing=None, rest="known"),
    )


def wrong_arguments(function: str, found: Iterable[CelType], accepted: Iterable[str], span: Span) -> Fault:
    """
    A function does not take these arguments.
    """
    types = ", ".join(type_name(each) for each in found) or "nothing"
    return Fault(
        name="wrong-arguments",
        message=f"`{function}` does not take ({types})",
        span=span,
        help=f"it takes {' or '.join(accepted)}".replace("()", "(nothing)"),
    )


def invalid_pattern(why: str, span: Span) -> Fault:
    """
    The pattern of `matches` is no regular expression of RE2.
    """
    return Fault(name="invalid-pattern", message=f"the pattern is no RE2 regular expression: {why}", span=span)


def int_double_mix(operator: str, left: CelType, right: CelType, span: Span, way_out: str | None) -> Fault:
    """
    An int meets a double; `way_out` is the text that can be converted.
    """
    return Fault(
        name="int-double-mix",
        message=f"`{operator}` mixes {type_name(left)} and {type_name(right)}",
        span=span,
        help=None if way_out is None else f"write `double({way_out})`",
    )


def type_mismatch(operator: str, left: CelType, right: CelType, span: Span) -> Fault:
    """
    The two sides of an operator are of types that do not go together.
    """
    return Fault(
        name="type-mismatch",
        message=f"`{operator}` does not go with {type_name(left)} and {type_name(right)}",
        span=span,
        help=f"it takes {_TAKEN.get(operator, 'two values of one type')}",
    )


def wrong_operand(operator: str, found: CelType, expected: str, span: Span) -> Fault:
    """
    The one operand of an operator is of the wrong type.
    """
    return Fault(name="type-mismatch", message=f"`{operator}` needs {expected}, found {type_name(found)}", span=span)


def not_a_bool(what: str, found: CelType, span: Span) -> Fault:
    """
    Something that is to be true or false is neither.
    """
    return Fault(
        name="not-a-bool",
        message=f"{what} must be a bool, this is {a_type(found)}",
        span=span,
        help="compare it with something" if type_name(found) in ("double", "int", "string") else None,
    )


def wrong_result(expected: CelType, found: CelType, span: Span) -> Fault:
    """
    The whole expression is of another type than its place asks for.
    """
    return Fault(
        name="type-mismatch",
        message=f"the expression must be {a_type(expected)}, this is {a_type(found)}",
        span=span,
    )


def chained_comparison(left: str, middle: str, rest: str, span: Span) -> Fault:
    """
    `a < b < c`: the second comparison would compare a truth value.
    """
    return Fault(
        name="chained-comparison",
        message="a comparison gives true or false, which cannot be compared again",
        span=span,
        help=f"write `{left} && {middle} {rest}`",
    )


def unordered(operator: str, found: CelType, span: Span) -> Fault:
    """
    Values that are neither less nor greater.
    """
    return Fault(
        name="unordered-type",
        message=f"`{operator}` needs numbers or strings, values of type {type_name(found)} have no order",
        span=span,
    )


def branches_differ(yes: CelType, no: CelType, span: Span) -> Fault:
    """
    The two branches of a conditional are of different types.
    """
    return Fault(
        name="type-mismatch",
        message=f"the branches of `?:` are {a_type(yes)} and {a_type(no)}, they must be of one type",
        span=span,
    )


def mixed_list(first: CelType, other: CelType, span: Span) -> Fault:
    """
    A list has items of several types.
    """
    return Fault(
        name="type-mismatch",
        message=f"the items of a list are of one type: the first is {a_type(first)}, this is {a_type(other)}",
        span=span,
    )


def not_a_list(found: CelType, span: Span) -> Fault:
    """
    `in` looks into something that is no list.
    """
    return Fault(name="type-mismatch", message=f"`in` needs a list on its right, found {type_name(found)}", span=span)


def always_unknown(span: Span) -> Fault:
    """
    A constant has no value.
    """
    return Fault(name="constant-unknown", message="this can only be unknown: the constant has no value", span=span)


def zero_divisor(span: Span) -> Fault:
    """
    Whatever is divided, nothing comes of it.
    """
    return Fault(name="constant-unknown", message="this can only be unknown: the divisor is zero", span=span)


def constant_in_doubles(text: str, as_double: str, span: Span) -> Fault:
    """
    A constant is computed in doubles and is not what it is in ints.
    """
    return Fault(
        name="constant-in-doubles",
        message=f"`{text}` stands next to a double and is computed in doubles: it is {as_double}",
        span=span,
        help=f"write `{as_double}`",
        is_lint=True,
    )


def impossible_value(value: str, signal: str, span: Span, values: Iterable[str]) -> Fault:
    """
    A string signal is compared with something that it never is.
    """
    return Fault(
        name="impossible-value",
        message=f"`{value}` is not one of the values of `{signal}`",
        span=span,
        help=did_you_mean(value, values, nothing=None, rest="values"),
        is_lint=True,
    )
