"""
The sentences about expressions that have no tree: over a limit, against the grammar, or with what policies do not have.

Each function gives the fault for one situation; whether the situation is there is decided by its callers.
"""

from __future__ import annotations

from typing import Final

from canarypolicy.cel.fault import Fault
from canarypolicy.cel.tree import Range as Span

_OTHER_SPELLINGS: Final = {
    "=": "equality is written `==`",
    "&": "and is written `&&`",
    "|": "or is written `||`",
    "and": "and is written `&&`",
    "AND": "and is written `&&`",
    "or": "or is written `||`",
    "OR": "or is written `||`",
    "not": "not is written `!`",
    "NOT": "not is written `!`",
    "is": "equality is written `==`",
    "#": "a comment starts with `//`",
    "^": "powers are not part of CEL; write a product",
}
"""What people bring from other languages."""

_CONSTRUCTS: Final = {
    "map_lit": "a map",
    "member_object": "a message",
    "dot_ident": "a name with a leading dot",
    "dot_ident_arg": "a function with a leading dot",
}
_LITERALS: Final = {"UINT_LIT": "an unsigned int", "BYTES_LIT": "a bytes literal"}


def too_long(length: int, most: int) -> Fault:
    """
    The text has too many characters.
    """
    return Fault(
        name="expression-too-long",
        message=f"the expression has {length} characters, at most {most} are allowed",
        span=(most, most + 1),
        help="split it into several rules",
    )


def too_nested(span: Span, most: int) -> Fault:
    """
    Brackets, conditionals or signs lie too deep in one another.
    """
    return Fault(
        name="expression-too-nested",
        message=f"the expression is nested more than {most} deep here",
        span=span,
        help="split it into several rules",
    )


def too_many_tokens(span: Span, most: int) -> Fault:
    """
    The text has too many words.
    """
    return Fault(
        name="expression-too-many-tokens",
        message=f"the expression has more than {most} tokens, this is the first one too many",
        span=span,
        help="split it into several rules",
    )


def empty_expression(span: Span) -> Fault:
    """
    There is nothing, or only space and comments.
    """
    return Fault(name="syntax-error", message="the expression is empty", span=span)


def unclosed_string(span: Span) -> Fault:
    """
    A quote has no partner.
    """
    return Fault(name="syntax-error", message="the string that starts here is never closed", span=span)


def unclosed_bracket(bracket: str, span: Span) -> Fault:
    """
    An opening bracket has no partner.
    """
    return Fault(name="syntax-error", message=f"`{bracket}` is never closed", span=span)


def closes_nothing(bracket: str, span: Span) -> Fault:
    """
    A closing bracket has no partner.
    """
    return Fault(name="syntax-error", message=f"`{bracket}` closes nothing", span=span)


def closes_another(opening: str, bracket: str, span: Span) -> Fault:
    """
    Brackets cross.
    """
    return Fault(name="syntax-error", message=f"`{bracket}` cannot close `{opening}`", span=span)


def strange_character(character: str, span: Span) -> Fault:
    """
    A character that no CEL text has outside of a string.
    """
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return Fault(name="syntax-error", message=f"`{shown}` is no part of CEL", span=span, help=_OTHER_SPELLINGS.get(character))


def unexpected(text: str, span: Span, after: str | None) -> Fault:
    """
    A word stands where the grammar does not expect it; `after` is the operand before it, if one is there.
    """
    if after is None:
        return Fault(
            name="syntax-error",
            message=f"expected a value, found `{text}`",
            span=span,
            help=_OTHER_SPELLINGS.get(text),
        )
    spelling = _OTHER_SPELLINGS.get(text) or _OTHER_SPELLINGS.get(after)
    return Fault(name="syntax-error", message=f"expected an operator after `{after}`, found `{text}`", span=span, help=spelling)


def ends_early(last: str, span: Span) -> Fault:
    """
    The text stops where something must follow.
    """
    return Fault(name="syntax-error", message=f"the expression ends too early, after `{last}`", span=span)


def invalid_escape(text: str, span: Span) -> Fault:
    """
    A backslash in a string starts nothing that CEL knows.
    """
    return Fault(
        name="invalid-escape",
        message=f"`{text}` is no escape sequence of CEL",
        span=span,
        help='write `\\\\` for a backslash, or a raw string such as `r"\\d+"`',
    )


def not_finite(text: str, span: Span) -> Fault:
    """
    A double literal is beyond every double.
    """
    return Fault(name="not-finite", message=f"`{text}` is larger than every double", span=span)


def int_out_of_range(text: str, span: Span) -> Fault:
    """
    An int literal has more than 64 bits.
    """
    return Fault(
        name="int-out-of-range",
        message=f"`{text}` is no 64-bit int",
        span=span,
        help="write a double, such as `1e20`",
    )


def unsupported_construct(kind: str, span: Span) -> Fault:
    """
    CEL has it, policies do not.
    """
    return Fault(
        name="unsupported-construct",
        message=f"{_CONSTRUCTS.get(kind, 'this construct')} cannot stand in a policy's expression",
        span=span,
    )


def unsupported_literal(kind: str, text: str, span: Span) -> Fault:
    """
    A literal of a type that no signal has.
    """
    if kind == "NULL_LIT":
        return Fault(
            name="unsupported-construct",
            message="no value is `null`: a missing signal is unknown",
            span=span,
            help="ask `has(SIGNAL)` whether a signal is present",
        )
    way_out = f"write `{text.rstrip('uU')}`" if kind == "UINT_LIT" else None
    return Fault(
        name="unsupported-construct",
        message=f"{_LITERALS.get(kind, 'this literal')} cannot stand in a policy's expression",
        span=span,
        help=way_out,
    )


def field_of_expression(field: str, span: Span) -> Fault:
    """
    A field is asked of something that is no name.
    """
    return Fault(
        name="unsupported-construct",
        message=f"field `{field}` is asked of an expression; only names have fields",
        span=span,
        help="name an item with a macro: `result.checks.exists(c, c.ok)`",
    )


def has_of_expression(span: Span) -> Fault:
    """
    `has` is asked of something that is no name.
    """
    return Fault(
        name="has-of-expression",
        message="`has` takes the name of one signal",
        span=span,
        help="write `has(SIGNAL)`, once for each signal",
    )


def macro_arguments(function: str, found: int, span: Span) -> Fault:
    """
    A macro does not have its two arguments.
    """
    return Fault(
        name="wrong-arguments",
        message=f"`{function}` takes a variable and an expression, found {_counted(found, 'argument')}",
        span=span,
        help=f"write `.{function}(x, EXPRESSION)`",
    )


def macro_variable(function: str, span: Span) -> Fault:
    """
    A macro's first argument is no simple name.
    """
    return Fault(
        name="wrong-arguments",
        message=f"the first argument of `{function}` is the name of a variable",
        span=span,
        help=f"write `.{function}(x, EXPRESSION)`",
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
